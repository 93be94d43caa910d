"""Accounts and open mailboxes on the rigs, for tests of what happens in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from refundtracker.config import Account, Tls
from refundtracker.imap.mailbox import Mailbox
from rigs.scripted_imap import ScriptedImap

if TYPE_CHECKING:
    from rigs.dovecot import Dovecot

DIALOGUES: Final = Path(__file__).parents[1] / "daemon" / "dialogues"
DAY: Final = date(2026, 5, 1)
LONG_AGO: Final = date(2000, 1, 1)
TERMS: Final = ("aliexpress.com", "me@example.org")
NOTICE: Final = "transaction@notice.aliexpress.com"


def follows(address: str) -> bool:
    """The senders of these tests."""
    return address in {NOTICE, "a@aliexpress.com", "me@example.org"}


def mail(sender: str = NOTICE, body: bytes = b"hello", subject: str = "x") -> bytes:
    """A small mail."""
    return f"From: {sender}\r\nSubject: {subject}\r\n\r\n".encode() + body + b"\r\n"


def account(
    dovecot: Dovecot, tls: Tls = "tls", port: int = 0, folders: tuple[str, ...] = ("INBOX",)
) -> Account:
    """The account of the server's current user; at most one megabyte a mail."""
    return Account(
        name="home",
        host=dovecot.host,
        port=port or (dovecot.port_tls if tls == "tls" else dovecot.port_plain),
        tls=tls,
        user=dovecot.user,
        folders=folders,
        max_mail_mb=1,
        ca_file=dovecot.ca_file,
    )


def connected(dovecot: Dovecot, port: int = 0, tls: Tls = "tls", answer: float = 5.0) -> Mailbox:
    """Logged in, no folder open; gives up after `answer` seconds without an answer."""
    mine = account(dovecot, port=port, tls=tls)
    return Mailbox.connect(mine, dovecot.password, follows=follows, terms=TERMS, timeouts=(5, answer))


def opened(dovecot: Dovecot, port: int = 0, tls: Tls = "tls", answer: float = 5.0) -> Mailbox:
    """Logged in, INBOX open."""
    mailbox = connected(dovecot, port, tls, answer)
    mailbox.open("INBOX")
    return mailbox


def said(dovecot: Dovecot, command: str) -> list[str]:
    """What was said to the server since the user came, of one command."""
    return [line for line in dovecot.commands() if line.startswith(command)]


def dialogue(name: str, **words: str) -> ScriptedImap:
    """A server that plays `dialogues/NAME.txt`."""
    return ScriptedImap(DIALOGUES / f"{name}.txt", **words)


def scripted(server: ScriptedImap, tls: Tls = "none", folders: tuple[str, ...] = ("INBOX",)) -> Account:
    """The account of a scripted server."""
    return Account(
        name="home", host=server.host, port=server.port, tls=tls, user="buyer@example.org", folders=folders
    )


def at(server: ScriptedImap, secret: str = "pw", folders: tuple[str, ...] = ("INBOX",)) -> Mailbox:
    """Logged in at a scripted server."""
    return Mailbox.connect(scripted(server, folders=folders), secret, follows=follows, terms=TERMS)
