"""`refundd setup`: on a terminal as a person types it, and by options alone; and the unit that follows it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from refundtracker.config import load
from rigs.commands import Home
from rigs.smtp import PASSWORD, USER, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rigs.dovecot import Dovecot

UNITS = Path(__file__).parent.parent / "systemd"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


class Terminal:
    """A program on a terminal of its own, and what stands on its screen."""

    def __init__(self, process: subprocess.Popen[bytes], line: int) -> None:
        self.process = process
        self._line = line
        self.screen = ""
        self._read = 0

    def sees(self, words: str) -> None:
        """Wait until the words stand on the screen, behind those that were seen before."""
        deadline = time.monotonic() + 60
        while words not in self.screen[self._read :]:
            assert time.monotonic() < deadline, self.screen
            assert self._more() or words in self.screen[self._read :], self.screen
        self._read = self.screen.index(words, self._read) + len(words)

    def types(self, text: str) -> None:
        os.write(self._line, text.encode())

    def answers(self, question: str, text: str = "") -> None:
        self.sees(question)
        self.sees(": ")
        self.types(text + "\n")

    def end(self) -> int:
        while self._more():
            pass
        return self.process.wait(timeout=30)

    def _more(self) -> bool:
        """Read what came; False at the end."""
        ready, _, _ = select.select([self._line], [], [], 30)
        try:
            found = os.read(self._line, 4096) if ready else b""
        except OSError:  # Linux's word for a terminal whose last program has ended
            return False
        self.screen += found.decode(errors="replace").replace("\r\n", "\n")
        return bool(found)


def _take_terminal() -> None:
    """Makes it the terminal of the new session, so that Ctrl-C in it is a signal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def terminal(home: Home, *words: str | Path) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        home.argv("refundd", "setup", *words), env={**home.environment(), "TERM": "xterm"}, cwd=home.place,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=_take_terminal,  # noqa: PLW1509 - one system call between fork and exec
    )  # fmt: skip
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def at(server: Dovecot) -> tuple[str | Path, ...]:
    """The options that name the server."""
    return ("--host", server.host, "--port", str(server.port_tls), "--ca-file", server.ca_file)


def written(home: Home) -> dict[str, Any]:
    return tomllib.loads(home.config.read_text())


def secret_of(home: Home, server: Dovecot) -> Path:
    path = home.place / "given-secret"
    path.write_text(server.password + "\n")
    path.chmod(0o600)
    return path


class TestOnATerminal:
    def test_the_whole_way(self, home: Home, dovecot: Dovecot) -> None:
        """Address, password, folders, who forwards, no weekly mail, country: then it works."""
        dovecot.maildir("SMS")
        dovecot.maildir("Junk")
        dovecot.maildir("Holiday")
        with terminal(home, *at(dovecot)) as user:
            user.answers("Your mail address", "nonsense")
            user.sees('must be a mail address such as "me@example.com"')
            user.answers("Your mail address", dovecot.user)
            user.answers("nothing is shown while you type", "wrong-hunter2")
            user.sees("refuses the login of")
            user.answers("nothing is shown while you type", dovecot.password)
            user.sees("Folders in this mailbox: Holiday, INBOX, Junk, SMS")
            user.answers("[INBOX, Junk, SMS]")
            user.answers("Addresses that forward your card texts", f"{dovecot.user}, Phone@example.net")
            user.answers("A weekly summary by mail", "n")
            user.answers("Country whose business days are counted", "fr")
            status = user.end()

        assert status == 0, user.screen
        assert dovecot.password not in user.screen
        assert "hunter2" not in user.screen
        config = load(home.config)
        (account,) = config.accounts
        assert account.folders == ("INBOX", "Junk", "SMS")
        assert config.senders.allowed == (dovecot.user, "phone@example.net")
        assert (config.region.country, str(config.region.timezone)) == ("FR", "Europe/Paris")
        assert config.summary is None
        assert [path.stat().st_mode & 0o777 for path in (home.config, home.place / "imap-password")] == [
            0o600
        ] * 2
        assert home.run("refundd", "run", "--once").out == "home: 0 new mails\n"

    def test_ctrl_c_leaves_nothing(self, home: Home, dovecot: Dovecot) -> None:
        with terminal(home, *at(dovecot)) as user:
            user.answers("Your mail address", dovecot.user)
            user.sees("nothing is shown while you type")
            user.types("\x03")
            status = user.end()

        assert status == 130
        assert list(home.place.iterdir()) == []

    def test_it_overwrites_only_when_told_to(self, home: Home, dovecot: Dovecot) -> None:
        home.config.write_text("# mine\n")
        with terminal(home, *at(dovecot)) as user:
            user.sees("There is a configuration at")
            user.answers("[y/N]", "n")
            status = user.end()

        assert status == 65
        assert home.config.read_text() == "# mine\n"
        home.run(
            "refundd", "setup", "--yes", "--force", "--address", dovecot.user, *at(dovecot),
            "--password-file", secret_of(home, dovecot), "--no-summary",
        )  # fmt: skip
        assert (home.place / "config.toml.old").read_text() == "# mine\n"
        assert written(home)["account"][0]["host"] == "localhost"

    def test_a_known_provider_says_what_to_do_first(self, home: Home) -> None:
        with terminal(home, "--lang", "ko") as user:
            user.answers("메일 주소", "someone@naver.com")
            user.sees("Naver 메일이에요. imap.naver.com 서버에서 읽어요.")
            user.sees("IMAP 사용을 먼저 켜 주세요.")
            user.sees("앱 비밀번호를 만드세요: https://nid.naver.com")
            user.sees("앱 비밀번호 (입력해도")
            user.types("\x03")

            assert user.end() == 130


class TestByOptions:
    def test_with_a_weekly_mail(self, home: Home, dovecot: Dovecot, tmp_path: Path) -> None:
        """The very password is tried at both servers; the test mail is sent when asked for."""
        with receiver(tmp_path) as server:
            server.password = dovecot.password
            dovecot.user = USER
            answer = home.run(
                "refundd", "setup", "--yes", "--json", "--address", USER, *at(dovecot),
                "--password-file", secret_of(home, dovecot), "--allow", "phone@example.net",
                "--smtp-host", "localhost", "--smtp-port", str(server.port), "--smtp-tls", "starttls",
                "--ca-file", both(home, dovecot.ca_file, server.ca_file), "--test-mail",
            ).json  # fmt: skip
            (mail,) = server.received

        assert mail.recipients == [USER]
        assert b"Subject: Refund tracker: a test mail" in mail.content
        assert answer["summary_to"] == USER
        assert answer["secret"] is None
        config = load(home.config)
        assert config.smtp is not None
        assert config.smtp.port == server.port
        assert config.accounts[0].password is not None
        assert config.accounts[0].password.target == (str(home.place / "given-secret"),)
        assert PASSWORD not in home.config.read_text()

    def test_a_refused_login_writes_nothing(self, home: Home, dovecot: Dovecot) -> None:
        secret = secret_of(home, dovecot)
        secret.write_text("wrong-hunter2")
        answer = home.run(
            "refundd",
            "setup",
            "--yes",
            "--address",
            dovecot.user,
            *at(dovecot),
            "--password-file",
            secret,
            status=77,
        )

        assert "refuses the login" in answer.err
        assert "hunter2" not in answer.err
        assert not home.config.exists()

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ((), "--yes asks nothing, so --address is needed"),
            (("--address", "me"), "--address must be a mail address"),
            (("--address", "me@naver.com"), "--yes asks nothing, so --password-file is needed"),
            (("--address", "me@h.test", "--no-discovery"), "--yes asks nothing, so --host is needed"),
            (
                ("--address", "me@naver.com", "--password-file", "p", "--no-test", "--country", "XX"),
                "No holiday table",
            ),
            (
                ("--address", "me@naver.com", "--password-file", "p", "--no-test", "--timezone", "Asia/Seul"),
                "Seoul",
            ),
            (
                ("--address", "me@naver.com", "--password-file", "p", "--no-test", "--allow", "x"),
                "--allow must be",
            ),
        ],
    )
    def test_what_is_missing_or_wrong_is_named(self, home: Home, words: tuple[str, ...], said: str) -> None:
        (home.place / "p").write_text("x")
        (home.place / "p").chmod(0o600)

        assert said in home.run("refundd", "setup", "--yes", *words, status=2).err
        assert not home.config.exists()

    def test_outlook_is_set_up_for_a_sign_in(self, home: Home) -> None:
        """No password is asked for; the weekly mail uses the same sign-in."""
        answer = home.run("refundd", "setup", "--yes", "--json", "--address", "me@outlook.com")
        config = load(home.config)

        assert answer.json["next"][0] == "refundd login home"
        assert config.accounts[0].oauth == "microsoft"
        assert config.smtp is not None
        assert (config.smtp.oauth, config.smtp.host) == ("microsoft", "smtp-mail.outlook.com")

    def test_every_line_is_explained(self, home: Home) -> None:
        home.run("refundd", "setup", "--yes", "--address", "me@outlook.com")
        lines = home.config.read_text().splitlines()

        for number, line in enumerate(lines):
            if " = " in line and not line.startswith("#"):
                assert lines[number - 1].startswith("# "), line


def both(home: Home, *files: Path) -> Path:
    """One file with several authorities."""
    path = home.place / "authorities.pem"
    path.write_bytes(b"".join(file.read_bytes() for file in files))
    return path


class TestInstallService:
    PROGRAM = "/opt/refundtracker/bin/refundd"

    @pytest.mark.parametrize(
        ("scope", "file"), [(("--user",), "refundtracker-user.service"), ((), "refundtracker.service")]
    )
    def test_what_is_written_is_what_is_shipped(self, home: Home, scope: tuple[str, ...], file: str) -> None:
        shown = home.run("refundd", "install-service", *scope, "--dry-run", "--program", self.PROGRAM).out
        shipped = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={self.PROGRAM}", (UNITS / file).read_text())

        assert shown == shipped
        assert list(home.place.iterdir()) == []

    def test_for_one_user(self, home: Home) -> None:
        words = ("refundd", "install-service", "--user", "--program", self.PROGRAM)
        first, second = home.run(*words), home.run(*words, "--json")
        unit = home.place / ".config/systemd/user/refundtracker.service"

        assert f"Written: {unit}\n" in first.out
        assert "  systemctl --user enable --now refundtracker\n" in first.out
        assert unit.stat().st_mode & 0o777 == 0o644
        assert second.json["written"] is False
        unit.write_text("mine")
        assert "put your own lines into a drop-in" in home.run(*words, status=65).err
        assert unit.read_text() == "mine"
        home.run(*words, "--force")
        assert unit.read_text() != "mine"

    @pytest.mark.parametrize(
        ("program", "said"),
        [
            ("/home/me/venv/bin/refundd", "lies where the system service cannot see it"),
            ("/opt/a b/refundd", "has a letter that a unit file cannot carry"),
            ("/opt/%h/refundd", "has a letter that a unit file cannot carry"),
        ],
    )
    def test_a_program_that_cannot_be_started(self, home: Home, program: str, said: str) -> None:
        assert (
            said in home.run("refundd", "install-service", "--dry-run", "--program", program, status=65).err
        )
