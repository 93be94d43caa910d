"""Mail bytes to a frozen message: the only room of mail-parser.

mail-parser parses the mail once; everything else is read from the
`email.message.Message` that it holds, because its own decoded values drop
syllables, merge inner mails and guess dates (each guard has a test).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, cast

import mailparser
from mailparser.exceptions import MailParserRecursionError

from refundparsers import addresses, headers
from refundparsers.charsets import decode_text, plain
from refundparsers.notices import MailFacts
from refundparsers.parts import Body, Piece, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from email.message import Message as Part

__all__ = ["Body", "Message", "UndecodableMail", "decode", "plain"]

# It prints pieces of strangers' mail; what matters of it comes back as a doubt or an error.
mailparser.core.log.disabled = True
mailparser.utils.log.disabled = True

_HEADER_ENDS: Final = (b"\n\r\n", b"\n\n", b"\r\r")
_LONGEST_HEADERS: Final = 262_144
_MOST_WORDS: Final = 1_000
_MOST_BOUNDARIES: Final = 20_000
_BOM: Final = b"\xef\xbb\xbf"

DateFrom = Literal["date", "received", "arrived"]


class UndecodableMail(ValueError):
    """A sentence: why these bytes are not a mail that can be decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail, decoded.

    Attributes:
        facts: what identifies it.
        addresses: every address of every From header, lower case.
        display_name: what is printed beside the first address; says nothing about who sent it.
        bodies: the alternatives of the text, the one people see first first; attachments and
            attached mails left out. Empty when the mail holds no text.
        links: web addresses of all bodies, entities resolved, in order, each once.
        attached: mails attached as message/rfc822 (or as .eml files), as raw bytes.
        date_from: where the date comes from.
        subject_doubt: why the subject cannot be trusted; None when it can.
        headers: lower-case names and raw values, top to bottom; read them with `first` and `all`.
    """

    facts: MailFacts
    addresses: tuple[str, ...]
    display_name: str | None
    bodies: tuple[Body, ...]
    links: tuple[str, ...]
    attached: tuple[bytes, ...]
    date_from: DateFrom | None
    subject_doubt: str | None
    headers: tuple[tuple[str, str], ...] = field(repr=False)

    def first(self, header: str) -> str | None:
        """The topmost header of a name, unfolded; None when there is none.

        Encoded words stay as they are: they have no meaning in the headers that
        machines read.
        """
        return next(iter(self.all(header)), None)

    def all(self, header: str) -> tuple[str, ...]:
        """Every header of a name, in any case, unfolded, top to bottom."""
        wanted = header.lower()
        return tuple(_unfolded(value) for name, value in self.headers if name == wanted)


def decode(raw: bytes, *, arrived: datetime | None = None) -> Message:
    """Decode one mail.

    Args:
        raw: the mail as the server keeps it (RFC 5322).
        arrived: when the server received it (INTERNALDATE); the last resort for the date.

    Raises:
        UndecodableMail: for bytes that are no mail, and for nothing else; MemoryError passes.
    """
    try:
        return _decoded(raw, arrived)
    except (UndecodableMail, MemoryError):
        raise
    except (RecursionError, MailParserRecursionError):
        raise UndecodableMail("the mail is nested too deeply to be decoded") from None
    except Exception as error:  # bytes from strangers: one mail must never stop the others
        why = plain(str(error)).replace("\n", " ")[:200]
        raise UndecodableMail(f"the mail cannot be decoded ({type(error).__name__}: {why})") from error


def _decoded(raw: bytes, arrived: datetime | None) -> Message:
    mail = _parsed(raw)
    values = tuple((name.lower(), value) for name, value in mail.raw_items())
    named = _Named(values)
    walk = Walk(linesep="\r\n" if b"\r\n" in raw[:1000] else "\n")
    pieces = walk.read(mail)
    pieces = [piece for piece in pieces if piece.body.text] or pieces[:1]
    _require_content(mail, pieces, walk)
    froms = [addresses.senders(headers.octets(value)) for value in named.get("from")]
    date, date_from = _date(named, arrived)
    subject, subject_doubt = _subject(named.get("subject"))
    return Message(
        facts=MailFacts(
            sha256=sha256(raw).hexdigest(),
            message_id=_message_id(named.get("message-id")),
            sender=_only_sender(froms),
            subject=subject,
            date=date,
        ),
        addresses=tuple(address for each in froms for address in each.addresses),
        display_name=froms[0].name,
        bodies=tuple(piece.body for piece in pieces),
        links=tuple(dict.fromkeys(link for piece in pieces for link in piece.links)),
        attached=tuple(walk.attached),
        date_from=date_from,
        subject_doubt=subject_doubt,
        headers=values,
    )


def _parsed(raw: bytes) -> Part:
    """The mail as the email package sees it, parsed once, by mail-parser."""
    raw = raw.removeprefix(_BOM).lstrip(b"\r\n")
    if not raw.strip():
        raise UndecodableMail("the mail is empty")
    _refuse_costly(raw)
    mail = _email(raw)
    if not mail.keys():
        raise UndecodableMail("the bytes do not start with a mail header")
    if "from" not in mail:
        raise UndecodableMail("the mail has no From header")
    return mail


def _email(raw: bytes) -> Part:
    try:
        return cast("Part", mailparser.parse_from_bytes(raw).message)
    except (AttributeError, TypeError, ValueError, LookupError):
        # mail-parser 4.8 trips over an inner multipart without parts when nothing follows the last
        # boundary. The email package reads such a mail, and it is all that is used of mail-parser.
        return message_from_bytes(raw)


def _refuse_costly(raw: bytes) -> None:
    """Refuse what would keep mail-parser busy for minutes; no real mail comes near."""
    end = min(len(raw), _LONGEST_HEADERS)
    for mark in _HEADER_ENDS:
        found = raw.find(mark, 0, end)
        end = found if found >= 0 else end
    if end == _LONGEST_HEADERS:
        raise UndecodableMail(f"the header of the mail is longer than {_LONGEST_HEADERS:,} bytes")
    if raw.count(b"=?", 0, end) > _MOST_WORDS:
        raise UndecodableMail(f"the header of the mail has more than {_MOST_WORDS:,} encoded words")
    if len(raw) > 3 * _MOST_BOUNDARIES and raw.count(b"\n--") > _MOST_BOUNDARIES:
        raise UndecodableMail(f"the mail has more than {_MOST_BOUNDARIES:,} part boundaries")


def _require_content(mail: Part, pieces: Sequence[Piece], walk: Walk) -> None:
    """A mail may hold no text (a picture, an empty note), but not nothing at all."""
    if any(piece.body.text for piece in pieces) or walk.attached:
        return
    if walk.cut:
        raise UndecodableMail("the mail has too many parts, and none of the first ones is text")
    if not mail.is_multipart() and not mail.get_payload(decode=True):
        raise UndecodableMail("the mail has no body")


class _Named:
    """Raw header values by lower-case name, top to bottom."""

    def __init__(self, values: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in values:
            self._values.setdefault(name, []).append(value)

    def get(self, name: str) -> list[str]:
        return self._values.get(name, [])


def _unfolded(value: str) -> str:
    """A header on one line; 8-bit bytes are UTF-8 or Korean."""
    data = headers.octets(value)
    return data.decode("ascii") if data.isascii() else decode_text(data).text


def _only_sender(froms: Sequence[addresses.Senders]) -> str | None:
    """The address that every program shows: one From header, well-formed, with one mailbox."""
    if len(froms) == 1 and froms[0].clean and len(froms[0].addresses) == 1:
        return froms[0].addresses[0]
    return None


def _subject(values: Sequence[str]) -> tuple[str | None, str | None]:
    """The topmost subject, and a doubt when it is damaged or another one differs from it.

    A second subject on top is how a signed mail is sent again with other words:
    a signature covers the lower one.
    """
    if not values:
        return None, None
    subject, doubt = headers.decode_words(headers.octets(values[0]))
    if not doubt and any(headers.decode_words(headers.octets(other))[0] != subject for other in values[1:10]):
        doubt = f"the mail has {len(values)} subjects"
    return subject or None, doubt


def _message_id(values: Sequence[str]) -> str | None:
    """The first Message-ID as printed, without angle brackets: AliExpress sends bare hex and `$`."""
    printed = plain(_unfolded(values[0])) if values else ""
    return printed.strip("<> \t\n") or None


def _date(named: _Named, arrived: datetime | None) -> tuple[datetime | None, DateFrom | None]:
    """The date of the mail: Date, else the newest Received that can be read, else its arrival."""
    dates = named.get("date")
    if dates and (found := headers.moment(_unfolded(dates[0]))):
        return found, "date"
    for received in named.get("received"):
        if found := headers.moment(_unfolded(received).rpartition(";")[2]):
            return found, "received"
    if arrived and (found := headers.in_range(arrived)):
        return found, "arrived"
    return None, None
