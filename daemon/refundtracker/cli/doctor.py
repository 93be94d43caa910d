"""`refundd doctor`: what is in order, what is not, and what to do about it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from refundtracker.cli.common import global_options, settings
from refundtracker.formats import write_json, write_line, write_table
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from refundtracker.checkup import Check
    from refundtracker.cli.common import Settings
    from refundtracker.config import Config
    from refundtracker.words import Lang

_STYLES: Final = {"note": "dim", "warn": "yellow", "bad": "bold red"}


@click.command()
@click.option("--offline", is_flag=True, help="Ask no server, only this machine.")
@global_options
@click.pass_context
def doctor(ctx: click.Context, offline: bool) -> int:
    """Check configuration, servers, sign-in, database and clock; each line with its fix."""
    from refundtracker.checkup import exit_status
    from refundtracker.config import Config

    given = settings(ctx)
    config, checks = _configuration(given)
    lang = given.language(config or Config())
    checks += _examined(given, config, offline=offline)
    status = exit_status(checks)
    if given.json:
        write_json({"status": status, "checks": [_json(each, lang) for each in checks]})
    else:
        _show(checks, lang)
    return status


def _configuration(given: Settings) -> tuple[Config | None, list[Check]]:
    """The configuration, and what is wrong with it; one that cannot be used is no reason to stop."""
    from refundtracker import checkup
    from refundtracker.errors import BadConfig

    try:
        config = given.load()
    except BadConfig as error:
        where = {"path": error.where}
        fix = "config.fix" if Path(error.where).exists() else "accounts.fix"
        return None, [
            checkup.check(
                "config", "bad", "config.problem", {**where, "problem": problem}, fix=fix,
                status=error.exit_status,
            )
            for problem in error.problems
        ]  # fmt: skip
    if config.path is None:
        return config, [checkup.check("config", "note", "config.none")]
    return config, [checkup.check("config", "ok", "config.ok", {"path": str(config.path)})]


def _examined(given: Settings, known: Config | None, *, offline: bool) -> list[Check]:
    """What can be looked at; without a configuration that is what does not hang on it."""
    from refundtracker import checkup
    from refundtracker.checkup.local import CHECKERS, WITHOUT_CONFIG
    from refundtracker.checkup.remote import ask_all
    from refundtracker.config import Config
    from refundtracker.errors import TrackerError
    from refundtracker.watching import Setting

    config = known or Config()
    try:
        database, forms = given.database(config), given.forms_directory(config)
    except TrackerError as error:
        return [checkup.failed("database", error)]
    setting = Setting(
        config=config, database=database, forms=forms, environ=os.environ, lang=given.language(config)
    )
    found = [
        each
        for name, work in CHECKERS
        if known or name in WITHOUT_CONFIG
        for each in checkup.guarded(name, lambda work=work: work(setting))  # type: ignore[misc]
    ]
    if not offline:
        found += checkup.guarded("login", lambda: ask_all(setting))
    return found


def _json(check: Check, lang: Lang) -> dict[str, object]:
    from refundtracker.views import worded

    return {
        "name": check.name,
        "account": check.account or None,
        "level": check.level,
        "finding": worded(check.finding, lang),
        "fix": worded(check.fix, lang) if check.fix else None,
    }


def _show(checks: list[Check], lang: Lang) -> None:
    """A table; the fix of a line stands below it."""
    from refundtracker.views import worded

    rows: list[tuple[str, str, str]] = []
    styles: dict[int, str] = {}
    for each in checks:
        if each.level in _STYLES:
            styles[len(rows)] = _STYLES[each.level]
        rows.append((say(lang, f"level.{each.level}"), _name(each, lang), worded(each.finding, lang)))
        if each.fix:
            rows.append(("", "", f"{say(lang, 'doctor.fix')}: {worded(each.fix, lang)}"))
    heads = [say(lang, f"column.{name}") for name in ("level", "check", "finding")]
    write_table(heads, rows, styles=styles, whole=(0, 1))
    write_line()
    write_line(_verdict(checks, lang))


def _name(check: Check, lang: Lang) -> str:
    word = say(lang, f"doctor.{check.name}")
    return f"{one_line(check.account)}: {word}" if check.account else word


def _verdict(checks: list[Check], lang: Lang) -> str:
    bad, warnings = (sum(each.level == level for each in checks) for level in ("bad", "warn"))
    if bad:
        return say(lang, "doctor.verdict.bad", bad=str(bad), warnings=str(warnings))
    if warnings:
        return say(lang, "doctor.verdict.warn", warnings=str(warnings))
    return say(lang, "doctor.verdict.ok")
