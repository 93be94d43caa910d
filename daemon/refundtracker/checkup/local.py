"""The checks that ask nobody: files, disk, database, calendar, clock, service, plan of the summary."""

from __future__ import annotations

import shutil
import stat
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.checkup import check, failed, lock
from refundtracker.errors import BadConfig, BadInput, DiskTrouble, TrackerError
from refundtracker.jobs import outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from refundtracker.checkup import Check
    from refundtracker.watching import Setting

    Checker = Callable[[Setting], Iterator[Check]]

# Enough for years of mail; below the second the database itself soon cannot be written.
_LITTLE_SPACE: Final = 200_000_000
_NO_SPACE: Final = 20_000_000
_TABLE_ENDS_SOON: Final = timedelta(days=90)
_RATES_OLD: Final = timedelta(days=45)
# Two machines seldom agree to the second; more than this moves deadlines.
_CLOCK_OFF: Final = timedelta(minutes=5)


def permissions(setting: Setting) -> Iterator[Check]:
    """Who else may change the configuration: it names commands that are run."""
    path = setting.config.path
    if path is None:
        return
    mode = _mode(path.stat().st_mode)
    if int(mode, 8) & (stat.S_IWGRP | stat.S_IWOTH):
        values = {"path": str(path), "mode": mode}
        yield check("permissions", "warn", "permissions.open", values, fix="permissions.fix")
    else:
        yield check("permissions", "ok", "permissions.ok", {"mode": mode})


def accounts(setting: Setting) -> Iterator[Check]:
    """Whether there is a mailbox to read, and somebody who may forward card texts."""
    if not setting.config.accounts:
        yield check("accounts", "bad", "accounts.none", fix="accounts.fix", status=BadConfig.exit_status)
        return
    names = ", ".join(account.name for account in setting.config.accounts)
    yield check("accounts", "ok", "accounts.ok", {"names": names})
    allowed = setting.config.senders.allowed
    if allowed:
        yield check("senders", "ok", "senders.ok", {"addresses": ", ".join(allowed)})
    else:
        values = {"address": setting.config.accounts[0].user}
        yield check("senders", "warn", "senders.none", values, fix="senders.fix")


def forms(setting: Setting) -> Iterator[Check]:
    """Whether every form compiles, the user's own included."""
    from refundtracker.ingest import reader

    try:
        reader(setting.config, setting.forms)
    except TrackerError as error:
        yield failed("forms", error, fix="forms.fix")
        return
    own = sorted(setting.forms.glob("*.toml")) if setting.forms and setting.forms.is_dir() else []
    yield check("forms", "ok", "forms.ok", {"count": str(len(own))})


def disk(setting: Setting) -> Iterator[Check]:
    """Room for the database and the copy that is made of it before an upgrade."""
    place = setting.database.parent
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    values = {"place": str(place), "free": f"{free / 1e9:.1f} GB"}
    if free < _NO_SPACE:
        yield check("disk", "bad", "disk.little", values, fix="disk.fix", status=DiskTrouble.exit_status)
    elif free < _LITTLE_SPACE:
        yield check("disk", "warn", "disk.little", values, fix="disk.fix")
    else:
        yield check("disk", "ok", "disk.ok", values)


def database(setting: Setting) -> Iterator[Check]:
    """Whether it can be read, is sound, of a schema we know, and closed to others."""
    from refundtracker.store import Store

    path = setting.database
    if not path.exists():
        yield check("database", "note", "database.none", {"path": str(path)})
        return
    mode = _mode(path.stat().st_mode)
    values = {"path": str(path), "mode": mode}
    if int(mode, 8) & (stat.S_IRWXG | stat.S_IRWXO):
        yield check("database", "warn", "database.open", values, fix="database.fix")
    try:
        with Store.open_readonly(path) as store:
            broken = store.integrity()
    except BadInput:
        yield check("database", "note", "database.empty", values)
        return
    except TrackerError as error:
        yield failed("database", error)
        return
    if broken:
        values["problem"] = "; ".join(broken[:3])
        status = DiskTrouble.exit_status
        yield check("database", "bad", "database.broken", values, fix="database.restore", status=status)
    else:
        yield check("database", "ok", "database.ok", values)


def service(setting: Setting) -> Iterator[Check]:
    """Whether it runs."""
    match lock.held(setting.database):
        case "held":
            yield check("service", "ok", "service.running")
        case "free":
            yield check("service", "warn", "service.off", fix="service.fix")
        case _:
            yield check("service", "note", "service.unknown", {"path": str(setting.database)})


def units(setting: Setting) -> Iterator[Check]:
    """What systemd says about our units, where there is a systemd."""
    from refundtracker.setup import units as known

    for scope in known.SCOPES:
        state = known.state(scope, setting.environ)
        if state is None:
            continue
        flag = "--user " if scope == "user" else ""
        values = {"scope": scope, "flag": flag, "active": state.active, "enabled": state.enabled}
        if state.active == "failed":
            status = DiskTrouble.exit_status
            yield check("unit", "bad", "unit.failed", values, fix="unit.fix", status=status)
        else:
            yield check("unit", "ok" if state.active == "active" else "note", "unit.state", values)


def zone(setting: Setting) -> Iterator[Check]:
    """The zone that decides on which day a mail falls."""
    from refundtracker.options import HOME_ZONES

    region = setting.config.region
    values = {
        "zone": str(region.timezone),
        "country": region.country,
        "now": setting.clock().astimezone(region.timezone).strftime("%Y-%m-%d %H:%M"),
    }
    if str(region.timezone) == "UTC" and region.country not in HOME_ZONES:
        yield check("zone", "warn", "zone.utc", values, fix="zone.fix")
    else:
        yield check("zone", "ok", "zone.ok", values)


def holidays(setting: Setting) -> Iterator[Check]:
    """Until when the holidays of the country are known."""
    from refundtracker.calendars import calendar_of

    country, today = setting.config.region.country, _today(setting)
    try:
        calendar = calendar_of(country)
        last = calendar.ends_on
    except ValueError as error:
        yield check("holidays", "bad", "error", {"error": str(error)}, status=BadConfig.exit_status)
        return
    values = {"country": country, "last": last.isoformat(), "table": calendar.version}
    if last - today < _TABLE_ENDS_SOON:
        yield check("holidays", "warn", "holidays.end", values, fix="holidays.fix")
    else:
        yield check("holidays", "ok", "holidays.ok", values)


def rates(setting: Setting) -> Iterator[Check]:
    """How old the exchange rates are; without them money in another currency is not recognised."""
    from importlib.util import find_spec

    if find_spec("currency_converter") is None:
        return
    from refundtracker.linking.rates import rate

    today = _today(setting)
    newest = rate("USD", "KRW", today)
    if newest is None:
        yield check("rates", "warn", "rates.none", fix="rates.fix")
    elif today - newest.day > _RATES_OLD:
        yield check("rates", "warn", "rates.old", {"day": newest.day.isoformat()}, fix="rates.fix")
    else:
        yield check("rates", "ok", "rates.ok", {"day": newest.day.isoformat()})


def clock(setting: Setting) -> Iterator[Check]:
    """A clock that was set back shows itself: something was done later than now."""
    from refundtracker.store import Store

    now, latest = setting.clock(), None
    if setting.database.exists():
        try:
            with Store.open_readonly(setting.database) as store:
                rows = store.account_statuses()
        except TrackerError:
            rows = []  # told by the check of the database
        moments = [moment for row in rows for moment in (row.last_login_at, row.last_sweep_at) if moment]
        latest = max(moments, default=None)
    yield judged_clock(now, latest)


def judged_clock(now: datetime, seen: datetime | None, account: str = "") -> Check:
    """Whether something already happened that lies in the future.

    Args:
        now: what the clock says, UTC.
        seen: the latest moment that somebody else, or an earlier run, has told; None when nobody has.
        account: whose server told it, or empty.
    """
    values = {"now": f"{now:%Y-%m-%d %H:%M} UTC", "seen": f"{seen:%Y-%m-%d %H:%M} UTC" if seen else ""}
    if seen and seen - now > _CLOCK_OFF:
        return check("clock", "warn", "clock.behind", values, fix="clock.fix", account=account)
    return check("clock", "ok", "clock.ok", values, account=account)


def summary(setting: Setting) -> Iterator[Check]:
    """When the next one is due."""
    plan, zone = setting.config.summary, setting.config.region.timezone
    if plan is None:
        yield check("summary", "note", "summary.none")
        return
    due = outbox.last_due(plan, zone, setting.clock()) + timedelta(days=7)
    yield check("summary", "ok", "summary.ok", {"to": plan.to, "due": f"{due:%Y-%m-%d %H:%M}"})


def _today(setting: Setting) -> date:
    return setting.clock().astimezone(setting.config.region.timezone).date()


def _mode(mode: int) -> str:
    return f"{stat.S_IMODE(mode):04o}"


CHECKERS: Final[tuple[tuple[str, Checker], ...]] = (
    ("permissions", permissions), ("accounts", accounts), ("forms", forms), ("disk", disk),
    ("database", database), ("service", service), ("unit", units), ("clock", clock), ("zone", zone),
    ("holidays", holidays), ("rates", rates), ("summary", summary),
)  # fmt: skip
"""In the order in which they are told."""

WITHOUT_CONFIG: Final = frozenset({"forms", "disk", "database", "service", "unit", "clock"})
"""Those that say something although the configuration cannot be read."""
