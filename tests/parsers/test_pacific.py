"""The shop prints the time of California; the reader lives, and counts days, elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from refundparsers.assembly import Moment, assemble
from refundparsers.forms import Form, read_forms

SEOUL = ZoneInfo("Asia/Seoul")


def form(source: str) -> Form:
    (made,) = read_forms(
        "x.toml",
        {
            "form": [
                {
                    "name": "x",
                    "kind": "dispute-finished" if source == "aliexpress" else "card-cancelled",
                    "source": source,
                    "evidence": "guess",
                    "zone": "America/Los_Angeles",
                    "text": "Finished {on} {time}",
                }
            ]
        },
    )
    return made


@pytest.mark.parametrize(
    ("on", "time", "moment", "day"),
    [
        # summer: 23:59 is 15:59 of the next day in Seoul; winter: 16:59
        ("2026-05-12", "23:59", datetime(2026, 5, 13, 6, 59, tzinfo=UTC), date(2026, 5, 13)),
        ("2026-01-12", "23:59", datetime(2026, 1, 13, 7, 59, tzinfo=UTC), date(2026, 1, 13)),
        ("2026-05-12", "07:59", datetime(2026, 5, 12, 14, 59, tzinfo=UTC), date(2026, 5, 12)),
        ("2026-05-12", "08:00", datetime(2026, 5, 12, 15, 0, tzinfo=UTC), date(2026, 5, 13)),
    ],
)
def test_a_pacific_time_may_be_the_next_day_in_seoul(on: str, time: str, moment: datetime, day: date) -> None:
    sent = Moment(moment, SEOUL)
    notice = assemble(form("aliexpress"), {"on": (on,), "time": (time,)}, sent)

    assert (notice.at, notice.on) == (moment, day)


def test_the_day_of_a_card_is_the_day_it_prints() -> None:
    """A bank books on its own day, whatever the reader's calendar shows."""
    sent = Moment(datetime(2026, 5, 13, 6, 59, tzinfo=UTC), SEOUL)
    notice = assemble(form("card"), {"on": ("2026-05-12",), "time": ("23:59",)}, sent)

    assert notice.on == date(2026, 5, 12)
