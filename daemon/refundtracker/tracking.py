"""From notices to disputes, as a table; and what a dispute is on a given day.

Notices are put in the order of their own moments, not of their arrival: an older mail adds history
and never moves a dispute back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from refundparsers.money import Money
from refundtracker.disputes import Dispute, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from refundparsers.notices import Kind, Notice, Result
    from refundtracker.disputes import Phase, State


T = TypeVar("T")


class Fact(Protocol):
    """A stored notice, as far as tracking needs it."""

    @property
    def id(self) -> int:
        """The number of the notice; ascends with arrival."""

    @property
    def mail_date(self) -> datetime | None:
        """When the mail was sent, UTC."""

    @property
    def notice(self) -> Notice:
        """What was read."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """A dispute and the notices of its timeline, oldest first.

    Attributes:
        dispute: without links and without a window.
        facts: what its story is made of, order notices included.
        starts_on: the day of the promise, or None when nothing was promised.
        paid_on: the day of payment, or None when no mail told.
        paid: what the order cost, or None when no mail told.
        closed_on: the day the order was closed without a word on money, or None.
    """

    dispute: Dispute
    facts: tuple[Fact, ...]
    starts_on: date | None
    paid_on: date | None
    paid: Money | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Owed:
    """Money still to come.

    Attributes:
        sums: one for each currency, by its code.
        unknown: promises whose sum no mail told.
    """

    sums: tuple[Money, ...]
    unknown: int


# States in which money is still to come.
AWAITING: Final[tuple[State, ...]] = ("waiting", "due", "overdue", "short")

# What a notice makes of the phase. Kinds that are missing change nothing: parcels, messages, claims.
# Rule of `dispute-finished`: the result decides, see _FINISHED.
_NEXT_PHASE: Final[Mapping[Kind, Phase]] = {
    "dispute-opened": "open",
    "seller-responded": "act",
    "proposal": "act",
    "evidence-requested": "act",
    "return-requested": "returning",
    "dispute-escalated": "open",
    "dispute-withdrawn": "withdrawn",
    "refund-sent": "promised",
}
# A finished dispute whose mail tells no result is watched like a promise.
_FINISHED: Final[Mapping[Result | None, Phase]] = {
    None: "promised",
    "refund": "promised",
    "partial-refund": "promised",
    "return-and-refund": "promised",
    "rejected": "lost",
    "coupon": "compensated",
}
# "Closed" is not "refunded": it ends what was undecided, never a promise or a verdict.
_CLOSABLE: Final = ("open", "act", "returning")
_DISPUTE_KINDS: Final[frozenset[Kind]] = frozenset({*_NEXT_PHASE, "dispute-finished"})
_MAKES_A_DISPUTE: Final[frozenset[Kind]] = frozenset({*_DISPUTE_KINDS, "order-closed"})
# Opened and finished may carry the same second: the way of a dispute decides then.
_USUAL_ORDER: Final[tuple[Kind, ...]] = (
    "order-paid", "order-shipped", "order-delivered", "order-closing",
    "dispute-opened", "seller-responded", "proposal", "evidence-requested", "return-requested",
    "dispute-escalated", "dispute-withdrawn", "dispute-finished", "refund-sent", "order-closed",
)  # fmt: skip
_RANK: Final[Mapping[Kind, int]] = {kind: rank for rank, kind in enumerate(_USUAL_ORDER)}
# A seller's message without an order number belongs to the one dispute that stirred around it, or to none.
_MESSAGE_REACH: Final = timedelta(days=14)


def track(facts: Iterable[Fact]) -> list[Tracked]:
    """All disputes in the notices, in the order in which they were first heard of."""
    told = [fact for fact in facts if fact.notice.source == "aliexpress"]
    groups = _by_order(told)
    tracked = [_tracked(key, group) for key, group in groups.items() if _is_dispute(group)]
    tracked = _with_messages(tracked, [fact for fact in told if _is_orphan(fact)])
    return sorted(tracked, key=_first_heard)


def _is_dispute(group: Sequence[Fact]) -> bool:
    return any(fact.notice.kind in _MAKES_A_DISPUTE for fact in group)


def _is_orphan(fact: Fact) -> bool:
    return fact.notice.kind == "seller-message" and not (fact.notice.order or fact.notice.dispute)


def _first_heard(tracked: Tracked) -> int:
    return min(fact.id for fact in tracked.facts if fact.notice.kind in _MAKES_A_DISPUTE)


def moment(fact: Fact) -> datetime:
    """When it happened: its own time, else its mail's, else noon of its day."""
    return fact.notice.at or fact.mail_date or datetime.combine(fact.notice.on, time(12), tzinfo=UTC)


def _in_time(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (moment(fact), _RANK.get(fact.notice.kind, len(_RANK)), fact.id))


def _by_order(facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    """Notices by dispute. An order has one, unless its notices carry several dispute numbers."""
    order_of: dict[str | None, str] = {
        fact.notice.dispute: fact.notice.order for fact in facts if fact.notice.dispute and fact.notice.order
    }
    by_order: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        order = fact.notice.order or order_of.get(fact.notice.dispute)
        if order or fact.notice.dispute:
            by_order[f"order:{order}" if order else f"dispute:{fact.notice.dispute}"].append(fact)
    return {
        key: group for name, together in by_order.items() for key, group in _by_line(name, together).items()
    }


def _by_line(name: str, facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    """Several dispute numbers in one order are several disputes; what has no number belongs to all of them.

    A dispute notice without a number goes to the line that was heard of last before it.
    """
    ordered = _in_time(facts)
    numbers = list(dict.fromkeys(fact.notice.dispute for fact in ordered if fact.notice.dispute))
    if len(numbers) < 2:
        return {name: ordered}
    lines: dict[str, list[Fact]] = {number: [] for number in numbers}
    latest = numbers[0]
    for fact in ordered:
        if fact.notice.dispute:
            latest = fact.notice.dispute
            lines[latest].append(fact)
        elif fact.notice.kind in _DISPUTE_KINDS:
            lines[latest].append(fact)
        else:
            for line in lines.values():
                line.append(fact)
    return {f"{name}/{number}": line for number, line in lines.items()}


def _tracked(key: str, group: Sequence[Fact]) -> Tracked:
    facts = tuple(_in_time(group))
    dispute = Dispute(
        key=key,
        order=_first(fact.notice.order for fact in facts),
        dispute=_first(fact.notice.dispute for fact in facts),
        item=_first(fact.notice.item for fact in facts),
        seller=_first(fact.notice.seller for fact in facts),
        phase=_phase(facts),
        opened_on=_first(fact.notice.on for fact in facts if fact.notice.kind == "dispute-opened"),
        finished_on=_last(fact.notice.on for fact in facts if fact.notice.kind == "dispute-finished"),
    )
    if dispute.phase == "promised":
        dispute = replace(dispute, promised=_promise(facts))
    if dispute.phase == "act":
        dispute = replace(dispute, act_by=_last(fact.notice.act_by for fact in facts))
    paid = _first(fact.notice for fact in facts if fact.notice.kind == "order-paid")
    return Tracked(
        dispute,
        facts,
        # the day of `dispute-finished`; a later `refund-sent` moves it
        starts_on=_promises(facts)[-1].on if dispute.phase == "promised" else None,
        paid_on=paid.on if paid else None,
        paid=paid.money if paid else None,
        closed_on=_last(fact.notice.on for fact in facts if fact.notice.kind == "order-closed"),
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _last(values: Iterable[T | None]) -> T | None:
    return _first(reversed(list(values)))


def _phase(facts: Sequence[Fact]) -> Phase:
    phase: Phase | None = None
    for fact in facts:
        kind = fact.notice.kind
        if kind == "dispute-finished":
            phase = _FINISHED[fact.notice.result]
        elif kind == "order-closed":
            phase = "closed" if phase is None or phase in _CLOSABLE else phase
        else:
            phase = _NEXT_PHASE.get(kind, phase)
    return phase or "closed"


def _promises(facts: Sequence[Fact]) -> list[Notice]:
    return [fact.notice for fact in facts if fact.notice.kind in ("dispute-finished", "refund-sent")]


def _promise(facts: Sequence[Fact]) -> Money | None:
    """The amount last told; a `refund-sent` without one repeats the promise before it."""
    return _last(notice.money for notice in _promises(facts))


def _with_messages(tracked: Sequence[Tracked], messages: Iterable[Fact]) -> list[Tracked]:
    """Seller messages that name no order join the only dispute that stirred around their time."""
    joined = list(tracked)
    for message in messages:
        near = [at for at, each in enumerate(joined) if _stirs_around(each, moment(message))]
        if len(near) == 1:
            each = joined[near[0]]
            joined[near[0]] = replace(each, facts=tuple(_in_time((*each.facts, message))))
    return joined


def _stirs_around(tracked: Tracked, at: datetime) -> bool:
    return any(
        -timedelta(days=1) <= at - moment(fact) <= _MESSAGE_REACH
        for fact in tracked.facts
        if fact.notice.kind in _DISPUTE_KINDS
    )


# --- what it is on a day ---------------------------------------------------------------------


def received(dispute: Dispute) -> Money | None:
    """What was seen, in the promise's currency; None when nothing was, or only other currencies."""
    if dispute.promised is None:
        return None
    same = [each.money for each in dispute.received if each.money.currency == dispute.promised.currency]
    return sum(same[1:], same[0]) if same else None


def missing(dispute: Dispute) -> Money | None:
    """What is still owed in the promise's currency; None when no mail told the sum.

    Money in another currency is linked only when it is plausible for the whole promise, so
    nothing is missing then.
    """
    promised = dispute.promised
    if promised is None:
        return None
    if any(each.money.currency != promised.currency for each in dispute.received):
        return Money(0, promised.currency)
    seen = received(dispute)
    rest = promised if seen is None else promised - seen
    # Each credit may be rounded by one minor unit; less than that is not missing.
    return Money(0, promised.currency) if rest.minor <= len(dispute.received) else rest


def state_on(dispute: Dispute, today: date) -> State:
    """The state on a day. Day `due_on` is still `waiting`, day `overdue_on` still `due`.

    A promise that the user wrote off is `lost` until money comes after all; what came of it
    before stays `short`.
    """
    if dispute.received:
        rest = missing(dispute)
        return "short" if rest is not None and rest.minor else "paid"
    if dispute.phase != "promised":
        return dispute.phase
    if dispute.written_off is not None:
        return "lost"
    window = dispute.window
    if window is None or today <= window.due_on:
        return "waiting"
    return "due" if today <= window.overdue_on else "overdue"


def owed(disputes: Iterable[Dispute], today: date) -> Owed:
    """What is still to come."""
    sums: dict[str, Money] = {}
    unknown = 0
    for dispute in disputes:
        if dispute.written_off is not None or state_on(dispute, today) not in AWAITING:
            continue
        rest = missing(dispute)
        if rest is None:
            unknown += 1
        else:
            sums[rest.currency] = sums.get(rest.currency, Money(0, rest.currency)) + rest
    return Owed(tuple(sums[currency] for currency in sorted(sums)), unknown)


def next_step(dispute: Dispute, today: date) -> Reason | None:
    """What the buyer should do now, or None when there is nothing to do."""
    state = state_on(dispute, today)
    if dispute.written_off is not None and state != "act":
        return None
    if state == "act":
        act_by = dispute.act_by
        return Reason("next.act", {"act_by": act_by.isoformat()}) if act_by else Reason("next.act-soon")
    if state == "short":
        rest = missing(dispute)
        return Reason("next.short", {"missing": str(rest)})
    if state == "overdue":
        return _when_overdue(dispute, today)
    if state == "waiting":
        return Reason("next.look-at-result") if dispute.promised is None else None
    simple = {"due": "next.due", "returning": "next.returning", "lost": "next.lost", "closed": "next.closed"}
    return Reason(simple[state]) if state in simple else None


def _when_overdue(dispute: Dispute, today: date) -> Reason:
    window = dispute.window
    if window and today > window.escalate_on:
        until = dispute.chargeback_by.isoformat() if dispute.chargeback_by else "-"
        return Reason("next.escalate", {"day": window.escalate_on.isoformat(), "chargeback_by": until})
    # Ask for the ARN once half of the time between overdue and escalation is over.
    if window and today - window.overdue_on > (window.escalate_on - window.overdue_on) / 2:
        return Reason("next.arn")
    return Reason("next.overdue")
