"""The store when the world is against it: kills, full and read-only disks, locks and damage."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from refundparsers.money import Money
from refundparsers.notices import MailFacts, Notice, Reading
from refundtracker.errors import DiskTrouble
from refundtracker.records import Cursor, CursorMove, Entry, Place
from refundtracker.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
NOBODY = 65534
KILLS = 30
NOTICES_A_MAIL = 3


def mail(uid: int, filler: bytes = b"") -> Entry:
    """Mail number `uid` with three notices, lying at the UID of its number."""
    raw = b"mail %d " % uid + filler
    notices = tuple(
        Notice(
            kind="card-cancelled",
            source="card",
            form="kr.shinhan.cancelled",
            money=Money(uid, "KRW"),
            reference=str(n),
            on=date(2026, 5, 19),
        )
        for n in range(NOTICES_A_MAIL)
    )
    facts = MailFacts(sha256=hashlib.sha256(raw).hexdigest(), subject=str(uid))
    reading = Reading(mail=facts, outcome="notice", trust="verified", notices=notices)
    return Entry(reading, raw, len(raw), NOW, Place("home", "INBOX", 1, uid))


def record(store: Store, uid: int, filler: bytes = b"") -> None:
    """Stores a mail and moves the cursor behind it."""
    store.record([mail(uid, filler)], cursor=CursorMove("home", "INBOX", 1, uid), now=NOW)


def check_whole(store: Store) -> int:
    """No half mail is there; gives the number of the last one, which the cursor knows."""
    assert store.integrity() == []
    uids = store.known_uids("home", "INBOX", 1)
    assert uids == set(range(1, len(uids) + 1))
    assert {int(row.subject or 0) for row in store.mails()} == uids
    told = [(kept.notice.money, kept.notice.reference) for kept in store.notices()]
    assert told == [(Money(uid, "KRW"), str(n)) for uid in sorted(uids) for n in range(NOTICES_A_MAIL)]
    assert store.cursor("home", "INBOX") == (Cursor(1, max(uids)) if uids else None)
    assert all(store.raw(row.id) for row in store.mails())
    return len(uids)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "refunds.db"


RECORD = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[2]]
from refundtracker.store import Store
from test_store_faults import record
with Store.open(Path(sys.argv[1])) as store:
    uid = max(store.known_uids("home", "INBOX", 1), default=0)
    print(uid, flush=True)
    while True:
        uid += 1
        record(store, uid, b"x" * 3000)
        print(uid, flush=True)
"""


def killed_while_recording(path: Path, after: int) -> int:
    """Runs a process that records for ever, kills it after some lines; gives the last acknowledged UID."""
    child = subprocess.Popen(
        [sys.executable, "-c", RECORD, path, Path(__file__).parent],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    with child:
        assert child.stdout
        lines = [child.stdout.readline() for _ in range(after)]
        # Not at a line but somewhere in the work after it.
        threading.Event().wait(random.uniform(0, 0.004))
        child.kill()
        lines += child.stdout.readlines()
    return int([line for line in lines if line.endswith(b"\n")][-1])


def test_a_killed_process_loses_nothing_it_acknowledged(path: Path) -> None:
    """Thirty times kill -9 at any moment: a mail is there with notices, place and cursor, or not at all."""
    for _ in range(KILLS):
        acknowledged = killed_while_recording(path, random.randint(1, 12))

        with Store.open(path) as store:
            assert check_whole(store) in {acknowledged, acknowledged + 1}


@contextmanager
def full_after(store: Store, pages: int) -> Iterator[None]:
    """No room for more than these pages beyond those there are."""
    now = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {now + pages}")
    try:
        yield
    finally:
        store._connection.execute("PRAGMA max_page_count = 1000000")


def record_many(store: Store) -> None:
    """Stores mails 2 to 61 in one call, about twenty pages, half of them mails."""
    mails = [mail(uid, os.urandom(400)) for uid in range(2, 62)]
    store.record(mails, cursor=CursorMove("home", "INBOX", 1, 61), now=NOW)


@pytest.mark.parametrize("pages", range(14))
def test_a_full_disk_is_a_sentence_and_moves_no_cursor(path: Path, pages: int) -> None:
    """Wherever in the transaction the room ends, nothing of the mails is stored, and later they can be."""
    with Store.open(path) as store:
        record(store, 1)
        with (
            full_after(store, pages),
            pytest.raises(DiskTrouble, match=r"refunds\.db cannot be written: the disk is full"),
        ):
            record_many(store)
        assert check_whole(store) == 1

        record_many(store)
        assert check_whole(store) == 61


needs_mount = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")

FILL = """
import os, subprocess, sys
from pathlib import Path
sys.path[:0] = [sys.argv[2]]
from refundtracker.errors import DiskTrouble
from refundtracker.store import Store
from test_store_faults import check_whole, record
where = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", where], check=True)
with Store.open(where / "refunds.db") as store:
    uid = 0
    try:
        while True:
            uid += 1
            record(store, uid, os.urandom(20_000))
    except DiskTrouble as trouble:
        print(trouble)
    assert check_whole(store) == uid - 1 > 0
    subprocess.run(["mount", "-o", "remount,size=4m", where], check=True)
    record(store, uid, os.urandom(20_000))
    assert check_whole(store) == uid
print("went on")
"""


@needs_mount
def test_a_disk_that_fills_up_and_gets_room_again(tmp_path: Path) -> None:
    done = subprocess.run(
        ["unshare", "-m", sys.executable, "-c", FILL, tmp_path, Path(__file__).parent],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": os.environ["PATH"]},
    )
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mounts here: {done.stderr.strip()}")

    assert done.stderr == ""
    sentence, end = done.stdout.splitlines()
    assert sentence.startswith(f"{tmp_path}/refunds.db cannot be ")
    assert end == "went on"


def test_a_reader_beside_a_writer_sees_what_was_committed(path: Path) -> None:
    with Store.open(path) as writer, Store.open_readonly(path) as reader:
        record(writer, 1)
        assert check_whole(reader) == 1
        with writer._writing() as db:
            db.execute("DELETE FROM mail")
            assert check_whole(reader) == 1
            db.execute("INSERT INTO account_status (account) VALUES ('uncommitted')")
            assert reader.account_statuses() == []
        assert reader.mails() == []


def test_a_reader_does_not_hold_up_a_writer(path: Path) -> None:
    """A long look at the database keeps its state and lets others write."""
    with Store.open(path, patience=0.05) as writer, Store.open_readonly(path) as reader:
        record(writer, 1)
        with reader._reading():
            assert len(reader._rows("SELECT id FROM mail")) == 1
            record(writer, 2)
            assert len(reader._rows("SELECT id FROM mail")) == 1
        assert check_whole(reader) == 2


def test_a_lock_that_lasts_is_a_sentence(path: Path) -> None:
    with Store.open(path) as first, Store.open(path, patience=0.05) as second:
        record(first, 1)
        with first._writing():
            with pytest.raises(
                DiskTrouble, match=r"refunds\.db is locked: another program wrote for 0\.05 s"
            ):
                record(second, 2)
            with pytest.raises(DiskTrouble, match=r"refunds\.db is locked"):
                Store.open(path, patience=0.05)
        record(second, 2)
        assert check_whole(first) == 2


class Recorder(threading.Thread):
    """Records one mail through a connection of its own, and tells when it has begun to wait."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.opened = threading.Event()
        self.locked = threading.Event()
        self.begun = threading.Event()
        self.trouble: Exception | None = None

    def run(self) -> None:
        try:
            with Store.open(self.path) as store:
                self.opened.set()
                assert self.locked.wait(20)
                store._connection.set_trace_callback(lambda _: self.begun.set())
                record(store, 1)
        except DiskTrouble as trouble:
            self.trouble = trouble


def test_a_lock_that_ends_is_waited_for(path: Path) -> None:
    """The other one lets go only after we have begun to wait."""
    with Store.open(path) as store:
        recorder = Recorder(path)
        recorder.start()
        assert recorder.opened.wait(20)
        with store._writing():
            recorder.locked.set()
            assert recorder.begun.wait(20)
        recorder.join(20)
        assert recorder.trouble is None
        assert check_whole(store) == 1


def interrupted(store: Store) -> None:
    with store._writing() as db:
        db.table("account_status").insert({"account": "home"})
        raise KeyboardInterrupt


def test_an_error_in_the_middle_leaves_the_store_usable(path: Path) -> None:
    with Store.open(path) as store:
        with pytest.raises(KeyboardInterrupt):
            interrupted(store)
        assert store.account_statuses() == []
        record(store, 1)
        assert check_whole(store) == 1


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A directory that a user without rights can reach."""
    directory = Path(tempfile.mkdtemp(prefix="refunds-test-"))
    directory.chmod(0o755)
    yield directory
    directory.chmod(0o755)
    shutil.rmtree(directory)


@contextmanager
def nothing_writable(directory: Path) -> Iterator[None]:
    """All files and the directory can be read and not written, also when root runs the tests."""
    for file in directory.iterdir():
        file.chmod(0o444)
    directory.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        directory.chmod(0o755)


def test_a_closed_database_is_read_where_nothing_can_be_written(shelf: Path) -> None:
    """A mounted backup: no shared memory is there, and none can be made."""
    with Store.open(shelf / "refunds.db") as store:
        record(store, 1)

    with nothing_writable(shelf):
        with Store.open_readonly(shelf / "refunds.db") as reader:
            assert check_whole(reader) == 1
        assert [file.name for file in shelf.iterdir()] == ["refunds.db"]


def copy_without_shared_memory(path: Path, to: Path) -> None:
    """What a backup takes of a database that is open: the file and its log."""
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{path}{suffix}", f"{to}{suffix}")


def test_a_log_left_beside_a_read_only_database_is_read_too(shelf: Path, path: Path) -> None:
    """The last mails are only in the log; reading the file alone would show an old state."""
    with Store.open(path) as store:
        record(store, 1)
        store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        record(store, 2)
        copy_without_shared_memory(path, shelf / "refunds.db")

    with nothing_writable(shelf):
        before = sorted(Path(tempfile.gettempdir()).glob("refunds-*"))
        with Store.open_readonly(shelf / "refunds.db") as reader:
            assert check_whole(reader) == 2
            assert sorted(Path(tempfile.gettempdir()).glob("refunds-*")) == before, "nothing is left behind"
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                reader._connection.execute("DELETE FROM mail")


def test_a_log_without_shared_memory_is_read_where_it_can_be_made(path: Path, tmp_path: Path) -> None:
    """After a crash of the machine the log is there and the shared memory is not."""
    with Store.open(path) as store:
        record(store, 1)
        copy_without_shared_memory(path, tmp_path / "copy.db")

    with Store.open_readonly(tmp_path / "copy.db") as reader:
        assert check_whole(reader) == 1


def test_a_writer_beside_a_user_who_may_only_read(shelf: Path) -> None:
    with Store.open(shelf / "refunds.db") as store:
        record(store, 1)
        with nothing_writable(shelf), Store.open_readonly(shelf / "refunds.db") as reader:
            assert check_whole(reader) == 1


def test_a_read_only_database_cannot_be_opened_for_writing(shelf: Path) -> None:
    Store.open(shelf / "refunds.db").close()

    with (
        nothing_writable(shelf),
        pytest.raises(DiskTrouble, match=r"refunds\.db cannot be (written|opened).*(read-only|permissions)"),
    ):
        Store.open(shelf / "refunds.db")


def test_a_database_cannot_be_made_where_nothing_can_be_written(shelf: Path) -> None:
    with nothing_writable(shelf):
        for name in ("refunds.db", "state/refunds.db"):
            with pytest.raises(DiskTrouble, match=r"(refunds\.db|state): Permission denied"):
                Store.open(shelf / name)


def test_a_database_that_may_not_be_read_is_a_sentence(shelf: Path) -> None:
    Store.open(shelf / "refunds.db").close()

    with nothing_writable(shelf):
        os_file = shelf / "refunds.db"
        with as_owner():
            os_file.chmod(0o000)
        with pytest.raises(DiskTrouble, match=r"refunds\.db cannot be opened; look at the permissions"):
            Store.open_readonly(os_file)


@contextmanager
def as_owner() -> Iterator[None]:
    """The rights of the user who runs the tests, for a moment."""
    former = os.geteuid()
    os.seteuid(os.getuid())
    try:
        yield
    finally:
        os.seteuid(former)


def complaint(path: Path) -> str | None:
    """What is said about a file when everything in it is looked at."""
    try:
        look_at_everything(path)
    except DiskTrouble as trouble:
        return str(trouble)
    return None


def look_at_everything(path: Path) -> None:
    """Opens and reads whatever there is to read, then writes."""
    with Store.open(path) as store:
        store.integrity()
        list(store.notices())
        store.disputes()
        store.unlinked_credits()
        store.account_statuses()
        for row in store.mails():
            store.raw(row.id)
        record(store, 1000)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_a_sentence_or_no_harm(path: Path, seed: int) -> None:
    """Bytes that rotted on the disk never end in anything but `DiskTrouble`."""
    with Store.open(path) as store:
        for uid in range(1, 8):
            record(store, uid, os.urandom(2000))
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 20, 400))):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(
        content[: chance.choice((len(content), len(content), chance.randrange(1, len(content))))]
    )

    said = complaint(path)

    assert said is None or str(path) in said


def test_a_damaged_page_is_named_as_damage(path: Path) -> None:
    with Store.open(path) as store:
        record(store, 1, os.urandom(30_000))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * 4096 * 3 + content[4 * 4096 :])

    with pytest.raises(DiskTrouble, match=r"refunds\.db is damaged; put a backup in its place"):
        look_at_everything(path)


def test_a_value_that_makes_no_sense_is_damage(path: Path) -> None:
    with Store.open(path) as store:
        record(store, 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE notice SET on_date = 'yesterday'")
        connection.execute("UPDATE mail SET raw = x'00'")

    with Store.open_readonly(path) as store:
        with pytest.raises(DiskTrouble, match=r"refunds\.db is damaged: a value in it makes no sense"):
            list(store.notices())
        with pytest.raises(DiskTrouble, match=r"refunds\.db is damaged: a value in it makes no sense"):
            store.raw(1)
