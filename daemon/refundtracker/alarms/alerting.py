"""Which alarms are new, last or are over, and which of them a channel has to tell now. Pure.

Every channel keeps its own book: one that fails is told everything later, and holds up no other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from refundtracker.alarms.rules import PATIENCE, Alarm, parting
from refundtracker.records import AlarmRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from refundtracker.alarms.rules import Facts, Key

What = Literal["new", "again", "over"]

# A reminder that goes out anyway takes along those that are due within half of the time between two.
_ALONG: Final = 0.5


@dataclass(frozen=True, slots=True)
class Item:
    """One alarm in one message.

    Attributes:
        what: it is `new`, it is so `again` (still), or it is `over`.
        alarm: what is or was wrong.
    """

    what: What
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What one message of alarms tells.

    Attributes:
        items: what is new first, then what lasts, then what is over.
        doubtful: the moment of a former message that may have come twice, or never; None as a rule.
    """

    items: tuple[Item, ...]
    doubtful: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.items)

    @property
    def lasting(self) -> tuple[Key, ...]:
        """What is wrong still."""
        return tuple(item.alarm.key for item in self.items if item.what != "over")

    @property
    def over(self) -> tuple[Key, ...]:
        """What is wrong no more."""
        return tuple(item.alarm.key for item in self.items if item.what == "over")


def compare(found: Iterable[Alarm], stored: Sequence[AlarmRow], facts: Facts) -> list[AlarmRow]:
    """The rows to write: what is raised, said in other words, or over. What is as it was is left out.

    An alarm that lasts keeps the moment since when it is so. One that is back before every channel
    told that it was over goes on as if it had never gone.

    Args:
        found: what is wrong now.
        stored: what is remembered.
        facts: what `found` rests on.
    """
    before = {row.alarm.key: row for row in stored}
    rows = []
    for alarm in found:
        row = before.pop(alarm.key, None)
        fresh = _going_on(row, alarm) if row else AlarmRow(alarm, facts.now)
        if fresh != row:
            rows.append(fresh)
    gone = (row for row in before.values() if row.over_at is None)
    return rows + [AlarmRow(parting(row.alarm, facts), row.raised_at, facts.now) for row in gone]


def _going_on(row: AlarmRow, alarm: Alarm) -> AlarmRow:
    return AlarmRow(replace(alarm, since=row.alarm.since), row.raised_at)


def news(
    stored: Sequence[AlarmRow], told: Mapping[Key, datetime], now: datetime, repeat: timedelta
) -> Bulletin:
    """What one channel has to tell now; nothing when it has told everything.

    Args:
        stored: every alarm that is remembered.
        told: when this channel told of each one last.
        now: the moment of telling.
        repeat: how long after it was told an alarm is told again while it lasts.
    """
    raised = [row for row in stored if row.over_at is None]
    new = [row for row in raised if row.alarm.key not in told and _is_ripe(row, now)]
    over = [row for row in stored if row.over_at is not None and row.alarm.key in told]
    lasting = [row for row in raised if row.alarm.key in told]
    due = [row for row in lasting if _is_older(told[row.alarm.key], now, repeat)]
    if new or over or due:
        due = [row for row in lasting if _is_older(told[row.alarm.key], now, repeat * _ALONG)]
    groups: tuple[tuple[What, list[AlarmRow]], ...] = (("new", new), ("again", due), ("over", over))
    return Bulletin(tuple(Item(what, row.alarm) for what, rows in groups for row in rows))


def _is_ripe(row: AlarmRow, now: datetime) -> bool:
    """Whether it has lasted long enough; a clock that was set back makes nobody wait for ever."""
    patience = PATIENCE.get(row.alarm.kind, timedelta(0))
    return _is_older(row.raised_at, now, patience)


def _is_older(moment: datetime, now: datetime, age: timedelta) -> bool:
    # What lies in the future was noted before the clock was set back.
    return now - moment >= age or moment - now > timedelta(hours=1)


# --- a bulletin that waits in the outbox --------------------------------------------------------------


def packed(bulletin: Bulletin) -> str:
    """The bulletin as text, so that a second attempt tells the very same."""
    items = [
        {
            "what": item.what,
            "kind": item.alarm.kind,
            "subject": item.alarm.subject,
            "values": item.alarm.values,
            "severity": item.alarm.severity,
            "since": item.alarm.since.isoformat(),
        }
        for item in bulletin.items
    ]
    doubtful = bulletin.doubtful.isoformat() if bulletin.doubtful else None
    return json.dumps({"items": items, "doubtful": doubtful}, ensure_ascii=False)


def unpacked(text: str) -> Bulletin:
    """The bulletin of a text that `packed` made."""
    data = json.loads(text)
    items = tuple(
        Item(
            each["what"],
            Alarm(
                each["kind"],
                each["subject"],
                each["values"],
                each["severity"],
                datetime.fromisoformat(each["since"]),
            ),
        )
        for each in data["items"]
    )
    doubtful = data["doubtful"]
    return Bulletin(items, datetime.fromisoformat(doubtful) if doubtful else None)
