"""Between our types and the rows of the database: no SQL, no connection, nothing but values.

Every row that is written passes `clean`, so that text from mail can always be stored.
"""

from __future__ import annotations

import re
import zlib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from refundparsers.money import Money
from refundparsers.notices import Notice
from refundtracker.errors import BadInput
from refundtracker.records import AccountStatus, Cursor, MailRow, OutboxRow, StoredNotice, TimelineEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refundparsers.notices import Reading
    from refundtracker.records import Entry, Place

    Value = str | int | bytes | None
    Row = dict[str, Value]

    class Stored(Protocol):
        """A row that was read: STRICT tables keep the types, so each value is taken at its word."""

        def __getitem__(self, column: str, /) -> Any: ...


_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LARGEST: Final = 2**63 - 1


def clean(row: Mapping[str, Value]) -> Row:
    """The row with U+FFFD for lone surrogates, which are no text for SQLite."""
    return {name: clean_value(value) for name, value in row.items()}


def clean_value(value: Value) -> Value:
    """One value of a row, or one parameter of a query."""
    if not isinstance(value, str) or value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def moment(value: datetime | None) -> str | None:
    """`2026-05-12T04:22:00Z`, always with four digits of year, so that text sorts like time.

    Raises:
        ValueError: the moment has no zone.
    """
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no zone; only moments in UTC are stored")
    return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def moment_of(text: str | None) -> datetime | None:
    """The moment of a stored text, in UTC."""
    return None if text is None else datetime.fromisoformat(text)


def day(value: date | None) -> str | None:
    """`2026-05-12`."""
    return None if value is None else value.isoformat()


def day_of(text: str | None) -> date | None:
    """The day of a stored text."""
    return None if text is None else date.fromisoformat(text)


def place_row(place: Place) -> Row:
    """The key of a sighting."""
    return clean(
        {
            "account": place.account,
            "folder": place.folder,
            "uidvalidity": place.uidvalidity,
            "uid": place.uid,
        }
    )


def identity(entry: Entry) -> str:
    """What makes it the same mail: its sha256, or its place when the body was not fetched.

    Raises:
        ValueError: it has neither.
    """
    if entry.reading.mail.sha256:
        return entry.reading.mail.sha256
    if entry.place is None:
        raise ValueError("a mail to record needs a sha256 or a place")
    account, *rest = place_row(entry.place).values()
    # A folder may hold slashes, the numbers after it may not; the account must not look like a folder.
    account = str(account).replace("%", "%25").replace("/", "%2F")
    return "place:" + "/".join(str(part) for part in (account, *rest))


def keeps(entry: Entry) -> bool:
    """Whether the raw bytes of this mail are to be stored."""
    return entry.raw is not None and entry.reading.keep and entry.reading.outcome != "not-ours"


def mail_row(entry: Entry) -> Row:
    """The columns of a new mail, except its id and when it was recorded."""
    kept = zlib.compress(entry.raw) if entry.raw is not None and keeps(entry) else None
    return {
        "identity": identity(entry),
        "sha256": entry.reading.mail.sha256 or None,
        "arrived": moment(entry.arrived),
        "size": entry.size,
        "raw": kept,
        **reading_row(entry.reading),
    }


def reading_row(reading: Reading) -> Row:
    """The columns that a reading decides. Of a stranger's mail nothing personal is among them."""
    ours = reading.outcome != "not-ours"
    return clean(
        {
            "message_id": reading.mail.message_id if ours else None,
            "sender": reading.mail.sender if ours else None,
            "subject": reading.mail.subject if ours else None,
            "date": moment(reading.mail.date),
            "outcome": reading.outcome,
            "reason": reading.reason if ours else None,  # it may name the sender
            "trust": reading.trust,
        }
    )


def notice_rows(reading: Reading) -> list[Row]:
    """The rows of its notices in their order, without id and mail.

    Raises:
        BadInput: an amount is larger than any column.
    """
    if reading.outcome == "not-ours":
        return []
    return [clean({"n": n, **_notice_row(notice)}) for n, notice in enumerate(reading.notices)]


def _notice_row(notice: Notice) -> Row:
    if notice.money is not None and abs(notice.money.minor) > _LARGEST:
        raise BadInput(
            f"an amount of {len(str(notice.money.minor))} digits, read by {notice.form}, is no money"
        )
    return {
        "kind": notice.kind,
        "source": notice.source,
        "form": notice.form,
        "order_no": notice.order,
        "dispute_no": notice.dispute,
        "item": notice.item,
        "seller": notice.seller,
        "result": notice.result,
        **money_row(notice.money, "amount_minor", "currency"),
        "issuer": notice.issuer,
        "card": notice.card,
        "merchant": notice.merchant,
        "on_date": day(notice.on),
        "at": moment(notice.at),
        "act_by": day(notice.act_by),
        "reference": notice.reference,
    }


def money_row(money: Money | None, minor: str, currency: str) -> Row:
    """The two columns of a sum; both NULL when there is none."""
    return {minor: money.minor if money else None, currency: money.currency if money else None}


def money_of(minor: int | None, currency: str | None) -> Money | None:
    """The sum of two columns."""
    return None if minor is None or currency is None else Money(minor, currency)


def notice_of(row: Stored) -> Notice:
    """The notice of a row of the table `notice`."""
    return Notice(
        kind=row["kind"],
        source=row["source"],
        form=row["form"],
        order=row["order_no"],
        dispute=row["dispute_no"],
        item=row["item"],
        seller=row["seller"],
        result=row["result"],
        money=money_of(row["amount_minor"], row["currency"]),
        issuer=row["issuer"],
        card=row["card"],
        merchant=row["merchant"],
        on=date.fromisoformat(row["on_date"]),
        at=moment_of(row["at"]),
        act_by=day_of(row["act_by"]),
        reference=row["reference"],
    )


def stored_notice_of(row: Stored) -> StoredNotice:
    """The notice with its mail, of a row that joins both."""
    return StoredNotice(
        id=row["id"],
        mail_id=row["mail_id"],
        mail_date=moment_of(row["mail_date"]),
        trust=row["trust"],
        notice=notice_of(row),
    )


def timeline_entry_of(row: Stored) -> TimelineEntry:
    """The line of a timeline, of a row that joins event, notice and mail."""
    return TimelineEntry(
        stored=stored_notice_of(row), subject=row["subject"], sender=row["sender"], sha256=row["sha256"]
    )


def mail_of(row: Stored) -> MailRow:
    """The mail of a row of the table `mail`, `kept` in the place of the raw bytes."""
    return MailRow(
        id=row["id"],
        sha256=row["sha256"],
        message_id=row["message_id"],
        sender=row["sender"],
        subject=row["subject"],
        date=moment_of(row["date"]),
        arrived=moment_of(row["arrived"]),
        size=row["size"],
        outcome=row["outcome"],
        reason=row["reason"],
        trust=row["trust"],
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        kept=bool(row["kept"]),
    )


def cursor_of(row: Stored) -> Cursor:
    """The cursor of a row of the table `folder`."""
    return Cursor(row["uidvalidity"], row["last_uid"], moment_of(row["swept_at"]))


def outbox_of(row: Stored) -> OutboxRow:
    """The message of a row of the table `outbox`."""
    return OutboxRow(
        kind=row["kind"],
        slot=row["slot"],
        message_id=row["message_id"],
        created_at=datetime.fromisoformat(row["created_at"]),
        attempts=row["attempts"],
        last_error=row["last_error"],
        sent_at=moment_of(row["sent_at"]),
        tried_at=moment_of(row["tried_at"]),
        unsure=row["unsure"],
        content=row["content"],
    )


def status_of(row: Stored) -> AccountStatus:
    """The status of a row of the table `account_status`."""
    return AccountStatus(
        account=row["account"],
        mode=row["mode"],
        last_login_at=moment_of(row["last_login_at"]),
        last_sweep_at=moment_of(row["last_sweep_at"]),
        trouble=row["trouble"],
        trouble_since=moment_of(row["trouble_since"]),
        trouble_kind=row["trouble_kind"],
    )
