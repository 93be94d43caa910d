"""The kinds of values a configuration option may have: what is wanted, and how it is read.

A kind takes what `tomllib` made of the value and gives the value the program works with. Nothing
here touches the disk, except that a wrong zone name is compared with the names there are.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    Parse = Callable[[object], object]

TLS_WORDS = ("tls", "starttls", "none")
DAY_WORDS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_LONGEST_SHOWN = 60
_LONGEST_HOST = 253  # RFC 1035 section 2.3.4, as do the 63 of a label
_LONGEST_LABEL = 63
_LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3, without the angle brackets
_NEAR = 0.65  # "username" is near to "user", "colour" is not near to "country"

# Compiled at their first use, of which an ordinary file needs two.
_COUNTRY = r"[A-Za-z]{2}"
_ADDRESS = r'([^\s@<>()\[\],;:"\\]+)@([^\s@<>()\[\],;:"\\]+)'
_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029]"


class UnfitError(ValueError):
    """A value that is not of its kind; the text is an extra hint, or nothing."""


class Kind(NamedTuple):
    """One kind of value; a named tuple, because a dataclass takes five times as long to import.

    Attributes:
        wants: ends the sentence "must be ..."; also what the documentation says about the value.
        parse: takes the TOML value and gives ours; raises `UnfitError`.
    """

    wants: str
    parse: Parse

    def read(self, value: object) -> object:
        """Gives the value the program works with.

        Raises:
            ValueError: the end of a sentence that begins with the name of the option.
        """
        try:
            return self.parse(value)
        except UnfitError as unfit:
            hint = f"; {unfit}" if str(unfit) else ""
        raise ValueError(f"must be {self.wants}, not {shown(value)}{hint}")


def shown(value: object) -> str:
    """A wrong value as a sentence may show it: short, printable, and never a whole table."""
    if isinstance(value, str):
        whole = len(value) <= _LONGEST_SHOWN
        return quoted(value) if whole else quoted(value[:_LONGEST_SHOWN]) + "..."
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        # Python refuses to print an integer of more than 4,300 digits.
        return str(value) if abs(value) < 10**18 else "a very large number"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a table"
    return str(value)


def quoted(text: str) -> str:
    """Text in double quotes, with everything that a terminal might obey written as an escape."""
    safe = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
    return f'"{safe}"'


def closest(word: str, known: tuple[str, ...] | list[str]) -> str | None:
    """The known word that was probably meant, or None."""
    from difflib import get_close_matches

    lowered = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lowered, n=1, cutoff=_NEAR)
    return lowered[found[0]] if found else None


def is_clean(text: str) -> bool:
    """Whether a text is one line without control characters, C1 and Unicode line ends included."""
    return re.search(_CONTROL, text) is None


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine; no name is resolved, only "localhost" is believed."""
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnfitError
    if not value.strip():
        raise UnfitError("it is empty")
    if not is_clean(value):
        raise UnfitError("it has a line break or another control character in it")
    return value


def _country(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(_COUNTRY, text):
        raise UnfitError
    return text.upper()


def _zone(value: object) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    text = _text(value)
    try:
        return ZoneInfo(text)
    except (LookupError, ValueError, OSError):
        # A name that leads out of the directory of zones, or to a directory in it, is no zone either.
        raise UnfitError(_zone_hint(text)) from None


def _zone_hint(text: str) -> str:
    from zoneinfo import available_timezones

    near = closest(text[:_LONGEST_SHOWN], sorted(available_timezones()))
    return f'did you mean "{near}"?' if near else ""


def _host(value: object) -> str:
    text = _text(value).lower()
    if ":" in text:
        return _ipv6(text)
    if "/" in text or "@" in text or " " in text or not text.isprintable():
        raise UnfitError
    _check_labels(text)
    return text


def _ipv6(text: str) -> str:
    from ipaddress import IPv6Address

    try:
        return str(IPv6Address(text))
    except ValueError:
        raise UnfitError("leave out the scheme and the port") from None


def _check_labels(host: str) -> None:
    """Refuses what would make the resolver fail with an error about encodings."""
    labels = host.removesuffix(".").split(".")
    if len(host) > _LONGEST_HOST or not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        raise UnfitError
    if host.isascii():
        return
    try:
        host.encode("idna")
    except UnicodeError:
        raise UnfitError from None


def _address(value: object) -> str:
    text = _text(value)
    found = re.fullmatch(_ADDRESS, text)
    if found is None or len(text) > _LONGEST_ADDRESS or not text.isprintable():
        raise UnfitError
    _host(found[2])
    return text


def _allowed_address(value: object) -> str:
    """An address, or `*@domain` for all of a domain where not just anybody has one."""
    address = _address(value).lower()
    local, _, domain = address.rpartition("@")
    if "*" in local and local != "*":
        raise UnfitError("a * stands for all that is before the @, or not at all")
    if local == "*":
        from refundparsers.presets import PUBLIC  # only who writes a pattern pays for this import

        if domain in PUBLIC:
            raise UnfitError(f"anybody may have an address at {domain}; name yours")
    return address


def _domain(value: object) -> str:
    if "@" in _text(value):
        raise UnfitError("write only what stands behind the @")
    return _host(value)


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = _text(value)
    if not re.fullmatch(_DATE, text):
        raise UnfitError
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnfitError("there is no such day") from None


def _clock(value: object) -> time:
    if isinstance(value, time) and not (value.second or value.microsecond):
        return value
    found = re.fullmatch(_CLOCK, _text(value))
    if found is None:
        raise UnfitError
    return time(int(found[1]), int(found[2]))


def _path(value: object) -> Path:
    try:
        return Path(_text(value)).expanduser()
    except RuntimeError:
        raise UnfitError("the home directory behind ~ is not known; write the whole path") from None


def number(low: int, high: int) -> Kind:
    """A whole number within bounds, both included."""

    def parse(value: object) -> int:
        if type(value) is not int or not low <= value <= high:  # a bool is an int, but not here
            raise UnfitError
        return value

    return Kind(f"a whole number from {low} to {high}", parse)


def choice(*words: str) -> Kind:
    """One of a few words; capitals do not matter."""

    def parse(value: object) -> str:
        text = _text(value).lower()
        if text not in words:
            raise UnfitError
        return text

    listed = ", ".join(f'"{word}"' for word in words[:-1])
    return Kind(f'{listed} or "{words[-1]}"', parse)


def many(wants: str, parse: Parse, *, at_least: int = 0) -> Kind:
    """A list of values of one kind, without repetitions, in the order of the file."""

    def parse_all(value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise UnfitError("write it in square brackets")
        if len(value) < at_least:
            raise UnfitError(f"it needs at least {at_least}")
        return tuple(dict.fromkeys(_member(each, parse) for each in value))

    return Kind(wants, parse_all)


def _member(value: object, parse: Parse) -> object:
    try:
        return parse(value)
    except UnfitError as unfit:
        hint = f" ({unfit})" if str(unfit) else ""
    raise UnfitError(f"{shown(value)} in it is wrong{hint}")


def _window(value: object) -> tuple[int, ...]:
    days = value if isinstance(value, list) else ()
    if len(days) != 3 or not all(type(each) is int and 1 <= each <= 365 for each in days):
        raise UnfitError("write it like [7, 10, 20]")
    if sorted(days) != days:
        raise UnfitError("each is at least the one before it")
    return tuple(days)


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise UnfitError
    return value


def _entries(value: object) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise UnfitError("write it in square brackets")
    return tuple(value)


def _unread(value: object) -> object:
    return value


TEXT = Kind("a text", _text)
COUNTRY = Kind('a country code of two letters such as "KR"', _country)
ZONE = Kind('a time zone such as "Asia/Seoul"', _zone)
DATES = many('a list of dates such as ["2026-06-03"]', _day)
HOST = Kind('a host name such as "mail.example.com"', _host)
PORT = number(1, 65535)
TLS = choice(*TLS_WORDS)
ADDRESS = Kind('a mail address such as "me@example.com"', _address)
ADDRESSES = many('a list of mail addresses such as ["me@example.com"]', _allowed_address)
DOMAINS = many('a list of domains such as ["example.com"]', _domain)
TEXTS = many("a list of texts", _text)
FOLDERS = many('a list of folder names such as ["INBOX"]', _text, at_least=1)
DAY = choice(*DAY_WORDS)
CLOCK = Kind('a time of day such as "08:00"', _clock)
PATH = Kind("a path; a relative one starts at the directory of this file", _path)
BOOL = Kind("true or false", _bool)
WINDOW = Kind("three rising numbers of business days: due, overdue, escalate", _window)
URLS = Kind("a list of addresses of Apprise, each a text or a place as of a password", _entries)
"""Each is read by `refundtracker.alarms.urls`; none is ever shown, because it holds a secret."""
SECRET = Kind("one of { file }, { command }, { env }, { credential }, { keyring }", _unread)
"""Read by `refundtracker.secret`, which must know the account it belongs to."""
