"""What the headers of a mail say: who, when, about what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from refundparsers import addresses, headers
from refundparsers.charsets import decode_text, plain
from refundparsers.notices import MailFacts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

DateFrom = Literal["date", "received", "arrived"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the headers of a mail say.

    Attributes:
        facts: what identifies it.
        addresses: every address of every From header, lower case.
        display_name: what is printed beside the first address; says nothing about who sent it.
        date_from: where the date comes from.
        subject_doubt: why the subject cannot be trusted; None when it can.
        headers: lower-case names and raw values, top to bottom; read them with `first` and `all`.
    """

    facts: MailFacts
    addresses: tuple[str, ...]
    display_name: str | None
    date_from: DateFrom | None
    subject_doubt: str | None
    headers: tuple[tuple[str, str], ...] = field(repr=False)

    def first(self, header: str) -> str | None:
        """The topmost header of a name, unfolded; None when there is none.

        Encoded words stay as they are: they have no meaning in the headers that
        machines read.
        """
        wanted = header.lower()
        for name, value in self.headers:  # written out: it is asked a dozen times for each mail
            if name == wanted:
                return _unfolded(value)
        return None

    def all(self, header: str) -> tuple[str, ...]:
        """Every header of a name, in any case, unfolded, top to bottom."""
        wanted = header.lower()
        return tuple([_unfolded(value) for name, value in self.headers if name == wanted])


def envelope_of(values: tuple[tuple[str, str], ...], digest: str, arrived: datetime | None) -> Envelope:
    """What headers say.

    Args:
        values: lower-case names and raw values, top to bottom; a From among them.
        digest: the SHA-256 of the mail.
        arrived: when the server received it; the last resort for the date.
    """
    named = _Named(values)
    froms = [addresses.senders(headers.octets(value)) for value in named.get("from")]
    date, date_from = _date(named, arrived)
    subject, subject_doubt = _subject(named.get("subject"))
    return Envelope(
        facts=MailFacts(
            sha256=digest,
            message_id=_message_id(named.get("message-id")),
            sender=_only_sender(froms),
            subject=subject,
            date=date,
        ),
        addresses=tuple(address for each in froms for address in each.addresses),
        display_name=froms[0].name,
        date_from=date_from,
        subject_doubt=subject_doubt,
        headers=values,
    )


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
