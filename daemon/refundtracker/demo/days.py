"""Days counted back from the day of the demo, in the calendar that the daemon counts in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import count, islice
from typing import Final
from zoneinfo import ZoneInfo

from refundtracker.calendars import calendar_of

COUNTRY: Final = "KR"
ZONE: Final = ZoneInfo("Asia/Seoul")


def business_days_ago(today: date, number: int) -> date:
    """The business day after which exactly `number` others have begun until today."""
    calendar = calendar_of(COUNTRY)
    back = (today - timedelta(days) for days in count())
    return next(islice((day for day in back if calendar.is_business_day(day)), number, None))


def business_day_after(start: date, number: int) -> date:
    """Business day `number` after a day, which itself does not count."""
    return calendar_of(COUNTRY).nth_after(start, number)


def at(day: date, clock: str, *, before: int = 0) -> datetime:
    """A moment such as `13:20`, on the day or some calendar days before it."""
    return datetime.combine(day - timedelta(before), time.fromisoformat(clock), ZONE)
