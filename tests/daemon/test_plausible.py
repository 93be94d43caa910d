"""Sums in other currencies: what is plausible, and what nobody can say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.money import Money
from refundtracker.linking import rates
from refundtracker.linking.plausible import WIDEST, at_rate, band

DAY = date(2026, 5, 12)


@pytest.mark.parametrize(("days", "percent"), [(0, 6.5), (10, 6.5), (20, 6.5), (60, 10.2), (120, 13.8)])
def test_the_band_grows_with_the_days(days: int, percent: float) -> None:
    assert round(band(days) * 100, 1) == percent


@given(st.integers(0, 5000))
def test_the_band_has_an_end(days: int) -> None:
    assert band(days) <= WIDEST


def test_a_rate_is_that_of_the_day() -> None:
    """1,467 won for a dollar, by the file of the European Central Bank."""
    known = at_rate(Money(1000, "USD"), "KRW", DAY, DAY)

    assert known is not None
    assert known.day == DAY
    assert 14_000 < known.money.minor < 15_500


def test_behind_the_end_of_the_file_the_last_rate_is_used_and_its_age_widens_the_band() -> None:
    newest = rates.newest()
    late = newest + timedelta(days=90)
    known = at_rate(Money(1000, "USD"), "KRW", late, late)

    assert known is not None
    assert (known.day, known.share) == (newest, band(90))


@pytest.mark.parametrize(
    ("currency", "day"),
    [("RUB", DAY), ("XXX", DAY), ("KRW", date(2040, 1, 1)), ("KRW", date(1990, 1, 1)), ("KRW", date.max)],
    ids=["rouble", "unknown", "far ahead", "before", "the end of time"],
)
def test_without_a_rate_nothing_is_guessed(currency: str, day: date) -> None:
    assert at_rate(Money(1000, "USD"), currency, day, day) is None
