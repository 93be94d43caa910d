"""Days as they are printed, and the year that nobody prints."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.dates import local_day, moment, parse_day, parse_time

MAILED = date(2026, 1, 2)


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("01/02", date(2026, 1, 2)),
        ("12/31", date(2025, 12, 31)),
        ("01월28일", date(2025, 1, 28)),
        ("2025년 5월 2일", date(2025, 5, 2)),
        ("2025-12-30", date(2025, 12, 30)),
        ("2025.12.30", date(2025, 12, 30)),
        ("Jul 15,2023", date(2023, 7, 15)),
        ("15 July 2023", date(2023, 7, 15)),
        ("11-Jun-26", date(2026, 6, 11)),
        ("02/29", date(2024, 2, 29)),
    ],
)
def test_printed_days(printed: str, day: date) -> None:
    assert parse_day(printed, MAILED) == day


def test_day_first() -> None:
    assert parse_day("06.03.26", MAILED, "dmy") == date(2026, 3, 6)


@pytest.mark.parametrize("printed", ["13/40", "2026-02-30", "Foo 3,2024", "7"])
def test_days_that_do_not_exist(printed: str) -> None:
    assert parse_day(printed, MAILED) is None


def test_no_year_without_a_mail() -> None:
    assert parse_day("05/12", None) is None


@given(st.dates(date(2016, 1, 1), date(2030, 12, 31)), st.integers(0, 364))
def test_the_year_puts_the_day_at_or_before_the_mail(mailed: date, back: int) -> None:
    """Also across New Year and leap days."""
    day = mailed - timedelta(days=back)

    assert parse_day(f"{day:%m/%d}", mailed) in (day, _next_year(day, mailed))


def _next_year(day: date, mailed: date) -> date | None:
    """The one case in which a day ahead, allowed for other zones, is the nearer one."""
    ahead = mailed + timedelta(days=1)
    return ahead if (ahead.month, ahead.day) == (day.month, day.day) else None


def test_a_deadline_lies_ahead() -> None:
    assert parse_day("01/10", date(2025, 12, 28), ahead=True) == date(2026, 1, 10)


def test_moments() -> None:
    seoul = ZoneInfo("Asia/Seoul")

    assert moment(date(2026, 5, 12), time(8, 30), seoul) == datetime(2026, 5, 11, 23, 30, tzinfo=UTC)
    assert local_day(datetime(2026, 5, 11, 23, 30, tzinfo=UTC), seoul) == date(2026, 5, 12)
    assert parse_time("7:05") == time(7, 5)
    assert parse_time("13:24:05") == time(13, 24, 5)
    assert parse_time("25:00") is None
