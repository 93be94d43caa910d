"""Alarms on their way: over a real mail server and a real web service, through faults, once each."""

from __future__ import annotations

import email
import email.policy
import json
import logging
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from refundtracker.alarms.urls import AlarmUrl
from refundtracker.config import Account, AlarmPlan, Config, Region, Smtp
from refundtracker.jobs.timetable import Timetable
from refundtracker.store import Store
from refundtracker.watching import Setting
from rigs.smtp import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

NOW = datetime(2026, 5, 20, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECRET = "t0psecretTOKEN"


@dataclass(slots=True)
class House:
    """One installation, its mail server, and a clock.

    Attributes:
        now: the moment it is (UTC).
    """

    database: Path
    server: Receiver
    urls: tuple[AlarmUrl, ...] = ()
    now: datetime = NOW
    timetable: Timetable = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.timetable = Timetable(Setting(self.config(), self.database, None, {}, "en", lambda: self.now))

    def config(self) -> Config:
        return Config(
            region=Region(timezone=ZoneInfo("Asia/Seoul")),
            accounts=(Account(name="home", host="mail.shop.test", user="me"),),
            smtp=Smtp(host="localhost", port=self.server.port, tls="none", sender="refunds@shop.test"),
            alarms=AlarmPlan(to="me@shop.test", urls=self.urls),
            backups=0,
        )

    def refuse(self, account: str = "home") -> None:
        """The mail server refuses the login."""
        with Store.open(self.database) as store:
            store.note_trouble(account, "mail.shop.test: password refused", self.now, "refused")

    def mend(self) -> None:
        with Store.open(self.database) as store:
            store.clear_trouble("home")

    def look(self) -> None:
        """Two turns, to their ends."""
        for _ in range(2):
            self.timetable.turn()
            self.timetable.settle(60)

    def go_on(self, length: timedelta, step: timedelta = 5 * MINUTE) -> None:
        """Let the time go by."""
        until = self.now + length
        while self.now < until:
            self.now += step
            self.look()

    def mails(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(each.content, policy=email.policy.default)
            for each in self.server.received
        ]

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with receiver(tmp_path, tls="none") as server:
        yield House(tmp_path / "refunds.db", server)


@dataclass(slots=True)
class Service:
    """A web service that takes messages: what it got, and what it answers.

    Attributes:
        status: the answer to each message.
    """

    port: int = 0
    status: int = 200
    received: list[dict[str, str]] = field(default_factory=list)

    def url(self) -> str:
        return f"json://localhost:{self.port}/{SECRET}"


@contextmanager
def web() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if service.status == 200:
                service.received.append(json.loads(body))
            self.send_response(service.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing on stderr."""

    with ThreadingHTTPServer(("localhost", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        service.port = listening.server_address[1]
        try:
            yield service
        finally:
            listening.shutdown()
            thread.join()


# --- by mail ----------------------------------------------------------------------------------------


def test_an_alarm_is_mailed_once_and_when_it_is_over(house: House) -> None:
    house.look()
    house.refuse()
    house.go_on(HOUR)
    house.mend()
    house.go_on(HOUR)

    assert house.subjects() == ["Refunds: Login refused: home", "Refunds: over: Login refused: home"]
    text = _text(house.mails()[0])
    assert "mail.shop.test: password refused" in text
    assert "refundd doctor" in text
    assert "since 20 May 09:00" in text


def test_several_alarms_are_one_mail(house: House, tmp_path: Path) -> None:
    config = house.config()
    accounts = tuple(replace(config.accounts[0], name=name) for name in ("home", "work", "shop"))
    setting = Setting(replace(config, accounts=accounts), house.database, None, {}, "ko", lambda: house.now)
    house.timetable = Timetable(setting)
    for name in ("home", "work", "shop"):
        house.refuse(name)
    house.look()

    assert house.subjects() == ["환불 알림: 로그인 거부됨: home (외 2건)"]
    assert all(f"로그인 거부됨: {name}" in _text(house.mails()[0]) for name in ("home", "work", "shop"))


def test_a_restart_tells_nothing_again(house: House) -> None:
    house.refuse()
    for _ in range(3):
        house.restart()
        house.go_on(15 * MINUTE)

    assert len(house.subjects()) == 1


def test_what_could_not_be_mailed_is_told_as_it_is_then(house: House) -> None:
    """The server takes nothing for some hours; what mended itself meanwhile is not told at all."""
    house.server.fault = "451"
    house.refuse()
    house.refuse("elsewhere")  # an account that is not configured any more
    house.go_on(2 * HOUR)
    house.mend()
    house.go_on(HOUR)
    house.server.fault = "none"
    house.go_on(2 * HOUR)

    assert house.subjects() == []


def test_a_server_that_is_down_is_not_hammered(house: House) -> None:
    house.server.fault = "451"
    house.refuse()
    house.go_on(3 * HOUR, step=MINUTE)
    with Store.open(house.database) as store:
        row = store.unsent("alarm:mail")
    assert row is not None
    attempts = row.attempts
    house.server.fault = "none"
    house.go_on(HOUR)

    assert 10 <= attempts <= 16  # pauses of 1, 2, 4, 8 and then 15 minutes
    assert [mail["Message-ID"] for mail in house.mails()] == [row.message_id]


def test_an_answer_that_is_never_heard_makes_two_mails_at_most(house: House) -> None:
    """Both carry the same Message-ID, and the next alarm says so."""
    house.server.fault = "drop"
    house.refuse()
    house.go_on(12 * HOUR, step=30 * MINUTE)
    twice = house.mails()
    house.server.fault = "none"
    house.mend()
    house.go_on(HOUR)

    assert [mail["Message-ID"] for mail in twice] == [twice[0]["Message-ID"]] * 2
    assert twice[0].as_bytes() == twice[1].as_bytes().replace(
        twice[1].get_boundary("").encode(), twice[0].get_boundary("").encode()
    )
    assert house.subjects()[2:] == ["Refunds: over: Login refused: home"]
    assert "may have come twice" in _text(house.mails()[2])


def test_a_service_killed_between_sending_and_noting_tells_at_most_twice(house: House) -> None:
    house.server.fault = "drop"  # to the outbox, a death before the mark looks like this
    house.refuse()
    for _ in range(5):
        house.look()
        house.restart()
        house.now += MINUTE

    assert len(house.mails()) == 2


# --- when the database is in trouble ------------------------------------------------------------------


def test_a_database_that_cannot_be_used_is_told_from_memory(house: House) -> None:
    house.look()
    aside = house.database.with_name("aside")
    shutil.move(house.database, aside)
    house.database.write_bytes(b"this is no database at all" * 100)
    house.go_on(30 * HOUR, step=10 * MINUTE)
    shutil.move(aside, house.database)
    house.go_on(HOUR)

    assert house.subjects() == [
        "Refunds: The database cannot be used",
        "Refunds: still: The database cannot be used",
        "Refunds: over: The database cannot be used",
    ]


# --- other channels -----------------------------------------------------------------------------------


def test_each_channel_keeps_its_own_book(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """One service fails for a day, one address is nonsense; mail and the other service do not notice."""
    caplog.set_level(logging.DEBUG)
    with web() as good, web() as bad:
        bad.status = 503
        texts = (good.url(), bad.url(), f"nonsense://{SECRET}")
        house.urls = tuple(AlarmUrl(f"[alarms] urls[{n}]", text) for n, text in enumerate(texts, 1))
        house.restart()
        house.refuse()
        house.go_on(20 * HOUR, step=HOUR)
        before = [len(each.received) for each in (good, bad)], len(house.mails())
        bad.status = 200
        house.go_on(2 * HOUR, step=HOUR)

    assert before == ([1, 0], 1)
    assert [each["title"] for each in (*good.received, *bad.received)] == ["Refunds: Login refused: home"] * 2
    assert "password refused" in good.received[0]["message"]
    assert "urls[2]: not delivered" in caplog.text
    assert "urls[3]" in caplog.text
    assert SECRET not in caplog.text


def test_an_address_is_in_no_repr(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text(f"ntfys://{SECRET}\n")
    secret.chmod(0o600)
    kept = AlarmUrl.from_toml({"file": "url"}, "alarms: urls[1]", base=tmp_path)
    plain = AlarmUrl.from_toml(f"ntfys://{SECRET}", "alarms: urls[2]")

    assert (kept.read({}), plain.read({})) == (f"ntfys://{SECRET}",) * 2
    assert SECRET not in repr((kept, plain, AlarmPlan(urls=(kept, plain)), kept.name, plain.name))


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
