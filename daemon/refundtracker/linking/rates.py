"""Exchange rates of the European Central Bank, from the file that CurrencyConverter ships; no network.

The only import of `currency_converter`, made when the first two currencies have to be compared.
Rates decide what is plausible, never a sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    class _Converter(Protocol):
        """What we use of the library, typed."""

        bounds: dict[str, tuple[date, date]]

        def convert(self, amount: int, currency: str, new_currency: str, *, date: date) -> float: ...


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency was worth in another.

    Attributes:
        value: units of the other currency; for comparing only.
        day: whose rate it is; earlier than asked on weekends and behind the end of the file.
    """

    value: float
    day: date


# Older orders do not exist: the shop opened in 2010. Half of the file is half of the memory.
_FIRST_YEAR: Final = "2010"
# Behind the end of the file the last rate is used that long; a currency that was dropped (the
# rouble, March 2022) must not be guessed for ever.
OLDEST: Final = timedelta(days=120)


@lru_cache(maxsize=65536)
def rate(base: str, quote: str, day: date) -> Rate | None:
    """Units of `quote` for one `base` on a day, or on the last day before it that has a rate.

    Args:
        base: ISO 4217 code of what is given.
        quote: ISO 4217 code of what is wanted.
        day: any day.

    Returns:
        None when the file does not know a currency, or ends more than `OLDEST` before the day.
    """
    bounds = _converter().bounds
    if base not in bounds or quote not in bounds:
        return None
    first = max(bounds[base][0], bounds[quote][0])
    last = min(bounds[base][1], bounds[quote][1])
    used = min(day, last)
    if used < first or day - used > OLDEST:
        return None
    return Rate(float(_converter().convert(1, base, quote, date=used)), used)


def newest() -> date:
    """The last day of the file."""
    return _converter().bounds["EUR"][1]


@cache
def _converter() -> _Converter:
    from currency_converter import CurrencyConverter

    # The default would draw a line to the next known rate, which is one from the future.
    made = CurrencyConverter(
        currency_file=None, fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known"
    )
    made.load_lines(_recent_lines())
    converter: _Converter = made
    return converter


def _recent_lines() -> Iterator[str]:
    """The heading of the file and the days since the shop exists."""
    from pathlib import Path

    from currency_converter import CURRENCY_FILE
    from currency_converter.currency_converter import get_lines_from_zip

    lines = iter(get_lines_from_zip(Path(CURRENCY_FILE).read_bytes()))
    yield next(lines)
    yield from (line for line in lines if line >= _FIRST_YEAR)
