"""`refundd status` and `refundd doctor` as people and monitors use them: real processes, real servers."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Any

import pytest

from rigs import sample
from rigs.commands import Home
from rigs.smtp import PASSWORD, USER, receiver

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.dovecot import Dovecot


@pytest.fixture
def home(tmp_path: Path, dovecot: Dovecot) -> Home:
    """A user whose configuration names the server."""
    user = Home(tmp_path)
    user.write_config(dovecot)
    return user


def database(home: Home) -> Path:
    return home.place / ".local/state/refundtracker/refunds.db"


def checks(home: Home, *words: str, status: int | None = 0) -> dict[str, list[dict[str, Any]]]:
    """The answers of the doctor by name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in home.run("refundd", "doctor", "--json", *words, status=status).json["checks"]:
        found.setdefault(each["name"], []).append(each)
    return found


class TestStatus:
    def test_after_a_sweep(self, home: Home, dovecot: Dovecot) -> None:
        for raw in sample.STORY:
            dovecot.deliver(raw)
        home.run("refundd", "run", "--once")
        told = home.run("refundd", "status", "--json", status=1).json

        assert told["level"] == "warning"
        assert [each["said"] for each in told["problems"]] == ["the service is not running"]
        assert told["running"] is False
        (account,) = told["accounts"]
        assert (account["name"], account["mode"], account["trouble"]) == ("home", "idle", None)
        assert account["last_sweep"].endswith("Z")
        assert sum(told["mails"].values()) == len(sample.STORY)
        assert sum(told["disputes"].values()) == 1
        assert told["summary"] == {"next": None, "last_sent": None, "unsent": None}

    def test_for_people(self, home: Home) -> None:
        home.run("refundd", "run", "--once")
        english = home.run("refundd", "status", status=1).out
        korean = home.run("refundd", "status", "--lang", "ko", status=1).out

        assert english.startswith("warning: the service is not running\n\naccount")
        assert "home     IDLE" in english
        assert "서비스가 실행되고 있지 않아요" in korean
        assert "\x1b" not in english

    def test_while_a_service_runs(self, home: Home) -> None:
        home.run("refundd", "run", "--once")
        with database(home).with_name("refunds.db.lock").open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            told = home.run("refundd", "status", "--json").json

        assert (told["level"], told["running"], told["problems"]) == ("ok", True, [])

    def test_a_refused_login_is_critical(self, home: Home) -> None:
        (home.place / "secret").write_text("wrong-hunter2\n")
        home.run("refundd", "run", "--once", status=77)
        answer = home.run("refundd", "status", "--json", status=2)

        assert answer.json["problems"][0]["level"] == "critical"
        assert "refuses the login" in answer.json["accounts"][0]["trouble"]
        assert "hunter2" not in answer.out

    def test_one_line_for_a_monitor(self, home: Home) -> None:
        """Nagios: one line, numbers behind a bar, 3 when nothing can be told."""
        unknown = home.run("refundd", "status", "--monitor", status=3).out
        home.run("refundd", "run", "--once")
        (line,) = home.run("refundd", "status", "--monitor", status=1).out.splitlines()
        home.config.write_text("nonsense")
        bad = home.run("refundd", "status", "--monitor", status=3).out

        assert unknown.startswith("REFUNDS UNKNOWN - no database at ")
        assert line == (
            "REFUNDS WARNING - the service is not running | unread=0 untrusted=0 unparsable=0 due=0"
        )
        assert bad.startswith("REFUNDS UNKNOWN - ")
        assert bad.count("\n") == 1

    def test_a_file_for_node_exporter(self, home: Home) -> None:
        home.run("refundd", "run", "--once")
        answer = home.run("refundd", "status", "--prometheus", "refunds.prom", status=1)
        text = (home.place / "refunds.prom").read_text()

        assert answer.out == ""
        assert "refundtracker_running 0\n" in text
        assert (home.place / "refunds.prom").stat().st_mode & 0o777 == 0o644
        assert [file.name for file in home.place.glob(".refunds.prom*")] == []
        home.run("refundd", "status", "--prometheus", "nowhere/refunds.prom", status=74)

    def test_before_the_first_run(self, home: Home) -> None:
        assert "no database at" in home.run("refundd", "status", status=65).err


class TestDoctor:
    def test_all_is_well(self, home: Home, dovecot: Dovecot, tmp_path: Path) -> None:
        dovecot.deliver(sample.FINISHED)
        (home.place / "smtp-secret").write_text(PASSWORD)
        (home.place / "smtp-secret").chmod(0o600)
        with receiver(tmp_path) as server:
            home.write_config(
                dovecot,
                f"""
[summary]
to = "me@example.net"
[smtp]
host = "localhost"
port = {server.port}
user = "{USER}"
password = {{ file = "smtp-secret" }}
ca_file = "{server.ca_file}"
""",
            )
            home.run("refundd", "run", "--once")
            found = checks(home)
            assert server.received == []

        levels = {name: {each["level"] for each in each_name} for name, each_name in found.items()}
        expected = {
            *("config", "permissions", "accounts", "senders", "forms", "disk", "database", "clock", "zone"),
            *("holidays", "summary", "dns", "tls", "login", "folders", "waiting", "verdicts", "smtp"),
        }
        assert {name: levels.get(name) for name in expected} == {name: {"ok"} for name in expected}
        assert levels["service"] == {"warn"}
        assert found["verdicts"][0]["finding"] == "1 of 1 mails from shops are proven"

    def test_one_fault_hides_no_other(self, home: Home, dovecot: Dovecot) -> None:
        """A refused login, an open database, a folder of no name: each has its line and its fix."""
        home.run("refundd", "run", "--once")
        database(home).chmod(0o644)
        text = home.config.read_text()
        home.config.write_text(text.replace('"INBOX"', '"INBOX", "Refunds"'))
        missing = checks(home)["folders"][0]
        (home.place / "secret").write_text("wrong-hunter2\n")
        answer = home.run("refundd", "doctor", status=77)
        found = checks(home, status=77)

        assert (missing["level"], missing["finding"]) == ("warn", "not in the mailbox: Refunds")
        assert missing["fix"] == "take one of: INBOX"
        assert found["database"][0]["fix"] == f"chmod 600 {database(home)}"
        assert found["login"][0]["level"] == "bad"
        assert "app password" in found["login"][0]["fix"]
        assert "hunter2" not in answer.out + answer.err

    def test_a_provider_whose_verdicts_are_not_believed(self, home: Home, dovecot: Dovecot) -> None:
        """The very line that mends it is told."""
        for _ in range(3):
            dovecot.deliver(sample.FINISHED)
        home.config.write_text(home.config.read_text().replace('"mx.example.net"', '"mx.elsewhere.net"'))
        (told,) = checks(home)["verdicts"]

        assert told["level"] == "warn"
        assert told["fix"].endswith('write below this account: authserv = ["mx.example.net"]')

    def test_a_provider_that_writes_no_verdicts(self, home: Home, dovecot: Dovecot) -> None:
        lines = sample.FINISHED.split(b"\r\n" if b"\r\n" in sample.FINISHED else b"\n")
        start = next(i for i, line in enumerate(lines) if line.lower().startswith(b"authentication-results"))
        end = next(i for i, line in enumerate(lines) if i > start and not line[:1].isspace())
        dovecot.deliver(b"\r\n".join(lines[:start] + lines[end:]))
        (told,) = checks(home)["verdicts"]

        assert told["finding"].startswith("none of 1 mails carries Authentication-Results")

    def test_every_problem_of_the_configuration(self, home: Home) -> None:
        home.config.write_text('[region]\ncountry = "Korea"\n[[account]]\nname = "x"\n')
        found = checks(home, status=78)

        assert len(found["config"]) >= 3
        assert {"disk", "forms", "database", "clock"} <= set(found)
        assert "holidays" not in found

    def test_without_a_configuration(self, home: Home) -> None:
        home.config.unlink()

        assert "there is no such file" in home.run("refundd", "doctor", "--offline", status=78).out

    def test_a_server_that_is_away(self, home: Home, dovecot: Dovecot) -> None:
        dovecot.stop()
        found = checks(home, status=69)

        assert found["tls"][0]["finding"].endswith("the connection was refused")
        assert "login" not in found

    def test_a_certificate_that_is_not_trusted(self, home: Home) -> None:
        text = home.config.read_text()
        home.config.write_text("\n".join(line for line in text.split("\n") if not line.startswith("ca_file")))
        found = checks(home, status=77)

        assert "shows a certificate that is not trusted" in found["tls"][0]["finding"]

    def test_offline_it_asks_nobody(self, home: Home, dovecot: Dovecot) -> None:
        dovecot.stop()

        assert {"dns", "tls", "login", "smtp"} & set(checks(home, "--offline")) == set()

    def test_a_damaged_database(self, home: Home) -> None:
        home.run("refundd", "run", "--once")
        with database(home).open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(40_000))
        found = checks(home, "--offline", status=74)

        assert found["database"][-1]["level"] == "bad"

    def test_a_newer_database(self, home: Home) -> None:
        import sqlite3
        from contextlib import closing

        home.run("refundd", "run", "--once")
        with closing(sqlite3.connect(database(home))) as connection:
            connection.execute("PRAGMA user_version = 99")
        (told,) = checks(home, "--offline", status=74)["database"]

        assert "was written by a newer version of this program" in told["finding"]

    def test_for_people_in_both_languages(self, home: Home) -> None:
        english = home.run("refundd", "doctor", "--offline").out
        korean = home.run("refundd", "doctor", "--offline", "--lang", "ko").out

        assert "fix: start it: refundd run" in english
        assert "해결: 시작하세요: refundd run" in korean
        assert english.splitlines()[-1].startswith("It works;")
        assert "\x1b" not in english + korean
