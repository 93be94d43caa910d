"""Labelled values in AliExpress mails: `Refund amount: US $5.20`, `주문 번호 8012...`.

Bodies differ by language and year, but a value that matters stands behind a label. Labels are
data (`library/labels.toml`), shared by the forms that name them in `takes`. A label with a colon
whose value cannot be read makes the mail unread; a label word inside a sentence is no label.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import re2

from refundparsers.patterns import compile_lines
from refundparsers.slots import SLOTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from refundparsers.patterns import Pattern

_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.log_errors = False
_REMARK: Final = re.compile(r"\([^()]*\)")
_COLON: Final = r"\s*[:：]\s*"


@dataclass(frozen=True, slots=True)
class Label:
    """One kind of labelled value.

    Attributes:
        name: what forms say in `takes`.
        field: which field of a notice it fills.
        heads: RE2 of the label words with a colon behind them, at the start of a line.
        value: RE2 of the value alone.
        glued: RE2 of label word and value without a colon, or None where only a colon is proof.
        phrases: sentences that hold the value.
        links: RE2 of a link parameter that holds it, or None.
        words: value words and what they mean, for values that are words.
    """

    name: str
    field: str
    heads: re2._Regexp
    value: re2._Regexp
    glued: re2._Regexp | None
    phrases: tuple[Pattern, ...]
    links: re2._Regexp | None
    words: Mapping[str, str]


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
    """All labels by name."""

    by_name: Mapping[str, Label]

    @classmethod
    def from_tables(cls, tables: Iterable[Mapping[str, Any]]) -> Labels:
        """Labels from the `[[label]]` tables of form files."""
        return cls({table["name"]: _label(table) for table in tables})

    def read(self, names: Sequence[str], text: str, links: Sequence[str]) -> Labelled:
        """The values that stand behind the named labels."""
        values: dict[str, tuple[str, ...]] = {}
        malformed: list[str] = []
        for name in names:
            label = self.by_name[name]
            printed, bad = _printed(label, text)
            if not printed and not bad and label.links:
                printed = [number for link in links for number in _numbers(label.links, link)]
            values[label.field] = tuple(dict.fromkeys((*values.get(label.field, ()), *printed)))
            malformed += bad
        return Labelled({name: found for name, found in values.items() if found}, tuple(malformed))


def _label(table: Mapping[str, Any]) -> Label:
    words = "|".join(
        re2.escape(word).replace(r"\ ", r"\s+") for word in sorted(table["labels"], key=len, reverse=True)
    )
    slot = SLOTS[table["slot"]]
    plain = rf"(?:^|[^\p{{L}}\p{{N}}])(?:{words})\s*(?:[#№]\s*)?({slot.pattern})"
    return Label(
        name=table["name"],
        field=table["slot"],
        heads=re2.compile(rf"(?m:^|[|;,(])\s*(?:[•·*-]\s*)?({words}){_COLON}", _OPTIONS),
        value=re2.compile(rf"({slot.pattern}){_tail(table['slot'])}", _OPTIONS),
        glued=re2.compile(plain, _OPTIONS) if table.get("without_colon") else None,
        phrases=tuple(
            compile_lines(f"{{any}}{each}{{any}}", glued=False) for each in table.get("phrases", ())
        ),
        links=re2.compile(_link_pattern(table["links"])) if table.get("links") else None,
        words={word.casefold(): meaning for meaning, said in table.get("means", {}).items() for word in said},
    )


def _tail(slot: str) -> str:
    """What must follow a value: the end of the line for free text, no more of a number for the rest."""
    if slot in ("item", "seller", "result"):
        return r"[ \t]*(?m:$)"
    return r"(?:[.,;:!)\]]*(?:\s|$)|\s*[^\d\p{L}.,\s])"


def _link_pattern(parameters: Sequence[str]) -> str:
    return rf"[?&;](?:{'|'.join(parameters)})=([0-9]+(?:(?:,|%2[Cc])[0-9]+)*)"


def _numbers(pattern: re2._Regexp, link: str) -> list[str]:
    return [
        number
        for found in pattern.finditer(link)
        for number in re.split(r",|%2[Cc]", found.group(1))
        if 10 <= len(number) <= 20
    ]


def _printed(label: Label, text: str) -> tuple[list[str], list[str]]:
    printed: list[str] = []
    malformed: list[str] = []
    for head in label.heads.finditer(text):
        rest = text[head.end() : head.end() + 200]
        value = _value(label, rest)
        if value is not None:
            printed.append(value)
        elif rest.strip() and not label.words:
            malformed.append(f"{head.group(1)}: {rest.splitlines()[0][:40]}")
    if label.glued:
        printed += [found.group(1) for found in label.glued.finditer(text)]
    printed += _in_phrases(label, text)
    return printed, malformed


def _value(label: Label, rest: str) -> str | None:
    if label.words:
        return _meaning(label.words, rest.splitlines()[0] if rest.strip() else "")
    found = label.value.match(rest + "\n")
    return found.group(1) if found else None


def _meaning(words: Mapping[str, str], line: str) -> str | None:
    """What the whole line says, bracketed remarks aside; an unknown wording is no result."""
    return words.get(" ".join(_REMARK.sub(" ", line).casefold().split()).strip(" .!"))


def _in_phrases(label: Label, text: str) -> list[str]:
    folded = text.casefold()
    return [
        printed
        for phrase in label.phrases
        for fit in phrase.find(text, folded)
        for name, values in fit.values.items()
        if name in SLOTS and SLOTS[name].field
        for printed in values
    ]
