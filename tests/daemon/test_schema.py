"""The schema: the migrations and `schema.sql` agree, and every foreign file is refused in words."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from importlib import resources
from typing import TYPE_CHECKING, get_args

import pytest

from refundparsers.notices import Kind, Outcome, Result, Source, Trust
from refundtracker.disputes import LinkedBy, Phase
from refundtracker.errors import BadInput, DiskTrouble
from refundtracker.store import Store, database, schema
from refundtracker.store.database import APPLICATION_ID

if TYPE_CHECKING:
    from pathlib import Path

    from sqlite_utils import Database


def objects(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """What a schema holds, without comments and line breaks."""
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").fetchall()
    bare = {(row[0], row[1]): " ".join(re.sub(r"--[^\n]*", "", row[2]).split()) for row in rows}
    # A column that was added later stands in the middle of the text, with spaces of its own.
    return {name: re.sub(r" ([),])", r"\1", sql) for name, sql in bare.items()}


def headers(connection: sqlite3.Connection) -> list[int]:
    return [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version", "foreign_keys", "synchronous")
    ]


def m002_notes(db: Database) -> None:
    db.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT) STRICT")


def m002_breaks(db: Database) -> None:
    m002_notes(db)
    db.execute("INSERT INTO note (wrong) VALUES (1)")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "refunds.db"


@pytest.fixture
def made(path: Path) -> Path:
    """A database with one row in it, closed."""
    with Store.open(path) as store:
        store.clear_trouble("home")
    return path


def test_schema_sql_is_what_the_migrations_make(made: Path) -> None:
    written = resources.files("refundtracker.store").joinpath("schema.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(":memory:")) as shown, closing(sqlite3.connect(made)) as migrated:
        shown.executescript(written)

        assert objects(migrated) == objects(shown)
        assert headers(migrated)[:2] == headers(shown)[:2] == [APPLICATION_ID, schema.VERSION]


def test_every_table_is_strict(made: Path) -> None:
    with closing(sqlite3.connect(made)) as connection:
        rows = connection.execute("PRAGMA table_list").fetchall()

    assert [row[1] for row in rows if not row[5] and not row[1].startswith("sqlite_")] == []


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("mail", "outcome", Outcome),
        ("mail", "trust", Trust),
        ("notice", "kind", Kind),
        ("notice", "source", Source),
        ("notice", "result", Result),
        ("dispute", "phase", Phase),
        ("link", "linked_by", LinkedBy),
    ],
)
def test_the_words_of_a_column_are_those_of_its_type(
    made: Path, table: str, column: str, words: object
) -> None:
    """A word added to a type needs a migration."""
    with closing(sqlite3.connect(made)) as connection:
        sql = objects(connection)["table", table]

    listed = re.search(rf"CHECK \({column} IN \(([^)]*)\)\)", sql)
    assert listed
    assert set(re.findall(r"'([^']+)'", listed[1])) == set(get_args(words))


def test_a_new_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "refunds.db"

    with Store.open(path) as store:
        store.clear_trouble("home")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == {"refunds.db": 0o600, "refunds.db-wal": 0o600, "refunds.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_connection_is_set_for_money(path: Path) -> None:
    """Foreign keys hold, a commit is on the disk when it returns, readers do not wait."""
    with Store.open(path) as store:
        assert headers(store._connection) == [APPLICATION_ID, schema.VERSION, 1, 2]
        assert store._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert store._connection.execute("PRAGMA busy_timeout").fetchone()[0] == 15_000


@pytest.mark.parametrize("name", ["a b.db", "50%25.db", "what?mode=memory.db", "#1.db", "환불.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    with Store.open(tmp_path / name) as store:
        store.clear_trouble("home")

    assert [file.name for file in tmp_path.iterdir()] == [name]
    with Store.open_readonly(tmp_path / name) as store:
        assert len(store.account_statuses()) == 1


def test_opening_again_changes_nothing(made: Path) -> None:
    before = made.read_bytes()

    Store.open(made).close()

    assert made.read_bytes() == before


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()
    with pytest.raises(BadInput, match="is empty; run refundd"):
        Store.open_readonly(path)

    with Store.open(path) as store:
        assert store.integrity() == []


def test_a_migration_is_preceded_by_a_copy(made: Path) -> None:
    """The copy is the database of before, whole, and for its owner alone."""
    db = schema.connect(made, migrations=[*schema.MIGRATIONS, m002_notes])
    with closing(db.conn) as migrated:
        assert ("table", "note") in objects(migrated)
        assert headers(migrated)[1] == schema.VERSION + 1

    backup = made.with_name(f"refunds.db.schema{schema.VERSION}.backup")
    assert sorted(file.name for file in made.parent.iterdir()) == ["refunds.db", backup.name]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with Store.open_readonly(backup) as before:
        assert [status.account for status in before.account_statuses()] == ["home"]


def test_a_migration_that_fails_leaves_the_database_as_it_was(made: Path) -> None:
    with pytest.raises(DiskTrouble, match=r"refunds\.db cannot be used: table note has no column"):
        schema.connect(made, migrations=[*schema.MIGRATIONS, m002_breaks])

    with Store.open(made) as store:
        assert ("table", "note") not in objects(store._connection)
        assert headers(store._connection)[1] == schema.VERSION
        assert len(store.account_statuses()) == 1


def test_a_later_try_replaces_the_copy(made: Path) -> None:
    with pytest.raises(DiskTrouble):
        schema.connect(made, migrations=[*schema.MIGRATIONS, m002_breaks])
    with Store.open(made) as store:
        store.clear_trouble("work")

    schema.connect(made, migrations=[*schema.MIGRATIONS, m002_notes]).close()

    with Store.open_readonly(made.with_name(f"refunds.db.schema{schema.VERSION}.backup")) as before:
        assert [status.account for status in before.account_statuses()] == ["home", "work"]


def test_a_newer_database_is_refused_in_words(made: Path) -> None:
    schema.connect(made, migrations=[*schema.MIGRATIONS, m002_notes]).close()

    for opener in (Store.open, Store.open_readonly):
        with pytest.raises(DiskTrouble, match=r"refunds\.db was written by a newer version of this program"):
            opener(made)


def test_an_older_database_is_refused_for_reading(made: Path) -> None:
    with pytest.raises(DiskTrouble, match=r"was written by an older version.*restart refundd"):
        database.connect_readonly(made, newest=schema.VERSION + 1)


@pytest.mark.parametrize(
    "script", ["CREATE TABLE history (url TEXT)", "PRAGMA application_id = 77", "PRAGMA user_version = 1"]
)
def test_the_database_of_another_program_is_left_alone(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"{script}; CREATE TABLE more (x)")
    before = path.read_bytes()

    for opener in (Store.open, Store.open_readonly):
        with pytest.raises(DiskTrouble, match=r"refunds\.db is the database of another program"):
            opener(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["refunds.db"]


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.write_bytes(b"From alice Mon May 12 04:22:00 2026\nSubject: hello\n\n" * 40)
    before = path.read_bytes()

    for opener in (Store.open, Store.open_readonly):
        with pytest.raises(DiskTrouble, match=r"refunds\.db is not a database"):
            opener(path)
    assert path.read_bytes() == before


def test_reading_makes_no_database(path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"no database at .*refunds\.db; run refundd or `refunds import` first"
    ):
        Store.open_readonly(path)

    assert list(path.parent.iterdir()) == []


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    for opener in (Store.open, Store.open_readonly):
        with pytest.raises(DiskTrouble, match=re.escape(str(tmp_path))):
            opener(tmp_path)


def test_a_path_through_a_file_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.joinpath("file").touch()

    with pytest.raises(DiskTrouble, match=r"file.*(Not a directory|File exists)"):
        Store.open(tmp_path / "file" / "refunds.db")


OPEN = """
import sys
from pathlib import Path
from refundtracker.store import Store
sys.stdin.readline()
with Store.open(Path(sys.argv[1])) as store:
    store.clear_trouble(sys.argv[2])
"""


def test_several_processes_may_make_the_database_at_once(path: Path) -> None:
    """The service and an import that start together do not disturb each other."""
    names = [f"account {n}" for n in range(6)]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, path, name],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        for name in names
    ]
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()

    assert [child.communicate()[1] for child in children] == [""] * 6
    with Store.open_readonly(path) as store:
        assert [status.account for status in store.account_statuses()] == names
