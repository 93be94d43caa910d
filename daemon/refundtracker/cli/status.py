"""`refundd status`: how the service is doing, for people and for monitors. Reads only."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from refundtracker.cli.common import global_options, settings
from refundtracker.errors import DiskTrouble, TrackerError
from refundtracker.formats import write_json, write_line, write_table
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from refundtracker.checkup.health import Facts, Level, Problem, Watched
    from refundtracker.cli.common import Settings
    from refundtracker.config import Config
    from refundtracker.records import OutboxRow
    from refundtracker.store import Store
    from refundtracker.words import Lang

UNKNOWN: Final = 3
"""What monitoring plugins end with when they cannot tell."""

_QUEUES: Final = ("unread", "untrusted", "unparsable")


@click.command()
@click.option(
    "--monitor",
    is_flag=True,
    help="One line for Nagios and its like; ends with 3 when nothing can be told.",
)
@click.option(
    "--prometheus",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it for node_exporter's textfile collector.",
)
@global_options
@click.pass_context
def status(ctx: click.Context, monitor: bool, prometheus: Path | None) -> int:
    """How the service is doing; ends with 0 when all is well, 1 on a warning, 2 when it is critical."""
    given = settings(ctx)
    try:
        config = given.load()
        facts = _facts(given, config)
    except TrackerError as error:
        if not monitor:
            raise
        write_line(f"REFUNDS UNKNOWN - {one_line(str(error))}")
        return UNKNOWN
    return _told(given, config, facts, monitor=monitor, prometheus=prometheus)


def _told(given: Settings, config: Config, facts: Facts, *, monitor: bool, prometheus: Path | None) -> int:
    from refundtracker.checkup import health

    found, lang = health.problems(facts), given.language(config)
    level = health.worst(found)
    if prometheus is not None:
        _write(prometheus, health.prometheus(facts, level))
    if given.json:
        write_json(
            {**_json(facts, found, level, lang), "alarms": _alarms_json(facts, given.today(config), lang)}
        )
    elif monitor:
        write_line(_nagios(facts, found, level))
    elif prometheus is None:
        _show(facts, found, config, lang)
        _show_alarms(facts, given.today(config), lang)
    return health.LEVELS.index(level)


def _facts(given: Settings, config: Config) -> Facts:
    from refundtracker.checkup import lock
    from refundtracker.checkup.health import Facts, Watched
    from refundtracker.jobs.outbox import WEEKLY, last_due

    database, now = given.database(config), datetime.now(UTC)
    with given.store(config) as store:
        noted = {row.account: row for row in store.account_statuses()}
        plan, zone = config.summary, config.region.timezone
        return Facts(
            now=now,
            held=lock.held(database),
            accounts=tuple(
                Watched(each.name, each.poll_minutes, noted.get(each.name)) for each in config.accounts
            ),
            mails=store.outcome_counts(),
            disputes=_states(store, given, config),
            next_summary=last_due(plan, zone, now) + timedelta(days=7) if plan else None,
            last_summary=store.last_sent(WEEKLY),
            unsent=store.unsent(WEEKLY),
            alarms=tuple(store.open_alarms()),
        )


def _states(store: Store, given: Settings, config: Config) -> dict[str, int]:
    """How many disputes are in each state today; states without one are left out."""
    from collections import Counter

    from refundtracker.tracking import state_on

    today = given.today(config)
    return dict(Counter(state_on(each, today) for each in store.disputes()).most_common())


def _write(path: Path, text: str) -> None:
    """Whole or not at all: the collector may read at any moment."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o644)  # node_exporter is another user
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise DiskTrouble(f"{path} cannot be written: {error.strerror}") from error


# --- for programs -------------------------------------------------------------------------------------


def _json(facts: Facts, found: list[Problem], level: Level, lang: Lang) -> dict[str, object]:
    return {
        "level": level,
        "problems": [
            {"level": each.level, "account": each.account or None, "said": _worded(each, lang)}
            for each in found
        ],
        "running": {"held": True, "free": False}.get(facts.held),
        "accounts": [_account_json(each) for each in facts.accounts],
        "mails": dict(facts.mails),
        "disputes": dict(facts.disputes),
        "summary": {
            "next": _moment(facts.next_summary),
            "last_sent": _moment(facts.last_summary.sent_at) if facts.last_summary else None,
            "unsent": _unsent_json(facts.unsent),
        },
    }


def _account_json(account: Watched) -> dict[str, object]:
    noted = account.status
    return {
        "name": account.name,
        "mode": noted.mode if noted else None,
        "last_login": _moment(noted.last_login_at) if noted else None,
        "last_sweep": _moment(noted.last_sweep_at) if noted else None,
        "trouble": noted.trouble if noted else None,
        "trouble_since": _moment(noted.trouble_since) if noted else None,
    }


def _alarms_json(facts: Facts, today: date, lang: Lang) -> list[dict[str, object]]:
    from refundtracker.reports.alarm import title

    return [
        {
            "kind": row.alarm.kind,
            "severity": row.alarm.severity,
            "since": _moment(row.alarm.since),
            "said": title(row.alarm, today, lang),
        }
        for row in facts.alarms
    ]


def _unsent_json(row: OutboxRow | None) -> dict[str, object] | None:
    return {"slot": row.slot, "attempts": row.attempts, "error": row.last_error} if row else None


def _moment(moment: datetime | None) -> str | None:
    from refundparsers.notices import utc

    return utc(moment.astimezone(UTC)) if moment else None


def _nagios(facts: Facts, found: list[Problem], level: Level) -> str:
    """One line: verdict, the worst problem, and numbers behind a bar (Nagios plugin guidelines)."""
    said = "; ".join(_worded(each, "en") for each in found) or "all accounts are watched"
    numbers = " ".join(f"{name}={facts.mails.get(name, 0)}" for name in _QUEUES)
    owed = sum(facts.disputes.get(state, 0) for state in ("due", "overdue"))
    # A bar in a server's answer would begin the numbers.
    return f"REFUNDS {level.upper()} - {one_line(said, 400).replace('|', '/')} | {numbers} due={owed}"


def _worded(problem: Problem, lang: Lang) -> str:
    from refundtracker.views import worded

    return worded(problem.told, lang)


# --- for people ---------------------------------------------------------------------------------------


def _show(facts: Facts, found: list[Problem], config: Config, lang: Lang) -> None:
    for each in found:
        write_line(f"{say(lang, f'level.{each.level}')}: {one_line(_worded(each, lang))}")
    if found:
        write_line()
    if facts.held != "free":  # that is a problem, and told above
        write_line(say(lang, f"status.{facts.held}"))
        write_line()
    if facts.accounts:
        heads = ("account", "waiting", "last-login", "last-sweep", "trouble")
        rows = [_account_row(each, facts, config, lang) for each in facts.accounts]
        write_table([say(lang, f"column.{head}") for head in heads], rows, whole=(0, 1, 2, 3))
        write_line()
    for name, value in _lines(facts, config, lang):
        write_line(f"{say(lang, f'status.{name}')}: {one_line(value)}")


def _show_alarms(facts: Facts, today: date, lang: Lang) -> None:
    """What was told by mail, and is not over."""
    from refundtracker.reports.alarm import title

    if facts.alarms:
        write_line()
        write_line(f"{say(lang, 'status.alarms')}:")
    for row in facts.alarms:
        write_line(f"  {title(row.alarm, today, lang)}")


def _account_row(account: Watched, facts: Facts, config: Config, lang: Lang) -> tuple[str, ...]:
    noted = account.status
    if noted is None:
        return (account.name, "-", "-", "-", "")
    mode = say(lang, f"status.mode.{noted.mode}") if noted.mode in {"idle", "poll"} else "-"
    since = f" ({_local(noted.trouble_since, facts, config)})" if noted.trouble_since else ""
    return (
        account.name,
        mode,
        _local(noted.last_login_at, facts, config),
        _local(noted.last_sweep_at, facts, config),
        f"{noted.trouble}{since}" if noted.trouble else "",
    )


def _lines(facts: Facts, config: Config, lang: Lang) -> list[tuple[str, str]]:
    """What stands below the accounts."""
    mails = [f"{say(lang, f'outcome.{name}')} {count}" for name, count in facts.mails.items() if count]
    disputes = [f"{say(lang, f'state.{name}')} {count}" for name, count in facts.disputes.items()]
    nothing = say(lang, "none-owed")
    lines = [("mails", ", ".join(mails) or nothing), ("disputes", ", ".join(disputes) or nothing)]
    if facts.next_summary:
        lines.append(("next-summary", f"{facts.next_summary:%Y-%m-%d %H:%M}"))
    if facts.last_summary:
        lines.append(("last-summary", _local(facts.last_summary.sent_at, facts, config)))
    if facts.unsent and facts.unsent.last_error:
        attempts = {"slot": facts.unsent.slot, "attempts": str(facts.unsent.attempts)}
        lines.append(("unsent", say(lang, "status.attempts", **attempts)))
    return lines


def _local(moment: datetime | None, facts: Facts, config: Config) -> str:
    """In the user's zone; of today the time is enough."""
    if moment is None:
        return "-"
    zone = config.region.timezone
    local, today = moment.astimezone(zone), facts.now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
