"""`refundd demo`: the whole product on a sample mailbox; needs no account."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, NoReturn

import click

from refundtracker.cli.common import global_options, settings
from refundtracker.errors import DiskTrouble, WrongUsage
from refundtracker.formats import write_json, write_line, write_note, write_table
from refundtracker.words import one_line, say
from refundtracker.words.reasons import reason_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refundtracker.cli.common import Settings
    from refundtracker.demo.stage import Outcome
    from refundtracker.disputes import Dispute
    from refundtracker.reports.summary import Summary
    from refundtracker.words import Lang

# Mails, IMAP searches and holiday tables all know these years.
_FIRST: Final = date(2000, 1, 1)
_LAST: Final = date(2099, 12, 31)
_LONGEST_SUBJECT: Final = 48


@click.command()
@global_options
@click.pass_context
def demo(ctx: click.Context) -> None:
    """All of it on a sample mailbox; needs no account and touches nothing of yours."""
    from refundtracker.config import Config
    from refundtracker.demo.days import ZONE
    from refundtracker.demo.mailbox import sample
    from refundtracker.demo.stage import play
    from refundtracker.demo.story import tell

    given = settings(ctx)
    lang = given.language(Config())
    today = given.as_of or datetime.now(UTC).astimezone(ZONE).date()
    _check(given, today, lang)
    mails = sample(today)
    write_note(tell(lang, "mailbox", count=str(len(mails)), day=today.isoformat()))
    write_note(tell(lang, "work"))
    with _unwinding():
        outcome = play(mails, today, lang)
    _show(outcome, today, lang, as_json=given.json)
    write_note(tell(lang, "end"))


def _check(given: Settings, today: date, lang: Lang) -> None:
    """Refuse a day that calendars do not reach, and say which options have no meaning here."""
    from refundtracker.demo.story import tell

    if not _FIRST <= today <= _LAST:
        raise WrongUsage(f"--as-of {today}: the demo plays between {_FIRST} and {_LAST}")
    unused = [f"--{name}" for name in ("db", "config", "forms") if getattr(given, name)]
    if unused:
        write_note(tell(lang, "unused", options=", ".join(unused)))


@contextmanager
def _unwinding() -> Iterator[None]:
    """For the time of the block SIGTERM unwinds like Ctrl-C, so that what is temporary is removed."""
    former = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def _leave(*_: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


def _show(outcome: Outcome, today: date, lang: Lang, *, as_json: bool) -> None:
    """The answer of `refunds list`; for people also the doubtful mails and the summary."""
    from refundtracker.cli.listing import by_urgency, write_disputes, write_owed
    from refundtracker.demo.story import tell
    from refundtracker.views import dispute_json

    disputes = by_urgency(outcome.disputes, today)
    page = _written(outcome.summary, today)
    if as_json:
        write_json([dispute_json(each, today, lang) for each in disputes])
        write_note(f"{tell(lang, 'summary')}: {page}")
        return
    write_note("")
    write_owed(disputes, today, lang)
    write_disputes(disputes, today, lang)
    _reason(disputes, lang)
    _mails(outcome, lang)
    write_line(f"{tell(lang, 'summary')}: {page}")
    sys.stdout.flush()


def _reason(disputes: Sequence[Dispute], lang: Lang) -> None:
    """Why money was taken for the answer to a promise."""
    from refundtracker.demo.story import tell
    from refundtracker.views import worded

    write_line()
    for each in disputes:
        if each.received:
            write_line(tell(lang, "paid", id=str(each.id), why=worded(each.received[0].why, lang)))
    write_line()


def _mails(outcome: Outcome, lang: Lang) -> None:
    """How many came to what, and which ones ask for a look."""
    from refundtracker.demo.story import tell

    counted = [f"{say(lang, f'outcome.{name}')} {count}" for name, count in outcome.counts.items() if count]
    write_line(f"{tell(lang, 'mails')}: {', '.join(counted)}")
    write_line()
    write_table(
        [say(lang, f"column.{column}") for column in ("outcome", "subject", "reason")],
        [
            (
                say(lang, f"outcome.{mail.outcome}"),
                one_line(mail.subject or "", _LONGEST_SUBJECT),
                reason_in(lang, mail.reason),
            )
            for mail in outcome.doubtful
        ],
        whole=(0,),
    )
    write_line()


def _written(summary: Summary, today: date) -> str:
    """The summary as HTML in a file of its own, which stays."""
    from refundtracker.reports.summary import render_html

    try:
        descriptor, path = tempfile.mkstemp(prefix=f"refunds-{today}-", suffix=".html")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(render_html(summary))
    except OSError as error:
        raise DiskTrouble(f"the summary cannot be written: {error.strerror}") from error
    return path
