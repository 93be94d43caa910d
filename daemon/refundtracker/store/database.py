"""The database file: how it is opened, and what to say when it cannot be used.

Nothing here knows what the tables hold, and nothing here imports sqlite_utils, because its
import takes longer than a whole query.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from refundtracker.errors import BadInput, DiskTrouble
from refundtracker.store.rows import clean_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    from sqlite_utils import Database

    from refundtracker.store.rows import Value

APPLICATION_ID: Final = 0x52464E44  # "RFND" in the file header: this is no other program's file
PATIENCE: Final = 15.0  # seconds to wait for another writer
_OLDEST_SQLITE: Final = (3, 37, 0)  # the first with STRICT tables
_CANNOT_SHARE: Final = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
_DAMAGED: Final = "is damaged; put a backup in its place, or move it away and import again"
_DENIED: Final = "cannot be opened; look at the permissions of the file and its directory"


@contextmanager
def trouble(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Turns what SQLite or the disk refuses into a sentence that names the file.

    Raises:
        DiskTrouble: instead of an `OSError` or an operational error of SQLite. Broken
            constraints and wrong use stay what they are: those are mistakes of ours.
    """
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.DatabaseError as error:
        raise DiskTrouble(f"{path} {_complaint(error, patience)}") from error
    except UnicodeDecodeError as error:  # SQLite quotes what it found, and that is no text
        raise DiskTrouble(f"{path} {_DAMAGED}") from error
    except OSError as error:
        raise DiskTrouble(f"{error.filename or path}: {error.strerror or error}") from error


def _complaint(error: sqlite3.DatabaseError, patience: float) -> str:
    words = {
        sqlite3.SQLITE_FULL: "cannot be written: the disk is full; nothing was changed, make room first",
        sqlite3.SQLITE_READONLY: "cannot be written: the file or its directory is read-only for this user",
        sqlite3.SQLITE_CANTOPEN: _DENIED,
        sqlite3.SQLITE_PERM: _DENIED,
        sqlite3.SQLITE_BUSY: f"is locked: another program wrote for {patience:g} s; try again later",
        sqlite3.SQLITE_NOTADB: "is not a database; choose another file with --db",
        sqlite3.SQLITE_CORRUPT: _DAMAGED,
        sqlite3.SQLITE_IOERR: f"cannot be used: the disk reports an error ({error})",
    }
    return words.get(_primary(error), f"cannot be used: {error}")


def _primary(error: sqlite3.Error) -> int:
    """The result code without its details (sqlite.org/rescode.html); 0 when Python gives none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def make_file(path: Path) -> None:
    """Makes an empty file (0600), and its directory (0700), unless they are there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # SQLite would give the file 0644; those it makes beside it get the mode of this one.
        # Only a new file is opened here: closing an old one would drop the locks of SQLite.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return


def connect(path: Path, query: str, patience: float = PATIENCE) -> sqlite3.Connection:
    """Opens an existing file; `query` is the query of a SQLite URI, such as `mode=rw`."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise DiskTrouble(f"{path} needs SQLite 3.37 or newer; this Python has {sqlite3.sqlite_version}")
    # No isolation level: every transaction is begun by our own words.
    uri = f"{path.absolute().as_uri()}?{query}"
    return sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)


def back_up(connection: sqlite3.Connection, target: Path) -> None:
    """A copy of an open database in a file (0600), whole or not at all; a former copy is replaced.

    Raises:
        sqlite3.Error: it cannot be copied; `OSError` likewise.
    """
    handle, unfinished = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)  # 0600, empty
    try:
        with os.fdopen(handle, "rb") as file:
            connection.execute("VACUUM INTO ?", (unfinished,))
            os.fsync(file.fileno())
        Path(unfinished).replace(target)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def connect_readonly(path: Path, *, newest: int, patience: float = PATIENCE) -> sqlite3.Connection:
    """Opens an existing database for reading; it is never changed and never made.

    Args:
        path: the file.
        newest: the schema this program reads, no other.
        patience: seconds to wait for a writer that keeps even readers out.

    Raises:
        BadInput: there is no database at `path`, or nothing in it yet.
        DiskTrouble: it cannot be read, is damaged, of another version, or another program's.
    """
    with trouble(path, patience):
        if not path.exists():
            raise BadInput(f"no database at {path}; run refundd or `refunds import` first")
        connection = _shared(path, patience) or _alone(path, patience)
        try:
            refuse_foreign(connection, path, newest=newest)
            _refuse_old(connection, path, newest=newest)
        except BaseException:
            connection.close()
            raise
    return connection


def _shared(path: Path, patience: float) -> sqlite3.Connection | None:
    """Reads beside a writer; None where the file beside the database cannot be made or used."""
    connection = connect(path, "mode=ro", patience)
    try:
        pragma(connection, "schema_version")  # the first word that touches the file
    except sqlite3.OperationalError as error:
        connection.close()
        if _primary(error) not in _CANNOT_SHARE:
            raise
        return None
    except BaseException:
        connection.close()
        raise
    return connection


def _alone(path: Path, patience: float) -> sqlite3.Connection:
    """Reads where nothing can be made beside the database, such as a mounted backup.

    WAL mode needs a file of shared memory even for reading. Without one nobody has the
    database open, so it may be read as it lies. When a log is left beside it, the last
    changes are only in there: then both are copied to where SQLite can join them.
    """
    logs = [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")]
    left = [log for log in logs if log.exists() and log.stat().st_size]
    if not left:
        return connect(path, "mode=ro&immutable=1", patience)
    with tempfile.TemporaryDirectory(prefix="refunds-") as directory:
        for file in (path, *left):
            shutil.copyfile(file, Path(directory, file.name))
        connection = connect(Path(directory, path.name), "mode=rw", patience)
        try:
            # Brings the log into the copy, which stays readable when its name is gone.
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
    return connection


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """The value of a pragma that is a number."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def refuse_foreign(connection: sqlite3.Connection, path: Path, *, newest: int) -> None:
    """Refuses a file that this program must not touch.

    Raises:
        DiskTrouble: another program made it, or a version of this one that knows more.
    """
    owner = pragma(connection, "application_id")
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if owner != APPLICATION_ID and (owner or tables):
        raise DiskTrouble(f"{path} is the database of another program; choose another file with --db")
    version = pragma(connection, "user_version")
    if version > newest:
        raise DiskTrouble(
            f"{path} was written by a newer version of this program"
            f" (schema {version}, this one knows {newest}); upgrade the program"
        )


def _refuse_old(connection: sqlite3.Connection, path: Path, *, newest: int) -> None:
    version = pragma(connection, "user_version")
    if not version:
        raise BadInput(f"the database at {path} is empty; run refundd or `refunds import` first")
    if version < newest:
        raise DiskTrouble(
            f"{path} was written by an older version of this program"
            f" (schema {version}, this one needs {newest}); restart refundd, it brings it up to date"
        )


class Session:
    """An open database: how it is read and how it is written, without what is in it."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, writer: Database | None, patience: float
    ) -> None:
        self.path = path
        self._connection = connection
        self._connection.row_factory = sqlite3.Row
        self._writer = writer
        self._patience = patience

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; a second time does nothing."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        """The one way to write: all of the block, or nothing of it."""
        if self._writer is None:
            raise RuntimeError(f"{self.path} was opened for reading only")
        with trouble(self.path, self._patience):
            # IMMEDIATE waits for another writer; a read that turns into a write would not.
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.rollback()
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the database for all queries of the block; what is no value of ours is damage."""
        with trouble(self.path, self._patience):
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            except (TypeError, ValueError, zlib.error) as error:
                raise DiskTrouble(
                    f"{self.path} is damaged: a value in it makes no sense ({error})"
                ) from error
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _rows(self, query: str, *values: Value) -> list[sqlite3.Row]:
        return self._connection.execute(query, [clean_value(value) for value in values]).fetchall()

    def _row(self, query: str, *values: Value) -> sqlite3.Row | None:
        rows = self._rows(query, *values)
        return rows[0] if rows else None
