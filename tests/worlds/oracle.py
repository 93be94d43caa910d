"""Which refunds can be decided: the passes of the contract, written from its words and the simulator.

Nothing here is taken from the program's own rules of doubt; what it counts was fixed before those
were tuned. A refund is **admitted** when the passes, in their order, leave one candidate on each side:

1. the credit prints the order, and one promise of that order is told;
2. same currency, same amount, in time: one promise for the credit, one credit for the promise;
3. two to four promises of one checkout, or two credits of one card within a week, make up the sum,
   in one way;
4. another currency, within the band of the days between: the only candidates of each other;
5. no sum was told: the only credit that fits the time, and no other promise could claim it.

A pass does not see what an earlier one admitted. "In time" is what the simulator's banks do.

A refund is **decidable** when, besides, the record leaves one consistent explanation: no later pass
admits another promise for the credit, no dispute is open whose sum or end nobody told, no closed order and
no authorisation that may have expired is worth as much. What no pass admits (a sum cut by a coupon
or moved in its own currency, a text that was lost, a currency without a rate) is neither.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from math import sqrt
from typing import TYPE_CHECKING, Final

from refundtracker.linking.rates import rate
from worlds.record import record
from worlds.refunds import converted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from refundparsers.money import Money
    from worlds.record import Claim
    from worlds.refunds import Movement
    from worlds.world import World

    Pair = tuple[int, Claim]
    Fits = Callable[[Claim, Movement], bool]

# The second part of a refund is booked within four days of the first, and told within days.
_PARTS_APART: Final = 7
_MOST: Final = 12


def decidable(world: World, event: int, order: str, dispute: str) -> bool:
    """Whether the record leaves one consistent explanation: this credit pays this dispute."""
    if not admitted(world, event, order, dispute):
        return False
    seen = record(world)
    credit = seen.credits[event]
    if credit.order:
        return True
    paid = set(world.pays(event))
    others = [one for one in seen.claims if (one.order, one.dispute) not in paid]
    return not any(_explains(one, credit) for one in others if not _is_settled(world, one))


def admitted(world: World, event: int, order: str, dispute: str) -> bool:
    """Whether the passes of the contract leave this one candidate."""
    claim = next((one for one in _promises(world) if (one.order, one.dispute) == (order, dispute)), None)
    return claim is not None and (event, claim) in _admitted(world)


def _promises(world: World) -> list[Claim]:
    return [one for one in record(world).claims if one.promised]


@lru_cache(maxsize=4)
def _admitted(world: World) -> frozenset[Pair]:
    seen = record(world)
    free, open_ = dict(seen.credits), set(_promises(world))
    found: set[Pair] = set()
    for one_pass in (_named, _exactly, _in_sum, _by_rate, _without_sum):
        pairs = list(one_pass(free, open_))
        found.update(pairs)
        for event, claim in pairs:
            free.pop(event, None)
            open_.discard(claim)
        if one_pass is _named:  # whose order is printed can be nothing else
            free = {event: credit for event, credit in free.items() if not credit.order}
    return frozenset(found)


def _is_settled(world: World, claim: Claim) -> bool:
    """Whether a credit that prints its order is its very sum."""
    return any(
        credit.order == claim.order and credit.money == claim.money and (event, claim) in _admitted(world)
        for event, credit in record(world).credits.items()
    )


def _in_time(claim: Claim, credit: Movement) -> bool:
    return claim.first <= credit.at.date() <= claim.last


def _named(free: dict[int, Movement], open_: set[Claim]) -> Iterator[Pair]:
    for event, credit in free.items():
        fitting = [one for one in open_ if credit.order == one.order]
        if len(fitting) == 1 and (fitting[0].money is None or _at_most(fitting[0].money, credit, fitting[0])):
            yield event, fitting[0]


def _only_pairs(pairs: list[Pair]) -> Iterator[Pair]:
    for event, claim in pairs:
        if sum(one == event for one, _ in pairs) == sum(one == claim for _, one in pairs) == 1:
            yield event, claim


def _exactly(free: dict[int, Movement], open_: set[Claim]) -> Iterator[Pair]:
    return _only_pairs(_fitting(free, open_, _is_exact))


def _by_rate(free: dict[int, Movement], open_: set[Claim]) -> Iterator[Pair]:
    return _only_pairs(_fitting(free, open_, _is_plausible))


def _fitting(free: dict[int, Movement], open_: set[Claim], fits: Fits) -> list[Pair]:
    return [
        (event, one)
        for event, credit in free.items()
        for one in open_
        if _in_time(one, credit) and fits(one, credit)
    ]


def _is_exact(claim: Claim, credit: Movement) -> bool:
    return claim.money == credit.money


def _is_plausible(claim: Claim, credit: Movement) -> bool:
    """Within 5 %, more after many days, and 1.5 % for fees."""
    off = _off(claim.money, credit, claim)
    if claim.money is None or off is None or claim.money.currency == credit.money.currency:
        return False
    return abs(off) <= _band(claim, credit)


def _band(claim: Claim, credit: Movement) -> float:
    days = abs((credit.at.date() - claim.on).days)
    return max(0.05, 0.0112 * sqrt(days)) + 0.015


def _off(money: Money | None, credit: Movement, claim: Claim) -> float | None:
    """How far a credit is off a sum, as a fraction; None without a rate."""
    if money is None:
        return None
    base, quote = money.currency, credit.money.currency
    if base != quote and ("RUB" in (base, quote) or rate(base, quote, claim.on) is None):
        return None
    return credit.money.minor / converted(money, quote, claim.on).minor - 1


def _at_most(money: Money, credit: Movement, claim: Claim) -> bool:
    off = _off(money, credit, claim)
    return off is None or off <= (0 if money.currency == credit.money.currency else _band(claim, credit))


def _without_sum(free: dict[int, Movement], open_: set[Claim]) -> Iterator[Pair]:
    pairs = _fitting(free, open_, _could_claim)
    for event, claim in _only_pairs(pairs):
        if claim.money is None:
            yield event, claim


def _could_claim(claim: Claim, credit: Movement) -> bool:
    """Whether a credit may be the promise, or a part of it: as much as was promised or paid, at most."""
    most = claim.money or claim.price
    return most is None or _at_most(most, credit, claim)


def _in_sum(free: dict[int, Movement], open_: set[Claim]) -> Iterator[Pair]:
    ways = [*_sums_of_claims(free, open_), *_sums_of_credits(free, open_)]
    for way in ways:
        parts = {part for pair in way for part in pair}
        if sum(bool(parts & {part for pair in other for part in pair}) for other in ways) == 1:
            yield from way


def _sums_of_claims(free: dict[int, Movement], open_: set[Claim]) -> Iterator[tuple[Pair, ...]]:
    """One credit for several promises of a checkout."""
    for event, credit in free.items():
        by_checkout: dict[int, list[Claim]] = {}
        for one in open_:
            if one.money and one.money.currency == credit.money.currency and _in_time(one, credit):
                by_checkout.setdefault(one.checkout, []).append(one)
        for group in by_checkout.values():
            for size in (2, 3, 4) if len(group) <= _MOST else ():
                for chosen in combinations(group, size):
                    if sum(one.money.minor for one in chosen if one.money) == credit.money.minor:
                        yield tuple((event, one) for one in chosen)


def _sums_of_credits(free: dict[int, Movement], open_: set[Claim]) -> Iterator[tuple[Pair, ...]]:
    """Two credits of one card for one promise."""
    for claim in open_:
        near = [
            (event, credit)
            for event, credit in free.items()
            if claim.money and credit.money.currency == claim.money.currency and _in_time(claim, credit)
        ]
        for (first, one), (second, other) in combinations(near, 2):
            assert claim.money is not None
            close = one.card == other.card and abs((one.at - other.at).days) <= _PARTS_APART
            if close and one.money.minor + other.money.minor == claim.money.minor:
                yield ((first, claim), (second, claim))


def _explains(claim: Claim, credit: Movement) -> bool:
    """Whether a claim would explain the credit in any pass, or without a promise."""
    if not _in_time(claim, credit):
        return False
    if claim.dispute and claim.money is None:
        return _could_claim(claim, credit)
    if claim.money is None:  # closed, and its price is unknown
        return True
    return _is_exact(claim, credit) or _is_plausible(claim, credit)
