"""The weekly summary over a real mail server, with a clock that the test turns."""

from __future__ import annotations

import email
import email.policy
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from refundparsers.notices import MailFacts, Reading
from refundtracker.config import Config, Region, Smtp, SummaryPlan
from refundtracker.errors import DiskTrouble, Refused, TrackerError, Unreachable
from refundtracker.jobs import delivery, outbox
from refundtracker.jobs.errand import pause
from refundtracker.jobs.postman import Postman
from refundtracker.records import Entry
from refundtracker.reports.smtp import Ambiguous
from refundtracker.store import Store
from refundtracker.watching import Setting
from rigs.smtp import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MONDAY = datetime(2026, 5, 18, 8, tzinfo=ZoneInfo("Asia/Seoul")).astimezone(UTC)
WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path, tls="none") as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "refunds.db") as opened:
        yield opened


def config(server: Receiver, zone: str = "Asia/Seoul", day: str = "monday", at: time = time(8)) -> Config:
    return Config(
        region=Region(country="KR", timezone=ZoneInfo(zone), language="en"),
        summary=SummaryPlan(to="me@shop.test", day=day, time=at),
        smtp=Smtp(host=server.host, port=server.port, tls="none", sender="refunds@shop.test"),
    )


def tick(store: Store, plan: Config, now: datetime) -> str | None:
    """What the service does once a minute; the slot that was sent."""
    slot = delivery.due(store, plan, now)
    if slot is not None and delivery.send_due(store, plan, slot, {}, now=now, lang="en"):
        delivery.mark(store, slot, now)
    return slot


def ids(server: Receiver) -> list[str]:
    """The Message-IDs of what came, oldest first."""
    return [
        str(email.message_from_bytes(each.content, policy=email.policy.default)["Message-ID"])
        for each in server.received
    ]


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Australia/Lord_Howe"])
def test_a_year_has_one_mail_each_week(store: Store, server: Receiver, zone: str) -> None:
    plan = config(server, zone, day="thursday", at=time(2, 30))
    now = datetime(2026, 1, 2, tzinfo=UTC)
    sent = [tick(store, plan, now + number * timedelta(hours=14)) for number in range(53 * 12)]

    assert [slot for slot in sent if slot] == [f"2026-W{week:02}" for week in range(2, 54)] + ["2027-W01"]
    assert len(set(ids(server))) == len(server.received) == 53


def test_a_fresh_install_owes_nothing_of_the_past(store: Store, server: Receiver) -> None:
    plan = config(server)

    assert tick(store, plan, MONDAY + timedelta(hours=1)) is None
    assert tick(store, plan, MONDAY + WEEK - MINUTE) is None
    assert tick(store, plan, MONDAY + WEEK) == "2026-W22"


def test_after_weeks_of_downtime_one_mail_is_sent(store: Store, server: Receiver) -> None:
    plan = config(server)
    tick(store, plan, MONDAY - MINUTE)
    sent = [tick(store, plan, MONDAY + 5 * WEEK + number * 2 * MINUTE) for number in range(10)]

    assert [slot for slot in sent if slot] == ["2026-W26"]
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("day", "at"), [("monday", time(20)), ("friday", time(8)), ("monday", time(7)), ("tuesday", time(0))]
)
def test_a_plan_that_is_moved_sends_no_week_twice(store: Store, server: Receiver, day: str, at: time) -> None:
    """Moved to a later hour, last week's moment is the newest one again; that week was told already."""
    plan = config(server)
    for now in (MONDAY - WEEK - MINUTE, MONDAY - WEEK, MONDAY):
        tick(store, plan, now)
    assert len(server.received) == 2
    moved = config(server, day=day, at=at)
    for number in range(7 * 24 - 2):
        tick(store, moved, MONDAY + MINUTE + number * timedelta(hours=1))

    assert len(server.received) == 2
    assert tick(store, moved, MONDAY + 2 * WEEK - timedelta(hours=2)) == "2026-W22"


def test_a_clock_that_is_set_back_sends_nothing(store: Store, server: Receiver) -> None:
    plan = config(server)
    for now in (MONDAY - WEEK - MINUTE, MONDAY - WEEK, MONDAY):
        tick(store, plan, now)

    assert tick(store, plan, MONDAY - timedelta(days=2)) is None
    assert len(server.received) == 2


def test_what_was_not_taken_is_sent_later_with_the_same_message_id(store: Store, server: Receiver) -> None:
    plan = config(server)
    tick(store, plan, MONDAY - MINUTE)
    server.fault = "451"
    with pytest.raises(Unreachable):
        tick(store, plan, MONDAY)
    reserved = store.reserve(outbox.WEEKLY, "2026-W21", "unused", MONDAY)
    server.fault = "none"
    tick(store, plan, MONDAY + timedelta(hours=3))

    assert "451" in (reserved.last_error or "")
    assert ids(server) == [reserved.message_id]


def test_what_may_have_been_delivered_keeps_its_message_id(store: Store, server: Receiver) -> None:
    """The line broke before the answer. The mail is sent again, and its id shows that it is the same."""
    plan = config(server)
    tick(store, plan, MONDAY - MINUTE)
    server.fault = "drop"
    with pytest.raises(Ambiguous):
        tick(store, plan, MONDAY)
    reserved = store.reserve(outbox.WEEKLY, "2026-W21", "unused", MONDAY)
    server.fault = "none"
    tick(store, plan, MONDAY + timedelta(hours=3))

    assert "may have been delivered" in (reserved.last_error or "")
    assert reserved.sent_at is None
    assert ids(server) == [reserved.message_id] * 2
    assert tick(store, plan, MONDAY + timedelta(hours=4)) is None


@pytest.mark.parametrize(
    "faults", [("drop", "drop", "none"), ("drop", "451", "drop"), ("drop", "drop", "451")]
)
def test_nothing_is_sent_more_than_twice(store: Store, server: Receiver, faults: tuple[Any, ...]) -> None:
    """Each time the line breaks after the mail was taken. A refusal in between is certain and counts not."""
    plan = config(server)
    tick(store, plan, MONDAY - MINUTE)
    for number in range(12):
        server.fault = faults[min(number, 2)]
        with suppress(TrackerError):
            tick(store, plan, MONDAY + number * timedelta(hours=1))
    row = store.outbox_row(outbox.WEEKLY, "2026-W21")

    assert row is not None
    assert ids(server) == [row.message_id] * 2
    assert (row.unsure, row.sent_at is None, row.last_error is None) == (2, False, False)


def test_a_service_that_was_killed_before_the_mark_sends_once_more(store: Store, server: Receiver) -> None:
    """The server said 250, and nobody lived to note it. After a second such death nothing is sent."""
    plan = config(server)
    tick(store, plan, MONDAY - MINUTE)
    for number in range(4):
        slot = delivery.due(store, plan, MONDAY + number * MINUTE)
        if slot:
            delivery.send_due(store, plan, slot, {}, now=MONDAY + number * MINUTE, lang="en")

    assert len(server.received) == 2
    assert len(set(ids(server))) == 1
    assert delivery.due(store, plan, MONDAY + timedelta(hours=1)) is None


def test_a_death_before_the_mail_leaves_leaves_no_doubt(store: Store) -> None:
    """Only what may be on its way may have come: a service that dies while it logs in has sent nothing."""
    row = store.reserve(outbox.WEEKLY, "2026-W21", "<x@shop.test>", MONDAY)

    def die(leaving: Callable[[], None], *, after: bool) -> None:
        if after:
            leaving()
        raise KeyboardInterrupt

    found = []
    for after in (False, False, False, True):
        with pytest.raises(KeyboardInterrupt):
            outbox.attempt(store, row, MONDAY, partial(die, after=after))
        now = store.outbox_row(outbox.WEEKLY, "2026-W21")
        found.append((now.attempts, now.unsure) if now else None)

    assert found == [(1, 0), (2, 0), (3, 0), (4, 1)]


def test_a_disk_that_fills_at_the_last_moment_sends_nothing(store: Store, server: Receiver) -> None:
    """The server waits for the text, and the attempt cannot be noted: the line is cut without a goodbye."""
    plan = config(server)
    summary = delivery.build(store, plan, today=MONDAY.date(), lang="en")
    mail = delivery.addressed(plan, summary, message_id="<x@shop.test>", now=MONDAY)

    def full() -> None:
        raise DiskTrouble("the disk is full")

    with pytest.raises(DiskTrouble):
        delivery.hand_over(plan, mail, None, full)

    assert server.received == []


def test_the_next_summary_says_that_one_may_have_come_twice(store: Store, server: Receiver) -> None:
    plan = config(server)
    tick(store, plan, MONDAY - MINUTE)
    server.fault = "drop"
    with pytest.raises(Ambiguous):
        tick(store, plan, MONDAY)
    server.fault = "none"
    for number in range(3):
        tick(store, plan, MONDAY + timedelta(hours=1) + number * WEEK)
    told = ["2026-W21 may have come twice" in _text(each.content) for each in server.received]

    assert told == [False, False, True, False]


def test_what_cannot_be_noted_is_not_sent(tmp_path: Path, store: Store, server: Receiver) -> None:
    """An attempt that nobody remembers could be repeated for ever."""
    plan = config(server)
    tick(store, plan, MONDAY - MINUTE)
    store.reserve(outbox.WEEKLY, "2026-W21", "<x@shop.test>", MONDAY)
    with Store.open_readonly(tmp_path / "refunds.db") as reading:
        row = reading.outbox_row(outbox.WEEKLY, "2026-W21")
        assert row is not None
        with pytest.raises(RuntimeError):
            outbox.attempt(reading, row, MONDAY, lambda _: pytest.fail("it was sent"))

    assert server.received == []


def test_each_mail_is_told_in_one_summary(store: Store, server: Receiver) -> None:
    plan = config(server)
    tick(store, plan, MONDAY - MINUTE)
    for number, moment in enumerate((MONDAY - MINUTE, MONDAY, MONDAY + MINUTE)):
        _unread(store, f"subject-{number}", moment)
        tick(store, plan, moment)
    tick(store, plan, MONDAY + WEEK)

    told = [_text(each.content) for each in server.received]
    assert [[f"subject-{number}" in text for number in range(3)] for text in told] == [
        [True, True, False],
        [False, True, True],  # recorded in the very second of the first one: rather twice than never
    ]


def _unread(store: Store, subject: str, now: datetime) -> None:
    facts = MailFacts(
        sha256=subject.encode().hex().ljust(64, "0"), sender="a@aliexpress.com", subject=subject
    )
    store.record([Entry(Reading(mail=facts, outcome="unread", reason="no form"), b"", 0)], now=now)


def _text(content: bytes) -> str:
    message = email.message_from_bytes(content, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


# --- the postman of the service -------------------------------------------------------------------


def setting(tmp_path: Path, plan: Config, now: datetime) -> Setting:
    return Setting(config=plan, database=tmp_path / "refunds.db", forms=None, environ={}, clock=lambda: now)


def settle(postman: Postman) -> None:
    """One look, to its end."""
    postman.look()
    assert postman._thread is not None
    postman._thread.join(30)


def test_the_postman_sends_once(tmp_path: Path, store: Store, server: Receiver) -> None:
    plan = config(server)
    delivery.due(store, plan, MONDAY - MINUTE)
    postman = Postman(setting(tmp_path, plan, MONDAY))
    for _ in range(3):
        settle(postman)

    assert len(server.received) == 1
    assert store.last_sent(outbox.WEEKLY) is not None


def test_a_failure_makes_the_postman_wait(tmp_path: Path, store: Store, server: Receiver) -> None:
    """A wrong password that is tried every minute locks the account of the user."""
    server.fault = "550"
    plan = config(server)
    delivery.due(store, plan, MONDAY - MINUTE)
    postman = Postman(setting(tmp_path, plan, MONDAY))
    for _ in range(3):
        settle(postman)
    attempts = store.reserve(outbox.WEEKLY, "2026-W21", "unused", MONDAY).attempts
    server.fault = "none"
    postman.setting = replace(postman.setting)
    postman.hurry()
    settle(postman)

    assert attempts == 1
    assert len(server.received) == 1


def test_a_silent_server_does_not_hold_up_the_caller(tmp_path: Path, store: Store, server: Receiver) -> None:
    server.fault = "silent"
    plan = config(server)
    delivery.due(store, plan, MONDAY - MINUTE)
    postman = Postman(setting(tmp_path, plan, MONDAY))
    for _ in range(3):
        postman.look()

    assert postman._thread is not None
    assert postman._thread.is_alive()


@pytest.mark.parametrize(
    ("error", "pauses"),
    [
        (Unreachable("x"), [60, 120, 240, 480, 900, 900]),
        (Refused("x"), [3600, 7200, 14400, 28800, 57600, 86400]),
        (Ambiguous("x"), [3600, 7200, 14400, 28800, 57600, 86400]),
    ],
)
def test_pauses_grow_and_a_refusal_is_not_repeated_soon(error: TrackerError, pauses: list[int]) -> None:
    assert [pause(error, before) for before in range(6)] == pauses
    assert pause(error, 10_000) == pauses[-1]
