"""`refunds teach` and `refunds reread`: new forms, and the past read with them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from refundparsers.notices import Kind
from refundtracker.cli.common import global_options, reading_options, settings
from refundtracker.errors import BadInput, WrongUsage
from refundtracker.formats import write_json, write_line, write_table
from refundtracker.views import dispute_json
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from refundtracker.cli.common import Settings
    from refundtracker.config import Config
    from refundtracker.disputes import Dispute
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

    given = settings(ctx)
    config = given.load()
    by = reader(config, given.forms_directory(config), authserv=authserv or None, allowed=allowed)
    values = _pairs(pairs)
    store = _store_if_any(given, config)
    try:
        raw = _sample(mail, store)
        if kind is None and not ignore:
            kind, values, ignore = _asked(raw, values)
        taught = learn(raw, by, kind=None if ignore else kind, values=values, name=name, store=store)
    finally:
        if store is not None:
            store.close()
    kept = None
    if not dry_run and (yes or _agreed(taught, given)):
        directory = given.forms_directory(config)
        assert directory is not None
        kept = keep(taught.table, directory)
    _told(taught, kept, given, given.language(config))


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


def _asked(raw: bytes, values: Mapping[str, str]) -> tuple[str | None, dict[str, str], bool]:
    """Ask a person what the mail says; the values that stand in it are offered."""
    if not sys.stdin.isatty():
        raise WrongUsage("say what the mail tells: --kind KIND --set FIELD=VALUE ..., or --ignore")
    from refundparsers.message import decode
    from refundparsers.teaching import FIELDS

    message = decode(raw)
    write_line(one_line(message.facts.subject or "", 200))
    for line in (message.bodies[0].text if message.bodies else "").splitlines()[:60]:
        write_line(f"  {one_line(line, 160)}")
    kind = click.prompt("What does it say?", type=click.Choice([*get_args(Kind), "nothing that matters"]))
    if kind == "nothing that matters":
        return None, {}, True
    found = dict(values)
    for field in FIELDS:
        if field not in found:
            answer = click.prompt(f"{field} (empty: none)", default="", show_default=False).strip()
            found |= {field: answer} if answer else {}
    return kind, found, False


def _agreed(taught: Taught, given: Settings) -> bool:
    if given.json or not sys.stdin.isatty():
        raise WrongUsage("say --yes to keep the form, or --dry-run to look at it only")
    write_line(_as_toml(taught))
    return click.confirm("Keep this form?", default=True)


def _as_toml(taught: Taught) -> str:
    import tomli_w

    return tomli_w.dumps({"form": [taught.table]}, multiline_strings=True)


def _told(taught: Taught, kept: Path | None, given: Settings, lang: Lang) -> None:
    if given.json:
        answer = {
            "form": taught.table,
            "kept": str(kept) if kept else None,
            "reading": taught.reading.as_json(),
            "effects": [_effect_json(effect) for effect in taught.effects],
        }
        write_json(answer)
        return
    write_line(_as_toml(taught))
    if taught.effects:
        write_line(f"It changes {len(taught.effects)} stored mail(s):")
        write_effects(taught.effects, lang)
    write_line(f"kept as {kept}" if kept else "not kept")
    if kept and taught.effects:
        write_line("apply it to the past with: refunds reread")


def _effect_json(effect: Effect) -> dict[str, Any]:
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
    from refundtracker.store import Store

    given = settings(ctx)
    config = given.load()
    by = reader(config, given.forms_directory(config), authserv=authserv or None, allowed=allowed)
    given.store(config).close()  # a database that is not there is told, not made
    with Store.open(given.database(config)) as store:
        difference = preview(store, by, rules(config))
        if not given.json:
            _show(difference, given, config)
        applied = (
            bool(difference.mails)
            and not dry_run
            and (yes or not sys.stdin.isatty() or click.confirm("Apply?"))
        )
        if applied:
            apply(store, by, rules(config))
    if given.json:
        write_json({**_difference_json(difference, given, config), "applied": applied})


def _show(difference: Difference, given: Settings, config: Config) -> None:
    lang = given.language(config)
    if not difference.mails:
        write_line("every stored mail reads as before")
        return
    write_effects(difference.mails, lang)
    write_line()
    for key in dict.fromkeys((*difference.before, *difference.after)):
        old, new = difference.before.get(key), difference.after.get(key)
        write_line(f"  {_line(old, given, config)}  ->  {_line(new, given, config)}")


def _line(dispute: Dispute | None, given: Settings, config: Config) -> str:
    if dispute is None:
        return "-"
    from refundtracker.tracking import state_on

    lang = given.language(config)
    state = say(lang, f"state.{state_on(dispute, given.today(config))}")
    promised = f" {dispute.promised}" if dispute.promised else ""
    return f"{dispute.id}  {dispute.order or dispute.dispute}: {state}{promised}"


def _difference_json(difference: Difference, given: Settings, config: Config) -> dict[str, Any]:
    today, lang = given.today(config), given.language(config)

    def shown(disputes: Mapping[str, Dispute]) -> list[dict[str, object]]:
        return [dispute_json(dispute, today, lang) for dispute in disputes.values()]

    return {
        "mails": [_effect_json(effect) for effect in difference.mails],
        "before": shown(difference.before),
        "after": shown(difference.after),
    }
