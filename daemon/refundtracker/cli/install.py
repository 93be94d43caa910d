"""`refundd install-service`: the systemd unit, where it belongs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from refundtracker.cli.common import global_options, settings
from refundtracker.errors import BadInput
from refundtracker.formats import write_json, write_line, write_note
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from refundtracker.setup.units import Scope


@click.command("install-service")
@click.option("--user", is_flag=True, help="For yourself alone; needs no root.")
@click.option("--dry-run", is_flag=True, help="Print the unit, write nothing.")
@click.option("--force", is_flag=True, help="Replace a unit that is there and reads otherwise.")
@click.option(
    "--program",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="The refundd to start; this one by default.",
)
@global_options
@click.pass_context
def install_service(ctx: click.Context, user: bool, dry_run: bool, force: bool, program: Path | None) -> None:
    """Write the systemd unit and say how to start it."""
    from refundtracker.config import Config
    from refundtracker.setup import units

    given = settings(ctx)
    scope: Scope = "user" if user else "system"
    unit = units.fitted(scope, program.absolute() if program else _this())
    path = units.destination(scope, os.environ)
    if dry_run:
        write_note(f"# {path}")
        write_line(unit.rstrip("\n"))
        return
    same = path.is_file() and path.read_text(encoding="utf-8", errors="replace") == unit
    if path.exists() and not same and not force:
        raise BadInput(
            f"{path} is there and reads otherwise; put your own lines into a drop-in "
            "(systemctl edit refundtracker), then run this again with --force"
        )
    if not same:
        units.write(path, unit)
    commands = _commands(scope)
    if given.json:
        write_json({"unit": str(path), "written": not same, "next": commands})
        return
    lang = given.language(Config())  # the unit does not hang on a configuration, nor does this
    write_line(say(lang, "install.same" if same else "install.done", path=one_line(str(path))))
    write_line(say(lang, "install.next"))
    for command in commands:
        write_line(f"  {command}")
    if scope == "system":
        write_line(say(lang, "install.secrets"))


def _this() -> Path:
    """The `refundd` that is running; beside the interpreter when it was started in another way."""
    started = Path(sys.argv[0])
    found = started if started.name == "refundd" else Path(sys.executable).with_name("refundd")
    if not found.exists():
        found = Path(shutil.which("refundd") or "")
    if found.name != "refundd":
        raise BadInput(
            "which refundd shall be started? Give its path: --program /opt/refundtracker/bin/refundd"
        )
    return found.absolute()


def _commands(scope: Scope) -> list[str]:
    if scope == "user":
        return [
            "systemctl --user daemon-reload",
            "systemctl --user enable --now refundtracker",
            'sudo loginctl enable-linger "$USER"',
        ]
    return ["sudo systemctl daemon-reload", "sudo systemctl enable --now refundtracker"]
