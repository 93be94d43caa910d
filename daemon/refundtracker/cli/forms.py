"""`refunds forms`: list, test, export and import forms, so that people can share them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from refundtracker.cli.common import LazyGroup, global_options, reading_options, settings
from refundtracker.cli.teach import effect_json, write_effects
from refundtracker.errors import BadConfig, BadInput, DiskTrouble, WrongUsage
from refundtracker.formats import write_csv, write_json, write_line, write_note, write_table
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refundparsers.forms import Form, Library
    from refundtracker.cli.common import Settings
    from refundtracker.shared_forms import Shared
    from refundtracker.words import Lang

_HERE = "refundtracker.cli.forms"
_VERBS = {
    "list": (_HERE, "list_"),
    "test": (_HERE, "test"),
    "export": (_HERE, "export"),
    "import": (_HERE, "import_"),
}


@click.group(cls=LazyGroup, verbs=_VERBS, invoke_without_command=True, no_args_is_help=False)
@global_options
@click.pass_context
def forms(ctx: click.Context) -> None:
    """The forms that read notices: those that come with the program, and your own."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


def _directory(given: Settings) -> Path:
    directory = given.forms_directory(given.load())
    if directory is None:
        raise BadConfig("--forms", ("no directory for your own forms is known; give --forms DIR",))
    return directory


def _library(given: Settings) -> Library:
    from refundparsers.forms import BadForm, with_own

    directory = given.forms_directory(given.load())
    try:
        return with_own(directory)
    except BadForm as error:
        raise BadConfig(str(directory), (str(error),)) from error


def _chosen(library: Library, names: Iterable[str]) -> list[Form]:
    by_name = {form.name: form for form in library.forms}
    for name in names:
        if name not in by_name:
            raise BadInput(f"there is no form {one_line(name, 80)!r}; `refunds forms` lists them")
    return [by_name[name] for name in names] or list(library.forms)


@click.command("list")
@click.option("--csv", "as_csv", is_flag=True, help="Answer as CSV.")
@global_options
@click.pass_context
def list_(ctx: click.Context, as_csv: bool = False) -> None:
    """All forms, with what they read and what they rest on."""
    given = settings(ctx)
    shown = [_form_json(form) for form in _library(given).forms]
    if given.json:
        write_json(shown)
    elif as_csv:
        write_csv(list(_COLUMNS), [[form[key] for key in _COLUMNS] for form in shown])
    else:
        write_table(_COLUMNS, [[str(form[key] or "") for key in _COLUMNS] for form in shown])


_COLUMNS = ("name", "kind", "source", "evidence", "examples", "ignore")


def _form_json(form: Form) -> dict[str, Any]:
    return {
        "name": form.name,
        "kind": form.kind,
        "source": form.source,
        "evidence": form.evidence,
        "examples": len(form.examples),
        "ignore": form.ignore,
    }


@click.command()
@click.argument("names", nargs=-1)
@global_options
@click.pass_context
def test(ctx: click.Context, names: tuple[str, ...]) -> int:
    """Read every example of the forms, or of those named; status 1 when one fails."""
    from refundparsers.examples import failures

    given = settings(ctx)
    library = _library(given)
    chosen = _chosen(library, names)
    failed = list(failures(chosen, library))
    count = sum(len(form.examples) for form in chosen)
    if given.json:
        shown = [{"form": each.form, "example": each.number, "why": each.why} for each in failed]
        write_json({"examples": count, "failed": shown})
    else:
        for each in failed:
            write_line(f"{each.form}, example {each.number}: {one_line(each.why)}")
        write_line(f"{count - len(failed)} of {count} examples are read as their forms say")
    return 1 if failed else 0


@click.command()
@click.argument("names", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
@global_options
@click.pass_context
def export(ctx: click.Context, names: tuple[str, ...], output: Path | None) -> None:
    """Your own forms as one file to share; their examples were made anonymous when they were taught."""
    import tomllib

    import tomli_w

    given = settings(ctx)
    directory = _directory(given)
    tables: list[dict[str, Any]] = []
    for path in sorted(directory.glob("*.toml")):
        parsed = tomllib.loads(path.read_text(encoding="utf-8"))
        defaults = parsed.get("defaults", {})
        tables += [{**defaults, **table} for table in parsed.get("form", []) if table.get("name") in names]
    missing = sorted(set(names) - {table["name"] for table in tables})
    if missing:
        raise BadInput(f"there is no form of your own named {one_line(missing[0], 80)!r} in {directory}")
    for table in tables:
        if table.get("evidence") != "taught":
            write_note(
                say(given.language(given.load()), "forms.by-hand", form=one_line(str(table["name"]), 80))
            )
    text = tomli_w.dumps({"form": tables}, multiline_strings=True)
    if given.json:
        write_json({"form": tables})
        return
    if output is None:
        write_line(text.rstrip("\n"))
    else:
        _write(output, text)


@click.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what the forms would change, keep nothing.")
@click.option("--yes", is_flag=True, help="Keep the forms without asking.")
@reading_options
@global_options
@click.pass_context
def import_(
    ctx: click.Context,
    path: Path,
    dry_run: bool,
    yes: bool,
    allowed: tuple[str, ...],
    authserv: tuple[str, ...],
) -> None:
    """Take forms from a file somebody shared: each is tried first, and none may disturb the others."""
    from refundtracker.ingest import reader
    from refundtracker.shared_forms import keep_shared, tried

    given = settings(ctx)
    config, directory = given.load(), _directory(given)
    by = reader(config, directory, authserv=authserv or None, allowed=allowed)
    lang = given.language(config)
    store = given.store(config) if given.database(config).exists() else None
    try:
        shared = tried(path, directory, by, store)
    finally:
        if store is not None:
            store.close()
    if not given.json:
        _show_shared(shared, lang)
    kept = None
    if not dry_run and (yes or _wanted(given, lang)):
        kept = keep_shared(shared)
    if given.json:
        write_json(
            {
                "forms": [_form_json(form) for form in shared.forms],
                "kept": str(kept) if kept else None,
                "effects": [effect_json(effect) for effect in shared.effects],
            }
        )
    elif kept:
        write_line(say(lang, "forms.kept", count=str(len(shared.forms)), path=str(kept)))
        write_line(say(lang, "teach.apply"))
    else:
        write_line(say(lang, "teach.not-kept"))


def _wanted(given: Settings, lang: Lang) -> bool:
    if given.json or not sys.stdin.isatty():
        raise WrongUsage("say --yes to keep the forms, or --dry-run to look at them only")
    return click.confirm(say(lang, "forms.ask"), default=False, err=True)


def _show_shared(shared: Shared, lang: Lang) -> None:
    write_line(say(lang, "forms.new", count=str(len(shared.forms))))
    write_table(
        _COLUMNS,
        [[one_line(str(_form_json(form)[key] or ""), 80) for key in _COLUMNS] for form in shared.forms],
    )
    if shared.effects:
        write_line(say(lang, "teach.effects", count=str(len(shared.effects))))
        write_effects(shared.effects, lang)
    else:
        write_line(say(lang, "teach.no-effects"))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DiskTrouble(f"{path}: {error.strerror}") from error
