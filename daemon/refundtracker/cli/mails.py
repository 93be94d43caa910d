"""`refunds mail`, `refunds read` and `refunds import`: mails and what became of them."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from refundparsers.notices import Outcome, utc
from refundtracker.cli.common import global_options, reading_options, right_now, settings, verify_dkim
from refundtracker.errors import BadInput
from refundtracker.formats import write_csv, write_json, write_line, write_note, write_table
from refundtracker.words import one_line, say
from refundtracker.words.reasons import reason_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import tzinfo

    from refundparsers.notices import Notice, Reading
    from refundtracker.files import MailFile
    from refundtracker.ingest import Reader
    from refundtracker.records import Changes, MailRow
    from refundtracker.store import Store
    from refundtracker.words import Lang

_PATHS = click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, readable=False, allow_dash=True, path_type=Path),
    metavar="PATH...",
)


_GROUP = 50
_GROUP_BYTES = 4_000_000


@click.command()
@click.option("--outcome", type=click.Choice(get_args(Outcome)), help="Only mails with this outcome.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, the newest.")
@click.option("--csv", "as_csv", is_flag=True, help="Answer as CSV.")
@global_options
@click.pass_context
def mail(ctx: click.Context, outcome: Outcome | None, limit: int | None, as_csv: bool) -> None:
    """Every mail with its outcome, the newest first."""
    given = settings(ctx)
    config = given.load()
    lang = given.language(config)
    with given.store(config) as store:
        rows = store.mails(outcome, limit)
        counts = store.outcome_counts()
    if given.json:
        write_json([_mail_json(row) for row in rows])
    elif as_csv:
        objects = [_mail_json(row) for row in rows]
        write_csv(list(_MAIL_KEYS), [[each[key] for key in _MAIL_KEYS] for each in objects])
    else:
        if rows:
            _mail_table(rows, config.region.timezone, lang)
        else:
            write_line(say(lang, "none-such" if any(counts.values()) else "no-mails"))
        told = [f"{say(lang, f'outcome.{name}')} {count}" for name, count in sorted(counts.items()) if count]
        if told:
            write_note(", ".join(told))


_MAIL_KEYS = (
    "id",
    "date",
    "from",
    "subject",
    "outcome",
    "reason",
    "trust",
    "size",
    "message_id",
    "sha256",
    "recorded_at",
)


def _mail_json(row: MailRow) -> dict[str, object]:
    return {
        "id": row.id,
        "date": utc(row.date) if row.date else None,
        "from": row.sender,
        "subject": row.subject,
        "outcome": row.outcome,
        "reason": row.reason,
        "trust": row.trust,
        "size": row.size,
        "message_id": row.message_id,
        "sha256": row.sha256,
        "recorded_at": utc(row.recorded_at),
    }


def _mail_table(rows: Iterable[MailRow], zone: tzinfo, lang: Lang) -> None:
    write_table(
        [say(lang, f"column.{column}") for column in ("id", "date", "from", "subject", "outcome", "reason")],
        [
            (
                str(row.id),
                row.date.astimezone(zone).date().isoformat() if row.date else None,
                row.sender,
                one_line(row.subject or "", 60),
                say(lang, f"outcome.{row.outcome}"),
                reason_in(lang, row.reason),
            )
            for row in rows
        ],
        right=(0,),
        whole=(0, 1),
        cut=(2,),
    )


@click.command()
@_PATHS
@reading_options
@verify_dkim
@global_options
@click.pass_context
def read(
    ctx: click.Context,
    paths: tuple[Path, ...],
    allowed: tuple[str, ...],
    authserv: tuple[str, ...],
    verify_dkim: bool,
) -> int:
    """What the parsers make of mails; touches no database.

    PATH is an .eml file, an mbox, a Maildir, a directory of them, or - for one mail on standard input.
    """
    from refundtracker import files

    by = _reader(ctx, allowed, authserv, verify_dkim=verify_dkim)
    given = settings(ctx)
    lang = given.language(given.load())
    skipped, number = Skipped(), 0
    for number, each in enumerate(files.mails(paths, skipped), start=1):  # noqa: B007 - how many there were
        reading = by.read(each.raw)
        if given.json:
            write_json(reading.as_json(each.path), indent=None)
        else:
            _told(each, reading, lang)
    if not number and not skipped.status:
        _tell_of_none(paths, lang)
    return skipped.status


def _tell_of_none(paths: tuple[Path, ...], lang: Lang) -> None:
    write_note(say(lang, "mails.none", paths=one_line(", ".join(map(str, paths)), 200)))


def _reader(
    ctx: click.Context, allowed: tuple[str, ...], authserv: tuple[str, ...], *, verify_dkim: bool
) -> Reader:
    from refundtracker.ingest import reader
    from refundtracker.signatures import second_opinion

    given = settings(ctx)
    config = given.load()
    return reader(
        config,
        given.forms_directory(config),
        authserv=authserv or None,
        allowed=allowed,
        signatures=second_opinion(wanted=verify_dkim, clock=right_now),
    )


def _told(file: MailFile, reading: Reading, lang: Lang) -> None:
    write_line(f"{one_line(file.path)}: {say(lang, f'outcome.{reading.outcome}')}{_why(reading, lang)}")
    if reading.mail.subject:
        write_line(f"    {one_line(reading.mail.subject, 100)}")
    for notice in reading.notices:
        write_line(f"    {say(lang, f'event.{notice.kind}')}: {_values(notice, lang)}  [{notice.form}]")


def _why(reading: Reading, lang: Lang) -> str:
    proof = reading.proof if reading.outcome == "notice" else None
    trust = say(lang, f"trust.{reading.trust}") if reading.trust else None
    said = [part for part in (reason_in(lang, reading.reason), trust, reason_in(lang, proof)) if part]
    return f" ({one_line('; '.join(said))})" if said else ""


def _values(notice: Notice, lang: Lang) -> str:
    values = (
        notice.on.isoformat(),
        notice.money,
        notice.order,
        say(lang, f"result.{notice.result}") if notice.result else None,
        notice.issuer,
        notice.card,
        notice.merchant,
    )
    return ", ".join(one_line(str(value)) for value in values if value)


@click.command("import")
@_PATHS
@reading_options
@verify_dkim
@global_options
@click.pass_context
def import_(
    ctx: click.Context,
    paths: tuple[Path, ...],
    allowed: tuple[str, ...],
    authserv: tuple[str, ...],
    verify_dkim: bool,
) -> int:
    """Put mails from files into the database: .eml, mbox, Maildir, directories of them.

    A mail that is there already changes nothing.
    """
    from refundtracker import files
    from refundtracker.ingest import bring_up_to_date, rules
    from refundtracker.store import Store

    by = _reader(ctx, allowed, authserv, verify_dkim=verify_dkim)
    given = settings(ctx)
    config = given.load()
    skipped = Skipped()
    with Store.open(given.database(config)) as store:
        outcomes, new = _taken(store, by, files.mails(paths, skipped))
        changes = bring_up_to_date(store, rules(config), anew=True)
    if outcomes["untrusted"] and not by.senders.authserv:
        write_note(say(given.language(config), "mails.nobody-believed"))
    if given.json:
        write_json(_import_json(outcomes, new, changes))
    else:
        _imported(outcomes, new, changes, given.language(config))
    if not outcomes and not skipped.status:
        _tell_of_none(paths, given.language(config))
    return skipped.status


class Skipped:
    """Tells of each file that could not be read, and remembers that there was one.

    Attributes:
        status: what the command shall end with.
    """

    status = 0

    def __call__(self, sentence: str) -> None:
        """Tell it on stderr; the other files are read all the same."""
        self.status = BadInput.exit_status
        write_note(f"{one_line(sentence)}; skipped")


def _import_json(outcomes: Counter[str], new: int, changes: Changes) -> dict[str, object]:
    return {
        "mails": outcomes.total(),
        "new": new,
        "known": outcomes.total() - new,
        "outcomes": dict(sorted(outcomes.items())),
        "disputes": {"added": list(changes.added), "changed": list(changes.changed)},
    }


def _imported(outcomes: Counter[str], new: int, changes: Changes, lang: Lang) -> None:
    write_line(say(lang, "mails.imported", mails=str(outcomes.total()), new=str(new)))
    sums = {"added": str(len(changes.added)), "changed": str(len(changes.changed))}
    write_line(say(lang, "mails.disputes", **sums))
    for outcome, count in sorted(outcomes.items()):
        write_line(f"  {count:>6}  {say(lang, f'outcome.{outcome}')}")


def _taken(store: Store, by: Reader, mails: Iterable[MailFile]) -> tuple[Counter[str], int]:
    """Record mails in small groups; outcomes of all of them, and how many were new."""
    from refundtracker.ingest import take
    from refundtracker.records import Entry

    outcomes: Counter[str] = Counter()
    new = 0
    with _progress() as step:
        for group in _grouped(mails):
            entries = [Entry(by.read(each.raw), each.raw, len(each.raw)) for each in group]
            new += take(store, entries, now=datetime.now(UTC))
            outcomes.update(entry.reading.outcome for entry in entries)
            step(outcomes.total())
    return outcomes, new


def _grouped(mails: Iterable[MailFile]) -> Iterator[list[MailFile]]:
    """Some mails at a time: each transaction waits for the disk, and memory is small."""
    group: list[MailFile] = []
    for each in mails:
        group.append(each)
        if len(group) >= _GROUP or sum(len(one.raw) for one in group) >= _GROUP_BYTES:
            yield group
            group = []
    if group:
        yield group


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """A counter on stderr while a long import runs; silent unless somebody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} mails"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda number: progress.update(task, completed=number)
