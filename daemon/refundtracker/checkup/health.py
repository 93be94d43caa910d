"""How the service is doing, judged from what it has stored. Pure: it asks nobody, nor the clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from refundtracker.alarms.rules import SUMMARY_LATE, UNREACHABLE_AFTER
from refundtracker.disputes import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from refundtracker.checkup.lock import Held
    from refundtracker.records import AccountStatus, AlarmRow, OutboxRow

Level = Literal["ok", "warning", "critical"]

LEVELS: Final[tuple[Level, ...]] = ("ok", "warning", "critical")
"""In the order of the exit statuses that monitoring plugins end with: 0, 1, 2."""

# A line that breaks and comes back is no news; home routers do it every day.
_BLIP: Final = timedelta(minutes=15)
_SWEEP_LATE: Final = timedelta(hours=1)
_SWEEP_LOST: Final = timedelta(days=1)
_OF_MACHINE: Final[Mapping[str, Level]] = {
    "database": "critical",
    "disk": "critical",
    "damage": "critical",
    "backup": "warning",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A configured account.

    Attributes:
        name: its name.
        poll_minutes: between two looks without IDLE.
        status: what is noted of it; None before its first login.
    """

    name: str
    poll_minutes: int
    status: AccountStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is judged.

    Attributes:
        now: the moment, UTC.
        held: whether a service works on the database.
        accounts: in the order of the configuration.
        mails: how many there are of each outcome.
        disputes: how many there are in each state today.
        next_summary: when the next one is due, in the user's zone; None when none is planned.
        last_summary: the one that was sent last.
        unsent: the one that is due and was not sent.
        alarms: what the service has found wrong, and what is not over.
    """

    now: datetime
    held: Held
    accounts: tuple[Watched, ...] = ()
    mails: Mapping[str, int] = field(default_factory=dict)
    disputes: Mapping[str, int] = field(default_factory=dict)
    next_summary: datetime | None = None
    last_summary: OutboxRow | None = None
    unsent: OutboxRow | None = None
    alarms: tuple[AlarmRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be.

    Attributes:
        level: `warning` or `critical`.
        told: the sentence.
        account: which one it is about, or empty.
    """

    level: Level
    told: Reason
    account: str = ""


def problems(facts: Facts) -> list[Problem]:
    """Everything that is not as it should be, the worst first."""
    found = [*_service(facts), *_accounts(facts), *_summary(facts), *_machine(facts)]
    return sorted(found, key=lambda problem: -LEVELS.index(problem.level))


def worst(found: list[Problem]) -> Level:
    """The level of the whole."""
    return max((problem.level for problem in found), key=LEVELS.index, default="ok")


def _service(facts: Facts) -> Iterator[Problem]:
    if facts.held == "free":
        yield Problem("warning", Reason("health.off"))
    if not facts.accounts:
        yield Problem("warning", Reason("health.no-account"))


def _accounts(facts: Facts) -> Iterator[Problem]:
    for account in facts.accounts:
        status = account.status
        if status is None or status.last_login_at is None:
            yield _never(account)
        if status is None:
            continue
        if status.trouble:
            yield from _trouble(facts, account, status)
        elif status.last_sweep_at:
            yield from _silence(account, facts.now - status.last_sweep_at)


def _never(account: Watched) -> Problem:
    return Problem("warning", Reason("health.never", {"account": account.name}), account.name)


def _trouble(facts: Facts, account: Watched, status: AccountStatus) -> Iterator[Problem]:
    """A refused login does not mend itself; a line that broke mostly does."""
    lasted = facts.now - (status.trouble_since or facts.now)
    refused = status.trouble_kind == "refused"
    if not refused and lasted < _BLIP:
        return
    values = {"account": account.name, "said": status.trouble or "", "lasted": span(lasted)}
    level: Level = "critical" if refused or lasted >= UNREACHABLE_AFTER else "warning"
    yield Problem(level, Reason("health.trouble", values), account.name)


def _silence(account: Watched, age: timedelta) -> Iterator[Problem]:
    late = max(_SWEEP_LATE, timedelta(minutes=3 * account.poll_minutes))
    if age < late:
        return
    level: Level = "critical" if age >= max(_SWEEP_LOST, late) else "warning"
    values = {"account": account.name, "lasted": span(age)}
    yield Problem(level, Reason("health.no-sweep", values), account.name)


def _summary(facts: Facts) -> Iterator[Problem]:
    unsent = facts.unsent
    if unsent is None or not unsent.last_error or facts.now - unsent.created_at < SUMMARY_LATE:
        return
    values = {"slot": unsent.slot, "attempts": str(unsent.attempts), "said": unsent.last_error}
    level: Level = "critical" if facts.now - unsent.created_at >= _SWEEP_LOST else "warning"
    yield Problem(level, Reason("health.unsent", values))


def _machine(facts: Facts) -> Iterator[Problem]:
    """Alarms that only the running service can raise; those about money say nothing about its health."""
    for row in facts.alarms:
        level = _OF_MACHINE.get(row.alarm.kind)
        if level:
            yield Problem(level, Reason(f"alarm.{row.alarm.kind}", row.alarm.values))


def span(length: timedelta) -> str:
    """A length of time as people say it, to the two greatest units: `3 d 4 h`, `12 min`."""
    minutes = max(0, int(length.total_seconds()) // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


# --- for programs -------------------------------------------------------------------------------------


def prometheus(facts: Facts, level: Level) -> str:
    """The text that node_exporter's textfile collector reads (Prometheus exposition format 0.0.4)."""
    lines: list[str] = []
    for name, help_text, samples in _metrics(facts, level):
        lines += [f"# HELP refundtracker_{name} {help_text}", f"# TYPE refundtracker_{name} gauge"]
        lines += [f"refundtracker_{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


Sample = tuple[dict[str, str], float | int]


def _metrics(facts: Facts, level: Level) -> Iterator[tuple[str, str, list[Sample]]]:
    known = [(each.name, each.status) for each in facts.accounts if each.status]
    yield "level", "0 ok, 1 warning, 2 critical", [({}, LEVELS.index(level))]
    yield "running", "1 while a service works on the database", [({}, int(facts.held == "held"))]
    yield (
        "trouble", "1 while an account is in trouble",
        [({"account": name}, int(bool(status.trouble))) for name, status in known],
    )  # fmt: skip
    moments = [
        ("last_login_seconds", "When an account was last logged in, Unix time", "last_login_at"),
        ("last_sweep_seconds", "When an account was last swept whole, Unix time", "last_sweep_at"),
    ]
    for metric, help_text, attribute in moments:
        told = [(name, getattr(status, attribute)) for name, status in known]
        yield metric, help_text, [({"account": name}, int(at.timestamp())) for name, at in told if at]
    yield "mails", "Mails by outcome", [({"outcome": key}, count) for key, count in facts.mails.items()]
    yield "disputes", "Disputes by state", [({"state": key}, count) for key, count in facts.disputes.items()]
    failing = facts.unsent.attempts if facts.unsent and facts.unsent.last_error else 0
    yield "alarms", "Alarms that are not over", [({}, len(facts.alarms))]
    yield "summary_attempts", "Failed attempts to send the summary that is due", [({}, failing)]


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    inside = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items())
    return f"{{{inside}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
