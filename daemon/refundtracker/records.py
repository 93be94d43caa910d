"""What goes into the store and what comes out of it: plain facts, without a trace of SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from refundparsers.notices import Notice, Outcome, Reading, Trust
    from refundtracker.alarms.rules import Alarm
    from refundtracker.disputes import Dispute


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail lies on a server.

    Attributes:
        account: name of the account in the configuration.
        folder: name of the folder.
        uidvalidity: the UIDVALIDITY under which the UID means this mail.
        uid: the UID.
    """

    account: str
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder was swept.

    Attributes:
        uidvalidity: the UIDVALIDITY of that sweep.
        last_uid: the highest UID that was seen under it.
        swept_at: when a whole sweep last ended (UTC); None when none did.
    """

    uidvalidity: int
    last_uid: int
    swept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CursorMove:
    """Where the cursor of a folder shall be, once the mails beside it are stored.

    Attributes:
        account: name of the account.
        folder: name of the folder.
        uidvalidity: the UIDVALIDITY of this sweep.
        last_uid: the highest UID seen. Under the same UIDVALIDITY the cursor never goes back.
        swept_at: the end of a whole sweep (UTC); None leaves the former one.
    """

    account: str
    folder: str
    uidvalidity: int
    last_uid: int
    swept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One mail to record.

    Attributes:
        reading: what it turned out to be. Its `sha256` is empty when the body was not fetched;
            then `place` is what identifies the mail.
        raw: the bytes of the mail, or None when they were not fetched.
        size: bytes of the whole mail, fetched or not.
        arrived: INTERNALDATE of the server, in UTC.
        place: where it lies; None for a mail from a file.
    """

    reading: Reading
    raw: bytes | None
    size: int
    arrived: datetime | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What `Store.record` did.

    Attributes:
        new: mails stored for the first time, or for the first time with their text.
        known: mails that were there already.
    """

    new: int
    known: int


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice and the mail it stands in.

    Attributes:
        id: number of the notice; it stays when the mail is read again.
        mail_id: number of the mail.
        mail_date: Date of the mail in UTC.
        trust: what is known of the sender.
        notice: the fact.
    """

    id: int
    mail_id: int
    mail_date: datetime | None
    trust: Trust | None
    notice: Notice


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line in the story of a dispute.

    Attributes:
        stored: the notice and its trust.
        subject: subject of its mail.
        sender: sender of its mail.
        sha256: of its mail, hex; None when the body was not fetched.
    """

    stored: StoredNotice
    subject: str | None
    sender: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """One mail as it was recorded.

    Attributes:
        id: the number people type.
        sha256: of the raw bytes, hex; None when the body was not fetched.
        message_id: as printed; a hint only.
        sender: address of the sender.
        subject: decoded.
        date: Date of the mail in UTC.
        arrived: INTERNALDATE of the server in UTC.
        size: bytes of the whole mail.
        outcome: exactly one of the six.
        reason: why it is not a notice.
        trust: what is known of the sender.
        recorded_at: when it was stored first (UTC).
        kept: whether the raw mail is stored.
    """

    id: int
    sha256: str | None
    message_id: str | None
    sender: str | None
    subject: str | None
    date: datetime | None
    arrived: datetime | None
    size: int
    outcome: Outcome
    reason: str | None
    trust: Trust | None
    recorded_at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class DerivedDispute:
    """A dispute as the notices tell it.

    Attributes:
        dispute: the facts; its `id` is not looked at, `key` says which one it is.
        notice_ids: the notices of its timeline.
    """

    dispute: Dispute
    notice_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference that `Store.replace_derived` wrote, by number of the dispute.

    Attributes:
        added: disputes that were not there.
        changed: disputes of which a value, a notice or a link is different now.
        removed: disputes that nothing tells of any more.
        moved: disputes whose window was counted anew, since a holiday table or the user's days changed.
    """

    added: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message of ours: one a kind and slot, whatever happens.

    Attributes:
        kind: what it is (`weekly`, `alarm:mail`).
        slot: which one of its kind (`2026-W47`).
        message_id: its Message-ID, the same at every attempt.
        created_at: when the slot was taken (UTC).
        attempts: how often it was tried; counted before each attempt.
        last_error: why it was not sent, or why nobody knows; None when a server confirmed it.
        sent_at: when it was settled (UTC): a server took it, or it may not be tried again.
        tried_at: when the last attempt began (UTC).
        unsure: attempts that may have delivered it although no server confirmed that.
        content: what it tells, where a later attempt could not find it out again.
    """

    kind: str
    slot: str
    message_id: str
    created_at: datetime
    attempts: int
    last_error: str | None
    sent_at: datetime | None
    tried_at: datetime | None = None
    unsure: int = 0
    content: str | None = None


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm as it is remembered.

    Attributes:
        alarm: what is wrong, in its latest words.
        raised_at: when it was noticed first (UTC).
        over_at: since when it is no longer so (UTC); None while it is.
    """

    alarm: Alarm
    raised_at: datetime
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """How it stands with one account.

    Attributes:
        account: its name.
        mode: how new mail is noticed (`idle`, `poll`).
        last_login_at: the last login that worked (UTC).
        last_sweep_at: the end of the last whole sweep (UTC).
        trouble: what is wrong; None when nothing is.
        trouble_since: since when something has been wrong (UTC).
        trouble_kind: what sort of trouble: see `alarms.TroubleKind`; None when nothing is wrong.
    """

    account: str
    mode: str | None
    last_login_at: datetime | None
    last_sweep_at: datetime | None
    trouble: str | None
    trouble_since: datetime | None
    trouble_kind: str | None = None
