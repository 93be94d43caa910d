"""From notices to disputes, as a table; and what a dispute is on a given day.

Notices are put in the order of their own moments, not of their arrival: an older mail adds history
and never moves a dispute back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from refundparsers.money import Money
from refundtracker.disputes import Dispute, Reason
from refundtracker.phases import (
    DISPUTE_KINDS,
    LATE,
    Fact,
    act_by,
    in_time,
    is_claim,
    is_decision,
    is_promise,
    moment,
    once,
    phase_of,
    promised_sum,
    promises_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from refundparsers.notices import Kind
    from refundtracker.disputes import DeadlineKind, Received, State

__all__ = [
    "AWAITING", "Fact", "Owed", "Tracked",
    "missing", "moment", "next_step", "owed", "received", "state_on", "track",
]  # fmt: skip


T = TypeVar("T")


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

_MAKES_A_DISPUTE: Final[frozenset[Kind]] = frozenset({*DISPUTE_KINDS, "order-closed"})
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
    ordered = in_time(facts)
    numbers = list(dict.fromkeys(fact.notice.dispute for fact in ordered if fact.notice.dispute))
    if len(numbers) < 2:
        return _by_round(name, ordered)
    lines: dict[str, list[Fact]] = {number: [] for number in numbers}
    latest = numbers[0]
    for fact in ordered:
        if fact.notice.dispute:
            latest = fact.notice.dispute
            lines[latest].append(fact)
        elif fact.notice.kind in DISPUTE_KINDS:
            lines[latest].append(fact)
        else:
            for line in lines.values():
                line.append(fact)
    return {f"{name}/{number}": line for number, line in lines.items()}


def _by_round(name: str, ordered: Sequence[Fact]) -> dict[str, list[Fact]]:
    """A dispute opened after another one of the order was granted is a second one, for another line.

    The promise of the first stays. What is rejected or withdrawn is opened again instead.
    """
    rounds: list[list[Fact]] = [[]]
    for fact in ordered:
        if fact.notice.kind in DISPUTE_KINDS:
            if _opens_another(rounds[-1], fact):
                rounds.append([])
            _round_of(rounds, fact).append(fact)
    others = [fact for fact in ordered if fact.notice.kind not in DISPUTE_KINDS]
    return {
        f"{name}/again-{number}" if number else name: in_time([*own, *others])
        for number, own in enumerate(rounds)
    }


def _opens_another(own: Sequence[Fact], fact: Fact) -> bool:
    if fact.notice.kind != "dispute-opened" or fact.notice.dispute:
        return False
    decided = [moment(each) for each in own if is_decision(each)]
    granted = phase_of(own) in ("promised", "compensated")
    return granted and moment(fact) - decided[-1] >= LATE


def _round_of(rounds: list[list[Fact]], fact: Fact) -> list[Fact]:
    """Where a notice without a number belongs: "refund sent" to a promise, while the last one runs."""
    if fact.notice.kind == "refund-sent" and not any(map(is_promise, rounds[-1])):
        granted = [each for each in rounds if any(map(is_promise, each))]
        return granted[-1] if granted else rounds[-1]
    return rounds[-1]


def _tracked(key: str, group: Sequence[Fact]) -> Tracked:
    facts, told = tuple(in_time(group)), once(group)
    of_dispute = [fact for fact in told if fact.notice.kind in DISPUTE_KINDS]
    paid = _first(fact.notice for fact in told if fact.notice.kind == "order-paid")
    cost = paid.money if paid else None
    dispute = Dispute(
        key=key,
        order=_first(fact.notice.order for fact in told),
        dispute=_first(fact.notice.dispute for fact in told),
        # An order lists what was bought, a dispute what it is about.
        item=_first(fact.notice.item for fact in (*of_dispute, *told)),
        seller=_first(fact.notice.seller for fact in told),
        phase=phase_of(told),
        opened_on=_first(fact.notice.on for fact in told if fact.notice.kind == "dispute-opened"),
        finished_on=_last(fact.notice.on for fact in told if fact.notice.kind == "dispute-finished"),
        claimed_on=_last(fact.notice.on for fact in told if is_claim(fact)),
    )
    if dispute.phase == "promised":
        dispute = replace(dispute, promised=promised_sum(told, cost))
    if dispute.phase == "act":
        dispute = replace(dispute, act_by=act_by(told))
    return Tracked(
        dispute,
        facts,
        # the day of `dispute-finished`; a later `refund-sent` moves it
        starts_on=promises_of(told)[-1].on if dispute.phase == "promised" else None,
        paid_on=paid.on if paid else None,
        paid=cost,
        closed_on=_last(fact.notice.on for fact in told if fact.notice.kind == "order-closed"),
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _last(values: Iterable[T | None]) -> T | None:
    return _first(reversed(list(values)))


def _with_messages(tracked: Sequence[Tracked], messages: Iterable[Fact]) -> list[Tracked]:
    """Seller messages that name no order join the only dispute that stirred around their time."""
    joined = list(tracked)
    for message in messages:
        near = [at for at, each in enumerate(joined) if _stirs_around(each, moment(message))]
        if len(near) == 1:
            each = joined[near[0]]
            joined[near[0]] = replace(each, facts=tuple(in_time((*each.facts, message))))
    return joined


def _stirs_around(tracked: Tracked, at: datetime) -> bool:
    return any(
        -timedelta(days=1) <= at - moment(fact) <= _MESSAGE_REACH
        for fact in tracked.facts
        if fact.notice.kind in DISPUTE_KINDS
    )


# --- what it is on a day ---------------------------------------------------------------------


def received(dispute: Dispute) -> Money | None:
    """What was seen, in the promise's currency; None when nothing was, or nobody knows its worth."""
    if dispute.promised is None:
        return None
    worths = [_worth(each, dispute.promised.currency) for each in dispute.received]
    known = [each for each in worths if each is not None]
    return sum(known[1:], known[0]) if known else None


def _worth(got: Received, currency: str) -> Money | None:
    if got.money.currency == currency:
        return got.money
    return got.worth.money if got.worth else None


def missing(dispute: Dispute) -> Money | None:
    """What is still owed in the promise's currency; None when no mail told the sum.

    Money in another currency counts with its worth, and may lack its fees or the band of its rate.
    Where neither a charge nor a rate tells the worth, nobody can say that something is missing.
    """
    promised = dispute.promised
    if promised is None:
        return None
    if any(_worth(each, promised.currency) is None for each in dispute.received):
        return Money(0, promised.currency)
    seen = received(dispute)
    rest = promised if seen is None else promised - seen
    # Each credit may be rounded by one minor unit; less than that is not missing.
    spread = sum(1 + (each.worth.spread if each.worth else 0) for each in dispute.received)
    return Money(0, promised.currency) if rest.minor <= spread else rest


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
    if state == "short":
        return Reason("next.short", {"missing": str(missing(dispute))})
    if state in _BY_A_DAY:
        return _by_a_day(dispute, state, today)
    if state in ("open", "waiting"):
        return _while_waiting(dispute, state)
    if state == "overdue":
        return _when_overdue(dispute, today)
    if state == "due":
        return _later(dispute, today) or Reason("next.due")
    simple = {"lost": "next.lost", "closed": "next.closed"}
    return Reason(simple[state]) if state in simple else None


# States in which the buyer has a day to keep: its kind, and the sentence without one.
_BY_A_DAY: Final[Mapping[State, tuple[DeadlineKind, str | None]]] = {
    "act": ("answer", "next.act-soon"),
    "returning": ("return", "next.returning"),
    "withdrawn": ("protection", None),
}


def _by_a_day(dispute: Dispute, state: State, today: date) -> Reason | None:
    kind, otherwise = _BY_A_DAY[state]
    found = next((each for each in dispute.deadlines if each.kind == kind), None)
    if state == "act" and dispute.act_by is not None:
        return Reason("next.act", {"act_by": dispute.act_by.isoformat()})
    if found is None or (state == "withdrawn" and found.day < today):
        return Reason(otherwise) if otherwise else None
    code = f"next.{state}.estimated" if found.estimated else f"next.{state}.by"
    return Reason(code, {"day": found.day.isoformat()})


def _while_waiting(dispute: Dispute, state: State) -> Reason | None:
    """A seller's word is no money: it must neither end a dispute nor the watch."""
    if state == "waiting" and dispute.promised is None:
        return Reason("next.look-at-result")
    if dispute.claimed_on is None:
        return None
    return Reason(f"next.claimed.{state}", {"day": dispute.claimed_on.isoformat()})


def _later(dispute: Dispute, today: date) -> Reason | None:
    """Money that is late, while holidays of the sender's country still explain it."""
    latest = dispute.window.latest_on if dispute.window else None
    return Reason("next.latest", {"day": latest.isoformat()}) if latest and today <= latest else None


def _when_overdue(dispute: Dispute, today: date) -> Reason:
    window = dispute.window
    if window and today > window.escalate_on:
        until = dispute.chargeback_by.isoformat() if dispute.chargeback_by else "-"
        return Reason("next.escalate", {"day": window.escalate_on.isoformat(), "chargeback_by": until})
    # Ask for the ARN once half of the time between overdue and escalation is over.
    if window and today - window.overdue_on > (window.escalate_on - window.overdue_on) / 2:
        return Reason("next.arn")
    return _later(dispute, today) or Reason("next.overdue")
