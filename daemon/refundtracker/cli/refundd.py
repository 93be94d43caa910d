"""`refundd`: the service."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from refundtracker.cli.common import LazyGroup, global_options, run, settings
from refundtracker.formats import write_json, write_line, write_note
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from refundtracker.cli.common import Settings
    from refundtracker.errors import TrackerError
    from refundtracker.service import Setting, Visit

VERBS: Final = {
    "run": ("refundtracker.cli.refundd", "run_"),
    "setup": ("refundtracker.cli.setup", "setup"),
    "login": ("refundtracker.cli.login", "login"),
    "doctor": ("refundtracker.cli.doctor", "doctor"),
    "status": ("refundtracker.cli.status", "status"),
    "install-service": ("refundtracker.cli.install", "install_service"),
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
def run_(ctx: click.Context, once: bool) -> int:
    """Watch the mailboxes of the configuration until stopped."""
    from refundtracker import journal, service
    from refundtracker.notify import Notifier

    given = settings(ctx)
    setting = _setting(given)
    journal.to_stderr()
    if not once:
        notifier = Notifier.from_environment(os.environ)
        service.Service(setting, notifier, reload=lambda: _setting(given)).run()
        return 0
    visits = service.run_once(setting)
    if given.json:
        write_json({"accounts": [_visit_json(visit) for visit in visits]})
    else:
        for visit in visits:
            _told(visit)
    _warn_of_nobody_believed(setting, visits)
    for visit in visits:
        if visit.error:
            write_note(f"refundd: {one_line(_named(visit, visit.error))}")
    return next((visit.error.exit_status for visit in visits if visit.error), 0)


def _warn_of_nobody_believed(setting: Setting, visits: list[Visit]) -> None:
    """Where nobody's verdict counts, a sweep finds mails and no dispute, and looks as if all were well."""
    if setting.config.senders.verify_dkim:
        return
    swept = {visit.account for visit in visits if visit.swept and visit.swept.new}
    for account in setting.config.accounts:
        if account.name in swept and not account.authserv:
            write_note(say(setting.lang, "run.nobody-believed", account=one_line(account.name)))


def _named(visit: Visit, error: TrackerError) -> str:
    """The error with the account in front; two accounts may be at the same host."""
    said = str(error)
    return said if said.startswith(visit.account) else f"{visit.account}: {said}"


def _setting(given: Settings) -> Setting:
    """What the options and the configuration say now; read again at SIGHUP."""
    from refundtracker.service import setting_for

    config = given.load()
    return setting_for(config, database=given.db, forms=given.forms, lang=given.language(config))


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
    from refundtracker.journal import counted

    if visit.swept:
        write_line(f"{one_line(visit.account)}: {counted(visit.swept.new, 'new mail')}")


def main() -> None:
    """The entry point."""
    sys.exit(run(refundd, "refundd"))
