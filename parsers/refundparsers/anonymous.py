"""A sample without what is private: the same shape, other names, numbers and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from refundparsers.wordings import occurrences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LINK: Final = re.compile(r"https?://\S+")
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# Longer runs of digits name an order, a card, a phone or a person; shorter ones are sums and days.
_LONG_NUMBER: Final = re.compile(r"\d{6,}")
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


def veil(subject: str, text: str, values: Mapping[str, str], names: Sequence[str]) -> Veiled:
    """Hide names, addresses, links and long numbers; equal ones stay equal, sums and days stay."""
    shown = {field: _shown(field, value) for field, value in values.items()}
    swaps = [(value, shown[field]) for field, value in values.items() if shown[field] != value]
    kept = "\n".join(text.splitlines()[:_MOST_LINES])
    return Veiled(_veiled(subject, swaps, names), _veiled(kept, swaps, names), shown)


def _shown(field: str, value: str) -> str:
    if field in _PRIVATE:
        return _PRIVATE[field]
    return _LONG_NUMBER.sub(_other_digits, value)


def _other_digits(found: re.Match[str]) -> str:
    """Digits of the same length, the first one kept; the same number always becomes the same."""
    digits = found[0]
    return digits[0] + "".join(
        str((int(digit) * 7 + place * 3 + 1) % 10) for place, digit in enumerate(digits[1:])
    )


def _veiled(text: str, swaps: Sequence[tuple[str, str]], names: Sequence[str]) -> str:
    for value, other in sorted(swaps, key=lambda swap: -len(swap[0])):
        if not value.isdigit():
            text = _replaced(text, value, other)
    text = _LINK.sub("https://example.com/", text)
    text = _ADDRESS.sub("someone@example.com", text)
    text = _LONG_NUMBER.sub(_other_digits, text)
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _NAME, text)
    return text


def _replaced(text: str, value: str, other: str) -> str:
    for start, end in reversed(occurrences(text, value)):
        text = text[:start] + other + text[end:]
    return text
