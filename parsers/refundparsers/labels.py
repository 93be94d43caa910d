"""Labelled values in AliExpress mails: `Refund amount: US $5.20`, `주문 번호 8012...`.

Bodies differ by language and year, but a value that matters stands behind a label. Labels are
data (`library/aliexpress/labels.toml`), shared by the forms that name them in `takes`. A label with a
colon whose value cannot be read makes the mail unread; a label word inside a sentence is no label.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import re2

from refundparsers import deadlines
from refundparsers.checks import refused
from refundparsers.index import Index, any_of, met, spaced
from refundparsers.money import MONEY
from refundparsers.patterns import capped, compile_lines
from refundparsers.slots import SLOTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from refundparsers.index import Group
    from refundparsers.patterns import Pattern

_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.log_errors = False
# A label has words of fourteen languages; with 1 MB, as for patterns, RE2 leaves its fast path.
_OPTIONS.max_mem = 1 << 22
_REMARK: Final = re.compile(r"\([^()]*\)")
# What looks like a value of a field. Behind a label, what looks like one and is none was damaged or cut;
# "Order: 2 parcels", "Refund: in 7-10 days" and "Frist: 5 Tage" are plain text.
_LOOKS_LIKE: Final = {
    "order": re2.compile(r"\d{6}|\d{3}[ -]\d{3}"),
    "dispute": re2.compile(r"\d{6}|\d{3}[ -]\d{3}"),
    "money": re2.compile(r"\p{Sc}|\p{Nd}[.,]\p{Nd}|^[^\p{Nd}]{0,6}\p{Nd}(?:\p{Nd}{2}|$)|\p{Nd}\s?[만천백]"),
    "act_by": re2.compile(r"\p{Nd}{4}|\p{Nd}\s?[-/.]\s?\p{Nd}"),
}
_SUM: Final = re2.compile(MONEY, _OPTIONS)
# How far behind its label a value ends.
_LONGEST: Final = 200
_COLON: Final = r"\s*[:：]\s*"
# What Korean and Japanese write behind a value without a space: "7,000원입니다", "5월 14일까지".
_ENDINGS: Final = "입니다|이며|이고|이었습니다|까지|までに|まで|です"
_FREE: Final = ("item", "seller", "result")
# A printed time, and a zone behind it.
_CLOCK: Final = r"(?:,?\s*\d{1,2}:\d{2}(?::\d{2})?)?(?:\s*\(?[A-Z]{2,4}\)?)?"


@dataclass(frozen=True, slots=True)
class Label:
    """One kind of labelled value.

    Attributes:
        name: what forms say in `takes`.
        field: which field of a notice it fills.
        needs: the words without which no label stands in a text, and those without which none of the
            longer ones does.
        heads: RE2 of the label words with a colon behind them, at the start of a line.
        value: RE2 of the value alone.
        glued: RE2 of label word and value without a colon, or None where only a colon is proof.
        bare: RE2 of label word and a number that ends its line, for sums; None elsewhere.
        behind: RE2 of a value with the words behind it that tell what it is, or None.
        others: RE2 of longer labels that contain these words and mean something else, or None.
        phrases: sentences that hold the value, by the words that each needs.
        links: RE2 of a link parameter that holds it, or None.
        words: value words and what they mean, for values that are words.
        adds: whether its values are wanted besides the one that the subject gives.
        day_first: whether its words belong to languages that print `05/06/2026` for June 5.
    """

    name: str
    field: str
    needs: tuple[Group, Group]
    heads: re2._Regexp
    value: re2._Regexp
    glued: re2._Regexp | None
    bare: re2._Regexp | None
    behind: re2._Regexp | None
    others: re2._Regexp | None
    phrases: Index[Pattern]
    links: re2._Regexp | None
    words: Mapping[str, str]
    adds: bool
    day_first: bool


@dataclass(frozen=True, slots=True)
class Labelled:
    """What the labels of a body gave.

    Attributes:
        values: printed values by slot name, in the order of the body, without repeats.
        malformed: label and text of each value that could not be read.
    """

    values: Mapping[str, tuple[str, ...]]
    malformed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels by name.

    Attributes:
        by_name: the labels.
        adverts: RE2 of the lines behind which adverts start, with orders and prices of their own;
            None when no file lists any.
    """

    by_name: Mapping[str, Label]
    adverts: re2._Regexp | None = None

    @classmethod
    def from_tables(cls, tables: Iterable[Mapping[str, Any]]) -> Labels:
        """Labels from the `[[label]]` tables of form files; one with `headings` tells where adverts start."""
        tables = list(tables)
        headings = [heading for table in tables for heading in table.get("headings", ())]
        return cls(
            {table["name"]: _label(table) for table in tables if "headings" not in table},
            _headings(headings) if headings else None,
        )

    def before_adverts(self, text: str) -> str:
        """The part of a body that is about the reader's own orders."""
        found = self.adverts.search(text) if self.adverts else None
        return text[: found.start()] if found else text

    def read(self, names: Sequence[str], text: str, links: Sequence[str]) -> Labelled:
        """The values that stand behind the named labels."""
        if not names:
            return Labelled({}, ())
        values: dict[str, tuple[str, ...]] = {}
        malformed: list[str] = []
        page = _Page.of(text)
        for name in names:
            label = self.by_name[name]
            printed, bad = _printed(label, page)
            if not printed and not bad:
                printed = label_numbers(label, links)
            values[label.field] = tuple(dict.fromkeys((*values.get(label.field, ()), *printed)))
            malformed += bad
        return Labelled({name: found for name, found in values.items() if found}, tuple(malformed))


def label_numbers(label: Label, links: Iterable[str]) -> list[str]:
    """The numbers that stand in the label's link parameters, in the order of the links."""
    if label.links is None:
        return []
    return [
        number
        for found in label.links.finditer("\n".join(links))
        for number in re.split(r",|%2[Cc]", found.group(1))
        if label.value.fullmatch(number)
    ]


# --- Labels made from their tables ----------------------------------------------------------------


def _label(table: Mapping[str, Any]) -> Label:
    words, slot = _any(table["labels"]), table["slot"]
    pattern = deadlines.PRINTED if slot == "act_by" else SLOTS[slot].pattern
    return Label(
        name=table["name"],
        field=slot,
        needs=(any_of(table["labels"]), any_of(table.get("others", ()))),
        heads=re2.compile(rf"(?m:^|[|;,(.!?])\s*(?:[•·*-]\s*)?({words}){_COLON}", _OPTIONS),
        value=re2.compile(rf"({pattern}){_tail(slot)}", _OPTIONS),
        glued=re2.compile(_glued(words, slot, pattern), _OPTIONS) if table.get("without_colon") else None,
        bare=re2.compile(_bare(words), _OPTIONS) if slot == "money" else None,
        behind=_behind(pattern, table["behind"]) if table.get("behind") else None,
        others=_others(table["others"]) if table.get("others") else None,
        phrases=Index.of((each.needs, each) for each in map(_phrase, table.get("phrases", ()))),
        links=re2.compile(_link_pattern(table["links"])) if table.get("links") else None,
        words={word.casefold(): meaning for meaning, said in table.get("means", {}).items() for word in said},
        adds=bool(table.get("adds", False)),
        day_first=bool(table.get("day_first", False)),
    )


def _phrase(said: str) -> Pattern:
    return compile_lines(f"{{any}}{said}{{any}}", glued=False)


def _any(words: Iterable[str]) -> str:
    return "|".join(re2.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


def _headings(words: Iterable[str]) -> re2._Regexp:
    """A heading has its line for itself, with at most a few words of ornament around."""
    return re2.compile(
        rf"(?m)^[^\p{{L}}\p{{N}}\n]*(?:{_any(words)})(?:[^\p{{L}}\n][^\d\n]{{0,40}})?$", _OPTIONS
    )


def _glued(words: str, slot: str, pattern: str) -> str:
    if slot in _FREE:
        return rf"(?m:^)[ \t•·*-]*(?:{words})\s*[:：]?\s*([^\n]+)"
    # what follows the value at once is kept apart: `5,2,0` must not be read as 5.2
    return rf"(?:^|[^\p{{L}}\p{{N}}])(?:{words})\s*[:：]?\s*(?:[#№]\s*)?({pattern})([.,]\d[\d.,]*|[A-Za-z]*)"


def _bare(words: str) -> str:
    return rf"(?:^|[^\p{{L}}\p{{N}}])(?:{words})\s*(\d[\d.,]*[.,]\d{{2}}|\d{{3,}})[ \t]*(?m:$)"


def _others(words: Iterable[str]) -> re2._Regexp:
    return re2.compile(rf"(^|[^\p{{L}}\p{{N}}])(?:{_any(words)})", _OPTIONS)


def _behind(pattern: str, words: Iterable[str]) -> re2._Regexp:
    return re2.compile(rf"({pattern})\.?{_CLOCK}\s*(?:{_any(words)})", _OPTIONS)


def _tail(slot: str) -> str:
    """What must follow a value: the end of the line for free text, no more of a number for the rest."""
    if slot in _FREE:
        return r"[ \t]*(?m:$)"
    return rf"(?:(?:{_ENDINGS})?[.,;:!)\]]*(?:\s|$)|\s*[^\d\p{{L}}.,\s])"


def _link_pattern(parameters: Sequence[str]) -> str:
    return rf"[?&;](?:{'|'.join(parameters)})=([0-9]+(?:(?:,|%2[Cc])[0-9]+)*)"


# --- Reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Page:
    """A text in the shapes in which labels look for words.

    Attributes:
        text: as people see it.
        data: the same in UTF-8, in which re2 works: turning places in it into those of a `str` takes
            longer than finding them.
        folded: for the words of phrases.
        words: the same with one blank for any white space, for labels of several words.
        letters: of the folded text, each once.
    """

    text: str
    data: bytes
    folded: str
    words: str
    letters: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Page:
        folded = text.casefold()
        return cls(text, text.encode(), folded, spaced(folded), frozenset(folded))


def _printed(label: Label, page: _Page) -> tuple[list[str], list[str]]:
    own, longer = label.needs
    if label.others and met((longer,), page.words):
        page = _Page.of(_without(label.others, page.data))
    printed: list[str] = []
    malformed: list[str] = []
    if met((own,), page.words):
        printed, malformed = _behind_heads(label, page.data)
        malformed += _without_unit(label, page.data)
        printed += _without_colon(label, page.data)
    printed += [*_before_words(label, page.data), *_in_phrases(label, page)]
    return printed, malformed


def _without(others: re2._Regexp, data: bytes) -> str:
    """The text with a dash in place of every longer label."""
    kept: list[bytes] = []
    end = 0
    for found in capped(others.finditer(data)):
        kept += data[end : found.end(1)], b"-"
        end = found.end()
    return b"".join((*kept, data[end:])).decode()


def _characters(data: bytes, start: int, most: int) -> str:
    """So many characters of a text, from a place in its bytes on."""
    return data[start : start + 4 * most].decode(errors="ignore")[:most]


def _behind_heads(label: Label, data: bytes) -> tuple[list[str], list[str]]:
    """The values behind label words with a colon, and what stands there in place of one."""
    printed: list[str] = []
    malformed: list[str] = []
    for head in capped(label.heads.finditer(data)):
        rest = _characters(data, head.end(), _LONGEST)
        line = rest.partition("\n")[0]
        value = _value(label, rest)
        if value is not None:
            printed.append(value)
        elif _looks_like(label, line):
            malformed.append(f"{head.group(1).decode()}: {line[:40]}")
    return printed, malformed


def _without_unit(label: Label, data: bytes) -> Iterator[str]:
    """Numbers behind the label of a sum, with no currency on the line, nor on the next one."""
    for found in capped(label.bare.finditer(data)) if label.bare else ():
        printed = found.group(0).decode()
        if not (label.glued and label.glued.match(printed + _characters(data, found.end(), 20))):
            yield " ".join(printed.split())[:60]


def _looks_like(label: Label, line: str) -> bool:
    """Whether a line that could not be read holds a value all the same; a refusal must not pass for none."""
    if label.words:
        return refused(line)
    return label.field in _LOOKS_LIKE and bool(_LOOKS_LIKE[label.field].search(line))


def _value(label: Label, rest: str) -> str | None:
    if label.words:
        return _meaning(label.words, rest.partition("\n")[0])
    found = label.value.match(f"{rest}\n".encode())
    return _day(label, found.group(1).decode()) if found else None


def _day(label: Label, printed: str) -> str | None:
    """A deadline as ISO text; every other value as it is printed."""
    return deadlines.iso(printed, day_first=label.day_first) if label.field == "act_by" else printed


def _without_colon(label: Label, data: bytes) -> Iterator[str]:
    for found in capped(label.glued.finditer(data)) if label.glued else ():
        printed = found.group(1).decode()
        value = _meaning(label.words, printed) if label.words else _day(label, printed)
        if value is None:
            continue
        torn = found.group(2).decode() if label.field == "money" and value[-1:].isdigit() else ""
        yield value + torn


def _before_words(label: Label, data: bytes) -> Iterator[str]:
    for found in capped(label.behind.finditer(data)) if label.behind else ():
        value = _day(label, found.group(1).decode())
        if value is not None:
            yield value


def _meaning(words: Mapping[str, str], line: str) -> str | None:
    """What the whole line says, remarks and a sum aside; an unknown wording is no result."""
    if len(line) > _LONGEST:
        return None
    said = _REMARK.sub(" ", line)
    without_sum = _SUM.sub(" ", said)
    bare = " ".join(without_sum.casefold().split()).strip(" .!:,;-–")
    if bare in words or without_sum == said:
        return words.get(bare)
    return words.get(bare.rpartition(" ")[0])  # "partial refund of", and a sum


def _in_phrases(label: Label, page: _Page) -> list[str]:
    return [
        printed
        for phrase in label.phrases.among(page.folded, page.letters)
        for fit in capped(phrase.find(page.text, page.folded))
        for name, values in fit.values.items()
        if SLOTS[name].field == label.field
        for printed in values
    ]
