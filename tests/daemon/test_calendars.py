"""Business days by country: the days that count, those that do not, and how far a table is to be trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundtracker.calendars import (
    DAY_OFF,
    WEEKEND,
    Calendar,
    Counted,
    calendar_of,
    has_table,
    nth_in_both,
)

if TYPE_CHECKING:
    from holidays.holiday_base import HolidayBase

COUNTRIES = ("KR", "DE", "SA", "CN", "US", "JP", "BR", "AE", "RU", "TH", "HK", "GB")

days = st.dates(date(2019, 1, 1), date(2034, 12, 31))
countries = st.sampled_from(COUNTRIES)
counts = st.integers(1, 60)
some_days = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=12)


@cache
def library(country: str) -> HolidayBase:
    """The package itself, asked the slow way."""
    offered = getattr(holidays, country).supported_categories
    kinds = tuple(kind for kind in ("public", "bank") if kind in offered)
    return holidays.country_holidays(country, categories=kinds, years=range(2018, 2037), language="en_US")


def on(text: str) -> date:
    """A day, given without its year when it is 2026."""
    return date.fromisoformat(text if len(text) == 10 else f"2026-{text}")


# One entry a day, from the day after the start
CHUSEOK_2025 = """
National Foundation Day / weekend / The day preceding Chuseok / Chuseok / The second day of Chuseok
/ Alternative holiday for Chuseok / Hangul Day / 1 / weekend / weekend / 2
"""
SEOLLAL_2026 = """
1 / weekend / weekend / The day preceding Korean New Year / Korean New Year / The second day of
Korean New Year / 2 / 3 / weekend / weekend / 4 / 5 / 6 / 7 / 8 / weekend / Independence Movement
Day / Alternative holiday for Independence Movement Day / 9 / 10
"""
CHUSEOK_2026 = """
1 / The day preceding Chuseok / Chuseok / The second day of Chuseok / weekend / 2 / 3 / 4 / 5 / 6 /
National Foundation Day / weekend / Alternative holiday for National Foundation Day / 7 / 8 / 9 /
Hangul Day / weekend / weekend / 10
"""
MAY_2026 = """
1 / 2 / 3 / weekend / weekend / 4 / 5 / 6 / 7 / 8 / weekend / Buddha's Birthday / Alternative
holiday for Buddha's Birthday / 9 / 10 / 11 / 12 / weekend / weekend / 13 / 14 / Local Election Day
/ 15 / 16 / Memorial Day / weekend / 17 / 18 / 19 / 20
"""


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2025-10-02", CHUSEOK_2025),
        ("2026-02-12", SEOLLAL_2026),
        ("2026-09-22", CHUSEOK_2026),
        ("2026-05-12", MAY_2026),
    ],
)
def test_every_day_of_a_window_is_counted_or_explained(start: str, expected: str) -> None:
    answers = " ".join(expected.split()).split(" / ")
    listed = Calendar("KR").days(on(start), on(start) + timedelta(days=len(answers)))

    assert [str(day.n or day.why) for day in listed] == answers


def test_names_of_holidays_come_in_the_language_asked_for() -> None:
    [chuseok] = Calendar("KR").days(on("09-24"), on("09-25"), language="ko")

    assert chuseok == Counted(on("09-25"), None, "추석")


def test_names_fall_back_to_english() -> None:
    [unity] = Calendar("DE").days(on("10-02"), on("10-03"), language="ko")

    assert unity.why == "German Unity Day"


@pytest.mark.parametrize("day", ["2025-05-01", "2026-05-01"])
def test_labour_day_closes_korean_banks(day: str) -> None:
    """Until 2025 it is in the table of the banks only."""
    assert Calendar("KR").is_business_day(on(day)) is False


def test_decreed_and_special_election_days_count_as_off() -> None:
    calendar = Calendar("KR")

    assert [calendar.is_business_day(on(day)) for day in ("2025-01-27", "2025-06-03")] == [False, False]


def test_saudi_week_ends_on_friday_and_saturday() -> None:
    """From Thursday 2026-06-04 the next business day is Sunday."""
    listed = Calendar("SA").days(on("06-04"), on("06-08"))

    assert [day.n or day.why for day in listed] == [WEEKEND, WEEKEND, 1, 2]


def test_chinese_make_up_workday_counts() -> None:
    """Sunday 2025-09-28 was worked for the week off in October."""
    assert Calendar("CN").is_business_day(on("2025-09-28")) is True


@settings(deadline=None)  # the first of a country loads its table
@given(country=countries, start=days, n=counts)
def test_same_answer_as_the_package(country: str, start: date, n: int) -> None:
    """The table is a faster way to the very dates of `get_nth_working_day`."""
    assert calendar_of(country).nth_after(start, n) == library(country).get_nth_working_day(start, n)


@given(country=countries, start=days, length=st.integers(0, 800))
def test_same_count_as_the_package(country: str, start: date, length: int) -> None:
    end = min(start + timedelta(days=length), date(2035, 12, 31))
    after = start + timedelta(days=1)
    expected = library(country).get_working_days_count(after, end) if end >= after else 0

    assert calendar_of(country).count(start, end) == expected


@given(start=days, n=st.integers(400, 1500))
def test_far_counts_agree_with_short_ones(start: date, n: int) -> None:
    calendar = calendar_of("KR")
    half = calendar.nth_after(start, n // 2)

    assert calendar.nth_after(start, n) == calendar.nth_after(half, n - n // 2)


@given(country=countries, start=days, n=counts, off=some_days, added=some_days)
def test_nth_day_rises_and_counts_back(
    country: str, start: date, n: int, off: frozenset[date], added: frozenset[date]
) -> None:
    calendar = Calendar(country, off - added, added)
    day = calendar.nth_after(start, n)

    assert start < day < calendar.nth_after(start, n + 1)
    assert calendar.is_business_day(day)
    assert calendar.count(start, day) == n


@given(country=countries, start=st.dates(date(2025, 11, 1), date(2026, 12, 31)), n=counts, own=some_days)
def test_days_off_move_dates_later_and_days_on_earlier(
    country: str, start: date, n: int, own: frozenset[date]
) -> None:
    usual = calendar_of(country).nth_after(start, n)

    assert Calendar(country, days_on=own).nth_after(start, n) <= usual
    assert Calendar(country, days_off=own).nth_after(start, n) >= usual


@given(country=countries, start=days, length=st.integers(0, 60))
def test_listed_days_are_complete_and_agree_with_the_count(country: str, start: date, length: int) -> None:
    until = start + timedelta(days=length)
    listed = calendar_of(country).days(start, until)

    assert [day.day for day in listed] == [start + timedelta(days=n) for n in range(1, length + 1)]
    assert [day.n for day in listed if day.n] == list(range(1, calendar_of(country).count(start, until) + 1))
    assert all((day.n is None) != (day.why is None) for day in listed)


def test_own_days_off_and_on_show_in_the_list() -> None:
    calendar = Calendar("KR", frozenset({on("11-10")}), frozenset({on("11-14")}))

    listed = calendar.days(on("11-09"), on("11-15"))

    assert [day.n or day.why for day in listed] == [DAY_OFF, 1, 2, 3, 4, WEEKEND]


def test_a_day_both_off_and_on_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2026-11-10: both a day off and a day on"):
        Calendar("KR", frozenset({on("11-10")}), frozenset({on("11-10")}))


@pytest.mark.parametrize("country", ["ZZ", "Korea", "", "K1", "B3", "MAY", "__", "KR\n", "ﬃ"])
def test_unknown_country_is_named_with_a_way_out(country: str) -> None:
    with pytest.raises(ValueError, match=r"use the two letters of ISO 3166.*\[region\] country") as caught:
        Calendar(country)

    assert f'"{country}"' in str(caught.value)


def test_country_is_known_by_its_own_letters() -> None:
    assert [Calendar(code).country for code in ("kr", "UK", "GB")] == ["KR", "GB", "GB"]


def test_counting_starts_at_one() -> None:
    with pytest.raises(ValueError, match="counted from 1, not from 0"):
        Calendar("KR").nth_after(on("05-12"), 0)


def test_nothing_lies_between_turned_round_dates() -> None:
    assert Calendar("KR").count(on("05-20"), on("05-12")) == 0


def test_beyond_the_table_only_weekends_are_left_out() -> None:
    """The package knows Korea up to 2100; Thursday 2150-01-01 is no holiday any more."""
    listed = Calendar("KR").days(date(2149, 12, 31), date(2150, 1, 5))

    assert [day.n or day.why for day in listed] == [1, 2, WEEKEND, WEEKEND, 3]


def test_the_end_of_time_is_the_last_answer() -> None:
    assert Calendar("KR").nth_after(date(9999, 12, 30), 20) == date.max


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_end_of_the_table_is_a_new_years_eve_near_the_last_chinese_decree(country: str) -> None:
    """No table is trusted further than a year after the newest decree that it holds."""
    age = Calendar("CN").ends_on.year
    end = Calendar(country).ends_on

    assert (end.month, end.day) == (12, 31)
    assert age - 1 <= end.year <= age + 1


def test_no_chinese_workday_is_moved_after_the_end_of_the_table() -> None:
    """Behind the end China has plain weekends only; in its last year it still has make-up days."""
    calendar = Calendar("CN")
    last = calendar.ends_on.year
    worked = [any(map(calendar.is_business_day, weekends(year))) for year in (last, last + 1)]

    assert worked == [True, False]


def weekends(year: int) -> list[date]:
    """All Saturdays and Sundays of a year."""
    every = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
    return [day for day in every if day.weekday() >= 5]


def test_a_year_of_estimated_dates_is_not_trusted() -> None:
    """Lunar holidays announced by sight: within the table's end no date is marked as estimated."""
    end = Calendar("AE").ends_on.year
    known = holidays.country_holidays("AE", years=end, language="en_US")
    later = holidays.country_holidays("AE", years=end + 1, language="en_US")

    assert [name for name in known.values() if "estimated" in name] == []
    assert [name for name in later.values() if "estimated" in name] != []


def run(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    ).stdout.strip()


def test_importing_the_module_does_not_import_the_table() -> None:
    """`refunds list` shows stored dates and must not pay for the holiday package."""
    modules = "refundtracker.windows, refundtracker.calendars"

    assert run(f"import sys, {modules}; print('holidays' in sys.modules)") == "False"


def test_the_environment_does_not_choose_the_language() -> None:
    """A daemon without a locale and a terminal with one show the same names."""
    code = "from refundtracker.calendars import Calendar as C, date as d;"
    code += "print(C('KR').days(d(2026, 9, 24), d(2026, 9, 25))[0].why)"

    assert run(code, LANGUAGE="th") == "Chuseok"


@given(one=countries, other=countries, start=days, n=st.integers(1, 40))
def test_days_of_both_countries_are_days_of_each(one: str, other: str, start: date, n: int) -> None:
    first, second = calendar_of(one), calendar_of(other)
    day = nth_in_both(first, second, start, n)
    between = [start + timedelta(days=ahead) for ahead in range(1, (day - start).days + 1)]

    assert sum(first.is_business_day(each) and second.is_business_day(each) for each in between) == n
    assert first.is_business_day(day)
    assert second.is_business_day(day)
    assert day == nth_in_both(second, first, start, n)


def test_days_of_both_at_the_end_of_time() -> None:
    assert nth_in_both(Calendar("KR"), Calendar("CN"), date(9999, 12, 30), 20) == date.max


@pytest.mark.parametrize(("country", "known"), [("kr", "yes"), ("KR", "yes"), ("zz", "no"), ("", "no")])
def test_which_countries_have_a_table(country: str, known: str) -> None:
    assert has_table(country) is (known == "yes")
