"""`refundd setup`: from a mail address to a configuration that works, in a few questions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from refundtracker import kinds
from refundtracker.cli.asking import Asker
from refundtracker.cli.common import global_options, settings
from refundtracker.errors import BadConfig, BadInput
from refundtracker.formats import write_json, write_line
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from refundtracker.setup.newconfig import Answers, Written
    from refundtracker.words import Lang

_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_TLS: Final = click.Choice(kinds.TLS_WORDS)


@click.command()
@click.option("--address", metavar="ADDRESS", help="Your mail address.")
@click.option("--name", default="home", show_default=True, help="A short name for the mailbox.")
@click.option("--user", metavar="NAME", help="Login name, where it is not the address.")
@click.option("--password-file", type=_FILE, metavar="FILE", help="A file (mode 600) with the password.")
@click.option("--oauth", type=click.Choice(["google", "microsoft"]), help="Sign in instead of a password.")
@click.option("--host", metavar="HOST", help="The IMAP server, where it is not known.")
@click.option("--port", type=int, metavar="N", help="Its port.")
@click.option("--tls", type=_TLS, help="How that line is encrypted.")
@click.option("--folder", "folders", multiple=True, metavar="NAME", help="A folder to read; repeatable.")
@click.option(
    "--allow", "allowed", multiple=True, metavar="ADDRESS", help="Who forwards card texts; repeatable."
)
@click.option("--to", metavar="ADDRESS", help="Who gets the weekly mail.")
@click.option("--no-summary", is_flag=True, help="No weekly mail.")
@click.option("--smtp-host", metavar="HOST", help="The SMTP server, where it is not known.")
@click.option("--smtp-port", type=int, metavar="N", help="Its port.")
@click.option("--smtp-tls", type=_TLS, help="How that line is encrypted.")
@click.option("--country", metavar="CC", help="Whose business days are counted, such as KR.")
@click.option("--timezone", metavar="ZONE", help="Such as Asia/Seoul; else that of the country.")
@click.option("--ca-file", type=_FILE, metavar="FILE", help="Authority of a server of your own.")
@click.option("--no-discovery", is_flag=True, help="Do not ask the network which servers a domain has.")
@click.option("--ask-mozilla", is_flag=True, help="Ask Mozilla's public list too; it is told the domain.")
@click.option("--no-test", is_flag=True, help="Do not log in; write the answers as they are.")
@click.option("--test-mail", is_flag=True, help="Send one mail to see that sending works.")
@click.option("--yes", is_flag=True, help="Ask nothing: take options and defaults.")
@click.option("--force", is_flag=True, help="Replace a configuration that is there; it is kept as *.old.")
@global_options
@click.pass_context
def setup(ctx: click.Context, /, **chosen: object) -> None:
    """Ask a few questions, test the answers, write the configuration."""
    from refundtracker.cli.questions import Interview
    from refundtracker.config import Config
    from refundtracker.setup import newconfig

    given = settings(ctx)
    lang = given.language(Config())
    ask = Asker(lang, alone=bool(chosen["yes"]))
    path = _place(given.config)
    if path.exists() and not chosen["force"]:
        _may_replace(ask, path)
    answers = Interview(ask, chosen).held()
    written = newconfig.write(path, answers)
    if given.json:
        write_json(_json(answers, written))
    else:
        _told(answers, written, lang)


def _place(explicit: Path | None) -> Path:
    """Where the configuration shall be: as the program will look for it."""
    from refundtracker import paths

    named = os.environ.get("REFUNDS_CONFIG")
    if explicit or named:
        return (explicit or Path(str(named))).absolute()
    own = paths.config_directory(os.environ)
    if own is None:
        raise BadConfig("environment", ("HOME is not set, so no place is known; give --config PATH",))
    return own / "config.toml"


def _may_replace(ask: Asker, path: Path) -> None:
    if ask.alone or not ask.agreed("setup.replace", default=False, path=str(path)):
        raise BadInput(f"{path} is there and stays; --force replaces it and keeps it as {path.name}.old")


def _json(answers: Answers, written: Written) -> dict[str, object]:
    return {
        "config": str(written.config),
        "secret": str(written.secret) if written.secret else None,
        "former": str(written.former) if written.former else None,
        "host": answers.imap.host,
        "folders": list(answers.folders),
        "summary_to": answers.to,
        "next": _next(answers),
    }


def _next(answers: Answers) -> list[str]:
    """What to type now."""
    sign_in = [f"refundd login {answers.name}"] if answers.oauth else []
    return [*sign_in, "refundd doctor", "refundd run --once", "refunds", "refundd install-service --user"]


def _told(answers: Answers, written: Written, lang: Lang) -> None:
    write_line(say(lang, "setup.written", path=one_line(str(written.config))))
    if written.secret:
        write_line(say(lang, "setup.written.secret", path=one_line(str(written.secret))))
    if written.former:
        write_line(say(lang, "setup.written.former", path=one_line(str(written.former))))
    write_line()
    write_line(say(lang, "setup.next"))
    words = {each: say(lang, f"setup.next.{each.split()[1]}") for each in _next(answers) if " " in each}
    words["refunds"] = say(lang, "setup.next.refunds")
    wide = max(map(len, _next(answers)))
    for each in _next(answers):
        write_line(f"  {each:<{wide}}  {words[each]}")
