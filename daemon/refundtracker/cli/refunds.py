"""`refunds`: what people type."""

from __future__ import annotations

import sys
from typing import Final

import click

from refundtracker.cli.common import LazyGroup, global_options, run

_HERE: Final = "refundtracker.cli"
VERBS: Final = {
    "list": (f"{_HERE}.listing", "list_"),
    "show": (f"{_HERE}.dispute", "show"),
    "overdue": (f"{_HERE}.listing", "overdue"),
    "why": (f"{_HERE}.dispute", "why"),
    "mail": (f"{_HERE}.mails", "mail"),
    "read": (f"{_HERE}.mails", "read"),
    "import": (f"{_HERE}.mails", "import_"),
    "summary": (f"{_HERE}.summary", "summary"),
}


@click.group(cls=LazyGroup, verbs=VERBS, invoke_without_command=True, no_args_is_help=False)
@click.version_option(package_name="refundtracker", prog_name="refunds")
@global_options
@click.pass_context
def refunds(ctx: click.Context) -> None:
    """Every AliExpress refund you wait for, until the money is on your card.

    Without a verb: the money still owed, and the disputes.
    """
    if ctx.invoked_subcommand is None:
        verb = refunds.get_command(ctx, "list")
        assert verb is not None
        ctx.invoke(verb)


def main() -> None:
    """The entry point."""
    sys.exit(run(refunds, "refunds"))
