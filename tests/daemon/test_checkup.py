"""The doctor's judgements, each on its own; `tests/test_status.py` sees them against real servers."""

from __future__ import annotations

import fcntl
import os
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from refundtracker import checkup
from refundtracker.checkup import Check, certificates, check, exit_status, failed, guarded, lock
from refundtracker.checkup.local import CHECKERS, judged_clock
from refundtracker.checkup.remote import Seen, ask_all, judged_certificate, judged_verdicts
from refundtracker.config import Account, Config
from refundtracker.errors import BadInput, Refused, Unreachable
from refundtracker.setup import units
from refundtracker.watching import Setting
from refundtracker.words import WORDS
from rigs.smtp import receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rigs.dovecot import Dovecot

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
ACCOUNT = Account(name="home", host="imap.example.org", user="me", authserv=("mx.example.org",))


def codes(found: Check) -> tuple[str, str, str | None]:
    return found.level, found.finding.code, found.fix.code if found.fix else None


class TestVerdicts:
    """Whether mail of the shops can be proven at all; nothing counts without."""

    @pytest.mark.parametrize(
        ("seen", "code"),
        [
            ([], "doctor.verdicts.no-mail"),
            ([Seen("verified", ("mx.example.org",), heard=True), Seen("unproven", ())], "doctor.verdicts.ok"),
            ([Seen("unproven", ())] * 3, "doctor.verdicts.silent"),
            ([Seen("unproven", ("mx.other.org", "mx.example.com"))] * 3, "doctor.verdicts.unknown"),
            ([Seen("unproven", ("a.test",)), Seen("unproven", ("b.test",))], "doctor.verdicts.mixed"),
            ([Seen("unproven", ("mx.example.org",), heard=True)], "doctor.verdicts.failed"),
        ],
    )
    def test_what_a_sample_says(self, seen: list[Seen], code: str) -> None:
        found = judged_verdicts(seen, ACCOUNT)

        assert found.finding.code == code
        assert (found.fix is None) == (found.level in {"ok", "note"})
        assert found.status == 0

    def test_the_line_to_add(self) -> None:
        found = judged_verdicts([Seen("unproven", ("mx.other.org",))] * 2, ACCOUNT)

        assert found.fix is not None
        assert found.fix.values["line"] == 'authserv = ["mx.other.org"]'

    def test_one_mail_of_many_proposes_nothing(self) -> None:
        """A sender can write such a header, too, but not on most mails."""
        found = judged_verdicts([Seen("unproven", ("evil.test",)), *[Seen("unproven", ())] * 4], ACCOUNT)

        assert found.finding.code == "doctor.verdicts.mixed"
        assert found.fix is not None
        assert found.fix.code == "doctor.verdicts.mixed.fix"


@pytest.mark.parametrize(
    ("ahead", "code"),
    [(None, "ok"), (-3600, "ok"), (0, "ok"), (240, "ok"), (600, "behind"), (86_400, "behind")],
)
def test_the_clock_is_only_blamed_for_what_lies_ahead(ahead: int | None, code: str) -> None:
    """Old mail says nothing about the clock; a few minutes between two machines are life."""
    seen = None if ahead is None else NOW + timedelta(seconds=ahead)

    assert judged_clock(NOW, seen).finding.code == f"doctor.clock.{code}"


@pytest.mark.parametrize(("days", "level"), [(90, "ok"), (15, "ok"), (13, "warn"), (0, "warn")])
def test_a_certificate_that_ends_soon(days: int, level: str) -> None:
    assert judged_certificate("h", NOW + timedelta(days=days), NOW).level == level


class TestIsolation:
    def test_a_check_that_trips_is_a_check(self) -> None:
        def trips() -> Iterator[Check]:
            yield check("disk", "ok", "disk.ok")
            raise KeyError("x")

        found = list(guarded("disk", trips))

        assert [each.level for each in found] == ["ok", "bad"]
        assert found[1].finding.values == {"error": "KeyError: 'x'"}
        assert exit_status(found) == 1

    def test_the_first_family_that_fails_is_the_exit_status(self) -> None:
        found = [
            check("a", "warn", "disk.ok"),
            failed("b", Refused("no")),
            failed("c", Unreachable("away")),
        ]

        assert exit_status(found) == 77
        assert exit_status(found[:1]) == 0

    def test_a_server_that_never_answers_holds_up_nothing(self, tmp_path: Path) -> None:
        """Two accounts, one behind a wall: the other is told, and the whole ends in time."""
        with socket.create_server(("127.0.0.1", 0)) as wall:
            mute = Account(name="mute", host="127.0.0.1", port=wall.getsockname()[1], user="me")
            away = Account(name="away", host="no-such-host.invalid", user="me")
            setting = Setting(config=Config(accounts=(mute, away)), database=tmp_path / "x.db", forms=None)
            found = list(ask_all(setting, limit=2.0))

        assert [(each.account, each.finding.code) for each in found] == [
            ("mute", "doctor.dns.ok"),
            ("mute", "doctor.slow"),
            ("away", "doctor.dns.none"),
        ]
        assert exit_status(found) == 69

    def test_every_local_check_works_on_an_empty_machine(self, tmp_path: Path) -> None:
        setting = Setting(
            config=Config(),
            database=tmp_path / "deep/down/x.db",
            forms=None,
            environ={"PATH": ""},
            clock=lambda: NOW,
        )
        found = [each for name, work in CHECKERS for each in guarded(name, lambda work=work: work(setting))]  # type: ignore[misc]

        assert [each.name for each in found if each.level == "bad"] == ["accounts"]
        assert list(tmp_path.iterdir()) == []
        for each in found:
            for reason in filter(None, (each.finding, each.fix)):
                assert WORDS[reason.code][0].format_map(reason.values)
            assert f"doctor.{each.name}" in WORDS


class TestLock:
    def test_nobody(self, tmp_path: Path) -> None:
        assert lock.held(tmp_path / "refunds.db") == "free"
        (tmp_path / "refunds.db.lock").touch()
        assert lock.held(tmp_path / "refunds.db") == "free"

    def test_somebody(self, tmp_path: Path) -> None:
        with (tmp_path / "refunds.db.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

            assert lock.held(tmp_path / "refunds.db") == "held"
        assert lock.held(tmp_path / "refunds.db") == "free"

    def test_a_link_to_the_database(self, tmp_path: Path) -> None:
        (tmp_path / "real.db").touch()
        (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
        with (tmp_path / "real.db.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

            assert lock.held(tmp_path / "link.db") == "held"

    def test_looking_keeps_no_service_from_starting(self, tmp_path: Path) -> None:
        """While others look as often as they can, the lock of a starting service is never refused."""
        looked_at = [tmp_path / "0"]
        stop = threading.Event()

        def look() -> None:
            while not stop.is_set():
                lock.held(looked_at[-1])

        thread = threading.Thread(target=look)
        thread.start()
        try:
            for number in range(300):
                path = tmp_path / f"{number}.lock"
                path.touch()
                looked_at.append(tmp_path / f"{number}")
                with path.open("w") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            stop.set()
            thread.join()


class TestCertificates:
    @pytest.mark.parametrize("tls", ["tls", "starttls"])
    def test_of_a_mail_server(self, dovecot: Dovecot, tls: Any) -> None:
        port = dovecot.port_tls if tls == "tls" else dovecot.port_plain
        end = certificates.good_until(dovecot.host, port, tls, "imap", ca_file=dovecot.ca_file)

        assert end is not None
        assert end > NOW
        with pytest.raises(Refused, match="a certificate that is not trusted"):
            certificates.good_until(dovecot.host, port, tls, "imap")

    @pytest.mark.parametrize("tls", ["tls", "starttls"])
    def test_of_a_server_that_sends(self, tmp_path: Path, tls: Any) -> None:
        with receiver(tmp_path, tls=tls) as server:
            end = certificates.good_until(server.host, server.port, tls, "smtp", ca_file=server.ca_file)

        assert end is not None
        assert end > NOW

    def test_a_line_without_tls_has_none(self) -> None:
        assert certificates.good_until("localhost", 9, "none", "imap") is None

    def test_a_server_without_starttls(self, tmp_path: Path) -> None:
        with receiver(tmp_path, tls="none") as server, pytest.raises(Unreachable, match="offers no STARTTLS"):
            certificates.good_until(server.host, server.port, "starttls", "smtp")

    @pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 no\r\n\r\n", b"* " + b"x" * 9000])
    def test_something_else_on_the_port(self, greeting: bytes) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:

            def greet() -> None:
                line, _ = server.accept()
                with line:
                    line.sendall(greeting)

            thread = threading.Thread(target=greet)
            thread.start()
            with pytest.raises(Unreachable, match="starting TLS: "):
                certificates.good_until("localhost", server.getsockname()[1], "starttls", "imap")
            thread.join()

    def test_one_that_has_ended(self, tmp_path: Path) -> None:
        """It is refused in words, and nothing was sent."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC)).configure_cert(context)
        with socket.create_server(("127.0.0.1", 0)) as server:

            def shake() -> None:
                line, _ = server.accept()
                with (
                    line,
                    pytest.raises(OSError, match=r"."),
                    context.wrap_socket(line, server_side=True) as shielded,
                ):
                    shielded.recv(1)

            thread = threading.Thread(target=shake)
            thread.start()
            with pytest.raises(Refused, match="certificate has expired"):
                certificates.good_until(
                    "localhost", server.getsockname()[1], "tls", "imap", ca_file=tmp_path / "ca.pem"
                )
            thread.join()


class TestUnits:
    def test_systemctl_that_is_not_there(self) -> None:
        assert units.state("system", {"PATH": "/nowhere"}) is None

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ("LoadState=loaded\nActiveState=failed\nUnitFileState=enabled", units.State("failed", "enabled")),
            ("LoadState=loaded\nActiveState=active\nUnitFileState=", units.State("active", "unknown")),
            ("LoadState=not-found\nActiveState=inactive\nUnitFileState=", None),
            ("System has not been booted with systemd", None),
        ],
    )
    def test_what_systemctl_says(self, tmp_path: Path, said: str, expected: units.State | None) -> None:
        program = tmp_path / "systemctl"
        program.write_text(f"#!/bin/sh\ncat <<'E'\n{said}\nE\n")
        program.chmod(0o755)

        assert units.state("user", {"PATH": f"{tmp_path}:{os.environ['PATH']}"}) == expected

    def test_where_a_user_unit_belongs(self) -> None:
        assert units.destination("user", {"HOME": "/home/me"}) == Path(
            "/home/me/.config/systemd/user/refundtracker.service"
        )
        assert units.destination("user", {"HOME": "/h", "XDG_CONFIG_HOME": "/c"}).parent == Path(
            "/c/systemd/user"
        )

    def test_a_hidden_program(self) -> None:
        with pytest.raises(BadInput, match="cannot see it"):
            units.fitted("system", Path("/root/venv/bin/refundd"))


def test_every_code_has_words() -> None:
    """A code that nobody can say would only show itself on the day it is needed."""
    import inspect
    import re

    from refundtracker.checkup import local, remote

    text = inspect.getsource(local) + inspect.getsource(remote) + inspect.getsource(checkup)
    found = set(re.findall(r'"((?:\w+|unit|line)(?:\.[a-z-]+)+)"', text)) - {"forms.toml"}
    wanted = {
        f"doctor.{code}" for code in found if code.split(".")[0] in {name for name, _ in CHECKERS} | REMOTE
    }

    assert len(wanted) > 60
    assert wanted - set(WORDS) == set()


REMOTE = {
    "dns",
    "tls",
    "login",
    "folders",
    "verdicts",
    "smtp",
    "slow",
    "unreachable",
    "line",
    "senders",
    "unexpected",
}
