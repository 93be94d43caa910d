"""Business days by country, as the `holidays` package knows them.

Public and bank holidays count as off, substitute and decreed days among them, make-up workdays as
on. The package is imported with the first calendar, never with this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from refundtracker.holidaytable import country_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holidays.holiday_base import HolidayBase

Days = frozenset[date]
NO_DAYS: Final[Days] = frozenset()
WEEKEND: Final = "weekend"
DAY_OFF: Final = "day off"


@dataclass(frozen=True, slots=True)
class Counted:
    """One day of a count, as `refunds why` shows it.

    Attributes:
        day: the local date.
        n: which business day it is, from 1; None when it does not count.
        why: why it does not count: the name of the holiday, `WEEKEND` or `DAY_OFF`; None when it counts.
    """

    day: date
    n: int | None
    why: str | None


@dataclass(frozen=True, slots=True)
class _Year:
    """One year, counted through.

    Attributes:
        first: ordinal of 1 January.
        rank: how many business days the first k days of the year hold, k from 0.
        ahead: the business days of this year and of the next one, in order.
    """

    first: int
    rank: tuple[int, ...]
    ahead: tuple[date, ...]


class Calendar:
    """The business days of one country; each year is counted once, then an answer is two look-ups."""

    __slots__ = ("_off", "_on", "_years", "country")

    def __init__(self, country: str, days_off: Days = NO_DAYS, days_on: Days = NO_DAYS) -> None:
        """Find the table of a country (two letters); the user's days overrule it.

        Raises:
            ValueError: the table does not know the country, or a date is both off and on.
        """
        self.country = _known(country)
        if both := days_off & days_on:
            listed = ", ".join(day.isoformat() for day in sorted(both))
            raise ValueError(f"{listed}: both a day off and a day on; keep it in one of the two lists.")
        self._off = days_off
        self._on = days_on
        self._years: dict[int, _Year] = {}

    @property
    def version(self) -> str:
        """Name and version of the holiday table, such as "holidays 0.109"."""
        from holidays.version import __version__

        return f"holidays {__version__}"

    @property
    def ends_on(self) -> date:
        """The last day for which the table can be complete (`_last_good_year`); later dates are estimates.

        Holidays fixed by law still count after it, as far as the table goes; then only weekends do.
        """
        return date(_last_good_year(self.country), 12, 31)

    def is_business_day(self, day: date) -> bool:
        """Whether banks work on that local date."""
        year = self._year(day.year)
        at = day.toordinal() - year.first
        return year.rank[at] < year.rank[at + 1]

    def nth_after(self, start: date, n: int) -> date:
        """Business day number `n` after `start`, which itself does not count.

        A count that runs past the year 9999 gives `date.max`: mail may claim any date.

        Raises:
            ValueError: `n` is below 1.
        """
        if n < 1:
            raise ValueError(f"Business days are counted from 1, not from {n}.")
        year = self._years.get(start.year) or self._year(start.year)
        index = year.rank[start.toordinal() - year.first + 1] + n - 1
        return year.ahead[index] if index < len(year.ahead) else self._far(start.year, index)

    def count(self, start: date, until: date) -> int:
        """How many business days lie after `start`, up to and on `until`; 0 when none or turned round."""
        if until <= start:
            return 0
        between = sum(self._year(year).rank[-1] for year in range(start.year, until.year))
        return between + self._rank(until) - self._rank(start)

    def days(self, start: date, until: date, *, language: str = "en") -> tuple[Counted, ...]:
        """Every day after `start` up to `until`, numbered or with the reason why it does not count.

        Names of holidays come in `language` (two letters) where the table has
        them, else in English, else as the country writes them.
        """
        counted = []
        n = 0
        for day in map(date.fromordinal, range(start.toordinal() + 1, until.toordinal() + 1)):
            if self.is_business_day(day):
                n += 1
                counted.append(Counted(day, n, None))
            else:
                counted.append(Counted(day, None, self._reason(day, language)))
        return tuple(counted)

    def _reason(self, day: date, language: str) -> str:
        table = _table(self.country, day.year, _spoken(self.country, language))
        return str(table.get(day) or (WEEKEND if table.is_weekend(day) else DAY_OFF))

    def _rank(self, day: date) -> int:
        year = self._year(day.year)
        return year.rank[day.toordinal() - year.first + 1]

    def _far(self, year: int, index: int) -> date:
        """Follow an index that points behind the year after `year`."""
        while year < date.max.year:
            index -= self._year(year).rank[-1]
            year += 1
            if index < len(ahead := self._year(year).ahead):
                return ahead[index]
        return date.max

    def _year(self, number: int) -> _Year:
        if number not in self._years:
            own = self._business_days(number)
            following = self._business_days(number + 1) if number < date.max.year else ()
            is_open = frozenset(own)
            rank = accumulate((day in is_open for day in _days_of(number)), initial=0)
            self._years[number] = _Year(date(number, 1, 1).toordinal(), tuple(rank), own + following)
        return self._years[number]

    def _business_days(self, number: int) -> tuple[date, ...]:
        added = {day for day in self._on if day.year == number}
        return tuple(sorted((added | _business_days(self.country, number)) - self._off))


@lru_cache(maxsize=32)
def calendar_of(country: str, days_off: Days = NO_DAYS, days_on: Days = NO_DAYS) -> Calendar:
    """A `Calendar` that is kept, so that a list of disputes counts each year once."""
    return Calendar(country, days_off, days_on)


def has_table(country: str) -> bool:
    """Whether there is a table of holidays for these two letters."""
    return len(country) == 2 and country_table(country.upper()) is not None


def nth_in_both(one: Calendar, other: Calendar, start: date, n: int) -> date:
    """Day number `n` after `start` on which the banks of both countries work.

    A count that runs past the year 9999 gives `date.max`.

    Raises:
        ValueError: `n` is below 1.
    """
    day = one.nth_after(start, n)
    while day < date.max and (lacking := n - _shared(one, other, start, day)) > 0:
        day = one.nth_after(day, lacking)
    return day


def _shared(one: Calendar, other: Calendar, start: date, until: date) -> int:
    days = map(date.fromordinal, range(start.toordinal() + 1, until.toordinal() + 1))
    return sum(one.is_business_day(day) and other.is_business_day(day) for day in days)


def _days_of(year: int) -> Iterator[date]:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return map(date.fromordinal, range(first, last + 1))


@cache
def _known(country: str) -> str:
    """The country's own two letters ("GB" for "uk")."""
    table = country_table(country.upper()) if len(country) == 2 else None
    if table is None:
        raise ValueError(
            f'No holiday table for the country "{country}"; use the two letters of ISO 3166, '
            f'such as "KR", "DE" or "BR", in [region] country.'
        )
    return str(table.country)


@lru_cache(maxsize=256)
def _table(country: str, year: int, language: str = "en_US") -> HolidayBase:
    """One year of the table: public holidays, and those of banks where they are listed apart.

    The language is always named. Left out, the package would take it from the
    environment, and a daemon and a terminal would show different names.
    """
    table = _of(country)
    categories = tuple(kind for kind in ("public", "bank") if kind in table.supported_categories)
    return table(years=year, categories=categories, language=language)


def _of(country: str) -> type[HolidayBase]:
    table = country_table(country)
    assert table is not None  # `_known` has looked
    return table


@lru_cache(maxsize=256)
def _business_days(country: str, year: int) -> frozenset[date]:
    table = _table(country, year)
    return frozenset(day for day in _days_of(year) if table.is_working_day(day))


@cache
def _spoken(country: str, language: str) -> str:
    """The table's own code for a language, else for English, else for what it has."""
    offered = [str(code) for code in _of(country).supported_languages]
    fitting = [code for wanted in (language, "en") for code in offered if code.split("_")[0] == wanted]
    return [*fitting, *offered, language][0]


@cache
def _last_good_year(country: str) -> int:
    """The last year for which the country's table can be complete.

    Governments decree days about a year ahead, so the answer hangs on the age
    of the table. It carries no date, but China decrees each year's make-up
    workdays in the November before, and that list shows how new the table is.

    - Countries that move workdays by yearly decree: the last year decreed.
    - All others: the year after China's last one.
    - Earlier, when the table itself marks that year's dates as estimated, as it
      does with lunar months that are announced by sight.
    - Never after the year in which the table stops.
    """
    age = _last_decree("CN")
    decreed = _last_decree(country)
    year = decreed if decreed >= age else age + 1
    while year >= age and _has_estimates(country, year):
        year -= 1
    return min(year, int(_table(country, year).end_year))


@cache
def _last_decree(country: str) -> int:
    """The last year whose workdays were moved by decree; 0 where that is not done."""
    # A year holds one day or several: (month, day, name), or, where a workday
    # moves, (to month, to day, from month, from day[, from year])
    decrees = getattr(_table(country, date.min.year), "special_public_holidays", {})
    listed = ((year, days if isinstance(days[0], tuple) else (days,)) for year, days in decrees.items())
    return max((year for year, days in listed if any(len(day) > 3 for day in days)), default=0)


def _has_estimates(country: str, year: int) -> bool:
    language = _of(country).default_language or "en_US"
    table = _table(country, year, language)
    mark = getattr(table, "estimated_label", "").replace("%s", "").strip()
    return bool(mark) and any(mark in name for name in table.values())
