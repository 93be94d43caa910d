"""The weekly summary, once a slot: built from the store, sent by SMTP, remembered in the outbox."""

from __future__ import annotations

from email.utils import make_msgid
from typing import TYPE_CHECKING, Final

from refundtracker.alarms.rules import Unsent
from refundtracker.errors import BadConfig, TrackerError
from refundtracker.jobs import outbox
from refundtracker.reports import smtp
from refundtracker.reports.alarm import title
from refundtracker.reports.summary import MailLine, News, Summary, compose, from_disputes
from refundtracker.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime, tzinfo
    from email.message import EmailMessage
    from pathlib import Path

    from refundtracker.config import Config, Smtp, SummaryPlan
    from refundtracker.records import MailRow
    from refundtracker.store import Store
    from refundtracker.words import Lang

# The outbox remembers since when it works, so that a fresh install owes no summary of the past.
_BEGUN: Final = ("begun", "first")
# Alarms that the summary would not tell by its own lists.
_TO_NOTE: Final = frozenset({"no-sweep", "no-mail", "holidays", "database", "disk", "damage", "backup"})


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
        notes=_notes(store, today, lang, since),
        waiting=store.waiting(),
    )
    disputes = store.disputes()
    return from_disputes(disputes, today=today, lang=lang, country=config.region.country, news=news)


def _notes(store: Store, today: date, lang: Lang, since: datetime | None) -> tuple[str, ...]:
    """Warnings: accounts in trouble, alarms that no other part tells, messages that may have come twice."""
    troubles = [f"{each.account}: {each.trouble}" for each in store.account_statuses() if each.trouble]
    alarms = [title(row.alarm, today, lang) for row in store.open_alarms() if row.alarm.kind in _TO_NOTE]
    doubtful = store.in_doubt(since) if since else []
    doubts = [
        say(lang, "note.doubt.weekly" if row.kind == outbox.WEEKLY else "note.doubt.alarm", slot=row.slot)
        for row in doubtful
    ]
    return (*troubles, *alarms, *doubts)


def _lines(rows: list[MailRow], since: datetime | None, zone: tzinfo) -> tuple[MailLine, ...]:
    return tuple(
        MailLine(row.id, _day(row.date, zone), row.sender, row.subject, row.reason)
        for row in rows
        if since is None or row.recorded_at >= since
    )


def _day(moment: datetime | None, zone: tzinfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None


def begun(store: Store, now: datetime) -> datetime:
    """Since when this database is worked on; the first call says since now."""
    row = store.outbox_row(*_BEGUN) or store.reserve(*_BEGUN, "", now)
    return row.created_at


def due(store: Store, config: Config, now: datetime) -> str | None:
    """The slot that has to be sent now, or None. After a downtime it is one, the newest.

    A plan that is moved to a later hour or day makes an old moment the newest one again; its week
    was told already and is not owed twice.
    """
    unsent = overdue(store, config, now)
    return unsent.slot if unsent else None


def overdue(store: Store, config: Config, now: datetime) -> Unsent | None:
    """The summary that should be out by now: since when, and why it is not."""
    if config.summary is None or config.smtp is None:
        return None
    moment = outbox.last_due(config.summary, config.region.timezone, now)
    slot = outbox.slot_of(moment)
    last = store.last_sent(outbox.WEEKLY)
    if moment < begun(store, now) or (last is not None and slot <= last.slot):
        return None
    row = store.outbox_row(outbox.WEEKLY, slot)
    return Unsent(slot, moment, row.last_error if row else None)


def send_due(
    store: Store, config: Config, slot: str, environ: Mapping[str, str], *, now: datetime, lang: Lang
) -> bool:
    """Hand the summary of a slot to the server; `mark` it when this returns True.

    Returns:
        False when nothing was sent: two former attempts may have delivered it, and the slot is settled.

    Raises:
        Ambiguous: it may have been delivered; the slot stays due for one more attempt, and the same
            Message-ID lets a mail server see that it is the same mail.
        Unreachable: not taken now; the slot stays due, with the same Message-ID.
        Refused: the server will not take it.
        BadConfig: the password cannot be had.
    """
    row = store.reserve(outbox.WEEKLY, slot, new_message_id(config), now)
    last = store.last_sent(outbox.WEEKLY, confirmed=True)
    day = now.astimezone(config.region.timezone).date()
    summary = build(store, config, today=day, lang=lang, since=last.sent_at if last else None)
    try:
        mail = addressed(config, summary, message_id=row.message_id, now=now)
        secret = secret_of(config, environ, store.path.parent, now)
    except TrackerError as error:
        store.note_error(outbox.WEEKLY, slot, str(error))
        raise
    sent = outbox.attempt(store, row, now, lambda leaving: hand_over(config, mail, secret, leaving))
    if not sent:
        store.give_up(outbox.WEEKLY, slot, now)
    return sent


def mark(store: Store, slot: str, now: datetime) -> bool:
    """The server took the summary of a slot: it is owed no more. Whether it may have come twice.

    Args:
        store: open.
        slot: that was handed over.
        now: when it was begun, so that what came in meanwhile belongs to the next one.
    """
    store.mark_sent(outbox.WEEKLY, slot, now)
    row = store.outbox_row(outbox.WEEKLY, slot)
    return row is not None and row.unsure > 0


def send(  # noqa: PLR0913 - who, what and when
    store: Store,
    config: Config,
    environ: Mapping[str, str],
    *,
    message_id: str,
    now: datetime,
    lang: Lang,
    today: date | None = None,
) -> str:
    """Build a summary and hand it to the server, outside of all slots; returns where it went to.

    Args:
        store: open.
        config: for the recipient and the server.
        environ: for the password.
        message_id: of the mail.
        now: the moment of the mail.
        lang: to tell it in.
        today: it is told as of this day; None for the day it is now in the user's zone.

    Raises:
        BadConfig: [summary] or [smtp] is missing, or the password cannot be had.
        Unreachable: the server did not take it.
        Refused: the server will not take it.
    """
    day = today or now.astimezone(config.region.timezone).date()
    summary = build(store, config, today=day, lang=lang)
    mail = addressed(config, summary, message_id=message_id, now=now)
    hand_over(config, mail, secret_of(config, environ, store.path.parent, now))
    return recipient(config)


def addressed(config: Config, summary: Summary, *, message_id: str, now: datetime) -> EmailMessage:
    """The summary as the mail to its recipient.

    Raises:
        BadConfig: [summary] or [smtp] is missing.
    """
    plan, server = _planned(config)
    return compose(summary, sender=server.sender or plan.to, to=plan.to, message_id=message_id, now=now)


def hand_over(
    config: Config, mail: EmailMessage, secret: str | None, leaving: Callable[[], None] = smtp.nobody_waits
) -> None:
    """Give one mail to the server of [smtp]; errors as with `smtp.send`.

    Args:
        config: names the server.
        mail: complete.
        secret: what `secret_of` gave.
        leaving: as for `smtp.send`.
    """
    server = config.smtp
    if server is None:
        raise BadConfig(
            str(config.path or "configuration"), ("[smtp] is missing; without it no mail is sent",)
        )
    smtp.send(
        mail,
        host=server.host,
        port=server.port,
        tls=server.tls,
        user=server.user,
        password=secret,
        oauth=server.oauth is not None,
        ca_file=server.ca_file,
        leaving=leaving,
    )


def secret_of(config: Config, environ: Mapping[str, str], directory: Path, now: datetime) -> str | None:
    """What [smtp] logs in with: a password, an access token with `oauth`, None without a login.

    Args:
        config: for the server, and for the account whose sign-in is used.
        environ: for the password.
        directory: of the database, where sign-ins are kept.
        now: the moment, UTC.

    Raises:
        BadConfig: the password cannot be had, or [smtp] is missing.
        Refused: nobody has signed in, or the sign-in has ended.
        Unreachable: the provider of the sign-in does not answer.
        DiskTrouble: a renewed sign-in cannot be kept.
    """
    server = config.smtp
    if server is None or (server.password is None and server.oauth is None):
        return None
    if server.password is not None:
        return server.password.read(environ)
    from refundtracker.oauth.tokens import access_token

    wanted = (server.oauth, server.user)
    account = next(each for each in config.accounts if (each.oauth, each.user) == wanted)
    return access_token(account, directory, now)


def recipient(config: Config) -> str:
    """Who gets the summary."""
    return _planned(config)[0].to


def new_message_id(config: Config) -> str:
    """A Message-ID in the domain that sends."""
    plan, server = _planned(config)
    return named(server.sender or plan.to)


def named(sender: str) -> str:
    """A new Message-ID in the domain of a sender."""
    return make_msgid("refundtracker", sender.rpartition("@")[2])


def _planned(config: Config) -> tuple[SummaryPlan, Smtp]:
    if config.summary is None or config.smtp is None:
        missing = "[summary]" if config.summary is None else "[smtp]"
        raise BadConfig(
            str(config.path or "configuration"), (f"{missing} is missing; without it no summary can be sent",)
        )
    return config.summary, config.smtp
