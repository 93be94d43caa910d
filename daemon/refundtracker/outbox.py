"""What was sent: each slot of each kind once, with the same Message-ID however often it is tried."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.kinds import DAY_WORDS

if TYPE_CHECKING:
    from datetime import tzinfo

    from refundtracker.config import SummaryPlan

WEEKLY: Final = "weekly"


def last_due(plan: SummaryPlan, zone: tzinfo, now: datetime) -> datetime:
    """The newest moment at or before `now` at which a summary is due, UTC offset of the zone."""
    local = now.astimezone(zone)
    back = (local.weekday() - DAY_WORDS.index(plan.day)) % 7
    due = datetime.combine(local.date() - timedelta(days=back), plan.time, tzinfo=zone)
    return due if due <= now else datetime.combine(due.date() - timedelta(days=7), plan.time, tzinfo=zone)


def slot_of(due: datetime) -> str:
    """The name of the slot: the ISO week of its local day, `2026-W53`."""
    year, week, _ = due.date().isocalendar()
    return f"{year}-W{week:02d}"
