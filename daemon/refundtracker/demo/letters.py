"""Mails as they arrive: real MIME, with the header that the sample provider writes on top.

The shapes are those of real mails; names, numbers and amounts are invented. Nothing here hangs
on chance: the same letter is always the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Verdict = Literal["pass", "fail"]

OWNER: Final = "me@demo.invalid"
PROVIDER: Final = "mx.demo.invalid"

_TRANSACTION: Final = "AliExpress <transaction@notice.aliexpress.com>"
_PAGE: Final = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"><style>.label {{ color: #757575 }}</style></head>
<body style="margin:0;background:#f5f5f5">
<div style="display:none;max-height:0;overflow:hidden">{preheader}&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;</div>
<table width="600" align="center" cellpadding="0" cellspacing="0" style="background:#fff">
<tr><td style="padding:24px;font:bold 20px Arial;color:#ff4747">AliExpress</td></tr>
{rows}
<tr><td style="padding:24px;font:12px Arial;color:#999">
<a href="https://www.aliexpress.com/p/help/index.html">Help Center</a></td></tr>
</table></body></html>
"""
_ROW: Final = '<tr><td style="padding:4px 24px;font:14px Arial">{}</td></tr>'


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it lies in a mailbox.

    Attributes:
        raw: its bytes (RFC 5322, lines end with CRLF).
        arrived: when the server received it, aware.
    """

    raw: bytes
    arrived: datetime


def aliexpress(
    subject: str,
    lines: Sequence[str],
    at: datetime,
    *,
    sender: str = _TRANSACTION,
    verdict: Verdict = "pass",
) -> Mail:
    """A mail in the name of AliExpress: the same lines as text and as HTML.

    Args:
        subject: of the mail.
        lines: of the body, top to bottom.
        at: when it was sent, aware.
        sender: the From line.
        verdict: what the provider found out about the sender.
    """
    message = _headed(sender, subject, at, _proof(sender, verdict))
    message.set_content("\n".join(lines) + "\n", cte="quoted-printable")
    message.add_alternative(_page(lines), subtype="html", cte="base64")
    message.set_boundary(f"=_{_mark(sender, subject, at)}")
    return Mail(message.as_bytes(), at)


def forwarded_text(number: str, lines: Sequence[str], at: datetime) -> Mail:
    """A text message as the app SmsForwarder mails it: from the own address, HTML without escapes.

    Args:
        number: of the sender of the text.
        lines: of the text.
        at: when the phone got it, aware and in the phone's zone.
    """
    body = (number, *lines, "SIM1_SKT", "SubId：1", f"{at:%Y-%m-%d %H:%M:%S}", "SM-S921N")
    message = _headed(OWNER, number, at, _proof(OWNER, "pass"))
    message.set_content("<br>".join(body), subtype="html", cte="base64")
    return Mail(message.as_bytes(), at)


def plain(
    sender: str,
    subject: str,
    text: str,
    at: datetime,
    *,
    verdict: Verdict | None = "pass",
    charset: str = "utf-8",
) -> Mail:
    """A mail of anybody, as people write them; without a verdict the provider could not check it."""
    message = _headed(sender, subject, at, _proof(sender, verdict))
    message.set_content(text + "\n", charset=charset, cte="quoted-printable")
    return Mail(message.as_bytes(), at)


def _headed(sender: str, subject: str, at: datetime, proof: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["Authentication-Results"] = proof
    message["Message-ID"] = f"<{_mark(sender, subject, at)}@{_domain(sender)}>"
    message["Date"] = format_datetime(at)
    message["From"] = sender
    message["To"] = OWNER
    message["Subject"] = subject
    return message


def _proof(sender: str, verdict: Verdict | None) -> str:
    """What the provider writes on top of every mail (RFC 8601)."""
    domain = _domain(sender)
    if verdict is None:
        return f"{PROVIDER}; spf=none smtp.mailfrom={domain}; dkim=none; dmarc=none header.from={domain}"
    signer = domain if verdict == "pass" else "bulk.example"
    return (
        f"{PROVIDER}; spf={verdict} smtp.mailfrom={domain}; dkim=pass header.d={signer}; "
        f"dmarc={verdict} header.from={domain}"
    )


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].rstrip(">")


def _mark(sender: str, subject: str, at: datetime) -> str:
    """What makes a mail unlike any other, and the same in every run."""
    return sha256(f"{sender}\n{subject}\n{at.isoformat()}".encode()).hexdigest()[:32]


def _page(lines: Sequence[str]) -> str:
    rows = "\n".join(_ROW.format(_as_html(line)) for line in lines if line)
    return _PAGE.format(preheader=escape(lines[0]), rows=rows)


def _as_html(line: str) -> str:
    """A line of the body; links become links, and what stands before a colon is a label."""
    if line.startswith("https://"):
        return f'<a href="{escape(line)}">{escape(line)}</a>'
    label, colon, value = line.partition(": ")
    if not colon:
        return escape(line)
    return f'<span class="label">{escape(label)}:</span> <b>{escape(value)}</b>'
