"""How a text reached the mailbox: forwarders tell its own time, and our own reports come back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import re2

if TYPE_CHECKING:
    from datetime import tzinfo

    from refundparsers.message import Message

#: Every mail we send carries it; such a mail is never read.
OWN_HEADER: Final = "X-Refundtracker"

# SmsForwarder ends its mail with the text's own time on a line of its own, in the phone's zone.
_STAMP: Final = re2.compile(r"(?m)^(20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d)$")

# Where the next card text starts once a relay has lost the line breaks between several.
_ISSUER: Final = r"(?:신한|삼성|KB국민|현대|롯데|우리|하나|NH)\p{Hangul}{0,4}"
_HEAD: Final = re2.compile(
    r"[\[［]\s*(?:Web|국제)\s*발신|[\[［][^\[\]\n]{1,8}카드[\]］]"
    rf"|[\[［]?{_ISSUER}\s?[\[(（]?[0-9*]{{4,9}}[\])）]{{0,2}}\s?\p{{Hangul}}{{0,6}}(?:승인|취소)"
    r"|현대카드\s[^\n\d*]{0,24}(?:승인|취소)\s"
)


def is_own_report(message: Message) -> bool:
    """Whether the tracker itself wrote the mail."""
    return message.first(OWN_HEADER) is not None


def relayed_at(message: Message, zone: tzinfo) -> datetime | None:
    """The moment of the text inside the mail, in UTC, when its forwarder tells it; it may lag by days."""
    backup = message.first("X-smssync-date")
    if backup and backup.strip().isdigit():
        return _epoch(int(backup.strip()))
    for body in message.bodies:
        stamps = [found.group(1) for found in _STAMP.finditer(body.text)]
        if len(stamps) == 1:
            return _local(stamps[0], zone)
    return None


def set_apart(text: str) -> str:
    """The text with a line break before every head of a card text inside a line."""
    return str(_HEAD.sub(r"\n\g<0>", text))


def _epoch(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _local(stamp: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp).replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None
