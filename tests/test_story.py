"""The story that must work: from a real mailbox over TLS to `paid`, `due` and `overdue`."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from rigs import sample
from rigs.commands import Home

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.dovecot import Dovecot

TABLES = ("mail", "notice", "dispute", "event", "link", "sighting", "folder")


@pytest.fixture
def home(tmp_path: Path, dovecot: Dovecot) -> Home:
    """A user whose configuration names the server."""
    user = Home(tmp_path)
    user.write_config(dovecot)
    return user


def rows(home: Home) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database but the times of writing."""
    path = home.place / ".local/state/refundtracker/refunds.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return {
            table: sorted(map(_timeless, db.execute(f"SELECT * FROM {table}")), key=repr) for table in TABLES
        }


def _timeless(row: tuple[object, ...]) -> tuple[object, ...]:
    today = time.strftime("%Y-%m-%dT", time.gmtime())
    return tuple(cell for cell in row if not (isinstance(cell, str) and cell.startswith(today)))


def test_from_mailbox_to_paid(home: Home, dovecot: Dovecot) -> None:
    for mail in (*sample.OTHERS, *sample.STORY):
        dovecot.deliver(mail)

    home.run("refundd", "run", "--once")
    (dispute,) = home.run("refunds", "list", "--json", "--as-of", "2026-05-20").json

    assert dispute == {
        "id": 1,
        "order": sample.ORDER,
        "dispute": None,
        "item": "M3 볼트 너트 세트 18개",
        "seller": None,
        "state": "paid",
        "opened_on": None,
        "finished_on": "2026-05-12",
        "promised": {"amount": "7000", "currency": "KRW"},
        "received": [
            {
                "amount": "7000",
                "currency": "KRW",
                "on": "2026-05-19",
                "issuer": "kr.shinhan",
                "card": "1234",
                "link": "auto",
                "why": dispute["received"][0]["why"],
            }
        ],
        "missing": {"amount": "0", "currency": "KRW"},
        "window": {
            "starts_on": "2026-05-12",
            "due_on": "2026-05-21",
            "overdue_on": "2026-05-27",
            "escalate_on": "2026-06-11",
            "latest_on": None,
            "calendar": "KR",
            "method": "card",
        },
        "act_by": None,
        "chargeback_by": None,
        "deadlines": [],
        "next": None,
    }
    assert "7000 KRW" in dispute["received"][0]["why"]


def test_the_timeline_tells_all_four(home: Home, dovecot: Dovecot) -> None:
    for mail in sample.STORY:
        dovecot.deliver(mail)
    home.run("refundd", "run", "--once")

    shown = home.run("refunds", "show", sample.ORDER, "--json").json
    kinds = [event["kind"] for event in shown["timeline"]]

    assert kinds == ["order-paid", "dispute-finished", "seller-message", "card-cancelled"]
    assert {event["trust"] for event in shown["timeline"]} == {"verified", "allowed"}
    assert "seller" in home.run("refunds", "show", "1").out


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2026-05-12", "waiting"),
        ("2026-05-21", "waiting"),
        ("2026-05-22", "due"),
        ("2026-05-27", "due"),
        ("2026-05-28", "overdue"),
    ],
)
def test_without_the_card_text_it_becomes_late(home: Home, dovecot: Dovecot, day: str, state: str) -> None:
    dovecot.deliver(sample.FINISHED)
    home.run("refundd", "run", "--once")

    (dispute,) = home.run("refunds", "--as-of", day, "list", "--json").json
    late = home.run("refunds", "overdue", "--as-of", day, "--exit-code", status=None)

    assert dispute["state"] == state
    assert late.status == (state == "overdue")


def test_outcomes_and_what_is_not_kept(home: Home, dovecot: Dovecot) -> None:
    """Strangers' mail is neither fetched nor stored, a forged mail moves nothing."""
    for mail in (*sample.OTHERS, *sample.STORY):
        dovecot.deliver(mail)
    home.run("refundd", "run", "--once")

    mails = home.run("refunds", "mail", "--json").json
    outcomes = sorted(mail["outcome"] for mail in mails if mail["outcome"] != "not-ours")

    assert outcomes == ["ignored", "ignored", "notice", "notice", "notice", "notice", "untrusted"]
    assert not [mail for mail in mails if mail["outcome"] == "not-ours" and (mail["subject"] or mail["from"])]
    assert [mail["trust"] for mail in mails if mail["outcome"] == "untrusted"] == ["forged"]


def test_a_second_run_changes_nothing(home: Home, dovecot: Dovecot) -> None:
    for mail in (*sample.OTHERS, *sample.STORY):
        dovecot.deliver(mail)
    home.run("refundd", "run", "--once")
    before = rows(home)
    home.run("refundd", "run", "--once")

    assert rows(home) == before


@pytest.mark.timeout(400)
def test_killed_in_the_middle(tmp_path: Path, dovecot: Dovecot) -> None:
    """Killed with SIGKILL at random moments, then a run: the same rows as a run that was never disturbed."""
    for number in range(30):
        dovecot.deliver(sample.private(f"note {number}", "2026-05-01 00:00", sender=sample.ME))
    for mail in (*sample.OTHERS, *sample.STORY):
        dovecot.deliver(mail)
    calm, disturbed = Home(tmp_path / "calm"), Home(tmp_path / "disturbed")
    for user in (calm, disturbed):
        user.place.mkdir()
        user.write_config(dovecot)
    started = time.monotonic()
    calm.run("refundd", "run", "--once")
    length = time.monotonic() - started

    chance = random.Random(2026)
    for _ in range(8):
        process = subprocess.Popen(
            disturbed.argv("refundd", "run", "--once"),
            env=disturbed.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.4, 1.0) * length)
        process.send_signal(signal.SIGKILL)
        process.wait()
    disturbed.run("refundd", "run", "--once")

    assert rows(disturbed) == rows(calm)


def test_the_daemon_hears_of_new_mail_and_stops_at_once(home: Home, dovecot: Dovecot) -> None:
    """The long run: what comes while it waits is read; SIGTERM ends it with status 0."""
    process = subprocess.Popen(
        home.argv("refundd", "run"), env=home.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        dovecot.deliver(sample.FINISHED)
        _until(lambda: _states(home) == ["overdue"])
        dovecot.deliver(sample.CANCELLED)
        _until(lambda: _states(home) == ["paid"])
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)

    assert process.returncode == 0, said.decode()
    assert "stopping" in said.decode()


def _states(home: Home) -> list[str]:
    answer = home.run("refunds", "list", "--json", "--as-of", "2026-07-01", status=None)
    return [each["state"] for each in answer.json] if answer.status == 0 else []


def _until(holds: object) -> None:
    assert callable(holds)
    for _ in range(120):
        if holds():
            return
        time.sleep(0.25)
    raise AssertionError("it did not happen within half a minute")


def test_one_service_for_a_database(home: Home, dovecot: Dovecot) -> None:
    process = subprocess.Popen(home.argv("refundd", "run"), env=home.environment(), stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        while b"started" not in process.stderr.readline():
            pass
        second = home.run("refundd", "run", "--once", status=74)
    finally:
        process.terminate()
        process.communicate(timeout=20)

    assert "another refundd works on" in second.err


def test_server_unreachable(home: Home, dovecot: Dovecot) -> None:
    dovecot.stop()

    assert dovecot.host in home.run("refundd", "run", "--once", status=69).err


def test_login_refused(home: Home) -> None:
    (home.place / "secret").write_text("wrong\n")

    said = home.run("refundd", "run", "--once", status=77).err

    assert "home" in said or "localhost" in said
    assert "wrong" not in said.split("refused")[0]


def test_all_problems_of_a_configuration_at_once(home: Home) -> None:
    home.config.write_text(
        '[region]\ncountry = 5\n\n[[account]]\nname = "a"\nprot = 993\n\n[summary]\nday = "mon"\n'
    )

    said = home.run("refundd", "run", status=78).err

    assert all(key in said for key in ("country", "prot", "host", "user", "day")), said
