"""`refunds`: what people type."""

from __future__ import annotations

import sys
from typing import Final, get_args

import click

from refundtracker.cli.common import LazyGroup, global_options, run
from refundtracker.disputes import State

_HERE: Final = "refundtracker.cli"
VERBS: Final = {
    "list": (f"{_HERE}.listing", "list_"),
    "show": (f"{_HERE}.dispute", "show"),
    "overdue": (f"{_HERE}.listing", "overdue"),
    "why": (f"{_HERE}.why", "why"),
    "review": (f"{_HERE}.review", "review"),
    "mail": (f"{_HERE}.mails", "mail"),
    "read": (f"{_HERE}.mails", "read"),
    "import": (f"{_HERE}.mails", "import_"),
    "teach": (f"{_HERE}.teach", "teach"),
    "forms": (f"{_HERE}.forms", "forms"),
    "reread": (f"{_HERE}.teach", "reread"),
    "link": (f"{_HERE}.decisions", "link"),
    "unlink": (f"{_HERE}.decisions", "unlink"),
    "confirm": (f"{_HERE}.decisions", "confirm"),
    "write-off": (f"{_HERE}.decisions", "write_off"),
    "note": (f"{_HERE}.decisions", "note"),
    "method": (f"{_HERE}.decisions", "method"),
    "card": (f"{_HERE}.decisions", "card"),
    "undo": (f"{_HERE}.decisions", "undo"),
    "decisions": (f"{_HERE}.decisions", "list_decisions"),
    "stats": (f"{_HERE}.stats", "stats"),
    "summary": (f"{_HERE}.summary", "summary"),
}


@click.group(cls=LazyGroup, verbs=VERBS, invoke_without_command=True, no_args_is_help=False)
@click.version_option(package_name="refundtracker", prog_name="refunds")
@click.option("--state", "states", multiple=True, type=click.Choice(get_args(State)), help="As for `list`.")
@click.option("--csv", "as_csv", is_flag=True, help="As for `list`.")
@global_options
@click.pass_context
def refunds(ctx: click.Context, states: tuple[State, ...], as_csv: bool) -> None:
    """Every AliExpress refund you wait for, until the money is on your card.

    Without a verb: the money still owed, and the disputes.
    """
    if ctx.invoked_subcommand is None:
        verb = refunds.get_command(ctx, "list")
        assert verb is not None
        ctx.invoke(verb, states=states, as_csv=as_csv)
    elif states or as_csv:
        ctx.fail(f"write --state and --csv behind the verb: refunds {ctx.invoked_subcommand} ...")


def main() -> None:
    """The entry point."""
    sys.exit(run(refunds, "refunds"))
