"""What stands around a value, and what of it will stand there in the next mail, too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import re2

from refundparsers.checks import names_the_matter
from refundparsers.dates import DATES, TIME
from refundparsers.grammar import escape
from refundparsers.money import MONEY, NUMBER
from refundparsers.patterns import BadPattern, compile_lines
from refundparsers.slots import SLOTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence


_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False

# What changes from mail to mail, the more telling kinds first, and the slot that stands for it.
_CHANGING: Final = tuple(
    (re2.compile(pattern, _OPTIONS), slot)
    for pattern, slot in (
        (r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.]+", "{any}"),
        (MONEY, "{any}"),
        (DATES[""], "{day}"),
        (TIME, "{any}"),
        (r"\p{Hangul}{1,2}[*○]{1,2}\p{Hangul}{0,2}", "{holder}"),
        (r"[A-Z0-9_-]*\d[A-Z0-9_-]*[A-Z][A-Z0-9_-]*|[A-Z]+[A-Z0-9_-]*\d[A-Z0-9_-]*", "{any}"),
        (NUMBER, "{number}"),
    )
)
# What adverts have of their own: prices and order numbers.
_WORTH: Final = (re2.compile(MONEY, _OPTIONS), re2.compile(r"\b[0-9]{14,20}\b", _OPTIONS))
_FIRST_LINES: Final = 3
_GREETING: Final = re.compile(r"[,!،、，:]$|(?:님|님께|様|さま|さん)\W*$")
_MOST_ENDS: Final = 4
_LONGEST_END: Final = 80
_MOST_WORDS: Final = 5
_LONGEST_WORD: Final = 14
_LONGEST_LINE: Final = 160
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True, slots=True)
class Page:
    """What a person sees of a mail.

    Attributes:
        subject: decoded.
        text: of the body that is shown.
        names: words of the reader's name, as far as the mail tells.
    """

    subject: str
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and where it stands.

    Attributes:
        field: of the notice.
        slot: what stands for it in a form.
        printed: as the user gave it.
        spans: offsets in the body; empty when only the subject has it.
        texts: how it is printed, folded, wherever it stands.
        unit: the currency that the form must name, when the mail prints a bare number.
    """

    field: str
    slot: str
    printed: str
    spans: tuple[tuple[int, int], ...]
    texts: frozenset[str]
    unit: str | None = None


def folded(text: str) -> str:
    """Equal for texts that differ in white space and case only."""
    return " ".join(text.casefold().split())


def occurrences(text: str, printed: str) -> list[tuple[int, int]]:
    """Where a printed text stands, white space and case aside; a number never as part of a longer one."""
    words = [re2.escape(word) for word in printed.split()]
    if not words:
        return []
    edge = r"\b" if printed.strip().isdigit() else ""
    pattern = re2.compile(edge + r"\s+".join(words) + edge, _OPTIONS)
    return [found.span() for found in pattern.finditer(text)]


def generalised(text: str, places: Sequence[Found], names: Sequence[str]) -> str:
    """The text as a pattern: values become slots, what changes from mail to mail is passed over."""
    out: list[str] = []
    at = 0
    for start, end, slot in _changing(text, places, names):
        out += [escape(text[at:start]), slot]
        at = end
    out.append(escape(text[at:]))
    return re.sub(r"(\{any\}\s*){2,}", "{any} ", " ".join("".join(out).split())).strip()


def _changing(text: str, places: Sequence[Found], names: Sequence[str]) -> list[tuple[int, int, str]]:
    """The changing pieces from left to right, none overlapping; named values come first."""
    taken: list[tuple[int, int, str]] = []
    for start, end, slot in _pieces(text, places, names):
        if end > start and all(end <= other[0] or other[1] <= start for other in taken):
            taken.append((start, end, slot))
    return sorted(taken)


def _pieces(text: str, places: Sequence[Found], names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for place in sorted(places, key=lambda place: -max(map(len, place.texts), default=0)):
        for printed in place.texts:
            yield from ((start, end, f"{{{place.slot}}}") for start, end in occurrences(text, printed))
    for name in names:
        yield from ((start, end, "{any}") for start, end in _whole_words(text, name))
    for pattern, slot in _CHANGING:
        for found in pattern.finditer(text):
            yield (*_trimmed(text, *found.span()), slot)


def _whole_words(text: str, word: str) -> Iterator[tuple[int, int]]:
    for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text):
        yield found.span()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))


# --- the words around a value -------------------------------------------------------------------------


def context_of(place: Found, places: Sequence[Found], page: Page, ends: Sequence[str]) -> str | None:
    """A pattern that finds the value, and nothing else, by the words next to it.

    Tried are the words before it on its line, the line above, and the words behind it; the shortest
    that is unambiguous in the sample wins. None when nothing is.
    """
    text = page.text
    for line in ends:
        found = re.search(rf"(?m)^[ \t]*{re.escape(line)}[ \t]*$", text)
        text = text[: found.start()] if found else text
    for start, end in place.spans:
        for candidate in _candidates(page, start, end, place, places):
            if _finds_only(candidate, text, place):
                return candidate
    return None


def _candidates(page: Page, start: int, end: int, place: Found, places: Sequence[Found]) -> Iterator[str]:
    text, slot = page.text, f"{{{place.slot}}}"
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    before = _stable_tail(text[line_start:start], places, page.names)
    behind = _stable_head(text[end : None if line_end < 0 else line_end], places, page.names)
    above = _line_above(text[:line_start], places, page.names)
    if SLOTS[place.slot].open and behind.strip():
        # free text in the middle of a line ends where the next fixed words begin
        slot = f"{slot} {escape(' '.join(behind.split()[:2]))}"
    if _LETTERS.search(before):
        yield from (f"{escape(words)} {slot}" for words in _last_words(before))
        if text[line_start:start].strip() == before.strip():
            # the same words may stand in a sentence elsewhere
            yield f"{{start}}{escape(before.strip())} {slot}"
    mark = escape(before) if not _LETTERS.search(before) else ""
    if above:
        yield f"{escape(above)} {mark}{slot}"
        yield f"{{start}}{escape(above)}{{end}} {mark}{slot}"
    if _LETTERS.search(behind) and not SLOTS[place.slot].open:
        yield f"{mark}{slot} {escape(' '.join(behind.split()[:_MOST_WORDS]))}"
    if above and _LETTERS.search(before):
        yield f"{escape(above)} {{any}}{escape(before)} {slot}"


def _last_words(before: str) -> Iterator[str]:
    """The last words, from four to all; of writing without blanks the last letters."""
    words = before.split()
    words[0:] = [word[-_LONGEST_WORD:] if len(word) > 2 * _LONGEST_WORD else word for word in words]
    for count in dict.fromkeys((min(_MOST_WORDS - 1, len(words)), min(2 * _MOST_WORDS, len(words)))):
        yield " ".join(words[-count:])


def _stable_tail(before: str, places: Sequence[Found], names: Sequence[str]) -> str:
    """What stands on the line behind the last changing piece."""
    pieces = _changing(before, places, names)
    tail = before[pieces[-1][1] :] if pieces else before
    return _behind_quotes(tail)


def _behind_quotes(tail: str) -> str:
    """Quoted names of goods change: only what stands behind the last closing mark is kept."""
    cut = max(tail.rfind(mark) for mark in "」』”»")
    return tail[cut + 1 :] if cut >= 0 and _LETTERS.search(tail[cut + 1 :]) else tail


def _stable_head(behind: str, places: Sequence[Found], names: Sequence[str]) -> str:
    pieces = _changing(behind, places, names)
    return behind[: pieces[0][0]] if pieces else behind


def _line_above(text: str, places: Sequence[Found], names: Sequence[str]) -> str | None:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or len(lines[-1]) > _LONGEST_LINE or not _LETTERS.search(lines[-1]):
        return None
    return None if _changing(lines[-1], places, names) else lines[-1].strip()


def _finds_only(candidate: str, text: str, place: Found) -> bool:
    """Whether the pattern finds the value wherever it fits in the part before the adverts."""
    try:
        fits = list(compile_lines(candidate, glued=True).find(text, text.casefold()))
    except BadPattern:
        return False
    printed = {folded(value) for fit in fits for value in fit.values.get(place.slot, ())}
    return bool(printed) and printed <= place.texts


# --- what tells the kind ------------------------------------------------------------------------------


def headlines(page: Page, places: Sequence[Found]) -> list[str]:
    """Up to two lines that say what the mail is about: the first, and the longest of the next.

    They stand before the last value. Lines with words of disputing and refunding come first, then
    any that do not change; a greeting changes from user to user.
    """
    last = max((end for place in places for _, end in place.spans[:1]), default=len(page.text))
    lines = [line.strip() for line in page.text[:last].splitlines() if line.strip()]
    labels = {lines[number - 1] for number, line in enumerate(lines) if number and _holds(line, places)}
    stable = [
        pattern
        for number, line in enumerate(lines)
        if line not in labels
        and 3 < len(line) <= _LONGEST_LINE
        and len(_LETTERS.findall(line)) > 1
        and not _greets(line, number)
        for pattern in [generalised(line, places, page.names)]
        if "{" not in pattern
    ]
    telling = [line for line in stable if names_the_matter(line)] or stable[:3]
    if not telling:
        return []
    longest = max(telling[1:4], key=len, default=None)
    return [telling[0], longest] if longest and longest != telling[0] else telling[:1]


def _holds(line: str, places: Sequence[Found]) -> bool:
    """Whether a line begins with a value; the line above it is its label, and tells no kind."""
    start = folded(line)
    return any(start.startswith(text) for place in places for text in place.texts)


def _greets(line: str, number: int) -> bool:
    """Whether a line among the first looks like a greeting: short, and cut off by a comma or a call."""
    return number < _FIRST_LINES and len(line.split()) <= _MOST_WORDS and bool(_GREETING.search(line))


def adverts_after(page: Page, places: Sequence[Found]) -> list[str]:
    """The unchanging lines between the last value and the first foreign sum or number behind it.

    Adverts follow, with prices and orders of their own; one of these lines is their heading.
    """
    last = max((end for place in places for start, end in place.spans[:1]), default=0)
    lines = page.text[page.text.find("\n", last) :].splitlines() if "\n" in page.text[last:] else []
    own = {text for place in places for text in place.texts}
    between: list[str] = []
    for line in (line.strip() for line in lines):
        if _foreign(line, own):
            return between[:_MOST_ENDS]
        if len(line) <= _LONGEST_END and _LETTERS.search(line) and not _changing(line, places, page.names):
            between.append(line)
    return []


def _foreign(line: str, own: Collection[str]) -> bool:
    """Whether a line has a sum or a long number that is none of the mail's own values."""
    found = [each.group(0) for pattern in _WORTH for each in pattern.finditer(line)]
    return any(folded(text) not in own for text in found)


def block_around(text: str, places: Sequence[Found]) -> str | None:
    """The lines from the first to the last value; without values those that speak of the matter."""
    lines = [(found.start(), found.end()) for found in re.finditer(r"[^\n]+", text)]
    wanted = [span for place in places for span in place.spans[:1]]
    if not wanted:
        wanted = [line for line in lines if names_the_matter(text[slice(*line)])][:1]
    if not wanted:
        return None
    first, last = min(start for start, _ in wanted), max(end for _, end in wanted)
    inside = [line for line in lines if line[0] < last and first < line[1]]
    block = text[inside[0][0] : inside[-1][1]]
    if not names_the_matter(block):
        return _with_verb(text, lines, inside)
    return block


def _with_verb(text: str, lines: Sequence[tuple[int, int]], inside: Sequence[tuple[int, int]]) -> str:
    """A card's text says on the line above or below what was done with the amount."""
    at = lines.index(inside[0])
    end = lines.index(inside[-1])
    above = [number for number in range(max(0, at - 2), at) if names_the_matter(text[slice(*lines[number])])]
    below = [
        number
        for number in range(end + 1, min(len(lines), end + 3))
        if names_the_matter(text[slice(*lines[number])])
    ]
    first = above[-1] if above else at
    last = below[0] if below and not above else end
    return text[lines[first][0] : lines[last][1]]
