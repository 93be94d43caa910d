"""Invented wordings of dispute mails, a file for each language, and one face for all of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from refundparsers.money import Money, exponent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

LANGUAGES: Final = ("en", "ko", "de", "es", "fr", "pl", "pt", "it", "nl", "ru", "tr", "ja", "ar", "he")


@dataclass(frozen=True, slots=True)
class Style:
    """How amounts are printed.

    Attributes:
        currency: ISO code.
        shape: what stands around the number, `#`.
        number: a sample, `1.234,56`.
    """

    currency: str
    shape: str
    number: str

    def printed(self, money: Money) -> str:
        """The amount as this style prints it."""
        whole, _, rest = money.amount.partition(".")
        number = f"{int(whole):,}".replace(",", "" if self.number[1] == "2" else self.number[1])
        return self.shape.replace("#", f"{number}{self.number[-3]}{rest}" if rest else number)

    def money(self, cents: int) -> Money:
        """So much of the currency that the number looks ordinary there."""
        return Money(cents if exponent(self.currency) else cents * 10, self.currency)


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language.

    Attributes:
        direction: `ltr` or `rtl`.
        words: everything else, as it stands in the file.
    """

    direction: str
    words: Mapping[str, Any]

    def all(self, name: str) -> list[str]:
        """The variants of a sentence."""
        found: list[str] = self.words[name]
        return found

    def one(self, name: str) -> str:
        """A sentence that has no variants."""
        found: str = self.words[name]
        return found

    def labels(self, field: str) -> list[str]:
        """The variants of a label."""
        found: list[str] = self.words["label"][field]
        return found

    def about(self, kind: str) -> Mapping[str, Any]:
        """Subjects, headlines and sentences of one kind of mail."""
        found: Mapping[str, Any] = self.words["kind"][kind]
        return found

    @property
    def styles(self) -> list[Style]:
        """How amounts may be printed, the commonest first."""
        return [Style(*each) for each in self.words["money"]]


@cache
def wording(language: str) -> Wording:
    """The words of a language."""
    data = (resources.files(__name__) / f"{language}.toml").read_text(encoding="utf-8")
    words = tomllib.loads(data)
    return Wording(words.pop("direction"), words)


def printed_day(day: date, style: str) -> str:
    """A day as the language prints it; `strftime`, months in English."""
    return day.strftime(style)
