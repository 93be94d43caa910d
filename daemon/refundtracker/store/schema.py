"""How the database came to its present schema.

`schema.sql` beside this module shows the schema of today; the migrations below lead to it, and
a test keeps the two equal. A migration that was released is never changed: the next one is
added under it.
"""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Final

from refundtracker.store import database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlite_utils import Database

    Migration = Callable[[Database], object]

_M001: Final = """
CREATE TABLE mail (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identity TEXT NOT NULL UNIQUE,
  sha256 TEXT,
  message_id TEXT,
  sender TEXT,
  subject TEXT,
  date TEXT,
  arrived TEXT,
  size INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN
    ('notice', 'ignored', 'not-ours', 'unread', 'untrusted', 'unparsable')),
  reason TEXT,
  trust TEXT CHECK (trust IN ('verified', 'allowed', 'unproven', 'forged')),
  recorded_at TEXT NOT NULL,
  raw BLOB
) STRICT;
CREATE INDEX mail_by_outcome ON mail (outcome, recorded_at);
CREATE INDEX mail_unfetched ON mail (arrived, size) WHERE sha256 IS NULL;
CREATE TABLE sighting (
  account TEXT NOT NULL,
  folder TEXT NOT NULL,
  uidvalidity INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  mail_id INTEGER NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
  PRIMARY KEY (account, folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_by_mail ON sighting (mail_id);
CREATE TABLE notice (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  mail_id INTEGER NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN
    ('order-paid', 'order-shipped', 'order-delivered', 'order-closing', 'order-closed',
     'dispute-opened', 'seller-responded', 'proposal', 'evidence-requested', 'return-requested',
     'dispute-escalated', 'dispute-withdrawn', 'dispute-finished', 'refund-sent',
     'seller-message', 'card-charged', 'card-cancelled', 'refund-announced',
     'authorisation-expired')),
  source TEXT NOT NULL CHECK (source IN ('aliexpress', 'card', 'bank', 'wallet')),
  form TEXT NOT NULL,
  order_no TEXT,
  dispute_no TEXT,
  item TEXT,
  seller TEXT,
  result TEXT CHECK (result IN
    ('refund', 'partial-refund', 'return-and-refund', 'rejected', 'coupon')),
  amount_minor INTEGER,
  currency TEXT,
  issuer TEXT,
  card TEXT,
  merchant TEXT,
  on_date TEXT NOT NULL,
  at TEXT,
  act_by TEXT,
  reference TEXT,
  UNIQUE (mail_id, n),
  CHECK ((amount_minor IS NULL) = (currency IS NULL))
) STRICT;
CREATE INDEX notice_credit ON notice (on_date)
  WHERE kind IN ('card-cancelled', 'refund-announced', 'refund-sent');
CREATE TABLE folder (
  account TEXT NOT NULL,
  folder TEXT NOT NULL,
  uidvalidity INTEGER NOT NULL,
  last_uid INTEGER NOT NULL,
  swept_at TEXT,
  PRIMARY KEY (account, folder)
) STRICT, WITHOUT ROWID;
CREATE TABLE dispute (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  order_no TEXT,
  dispute_no TEXT,
  item TEXT,
  seller TEXT,
  phase TEXT NOT NULL CHECK (phase IN
    ('open', 'act', 'returning', 'promised', 'lost', 'withdrawn', 'compensated', 'closed')),
  opened_on TEXT,
  finished_on TEXT,
  promised_minor INTEGER,
  promised_currency TEXT,
  starts_on TEXT,
  due_on TEXT,
  overdue_on TEXT,
  escalate_on TEXT,
  calendar TEXT,
  method TEXT,
  holiday_table TEXT,
  act_by TEXT,
  chargeback_by TEXT,
  awaited INTEGER NOT NULL CHECK (awaited IN (0, 1)),
  CHECK ((promised_minor IS NULL) = (promised_currency IS NULL))
) STRICT;
CREATE INDEX dispute_by_order ON dispute (order_no) WHERE order_no IS NOT NULL;
CREATE INDEX dispute_by_number ON dispute (dispute_no) WHERE dispute_no IS NOT NULL;
CREATE INDEX dispute_awaited ON dispute (overdue_on) WHERE awaited = 1;
CREATE TABLE event (
  dispute_id INTEGER NOT NULL REFERENCES dispute (id) ON DELETE CASCADE,
  notice_id INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
  PRIMARY KEY (dispute_id, notice_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_by_notice ON event (notice_id);
CREATE TABLE link (
  dispute_id INTEGER NOT NULL REFERENCES dispute (id) ON DELETE CASCADE,
  notice_id INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  linked_by TEXT NOT NULL CHECK (linked_by IN ('auto', 'user')),
  why_code TEXT NOT NULL,
  why_values TEXT NOT NULL CHECK (json_valid(why_values)),
  PRIMARY KEY (dispute_id, notice_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_notice ON link (notice_id);
CREATE TABLE outbox (
  kind TEXT NOT NULL,
  slot TEXT NOT NULL,
  message_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  sent_at TEXT,
  UNIQUE (kind, slot)
) STRICT;
CREATE TABLE account_status (
  account TEXT PRIMARY KEY NOT NULL,
  mode TEXT,
  last_login_at TEXT,
  last_sweep_at TEXT,
  trouble TEXT,
  trouble_since TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE meta (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


def m001_initial(db: Database) -> None:
    """Mails, notices and what is derived from them."""
    db.executescript(_M001)


_M002: Final = """
ALTER TABLE outbox ADD COLUMN tried_at TEXT;
ALTER TABLE outbox ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN content TEXT;
ALTER TABLE account_status ADD COLUMN trouble_kind TEXT;
CREATE TABLE alarm (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('urgent', 'warning')),
  details TEXT NOT NULL CHECK (json_valid(details)),
  since TEXT NOT NULL,
  raised_at TEXT NOT NULL,
  over_at TEXT,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE alarm_told (
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  told_at TEXT NOT NULL,
  PRIMARY KEY (channel, kind, subject),
  FOREIGN KEY (kind, subject) REFERENCES alarm (kind, subject) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_told_by_alarm ON alarm_told (kind, subject);
"""


def m002_alarms(db: Database) -> None:
    """What is wrong and who was told; attempts to send that are in doubt."""
    _run(db, _M002)


# A link is money of a notice or of the user's own word, so its key is its place in the dispute.
_M003: Final = """
CREATE TABLE decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  made_at TEXT NOT NULL,
  verb TEXT NOT NULL CHECK (verb IN
    ('link', 'unlink', 'confirm', 'write-off', 'note', 'method', 'card')),
  dispute_key TEXT NOT NULL,
  order_no TEXT,
  dispute_no TEXT,
  mail_sha256 TEXT,
  n INTEGER,
  amount_minor INTEGER,
  currency TEXT,
  on_date TEXT,
  issuer TEXT,
  card TEXT,
  text TEXT,
  undone_at TEXT,
  CHECK ((amount_minor IS NULL) = (currency IS NULL)),
  CHECK ((mail_sha256 IS NULL) = (n IS NULL)),
  CHECK ((verb IN ('link', 'unlink')) = (mail_sha256 IS NOT NULL))
) STRICT;
ALTER TABLE dispute ADD COLUMN written_off_on TEXT;
ALTER TABLE link RENAME TO former_link;
CREATE TABLE link (
  dispute_id INTEGER NOT NULL REFERENCES dispute (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  notice_id INTEGER REFERENCES notice (id) ON DELETE CASCADE,
  decision_id INTEGER REFERENCES decision (id) ON DELETE CASCADE,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  linked_by TEXT NOT NULL CHECK (linked_by IN ('auto', 'user')),
  why_code TEXT NOT NULL,
  why_values TEXT NOT NULL CHECK (json_valid(why_values)),
  PRIMARY KEY (dispute_id, n),
  CHECK ((notice_id IS NULL) <> (decision_id IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO link SELECT dispute_id,
  row_number() OVER (PARTITION BY dispute_id ORDER BY notice_id) - 1, notice_id, NULL,
  amount_minor, currency, linked_by, why_code, why_values FROM former_link;
DROP TABLE former_link;
CREATE INDEX link_by_notice ON link (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX link_by_decision ON link (decision_id) WHERE decision_id IS NOT NULL;
"""


def m003_decisions(db: Database) -> None:
    """The user's own word, and money that only the user saw."""
    _run(db, _M003)


_M004: Final = """
ALTER TABLE dispute ADD COLUMN latest_on TEXT;
ALTER TABLE dispute ADD COLUMN former_table TEXT;
ALTER TABLE dispute ADD COLUMN former_due_on TEXT;
ALTER TABLE dispute ADD COLUMN former_overdue_on TEXT;
ALTER TABLE dispute ADD COLUMN deadlines TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(deadlines));
ALTER TABLE dispute ADD COLUMN claimed_on TEXT;
"""


def m004_deadlines(db: Database) -> None:
    """Every day by which somebody must act, and what a window was before it was counted anew."""
    _run(db, _M004)


_M005: Final = """
ALTER TABLE link ADD COLUMN worth_minor INTEGER;
ALTER TABLE link ADD COLUMN worth_currency TEXT;
ALTER TABLE link ADD COLUMN worth_spread INTEGER;
ALTER TABLE link ADD COLUMN worth_estimated INTEGER;
"""


def m005_worth(db: Database) -> None:
    """What money in another currency is worth in the currency of its promise."""
    _run(db, _M005)


def _run(db: Database, script: str) -> None:
    """Not executescript: it would end the transaction around all migrations."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


MIGRATIONS: Final[Sequence[Migration]] = (
    m001_initial,
    m002_alarms,
    m003_decisions,
    m004_deadlines,
    m005_worth,
)
VERSION: Final = len(MIGRATIONS)


def connect(
    path: Path, *, patience: float = database.PATIENCE, migrations: Sequence[Migration] = MIGRATIONS
) -> Database:
    """Opens the database for writing; makes it when there is none, and brings an old one up to date.

    Args:
        path: the file. A missing directory is made for the owner alone (0700), as is the file (0600).
        patience: seconds to wait for another writer.
        migrations: what leads to the schema of today.

    Raises:
        DiskTrouble: it cannot be opened, made or written, is damaged, was written by a newer
            version, or belongs to another program.
    """
    from sqlite_utils import Database as Writer

    with database.trouble(path, patience):
        database.make_file(path)
        connection = database.connect(path, "mode=rw", patience)
        try:
            database.refuse_foreign(connection, path, newest=len(migrations))
            db = Writer(connection, execute_plugins=False)
            _configure(db, patience)
            _migrate(db, path, migrations)
        except BaseException:
            connection.close()
            raise
    return db


def _configure(db: Database, patience: float) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    _switch_to_wal(db, patience)
    # What was acknowledged survives a power cut; NORMAL may forget the last transactions.
    db.execute("PRAGMA synchronous = FULL")


def _switch_to_wal(db: Database, patience: float) -> None:
    """Readers beside a writer. A file system that cannot do it keeps the rollback journal.

    SQLite does not wait when another connection switches at the same moment, so this does.
    """
    until = time.monotonic() + patience
    while True:
        try:
            if db.journal_mode != "wal":
                db.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(0.02)


def _migrate(db: Database, path: Path, migrations: Sequence[Migration]) -> None:
    """Applies what is missing, all or nothing; a database with content is copied first."""
    version = database.pragma(db.conn, "user_version")
    if 0 < version < len(migrations):
        _back_up(db.conn, path, version)
    # Even when nothing is missing: a database that cannot be written shows itself now.
    db.execute("BEGIN IMMEDIATE")
    try:
        _apply(db, migrations)
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def _apply(db: Database, migrations: Sequence[Migration]) -> None:
    version = database.pragma(db.conn, "user_version")  # another process may have been faster
    if version >= len(migrations):
        return
    for migration in migrations[version:]:
        migration(db)
    db.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(migrations)}")


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Writes `<name>.schema<version>.backup` beside the database, whole or not at all."""
    database.back_up(connection, path.with_name(f"{path.name}.schema{version}.backup"))
