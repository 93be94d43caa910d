"""`refunds teach` and `refunds reread`: new forms, and the past read with them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from refundparsers.notices import Kind
from refundtracker.cli.common import global_options, reading_options, right_now, settings
from refundtracker.cli.teach_asking import Said
from refundtracker.errors import BadInput, WrongUsage
from refundtracker.formats import write_json, write_line, write_note, write_table
from refundtracker.views import dispute_json
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from refundtracker.cli.common import Settings
    from refundtracker.config import Config
    from refundtracker.disputes import Dispute
    from refundtracker.ingest import Reader
    from refundtracker.lessons import Effect, Taught
    from refundtracker.rereading import Difference
    from refundtracker.store import Store
    from refundtracker.words import Lang


@click.command()
@click.argument("mail")
@click.option("--kind", type=click.Choice(get_args(Kind)), help="What the mail says.")
@click.option(
    "--set", "pairs", multiple=True, metavar="FIELD=VALUE", help="A value in it, as in the JSON; repeatable."
)
@click.option("--name", help="Name of the form.")
@click.option("--ignore", is_flag=True, help="Such mails do not matter.")
@click.option("--dry-run", is_flag=True, help="Show the form and its effects, keep nothing.")
@click.option("--yes", is_flag=True, help="Keep the form without asking.")
@reading_options
@global_options
@click.pass_context
def teach(  # noqa: PLR0913, PLR0917 - the options of the verb
    ctx: click.Context,
    mail: str,
    kind: str | None,
    pairs: tuple[str, ...],
    name: str | None,
    ignore: bool,
    dry_run: bool,
    yes: bool,
    allowed: tuple[str, ...],
    authserv: tuple[str, ...],
) -> None:
    """Make a form of one mail: you say what it tells, the program finds where it stands.

    MAIL is a file, or the number of a mail in `refunds mail`. Without --kind and --ignore you are asked.
    """
    from refundtracker.ingest import reader
    from refundtracker.lessons import keep, learn
    from refundtracker.signatures import second_opinion

    given = settings(ctx)
    config = given.load()
    by = reader(
        config,
        given.forms_directory(config),
        authserv=authserv or None,
        allowed=allowed,
        signatures=second_opinion(wanted=config.senders.verify_dkim, clock=right_now),
    )
    values, lang = _pairs(pairs), given.language(config)
    store = _store_if_any(given, config)
    try:
        raw = _sample(mail, store)
        if ignore or (kind is not None and (values or not _is_person(mail, given))):
            taught = learn(raw, by, kind=None if ignore else kind, values=values, name=name, store=store)
        else:
            taught = _by_questions(mail, raw, by, Said(kind, values), name, store, given, lang)
    finally:
        if store is not None:
            store.close()
    kept = None
    if not dry_run and (yes or _agreed(taught, given, lang)):
        directory = given.forms_directory(config)
        if directory is None:
            raise WrongUsage("no directory for your own forms is known; give --forms DIR")
        kept = keep(taught.table, directory)
    _told(taught, kept, given, lang, seen=not (yes or dry_run))


def _is_person(mail: str, given: Settings) -> bool:
    """Whether questions can be asked: on a terminal that does not bring the mail itself."""
    return mail != "-" and not given.json and sys.stdin.isatty()


def _by_questions(  # noqa: PLR0913, PLR0917 - all that teaching needs
    mail: str, raw: bytes, by: Reader, known: Said, name: str | None, store: Store | None,
    given: Settings, lang: Lang,
) -> Taught:  # fmt: skip
    """Ask until the answers make a form, or the person gives up."""
    from refundtracker.cli.teach_asking import asked
    from refundtracker.lessons import learn

    if not _is_person(mail, given):
        raise WrongUsage("say what the mail tells: --kind KIND --set FIELD=VALUE ..., or --ignore")
    while True:
        said = asked(raw, by, known.kind, known.values, lang)
        try:
            return learn(raw, by, kind=said.kind, values=said.values, name=name, store=store)
        except (BadInput, WrongUsage) as error:
            write_note(one_line(str(error)))
            if not click.confirm(say(lang, "teach.again"), default=True, err=True):
                raise


def _pairs(pairs: Iterable[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in pairs:
        field, equals, value = pair.partition("=")
        if not equals or not value.strip():
            raise WrongUsage(f"--set {pair}: write it as FIELD=VALUE, such as amount=5.20")
        values[field.strip()] = value.strip()
    return values


def _store_if_any(given: Settings, config: Config) -> Store | None:
    return given.store(config) if given.database(config).exists() else None


def _sample(mail: str, store: Store | None) -> bytes:
    path = Path(mail)
    if mail == "-":
        return sys.stdin.buffer.read()
    if path.is_file():
        return path.read_bytes()
    row = store.mail(mail) if store else None
    if store is None or row is None:
        raise BadInput(f"{one_line(mail, 60)}: neither a file nor a mail in the database; see `refunds mail`")
    raw = store.raw(row.id)
    if raw is None:
        raise BadInput(f"the text of mail {row.id} was not kept; give it as a file")
    return raw


def _agreed(taught: Taught, given: Settings, lang: Lang) -> bool:
    if given.json or not sys.stdin.isatty():
        raise WrongUsage("say --yes to keep the form, or --dry-run to look at it only")
    _show_taught(taught, lang)
    return click.confirm(say(lang, "teach.keep"), default=True, err=True)


def _show_taught(taught: Taught, lang: Lang) -> None:
    write_line(_as_toml(taught))
    if taught.reading.notices:
        write_line(say(lang, "teach.reads"))
        notice = taught.reading.notices[0].as_json()
        for key, value in notice.items():
            if value is not None and key not in ("source", "form"):
                write_line(f"  {key}: {one_line(str(value), 120)}")
        write_line()
    if taught.effects:
        write_line(say(lang, "teach.effects", count=str(len(taught.effects))))
        write_effects(taught.effects, lang)
    else:
        write_line(say(lang, "teach.no-effects"))


def _as_toml(taught: Taught) -> str:
    """The form as its file will hold it, without what could move a cursor."""
    import tomli_w

    text = tomli_w.dumps({"form": [taught.table]}, multiline_strings=True)
    return "\n".join(indented(line) for line in text.splitlines())


def indented(line: str) -> str:
    """One line of foreign text made harmless, its indent kept."""
    return line[: len(line) - len(line.lstrip(" "))] + one_line(line)


def _told(taught: Taught, kept: Path | None, given: Settings, lang: Lang, *, seen: bool) -> None:
    if given.json:
        answer = {
            "form": taught.table,
            "kept": str(kept) if kept else None,
            "reading": taught.reading.as_json(),
            "effects": [effect_json(effect) for effect in taught.effects],
        }
        write_json(answer)
        return
    if not seen:
        _show_taught(taught, lang)
    write_line(say(lang, "teach.kept", path=str(kept)) if kept else say(lang, "teach.not-kept"))
    if kept and taught.effects:
        write_line(say(lang, "teach.apply"))


def effect_json(effect: Effect) -> dict[str, Any]:
    """A stored mail that is read otherwise, for scripts."""
    reading = effect.reading.as_json()
    return {
        "mail": effect.mail_id,
        "subject": effect.subject,
        "before": effect.before,
        "after": effect.after,
        "reason": reading["reason"],
        "notices": reading["notices"],
    }


def write_effects(effects: Iterable[Effect], lang: Lang) -> None:
    """Mails that are read otherwise, as a table."""
    rows = [
        (
            str(effect.mail_id),
            one_line(effect.subject or "", 60),
            say(lang, f"outcome.{effect.before}"),
            say(lang, f"outcome.{effect.after}"),
            effect.reading.notices[0].form if effect.reading.notices else effect.reading.reason,
        )
        for effect in effects
    ]
    write_table(
        [say(lang, f"column.{key}") for key in ("id", "subject", "before", "after", "reason")],
        rows,
        right=(0,),
    )


@click.command()
@click.option("--dry-run", is_flag=True, help="Show the difference, change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@reading_options
@global_options
@click.pass_context
def reread(
    ctx: click.Context,
    dry_run: bool,
    yes: bool,
    allowed: tuple[str, ...],
    authserv: tuple[str, ...],
) -> None:
    """Read the stored mails again after forms have changed; the difference is shown first."""
    from refundtracker.ingest import reader, rules
    from refundtracker.rereading import apply, preview
    from refundtracker.signatures import second_opinion
    from refundtracker.store import Store

    given = settings(ctx)
    config = given.load()
    by = reader(
        config,
        given.forms_directory(config),
        authserv=authserv or None,
        allowed=allowed,
        signatures=second_opinion(wanted=config.senders.verify_dkim, clock=right_now),
    )
    given.store(config).close()  # a database that is not there is told, not made
    with Store.open(given.database(config)) as store:
        difference = preview(store, by, rules(config))
        if not given.json:
            _show(difference, given, config)
        applied = (
            bool(difference.mails)
            and not dry_run
            and (
                yes
                or not sys.stdin.isatty()
                or click.confirm(say(given.language(config), "reread.ask"), err=True)
            )
        )
        if applied:
            apply(store, by, rules(config))
    if given.json:
        write_json({**_difference_json(difference, given, config), "applied": applied})
    elif difference.mails:
        write_line(say(given.language(config), "reread.applied" if applied else "reread.not-applied"))


def _show(difference: Difference, given: Settings, config: Config) -> None:
    lang = given.language(config)
    if not difference.mails:
        write_line(say(lang, "reread.same"))
        return
    write_line(say(lang, "reread.mails", count=str(len(difference.mails))))
    write_effects(difference.mails, lang)
    write_line()
    keys = list(dict.fromkeys((*difference.before, *difference.after)))
    write_line(say(lang, "reread.disputes" if keys else "reread.no-disputes"))
    for key in keys:
        change = _change(difference.before.get(key), difference.after.get(key), given.today(config), lang)
        write_line(f"  {change}")


def _change(old: Dispute | None, new: Dispute | None, today: date, lang: Lang) -> str:
    """One dispute in a line: what it was and what it becomes."""
    known = new or old
    assert known is not None
    dispute = one_line(f"{known.order or known.dispute or known.id}", 60)
    before, before_sum = _state(old, today, lang) if old else ("", "")
    state, total = _state(known, today, lang)
    if old is None or new is None:
        key = "reread.new" if old is None else "reread.gone"
        return say(lang, key, dispute=dispute, state=state, sum=total)
    if (before, before_sum) == (state, total):
        return say(lang, "reread.same-state", dispute=dispute, state=state, sum=total)
    return say(
        lang, "reread.moved", dispute=dispute, before=before, before_sum=before_sum, state=state, sum=total
    )


def _state(dispute: Dispute, today: date, lang: Lang) -> tuple[str, str]:
    from refundtracker.tracking import state_on

    state = say(lang, f"state.{state_on(dispute, today)}")
    return state, say(lang, "reread.sum", sum=str(dispute.promised)) if dispute.promised else ""


def _difference_json(difference: Difference, given: Settings, config: Config) -> dict[str, Any]:
    today, lang = given.today(config), given.language(config)

    def shown(disputes: Mapping[str, Dispute]) -> list[dict[str, object]]:
        return [dispute_json(dispute, today, lang) for dispute in disputes.values()]

    return {
        "mails": [effect_json(effect) for effect in difference.mails],
        "before": shown(difference.before),
        "after": shown(difference.after),
    }
