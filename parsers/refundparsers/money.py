"""Exact money: integer minor units and an ISO 4217 code, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# ISO 4217: currencies whose minor unit is not a hundredth. Everything else has two digits.
_EXPONENTS: Final = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip


def exponent(currency: str) -> int:
    """How many digits the currency prints behind the point (ISO 4217; two unless listed)."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of one currency.

    Attributes:
        minor: minor units (cents; won have none). Positive in every notice.
        currency: ISO 4217 code, upper case.
    """

    minor: int
    currency: str

    @property
    def amount(self) -> str:
        """The decimal string of the JSON contract: `5.20`, `7000`; zero is `0`."""
        digits = exponent(self.currency)
        if not self.minor or not digits:
            return str(self.minor)
        sign = "-" if self.minor < 0 else ""
        whole, rest = divmod(abs(self.minor), 10**digits)
        return f"{sign}{whole}.{rest:0{digits}d}"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
