"""How a text reached the mailbox: forwarders tell its own time, and our own reports come back.

A phone's forwarder is known by what it prints around the text. Anybody can send a text to a phone, so
what such a mail holds is a text and nothing more: no header printed in it makes it a mail of AliExpress.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import re2

from refundparsers.stamps import printed_moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from refundparsers.message import Envelope, Message

#: Every mail we send carries it; such a mail is never read.
OWN_HEADER: Final = "X-Refundtracker"

# What programs wrote before RFC 3834, and some still do.
_ANSWERS: Final = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply")
_TELLING: Final = frozenset(name.lower() for name in ("Auto-Submitted", "Precedence", *_ANSWERS))

_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False

_STAMP: Final = r"(20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d)"
# SmsForwarder prints slot, subscription, time and device below the text. A time that stands behind neither
# of the first two may be the text's own, such as that of the purchase.
_SUBSCRIPTION: Final = r"SubId\s*[:：]\s*-?\d+"
_SLOT: Final = r"(?m:^)SIM\s?\d(?:_[^\n]{0,60})?"
_TAIL_SIGNS: Final = ("SubId", "SIM")
# In bytes: re2 works in UTF-8, and turning its places into those of a `str` takes longer than finding them.
_TAIL: Final = re2.compile(rf"(?:{_SUBSCRIPTION}|{_SLOT})\s+{_STAMP}(?:\s|$)".encode())
# What people and their automations write: `Received: 2026-05-12 13:22`. Issuers print 승인일시 and the like.
_RECEIVED: Final = re2.compile(
    r"(?m)^(?:received(?: at| on)?|sent at|occurred at|sms (?:date|time)|message time"
    r"|(?:수신|받은|도착)\s*(?:시각|시간|일시|날짜)|문자\s*(?:시각|시간)|接收时间|收到时间|受信日時)\s*[:：]\s*([^\n]{8,60})$",
    _OPTIONS,
)
# A text never reaches the mailbox before the phone; a day is for phones in another zone.
_AHEAD: Final = timedelta(days=1)

_PHONE_NUMBER: Final = r"\+?[0-9][0-9 ()-]{2,18}"
# `re` is safe: one class, and few of it. Most relayed texts have their number for a subject.
_NUMBER: Final = re.compile(_PHONE_NUMBER)
_PHONE_SUBJECTS: Final = re2.compile(
    rf"\s*(?:{_PHONE_NUMBER}|SMS on slot .{{0,20}}|Forwarded SMS|(?:New )?(?:message|SMS|text) from .{{1,60}}"
    r"|SMS with .{1,60}|.{1,60} ?(?:와|과)의? SMS|\[SMS\].{0,60}"
    r"|(?:문자|SMS)(?: ?메시지)?(?: ?(?:전달|수신|알림))?)\s*",
    _OPTIONS,
)
_PHONE_TEXT: Final = re2.compile(rf"{_SUBSCRIPTION}|[\[［](?:Web|국제)\s*발신[\]］]", _OPTIONS)

# sms2email passes on the first part of a text only. Of a longer text that holds 66 or 67 characters, or 152
# or 153 Latin ones; a text of up to 70 or 160 may be whole, but which of the two it is cannot be told.
_FIRST_PART_ONLY: Final = re2.compile(r"\s*SMS on slot .{0,20}", _OPTIONS)
_PART: Final = range(66, 71)
_LATIN_PART: Final = range(150, 161)
_ENDED: Final = ("원", "달러", "₽", ".", "!", ")", "]", "다")
_CUT_MARKS: Final = ("...", "…")

# Where the next card text starts once a relay has lost the line breaks between several.
_ISSUER: Final = r"(?:신한|삼성|KB국민|현대|롯데|우리|하나|NH)\p{Hangul}{0,4}"
_HEAD: Final = re2.compile(
    (
        r"[\[［]\s*(?:Web|국제)\s*발신|[\[［][^\[\]\n]{1,8}카드[\]］]"
        rf"|[\[［]?{_ISSUER}\s?[\[(（]?[0-9*]{{4,9}}[\])）]{{0,2}}\s?\p{{Hangul}}{{0,6}}(?:승인|취소)"
        r"|현대카드\s[^\n\d*]{0,24}(?:승인|취소)\s"
    ).encode()
)
# What relays put between texts and below one, inside a line once line breaks are lost.
_RULE: Final = re2.compile(rf"([^\n-])(-{{5,}})|([^\n])((?:SIM\d\S*\s+)?{_SUBSCRIPTION})")
_AFTER_RULE: Final = re2.compile(r"(-{5,})([^\n-])")


def is_own_report(message: Envelope) -> bool:
    """Whether the tracker itself wrote the mail."""
    return message.first(OWN_HEADER) is not None


def is_automatic(message: Envelope) -> bool:
    """Whether a program wrote the mail about another one: a bounce, a receipt, an out-of-office answer.

    Such a mail (RFC 6522, RFC 3834) may carry the other one, but nobody forwards it.
    """
    kind = (message.first("Content-Type") or "").partition(";")[0]
    if "".join(kind.split()).lower() == "multipart/report":
        return True
    if _TELLING.isdisjoint([name for name, _ in message.headers]):
        return False
    if (message.first("Auto-Submitted") or "").strip().lower().startswith("auto-replied"):
        return True
    if (message.first("Precedence") or "").strip().lower() == "auto_reply":
        return True
    return any(message.first(name) is not None for name in _ANSWERS)


def is_from_phone(message: Message) -> bool:
    """Whether a forwarder on a phone made the mail out of a text that anybody may have sent."""
    if message.first("X-smssync-id") is not None:
        return True
    subject = message.facts.subject or ""
    if _NUMBER.fullmatch(subject) or _PHONE_SUBJECTS.fullmatch(subject):
        return True
    return any(_PHONE_TEXT.search(body.text) for body in message.bodies)


def is_sent_by_phone(message: Message) -> bool:
    """Whether SMS Backup+ stored a text that its owner sent, such as one that quotes a card company."""
    kind = message.first("X-smssync-type")
    return kind is not None and kind.strip() == "2"


def relayed_at(message: Message, zone: tzinfo) -> datetime | None:
    """The moment of the text inside the mail, in UTC, when its forwarder tells it; the mail may lag by days.

    A time that the text itself prints is not used, and neither are several that differ, or one
    that lies ahead of the mail.
    """
    moments = {moment for moment in _told(message, zone) if moment}
    if len(moments) != 1:
        return None
    moment = moments.pop()
    mailed = message.facts.date
    return moment if mailed is None or moment <= mailed + _AHEAD else None


def _told(message: Message, zone: tzinfo) -> Iterator[datetime | None]:
    backup = message.first("X-smssync-date")
    if backup and backup.strip().isascii() and backup.strip().isdigit():
        yield _epoch(backup.strip())
        return
    for body in message.bodies:
        tailed = any(sign in body.text for sign in _TAIL_SIGNS)
        found = {each.group(1) for each in _TAIL.finditer(body.text.encode())} if tailed else set()
        yield from (_local(stamp.decode(), zone) for stamp in found)
        if not found:
            labelled = (each.group(1) for each in _RECEIVED.finditer(body.text))
            yield from (printed_moment(each, zone, message.facts.date) for each in labelled)


def partly_relayed(message: Message, text: str) -> bool:
    """Whether the forwarder may have left out the end of a text: it marks that, or the length tells."""
    end = text.rstrip()
    if end.endswith(_CUT_MARKS):
        return True
    subject = message.facts.subject or ""
    if "slot" not in subject.casefold() or not _FIRST_PART_ONLY.fullmatch(subject):
        return False
    return len(end) in (_LATIN_PART if end.isascii() else _PART) and not end.endswith(_ENDED)


def set_apart(text: str) -> str:
    """The text with a line break before every head of a card text inside a line, and around rules."""
    if ("-----" in text or "SubId" in text) and _RULE.search(text.encode()):
        text = _RULE.sub(r"\1\3\n\2\4", text)
    if "-----" in text:
        text = _AFTER_RULE.sub(r"\1\n\2", text)
    data = text.encode()
    heads = [found.start() for found in _HEAD.finditer(data)]
    if not heads:
        return text
    pieces = (data[start:end] for start, end in zip([0, *heads], [*heads, len(data)], strict=True))
    return b"\n".join(pieces).decode()


def _epoch(milliseconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(milliseconds[:20]) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _local(stamp: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
