"""What a mail server's answers say, taken apart without trusting them. Pure; knows no IMAP library."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from unicodedata import normalize

import re2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from refundtracker.rawmail import RawMail

# One FETCH of bodies; a larger mail goes alone.
_MAILS: Final = 50
_BYTES: Final = 8_000_000

_NO_MAIL_IN: Final = frozenset({b"\\noselect", b"\\nonexistent"})
# RFC 6154: what a folder is for, whatever it is called in the user's language.
_USES: Final = frozenset({"\\all", "\\archive", "\\junk", "\\trash"})

_QUOTED_OR_COMMENT: Final = re2.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')
_ADDRESS: Final = re2.compile(r'[^\s<>()\[\]",;:@\\]+@[^\s<>()\[\]",;:@\\]+')


def addresses(header: bytes) -> set[str]:
    """Every address in a From header, lower case; display names and comments do not count.

    Rather one too many than one too few: this only decides whether the mail is
    fetched, and the parsers judge who really sent it.
    """
    text = header.decode("utf-8", "replace")
    return {found.lower() for found in _ADDRESS.findall(_QUOTED_OR_COMMENT.sub(" ", text))}


def head_of(answer: Mapping[bytes, Any]) -> tuple[int, bytes] | None:
    """Size and From header of a mail; None when the answer lacks one of them.

    Servers spell the header's key in their own ways: `BODY[HEADER.FIELDS (FROM)]`, `("From")`.
    """
    size = answer.get(b"RFC822.SIZE")
    for key, value in answer.items():
        if key.startswith(b"BODY[HEADER") and isinstance(size, int):
            return size, value if isinstance(value, bytes) else b""
    return None


def body_of(answer: Mapping[bytes, Any]) -> bytes | None:
    """The mail's bytes under either key that servers use; None when they are missing."""
    for key in (b"BODY[]", b"RFC822"):
        value = answer.get(key)
        if isinstance(value, bytes):
            return value
    return None


def arrived(answer: Mapping[bytes, Any]) -> datetime | None:
    """INTERNALDATE in UTC; None when it is missing or no date."""
    moment = answer.get(b"INTERNALDATE")
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def batches(uids: Iterable[int], size: int) -> Iterator[list[int]]:
    """The numbers in lists of at most `size`."""
    rest = iter(uids)
    while batch := list(islice(rest, size)):
        yield batch


def by_weight(mails: Iterable[RawMail]) -> Iterator[list[RawMail]]:
    """Groups that one FETCH may ask for: bounded in number and in bytes, so that memory is too."""
    group: list[RawMail] = []
    weight = 0
    for mail in mails:
        if group and (len(group) == _MAILS or weight + mail.size > _BYTES):
            yield group
            group, weight = [], 0
        group.append(mail)
        weight += mail.size
    if group:
        yield group


def folder_keys(name: str, delimiter: str = "/") -> tuple[str, str]:
    r"""A folder's name as it is compared: as it is, and with `/` between its levels.

    Letters are composed (a Mac stores Hangul in parts); INBOX has no case (RFC 3501), and neither
    has a use such as `\Junk` (RFC 6154).
    """
    if name.lower() in _USES:
        return name.lower(), name.lower()
    plain = "INBOX" if name.upper() == "INBOX" else normalize("NFC", name)
    return plain, plain.replace(delimiter, "/") if delimiter else plain


def by_name(
    listed: Iterable[tuple[Iterable[bytes], bytes | None, bytes | str]], decoded: Callable[[bytes], str]
) -> dict[str, bytes]:
    r"""The server's own name of each folder that can hold mail, under the names people may use.

    A folder with a use (RFC 6154) is found under that, too: `\Junk`.

    Args:
        listed: flags, delimiter and name of each folder (LIST).
        decoded: reads modified UTF-7 (RFC 3501); a name it fails on is taken as it stands.
    """
    there: dict[str, bytes] = {}
    for flags, delimiter, name in listed:
        raw = name if isinstance(name, bytes) else name.encode()
        told = {flag.lower() for flag in flags}
        if _NO_MAIL_IN.isdisjoint(told):
            for use in _USES.intersection(flag.decode("ascii", "replace") for flag in told):
                there.setdefault(use, raw)
            for key in folder_keys(_readable(raw, decoded), (delimiter or b"").decode("ascii", "replace")):
                there.setdefault(key, raw)
    return there | {"INBOX": b"INBOX"}


def _readable(raw: bytes, decoded: Callable[[bytes], str]) -> str:
    try:
        return decoded(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def sender_criteria(terms: tuple[str, ...]) -> list[bytes]:
    """The words of a SEARCH for mail from any of these; none when the server cannot be asked.

    Servers disagree about letters beyond ASCII, some find nothing without saying so:
    then the search goes by day alone.
    """
    if not all(term.isascii() and term.isprintable() for term in terms):
        return []
    words: list[bytes] = []
    for number, term in enumerate(terms, start=1):
        escaped = term.replace("\\", "\\\\").replace('"', '\\"')
        words += [b"OR"] * (number < len(terms)) + [b"FROM", f'"{escaped}"'.encode()]
    return words
