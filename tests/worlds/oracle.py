"""Which refunds can be decided at all: those with one consistent explanation.

Written from the truth of a world and the contract, apart from the program's own linking: every
told credit, every told promise and every closed order is laid open, and explanations are counted
one by one. What the record cannot tell (a text that was lost, a sum that fits nothing) is not decidable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Final

from refundtracker.linking.rates import rate
from worlds.refunds import converted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from refundparsers.money import Money
    from refundparsers.notices import Notice
    from worlds.refunds import Movement
    from worlds.world import World

_LARGEST: Final = 12
_WEEKS: Final = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Claim:
    """A told promise, or a closed order that may get its price back.

    Attributes:
        order: number of the order.
        dispute: number of the dispute; None for a closed order.
        money: the told sum, or None.
        day: from which on it can be kept.
        paid_on: day of payment, when told.
        full: whether the whole order comes back.
        price: what the order cost.
        promised: whether anything was promised.
    """

    order: str
    dispute: str | None
    money: Money | None
    day: date
    paid_on: date | None
    full: bool
    price: Money
    promised: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """What the record of a world tells.

    Attributes:
        claims: all of them.
        credits: numbers of the told events.
        exact: claims that a credit meets to the cent, by event.
        near: claims in another currency that it may meet, by event.
    """

    claims: tuple[Claim, ...]
    credits: frozenset[int]
    exact: dict[int, frozenset[Claim]]
    near: dict[int, frozenset[Claim]]


def decidable(world: World, event: int, order: str, dispute: str) -> bool:
    """Whether the record leaves one explanation: this credit pays this dispute."""
    view = _view(world)
    claim = next((one for one in view.claims if (one.order, one.dispute) == (order, dispute)), None)
    if claim is None or not claim.promised or not _names_the_shop(world, event):
        return False
    if world.credits[event].order:
        return sum(one.order == order for one in view.claims) == 1
    if _may_be_new(world, event, order):
        return False
    if len(world.pays(event)) > 1:
        return _sum_of_claims(world, view, event)
    parts = [one for one, credit in enumerate(world.credits) if (order, dispute) in credit.pays]
    if len(parts) > 1:
        return _sum_of_credits(world, view, parts, claim)
    if claim.money is None:
        return _only_one(world, view, event, claim)
    if any(_may_be_of(world.credits[event], one) for one in view.claims if one != claim):
        return False
    return _only_explanation(view, event, world.credits[event], claim)


def _names_the_shop(world: World, event: int) -> bool:
    told = [fact.notice.merchant for fact in world.facts if world.event_of.get(fact.id) == event]
    return any(merchant and "ALIPAY" not in merchant for merchant in told)


def _may_be_new(world: World, event: int, order: str) -> bool:
    """Whether another order of that very price was paid days before and not heard of since."""
    credit = world.credits[event]
    for other in world.orders:
        days = (credit.at.date() - other.paid_at.date()).days
        if other.number == order or other.price != credit.money or not 0 <= days <= 14:
            continue
        own = [fact.notice for fact in world.facts if fact.notice.order == other.number]
        later = [one for one in own if one.kind == "order-shipped" and one.on < credit.at.date()]
        if any(one.kind == "order-paid" for one in own) and not later:
            return True
    return False


@lru_cache(maxsize=4)
def _view(world: World) -> View:
    claims = tuple(_claims(world))
    told = frozenset(world.event_of.values())
    ours = frozenset(
        one for one in told if world.credits[one].merchant is None and not world.credits[one].order
    )
    exact: dict[int, frozenset[Claim]] = {}
    near: dict[int, frozenset[Claim]] = {}
    for event in ours:
        credit = world.credits[event]
        fitting = [one for one in claims if one.money and _in_time(credit, one)]
        exact[event] = frozenset(one for one in fitting if one.money == credit.money)
        near[event] = frozenset(one for one in fitting if _plausible(credit, one))
    return View(claims, ours, exact, near)


def _claims(world: World) -> Iterable[Claim]:
    notices = [fact.notice for fact in world.facts if fact.notice.source == "aliexpress"]
    by_order: dict[str | None, list[int]] = {}
    for place, notice in enumerate(notices):
        by_order.setdefault(notice.order, []).append(place)
    for order in world.orders:
        own = [notices[place] for place in by_order.get(order.number, [])]
        paid = next((one for one in own if one.kind == "order-paid"), None)
        paid_on = paid.on if paid else None
        closed = next((one for one in own if one.kind == "order-closed"), None)
        if closed and paid:
            yield Claim(order.number, None, paid.money, closed.on, paid_on, full=True, price=order.price)
        for quarrel in order.quarrels:
            lines = [one for one in own if one.dispute in (None, quarrel.number)]
            promises = [one for one in lines if one.kind in ("dispute-finished", "refund-sent")]
            promises = [one for one in promises if one.result not in ("rejected", "coupon")]
            sums = [one.money for one in promises if one.money]
            full = bool(paid) and quarrel.promised == order.price
            if promises or (lines and _runs(lines)):
                opened = [one for one in lines if one.kind == "dispute-opened"]
                first = min(one.on for one in promises or opened)
                money = sums[-1] if sums else None
                yield Claim(
                    order.number, quarrel.number, money, first, paid_on, full, order.price, bool(promises)
                )


def _runs(lines: list[Notice]) -> bool:
    """Whether a dispute was opened and no mail tells of its end."""
    kinds = {one.kind for one in lines}
    return "dispute-opened" in kinds and not kinds & {"dispute-finished", "dispute-withdrawn", "order-closed"}


def _in_time(credit: Movement, claim: Claim) -> bool:
    first, last = claim.day - timedelta(days=3), claim.day + timedelta(days=120)
    return first <= credit.at.date() <= last


def _plausible(credit: Movement, claim: Claim) -> bool:
    """Another currency, within 5 % (more after many days) and 1.5 % for fees."""
    assert claim.money is not None
    base, quote = claim.money.currency, credit.money.currency
    if base == quote or "RUB" in (base, quote) or rate(base, quote, claim.day) is None:
        return False
    expected = converted(claim.money, quote, claim.day).minor
    days = abs((credit.at.date() - (claim.paid_on or claim.day)).days)
    band = max(0.05, 0.0112 * days**0.5) + 0.015
    return bool(abs(credit.money.minor - expected) <= band * expected)


def _may_be_of(credit: Movement, claim: Claim) -> bool:
    """Whether it may be the refund of a dispute whose sum nobody told: as much as the order cost, at most."""
    if claim.money is not None or not _close(credit, claim):
        return False
    if credit.money.currency == claim.price.currency:
        return credit.money.minor <= claim.price.minor
    return credit.money.minor <= 1.1 * converted(claim.price, credit.money.currency, claim.day).minor


def _only_explanation(view: View, event: int, credit: Movement, claim: Claim) -> bool:
    if claim in view.exact[event]:
        events, claims = _component(view.exact, event)
        small = len(events) + len(claims) <= _LARGEST
        return small and _unique(view.exact, sorted(events), claims, event, claim)
    # A plausible sum needs to be the only candidate on both sides, and no part of another promise.
    others = any(claim in fits for one, fits in view.near.items() if one != event)
    return (
        not view.exact[event]
        and view.near[event] == {claim}
        and not others
        and not _may_be_part(credit, claim, view)
    )


def _may_be_part(credit: Movement, claim: Claim, view: View) -> bool:
    """Whether a late or unlikely sum may as well be a part of another promise of these weeks."""
    assert claim.money is not None
    expected = converted(claim.money, credit.money.currency, claim.day).minor
    late = (credit.at.date() - claim.day).days > 21
    if not late and abs(credit.money.minor / expected - 1) <= 0.03:
        return False
    return any(
        one.money is not None
        and one.promised
        and one.dispute
        and one != claim
        and _close(credit, one)
        and credit.money.minor <= 1.1 * converted(one.money, credit.money.currency, one.day).minor
        for one in view.claims
    )


def _component(graph: dict[int, frozenset[Claim]], event: int) -> tuple[set[int], set[Claim]]:
    events, claims = {event}, set(graph[event])
    while True:
        more = {one for one, fits in graph.items() if fits & claims} - events
        if not more or len(events) > _LARGEST:
            return events, claims
        events |= more
        claims |= {each for one in more for each in graph[one]}


def _unique(
    graph: dict[int, frozenset[Claim]], events: list[int], claims: set[Claim], event: int, claim: Claim
) -> bool:
    """Whether all ways of giving each credit one claim agree, and every promise gets its money."""
    ways = _assignments(graph, events, frozenset())
    promised = {one for one in claims if one.dispute is not None}
    whole = [way for way in ways if promised <= set(way.values())] if len(events) == len(claims) else []
    return bool(whole) and len(ways) == len(whole) == 1 and whole[0][event] == claim


def _assignments(
    graph: dict[int, frozenset[Claim]], events: list[int], taken: frozenset[Claim]
) -> list[dict[int, Claim]]:
    if not events:
        return [{}]
    first, *rest = events
    return [
        {first: one, **way}
        for one in graph[first] - taken
        for way in _assignments(graph, rest, taken | {one})
    ]


def _sum_of_claims(world: World, view: View, event: int) -> bool:
    """One credit for several promises, all told; no other choice of promises adds up."""
    credit = world.credits[event]
    told = {(one.order, one.dispute): one for one in view.claims}
    paid = [told.get(pair) for pair in world.pays(event)]
    if any(_may_be_of(credit, one) for one in view.claims if one not in paid):
        return False
    if view.exact[event] or view.near[event] or any(one is None or one.money is None for one in paid):
        return False
    if any(one in fits for fits in (*view.exact.values(), *view.near.values()) for one in paid):
        return False
    numbers = {order for order, _ in world.pays(event)}
    checkouts = {order.checkout for order in world.orders if order.number in numbers}
    same = {order.number for order in world.orders if order.checkout in checkouts}
    open_claims = [
        one
        for one in view.claims
        if one.order in same and one.dispute and one.money and one.money.currency == credit.money.currency
        and _in_time(credit, one)
    ]  # fmt: skip
    return _sums(open_claims, credit.money.minor) == 1


def _sum_of_credits(world: World, view: View, parts: list[int], claim: Claim) -> bool:
    """One promise in several credits, all told; no other choice of credits adds up."""
    if not set(parts) <= view.credits or claim.money is None:
        return False
    if any(view.exact[one] or view.near[one] for one in parts):
        return False
    if any(_may_be_of(world.credits[part], one) for part in parts for one in view.claims if one != claim):
        return False
    if any(claim in fits for fits in (*view.exact.values(), *view.near.values())):
        return False
    free = [
        one
        for one in view.credits
        if not view.exact[one] and not view.near[one] and _in_time(world.credits[one], claim)
        and world.credits[one].money.currency == claim.money.currency
    ]  # fmt: skip
    sums = [world.credits[one].money.minor for one in free]
    if len(sums) > _LARGEST:
        return False
    ways = sum(sum(chosen) == claim.money.minor for size in (2, 3, 4) for chosen in combinations(sums, size))
    return ways == 1


def _sums(claims: list[Claim], total: int) -> int:
    sums = [one.money.minor for one in claims if one.money]
    if len(sums) > _LARGEST:
        return 0
    return sum(sum(chosen) == total for size in (2, 3, 4) for chosen in combinations(sums, size))


def _only_one(world: World, view: View, event: int, claim: Claim) -> bool:
    """A promise without a sum: the only credit around, which nothing else explains."""
    if view.exact[event] or view.near[event]:
        return False
    around = [one for one in view.credits if _close(world.credits[one], claim)]
    others = [one for one in view.claims if one != claim and _close(world.credits[event], one)]
    return around == [event] and not others


def _close(credit: Movement, claim: Claim) -> bool:
    return -timedelta(days=3) <= credit.at.date() - claim.day <= _WEEKS
