"""What the store writes, as functions over an open transaction. They neither begin nor end one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from refundtracker.records import Changes, Recorded
from refundtracker.store.dispute_rows import dispute_row, link_row, moved, remembering
from refundtracker.store.rows import (
    clean,
    identity,
    keeps,
    mail_row,
    moment,
    notice_rows,
    place_row,
    reading_row,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sqlite_utils import Database

    from refundparsers.notices import Reading
    from refundtracker.records import CursorMove, DerivedDispute, Entry
    from refundtracker.store.rows import Row, Stored

_AT_PLACE: Final = """
SELECT mail.id, mail.identity, mail.sha256, length(mail.raw) AS kept
FROM sighting JOIN mail ON mail.id = sighting.mail_id
WHERE sighting.account = :account AND sighting.folder = :folder
  AND sighting.uidvalidity = :uidvalidity AND sighting.uid = :uid
"""
_BY_IDENTITY: Final = "SELECT id, identity, sha256, length(raw) AS kept FROM mail WHERE identity = ?"
_OTHER_VALIDITY: Final = """
SELECT EXISTS (SELECT 1 FROM sighting
  WHERE account = :account AND folder = :folder AND uidvalidity <> :uidvalidity)
"""
# After a new UIDVALIDITY a mail whose body was never fetched is known by its size and arrival.
_RENUMBERED: Final = """
SELECT mail.id, mail.identity, mail.sha256, length(mail.raw) AS kept
FROM mail JOIN sighting ON sighting.mail_id = mail.id
WHERE mail.sha256 IS NULL AND mail.arrived = :arrived AND mail.size = :size
  AND sighting.account = :account AND sighting.folder = :folder AND sighting.uidvalidity <> :uidvalidity
  AND NOT EXISTS (SELECT 1 FROM sighting AS again WHERE again.mail_id = mail.id
    AND again.account = :account AND again.folder = :folder AND again.uidvalidity = :uidvalidity)
ORDER BY mail.id LIMIT 1
"""
_FACTS: Final = """
SELECT mail.outcome, mail.trust, mail.date AS mail_date, notice.*
FROM mail LEFT JOIN notice ON notice.mail_id = mail.id WHERE mail.id = ? ORDER BY notice.n
"""
_MOVE: Final = """
INSERT INTO folder (account, folder, uidvalidity, last_uid, swept_at)
VALUES (:account, :folder, :uidvalidity, :last_uid, :swept_at)
ON CONFLICT (account, folder) DO UPDATE SET
  last_uid = CASE uidvalidity WHEN excluded.uidvalidity
    THEN max(last_uid, excluded.last_uid) ELSE excluded.last_uid END,
  swept_at = CASE uidvalidity WHEN excluded.uidvalidity
    THEN coalesce(excluded.swept_at, swept_at) ELSE excluded.swept_at END,
  uidvalidity = excluded.uidvalidity
"""
_PK_SIGHTING: Final = ("account", "folder", "uidvalidity", "uid")


def record(db: Database, entries: Iterable[Entry], now: datetime) -> tuple[Recorded, bool]:
    """Stores mails with their notices and places.

    Returns:
        What was done, and whether notices were added or changed.
    """
    batch = _Batch(db, now)
    for entry in entries:
        batch.add(entry)
    batch.flush()
    return Recorded(new=batch.new, known=batch.known), batch.noticed


class _Batch:
    """Rows of many mails, written table by table because that is several times faster."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._recorded_at = moment(now)
        self._ids = count(next_id(db, "mail"))
        self._identities: set[str] = set()
        self._mails: list[Row] = []
        self._notices: list[Row] = []
        self._sightings: list[Row] = []
        self._replaced: list[int] = []
        self._renumbered: dict[tuple[object, ...], bool] = {}
        self.new = 0
        self.known = 0
        self.noticed = False

    def add(self, entry: Entry) -> None:
        """Takes one mail; what the database knows of it decides."""
        key = identity(entry)
        if key in self._identities:
            self.flush()  # the same mail twice at once: the second meets the first as a row
        place = place_row(entry.place) if entry.place else None
        here = self._db.execute(_AT_PLACE, place).fetchone() if place else None
        stored = here if here and _same(entry, here) else self._stored(key)
        renumbered = self._former(entry, place) if place and not stored else None
        if renumbered and not entry.reading.mail.sha256:
            stored = renumbered
        mail_id = self._insert(entry, key) if stored is None else self._meet(entry, stored)
        self._replaced += [
            row["id"] for row in (here, renumbered) if row and row["id"] != mail_id and not row["sha256"]
        ]
        if place and not (here and here["id"] == mail_id):
            self._sightings.append({**place, "mail_id": mail_id})
        if renumbered:
            self.flush()  # the next mail of the same size and arrival is another one

    def flush(self) -> None:
        """Writes what was collected: mails first, because the other rows refer to them."""
        self._db.table("mail").insert_all(self._mails)
        self._db.table("notice").insert_all(self._notices)
        self._db.table("sighting").upsert_all(self._sightings, pk=_PK_SIGHTING)
        for mail_id in self._replaced:
            self._db.table("mail").delete_where("id = ?", [mail_id])
        for rows in (self._mails, self._notices, self._sightings, self._replaced):
            rows.clear()
        self._identities.clear()

    def _stored(self, key: str) -> Stored | None:
        row: Stored | None = self._db.execute(_BY_IDENTITY, [key]).fetchone()
        return row

    def _former(self, entry: Entry, place: Row) -> Stored | None:
        """The unfetched mail that this one was before the server renumbered the folder."""
        folder = (place["account"], place["folder"], place["uidvalidity"])
        if folder not in self._renumbered:
            self._renumbered[folder] = bool(self._db.execute(_OTHER_VALIDITY, place).fetchone()[0])
        if not self._renumbered[folder]:
            return None
        wanted = {**place, "arrived": moment(entry.arrived), "size": entry.size}
        row: Stored | None = self._db.execute(_RENUMBERED, wanted).fetchone()
        return row

    def _insert(self, entry: Entry, key: str) -> int:
        mail_id = next(self._ids)
        self._identities.add(key)
        self._mails.append({"id": mail_id, **mail_row(entry), "recorded_at": self._recorded_at})
        notices = [{"mail_id": mail_id, **row} for row in notice_rows(entry.reading)]
        self._notices += notices
        self.noticed = self.noticed or bool(notices)
        self.new += 1
        return mail_id

    def _meet(self, entry: Entry, stored: Stored) -> int:
        """A mail that is known. Its reading stays, unless only now there is a text worth keeping."""
        mail_id: int = stored["id"]
        if stored["kept"] is None and keeps(entry):
            self.noticed = (
                _replace(self._db, mail_id, mail_row(entry), notice_rows(entry.reading)) or self.noticed
            )
            self.new += 1
        else:
            self.known += 1
        return mail_id


def _same(entry: Entry, stored: Stored) -> bool:
    """Whether the mail at this place is the one that arrives: so it is when one of them was not fetched."""
    return not entry.reading.mail.sha256 or stored["sha256"] == entry.reading.mail.sha256


def reread(db: Database, mail_id: int, reading: Reading) -> bool:
    """Puts another reading in the place of the former one; whether its facts are different.

    The raw mail stays, so that this can be undone, unless the reading says that it must not be kept.
    """
    columns = reading_row(reading)
    if not reading.keep:
        columns["raw"] = None
    return _replace(db, mail_id, columns, notice_rows(reading))


def _replace(db: Database, mail_id: int, columns: Row, notices: Sequence[Row]) -> bool:
    before = db.execute(_FACTS, [mail_id]).fetchall()
    db.table("mail").update(mail_id, columns)
    db.table("notice").delete_where("mail_id = ? AND n >= ?", [mail_id, len(notices)])
    # An upsert, so that a notice keeps its number: the user's decisions refer to it.
    db.table("notice").upsert_all([{"mail_id": mail_id, **row} for row in notices], pk=("mail_id", "n"))
    after: list[Stored] = db.execute(_FACTS, [mail_id]).fetchall()
    return before != after


def move_cursor(db: Database, move: CursorMove) -> None:
    """Remembers how far a folder was swept."""
    values: Row = {
        "account": move.account,
        "folder": move.folder,
        "uidvalidity": move.uidvalidity,
        "last_uid": move.last_uid,
        "swept_at": moment(move.swept_at),
    }
    db.execute(_MOVE, clean(values))


def next_id(db: Database, table: str) -> int:
    """The number after the highest that was ever given in the table; numbers are not given twice."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
    return 1 + (int(row[0]) if row else 0)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is stored of one dispute, in a shape that can be compared.

    Attributes:
        row: its columns, without the id.
        notices: the notices of its timeline.
        links: its links in the order of their notices, numbered, without the dispute.
    """

    row: Row
    notices: frozenset[int]
    links: tuple[Row, ...]


def replace_derived(
    db: Database, disputes: Iterable[DerivedDispute], existing: AbstractSet[int] | None = None
) -> Changes:
    """Writes the difference between these disputes and those that are stored.

    Args:
        db: the open transaction.
        disputes: all disputes there are, by key; those with a new key get numbers in this order.
        existing: the notices to be referred to; None when all that are named exist.
    """
    stored = _stored_disputes(db)
    numbers = count(next_id(db, "dispute"))
    added: dict[int, _Told] = {}
    changed: dict[int, _Told] = {}
    anew: list[int] = []
    kept: set[int] = set()
    for derived in disputes:
        told = _told(derived, existing)
        number, former = stored.get(derived.dispute.key, (0, None))
        if former is None:
            added[next(numbers)] = told
            continue
        kept.add(number)
        told = replace(told, row=remembering(told.row, former.row))
        if former != told:
            changed[number] = told
        if moved(told.row, former.row):
            anew.append(number)
    removed = sorted(number for number, _ in stored.values() if number not in kept)
    _write_disputes(db, added, changed, removed)
    return Changes(tuple(added), tuple(changed), tuple(removed), tuple(anew))


def _write_disputes(
    db: Database, added: dict[int, _Told], changed: dict[int, _Told], removed: Iterable[int]
) -> None:
    for number in removed:
        db.table("dispute").delete_where("id = ?", [number])
    for number, told in changed.items():
        db.table("dispute").update(number, told.row)
        for table in ("event", "link"):
            db.table(table).delete_where("dispute_id = ?", [number])
    written = added | changed
    db.table("dispute").insert_all({"id": number, **told.row} for number, told in added.items())
    db.table("event").insert_all(
        {"dispute_id": number, "notice_id": notice}
        for number, told in written.items()
        for notice in told.notices
    )
    db.table("link").insert_all(
        {"dispute_id": number, **link} for number, told in written.items() for link in told.links
    )


def _told(derived: DerivedDispute, existing: AbstractSet[int] | None) -> _Told:
    received = sorted(
        derived.dispute.received, key=lambda money: (money.notice_id or 0, money.decision_id or 0)
    )
    kept = [
        money
        for money in received
        if existing is None or money.notice_id is None or money.notice_id in existing
    ]
    links = tuple({"n": n, **link_row(money)} for n, money in enumerate(kept))
    notices = frozenset(derived.notice_ids)
    return _Told(dispute_row(derived.dispute), notices if existing is None else notices & existing, links)


def _stored_disputes(db: Database) -> dict[str, tuple[int, _Told]]:
    events = _by_dispute(db.execute("SELECT * FROM event ORDER BY dispute_id, notice_id"))
    links = _by_dispute(db.execute("SELECT * FROM link ORDER BY dispute_id, n"))
    stored = {}
    for row in map(dict, db.execute("SELECT * FROM dispute")):
        number = row.pop("id")
        notices = frozenset(event["notice_id"] for event in events.get(number, ()))
        stored[row["key"]] = (number, _Told(row, notices, tuple(links.get(number, ()))))
    return stored


def _by_dispute(rows: Iterable[sqlite3.Row]) -> dict[int, list[dict[str, Any]]]:
    """Rows without their dispute, grouped by it."""
    grouped = groupby(map(dict, rows), key=itemgetter("dispute_id"))
    return {
        number: [{name: row[name] for name in row if name != "dispute_id"} for row in group]
        for number, group in grouped
    }
