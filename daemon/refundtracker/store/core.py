"""The store: mails, notices, disputes and what was sent, in one SQLite file.

Everything is written inside one transaction a call, begun by `BEGIN IMMEDIATE`: a mail is there
with its notices and its place, or not at all. Reading needs no sqlite_utils and no right to write.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Final, get_args

from refundparsers.notices import Outcome
from refundtracker.errors import BadInput
from refundtracker.store import database, schema
from refundtracker.store import queries as sql
from refundtracker.store import writes as store_writes
from refundtracker.store.alarms import Alarms
from refundtracker.store.decisions import Decisions
from refundtracker.store.dispute_rows import dispute_of, received_of
from refundtracker.store.folders import Folders
from refundtracker.store.outbox import Outbox
from refundtracker.store.rows import (
    clean,
    cursor_of,
    day,
    mail_of,
    moment,
    status_of,
    stored_notice_of,
    timeline_entry_of,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from pathlib import Path
    from typing import Self

    from refundparsers.notices import Reading
    from refundtracker.alarms.rules import TroubleKind
    from refundtracker.disputes import Dispute, Received
    from refundtracker.records import (
        AccountStatus,
        Changes,
        Cursor,
        CursorMove,
        DerivedDispute,
        Entry,
        MailRow,
        Recorded,
        StoredNotice,
        TimelineEntry,
    )
    from refundtracker.store.rows import Row

_LONGEST_ID: Final = 18  # digits; any number of them fits a column
_SHORTEST_PREFIX: Final = 4  # hex digits of a sha256 that name a mail


class Store(Outbox, Alarms, Decisions, Folders):
    """The database, open. Use it as a context manager, in the thread that opened it.

    Every method raises `DiskTrouble` when the disk or the database refuses, and then nothing
    of the call was stored.
    """

    _seen: int | None = None  # the revision of the notices that were given out last

    @classmethod
    def open(cls, path: Path, *, patience: float = database.PATIENCE) -> Self:
        """Opens for reading and writing; makes the database or brings it up to date where needed.

        Args:
            path: the file; see `schema.connect`.
            patience: seconds to wait for another writer, here and in every call.
        """
        db = schema.connect(path, patience=patience)
        return cls(path, db.conn, db, patience)

    @classmethod
    def open_readonly(cls, path: Path, *, patience: float = database.PATIENCE) -> Self:
        """Opens for reading, also where nothing may be written, and without importing sqlite_utils.

        Raises:
            BadInput: there is no database at `path`.
        """
        connection = database.connect_readonly(path, newest=schema.VERSION, patience=patience)
        return cls(path, connection, None, patience)

    # mails and where they lie

    def known_uids(self, account: str, folder: str, uidvalidity: int) -> set[int]:
        """The UIDs of a folder whose mails are recorded."""
        with self._reading():
            return {row["uid"] for row in self._rows(sql.UIDS, account, folder, uidvalidity)}

    def cursor(self, account: str, folder: str) -> Cursor | None:
        """How far a folder was swept; None when it never was."""
        with self._reading():
            row = self._row(sql.CURSOR, account, folder)
            return cursor_of(row) if row else None

    def record(
        self, entries: Sequence[Entry], *, cursor: CursorMove | None = None, now: datetime
    ) -> Recorded:
        """Stores mails with their notices and places, and moves the cursor, in one transaction.

        A mail that is known keeps its reading; only the new place is added. Of `not-ours` nothing
        personal is stored. Moments are stored in UTC to the second.

        Args:
            entries: the mails, in any order, also the same one twice.
            cursor: where the cursor of their folder shall be then.
            now: the moment of recording.

        Raises:
            BadInput: an amount no column can hold.
        """
        with self._writing() as db:
            recorded, noticed = store_writes.record(db, entries, now)
            if cursor:
                store_writes.move_cursor(db, cursor)
            if noticed:
                db.execute(sql.REVISE)
        return recorded

    def reread(self, mail_id: int, reading: Reading) -> None:
        """Replaces the reading of one mail; a notice at the same position keeps its id.

        Raises:
            BadInput: there is no such mail.
        """
        with self._writing() as db:
            if not self._row(sql.MAIL_BY_ID, mail_id):
                raise BadInput(f"there is no mail {mail_id} in {self.path}")
            if store_writes.reread(db, mail_id, reading):
                db.execute(sql.REVISE)

    def mails(self, outcome: str | None = None, limit: int | None = None) -> list[MailRow]:
        """Mails, the latest first, all or those of one outcome."""
        most = -1 if limit is None else limit
        with self._reading():
            rows = self._rows(sql.MAILS_OF, outcome, most) if outcome else self._rows(sql.MAILS, most)
            return [mail_of(row) for row in rows]

    def mail(self, ref: str) -> MailRow | None:
        """The mail with this number, or whose sha256 begins with these hex digits (at least four).

        Raises:
            BadInput: several mails begin with them.
        """
        with self._reading():
            row = self._row(sql.MAIL_BY_ID, _number(ref))
            rows = [row] if row else self._rows(sql.MAIL_BY_PREFIX, _prefix(ref))
            if len(rows) > 1:
                raise BadInput(f"several mails begin with {ref}; give more of its digits")
            return mail_of(rows[0]) if rows else None

    def raw(self, mail_id: int) -> bytes | None:
        """The bytes of a mail as they came; None when they were not kept."""
        with self._reading():
            row = self._row(sql.RAW, mail_id)
            return zlib.decompress(row["raw"]) if row and row["raw"] is not None else None

    def outcome_counts(self, since: datetime | None = None) -> dict[str, int]:
        """How many mails have each of the six outcomes, of all or of those recorded since then."""
        counts = dict.fromkeys(get_args(Outcome), 0)
        start = moment(since) or ""
        with self._reading():
            return counts | {row[0]: row[1] for row in self._rows(sql.COUNTS, start)}

    # notices, and the disputes derived from them

    def notices(self) -> Iterator[StoredNotice]:
        """The notices that may count (mails of outcome `notice`), by id."""
        with self._reading():
            self._seen = self._revision("notices")
            return iter([stored_notice_of(row) for row in self._rows(sql.NOTICES)])

    def notices_of(self, mail_id: int) -> list[StoredNotice]:
        """What was read in one mail, in its order; also what was not believed."""
        with self._reading():
            return [stored_notice_of(row) for row in self._rows(sql.NOTICES_OF, mail_id)]

    def mail_with(self, notice_id: int) -> int:
        """The number of the mail in which a stored notice stands.

        Raises:
            BadInput: there is no such notice.
        """
        with self._reading():
            row = self._row(sql.MAIL_WITH, notice_id)
        if row is None:
            raise BadInput(f"there is no notice {notice_id} in {self.path}")
        return int(row["mail_id"])

    def copy_to(self, path: Path) -> None:
        """A copy of the database as it is now, in a file that must not be there yet."""
        with database.trouble(path):
            self._connection.execute("VACUUM INTO ?", [str(path)])

    def back_up(self, path: Path) -> None:
        """A copy of the database as it is now, in the place of a former one, whole or not at all."""
        with database.trouble(path):
            database.back_up(self._connection, path)

    def tend(self) -> None:
        """Lets SQLite look after its statistics (sqlite.org/pragma.html#pragma_optimize)."""
        with database.trouble(self.path):
            self._connection.execute("PRAGMA optimize")

    def pending_derivation(self) -> bool:
        """Whether notices were added or changed since those that the stored disputes rest on."""
        with self._reading():
            return self._revision("notices") != self._revision("derived")

    def replace_derived(self, disputes: Sequence[DerivedDispute], *, waiting: int = 0) -> Changes:
        """Writes the difference to what is stored; a dispute with the same key keeps its id.

        The disputes rest on what `notices` gave last. When another process has recorded since,
        the derivation stays pending.

        Args:
            disputes: all there are.
            waiting: how many sums of money wait for the user's word.
        """
        with self._writing() as db:
            current = self._revision("notices")
            seen = current if self._seen is None else self._seen
            existing = None if seen == current else {row[0] for row in self._rows(sql.NOTICE_IDS)}
            changes = store_writes.replace_derived(db, disputes, existing)
            db.table("meta").upsert({"key": "derived", "value": str(seen)}, pk="key")
            if waiting != self._revision("waiting"):
                db.table("meta").upsert({"key": "waiting", "value": str(waiting)}, pk="key")
        return changes

    def waiting(self) -> int:
        """How many sums of money wait for the user's word, as of the last derivation."""
        with self._reading():
            return self._revision("waiting")

    def _revision(self, of: str) -> int:
        return int(self._rows(sql.REVISION, of)[0][0])

    def disputes(self) -> list[Dispute]:
        """All disputes by id."""
        with self._reading():
            return self._disputes(self._rows(sql.DISPUTES))

    def find_disputes(self, ref: str) -> list[Dispute]:
        """The disputes with this id, order or dispute number."""
        with self._reading():
            return self._disputes(self._rows(sql.FIND, _number(ref), ref, ref))

    def awaited(self, overdue_before: date) -> list[Dispute]:
        """Promises for which no money was seen, and that are overdue on this day; the oldest first."""
        with self._reading():
            return [dispute_of(row, ()) for row in self._rows(sql.AWAITED, day(overdue_before))]

    def _disputes(self, rows: list[sqlite3.Row]) -> list[Dispute]:
        received: dict[int, list[Received]] = {}
        for row in self._rows(sql.LINKS, json.dumps([row["id"] for row in rows])):
            received.setdefault(row["dispute_id"], []).append(received_of(row))
        return [dispute_of(row, tuple(received.get(row["id"], ()))) for row in rows]

    def timeline(self, dispute_id: int) -> list[TimelineEntry]:
        """What was told of one dispute, in the order in which it happened."""
        with self._reading():
            return [timeline_entry_of(row) for row in self._rows(sql.TIMELINE, dispute_id)]

    def unlinked_credits(self) -> list[StoredNotice]:
        """Money that came or was announced by a card, bank or wallet, and pays no dispute."""
        with self._reading():
            return [stored_notice_of(row) for row in self._rows(sql.CREDITS)]

    # how it stands with the accounts

    def note_login(self, account: str, mode: str, now: datetime) -> None:
        """A login worked; `mode` is how new mail will be noticed (`idle`, `poll`)."""
        self._note(account, {"mode": mode, "last_login_at": moment(now)})

    def note_sweep(self, account: str, now: datetime) -> None:
        """A whole sweep ended."""
        self._note(account, {"last_sweep_at": moment(now)})

    def note_trouble(self, account: str, trouble: str, now: datetime, kind: TroubleKind = "other") -> None:
        """Something is wrong. It is wrong since the first time, whatever the sentence is today."""
        with self._writing() as db:
            former = self._row(sql.STATUS, account)
            since = (former and former["trouble_since"]) or moment(now)
            row: Row = {"account": account, "trouble": trouble, "trouble_since": since}
            db.table("account_status").upsert(clean({**row, "trouble_kind": kind}), pk="account")

    def clear_trouble(self, account: str) -> None:
        """Nothing is wrong any more."""
        self._note(account, {"trouble": None, "trouble_since": None, "trouble_kind": None})

    def _note(self, account: str, values: Row) -> None:
        with self._writing() as db:
            db.table("account_status").upsert(clean({"account": account, **values}), pk="account")

    def account_statuses(self) -> list[AccountStatus]:
        """Every account that was noted, by name."""
        with self._reading():
            return [status_of(row) for row in self._rows(sql.STATUSES)]

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file, a line each; empty when it is sound."""
        with self._reading():
            found = [str(row[0]) for row in self._rows("PRAGMA quick_check")]
            orphans = self._rows("PRAGMA foreign_key_check")
        broken = [line for line in found if line != "ok"]
        return broken + [
            f"a row of {row['table']} refers to a {row['parent']} that is gone" for row in orphans
        ]


def _number(ref: str) -> int | None:
    return int(ref) if ref.isascii() and ref.isdigit() and len(ref) <= _LONGEST_ID else None


def _prefix(ref: str) -> str | None:
    """Hex digits as they are stored; None (which finds nothing) when it is something else."""
    digits = ref.lower()
    return digits if len(digits) >= _SHORTEST_PREFIX and set(digits) <= set("0123456789abcdef") else None
