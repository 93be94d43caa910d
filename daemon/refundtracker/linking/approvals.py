"""Which charge on which card paid which order, from the issuers' approval texts.

A charge gives an order its card and the sum that the issuer really took. Only what has one
explanation is used: several orders of one checkout may stand behind one charge.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.linking.events import charges_among
from refundtracker.linking.plausible import at_rate
from refundtracker.tracking import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from refundparsers.money import Money
    from refundtracker.linking.claims import Account, Credit
    from refundtracker.tracking import Fact

# Orders of one checkout are mailed within minutes.
_CHECKOUT: Final = timedelta(minutes=5)
# Shop and bank may stand on two sides of midnight.
_NEAR: Final = timedelta(days=1)
# A price that the shop converts itself is up to 8 % dearer, and one by the bank about 1.5 %.
_CHEAPER: Final = -0.03
_DEARER: Final = 0.11


@dataclass(frozen=True, slots=True)
class Capture:
    """The charge behind an order.

    Attributes:
        account: the card.
        money: what was charged for this order alone; None when others were in it.
        charge: number of its notice.
    """

    account: Account
    money: Money | None
    charge: int


@dataclass(frozen=True, slots=True)
class Bill:
    """What one charge may be for.

    Attributes:
        orders: one, or all of a checkout.
        money: what they cost.
        on: the day of payment.
    """

    orders: tuple[str, ...]
    money: Money
    on: date


@dataclass(frozen=True, slots=True)
class Approvals:
    """All charges that are known.

    Attributes:
        by_order: the charge of an order, by its number.
        loose: charges that no known order explains.
        told: all charges of the shop.
        bills: what each known order cost, by its day.
    """

    by_order: Mapping[str, Capture] = field(default_factory=dict)
    loose: Sequence[Credit] = ()
    told: Sequence[Credit] = ()
    bills: Sequence[Bill] = ()

    def charges(self) -> Iterator[tuple[str, Credit]]:
        """Every charge with the order it paid alone or with others; an empty number when none is known."""
        order_of = {capture.charge: order for order, capture in self.by_order.items()}
        return ((order_of.get(each.id, ""), each) for each in self.told)


def approvals(facts: Sequence[Fact]) -> Approvals:
    """Pairs charges with orders by day and sum; exact sums first, then plausible ones."""
    charges = charges_among(facts)
    bills = _bills(facts)
    by_order: dict[str, Capture] = {}
    for fits in (_exactly, _plausibly):
        paired = _only_pairs(charges, bills, fits, by_order)
        for charge, bill in paired:
            alone = len(bill.orders) == 1
            for order in bill.orders:
                by_order[order] = Capture(charge.account, charge.money if alone else None, charge.id)
    used = {capture.charge for capture in by_order.values()}
    single = [bill for bill in bills if len(bill.orders) == 1]
    single.sort(key=lambda bill: (bill.on, bill.orders))
    return Approvals(by_order, [each for each in charges if each.id not in used], charges, single)


def _bills(facts: Iterable[Fact]) -> list[Bill]:
    paid: dict[str, Fact] = {}
    for fact in facts:
        if fact.notice.kind == "order-paid" and fact.notice.order and fact.notice.money:
            earlier = paid.setdefault(fact.notice.order, fact)
            if moment(fact) < moment(earlier):
                paid[fact.notice.order] = fact
    single = [_bill([fact]) for fact in paid.values()]
    return single + [_bill(group) for group in _checkouts(list(paid.values())) if len(group) > 1]


def _checkouts(paid: Sequence[Fact]) -> list[list[Fact]]:
    groups: list[list[Fact]] = []
    last: datetime | None = None
    for fact in sorted(paid, key=lambda fact: (moment(fact), fact.notice.order or "")):
        at = moment(fact)
        if last is not None and at - last <= _CHECKOUT and _currency(groups[-1][0]) == _currency(fact):
            groups[-1].append(fact)
        else:
            groups.append([fact])
        last = at
    return groups


def _currency(fact: Fact) -> str | None:
    return fact.notice.money.currency if fact.notice.money else None


def _bill(group: Sequence[Fact]) -> Bill:
    sums = [fact.notice.money for fact in group if fact.notice.money]
    orders = tuple(fact.notice.order for fact in group if fact.notice.order)
    return Bill(orders, sum(sums[1:], sums[0]), group[0].notice.on)


def _exactly(charge: Credit, bill: Bill) -> bool:
    return charge.money == bill.money


def _plausibly(charge: Credit, bill: Bill) -> bool:
    if charge.money.currency == bill.money.currency:
        return False
    estimate = at_rate(bill.money, charge.money.currency, bill.on, charge.on)
    return estimate is not None and _CHEAPER <= estimate.off(charge.money) <= _DEARER


def _only_pairs(
    charges: Sequence[Credit],
    bills: Sequence[Bill],
    fits: Callable[[Credit, Bill], bool],
    known: Mapping[str, Capture],
) -> list[tuple[Credit, Bill]]:
    """Charges with one bill, whose orders no other charge could have paid."""
    used = {capture.charge for capture in known.values()}
    by_day: dict[date, list[Bill]] = defaultdict(list)
    for bill in bills:
        if not any(order in known for order in bill.orders):
            by_day[bill.on].append(bill)
    found: list[tuple[Credit, list[Bill]]] = []
    claims: dict[str, set[int]] = defaultdict(set)
    for charge in charges:
        if charge.id in used:
            continue
        days = (charge.on - _NEAR, charge.on, charge.on + _NEAR)
        fitting = [bill for day in days for bill in by_day.get(day, ()) if fits(charge, bill)]
        found.append((charge, fitting))
        for bill in fitting:
            for order in bill.orders:
                claims[order].add(charge.id)
    return [
        (charge, fitting[0])
        for charge, fitting in found
        if len(fitting) == 1 and all(claims[order] == {charge.id} for order in fitting[0].orders)
    ]
