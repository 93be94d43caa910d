"""What stands around a value, and what of it will stand there in the next mail, too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import re2

from refundparsers.changing import Found, before_day, changing, folded, generalised
from refundparsers.checks import names_refund
from refundparsers.grammar import escape
from refundparsers.patterns import BadPattern, compile_lines
from refundparsers.slots import SLOTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_WORDS: Final = 5
_LONGEST_WORD: Final = 14
_LONGEST_LINE: Final = 160
LETTERS: Final = re.compile(r"[^\W\d_]{2}")
_DAYS: Final = ("on", "act_by")
#: What is printed of one mail in several places, and may differ in the next.
_SEVERAL: Final = ("money", *_DAYS)
_OPEN_TWICE: Final = re.compile(r"\{(?:item|seller|merchant)\}\W*\{(?:item|seller|merchant|any)\}")
_LABEL_END: Final = re.compile(r"[:：#№.-]$")
SENTENCE_END: Final = re.compile(r"[.!?。！？؟…][“”»」』\"]?$")
# What sets several labelled values on one line apart.
_SEPARATOR: Final = re.compile(r"\s[|·•/;]\s|[|·•]")
_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False
# Labels of sums that were paid, not promised; a sum may be the same in one mail and not in the next.
_PAID: Final = re2.compile(
    r"total|paid|price|payment|gesamt|summe|bezahlt|preis|pagad|precio|importe|pay[ée]|prix|zapłac|cena|wartość"
    r"|preço|pago|pagato|prezzo|totaal|betaald|prijs|итого|оплач|цена|стоимость|сумма заказа"
    r"|toplam|ödenen|fiyat"
    r"|총|결제|가격|금액 합계|合計|支払|価格|إجمالي|المدفوع|السعر|סך|שולם|מחיר|asked|claim|forder",
    _OPTIONS,
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a person sees of a mail.

    Attributes:
        subject: decoded.
        text: of the body that is shown.
        names: the reader's name and its words, as far as the mail tells.
    """

    subject: str
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around one place of a value.

    Attributes:
        slot: what stands for the value, with `{any}` in front for the name of a weekday.
        prefix: all of its line before it.
        before: the last words of that which do not change.
        behind: the first words behind it on its line.
        rest: all of its line behind it.
        line: its line, whole.
        above: the line above, or None when that changes.
        below: the line below, or None when that changes.
        over: the line above as a pattern, also when it changes.
    """

    slot: str
    prefix: str
    before: str
    behind: str
    rest: str
    line: str
    above: str | None
    below: str | None
    over: str | None


def contexts_of(place: Found, places: Sequence[Found], page: Page, ends: Sequence[str]) -> list[str]:
    """Patterns that find the value, and nothing else, by the words next to it; none when nothing does.

    For each place where it stands the words before it on its line are tried, the line above, the
    words behind it, the line below, and the whole line. A sum or a day that stands in several places
    may be two things that are equal by chance: all of them are kept, so that a mail in which they
    differ is unread rather than read wrongly. Only what is certainly the label of a paid sum gives way.
    """
    text = _before_ends(page.text, ends)
    order = _order(places, page)
    found: dict[str, bool] = {}
    for span in place.spans:
        if span[1] > len(text):
            continue
        around = _looked(page, *span, place, places)
        fitting = (
            each for each in _candidates(around, place, places, page, order) if _finds_only(each, text, place)
        )
        best = next(fitting, None)
        if best is not None:
            found[best] = found.get(best, False) or _is_paid(best, around, order)
            if place.field not in _SEVERAL:
                break
    promised = [each for each, paid in found.items() if not (paid and place.field == "money")]
    return promised or list(found)


def _before_ends(text: str, ends: Sequence[str]) -> str:
    for line in ends:
        found = re.search(rf"(?m)^[ \t]*{re.escape(line)}[ \t]*$", text)
        text = text[: found.start()] if found else text
    return text


def _is_paid(pattern: str, around: _Around, order: str | None) -> bool:
    """Whether the label in the pattern is that of a paid sum, and certainly belongs to this value."""
    certain = LETTERS.search(around.before) or order is not None
    return bool(certain and _PAID.search(pattern) and not names_refund(pattern))


def _order(places: Sequence[Found], page: Page) -> str | None:
    """Whether labels on lines of their own stand `above` their values or `below` them; None when unclear.

    Labels and values take turns below the last sentence: an even number of lines between that and a
    value says that values come first.
    """
    lines = [line.strip() for line in page.text.splitlines() if line.strip()]
    votes = set()
    for place in places:
        alone = [number for number, line in enumerate(lines) if folded(line) in place.texts]
        for number in alone[:1]:
            start = next((at for at in range(number - 1, -1, -1) if SENTENCE_END.search(lines[at])), None)
            if start is not None:
                votes.add("above" if (number - start - 1) % 2 else "below")
    return votes.pop() if len(votes) == 1 else None


def _looked(page: Page, start: int, end: int, place: Found, places: Sequence[Found]) -> _Around:
    text, names = page.text, page.names
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    prefix, rest = text[line_start:start], text[end:line_end]
    dayless = before_day(prefix) if place.field in _DAYS else prefix
    slot = f"{{{place.slot}}}" if dayless == prefix else f"{{any}} {{{place.slot}}}"
    behind = _stable_head(rest, places, names)
    if SLOTS[place.slot].open and behind.strip():
        # free text in the middle of a line ends where the next fixed words begin
        slot = f"{slot} {escape(' '.join(behind.split()[:2]))}"
    above, below = _next_line(text[:line_start], -1), _next_line(text[line_end:], 0)
    return _Around(
        slot=slot,
        prefix=prefix,
        before=_stable_tail(dayless, places, names),
        behind=behind,
        rest=rest,
        line=text[line_start:line_end],
        above=_stable_line(above, places, names),
        below=_stable_line(below, places, names),
        over=generalised(above, places, names) if 0 < len(above) <= _LONGEST_LINE else None,
    )


def _candidates(
    around: _Around, place: Found, places: Sequence[Found], page: Page, order: str | None
) -> Iterator[str]:
    """From the closest words to the farthest."""
    free, slot, above = SLOTS[place.slot].open, around.slot, around.above
    named = LETTERS.search(around.before) is not None
    alone = not around.prefix.strip() and not around.rest.strip()
    below = f"{{start}}{slot}{{end}} {escape(around.below or '')}{{end}}"
    if named and above and _may_be_value(around, place):
        yield f"{{{escape(around.before.strip())}|{{start}}{escape(above)}{{end}} {{any}}}} {slot}"
    if named:
        yield from _by_words_before(around)
    if around.below and alone and order == "below":
        yield below
    mark = "" if named else escape(around.before)
    # a number before the day could be taken for a part of it
    far = slot.startswith("{any}") and re.search(r"\d", around.prefix)
    if above and not far and not (free and around.rest.strip() and not named):
        yield f"{escape(above)} {mark}{slot}"
        yield f"{{start}}{escape(above)}{{end}} {mark}{slot}"
    if LETTERS.search(around.behind) and not free:
        yield f"{mark}{slot} {escape(' '.join(around.behind.split()[:_MOST_WORDS]))}"
    if around.below and alone:
        yield below
    if above and named:
        yield f"{escape(above)} {{any}}{escape(around.before)} {slot}"
    yield from _whole_lines(around, place, places, page)


def _by_words_before(around: _Around) -> Iterator[str]:
    yield from (f"{escape(words)} {around.slot}" for words in _last_words(around.before))
    if around.prefix.startswith(around.before):
        # the same words may stand in a sentence elsewhere
        yield f"{{start}}{escape(around.before.strip())} {around.slot}"
        if around.over:
            yield f"{{start}}{around.over}{{end}} {escape(around.before.strip())} {around.slot}"


def _whole_lines(around: _Around, place: Found, places: Sequence[Found], page: Page) -> Iterator[str]:
    """The line with all its values, under the line above it: labels in a row over their values.

    What else stands in such a line is the value of another label, and changes. A number in it could
    be taken for a part of this value.
    """
    pattern = generalised(around.line, places, page.names)
    if _OPEN_TWICE.search(pattern):
        return
    words = LETTERS.search(re.sub(r"\{[^{}]*\}", "", pattern))
    changes = changing(around.line, places, page.names)
    plain = all(
        slot != "{any}" or not re.search(r"\d", around.line[start:end]) for start, end, slot in changes
    )
    if around.above and not words and plain and "{number}" not in pattern:
        yield f"{{start}}{escape(around.above)}{{end}} {pattern}{{end}}"
    safe = place.field in ("order", "dispute") or not re.search(r"\d", around.prefix)
    if around.above and not SLOTS[place.slot].open and safe:
        yield f"{{start}}{escape(around.above)}{{end}} {{any}}{around.slot}"
    if words and not SLOTS[place.slot].open:
        yield f"{{start}}{pattern}{{end}}"


def _may_be_value(around: _Around, place: Found) -> bool:
    """Whether the words before a value may be another value, of a label in the line above: `Paid Order`."""
    words, above = around.prefix.strip(), around.above or ""
    return (
        not SLOTS[place.slot].open
        and not _LABEL_END.search(words)
        and not SENTENCE_END.search(above)
        and len(above.split()) > 1
        and place.field in ("order", "dispute")
    )


def _last_words(before: str) -> Iterator[str]:
    """The last words, from four to all; of writing without blanks the last letters."""
    words = before.split()
    words[0:] = [word[-_LONGEST_WORD:] if len(word) > 2 * _LONGEST_WORD else word for word in words]
    for count in dict.fromkeys((min(_MOST_WORDS - 1, len(words)), min(2 * _MOST_WORDS, len(words)))):
        yield " ".join(words[-count:])


def _stable_tail(before: str, places: Sequence[Found], names: Sequence[str]) -> str:
    """What stands on the line behind the last changing piece."""
    pieces = changing(before, places, names)
    tail = before[pieces[-1][1] :] if pieces else before
    return _behind_quotes(_SEPARATOR.split(tail)[-1] if LETTERS.search(_SEPARATOR.split(tail)[-1]) else tail)


def _behind_quotes(tail: str) -> str:
    """Quoted names of goods change: only what stands behind the last closing mark is kept."""
    cut = max(tail.rfind(mark) for mark in "」』”»")
    return tail[cut + 1 :] if cut >= 0 and LETTERS.search(tail[cut + 1 :]) else tail


def _stable_head(behind: str, places: Sequence[Found], names: Sequence[str]) -> str:
    pieces = changing(behind, places, names)
    return behind[: pieces[0][0]] if pieces else behind


def _next_line(text: str, number: int) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[number] if lines else ""


def _stable_line(line: str, places: Sequence[Found], names: Sequence[str]) -> str | None:
    if len(line) > _LONGEST_LINE or not LETTERS.search(line):
        return None
    return None if changing(line, places, names) else line.strip()


def _finds_only(candidate: str, text: str, place: Found) -> bool:
    """Whether the pattern finds the value wherever it fits in the part before the adverts."""
    try:
        fits = list(compile_lines(candidate, glued=True).find(text, text.casefold()))
    except BadPattern:
        return False
    printed = {folded(value) for fit in fits for value in fit.values.get(place.slot, ())}
    return bool(printed) and printed <= place.texts
