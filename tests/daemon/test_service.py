"""`refundd run` as the service manager runs it: real processes, real servers, real faults."""

from __future__ import annotations

import email
import itertools
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from refundparsers.money import Money
from refundparsers.notices import MailFacts, Notice, Reading
from refundtracker.errors import Unreachable
from refundtracker.ingest import take
from refundtracker.rawmail import RawMail
from refundtracker.records import Entry, Place
from refundtracker.store import Store
from refundtracker.sweep import grouped
from rigs import sample
from rigs.commands import Home
from rigs.fault_proxy import FaultProxy
from rigs.smtp import receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rigs.dovecot import Dovecot

NOW = datetime(2026, 5, 20, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, dovecot: Dovecot) -> Home:
    """A user whose configuration names the server."""
    user = Home(tmp_path)
    user.write_config(dovecot)
    return user


class Daemon:
    """A running `refundd run`."""

    def __init__(self, home: Home, more: dict[str, str]) -> None:
        self.log = home.place / "daemon.log"
        with self.log.open("ab") as log:
            environment = {**home.environment(), **more}
            self.process = subprocess.Popen(home.argv("refundd", "run"), env=environment, stderr=log)

    def said(self) -> str:
        return self.log.read_text()

    def hear(self, words: str, times: int = 1) -> None:
        """Wait until the log has said it so often."""
        until(lambda: self.said().count(words) >= times, self.said)

    def stop(self) -> int:
        """SIGTERM; the status it ends with. A service that does not end fails the test."""
        self.process.terminate()
        return self.process.wait(timeout=20)

    def ask_to_reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)


@contextmanager
def running(home: Home, **more: str) -> Iterator[Daemon]:
    daemon = Daemon(home, more)
    try:
        yield daemon
    finally:
        daemon.process.kill()
        daemon.process.wait()


def until(holds: Callable[[], bool], told: Callable[[], str] = str) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(told())


def many(count: int) -> list[bytes]:
    """Finished disputes, each of its own."""
    return [
        sample.aliexpress(
            "Dispute Finished",
            f"Order number: {8000000000000000 + n}\nRefund amount: ₩{7000 + n}",
            "2026-05-12 04:22",
            number=str(n),
        )
        for n in range(count)
    ]


def mails(home: Home) -> list[dict[str, Any]]:
    answer = home.run("refunds", "mail", "--json", status=None)
    return answer.json if answer.status == 0 else []


def replace_in_config(home: Home, old: str, new: str) -> None:
    text = home.config.read_text()
    assert old in text
    home.config.write_text(text.replace(old, new))


# --- stopping ---------------------------------------------------------------------------------------


def test_stopped_in_the_first_sync_it_goes_on_later(home: Home, dovecot: Dovecot) -> None:
    for mail in many(150):
        dovecot.deliver(mail)
    with running(home) as daemon:
        daemon.hear("logged in")
        assert daemon.stop() == 0
    home.run("refundd", "run", "--once")

    assert len(mails(home)) == 150
    assert len(home.run("refunds", "--json").json) == 150


@pytest.mark.parametrize("passed", [0, 1500, 60_000])
def test_stopped_on_a_stalled_connection(home: Home, dovecot: Dovecot, passed: int) -> None:
    """In the handshake, in the login, or in the middle of a fetch, nothing comes any more."""
    for mail in many(100):
        dovecot.deliver(mail)
    with FaultProxy(dovecot.port_tls) as proxy:
        replace_in_config(home, f"port = {dovecot.port_tls}", f"port = {proxy.port}")
        proxy.after(passed, "stall")
        with running(home) as daemon:
            until(lambda: proxy._fault is None, daemon.said)
            assert daemon.stop() == 0
            assert "stopping" in daemon.said()


def test_a_stalled_mail_server_delays_neither_start_nor_stop(home: Home) -> None:
    """A summary is due at once, and its server accepts the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _plan_summary(home, silent.getsockname()[1])
        _owe_a_summary(home)
        with running(home) as daemon:
            connection, _ = silent.accept()
            with connection:
                daemon.hear("started")
                daemon.hear("logged in")
                assert "not sent" not in daemon.said()  # the server is still being waited for
                assert daemon.stop() == 0


def test_what_is_wrong_is_mailed_once_and_that_it_is_over(
    home: Home, dovecot: Dovecot, tmp_path: Path
) -> None:
    """The password is refused; it is mended, and the service restarted in between."""
    (home.place / "secret").write_text("n0t-the-password\n")
    with receiver(tmp_path, tls="none") as server:
        _plan_summary(home, server.port)
        for _ in range(2):
            with running(home) as daemon:
                until(lambda: len(server.received) == 1, daemon.said)
                daemon.hear("trying again in 3600 s")
                daemon.stop()
        (home.place / "secret").write_text(dovecot.password + "\n")
        with running(home) as daemon:
            daemon.hear("logged in")
            until(lambda: len(server.received) == 2, daemon.said)
            daemon.stop()
        first, second = (email.message_from_bytes(each.content) for each in server.received)

    assert (first["X-Refundtracker"], first["Auto-Submitted"]) == ("alarm", "auto-generated")
    assert "Login refused: home" in first["Subject"]
    assert "over: Login refused: home" in second["Subject"]
    assert "n0t-the-password" not in first.as_string()


def _plan_summary(home: Home, port: int) -> None:
    home.config.write_text(
        home.config.read_text()
        + f'\n[summary]\nto = "me@shop.test"\n\n[smtp]\nhost = "localhost"\nport = {port}\ntls = "none"\n'
        'sender = "refunds@shop.test"\n'
    )


def _owe_a_summary(home: Home) -> None:
    """The outbox began to work long ago."""
    path = home.place / ".local/state/refundtracker/refunds.db"
    with Store.open(path) as store:
        store.reserve("begun", "first", "", datetime(2026, 1, 1, tzinfo=UTC))


# --- the service manager ------------------------------------------------------------------------------


def test_the_service_manager_hears_how_it_goes(home: Home) -> None:
    with tempfile.TemporaryDirectory(prefix="notify") as directory:
        address = str(Path(directory, "socket"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            manager.settimeout(30)
            with running(home, NOTIFY_SOCKET=address, WATCHDOG_USEC="3000000") as daemon:
                heard = _heard(manager, "READY=1", "STATUS=home: waiting by idle", "WATCHDOG=1")
                daemon.ask_to_reload()
                heard += _heard(manager, "RELOADING=1", "READY=1")
                assert daemon.stop() == 0
                heard += _heard(manager, "STOPPING=1")

    assert heard[0] == "READY=1"


def _heard(manager: socket.socket, *wanted: str) -> list[str]:
    """Messages until all of these were among them."""
    heard: list[str] = []
    while not set(wanted) <= {line for message in heard for line in message.splitlines()}:
        heard.append(manager.recv(4096).decode())
    return heard


# --- servers in trouble -------------------------------------------------------------------------------


def test_it_goes_on_trying_and_recovers(home: Home, dovecot: Dovecot) -> None:
    dovecot.stop()
    with running(home) as daemon:
        daemon.hear("trying again in")
        dovecot.start()
        dovecot.deliver(sample.FINISHED)
        daemon.hear("recovered")

        assert [mail["outcome"] for mail in mails(home)] == ["notice"]


def test_a_refused_login_is_not_repeated(home: Home, dovecot: Dovecot) -> None:
    """Each further attempt with a wrong password may lock the account; a repaired one is taken at once."""
    (home.place / "secret").write_text("wrong\n")
    tried = dovecot.log.read_text().count("auth failed")
    with running(home) as daemon:
        daemon.hear("trying again in 3600 s")
        daemon.ask_to_reload()
        daemon.hear("trying again in 3600 s", times=2)
        (home.place / "secret").write_text(dovecot.password + "\n")
        daemon.ask_to_reload()
        daemon.hear("logged in")
        text = dovecot.log.read_text()

    assert text.count("auth failed") - tried <= 2


def test_one_broken_account_keeps_no_other_from_being_read(home: Home, dovecot: Dovecot) -> None:
    text = home.config.read_text()
    account = text[text.index("[[account]]") :]
    broken = account.replace('"home"', '"work"').replace(f"port = {dovecot.port_tls}", "port = 1")
    home.config.write_text(text.replace("[[account]]", broken + "\n[[account]]", 1))
    dovecot.deliver(sample.FINISHED)

    answer = home.run("refundd", "run", "--once", "--json", status=69)

    assert [(each["account"], each["new"], each["finished"]) for each in answer.json["accounts"]] == [
        ("work", 0, False),
        ("home", 1, True),
    ]
    assert "refundd: work: " in answer.err
    assert "work" in home.run("refunds", "summary").out


def test_every_account_in_trouble_is_told(home: Home, dovecot: Dovecot) -> None:
    text = home.config.read_text().replace(f"port = {dovecot.port_tls}", "port = 1")
    account = text[text.index("[[account]]") :]
    home.config.write_text(text + account.replace('"home"', '"work"'))

    said = home.run("refundd", "run", "--once", status=69).err

    assert "refundd: home: " in said
    assert "refundd: work: " in said


def test_what_came_before_the_line_broke_counts_at_once(home: Home, dovecot: Dovecot) -> None:
    """A mail that breaks the line each time keeps no other from becoming a dispute."""
    dovecot.deliver(sample.FINISHED)
    damaged = dovecot.deliver(sample.PAID)
    damaged.rename(f"{damaged},S=99999")
    with running(home) as daemon:
        daemon.hear("disputes: 1 new")
        daemon.hear("trying again in")

        assert [each["order"] for each in home.run("refunds", "--json").json] == [sample.ORDER]


# --- folders and places -------------------------------------------------------------------------------


def test_folders_with_korean_names_and_one_that_is_missing(home: Home, dovecot: Dovecot) -> None:
    replace_in_config(home, '["INBOX"]', '["INBOX", "카드/문자", "없는 폴더"]')
    dovecot.deliver(sample.FINISHED)
    dovecot.deliver(sample.CANCELLED, "카드/문자")

    said = home.run("refundd", "run", "--once").err

    assert "없는 폴더" in said
    assert [each["state"] for each in home.run("refunds", "--json").json] == ["paid"]


def test_the_mailbox_stays_as_it_was(home: Home, dovecot: Dovecot) -> None:
    """No mail is marked as read: a Maildir shows flags in the names of its files."""
    files = [dovecot.deliver(mail) for mail in (*sample.STORY, *sample.OTHERS)]
    home.run("refundd", "run", "--once")
    names = [path.name for path in dovecot.maildir().rglob("*") if path.parent.name in ("new", "cur")]

    assert sorted(name.partition(":2,")[0] for name in names) == sorted(file.name for file in files)
    assert not [name for name in names if name.partition(":2,")[2]]


def test_a_renumbered_folder_counts_nothing_twice(home: Home, dovecot: Dovecot) -> None:
    for mail in sample.STORY:
        dovecot.deliver(mail)
    home.run("refundd", "run", "--once")
    before = home.run("refunds", "--json").out, mails(home)
    dovecot.reset_uidvalidity()

    said = home.run("refundd", "run", "--once").err

    assert "renumbered" in said
    assert (home.run("refunds", "--json").out, mails(home)) == before


def test_deleted_mail_is_remembered(home: Home, dovecot: Dovecot) -> None:
    for mail in sample.STORY:
        dovecot.deliver(mail)
    home.run("refundd", "run", "--once")
    before = home.run("refunds", "--json").out
    dovecot.expunge_all()
    home.run("refundd", "run", "--once")

    assert home.run("refunds", "--json").out == before


# --- the configuration --------------------------------------------------------------------------------


def test_a_reload_takes_a_good_configuration_and_no_bad_one(home: Home, dovecot: Dovecot) -> None:
    """A day off that was added moves the days that were counted without it."""
    dovecot.deliver(sample.FINISHED)
    good = home.config.read_text()
    with running(home) as daemon:
        daemon.hear("disputes: 1 new")
        home.config.write_text(good + "\n[summary]\nday = 'mon'\n")
        daemon.ask_to_reload()
        daemon.hear("the former one stays in force")
        home.config.write_text(
            good.replace('country = "KR"', 'country = "KR"\ndays_off = ["2026-05-13"]')
            + '\n[storage]\ndatabase = "other.db"\n'
        )
        daemon.ask_to_reload()
        daemon.hear("configuration read again")
        home.config.write_text(good)
        assert _due(home) == "2026-05-22"
        assert "until a restart" in daemon.said()
        assert daemon.stop() == 0


def test_a_restart_counts_with_the_days_off_of_now(home: Home, dovecot: Dovecot) -> None:
    dovecot.deliver(sample.FINISHED)
    home.run("refundd", "run", "--once")
    before = _due(home)
    replace_in_config(home, 'country = "KR"', 'country = "KR"\ndays_off = ["2026-05-13"]')
    home.run("refundd", "run", "--once")

    assert (before, _due(home)) == ("2026-05-21", "2026-05-22")


def _due(home: Home) -> str:
    (dispute,) = home.run("refunds", "--json").json
    return str(dispute["window"]["due_on"])


# --- the database -------------------------------------------------------------------------------------


def test_a_link_to_the_database_leads_to_the_same_lock(home: Home) -> None:
    real = home.place / ".local/state/refundtracker/refunds.db"
    with running(home) as daemon:
        daemon.hear("logged in")
        (home.place / "link.db").symlink_to(real)

        assert "another refundd" in home.run("refundd", "run", "--once", "--db", "link.db", status=74).err


def test_mail_that_found_no_room_is_taken_later(home: Home, dovecot: Dovecot) -> None:
    """The system refuses every write beyond a size, as a full disk does."""
    home.run("refundd", "run", "--once")
    for mail in many(60):
        dovecot.deliver(mail)
    full = subprocess.run(
        home.argv("refundd", "run", "--once"),
        env=home.environment(),
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    home.run("refundd", "run", "--once")

    assert (full.returncode, b"refunds.db" in full.stderr) == (74, True), full.stderr
    assert len(mails(home)) == 60


def test_a_disk_that_fills_up_under_the_service_is_waited_for(home: Home, dovecot: Dovecot) -> None:
    """Nothing is acknowledged while there is no room; then the work goes on by itself."""
    with running(home) as daemon:
        daemon.hear("logged in")
        until(lambda: mails(home) == [] and home.run("refunds", "--json").json == [])
        endless = resource.RLIM_INFINITY
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, endless))
        for mail in many(20):
            dovecot.deliver(mail)
        daemon.hear("refunds.db cannot be")
        assert mails(home) == []
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (endless, endless))
        daemon.hear("recovered")
        until(lambda: len(home.run("refunds", "--json").json) == 20, daemon.said)

        assert daemon.stop() == 0


def test_a_database_that_is_locked_for_long_is_waited_for(home: Home, dovecot: Dovecot) -> None:
    """Somebody has it open in another program, in the middle of a change, and went for lunch."""
    with running(home) as daemon:
        daemon.hear("logged in")
        with closing(sqlite3.connect(_database(home), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            dovecot.deliver(sample.FINISHED)
            daemon.hear("WARNING home: ")  # the account itself: alarms may meet the lock first
            other.execute("ROLLBACK")
        daemon.hear("recovered")
        until(lambda: [mail["outcome"] for mail in mails(home)] == ["notice"], daemon.said)


def test_a_damaged_database_is_told_and_a_backup_takes_its_place(home: Home, dovecot: Dovecot) -> None:
    """What came after the backup is still in the mailbox, and is read again."""
    dovecot.deliver(sample.PAID)
    home.run("refundd", "run", "--once")
    backup = home.place / "backup.db"
    with Store.open_readonly(_database(home)) as store:
        store.copy_to(backup)
    dovecot.deliver(sample.FINISHED)
    home.run("refundd", "run", "--once")
    wanted = home.run("refunds", "--json").json
    content = _database(home).read_bytes()
    _database(home).write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))

    said = home.run("refundd", "run", "--once", status=74).err
    for suffix in ("", "-wal", "-shm"):
        _database(home).with_name(f"refunds.db{suffix}").unlink(missing_ok=True)
    backup.rename(_database(home))
    home.run("refundd", "run", "--once")

    assert "refunds.db is damaged; put a backup in its place" in said
    assert home.run("refunds", "--json").json == wanted


def _database(home: Home) -> Path:
    return home.place / ".local/state/refundtracker/refunds.db"


def test_a_newer_database_is_refused_in_words(home: Home) -> None:
    home.run("refundd", "run", "--once")
    with closing(sqlite3.connect(home.place / ".local/state/refundtracker/refunds.db")) as db:
        db.execute("PRAGMA user_version = 9999")

    for command, words in (("refundd", ["run"]), ("refunds", ["list"])):
        assert "newer" in home.run(command, *words, status=74).err


# --- mails that no store can take ---------------------------------------------------------------------


def _entry(number: int, amount: int) -> Entry:
    facts = MailFacts(sha256=f"{number:064}", sender="a@aliexpress.com", subject=f"mail {number}")
    notice = Notice(
        kind="dispute-finished", source="aliexpress", form="x", order=f"{number}",
        money=Money(amount, "KRW"), on=date(2026, 5, 12),
    )  # fmt: skip
    reading = Reading(mail=facts, outcome="notice", trust="verified", notices=(notice,))
    return Entry(reading, b"raw", 3, NOW, Place("home", "INBOX", 1, number))


def test_a_mail_that_cannot_be_stored_holds_up_no_other(tmp_path: Path) -> None:
    entries = [_entry(1, 7000), _entry(2, 10**40), _entry(3, 9000)]
    with Store.open(tmp_path / "refunds.db") as store:
        new = take(store, entries, now=NOW)
        again = take(store, entries, now=NOW)
        told = {mail.subject: (mail.outcome, mail.reason) for mail in store.mails()}
        known = store.known_uids("home", "INBOX", 1)

    assert (new, again, known) == (3, 0, {1, 2, 3})
    assert told["mail 1"] == told["mail 3"] == ("notice", None)
    assert told["mail 2"][0] == "unparsable"
    assert "no money" in (told["mail 2"][1] or "")


# --- groups -------------------------------------------------------------------------------------------


def _raw(number: int, size: int = 10) -> RawMail:
    return RawMail(place=Place("home", "INBOX", 1, number), raw=b"", arrived=NOW, size=size, left_out=None)


def _broken_after(mails: Sequence[RawMail]) -> Iterator[RawMail]:
    yield from mails
    raise Unreachable("broken")


def test_what_came_before_the_line_broke_is_kept() -> None:
    groups: list[list[RawMail]] = []
    with pytest.raises(Unreachable, match="broken"):
        groups.extend(grouped(_broken_after([_raw(n) for n in range(70)]), Event()))

    assert [len(group) for group in groups] == [50, 20]


def test_large_mails_go_in_small_groups() -> None:
    groups = list(grouped((_raw(n, 3_000_000) for n in range(5)), Event()))

    assert [len(group) for group in groups] == [2, 2, 1]


def test_a_stop_ends_the_fetching() -> None:
    stop = Event()
    coming = itertools.count()
    groups = grouped((_raw(n) for n in coming), stop)
    first = next(groups)
    stop.set()

    assert (len(first), list(groups), next(coming)) == (50, [], 50)


# --- mail from files ----------------------------------------------------------------------------------


def test_a_directory_with_traps_is_read_to_its_end(home: Home) -> None:
    """Links in a circle, a pipe that nobody writes to, a link to nothing: the mail is read all the same."""
    box = home.place / "box"
    box.mkdir()
    (box / "again").symlink_to(".")
    (box / "lost.eml").symlink_to("nowhere")
    os.mkfifo(box / "pipe.eml")
    for number, mail in enumerate(sample.STORY):
        (box / f"{number}.eml").write_bytes(mail)

    words = ("import", "box", "--json", "--allow", sample.ME, "--authserv", sample.AUTHSERV)
    answer = home.run("refunds", *words, status=65)

    assert (answer.json["mails"], answer.json["disputes"]["added"]) == (4, [1])
    assert answer.err == "box/lost.eml: No such file or directory; skipped\n"


def test_a_pipe_is_read_once(home: Home) -> None:
    reader, writer = os.pipe()
    os.write(writer, sample.CANCELLED)
    os.close(writer)
    done = subprocess.run(
        home.argv("refunds", "read", f"/dev/fd/{reader}", "--allow", sample.ME),
        env=home.environment(),
        pass_fds=(reader,),
        capture_output=True,
        check=True,
    )
    os.close(reader)

    assert b"7000 KRW" in done.stdout


# --- the output ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], ["--json"], ["--csv"], ["summary"]])
def test_a_reader_that_goes_away_is_no_failure(home: Home, dovecot: Dovecot, words: list[str]) -> None:
    dovecot.deliver(sample.FINISHED)
    home.run("refundd", "run", "--once")
    reader, writer = os.pipe()
    os.close(reader)
    with closing(os.fdopen(writer, "wb")) as gone:
        done = subprocess.run(
            home.argv("refunds", *words),
            env=home.environment(),
            stdout=gone,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, b"")


def test_an_answer_that_cannot_be_written_is_told(home: Home) -> None:
    home.run("refundd", "run", "--once")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            home.argv("refunds"), env=home.environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )

    assert done.returncode == 74
    assert b"cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr
