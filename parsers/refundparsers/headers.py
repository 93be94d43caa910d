"""What mail headers say: encoded words and dates. Everything here is written by strangers."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

from refundparsers.charsets import codec, damage, decode_text, is_utf8, plain, unbase64

if TYPE_CHECKING:
    from collections.abc import Iterator

# A header longer than this is cut before it is decoded.
_LONGEST: Final = 20_000

# The beginning of an encoded word (RFC 2047). `re` is safe: it looks at 66 bytes at most.
_WORD: Final = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?")
# What may be more than ASCII though each byte is: encoded words, and charsets with escapes.
_SPECIAL: Final = (b"=?", b"\x1b")


def octets(value: str) -> bytes:
    """The bytes of a header as it came: unfolded, line ends gone (RFC 5322 section 2.2.3).

    Args:
        value: the header as the email package holds it, 8-bit bytes as surrogates.
    """
    return value.replace("\r", "").replace("\n", "").strip().encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class _Words:
    """Neighbouring encoded words of one charset, or raw bytes when there is no label.

    Attributes:
        label: the charset as stated.
        parts: encoding (`b`, `q`, or empty for raw bytes) and text of each word.
    """

    label: str | None
    parts: list[tuple[bytes, bytes]]

    def unpacked(self) -> tuple[bytes, bool]:
        """The bytes of all words together, and whether some base64 was damaged."""
        if self.label is None:
            return b"".join(text for _, text in self.parts), False
        done: list[bytes] = []
        packed = b""
        damaged = False
        for encoding, text in [*self.parts, (b"", b"")]:
            if encoding == b"b" and b"=" not in text:
                packed += text  # senders also split between the characters of base64
                continue
            data, bad = unbase64(packed + (text if encoding == b"b" else b""))
            packed = b""
            damaged = damaged or bad
            done.append(data)
            if encoding != b"b":
                done.append(binascii.a2b_qp(text, header=True) if encoding else text)
        return b"".join(done), damaged


def decode_words(data: bytes) -> tuple[str, str | None]:
    """Decode a header that people read, such as Subject.

    Encoded words of one charset that stand together are joined before they are
    decoded: some senders split inside a character. Raw 8-bit bytes are UTF-8
    or Korean.

    Args:
        data: the unfolded header.

    Returns:
        One line of text, and a doubt when it was damaged.
    """
    if data.isascii() and len(data) <= _LONGEST and not any(sign in data for sign in _SPECIAL):
        return plain(data.decode("ascii")).replace("\n", " "), None
    texts: list[str] = []
    doubts = [f"cut after {_LONGEST:,} bytes"] if len(data) > _LONGEST else []
    for words in _grouped(data[:_LONGEST]):
        unpacked, damaged = words.unpacked()
        decoded = decode_text(unpacked, words.label)
        texts.append(decoded.text)
        if decoded.doubt or damaged:
            doubts.append(decoded.doubt or "an encoded word is damaged")
    text = "".join(texts)
    return plain(text).replace("\n", " "), doubts[0] if doubts else damage(text)


def _grouped(data: bytes) -> list[_Words]:
    groups: list[_Words] = []
    at = 0
    for found, end in _encoded_words(data):
        between = data[at : found.start()]
        if between.strip() or (between and not groups):
            groups.append(_Words(None, [(b"", between)]))
        label = found.group(1).decode("ascii", "replace")
        part = (found.group(2).lower(), data[found.end() : end])
        if groups and _same(groups[-1].label, label):
            groups[-1].parts.append(part)
        else:
            groups.append(_Words(label, [part]))
        at = end + 2
    if at < len(data):
        groups.append(_Words(None, [(b"", data[at:])]))
    return groups


def _encoded_words(data: bytes) -> Iterator[tuple[re.Match[bytes], int]]:
    """The beginning of each encoded word, and where its text ends.

    Encoders leave spaces and question marks inside the text, so the end is the first "?=". What
    holds bytes that are no characters is no word.
    """
    found = _WORD.search(data) if b"=?" in data else None
    while found:
        end = data.find(b"?=", found.end())
        if end < 0:
            return
        if is_utf8(data[found.start() : end]):
            yield found, end
            found = _WORD.search(data, end + 2)
        else:
            found = _WORD.search(data, found.start() + 2)


def _same(one: str | None, other: str) -> bool:
    if one is None:
        return False
    return one.lower() == other.lower() or (codec(one) is not None and codec(one) == codec(other))


# --- Dates ----------------------------------------------------------------------------------------

_MONTHS: Final = {
    name: at
    for at, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}

_YEARS: Final = range(1995, 2101)

# Names that mean one offset only. CST, IST, BST, AST mean several; which one was meant is not told.
_ZONES: Final = {
    **dict.fromkeys(("", "UT", "UTC", "GMT", "Z", "WET"), 0),
    **dict.fromkeys(("KST", "JST"), 9),
    **dict.fromkeys(("CEST", "EET"), 2),
    **dict.fromkeys(("EEST", "MSK"), 3),
    **dict.fromkeys(("CET", "WEST"), 1),
    **dict.fromkeys(("EST", "CDT"), -5),
    **dict.fromkeys(("MST", "PDT"), -7),
    "HKT": 8,
    "EDT": -4,
    "MDT": -6,
    "PST": -8,
    "AKDT": -8,
    "AKST": -9,
    "HST": -10,
}


# How nearly every mail prints it. `re` is safe: there is one way to read each part.
_USUAL: Final = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-5][0-9]) ([+-])(0[0-9]|1[0-3])([0-5][0-9])(?: \([A-Z]{1,5}\))?"
)


def moment(value: str) -> datetime | None:
    """The moment that a Date header means, in UTC.

    Read are RFC 5322 with its obsolete forms, ISO 8601, and what asctime and
    JavaScript print.

    Args:
        value: the unfolded header; of Received, what stands behind the last semicolon.

    Returns:
        None unless day, time and offset are certain: no zone, an ambiguous or
        impossible one, or a year outside 1995 to 2100 is not used.
    """
    if usual := _USUAL.fullmatch(value):
        return _usual_moment(*usual.groups())
    words = value[:200].partition("(")[0].replace(",", " ").split()
    if words and words[0].rstrip(".").isalpha() and words[0][:3].lower() not in _MONTHS:
        del words[0]  # the day of the week
    try:
        year, month, day, clock, zone = _fields(words)
        offset = _offset(zone)
        hour, minute, second = _clock(clock)
        local = datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except (ValueError, IndexError, KeyError):
        return None
    return in_range(local)


def _usual_moment(*printed: str) -> datetime | None:
    day, month, year, hour, minute, second, sign, hours, minutes = printed
    try:
        local = datetime(
            int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
    except ValueError:
        return None
    if local.year not in _YEARS:
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return local + offset if sign == "-" else local - offset


def _fields(words: list[str]) -> tuple[int, int, int, str, str]:
    """Year, month, day, time and zone, in whatever order they were printed.

    Raises:
        ValueError, IndexError, KeyError: when this is no date.
    """
    if words[0][:3].lower() in _MONTHS:
        month, day, *rest = words
        if ":" in rest[0]:  # asctime: the year comes last
            rest = [rest[-1], *rest[:-1]]
        year = rest.pop(0)
    elif words[0][4:5] == "-":
        stamp, *rest = words
        day_part, _, clock = stamp.replace("t", "T").partition("T")
        year, month, day = day_part.split("-")
        rest = [clock, *rest] if clock else rest
    else:
        day, month, year, *rest = [part for word in words[:3] for part in word.split("-")] + words[3:]
    clock, zone = _apart(rest)
    return _year(year), _month(month), _number(day), clock, zone


def _apart(words: list[str]) -> tuple[str, str]:
    """The time and the zone, which may be glued to it."""
    glued, *rest = words
    end = next((at for at, sign in enumerate(glued) if sign not in "0123456789:."), len(glued))
    return glued[:end], glued[end:] or rest[0]


def _clock(printed: str) -> tuple[int, int, int]:
    hour, minute, *rest = printed.split(":")
    second = _number(rest[0].partition(".")[0]) if rest else 0
    return _number(hour), _number(minute), min(second, 59)  # 60 is a leap second


def _month(printed: str) -> int:
    return _number(printed) if printed.isdigit() else _MONTHS[printed[:3].lower()]


def _number(printed: str) -> int:
    if not (printed.isascii() and printed.isdigit() and len(printed) <= 4):
        raise ValueError(f"{printed!r} is no number of a date")
    return int(printed)


def in_range(found: datetime) -> datetime | None:
    """The same moment in UTC, or None when its year cannot be that of a mail."""
    if found.year not in _YEARS:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _year(printed: str) -> int:
    """Two digits as RFC 5322 section 4.3 reads them."""
    year = _number(printed)
    if len(printed) == 2:
        return year + (2000 if year < 50 else 1900)
    return year


def _offset(zone: str) -> timedelta:
    """The offset of a zone such as `+0900`, `+09:00`, `GMT+0900` or `KST`.

    Raises:
        ValueError: for an offset that no place has.
        KeyError: for a name that is unknown or means several offsets.
    """
    at = max(zone.find("+"), zone.find("-"))
    if at < 0:
        return timedelta(hours=_ZONES[zone.upper() or "none"])
    digits = zone[at + 1 :].replace(":", "")
    offset = timedelta(hours=_number(digits[:2]), minutes=_number(digits[2:]))
    if _ZONES[zone[:at].upper()] or len(digits) != 4 or digits[2:] > "59" or offset > timedelta(hours=14):
        raise ValueError(f"{zone!r} is no offset of a place")
    return -offset if zone[at] == "-" else offset
