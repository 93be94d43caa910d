"""When a summary is due: once each ISO week, whatever the clocks of the zone do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker.config import SummaryPlan
from refundtracker.jobs.outbox import last_due, slot_of
from refundtracker.kinds import DAY_WORDS

# Without summer time, with it, south of the equator, and one that moves by half an hour.
ZONES = ("Asia/Seoul", "Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "UTC")
HOUR = timedelta(hours=1)


def plan(day: str = "monday", at: time = time(8)) -> SummaryPlan:
    return SummaryPlan(to="me@shop.test", day=day, time=at)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(2, 30), time(23, 59)])
def test_each_week_of_two_years_has_one_slot(zone: str, at: time) -> None:
    """Looked at every other hour, two years have 105 slots in a row; 2026 has a week 53."""
    moment, end = utc("2026-01-05T00:00"), utc("2028-01-03T00:00")
    slots: list[str] = []
    while moment < end:
        slot = slot_of(last_due(plan("wednesday", at), ZoneInfo(zone), moment))
        if slot not in slots[-1:]:
            slots.append(slot)
        moment += 2 * HOUR

    assert slots == sorted(set(slots))
    assert len(slots) == 105
    assert {"2026-W52", "2026-W53", "2027-W01"} <= set(slots)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-29T22:00", "2026-03-23T07:00"),  # Sunday: the clocks went forward that night
        ("2026-03-30T05:59", "2026-03-23T07:00"),
        ("2026-03-30T06:00", "2026-03-30T06:00"),  # Monday 08:00 comes an hour sooner
        ("2026-10-26T06:59", "2026-10-19T06:00"),
        ("2026-10-26T07:00", "2026-10-26T07:00"),
    ],
)
def test_eight_in_the_morning_is_local(now: str, due: str) -> None:
    assert last_due(plan(), ZoneInfo("Europe/Berlin"), utc(now)) == utc(due)


def test_an_hour_that_the_clocks_skip_is_not_lost() -> None:
    """On 2026-03-29 in Berlin there is no half past two."""
    due = last_due(plan("sunday", time(2, 30)), ZoneInfo("Europe/Berlin"), utc("2026-03-29T12:00"))

    assert slot_of(due) == "2026-W13"


def test_an_hour_that_comes_twice_is_one_slot() -> None:
    """On 2026-10-25 in Berlin half past two comes at 00:30 and at 01:30 UTC."""
    zone, sunday = ZoneInfo("Europe/Berlin"), plan("sunday", time(2, 30))
    before, first, second = (
        slot_of(last_due(sunday, zone, utc(f"2026-10-25T{at}"))) for at in ("00:29", "00:30", "01:30")
    )

    assert (before, first, second) == ("2026-W42", "2026-W43", "2026-W43")


@pytest.mark.parametrize(
    ("day", "slot"),
    [("2026-12-31", "2026-W53"), ("2027-01-01", "2026-W53"), ("2027-01-04", "2027-W01")],
)
def test_the_name_of_a_slot_is_the_iso_week(day: str, slot: str) -> None:
    assert slot_of(datetime.combine(date.fromisoformat(day), time(8), UTC)) == slot


@given(
    seconds=st.integers(min_value=0, max_value=2_000_000_000),
    day=st.sampled_from(DAY_WORDS),
    at=st.times(),
    zone=st.sampled_from(ZONES),
)
def test_the_newest_moment_is_past_and_on_its_day(seconds: int, day: str, at: time, zone: str) -> None:
    moment = utc("2000-01-01T00:00") + timedelta(seconds=seconds)
    due = last_due(plan(day, at.replace(microsecond=0)), ZoneInfo(zone), moment)

    assert DAY_WORDS[due.weekday()] == day
    assert timedelta(0) <= moment - due.astimezone(UTC) < timedelta(days=7, hours=2)
