"""Where the values that a user names stand in a mail, in whatever form they are printed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import re2

from refundparsers.changing import Found, folded, occurrences
from refundparsers.dates import parse_day
from refundparsers.money import MONEY, NUMBER, parse_amount, parse_money
from refundparsers.patterns import torn
from refundparsers.slots import SLOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from refundparsers.money import Money
    from refundparsers.wordings import Page

#: Values that stand in a mail as they stand in the JSON.
LITERAL: Final = ("order", "dispute", "card", "merchant", "item", "seller", "reference")
#: Numbers that may stand in links only, and the parameter that carries them.
IN_LINKS: Final = {"order": "orderId", "dispute": "disputeId"}
_NUMBERS: Final = re.compile(r"\b\d{6,}\b")
_NUMERIC_DAY: Final = re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-](?:20)?\d\d\b")
# Only English is printed with the month first, and not all of it.
_ENGLISH: Final = re.compile(r"(?i)\b(the|you|your|and|for|of|to|is|has|this|with|order|refund)\b")
_ENOUGH_ENGLISH: Final = 4
_SHOWN: Final = 5
_WHOLE_DAY: Final = 6
_MARK: Final = re.compile(r"\d{1,2}\.\d{1,2}|\d/\d")
_LONGEST_SHOWN: Final = 60


class CannotTeach(ValueError):
    """A form cannot be made of this sample; the sentence says why, and what to do."""


def literal(page: Page, field: str, printed: str) -> Found | None:
    """Where a text or a number stands as it was given; None when it does not."""
    spans = occurrences(page.text, printed)
    if not spans and not occurrences(page.subject, printed):
        return None
    return Found(field, field, printed, tuple(spans), frozenset({folded(printed)}))


def missing(page: Page, field: str, printed: str) -> CannotTeach:
    """A sentence that names the value and what stands in the mail that is like it."""
    near = _near(page, printed)
    seen = f"; near it there is {', '.join(near)}" if near else ""
    return CannotTeach(
        f"{field}={printed} does not stand in the mail; give it as it is printed there, or leave it out{seen}"
    )


def _near(page: Page, printed: str) -> list[str]:
    """Other numbers for a number; for words the lines that share one."""
    whole = f"{page.subject}\n{page.text}"
    if printed.isdigit():
        return list(dict.fromkeys(_NUMBERS.findall(whole)))[:_SHOWN]
    words = set(re.findall(r"\w{3,}", printed.casefold()))
    lines = (line.strip() for line in whole.splitlines())
    shared = [line for line in lines if words & set(re.findall(r"\w{3,}", line.casefold()))]
    return [repr(line[:_LONGEST_SHOWN]) for line in dict.fromkeys(shared)][: _SHOWN - 2]


def money(page: Page, wanted: Money) -> Found:
    """Where a sum stands, with its currency or as a bare number.

    Raises:
        CannotTeach: nowhere; the sentence names the sums there are.
    """
    found = _printed(page, "money", "money", MONEY, lambda text: parse_money(text) == wanted)
    if found is None:
        bare = _printed(
            page, "money", "amount", NUMBER, lambda text: parse_amount(text, wanted.currency) == wanted
        )
        found = replace(bare, unit=wanted.currency) if bare else None
    if found is None:
        seen = list(dict.fromkeys(_sums(page.text)))
        raise CannotTeach(
            f"amount={wanted.amount} currency={wanted.currency} does not stand in the mail;"
            f" amounts seen there: {', '.join(seen[:_SHOWN]) or 'none'}"
        )
    return found


def _sums(text: str) -> Iterator[str]:
    for found in _compiled(MONEY).finditer(text):
        yield " ".join(found.group(0).split())


def day(page: Page, field: str, wanted: date, mailed_on: date) -> Found | None:
    """Where a day stands, with the slot that will read its sisters; None when it does not.

    A day in letters is read by the slot that knows the names of months in all languages, a day in
    numbers by the one whose order of numbers is certain.

    Raises:
        CannotTeach: day and month are the same number, and nothing tells which of them comes first.
    """
    found = [place for slot in _slots(field) if (place := _as_day(page, field, slot, wanted, mailed_on))]
    if not found:
        return None
    longest = max(len(text) for place in found for text in place.texts)
    found = [kept for place in found if (kept := _surely(place, longest))]
    lettered = [
        place for place in found if place.slot.endswith("first") and any(map(_has_letters, place.texts))
    ]
    best = (lettered or found)[0]
    if best.slot != f"{field}:dayfirst" or not _ambiguous(best, wanted):
        return best
    order = _order_of_numbers(page)
    if order is None:
        raise CannotTeach(
            f"{field}={wanted} could be meant day first or month first; leave it out, or take another mail"
        )
    return next((place for place in found if place.slot == f"{field}:{order}"), best)


def _surely(place: Found, longest: int) -> Found | None:
    """Without short numbers where the day is printed whole, too: `4.4 ★` is no fourth of April."""
    texts = frozenset(text for text in place.texts if longest < _WHOLE_DAY or not _MARK.fullmatch(text))
    if not texts:
        return None
    long = tuple((start, end) for start, end in place.spans if end - start in {len(text) for text in texts})
    return replace(place, spans=long, texts=texts)


def days_seen(page: Page, field: str, mailed_on: date) -> Iterator[tuple[str, str]]:
    """Every day that is printed in the text, as printed and as ISO text, in the order of the slots."""
    for slot in _slots(field):
        for start, end in _whole(_compiled(SLOTS[slot].pattern), slot, page.text):
            read = _read_day(page.text[start:end], slot, mailed_on)
            if read:
                yield " ".join(page.text[start:end].split()), read.isoformat()


def _slots(field: str) -> list[str]:
    return [name for name in SLOTS if name.partition(":")[0] == field]


def _as_day(page: Page, field: str, slot: str, wanted: date, mailed_on: date) -> Found | None:
    def reads(text: str) -> bool:
        return _read_day(text, slot, mailed_on) == wanted

    return _printed(page, field, slot, SLOTS[slot].pattern, reads)


def _read_day(text: str, slot: str, mailed_on: date) -> date | None:
    written = SLOTS[slot].read(text)
    variant = "dmy" if slot.endswith(":dmy") else ""
    return parse_day(written, mailed_on, variant, ahead=slot.startswith("act_by")) if written else None


def _has_letters(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{3}", text))


def _ambiguous(place: Found, wanted: date) -> bool:
    """Whether it is printed with slashes or dashes only; a dot always puts the day first."""
    numeric = all(re.fullmatch(r"[\d/ -]+", text) and not re.match(r"\d{4}", text) for text in place.texts)
    return numeric and wanted.day == wanted.month


def _order_of_numbers(page: Page) -> str | None:
    """`dayfirst` or `mdy`, by the mail's other days, else by its language; None when it may be either."""
    for found in _NUMERIC_DAY.finditer(page.text):
        if int(found[1]) > 12:
            return "dayfirst"
        if int(found[2]) > 12:
            return "mdy"
    english = {word.casefold() for word in _ENGLISH.findall(page.text)}
    return None if len(english) >= _ENOUGH_ENGLISH else "dayfirst"


def _printed(page: Page, field: str, slot: str, pattern: str, reads: Callable[[str], bool]) -> Found | None:
    """Every place where a value is printed in whatever form, in the body and in the subject."""
    compiled = _compiled(pattern)
    spans = [span for span in _whole(compiled, slot, page.text) if reads(page.text[slice(*span)])]
    titles = [page.subject[slice(*span)] for span in _whole(compiled, slot, page.subject)]
    titles = [text for text in titles if reads(text)]
    texts = {folded(page.text[start:end]) for start, end in spans} | {folded(text) for text in titles}
    return Found(field, slot, "", tuple(spans), frozenset(texts)) if texts else None


def _whole(compiled: re2._Regexp, slot: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the pattern fits and leaves nothing of a number or a day behind."""
    for found in compiled.finditer(text):
        if torn(slot, text, *found.span()) == ("", ""):
            piece = found.group(0)
            blank = len(piece) - len(piece.lstrip())
            yield found.start() + blank, found.start() + max(len(piece.rstrip()), blank)


def _compiled(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.case_sensitive = False
    return re2.compile(pattern, options)


def offered(page: Page, mailed_on: date) -> Mapping[str, list[str]]:
    """What stands in a mail and may be a value: sums, days as ISO text, and long numbers, each once."""
    days = dict.fromkeys(read for _, read in days_seen(page, "on", mailed_on))
    days |= dict.fromkeys(read for _, read in days_seen(page, "act_by", mailed_on))
    sums = (parse_money(each) for each in _sums(f"{page.subject}\n{page.text}"))
    return {
        "money": list(dict.fromkeys(str(each) for each in sums if each)),
        "day": list(days),
        "number": list(dict.fromkeys(re.findall(r"\b\d{10,20}\b", f"{page.subject}\n{page.text}"))),
    }
