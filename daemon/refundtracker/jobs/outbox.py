"""What was sent: each slot of each kind once, with the same Message-ID however often it is tried."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.errors import TrackerError
from refundtracker.kinds import DAY_WORDS
from refundtracker.reports.smtp import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from refundtracker.config import SummaryPlan
    from refundtracker.records import OutboxRow
    from refundtracker.store import Store

    # Sends one message; calls what it is given once, just before the message leaves.
    Sending = Callable[[Callable[[], None]], None]

WEEKLY: Final = "weekly"
# SMTP leaves a gap: who does not hear the answer to a mail cannot know whether it was delivered.
# One more attempt with the same Message-ID is better than a lost mail; a third would be a nuisance.
MOST_IN_DOUBT: Final = 2


def attempt(store: Store, row: OutboxRow, now: datetime, send: Sending) -> bool:
    """One attempt to send a reserved message; in doubt from the last moment before it leaves.

    `mark_sent` follows it. A process that is killed between the two leaves the attempt in doubt, as
    does an answer that is not heard. After two such attempts nothing is sent any more, and the slot
    is to be settled.

    Args:
        store: open for writing.
        row: the reserved message, as it is now.
        now: the moment.
        send: hands the message over, and calls its argument when nothing can fail any more before
            the message leaves.

    Returns:
        Whether it was sent; False when it is to be given up instead.

    Raises:
        TrackerError: what `send` raised, noted. `DiskTrouble`, also when the attempt could not be
            noted; then nothing was sent.
    """
    if row.unsure >= MOST_IN_DOUBT:
        return False
    store.mark_tried(row.kind, row.slot, now)
    leaving = _Leaving(store, row)
    try:
        send(leaving)
    except Ambiguous as error:
        store.note_error(row.kind, row.slot, str(error))
        raise
    except TrackerError as error:
        note = store.mark_failed if leaving.noted else store.note_error
        note(row.kind, row.slot, str(error))
        raise
    return True


class _Leaving:
    """Notes the attempt when the message leaves.

    Attributes:
        noted: whether it was about to.
    """

    def __init__(self, store: Store, row: OutboxRow) -> None:
        self._store, self._row = store, row
        self.noted = False

    def __call__(self) -> None:
        self._store.mark_leaving(self._row.kind, self._row.slot)
        self.noted = True


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
