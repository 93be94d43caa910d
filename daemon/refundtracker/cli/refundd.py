"""`refundd`: the service."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from refundtracker.cli.common import LazyGroup, global_options, run, settings
from refundtracker.formats import write_json, write_line
from refundtracker.words import one_line

if TYPE_CHECKING:
    from refundtracker.service import Visit

VERBS: Final = {
    "run": ("refundtracker.cli.refundd", "run_"),
    "demo": ("refundtracker.cli.demo", "demo"),
}


@click.group(cls=LazyGroup, verbs=VERBS)
@click.version_option(package_name="refundtracker", prog_name="refundd")
@global_options
def refundd() -> None:
    """The service behind `refunds`: reads the mailbox, follows the disputes, sends the weekly summary."""


@click.command("run")
@click.option("--once", is_flag=True, help="One sweep of every account, then the end.")
@global_options
@click.pass_context
def run_(ctx: click.Context, once: bool) -> None:  # noqa: FBT001
    """Watch the mailboxes of the configuration until stopped."""
    from refundtracker import journal, service
    from refundtracker.notify import Notifier

    given = settings(ctx)
    config = given.load()
    journal.to_stderr()
    setting = service.setting_for(config, database=given.db, forms=given.forms, lang=given.language(config))
    if not once:
        service.Service(setting, Notifier.from_environment(os.environ), reload=given.load).run()
        return
    visits = service.run_once(setting)
    if given.json:
        write_json({"accounts": [_visit_json(visit) for visit in visits]})
    else:
        for visit in visits:
            _told(visit)
    errors = [visit.error for visit in visits if visit.error]
    if errors:
        raise errors[0]


def _visit_json(visit: Visit) -> dict[str, object]:
    swept = visit.swept
    return {
        "account": visit.account,
        "new": swept.new if swept else 0,
        "seen": swept.seen if swept else 0,
        "finished": bool(swept and swept.finished),
        "trouble": [str(visit.error)] if visit.error else list(swept.trouble if swept else ()),
    }


def _told(visit: Visit) -> None:
    if visit.swept:
        write_line(f"{one_line(visit.account)}: {visit.swept.new} new mail(s)")


def main() -> None:
    """The entry point."""
    sys.exit(run(refundd, "refundd"))
