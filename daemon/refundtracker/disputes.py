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


@dataclass(frozen=True, slots=True)
class Worth:
    """What money in another currency is worth in the currency of its promise.

    Attributes:
        money: in the promise's currency.
        spread: minor units by which it may lack without being called short: fees, or the band of a rate.
        estimated: it rests on a rate; else on the charge of the order.
    """

    money: Money
    spread: int
    estimated: bool


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
        worth: in the promise's currency, when the money is in another one and a charge or a rate tells.
    """

    money: Money
    on: date
    issuer: str | None
    card: str | None
    link: LinkedBy
    why: Reason
    notice_id: int | None
    decision_id: int | None = None
    worth: Worth | None = None


DeadlineKind = Literal["answer", "seller", "aliexpress", "return", "protection", "chargeback"]
DeadlineSource = Literal["mail", "A", "T", "I"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day by which somebody has to act.

    Attributes:
        kind: who, or what: the buyer answers, the seller or AliExpress does, the item is sent back,
            the protection of the order ends, a chargeback is asked for.
        day: the last one.
        estimated: counted by us; a printed day is none.
        source: `mail` = printed, A = a rule of AliExpress, T = told by others, I = our own guess.
    """

    kind: DeadlineKind
    day: date
    estimated: bool
    source: DeadlineSource


@dataclass(frozen=True, slots=True)
class Former:
    """What a window was before it was counted anew.

    Attributes:
        table: version of the holiday table then.
        due_on: day 7 (card) then.
        overdue_on: day 10 (card) then.
    """

    table: str
    due_on: date
    overdue_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The refund window: business days counted from the day after `starts_on`.

    Attributes:
        starts_on: the day of the promise; does not count itself.
        due_on: business day 7 (card); still `waiting` on it, `due` after it.
        overdue_on: business day 10 (card); `overdue` after it.
        escalate_on: business day 20 (card).
        latest_on: business day 10 when China's holidays count, too: a little later is still plausible
            around its long ones. None when it is `overdue_on` itself.
        calendar: ISO country whose business days were counted.
        method: payment method whose rule was used.
        table: version of the holiday table the dates rest on.
        was: the dates before the table or the user's own days changed; None when they never moved.
    """

    starts_on: date
    due_on: date
    overdue_on: date
    escalate_on: date
    latest_on: date | None = None
    calendar: str
    method: str
    table: str
    was: Former | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One dispute, as far as mail tells; what it is *today* is asked of `tracking.state_on`.

    Attributes:
        id: the number people type; None before it is stored.
        key: what makes it the same dispute on every derivation.
        phase: the state without the clock.
        promised: the sum of the promise; None when no mail told an amount.
        received: linked money, oldest first.
        act_by: the day printed in the mail that asks the user to act; an estimated one is in `deadlines`.
        deadlines: all days by which somebody has to act, the earliest first.
        claimed_on: when the seller last said that the money is back; a claim, not money.
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
    deadlines: tuple[Deadline, ...] = ()
    claimed_on: date | None = None
    written_off: date | None = None
