"""The configuration: where its file is, and what it says once it is read and checked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from refundtracker import paths
from refundtracker.configfile import read
from refundtracker.errors import BadConfig
from refundtracker.options import example, reference
from refundtracker.windows import METHODS, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refundtracker.alarms.urls import AlarmUrl
    from refundtracker.secret import Secret

__all__ = [
    "Account", "AlarmPlan", "Config", "Region", "Senders", "Smtp", "SummaryPlan", "WindowPlan",
    "example", "find", "load", "load_or_default", "reference",
]  # fmt: skip

Tls = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Region:
    """Where the user lives.

    Attributes:
        country: ISO 3166 code in capitals; the calendar where the issuer of a card is unknown.
        timezone: decides on which day a mail falls.
        language: None means that of the terminal.
        days_off: dates without banking that the calendar does not know.
        days_on: dates with banking although the calendar says they are off.
    """

    country: str = "KR"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Seoul"))
    language: Literal["ko", "en"] | None = None
    days_off: frozenset[dt.date] = frozenset()
    days_on: frozenset[dt.date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A mailbox to read.

    Attributes:
        name: unique; what was read is remembered under it.
        host: lower case.
        password: where it is kept; None when `oauth` is set, and never None otherwise.
        oauth: the provider of the sign-in.
        client_id: of this program at that provider; None when it was given to `refundd login`.
        client_secret: where the secret of that registration is kept.
        tokens: where the sign-in is kept, see `refundtracker.oauth.tokens`.
        folders: at least one.
        authserv: ids whose Authentication-Results are believed; of the provider when not configured.
        lookback_days: how far back the mailbox is searched.
        poll_minutes: between two looks without IDLE.
        max_mail_mb: a larger mail is not fetched; megabytes.
        ca_file: PEM file of an own certificate authority, absolute.
    """

    name: str
    host: str
    port: int = 993
    tls: Tls = "tls"
    user: str
    password: Secret | None = None
    oauth: Literal["google", "microsoft"] | None = None
    client_id: str | None = None
    client_secret: Secret | None = None
    tokens: Literal["file", "keyring"] = "file"
    folders: tuple[str, ...] = ("INBOX",)
    authserv: tuple[str, ...] = ()
    lookback_days: int = 200
    poll_minutes: int = 10
    max_mail_mb: int = 25
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Senders:
    """Whom the user trusts to bring notices.

    Attributes:
        allowed: addresses in lower case that may forward card texts.
        forwarders: domains in lower case whose servers may pass on whole mails (ARC seals).
        verify_dkim: whether signatures are verified here where the provider is silent; None means
            where the extra `dkim` is installed.
    """

    allowed: tuple[str, ...] = ()
    forwarders: tuple[str, ...] = ()
    verify_dkim: bool | None = None


@dataclass(frozen=True, slots=True)
class SummaryPlan:
    """The weekly mail.

    Attributes:
        to: one address.
        day: English name of the day, lower case.
        time: local time in the zone of the region, no zone of its own.
    """

    to: str
    day: str = "monday"
    time: dt.time = dt.time(8, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """How mail is sent.

    Attributes:
        user: None means no login; then there is no password either.
        oauth: the provider whose sign-in is used, that of the account with this user; no password then.
        sender: address of the From line; None only when nothing names one.
        ca_file: PEM file of an own certificate authority, absolute.
    """

    host: str
    port: int = 587
    tls: Tls = "starttls"
    user: str | None = None
    password: Secret | None = None
    oauth: Literal["google", "microsoft"] | None = None
    sender: str | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class AlarmPlan:
    """Who is told what is wrong.

    Attributes:
        mail: whether mails are sent where there is an [smtp] section; see `Config.alarm_mail_to`.
        to: one address; None means that of the summary, or the sender.
        urls: of notification services.
        repeat_days: between two reminders.
    """

    mail: bool = True
    to: str | None = None
    urls: tuple[AlarmUrl, ...] = ()
    repeat_days: int = 1


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """How long refunds may take.

    Attributes:
        method: how the user pays where nothing tells; a key of `windows.METHODS`.
        own: the rules that the user changed, by method.
    """

    method: str = "card"
    own: Mapping[str, Rule] = field(default_factory=dict)


def _window_plan(values: Mapping[str, Any]) -> WindowPlan:
    own = {}
    for name, rule in METHODS.items():
        due, overdue, escalate = values[name]
        if (due, overdue, escalate) != (rule.due, rule.overdue, rule.escalate):
            own[name] = Rule(due, overdue, escalate, rule.note, "user")
    return WindowPlan(values["method"], own)


@dataclass(frozen=True, slots=True)
class Config:
    """All that a configuration file says, checked.

    Attributes:
        path: the file, absolute; None when there is none.
        forms_dir: absolute; None means the standard place, see `refundtracker.paths`.
        database: absolute; None means the standard place.
        backups: how many weekly copies of the database are kept.
        windows: how long refunds may take.
    """

    path: Path | None = None
    region: Region = field(default_factory=Region)
    accounts: tuple[Account, ...] = ()
    senders: Senders = field(default_factory=Senders)
    summary: SummaryPlan | None = None
    smtp: Smtp | None = None
    forms_dir: Path | None = None
    database: Path | None = None
    alarms: AlarmPlan = field(default_factory=AlarmPlan)
    backups: int = 2
    windows: WindowPlan = field(default_factory=WindowPlan)

    @property
    def alarm_mail_to(self) -> str | None:
        """Who gets the mails about what is wrong; None when none are sent."""
        if self.smtp is None or not self.alarms.mail:
            return None
        return self.alarms.to or (self.summary.to if self.summary else None) or self.smtp.sender


def find(explicit: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The configuration file to use, or None when there is none.

    Args:
        explicit: from `--config`.
        environ: for `REFUNDS_CONFIG`, `XDG_CONFIG_HOME` and `HOME`.

    Raises:
        BadConfig: a file was named, by option or variable, and is not there.
    """
    named = environ.get("REFUNDS_CONFIG")
    if explicit is None and named:
        explicit = Path(named)
    if explicit is not None:
        if not _exists(explicit):
            raise BadConfig(str(explicit), ("there is no such file",))
        return explicit
    own = paths.config_directory(environ)
    places = ([own / "config.toml"] if own else []) + [paths.SYSTEM_CONFIG]
    return next((place for place in places if _exists(place)), None)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # in a directory that is closed to us, or no possible name
        return False


def load_or_default(explicit: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration, or the default one without accounts when there is no file.

    Raises:
        BadConfig: a named file is missing, or the file has problems.
    """
    path = find(explicit, environ)
    return Config() if path is None else load(path)


def load(path: Path) -> Config:
    """Reads and checks one configuration file. Passwords are not fetched, no file it names is opened.

    Raises:
        BadConfig: with every problem of the file, each named by its key.
    """
    path = path.absolute()
    found = read(path)
    return Config(
        path=path,
        region=Region(**found.region),
        accounts=tuple(Account(**values) for values in found.accounts),
        senders=Senders(**found.senders),
        summary=None if found.summary is None else SummaryPlan(**found.summary),
        smtp=None if found.smtp is None else Smtp(**found.smtp),
        forms_dir=found.storage["forms"],
        database=found.storage["database"],
        alarms=AlarmPlan(**found.alarms),
        backups=found.storage["backups"],
        windows=_window_plan(found.windows),
    )
