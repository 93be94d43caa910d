"""The weekly summary, once a slot: built from the store, sent by SMTP, remembered in the outbox."""

from __future__ import annotations

from email.utils import make_msgid
from typing import TYPE_CHECKING, Final

from refundtracker import outbox
from refundtracker.errors import BadConfig, TrackerError
from refundtracker.reports import smtp
from refundtracker.reports.summary import MailLine, News, Summary, compose, from_disputes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, tzinfo

    from refundtracker.config import Config, Smtp, SummaryPlan
    from refundtracker.records import MailRow
    from refundtracker.store import Store
    from refundtracker.words import Lang

# The outbox remembers since when it works, so that a fresh install owes no summary of the past.
_BEGUN: Final = ("begun", "first")


def build(store: Store, config: Config, *, today: date, lang: Lang, since: datetime | None = None) -> Summary:
    """The summary of what the store knows.

    Args:
        store: open.
        config: for the country.
        today: everything is told as of this day.
        lang: to tell it in.
        since: mails are counted from here; None counts all.
    """
    news = News(
        unread=_lines(store.mails("unread"), since, config.region.timezone),
        untrusted=_lines(store.mails("untrusted"), since, config.region.timezone),
        counts=store.outcome_counts(since),
        notes=tuple(f"{each.account}: {each.trouble}" for each in store.account_statuses() if each.trouble),
    )
    disputes = store.disputes()
    return from_disputes(disputes, today=today, lang=lang, country=config.region.country, news=news)


def _lines(rows: list[MailRow], since: datetime | None, zone: tzinfo) -> tuple[MailLine, ...]:
    return tuple(
        MailLine(row.id, _day(row.date, zone), row.sender, row.subject, row.reason)
        for row in rows
        if since is None or row.recorded_at >= since
    )


def _day(moment: datetime | None, zone: tzinfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None


def due(store: Store, config: Config, now: datetime) -> str | None:
    """The slot that has to be sent now, or None. After a downtime it is one, the newest.

    A plan that is moved to a later hour or day makes an old moment the newest one again; its week
    was told already and is not owed twice.
    """
    if config.summary is None or config.smtp is None:
        return None
    begun = store.reserve(*_BEGUN, "", now).created_at
    moment = outbox.last_due(config.summary, config.region.timezone, now)
    slot = outbox.slot_of(moment)
    last = store.last_sent(outbox.WEEKLY)
    if moment < begun or (last is not None and slot <= last.slot):
        return None
    return slot


def send_due(
    store: Store, config: Config, slot: str, environ: Mapping[str, str], *, now: datetime, lang: Lang
) -> None:
    """Hand the summary of a slot to the server; `mark` it when this returns.

    Raises:
        Ambiguous: it may have been delivered; the slot stays due, and the same Message-ID lets
            a mail server see that the next attempt is the same mail.
        Unreachable: not taken now; the slot stays due, with the same Message-ID.
        Refused: the server will not take it.
        BadConfig: the password cannot be had.
    """
    row = store.reserve(outbox.WEEKLY, slot, new_message_id(config), now)
    last = store.last_sent(outbox.WEEKLY)
    since = last.sent_at if last else None
    try:
        send(store, config, environ, message_id=row.message_id, now=now, lang=lang, since=since)
    except TrackerError as error:
        store.mark_failed(outbox.WEEKLY, slot, str(error))
        raise


def mark(store: Store, slot: str, now: datetime) -> None:
    """The server took the summary of a slot: it is owed no more.

    Args:
        store: open.
        slot: that was handed over.
        now: when it was begun, so that what came in meanwhile belongs to the next one.
    """
    store.mark_sent(outbox.WEEKLY, slot, now)


def send(  # noqa: PLR0913 - who, what, when, and since when
    store: Store,
    config: Config,
    environ: Mapping[str, str],
    *,
    message_id: str,
    now: datetime,
    lang: Lang,
    today: date | None = None,
    since: datetime | None = None,
) -> str:
    """Build a summary and hand it to the server; returns the address it went to.

    Args:
        store: open.
        config: for the recipient and the server.
        environ: for the password.
        message_id: of the mail.
        now: the moment of the mail.
        lang: to tell it in.
        today: it is told as of this day; None for the day it is now in the user's zone.
        since: mails are counted from here; None counts all.

    Raises:
        BadConfig: [summary] or [smtp] is missing, or the password cannot be had.
        Unreachable: the server did not take it.
        Refused: the server will not take it.
    """
    plan, server = _planned(config)
    day = today or now.astimezone(config.region.timezone).date()
    summary = build(store, config, today=day, lang=lang, since=since)
    message = compose(summary, sender=server.sender or plan.to, to=plan.to, message_id=message_id, now=now)
    smtp.send(
        message,
        host=server.host,
        port=server.port,
        tls=server.tls,
        user=server.user,
        password=server.password.read(environ) if server.password else None,
        ca_file=server.ca_file,
    )
    return plan.to


def recipient(config: Config) -> str:
    """Who gets the summary."""
    return _planned(config)[0].to


def new_message_id(config: Config) -> str:
    """A Message-ID in the domain that sends."""
    plan, server = _planned(config)
    return make_msgid("refundtracker", (server.sender or plan.to).rpartition("@")[2])


def _planned(config: Config) -> tuple[SummaryPlan, Smtp]:
    if config.summary is None or config.smtp is None:
        missing = "[summary]" if config.summary is None else "[smtp]"
        raise BadConfig(
            str(config.path or "configuration"), (f"{missing} is missing; without it no summary can be sent",)
        )
    return config.summary, config.smtp
