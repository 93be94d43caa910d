"""A mail of ours: text and HTML, pure ASCII on the wire, and marked so that it is known again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refundtracker.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime
    from email.message import EmailMessage


def letter(  # noqa: PLR0913 - one keyword for each part of a mail
    subject: str,
    text: str,
    html: str,
    *,
    sender: str,
    to: str,
    message_id: str,
    now: datetime,
    marker: str,
) -> EmailMessage:
    """The mail, complete.

    Args:
        subject: one line.
        text: the plain part.
        html: the same as a page.
        sender: address of the From line.
        to: address of the To line.
        message_id: `local@domain`, with or without angle brackets; the same at every attempt.
        now: the moment of the Date line, with a zone.
        marker: what sort of report it is.

    Raises:
        BadInput: an address or the Message-ID holds a line break or another control character.
    """
    from email import policy
    from email.message import EmailMessage

    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    message["From"] = _header(marker, "From", sender)
    message["To"] = _header(marker, "To", to)
    message["Subject"] = subject
    message["Date"] = now
    message["Message-ID"] = f"<{_header(marker, 'Message-ID', message_id).strip('<>')}>"
    # RFC 3834: no answering machine replies to it.
    message["Auto-Submitted"] = "auto-generated"
    # By this our own mail is known again when it lies in a watched folder.
    message["X-Refundtracker"] = marker
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def _header(marker: str, name: str, value: str) -> str:
    if not value.isprintable():
        raise BadInput(f"the {marker} cannot be composed: {name} {value!r} holds a control character")
    return value
