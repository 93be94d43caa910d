"""A mail forwarded by hand, as the mail programs of several countries print it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from refundparsers.examples import ME, ZONE

if TYPE_CHECKING:
    from datetime import datetime

ALIEXPRESS: Final = "transaction@notice.aliexpress.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one program forwards; see `forwarding.toml`."""

    name: str
    prefix: str
    header: str
    mark: str = ""
    html: bool = False
    foot: str = ""

    def text(self, who: str, subject: str, text: str) -> str:
        """The header of a mail and its text, as they are printed inside another one."""
        head = self.header.format(who=who, subject=subject, me=ME)
        lines = [*head.split("\n"), *text.split("\n")]
        return "\n".join(f"{self.mark}{line}".rstrip(" ") for line in lines) + self.foot


SHAPES: Final = tuple(
    Shape(**table)
    for table in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["shape"]
)


def forwarded(
    shape: Shape, subject: str, text: str, at: datetime, *, who: str = ALIEXPRESS, sender: str = ME
) -> bytes:
    """A mail that forwards another one in its text, below a word of the user."""
    body = shape.text(f"AliExpress <{who}>", subject, text)
    return mail(f"{shape.prefix}{subject}", f"See below.\n\n{body}\n", at, sender=sender, html=shape.html)


def mail(subject: str, body: str, at: datetime, *, sender: str = ME, html: bool = False) -> bytes:
    """A mail of the user, without any verdict of the provider."""
    wrapped = EmailMessage(policy=SMTP)
    wrapped["From"] = sender
    wrapped["To"] = ME
    wrapped["Subject"] = subject
    wrapped["Date"] = format_datetime(at.astimezone(ZONE))
    wrapped["Message-ID"] = "<forward.1@example.net>"
    if html:
        lines = "<br>\n".join(escape(line) for line in body.split("\n"))
        wrapped.set_content(f"<html><body><div>{lines}</div></body></html>", subtype="html", cte="base64")
    else:
        wrapped.set_content(body, cte="base64")
    return wrapped.as_bytes()


def attaching(*inner: bytes, subject: str, at: datetime, sender: str = ME, body: str = "See below.") -> bytes:
    """A mail that carries others as message/rfc822."""
    head = [
        f"From: {sender}",
        f"To: {ME}",
        f"Subject: {subject}",
        f"Date: {format_datetime(at.astimezone(ZONE))}",
        "Message-ID: <forward.2@example.net>",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{_boundary(inner)}"',
    ]
    text = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}".encode()
    mails = [b"Content-Type: message/rfc822\r\n\r\n" + each for each in inner]
    line = f"\r\n--{_boundary(inner)}".encode()
    parts = b"".join(line + b"\r\n" + part for part in (text, *mails))
    return "\r\n".join(head).encode() + b"\r\n" + parts + line + b"--\r\n"


def _boundary(inner: tuple[bytes, ...]) -> str:
    """One that no mail inside has."""
    return f"=_{sum(map(len, inner))}_="
