"""What the mailbox of a world tells, laid open: promises, what else money may be for, and told credits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refundparsers.money import Money
    from refundparsers.notices import Notice
    from worlds.purchases import Order, Quarrel
    from worlds.refunds import Movement
    from worlds.world import World

# What `worlds.refunds` makes: money moves from two days before a decision until 75 days after it, later
# by two when it waits for another promise and by four for a second part; "refund sent" follows the
# decision within six days; an order is closed within a week and credited a week later; an
# authorisation expires after 7 to 30 days.
_EARLY: Final = 3
_LATE: Final = 82
_SENT: Final = 7
_CLOSED: Final = (0, 8)
_EXPIRED: Final = (7, 31)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that money may be the refund of, as far as mail tells.

    Attributes:
        order: its number.
        dispute: number of the dispute; None when it is no dispute.
        money: the told sum, or None.
        on: the day from which its rate is taken.
        first: the first day on which its money may be booked.
        last: the last one.
        price: what the order cost, or None when no mail told.
        checkout: number of the checkout.
        promised: whether it is a promise; else it is only a second explanation.
    """

    order: str
    dispute: str | None
    money: Money | None
    on: date
    first: date
    last: date
    price: Money | None
    checkout: int
    promised: bool


@dataclass(frozen=True, slots=True)
class Record:
    """All of it.

    Attributes:
        claims: promises and second explanations.
        credits: the told credits of the shop, by number of the event.
    """

    claims: tuple[Claim, ...]
    credits: dict[int, Movement]


@lru_cache(maxsize=4)
def record(world: World) -> Record:
    """The record of a world."""
    own: dict[str | None, list[Notice]] = {}
    for fact in world.facts:
        if fact.notice.source == "aliexpress":
            own.setdefault(fact.notice.order, []).append(fact.notice)
    claims = tuple(claim for order in world.orders for claim in _claims(order, own.get(order.number, [])))
    named = {
        world.event_of[fact.id]
        for fact in world.facts
        if fact.id in world.event_of and fact.notice.merchant and "ALIPAY" not in fact.notice.merchant
    }
    return Record(claims, {event: world.credits[event] for event in sorted(named)})


def _claims(order: Order, told: Sequence[Notice]) -> Iterator[Claim]:
    price = next((one.money for one in told if one.kind == "order-paid"), None)
    for quarrel in order.quarrels:
        lines = [one for one in told if one.dispute in (None, quarrel.number)]
        yield from _of_dispute(order, quarrel, lines, price)
    closed = next((one for one in told if one.kind == "order-closed"), None)
    if closed:
        yield _second(order, price, closed.on, _CLOSED)
    elif price and not any(one.kind.startswith("dispute") for one in told):
        yield _second(order, price, order.paid_at.date(), _EXPIRED)


def _second(order: Order, price: Money | None, day: date, span: tuple[int, int]) -> Claim:
    first, last = (day + timedelta(days=days) for days in span)
    return Claim(order.number, None, price, day, first, last, price, order.checkout, promised=False)


def _of_dispute(
    order: Order, quarrel: Quarrel, lines: Sequence[Notice], price: Money | None
) -> Iterator[Claim]:
    """A told promise, or a dispute of whose end no mail tells."""
    kinds = {one.kind for one in lines}
    promises = [
        one
        for one in lines
        if one.kind in ("dispute-finished", "refund-sent") and one.result not in ("rejected", "coupon")
    ]
    runs = "dispute-opened" in kinds and not kinds & {"dispute-finished", "dispute-withdrawn", "refund-sent"}
    if not promises and not runs:
        return
    on = min(one.on for one in promises or lines if one.kind != "order-paid")
    if promises:
        early = _EARLY if any(one.kind == "dispute-finished" for one in promises) else _EARLY + _SENT
        first, last = on - timedelta(days=early), on + timedelta(days=_LATE)
    else:
        first, last = quarrel.opened_on, quarrel.opened_on + timedelta(days=_LATE + 18)
    sums = [one.money for one in promises if one.money]
    yield Claim(
        order.number, quarrel.number, sums[-1] if sums else None, on, first, last,
        price, order.checkout, promised=bool(promises),
    )  # fmt: skip
