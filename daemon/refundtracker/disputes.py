"""The derived facts: a dispute, its refund window, and the money that was seen for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

    from refundparsers.money import Money

State = Literal[
    "open", "act", "returning", "waiting", "due", "overdue", "paid", "short",
    "lost", "withdrawn", "compensated", "closed",
]  # fmt: skip
Phase = Literal["open", "act", "returning", "promised", "lost", "withdrawn", "compensated", "closed"]
LinkedBy = Literal["auto", "user"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence that is put into words when it is shown: a code and its values.

    Attributes:
        code: key into the catalogue of words (`refundtracker.words`).
        values: what the sentence mentions; printed values, JSON-safe.
    """

    code: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Money seen on a card, an account or in a wallet, and why it pays this dispute.

    Attributes:
        money: what of it pays this dispute.
        on: the day of the money.
        issuer: of the card, or None.
        card: its last digits as printed, or None.
        link: by whom the two were brought together.
        why: the reason.
        notice_id: the notice that tells of it; None when only the user saw it.
        decision_id: the user's word that tells of it; None when a notice does.
    """

    money: Money
    on: date
    issuer: str | None
    card: str | None
    link: LinkedBy
    why: Reason
    notice_id: int | None
    decision_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The refund window: business days counted from the day after `starts_on`.

    Attributes:
        starts_on: the day of the promise; does not count itself.
        due_on: business day 7 (card); still `waiting` on it, `due` after it.
        overdue_on: business day 10 (card); `overdue` after it.
        escalate_on: business day 20 (card).
        calendar: ISO country whose business days were counted.
        method: payment method whose rule was used.
        table: version of the holiday table the dates rest on.
    """

    starts_on: date
    due_on: date
    overdue_on: date
    escalate_on: date
    calendar: str
    method: str
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One dispute, as far as mail tells; what it is *today* is asked of `tracking.state_on`.

    Attributes:
        id: the number people type; None before it is stored.
        key: what makes it the same dispute on every derivation.
        phase: the state without the clock.
        promised: the sum of the promise; None when no mail told an amount.
        received: linked money, oldest first.
        written_off: the day the user gave up what is still missing, or None.
    """

    key: str
    id: int | None = None
    order: str | None = None
    dispute: str | None = None
    item: str | None = None
    seller: str | None = None
    phase: Phase = "open"
    opened_on: date | None = None
    finished_on: date | None = None
    promised: Money | None = None
    received: tuple[Received, ...] = ()
    window: Window | None = None
    act_by: date | None = None
    chargeback_by: date | None = None
    written_off: date | None = None
