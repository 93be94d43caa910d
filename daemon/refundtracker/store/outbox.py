"""What the store remembers of messages: one row a slot, and how each attempt to send it ended.

An attempt is noted before it is made. Until its end is noted, too, nobody knows whether the
message went out: a process that was killed in between leaves the attempt in doubt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from refundtracker.store import database
from refundtracker.store import queries as sql
from refundtracker.store.rows import clean, clean_value, moment, outbox_of

if TYPE_CHECKING:
    from datetime import datetime

    from refundtracker.records import OutboxRow
    from refundtracker.store.rows import Row, Value


class Outbox(database.Session):
    """The part of the store that knows what was sent."""

    def reserve(
        self, kind: str, slot: str, message_id: str, now: datetime, content: str | None = None
    ) -> OutboxRow:
        """Takes a slot. When it is taken the former row is given back unchanged, with its Message-ID.

        Args:
            kind: what it is (`weekly`, `alarm:mail`).
            slot: which one of its kind.
            message_id: of the first attempt and of every other one.
            now: when it is taken.
            content: what the message tells, where a later attempt could not find it out again.
        """
        row: Row = {"kind": kind, "slot": slot, "message_id": message_id, "created_at": moment(now)}
        with self._writing() as db:
            db.table("outbox").insert(clean({**row, "content": content}), ignore=True)
            return outbox_of(self._rows(sql.OUTBOX_ROW, kind, slot)[0])

    def outbox_row(self, kind: str, slot: str) -> OutboxRow | None:
        """The message of a slot; None when the slot was not taken."""
        with self._reading():
            row = self._row(sql.OUTBOX_ROW, kind, slot)
            return outbox_of(row) if row else None

    def rewrite(self, kind: str, slot: str, content: str) -> None:
        """Other content for a message that certainly reached nobody."""
        self._mark(sql.REWRITE, kind, slot, content)

    def withdraw(self, kind: str, slot: str) -> None:
        """Drops a message that certainly reached nobody and has nothing to tell any more."""
        with self._writing() as db:
            db.table("outbox").delete_where("kind = ? AND slot = ? AND unsure = 0", [kind, slot])

    def forget_sent(self, kinds: str, before: datetime) -> None:
        """Drops confirmed messages of kinds that begin so; what they told stands elsewhere."""
        with self._writing() as db:
            db.execute(sql.FORGET_SENT, [kinds, moment(before)])

    def mark_tried(self, kind: str, slot: str, now: datetime) -> None:
        """An attempt to send the message begins."""
        self._mark(sql.TRIED, kind, slot, moment(now))

    def mark_leaving(self, kind: str, slot: str) -> None:
        """The message is about to be sent; until its end is marked, the attempt is in doubt."""
        self._mark(sql.LEAVING, kind, slot)

    def mark_sent(self, kind: str, slot: str, now: datetime) -> None:
        """The server took the message of a reserved slot; the first time counts."""
        self._mark(sql.SENT, kind, slot, moment(now))

    def mark_failed(self, kind: str, slot: str, error: str) -> None:
        """The last attempt certainly delivered nothing; the message stays to be sent."""
        self._mark(sql.FAILED, kind, slot, error)

    def note_error(self, kind: str, slot: str, error: str) -> None:
        """Why the message is not known to be sent; the attempts that are in doubt stay so."""
        self._mark(sql.NOTE_ERROR, kind, slot, error)

    def give_up(self, kind: str, slot: str, now: datetime) -> None:
        """So many attempts are in doubt that another one would be too many; the slot is over.

        `last_error` stays, so that it is known that nobody confirmed it.
        """
        self._mark(sql.GIVEN_UP, kind, slot, moment(now))

    def _mark(self, query: str, kind: str, slot: str, *values: Value) -> None:
        """Change one message by a query whose last two values are its kind and its slot."""
        with self._writing() as db:
            marked = db.execute(query, [clean_value(each) for each in (*values, kind, slot)]).rowcount
        if not marked:
            raise ValueError(f"no message is reserved for {kind} {slot}")

    def last_sent(self, kind: str, *, confirmed: bool = False) -> OutboxRow | None:
        """The message of this kind that is settled last; only those that a server confirmed, if asked."""
        with self._reading():
            row = self._row(sql.LAST_CONFIRMED if confirmed else sql.LAST_SENT, kind)
            return outbox_of(row) if row else None

    def unsent(self, kind: str) -> OutboxRow | None:
        """The newest message of this kind that is still to be sent."""
        with self._reading():
            row = self._row(sql.UNSENT, kind)
            return outbox_of(row) if row else None

    def in_doubt(self, since: datetime | None) -> list[OutboxRow]:
        """Messages settled since then of which an attempt is in doubt: they may have come twice, or never."""
        with self._reading():
            return [outbox_of(row) for row in self._rows(sql.IN_DOUBT, moment(since) or "")]
