"""The lines of a mail that say what it is about, and those behind which it is about something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import re2

from refundparsers.changing import changing, folded, generalised, greeted, respaced
from refundparsers.checks import names_the_matter
from refundparsers.money import MONEY
from refundparsers.wordings import LETTERS, SENTENCE_END

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from refundparsers.changing import Found
    from refundparsers.wordings import Page

_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False
# What adverts have of their own: prices and order numbers.
_WORTH: Final = (re2.compile(MONEY, _OPTIONS), re2.compile(r"\b[0-9]{14,20}\b", _OPTIONS))
_FIRST_LINES: Final = 6
_MOST_LINES: Final = 12
_MOST_ENDS: Final = 4
_LONGEST_END: Final = 80
_MOST_GREETING: Final = 6
_LONGEST_LINE: Final = 160
_GREETING: Final = re.compile(r"[,!،、，:]$")
_SENTENCE: Final = re.compile(r"[.!?。！？؟]$|(?:다|요|す|た)$")
# A row of a table: `Paid with: PayPal`, `Order - 12`, several of them with dots between.
_ROW: Final = re.compile(r"[:：]\s*\S|\s[-–|·•]\s")
_QUOTED: Final = re.compile(r"[„“”«»「」『』\"]")
# Further words that only mails about a case have, besides those of `checks`.
_TELLING: Final = re2.compile(
    r"\bcase\b|evidence|seller|offer|money back|claim|\bfall\b|vorgang|beleg|verkäufer|angebot|reklamation"
    r"|anspruch"
    r"|\bcaso\b|prueba|vendedor|oferta|dossier|preuve|vendeur|offre|spraw|dowod|sprzedawc|ofert"
    r"|pieniądz|prov[ae]\b"
    r"|pratica|venditore|offerta|\bzaak\b|bewijs|verkoper|voorstel|доказательств|продав|предложени|деньг"
    r"|dosya|kanıt|geri ödeme"
    r"|satıcı|teklif|판매자|증거|제안|販売者|証拠|提案|قضي|أدلة|البائع|عرض|أموال|תיק|ראיות|המוכר|הצעה|הכסף",
    _OPTIONS,
)


def headlines(page: Page, places: Sequence[Found]) -> list[str]:
    """Up to two lines that say what the mail is about: one that tells, and a sentence near it.

    They stand before the last value. Lines with words of disputing and refunding come first, then
    any that do not change. Labels tell no kind, greetings change from user to user, and what stands in
    rows or quotation marks changes from mail to mail.
    """
    last = max((end for place in places for _, end in place.spans[:1]), default=None)
    lines = [line.strip() for line in page.text[:last].splitlines() if line.strip()]
    if last is None:
        lines = lines[:_MOST_LINES]
    stable = [
        line
        for number, line in enumerate(lines)
        if _may_tell(line, number, page, places) and not _is_label(lines, number, places)
    ]
    first = _foremost(stable, page.subject)
    if first is None:
        return _with_values(lines, page, places)
    at = stable.index(first)
    near = [
        line
        for line in stable[:at][-1:] + stable[at + 1 : at + 4]
        if _SENTENCE.search(line) and not _ROW.search(line)
    ]
    telling = [line for line in near if _tells(line)] or near[:1]
    chosen = [first, *([max(telling, key=len)] if telling else [])]
    return [generalised(line, places, page.names) for line in chosen]


def _foremost(lines: Sequence[str], subject: str) -> str | None:
    """A line that tells, else one that the subject repeats, else a sentence: banners come and go."""
    said = folded(respaced(subject, "\n".join(lines)))
    repeated = (line for line in lines if folded(line) in said)
    telling = (line for line in lines if _tells(line))
    sentences = (line for line in lines if SENTENCE_END.search(line) and not _ROW.search(line))
    return next((line for each in (telling, repeated, sentences, lines) for line in each), None)


def _may_tell(line: str, number: int, page: Page, places: Sequence[Found]) -> bool:
    return (
        3 < len(line) <= _LONGEST_LINE
        and len(LETTERS.findall(line)) > 1
        and not greets(line, number)
        and not _QUOTED.search(line)
        and "{" not in generalised(line, places, page.names)
    )


def _is_label(lines: Sequence[str], number: int, places: Sequence[Found]) -> bool:
    """Whether a line is the label of the value below it, or a row in front of such a line."""
    below = lines[number + 1 : number + 2]
    if not below:
        return False
    if any(folded(below[0]).startswith(text) for place in places for text in place.texts):
        return True
    rows = (_holds(each, places) and _ROW.search(each) for each in below)
    return bool(_ROW.search(lines[number])) and any(rows)


def _holds(line: str, places: Sequence[Found]) -> bool:
    said = folded(line)
    return any(text in said for place in places for text in place.texts)


def _tells(line: str) -> bool:
    return names_the_matter(line) or bool(_TELLING.search(line))


def _with_values(lines: Sequence[str], page: Page, places: Sequence[Found]) -> list[str]:
    """Where every line changes, the longest sentence with its values taken out."""
    patterns = [
        generalised(line, places, page.names) for line in lines if _tells(line) and not _ROW.search(line)
    ]
    words = {
        pattern: re.sub(r"\{[^{}]*\}", " ", pattern)
        for pattern in patterns
        if len(pattern) <= 3 * _LONGEST_LINE
    }
    fitting = [pattern for pattern, rest in words.items() if len(LETTERS.findall(rest)) > 3 and _tells(rest)]
    return [max(fitting, key=lambda pattern: len(words[pattern]))] if fitting else []


def greets(line: str, number: int) -> bool:
    """Whether a line among the first is a greeting: by its words, or short and cut off by a comma."""
    if number >= _FIRST_LINES:
        return False
    name = greeted(line)
    if name is not None and len(line) <= len(name) + 3 * _MOST_GREETING + 12:
        return True
    return len(line.split()) < _MOST_GREETING and bool(_GREETING.search(line)) and not _tells(line)


def adverts_after(page: Page, places: Sequence[Found]) -> list[str]:
    """The unchanging lines between the last value and the first foreign sum or number behind it.

    Adverts follow, with prices and orders of their own; one of these lines is their heading.
    """
    last = max((end for place in places for start, end in place.spans[:1]), default=None)
    if last is None or "\n" not in page.text[last:]:
        return []
    own = {text for place in places for text in place.texts}
    cut = page.text.find("\n", last)
    earlier = {folded(line) for line in page.text[:cut].splitlines()}
    between: list[str] = []
    for line in (line.strip() for line in page.text[cut:].splitlines()):
        if _foreign(line, own):
            return list(_without_label(between, page, last)[-_MOST_ENDS:])
        if len(line) <= _LONGEST_END and LETTERS.search(line) and not changing(line, places, page.names):
            between += [line] if folded(line) not in earlier else []
    return []


def _without_label(between: Sequence[str], page: Page, last: int) -> Sequence[str]:
    """Without the line below a value that has its line for itself: it may be the value's label."""
    line = page.text[page.text.rfind("\n", 0, last) + 1 : page.text.find("\n", last)]
    return between[1:] if len(between) > 1 and len(line.split()) <= _MOST_GREETING else between


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
