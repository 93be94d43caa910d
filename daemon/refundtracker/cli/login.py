"""`refundd login`: sign in at Google or Microsoft, once, instead of keeping a password."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from refundtracker.cli.common import global_options, settings
from refundtracker.errors import BadConfig, BadInput, WrongUsage
from refundtracker.formats import write_json, write_line, write_note
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from refundtracker.config import Account, Config
    from refundtracker.oauth.consent import Client
    from refundtracker.oauth.tokens import SignIn
    from refundtracker.words import Lang

_SECONDS: Final = 600.0
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("account", required=False)
@click.option("--client", type=_FILE, metavar="FILE", help="The client's JSON file from Google's console.")
@click.option("--client-id", metavar="ID", help="The id under which you registered this program.")
@click.option("--authority", metavar="URL", help="Where Microsoft accounts of one organisation sign in.")
@click.option("--no-browser", is_flag=True, help="Only print the address; do not open a browser.")
@click.option("--no-test", is_flag=True, help="Do not log in to the mailbox afterwards.")
@global_options
@click.pass_context
def login(ctx: click.Context, /, account: str | None, **chosen: object) -> None:
    """Sign in for ACCOUNT, whose configuration says oauth = "google" or "microsoft"."""
    from refundtracker.oauth import tokens as oauth

    given = settings(ctx)
    config = given.load()
    lang = given.language(config)
    mine = _account(config, account)
    directory = given.database(config).parent
    client = _client(mine, chosen)
    signin = _asked(mine, client, lang, browser=not chosen["no_browser"])
    oauth.save(mine, directory, signin)
    if not chosen["no_test"]:
        _try(mine, signin)
    if given.json:
        write_json({"account": mine.name, "provider": mine.oauth, "user": mine.user, "kept": mine.tokens})
    else:
        where = "keyring" if mine.tokens == "keyring" else str(oauth.path_of(mine, directory))
        write_line(say(lang, "login.done", user=one_line(mine.user), where=one_line(where)))
        write_line(say(lang, "login.next"))


def _account(config: Config, name: str | None) -> Account:
    """The account that is meant; without a name the only one with `oauth`."""
    able = [each for each in config.accounts if each.oauth]
    if name is None and len(able) == 1:
        return able[0]
    found = next((each for each in able if each.name == name), None)
    if found:
        return found
    if not able:
        where = str(config.path or "configuration")
        raise BadConfig(where, ('no [[account]] has oauth = "google" or oauth = "microsoft"',))
    names = ", ".join(each.name for each in able)
    raise WrongUsage(f"which account is to sign in? With oauth there are: {names}")


def _client(account: Account, chosen: dict[str, object]) -> Client:
    """The registration, from the command line or the configuration."""
    from refundtracker.oauth.consent import Client, client_from

    if isinstance(chosen["client"], Path):
        client = client_from(chosen["client"])
    else:
        name = str(chosen["client_id"] or account.client_id or "")
        if not name:
            raise BadInput(
                f"{account.name}: this program must be registered at {account.oauth} first, see README.md; "
                "then give --client FILE or --client-id, or write client_id into the configuration"
            )
        client = Client(id=name)
    if account.client_secret and not client.secret:
        client = replace(client, secret=account.client_secret.read(os.environ))
    return replace(client, authority=str(chosen["authority"])) if chosen["authority"] else client


def _asked(account: Account, client: Client, lang: Lang, *, browser: bool) -> SignIn:
    """The user's consent, given in a browser."""
    from refundtracker.oauth import consent

    def show(url: str, code: str) -> None:
        key = "login.open.code" if code else "login.open"
        write_note(say(lang, key, code=one_line(code)))
        write_note(f"  {one_line(url)}")
        if not code:
            write_note(say(lang, "login.paste"))
        if browser:
            _open(url)

    now = datetime.now(UTC)
    if account.oauth == "microsoft":
        return consent.microsoft(client, account.user, now, show)
    return consent.google(client, account.user, now, show, typed=sys.stdin, seconds=_SECONDS)


def _open(url: str) -> None:
    """The user's browser, where there is a desktop to show one."""
    import webbrowser

    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)


def _try(account: Account, signin: SignIn) -> None:
    """One login to the mailbox, so that a wrong account or a missing right shows itself now."""
    from refundtracker.imap.mailbox import Mailbox

    with Mailbox.connect(account, signin.access_token, follows=lambda _: False, terms=()):
        return
