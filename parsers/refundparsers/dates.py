"""Days and times as they are printed, and the year that nobody prints."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import tzinfo

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
    for name in (names,)
}
_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
# A day of a date that may be glued to the digits before it has exactly two digits.
_MD: Final = (
    r"(?:0[1-9]|1[0-2])[/.](?:0[1-9]|[12]\d|3[01])|\b[1-9][/.](?:0[1-9]|[12]\d|3[01])"
    r"|\b(?:0?[1-9]|1[0-2])[/.][1-9]\b"
)
_KOREAN: Final = r"(?:20\d\d년\s*\d{1,2}|(?:0[1-9]|1[0-2])|\b[1-9])월\s*\d{1,2}일"
_ISO: Final = r"\b20\d\d[-/.]\s?\d{1,2}[-/.]\s?\d{1,2}\b\.?"
_NAMED: Final = rf"\b{_MONTH}\s*\d{{1,2}}\s*,?\s*20\d\d|\b\d{{1,2}}[\s-]*{_MONTH}[\s-]*(?:20)?\d\d\b"
_DMY: Final = r"\b(?:0?[1-9]|[12]\d|3[01])[/.](?:0?[1-9]|1[0-2])[/.](?:20)?\d\d\b"

#: Patterns of the date slots by variant. `dmy` is for issuers known to print the day first.
DATES: Final = {"": rf"(?:{_ISO}|{_KOREAN}|{_NAMED}|{_MD})", "dmy": rf"(?:{_DMY})"}
TIME: Final = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"


def parse_day(printed: str, mailed_on: date | None, variant: str = "", *, ahead: bool = False) -> date | None:
    """A printed day; a missing year is the one that puts it at or just before the mail's day.

    With `ahead` (deadlines) it is the first such day at or after the mail's. Returns None for a day
    that does not exist, or without a year when the mail's day is unknown.
    """
    numbers = [int(n) for n in re.findall(r"\d+", printed)]
    name = re.search(r"[A-Za-z]{3}", printed)
    if name:
        return _named(numbers, _MONTHS.get(name[0].lower()), day_first=printed[:1].isdigit())
    if len(numbers) == 3:
        year, month, day = numbers[::-1] if variant == "dmy" else numbers
        if year < 1000 and variant != "dmy":
            return None  # only a year of four digits stands first without a doubt
        return _exists(_century(year), month, day)
    if len(numbers) == 2 and mailed_on:
        return _nearest(numbers[0], numbers[1], mailed_on, ahead=ahead)
    return None


def _named(numbers: list[int], month: int | None, *, day_first: bool) -> date | None:
    if len(numbers) != 2 or month is None:
        return None
    day, year = numbers
    return _exists(_century(year), month, day) if day_first or day <= 31 else None


def _century(year: int) -> int:
    return year + 2000 if year < 100 else year


def _exists(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(month: int, day: int, mailed_on: date, *, ahead: bool) -> date | None:
    """The nearest such day before the mail, or after it; a day's slack is for other zones."""
    years = (
        range(mailed_on.year - 1, mailed_on.year + 9)
        if ahead
        else range(mailed_on.year + 1, mailed_on.year - 9, -1)
    )
    slack = timedelta(days=1)
    for year in years:
        found = _exists(year, month, day)
        if found and (found >= mailed_on - slack if ahead else found <= mailed_on + slack):
            return found
    return None


def parse_time(printed: str) -> time | None:
    """`13:24` or `13:24:05`."""
    try:
        return time.fromisoformat(printed.strip().zfill(len(printed.strip()) + (printed.strip()[1:2] == ":")))
    except ValueError:
        return None


def moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """The moment in UTC at which a clock in the zone shows the day and time."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def local_day(at: datetime, zone: tzinfo) -> date:
    """The day a calendar in the zone shows at the moment."""
    return at.astimezone(zone).date()
