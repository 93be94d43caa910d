"""What is wrong now, from stored facts and a clock that is passed in. Pure: it asks and tells nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, get_args

from refundtracker.errors import BadConfig, DiskTrouble, Refused
from refundtracker.tracking import AWAITING, missing, state_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from refundtracker.disputes import Dispute, State
    from refundtracker.errors import TrackerError
    from refundtracker.records import AccountStatus, MailRow

AlarmKind = Literal[
    "login", "unreachable", "folder", "no-sweep", "no-mail", "unread", "unparsable", "untrusted",
    "summary", "holidays", "act-by", "overdue", "chargeback", "database", "disk", "damage", "backup",
]  # fmt: skip
TroubleKind = Literal["refused", "unreachable", "disk", "folder", "other"]
Severity = Literal["urgent", "warning"]
Key = tuple[AlarmKind, str]

KINDS: Final[tuple[AlarmKind, ...]] = get_args(AlarmKind)

UNREACHABLE_AFTER: Final = timedelta(hours=3)
FOLDER_AFTER: Final = timedelta(hours=1)
NO_SWEEP_AFTER: Final = timedelta(days=2)
NO_MAIL_AFTER: Final = timedelta(days=14)
# After this long beyond its window a refund says nothing about the mailbox any more.
NO_MAIL_UNTIL: Final = timedelta(days=30)
SUMMARY_LATE: Final = timedelta(hours=2)
# What nobody could read is told for a week; the list of unread mails keeps it after that.
UNREAD_FOR: Final = timedelta(days=7)
UNTRUSTED_FOR: Final = timedelta(days=3)
HOLIDAYS_WITHIN: Final = timedelta(days=60)
ACT_WITHIN: Final = timedelta(days=1)
NEWLY: Final = timedelta(days=7)
CHARGEBACK_WITHIN: Final = timedelta(days=30)
LITTLE_ROOM: Final = 50_000_000  # bytes

# A machine that wakes up finds everything late; what is mended by the next sweep is not told.
_SETTLING: Final = timedelta(minutes=30)
PATIENCE: Final[dict[AlarmKind, timedelta]] = {
    "unreachable": _SETTLING,
    "folder": _SETTLING,
    "no-sweep": _SETTLING,
    "no-mail": _SETTLING,
    "summary": _SETTLING,
    "database": timedelta(minutes=10),  # another program may hold the file for some minutes
}
"""How long an alarm must last before it is told; no time for the others."""

_WARNINGS: Final = frozenset({"folder", "no-mail", "unread", "unparsable", "untrusted", "holidays", "backup"})
_OF_DISPUTES: Final = frozenset({"act-by", "overdue", "chargeback"})
_UNDECIDED: Final[frozenset[State]] = frozenset({*AWAITING, "open", "act", "returning", "closed"})


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong.

    Attributes:
        kind: what is wrong.
        subject: with what: the account, the number of the dispute; empty where there is only one.
        values: what its sentences mention, unworded: days as `2026-05-12`, money in minor units.
            Some of it comes out of mails.
        severity: `urgent` when money or the whole work hangs on it.
        since: since when it is so, as far as known (UTC).
    """

    kind: AlarmKind
    subject: str
    values: dict[str, str]
    severity: Severity
    since: datetime

    @property
    def key(self) -> Key:
        """What makes it the same alarm at the next look."""
        return self.kind, self.subject


@dataclass(frozen=True, slots=True)
class Unsent:
    """A summary that is due and was not sent.

    Attributes:
        slot: its ISO week.
        due_at: since when it is due.
        error: why it was not sent, as far as known.
    """

    slot: str
    due_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that alarms are judged by.

    Attributes:
        now: the moment of the look (UTC).
        today: its day in the user's zone.
        begun: since when this database is worked on (UTC).
        accounts: how it stands with each configured account.
        disputes: all of them.
        mails: those of outcome `unread`, `unparsable` and `untrusted`.
        latest_mail: when a mail of a sender we follow was recorded last (UTC).
        unsent: the summary that is due and was not sent.
        country: whose business days are counted.
        holidays_end: the last day for which its table can be complete.
        free_bytes: room on the disk of the database; None when it cannot be asked.
        damage: what the last check found wrong with the database.
        backup_trouble: why the last backup was not made.
    """

    now: datetime
    today: date
    begun: datetime
    accounts: tuple[AccountStatus, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    mails: tuple[MailRow, ...] = ()
    latest_mail: datetime | None = None
    unsent: Unsent | None = None
    country: str = "KR"
    holidays_end: date | None = None
    free_bytes: int | None = None
    damage: str | None = None
    backup_trouble: str | None = None


def trouble_kind(error: TrackerError) -> TroubleKind:
    """What sort of trouble an error of an account is."""
    if isinstance(error, (Refused, BadConfig)):
        return "refused"
    return "disk" if isinstance(error, DiskTrouble) else "unreachable"


def wrong_now(facts: Facts) -> list[Alarm]:
    """All that is wrong, in the order of `KINDS`; each kind and subject once."""
    found = chain(
        _accounts(facts), _silence(facts), _mails(facts), _summary(facts),
        _holidays(facts), _disputes(facts), _machine(facts),
    )  # fmt: skip
    by_key = {alarm.key: alarm for alarm in found}
    return sorted(by_key.values(), key=lambda alarm: (KINDS.index(alarm.kind), alarm.subject))


def parting(alarm: Alarm, facts: Facts) -> Alarm:
    """The alarm as it is told when it is over; a dispute is told with what it has become."""
    if alarm.kind not in _OF_DISPUTES:
        return alarm
    states = {str(each.id): state_on(each, facts.today) for each in facts.disputes}
    state = states.get(alarm.subject)
    return replace(alarm, values={**alarm.values, "state": state}) if state else alarm


def _alarm(kind: AlarmKind, since: datetime, subject: str = "", **values: str) -> Alarm:
    return Alarm(kind, subject, values, "warning" if kind in _WARNINGS else "urgent", since)


# --- the mailboxes ----------------------------------------------------------------------------------


def _accounts(facts: Facts) -> Iterator[Alarm]:
    for status in facts.accounts:
        since = status.trouble_since or facts.now
        values = {"account": status.account, "said": status.trouble or ""}
        lasted = facts.now - since
        if status.trouble_kind == "refused":
            yield _alarm("login", since, status.account, **values)
        elif status.trouble_kind == "unreachable" and lasted >= UNREACHABLE_AFTER:
            yield _alarm("unreachable", since, status.account, **values)
        elif status.trouble_kind == "folder" and lasted >= FOLDER_AFTER:
            yield _alarm("folder", since, status.account, **values)
        elif status.trouble_kind == "disk":
            yield _alarm("database", since, said=status.trouble or "")


def _silence(facts: Facts) -> Iterator[Alarm]:
    """Money is on its way, and nobody looks, or nothing comes."""
    if not any(state_on(each, facts.today) in _UNDECIDED for each in facts.disputes):
        return
    for status in facts.accounts:
        swept = status.last_sweep_at or facts.begun
        # A refused login and a dead server are told as such.
        if facts.now - swept >= NO_SWEEP_AFTER and status.trouble_kind not in {"refused", "unreachable"}:
            yield _alarm("no-sweep", swept, status.account, account=status.account)
    latest = facts.latest_mail
    if (
        latest
        and facts.now - latest >= NO_MAIL_AFTER
        and any(_is_due(each, facts) for each in facts.disputes)
    ):
        yield _alarm("no-mail", latest)


def _is_due(dispute: Dispute, facts: Facts) -> bool:
    """Whether its money should be coming in these days."""
    window = dispute.window
    if window is None or state_on(dispute, facts.today) not in {"due", "overdue"}:
        return False
    return facts.today - window.overdue_on <= NO_MAIL_UNTIL


def _mails(facts: Facts) -> Iterator[Alarm]:
    """One alarm for all mails of an outcome: whoever sends many of them must not make many alarms."""
    lasting: tuple[tuple[AlarmKind, timedelta], ...] = (
        ("unread", UNREAD_FOR), ("unparsable", UNREAD_FOR), ("untrusted", UNTRUSTED_FOR),
    )  # fmt: skip
    for kind, lasts in lasting:
        fresh = [
            mail for mail in facts.mails if mail.outcome == kind and facts.now - mail.recorded_at < lasts
        ]
        if fresh:
            newest = max(fresh, key=lambda mail: (mail.recorded_at, mail.id))
            since = min(mail.recorded_at for mail in fresh)
            yield _alarm(
                kind, since, count=str(len(fresh)), ref=str(newest.id), sender=newest.sender or "",
            )  # fmt: skip


# --- the money --------------------------------------------------------------------------------------


def _disputes(facts: Facts) -> Iterator[Alarm]:
    for dispute in facts.disputes:
        state, window = state_on(dispute, facts.today), dispute.window
        if state == "act" and _within(dispute.act_by, facts.today, ACT_WITHIN):
            yield _of_dispute("act-by", dispute, dispute.act_by, facts)
        if state == "overdue" and window and facts.today - window.overdue_on <= NEWLY:
            yield _of_dispute("overdue", dispute, window.overdue_on, facts)
        if state in _UNDECIDED and _within(dispute.chargeback_by, facts.today, CHARGEBACK_WITHIN):
            yield _of_dispute("chargeback", dispute, dispute.chargeback_by, facts)


def _within(day: date | None, today: date, near: timedelta) -> bool:
    return day is not None and timedelta(0) <= day - today <= near


def _of_dispute(kind: AlarmKind, dispute: Dispute, day: date | None, facts: Facts) -> Alarm:
    rest = missing(dispute)
    values = {
        "ref": str(dispute.id or ""),
        "day": day.isoformat() if day else "",
        "order": dispute.order or "",
        "item": dispute.item or "",
        "minor": str(rest.minor) if rest else "",
        "currency": rest.currency if rest else "",
    }
    return _alarm(kind, facts.now, str(dispute.id or ""), **values)


# --- the machine ------------------------------------------------------------------------------------


def _summary(facts: Facts) -> Iterator[Alarm]:
    unsent = facts.unsent
    if unsent and facts.now - unsent.due_at >= SUMMARY_LATE:
        yield _alarm("summary", unsent.due_at, slot=unsent.slot, said=unsent.error or "")


def _holidays(facts: Facts) -> Iterator[Alarm]:
    end = facts.holidays_end
    if end and end - facts.today <= HOLIDAYS_WITHIN:
        yield _alarm("holidays", facts.now, facts.country, country=facts.country, day=end.isoformat())


def _machine(facts: Facts) -> Iterator[Alarm]:
    if facts.free_bytes is not None and facts.free_bytes < LITTLE_ROOM:
        yield _alarm("disk", facts.now, free=str(facts.free_bytes // 1_000_000))
    if facts.damage:
        yield _alarm("damage", facts.now, said=facts.damage)
    if facts.backup_trouble:
        yield _alarm("backup", facts.now, said=facts.backup_trouble)
