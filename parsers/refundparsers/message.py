"""Mail bytes to a frozen message: the only room of mail-parser.

mail-parser builds the tree of the mail, with its guards; everything is read from the
`email.message.Message` that it holds. What it would decode by itself drops syllables, merges inner
mails and guesses dates (each guard has a test), and takes longer than all of this, so it is not asked.

A mail is opened in two steps. Its headers tell who speaks; only of those we follow is the rest read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import wraps
from hashlib import sha256
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar, cast

import mailparser
from mailparser.exceptions import MailParserRecursionError

from refundparsers.charsets import plain
from refundparsers.envelopes import Envelope, envelope_of
from refundparsers.links import Link, once
from refundparsers.parts import Body, Walk
from refundparsers.skeletons import put_back, without_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from email.message import Message as Part

__all__ = ["Body", "Envelope", "Link", "Message", "Opened", "UndecodableMail", "decode", "open_mail", "plain"]

P = ParamSpec("P")
T = TypeVar("T")

# It prints pieces of strangers' mail; what matters of it comes back as a doubt or an error.
mailparser.core.log.disabled = True
mailparser.utils.log.disabled = True

_HEADER_ENDS: Final = (b"\n\r\n", b"\n\n", b"\r\r")
_LONGEST_HEADERS: Final = 262_144
_MOST_WORDS: Final = 1_000
_MOST_BOUNDARIES: Final = 20_000
_BOM: Final = b"\xef\xbb\xbf"
# Types of which the parser makes more than one part.
_CONTAINER: Final = re.compile(rb"(?i)multipart/|message/")


class UndecodableMail(ValueError):
    """A sentence: why these bytes are not a mail that can be decoded."""


class _Tree(mailparser.MailParser):  # type: ignore[misc]  # it has no types
    """mail-parser's tree of a mail, built under its guards, and nothing decoded."""

    def parse(self) -> _Tree:
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Envelope):
    """One mail, decoded.

    Attributes:
        bodies: the alternatives of the text, the one people see first first; attachments and
            attached mails left out. Empty when the mail holds no text.
        attached: mails attached as message/rfc822 (or as .eml files), as raw bytes.
    """

    bodies: tuple[Body, ...]
    attached: tuple[bytes, ...]

    @property
    def links(self) -> tuple[str, ...]:
        """Web addresses of all bodies, in order, each once."""
        return tuple(link.address for link in once(link for body in self.bodies for link in body.links))


def _in_words(step: Callable[P, T]) -> Callable[P, T]:
    """Tell whatever bytes from strangers bring about as `UndecodableMail`: no mail may stop the others."""

    @wraps(step)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return step(*args, **kwargs)
        except (UndecodableMail, MemoryError):
            raise
        except (RecursionError, MailParserRecursionError):
            raise UndecodableMail("the mail is nested too deeply to be decoded") from None
        except Exception as error:
            why = plain(str(error)).replace("\n", " ")[:200]
            raise UndecodableMail(f"the mail cannot be decoded ({type(error).__name__}: {why})") from error

    return guarded


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail of which only the headers were read.

    Attributes:
        envelope: what they say.
    """

    envelope: Envelope
    _mail: Part = field(repr=False, compare=False)
    _linesep: str = field(repr=False, compare=False)

    @_in_words
    def message(self) -> Message:
        """The whole mail.

        Raises:
            UndecodableMail: for a mail that holds nothing or cannot be decoded; MemoryError passes.
        """
        walk = Walk(linesep=self._linesep)
        bodies = walk.read(self._mail)
        bodies = [body for body in bodies if body.text] or bodies[:1]
        _require_content(self._mail, bodies, walk)
        envelope = self.envelope
        return Message(
            facts=envelope.facts,
            addresses=envelope.addresses,
            display_name=envelope.display_name,
            date_from=envelope.date_from,
            subject_doubt=envelope.subject_doubt,
            headers=envelope.headers,
            bodies=tuple(bodies),
            attached=tuple(walk.attached),
        )


def decode(raw: bytes, *, arrived: datetime | None = None) -> Message:
    """Decode one mail: both steps.

    Args:
        raw: the mail as the server keeps it (RFC 5322).
        arrived: when the server received it (INTERNALDATE); the last resort for the date.

    Raises:
        UndecodableMail: for bytes that are no mail, and for nothing else; MemoryError passes.
    """
    return open_mail(raw, arrived=arrived).message()


@_in_words
def open_mail(raw: bytes, *, arrived: datetime | None = None) -> Opened:
    """Read the headers of one mail. What its body holds, and whether it can be decoded, is not looked at.

    Args:
        raw: as for `decode`.
        arrived: as for `decode`.

    Raises:
        UndecodableMail: for bytes that are no mail of a sender; MemoryError passes.
    """
    mail = _parsed(raw)
    values = tuple([(name.lower(), value) for name, value in mail.raw_items()])
    if not values:
        raise UndecodableMail("the bytes do not start with a mail header")
    if not any(name == "from" for name, _ in values):
        raise UndecodableMail("the mail has no From header")
    linesep = "\r\n" if b"\r\n" in raw[:1000] else "\n"
    return Opened(envelope_of(values, sha256(raw).hexdigest(), arrived), mail, linesep)


def _parsed(raw: bytes) -> Part:
    """The mail as the email package sees it, parsed once, by mail-parser."""
    raw = raw.removeprefix(_BOM).lstrip(b"\r\n")
    if not raw.strip():
        raise UndecodableMail("the mail is empty")
    end = _header_end(raw)
    _refuse_costly(raw, end)
    return _of_one_part(raw, end) or _of_parts(raw)


def _of_one_part(raw: bytes, end: int) -> Part | None:
    """A mail of one part; None for any other.

    Its tree is its header. What stands below stays as it is, so it need not be taken apart line by line.
    """
    if _CONTAINER.search(raw, 0, end):
        return None
    mail = cast("Part", _Tree.from_bytes(raw[:end]).message)
    if mail.defects or mail.is_multipart() or mail.get_payload():
        return None  # the header ends before the first empty line
    mail.set_payload(raw[end:].decode("ascii", "surrogateescape"))
    return mail


def _of_parts(raw: bytes) -> Part:
    """Any other mail; wherever that makes no difference, its tree is built without the texts of its parts."""
    if (taken := without_texts(raw)) is None:
        return cast("Part", _Tree.from_bytes(raw).message)
    skeleton, texts = taken
    mail = cast("Part", _Tree.from_bytes(skeleton).message)
    put_back(mail, texts)
    return mail


def _header_end(raw: bytes) -> int:
    """The index behind the first empty line, or behind what may be a header at most."""
    end = min(len(raw), _LONGEST_HEADERS)
    for mark in _HEADER_ENDS:
        found = raw.find(mark, 0, end)
        end = found + len(mark) if found >= 0 else end
    return end


def _refuse_costly(raw: bytes, end: int) -> None:
    """Refuse what would keep the parser busy for long; no real mail comes near."""
    if end >= _LONGEST_HEADERS:
        raise UndecodableMail(f"the header of the mail is longer than {_LONGEST_HEADERS:,} bytes")
    if raw.count(b"=?", 0, end) > _MOST_WORDS:
        raise UndecodableMail(f"the header of the mail has more than {_MOST_WORDS:,} encoded words")
    if len(raw) > 3 * _MOST_BOUNDARIES and raw.count(b"\n--") > _MOST_BOUNDARIES:
        raise UndecodableMail(f"the mail has more than {_MOST_BOUNDARIES:,} part boundaries")


def _require_content(mail: Part, bodies: Sequence[Body], walk: Walk) -> None:
    """A mail may hold no text (a picture, an empty note), but not nothing at all."""
    if any(body.text for body in bodies) or walk.attached:
        return
    if walk.cut:
        raise UndecodableMail("the mail has too many parts, and none of the first ones is text")
    if not mail.is_multipart() and not mail.get_payload(decode=True):
        raise UndecodableMail("the mail has no body")
