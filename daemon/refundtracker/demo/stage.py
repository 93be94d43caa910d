"""The stage of the demo: a configuration, a mailbox and a database of its own, for one sweep."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Final

from refundtracker import config, service
from refundtracker.demo.days import COUNTRY, ZONE
from refundtracker.demo.letters import OWNER, PROVIDER
from refundtracker.demo.process import serving
from refundtracker.demo.server import HOST, Handover
from refundtracker.errors import DiskTrouble
from refundtracker.jobs import delivery
from refundtracker.options import literal
from refundtracker.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from refundtracker.demo.letters import Mail
    from refundtracker.disputes import Dispute
    from refundtracker.records import MailRow
    from refundtracker.reports.summary import Summary
    from refundtracker.words import Lang

_DOUBTFUL: Final = ("unread", "untrusted", "unparsable")
_CONFIG: Final = """\
[region]
country = {country}
timezone = {zone}

[[account]]
name = "demo"
host = {host}
port = {port}
tls = "none"
user = {owner}
password = {{ file = "password" }}
authserv = [{provider}]

[senders]
allowed = [{owner}]
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the daemon made of the sample.

    Attributes:
        disputes: all of them, by id.
        doubtful: mails that were not understood, whose sender is not proven, or that are damaged.
        counts: how many mails have each outcome.
        summary: the weekly one.
    """

    disputes: list[Dispute]
    doubtful: list[MailRow]
    counts: dict[str, int]
    summary: Summary


def play(mails: Sequence[Mail], today: date, lang: Lang) -> Outcome:
    """One sweep of the service over these mails, by IMAP; nothing of it stays.

    Args:
        mails: of the mailbox, the oldest first.
        today: the day on which it takes place.
        lang: of the summary.

    Raises:
        WrongUsage: pymap is not installed.
        DiskTrouble: nothing temporary can be written.
        TrackerError: as of a real sweep.
    """
    password = token_urlsafe(16)
    handover = Handover(OWNER, password, tuple(mails))
    with _temporary() as place, serving(handover) as port:
        configured = config.load(_configured(place, port, password))
        database = place / "refunds.db"
        setting = replace(
            service.setting_for(configured, database=database, forms=None, lang=lang),
            environ={},
            clock=lambda: datetime.combine(today, time(22), ZONE).astimezone(UTC),
        )
        for visit in service.run_once(setting):
            if visit.error:
                raise visit.error
        return _outcome(database, configured, today, lang)


@contextmanager
def _temporary() -> Iterator[Path]:
    """A directory that only the user can enter, for the time of the block."""
    try:
        directory = tempfile.TemporaryDirectory(prefix="refundd-demo-")
    except OSError as error:
        raise DiskTrouble(f"no temporary directory can be made: {error.strerror}") from error
    with directory as name:
        yield Path(name)


def _configured(place: Path, port: int, password: str) -> Path:
    """Write the configuration and the password beside it; the file."""
    values = {"country": COUNTRY, "zone": ZONE.key, "host": HOST, "owner": OWNER, "provider": PROVIDER}
    written = {name: literal(value) for name, value in values.items()}
    secret, path = place / "password", place / "config.toml"
    try:
        secret.touch(mode=0o600)
        secret.write_text(password, encoding="utf-8")
        path.write_text(_CONFIG.format(port=port, **written), encoding="utf-8")
    except OSError as error:
        raise DiskTrouble(f"{place}: {error.strerror}") from error
    return path


def _outcome(database: Path, configured: config.Config, today: date, lang: Lang) -> Outcome:
    with Store.open_readonly(database) as store:
        return Outcome(
            disputes=store.disputes(),
            doubtful=[mail for outcome in _DOUBTFUL for mail in store.mails(outcome)],
            counts=store.outcome_counts(),
            summary=delivery.build(store, configured, today=today, lang=lang),
        )
