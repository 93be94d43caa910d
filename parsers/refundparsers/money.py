"""Exact money: integer minor units and an ISO 4217 code, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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


# --- money as it is printed -------------------------------------------------------------------

_CODES: Final = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD"
    " CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD"
    " GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT"
    " LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR"
    " NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP"
    " STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF"
    " XPF YER ZAR ZMW ZWG".split()
)
# What stands before the number. A bare `$`, `¥` or `kr` belongs to several currencies and is never guessed.
_BEFORE: Final = {
    "US $": "USD", "US$": "USD", "AU $": "AUD", "AU$": "AUD", "A$": "AUD", "CA $": "CAD", "CA$": "CAD",
    "C $": "CAD", "C$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "R$": "BRL", "MX$": "MXN",
    "€": "EUR", "£": "GBP", "₩": "KRW", "￦": "KRW", "JP¥": "JPY", "CN¥": "CNY", "₹": "INR", "Rs.": "INR",
    "Rs": "INR", "₪": "ILS", "₺": "TRY", "₽": "RUB", "₴": "UAH", "₫": "VND", "฿": "THB", "₱": "PHP",
    "zł": "PLN", "Kč": "CZK", "CHF": "CHF",
}  # fmt: skip
_BEHIND: Final = {
    "원": "KRW", "₩": "KRW", "￦": "KRW", "달러": "USD", "엔": "JPY", "円": "JPY", "유로": "EUR",
    "위안": "CNY", "파운드": "GBP", "€": "EUR", "£": "GBP", "zł": "PLN", "₽": "RUB", "руб.": "RUB",
    "руб": "RUB", "р.": "RUB", "р": "RUB", "₺": "TRY", "TL": "TRY", "₪": "ILS", "₴": "UAH",
    "Kč": "CZK", "₹": "INR", "₫": "VND", "lei": "RON", "Ft": "HUF", "US$": "USD",
}  # fmt: skip

# Groups of three set off by comma, point, blank or apostrophe; Indian groups of two; decimals behind.
NUMBER: Final = r"(?:\d{1,3}(?:[,.' ’]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)(?:[.,]\d{1,3})?|[.,]\d{2}"


# Signs that several currencies share: they mean nothing without a code beside them.
_DOLLARS: Final = frozenset(
    "USD AUD CAD NZD HKD SGD MXN TWD ARS CLP COP UYU DOP BRL BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD"
    " SRD TTD XCD".split()
)
_SHARED: Final[Mapping[str, frozenset[str]]] = {
    "$": _DOLLARS,
    "¥": frozenset(("JPY", "CNY")),
    "￥": frozenset(("JPY", "CNY")),
    "kr": frozenset(("SEK", "NOK", "DKK", "ISK")),
}


def _any(words: Iterable[str]) -> str:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s*") for word in ordered)


_ISO: Final = "(?:" + "|".join(sorted(_CODES)) + ")"
_SIGN: Final = "[-+−–]?"
# A second unit beside the first, as in `US $5.20 USD` and `5,20 EUR €`. It must agree, or nothing is
# read. Behind a sign only the codes of common currencies count, in capitals: shops have names, too.
_AGAIN: Final = rf"(?:\(\s*{_ISO}\s*\)|(?-i:USD|EUR|KRW|JPY|CNY|GBP|CAD|AUD|BRL|RUB|PLN|INR|ILS|CHF|MXN)\b)"
_MARKS: Final = "[$€£₩￦¥￥₹₪₺₽₴₫฿₱]"
_FRONT: Final = rf"{_SIGN}\s*(?:{_any(_BEFORE)}|{_ISO}\s*(?:{_any(_BEFORE)}|[$¥￥])?)\s*{_SIGN}\s*"
_SHARED_FRONT: Final = rf"{_SIGN}\s*(?:[$¥￥]|\bkr\.?)\s*{_SIGN}\s*"
_BACK: Final = rf"(?:\(\s*{_ISO}\s*\)|{_ISO}\b|{_any(_BEHIND)})(?:\s*{_MARKS}|\s*{_AGAIN})?"
# One pattern without groups, for the slot `{money}`; white space may be a line break (`2,390/엔`).
MONEY: Final = (
    rf"(?:{_FRONT}(?:{NUMBER})(?:\s*{_AGAIN}|원)?"
    rf"|{_SHARED_FRONT}(?:{NUMBER})\s*(?:\(\s*{_ISO}\s*\)|{_ISO}\b)"
    rf"|{_SIGN}\s*(?:{NUMBER})\s*-?\s*{_BACK})"
)
# The same where free text follows at once: with the unit in front, `USD 22.0011ST` ends behind two
# decimals and `JPY 800 7-ELEVEN` at the blank, while `JPY 8007-ELEVEN` is anybody's guess.
_COMMAS: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
CLOSED_MONEY: Final = (
    rf"(?:{_FRONT}{_COMMAS}?\.\d{{2}}|{_FRONT}{_COMMAS}(?:\.\d)?\s"
    rf"|{_SHARED_FRONT}{_COMMAS}(?:\.\d{{1,2}})?\s*(?:\(\s*{_ISO}\s*\)|{_ISO}\b)"
    rf"|{_SIGN}\s*{_COMMAS}(?:\.\d{{1,2}})?\s*(?:\(\s*{_ISO}\s*\)|{_ISO}\b|{_any(_BEHIND)}))"
)


_ONE_UNIT: Final = rf"(?:[a-z]{{3}}|{_any((*_BEFORE, *_BEHIND))}|[$¥￥]|kr\.?)"
_UNITS: Final = rf"{_ONE_UNIT}(?: ?[-+]? ?{_ONE_UNIT})?"
_PRINTED: Final = re.compile(
    rf"(?i)[-+]? ?(?P<front>{_UNITS})? ?[-+]? ?(?P<number>[\d.,' ’]*\d) ?(?:- ?)?(?P<behind>{_UNITS})?"
)
_WORDS: Final = re.compile(rf"(?i){_ONE_UNIT}")


def parse_money(printed: str) -> Money | None:
    """Money as printed (`US $5.20`, `7,000원`, `299.00(MXN)`), or None when it is not certain.

    The sign is dropped: issuers print it as they like, the kind of a notice gives the direction.
    Of several units all must name one currency: `$5.20 USD` is read, `$5.20 KRW` is not.
    """
    text = printed.replace("(", " ").replace(")", " ")
    text = " ".join(text.split()).replace("−", "-").replace("–", "-")
    found = _PRINTED.fullmatch(text)
    if not found:
        return None
    code = _agreed(_WORDS.findall(f"{found['front'] or ''} {found['behind'] or ''}"))
    return parse_amount(found["number"], code) if code else None


def _agreed(units: Sequence[str]) -> str | None:
    """The one currency that all units can mean, or None when there is none or a choice."""
    meant = [_meanings(unit) for unit in units]
    common = frozenset.intersection(*meant) if meant else frozenset()
    return next(iter(common)) if len(common) == 1 else None


@lru_cache(maxsize=1024)
def _meanings(unit: str) -> frozenset[str]:
    shared = _SHARED.get(unit.lower().rstrip("."))
    code = _named(unit, _BEFORE_BY_NAME) or _named(unit, _BEHIND_BY_NAME)
    return shared or (frozenset((code,)) if code else frozenset())


def _named(word: str, table: Mapping[str, str]) -> str | None:
    squeezed = _squeezed(word)
    code = squeezed.upper()
    return table.get(squeezed) or (code if code in _CODES else None)


def _squeezed(unit: str) -> str:
    return unit.replace(" ", "").casefold()


_BEFORE_BY_NAME: Final = {_squeezed(unit): code for unit, code in _BEFORE.items()}
_BEHIND_BY_NAME: Final = {_squeezed(unit): code for unit, code in _BEHIND.items()}


def currency_code(printed: str) -> str | None:
    """The ISO code of a printed unit (`USD`, `달러`, `원`), or None."""
    word = printed.strip("() \n\t")
    return _named(word, _BEHIND_BY_NAME) or _named(word, _BEFORE_BY_NAME)


# Nobody pays such sums, and SQLite's integers end here.
_MOST_DIGITS: Final = 15
# Where a single point may set off thousands (`1.234 €`); elsewhere `1.234` would be a guess.
_POINT_GROUPS: Final = frozenset("EUR BRL TRY IDR DKK ARS COP RON HUF RSD MAD UYU".split())


_DECIMALS: Final = re.compile(r"(?:(\d[\d., ]*?))??(?:([.,])(\d{1,3}))?")
_GROUPS: Final = re.compile(
    r"\d*|[1-9]\d{0,2}(?P<mark>[,. ])\d{3}(?:(?P=mark)\d{3})*|[1-9]\d?(?:,\d{2})+,\d{3}"
)
_DIGITS: Final = re.compile(r"\d+")


def parse_amount(number: str, currency: str) -> Money | None:
    """A bare number of a known currency, or None when its separators leave a doubt.

    The last separator is a decimal one when fewer than three digits follow it; before three digits it
    sets off a group. What a single one before three digits means hangs on the currency: `1,234` is a
    thousand, and so is `1.234` where points are used for groups (`1.234 €`) or there are no decimals
    (`7.000 KRW`); `1.234 USD` is nothing we know. Dinars have three decimals: `1.234 KWD` has them, and
    `1,234 KWD` can be read in two ways and is refused.
    """
    digits = exponent(currency)
    text = number.strip().lstrip("+-−–").strip().replace("'", " ").replace("’", " ")
    split = _DECIMALS.fullmatch(text)
    if not text or not split:
        return None
    whole, mark, rest = split[1] or "", split[2], split[3] or ""
    if mark == "," and len(rest) == 3 and digits == 3 and not re.search("[. ]", whole):
        return None
    if mark and len(rest) == 3 and digits != 3:
        if mark == "." and "." not in whole and digits and currency not in _POINT_GROUPS:
            return None
        whole, mark, rest = whole + mark + rest, None, ""
    if (mark and mark in whole) or not _grouped(whole):
        return None
    if len(rest) > digits:
        if rest.strip("0"):
            return None
        rest = rest[:digits]
    minor = ("".join(_DIGITS.findall(whole)) or "0") + rest.ljust(digits, "0")
    return Money(int(minor), currency) if len(minor) <= _MOST_DIGITS else None


def _grouped(whole: str) -> bool:
    """Whether the digits before the decimals are plain, or set off in proper groups by one mark."""
    return _GROUPS.fullmatch(whole) is not None
