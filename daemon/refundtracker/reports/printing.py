"""Money, days and names as people write them, and foreign text that may stand beside them.

Babel is loaded by the first call.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from refundparsers.money import exponent
from refundtracker.words import one_line

if TYPE_CHECKING:
    from datetime import date

    from refundparsers.money import Money
    from refundtracker.words import Lang

# English of the world: the day before the month, and US$ where a bare $ could be any of twenty.
_LOCALES: Final = {"en": "en_001", "ko": "ko"}
# Mail programs make a link of what looks like a host; a seller's title must not become one.
_HOST_DOT: Final = re.compile(r"(?<=\w)\.(?=[^\W\d_])")


def printed(money: Money, lang: Lang) -> str:
    """Money as people write it: `US$5.20`, `₩7,000` (`7,000원` in Korean), `CHF 5.00`. Never rounded.

    Babel knows the symbols. Its numbers are not used: it prints a currency with the digits of cash
    in shops, which cuts the dinar. Both languages write 1,234.56.
    """
    from babel.numbers import get_currency_symbol

    sign = "-" if money.minor < 0 else ""
    digits = exponent(money.currency)
    whole, rest = divmod(abs(money.minor), 10**digits)
    amount = f"{whole:,}.{rest:0{digits}d}" if digits else f"{whole:,}"
    if (lang, money.currency) == ("ko", "KRW"):
        return f"{sign}{amount}원"
    symbol = get_currency_symbol(money.currency, _LOCALES[lang])
    gap = "\u00a0" if symbol[-1:].isalpha() else ""
    return f"{sign}{symbol}{gap}{amount}"


def short_day(day: date, today: date, lang: Lang) -> str:
    """`12 May`, `5월 12일`; with the year only when it is not today's."""
    from babel.dates import format_skeleton

    return format_skeleton("MMMd" if day.year == today.year else "yMMMd", day, locale=_LOCALES[lang])


def full_day(day: date, lang: Lang) -> str:
    """`Tuesday, 12 May 2026`, `2026년 5월 12일 화요일`."""
    from babel.dates import format_date

    return format_date(day, "full", locale=_LOCALES[lang])


def country_name(code: str, lang: Lang) -> str:
    """`South Korea`, `대한민국`; the code itself when it is no country's."""
    from babel import Locale

    return str(Locale.parse(_LOCALES[lang]).territories.get(code, code))


def foreign(text: str | None, limit: int = 70) -> str:
    """Text of a mail: one line, cut to `limit`, and nothing in it that becomes a link."""
    return _HOST_DOT.sub("[.]", one_line(text or "", limit).replace("://", "[:]//"))
