"""How the service is doing: what is a warning, what is critical, and what is only life."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from refundtracker.alarms.rules import Alarm
from refundtracker.checkup.health import Facts, Watched, problems, prometheus, span, worst
from refundtracker.records import AccountStatus, AlarmRow, OutboxRow

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
FINE = AccountStatus("home", "idle", NOW - timedelta(hours=3), NOW - timedelta(minutes=8), None, None)


def facts(status: AccountStatus | None = FINE, **more: Any) -> Facts:
    given: dict[str, Any] = {"now": NOW, "held": "held", "accounts": (Watched("home", 10, status),)}
    return Facts(**given | more)


def judged(found: Facts) -> list[tuple[str, str]]:
    return [(each.level, each.told.code) for each in problems(found)]


def in_trouble(kind: str, lasted: timedelta) -> AccountStatus:
    return replace(FINE, trouble="it broke", trouble_since=NOW - lasted, trouble_kind=kind)


def unsent(age: timedelta, error: str | None = "550 no") -> OutboxRow:
    return OutboxRow("weekly", "2026-W21", "<a@b>", NOW - age, 3, error, None)


def test_nothing_is_wrong() -> None:
    assert judged(facts()) == []
    assert worst(problems(facts())) == "ok"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (facts(held="free"), [("warning", "health.off")]),
        (facts(held="unknown"), []),
        (facts(accounts=()), [("warning", "health.no-account")]),
        (facts(None), [("warning", "health.never")]),
        (facts(in_trouble("unreachable", timedelta(minutes=10))), []),
        (facts(in_trouble("unreachable", timedelta(minutes=20))), [("warning", "health.trouble")]),
        (facts(in_trouble("unreachable", timedelta(hours=4))), [("critical", "health.trouble")]),
        (facts(in_trouble("refused", timedelta(0))), [("critical", "health.trouble")]),
        (facts(replace(FINE, last_sweep_at=NOW - timedelta(minutes=50))), []),
        (facts(replace(FINE, last_sweep_at=NOW - timedelta(hours=2))), [("warning", "health.no-sweep")]),
        (facts(replace(FINE, last_sweep_at=NOW - timedelta(days=2))), [("critical", "health.no-sweep")]),
        (facts(unsent=unsent(timedelta(hours=1))), []),
        (facts(unsent=unsent(timedelta(hours=3))), [("warning", "health.unsent")]),
        (facts(unsent=unsent(timedelta(days=2))), [("critical", "health.unsent")]),
        (facts(unsent=unsent(timedelta(days=2), error=None)), []),
    ],
)
def test_one_thing_is_wrong(found: Facts, expected: list[tuple[str, str]]) -> None:
    assert judged(found) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("disk", [("critical", "alarm.disk")]),
        ("backup", [("warning", "alarm.backup")]),
        ("overdue", []),  # money that is late says nothing about the service
    ],
)
def test_alarms_of_the_machine_count(kind: Any, expected: list[tuple[str, str]]) -> None:
    row = AlarmRow(Alarm(kind, "", {}, "urgent", NOW), NOW)

    assert judged(facts(alarms=(row,))) == expected


def test_an_account_that_polls_slowly_is_not_late() -> None:
    """Three times the time between two looks, whatever that is."""
    status = replace(FINE, last_sweep_at=NOW - timedelta(hours=30))

    assert judged(facts(accounts=(Watched("home", 1440, status),))) == []


def test_the_worst_comes_first() -> None:
    found = facts(in_trouble("refused", timedelta(hours=1)), held="free")

    assert judged(found) == [("critical", "health.trouble"), ("warning", "health.off")]
    assert worst(problems(found)) == "critical"


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=3, minutes=4), "3 h 4 min"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (timedelta(seconds=-5), "0 min"),
    ],
)
def test_a_length_of_time(length: timedelta, expected: str) -> None:
    assert span(length) == expected


def test_the_text_for_node_exporter() -> None:
    """Prometheus exposition format: every metric with help and type, labels escaped."""
    name = 'a"b\\c\n'
    found = facts(accounts=(Watched(name, 10, FINE),), mails={"notice": 7, "unread": 0}, disputes={"due": 2})
    lines = prometheus(found, "warning").splitlines()

    assert "refundtracker_level 1" in lines
    assert "refundtracker_running 1" in lines
    assert 'refundtracker_mails{outcome="notice"} 7' in lines
    assert 'refundtracker_disputes{state="due"} 2' in lines
    assert r'refundtracker_trouble{account="a\"b\\c\n"} 0' in lines
    named = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(named) == len(set(named))
    for line in lines:
        if not line.startswith("#"):
            assert line.split("{")[0].split(" ")[0] in named
