"""A sample without what is private: the same shape, other names, numbers and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import re2

from refundparsers import deadlines
from refundparsers.changing import occurrences, whole_words
from refundparsers.dates import DATES
from refundparsers.money import MONEY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_LINK: Final = re.compile(r"https?://\S+")
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# Longer runs of digits name an order, a card, a phone or a person; shorter ones are sums and days.
_LONG_NUMBER: Final = re.compile(r"\d{6,}")
_ID: Final = re.compile(r"\d{10,}")
_SHORT_DAY: Final = 5  # `11.05` may be a sum
_WORDS: Final = ("item", "seller", "merchant", "card", "reference")
_SUM_OPTIONS: Final = re2.Options()
_SUM_OPTIONS.case_sensitive = False
_SUM: Final = re2.compile(MONEY, _SUM_OPTIONS)
_DAY: Final = re2.compile(f"{deadlines.PRINTED}|{DATES['']}", _SUM_OPTIONS)
_DAYS: Final = ("on", "act_by")
_PRIVATE: Final = {"item": "Sample item", "seller": "Sample shop"}
_NAME: Final = "Kim"
_MOST_LINES: Final = 80


@dataclass(frozen=True, slots=True)
class Veiled:
    """A sample that may be shown.

    Attributes:
        subject: of the mail.
        text: of the body.
        values: the values that were named, as they stand in it now.
    """

    subject: str
    text: str
    values: Mapping[str, str]


def veil(
    subject: str, text: str, values: Mapping[str, str], names: Sequence[str], sums: Collection[str] = ()
) -> Veiled:
    """Hide names, addresses, links, sums and long numbers; equal ones stay equal, and days stay.

    Args:
        subject: of the mail.
        text: of its body.
        values: by the keys of the JSON contract.
        names: of the reader.
        sums: as they are printed without a currency.
    """
    shown = {field: _shown(field, value) for field, value in values.items()}
    swaps = [(value, shown[field]) for field, value in values.items() if field in _WORDS]
    kept = "\n".join(text.splitlines()[:_MOST_LINES])
    return Veiled(_veiled(subject, swaps, names, sums), _veiled(kept, swaps, names, sums), shown)


def _shown(field: str, value: str) -> str:
    if field in _PRIVATE:
        return _PRIVATE[field]
    if field == "amount":
        return _other_sum(value)
    if field in _DAYS:
        return value
    return _LONG_NUMBER.sub(_other_digits, value)


def _other_digits(found: re.Match[str]) -> str:
    """Digits of the same length, the first one kept; the same number always becomes the same."""
    digits = found[0]
    return digits[0] + "".join(
        str((int(digit) * 7 + place * 3 + 1) % 10) for place, digit in enumerate(digits[1:])
    )


def _veiled(text: str, swaps: Sequence[tuple[str, str]], names: Sequence[str], sums: Collection[str]) -> str:
    for value, other in sorted(swaps, key=lambda swap: -len(swap[0])):
        text = _replaced(text, value, other)
    text = _LINK.sub("https://example.com/", text)
    text = _ADDRESS.sub("someone@example.com", text)
    for name in names:
        for start, end in reversed(list(whole_words(text, name))):
            text = text[:start] + _NAME + text[end:]
    return _without_numbers(text, sums)


def _without_numbers(text: str, sums: Collection[str]) -> str:
    """The text with other sums and long numbers of the same shape; days stay as they are."""
    shown = list(text)
    rest = list(text)
    for start, end, other in _numbers(text, sums):
        if "\0" not in rest[start:end]:
            shown[start:end] = other
            rest[start:end] = "\0" * (end - start)
    return "".join(shown)


def _numbers(text: str, sums: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """Where numbers stand, and what is shown instead; what comes first has the first word."""
    for number in _ID.finditer(text):
        yield (*number.span(), _other_digits(number))
    masked = _ID.sub(lambda number: "\0" * len(number[0]), text)
    for found in _DAY.finditer(masked):
        if len(found.group(0)) > _SHORT_DAY:
            yield (*found.span(), found.group(0))
            masked = masked[: found.start()] + "\0" * len(found.group(0)) + masked[found.end() :]
    spans = [found.span() for found in _SUM.finditer(masked)]
    spans += [span for printed in sums for span in occurrences(masked, printed)]
    yield from ((start, end, _other_sum(text[start:end])) for start, end in spans)
    yield from ((*number.span(), _other_digits(number)) for number in _LONG_NUMBER.finditer(masked))


def _other_sum(printed: str) -> str:
    """Other digits in the same places; zeros stay, so that `12` and `12.00` stay equal."""
    digits = iter(range(len(printed)))
    started = False
    out = []
    for char in printed:
        started = started or char in "123456789"
        place = next(digits) if started and char.isdigit() else 0
        out.append(str((int(char) * 2 + place) % 9 + 1) if char in "123456789" else char)
    return "".join(out)


def _replaced(text: str, value: str, other: str) -> str:
    for start, end in reversed(occurrences(text, value)):
        text = text[:start] + other + text[end:]
    return text
