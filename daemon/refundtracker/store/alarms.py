"""What the store remembers of alarms: what is wrong, and which channel told of it last."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refundtracker.alarms.rules import Alarm
from refundtracker.records import AlarmRow
from refundtracker.store import database
from refundtracker.store import queries as sql
from refundtracker.store.rows import clean, clean_value, moment, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from refundtracker.alarms.rules import Key
    from refundtracker.store.rows import Row, Stored


@dataclass(frozen=True, slots=True)
class Message:
    """The row of the outbox that told some alarms.

    Attributes:
        kind: of the row.
        slot: of the row.
        confirmed: whether the server took it; else it was given up.
    """

    kind: str
    slot: str
    confirmed: bool


class Alarms(database.Session):
    """The part of the store that knows what is wrong."""

    def alarms(self) -> list[AlarmRow]:
        """Every alarm that is remembered, the urgent first; also those that are over and not yet told so."""
        with self._reading():
            return [alarm_of(row) for row in self._rows(sql.ALARMS)]

    def open_alarms(self) -> list[AlarmRow]:
        """What is wrong now, the urgent first, the oldest first among them."""
        with self._reading():
            return [alarm_of(row) for row in self._rows(sql.OPEN_ALARMS)]

    def write_alarms(self, rows: Iterable[AlarmRow]) -> None:
        """Puts these alarms in the place of those with the same key."""
        values = [clean(_alarm_row(row)) for row in rows]
        with self._writing() as db:
            db.table("alarm").upsert_all(values, pk=("kind", "subject"))
            db.execute(sql.PURGE_ALARMS)

    def told(self, channel: str) -> dict[Key, datetime]:
        """When a channel told of each alarm last; those it never told of are missing."""
        with self._reading():
            rows = self._rows(sql.TOLD, channel)
            return {(row["kind"], row["subject"]): _known_moment(row["told_at"]) for row in rows}

    def note_told(
        self,
        channel: str,
        lasting: Iterable[Key],
        over: Iterable[Key],
        now: datetime,
        message: Message | None = None,
    ) -> None:
        """A channel has told what lasts and what is over; what is over for every channel is forgotten.

        Args:
            channel: its name.
            lasting: what it told of as being wrong.
            over: what it told of as being over.
            now: the moment.
            message: the outbox row that told it, settled in the same transaction.
        """
        with self._writing() as db:
            if message:
                query = sql.SENT if message.confirmed else sql.GIVEN_UP
                db.execute(query, [moment(now), clean_value(message.kind), message.slot])
            known = {alarm_of(row).alarm.key for row in self._rows(sql.ALARMS)}
            told = [_told_row(channel, key, now) for key in lasting if key in known]
            db.table("alarm_told").upsert_all(told, pk=("channel", "kind", "subject"))
            for kind, subject in over:
                where = "channel = ? AND kind = ? AND subject = ?"
                db.table("alarm_told").delete_where(where, [clean_value(channel), kind, clean_value(subject)])
            db.execute(sql.PURGE_ALARMS)

    def keep_channels(self, channels: Iterable[str]) -> None:
        """Forgets what channels told that are not used any more."""
        with self._writing() as db:
            db.execute(sql.OTHER_CHANNELS, [json.dumps(list(channels))])
            db.execute(sql.PURGE_ALARMS)

    def note(self, key: str, value: str) -> None:
        """Keeps one text of the service, such as the day of the last backup."""
        with self._writing() as db:
            db.table("meta").upsert(clean({"key": key, "value": value}), pk="key")

    def noted(self, key: str) -> str | None:
        """The text that was kept last under this key."""
        with self._reading():
            row = self._row(sql.NOTED, key)
            return str(row["value"]) if row else None

    def latest_mail(self) -> datetime | None:
        """When a mail of a sender we follow was recorded last."""
        with self._reading():
            return moment_of(self._rows(sql.LATEST)[0][0])


def alarm_of(row: Stored) -> AlarmRow:
    """The alarm of a row of the table `alarm`."""
    alarm = Alarm(
        row["kind"], row["subject"], json.loads(row["details"]), row["severity"], _known_moment(row["since"])
    )
    return AlarmRow(alarm, _known_moment(row["raised_at"]), moment_of(row["over_at"]))


def _known_moment(text: str) -> datetime:
    known = moment_of(text)
    if known is None:
        raise ValueError("a moment is missing")
    return known


def _alarm_row(row: AlarmRow) -> Row:
    alarm = row.alarm
    return {
        "kind": alarm.kind,
        "subject": alarm.subject,
        "severity": alarm.severity,
        "details": json.dumps(alarm.values, ensure_ascii=False, sort_keys=True),
        "since": moment(alarm.since),
        "raised_at": moment(row.raised_at),
        "over_at": moment(row.over_at),
    }


def _told_row(channel: str, key: Key, now: datetime) -> Row:
    kind, subject = key
    return clean({"channel": channel, "kind": kind, "subject": subject, "told_at": moment(now)})
