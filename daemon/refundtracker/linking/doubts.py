"""Near-ties: what else a credit may be, although only one promise has its sum.

A promise whose mail named no sum, a dispute that has not ended, a refund that a rate moved by a few
per cent: none of them meets the credit to the cent, each may be what it is. The later a credit comes
after its promise, the more such an explanation weighs, because the refund itself may have been lost
or may have come in another shape before.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.linking.plausible import WIDEST, at_rate, estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refundparsers.money import Money
    from refundtracker.linking.approvals import Approvals, Bill
    from refundtracker.linking.claims import Credit, Promise
    from refundtracker.linking.fitting import Claims, Pool

#: The shop promises its refunds within ten business days: sixteen days with the weekends.
EXPECTED: Final = 16
#: Around Seollal and Chuseok the same ten business days take three weeks.
LONGEST: Final = 21
#: Up to here even a sum whose purchase day nobody knows is believed, and a line like others that may exist.
NEAR: Final = 10
#: Twenty business days with the weekends: then the promise is no longer waited for, but asked about.
ESCALATED: Final = 30
#: Later than that a plausible sum alone proves nothing.
LATE: Final = 45
# How far fees and rates move a sum in its own currency.
_LESS: Final = -0.1
_MORE: Final = 0.02
_MOST: Final = 60
# Lines of one order are disputed and paid over months.
_SAME_ORDER: Final = 120
# Elsewhere two weeks are no difference.
_AS_NEAR: Final = 14
#: Rates and fees move nearly every refund by that much.
GOOD: Final = 0.03
# An order may be cancelled for as long as the seller has time to ship and the shop to deliver.
_REACH: Final = timedelta(days=90)
# An authorisation that nobody captures expires after a week to a month.
_EXPIRES: Final = timedelta(days=7)
_VOID: Final = timedelta(days=31)


def doubted_by_claims(claims: Claims, promise: Promise, credit: Credit, *, exact: bool) -> bool:
    """Whether another claim may explain the credit as well.

    Args:
        claims: all that are open.
        promise: the one it would be linked to.
        credit: the money.
        exact: whether it meets the promise to the cent; then only what is likelier by time or sum counts.
    """
    others = [each for each in claims.around(credit, most=_MOST) if each.key != promise.key]
    if not exact:
        return any(may_be(each, credit) or _rather_part_of(each, credit) for each in others)
    return any(_rather_unknown(each, promise, credit) for each in others)


def has_twin(promise: Promise, credit: Credit) -> bool:
    """Whether another line of the order comes to the very sum; one that nobody told of, when it is late."""
    return promise.twin or (promise.share and delay(promise, credit) > NEAR)


def is_early(promise: Promise, credit: Credit) -> bool:
    """Whether the money was there before anything was promised: then something else was its reason.

    A bank may be quicker than the shop's mail; then the user says so. So is a day before the promise
    that would be the purchase's, if only that were known.
    """
    if promise.told_on is None:
        return False
    return credit.came < promise.told_on or (promise.paid_on is None and credit.on < promise.since)


def _rather_unknown(claim: Promise, promise: Promise, credit: Credit) -> bool:
    """Whether a claim of unknown sum is as likely: promised, of the same order, or as near in time.

    A promise whose sum nobody told may claim any money of these weeks; a dispute that still runs claims
    none, but its end may be what no mail told.
    """
    same_order = claim.order is not None and claim.order == promise.order
    if not _is_unknown(claim, credit, within=_SAME_ORDER if same_order else LATE):
        return False
    late = delay(promise, credit) > LONGEST and delay(claim, credit) <= delay(promise, credit) + _AS_NEAR
    return claim.awaited or same_order or late or credit.money in (claim.paid, claim.captured)


def _rather_part_of(claim: Promise, credit: Credit) -> bool:
    """Whether a promise of these weeks may be paid by it, in part or moved by a rate."""
    if not claim.awaited or claim.money is None or delay(claim, credit) > LATE:
        return False
    known = estimate(claim, credit)
    return known is not None and known.off(credit.money) <= WIDEST


def is_late(promise: Promise, credit: Credit) -> bool:
    """Whether a plausible sum comes so late that it may as well be other money.

    A good one is believed until the promise would be escalated; others while they are expected, or, when
    nobody knows from when their rate is, only at once.
    """
    if promise.paid_on is None:
        return delay(promise, credit) > NEAR
    known = estimate(promise, credit)
    good = known is not None and abs(known.off(credit.money)) <= GOOD
    return delay(promise, credit) > (ESCALATED if good else EXPECTED)


def delay(promise: Promise, credit: Credit) -> int:
    """Days between promise and money."""
    return (credit.came - promise.starts_on).days


def _is_unknown(claim: Promise, credit: Credit, *, within: int = LATE) -> bool:
    """Whether the sum of a claim is open, and the credit is no more than its order cost."""
    begun = (credit.came - claim.since).days
    open_sum = claim.open_ended or (claim.awaited and claim.money is None)
    return open_sum and begun <= within and at_most_paid(claim, credit)


def may_be(claim: Promise, credit: Credit) -> bool:
    """Whether a claim explains the credit, though not to the cent."""
    if _is_unknown(claim, credit):
        return True
    if claim.money is None or claim.money.currency != credit.money.currency:
        return False
    return near(claim.money, credit.money)


def doubted_sum(claims: Claims, promises: Sequence[Promise], credits_: Sequence[Credit]) -> bool:
    """Whether one of the credits of a fitting sum may be, or hold, the refund of a claim of unknown sum."""
    own = {promise.key for promise in promises}
    if any(delay(promise, credit) > ESCALATED for promise in promises for credit in credits_):
        return True
    if _are_some_lines(promises, credits_):
        return True
    return any(
        each.key not in own and (_is_unknown(each, credit) or (len(promises) > 1 and each.money is None))
        for credit in credits_
        for each in claims.around(credit, most=_MOST)
        if each.awaited or each.open_ended
    )


def _are_some_lines(promises: Sequence[Promise], credits_: Sequence[Credit]) -> bool:
    """Whether they are lines of one sum, which nothing tells apart, unless the whole order comes back."""
    whole = len(credits_) == 1 and all(each.paid == credits_[0].money for each in promises)
    return any(each.twin or each.share for each in promises) and not whole


def near(promised: Money, came: Money) -> bool:
    """Whether a sum is what fees and rates may have left of another one."""
    off = came.minor / promised.minor - 1 if promised.minor else 1.0
    return _LESS <= off <= _MORE


def at_most_paid(claim: Promise, credit: Credit) -> bool:
    """Nobody gets back more than was paid, as far as that is known."""
    if claim.paid is not None and claim.paid.currency == credit.money.currency:
        return credit.money.minor <= claim.paid.minor
    if claim.captured is not None and claim.captured.currency == credit.money.currency:
        return credit.money.minor <= claim.captured.minor * (1 + GOOD)
    return claim.paid is None or at_most(claim, claim.paid, credit)


def at_most(claim: Promise, money: Money, credit: Credit) -> bool:
    """Whether a credit is not more than a sum, with the band of its currency; True when no rate is known."""
    if money.currency == credit.money.currency:
        return credit.money.minor <= money.minor
    known = at_rate(money, credit.money.currency, claim.starts_on, credit.on, claim.paid_on)
    return known is None or known.off(credit.money) <= known.share


def doubted_by_credits(pool: Pool, promise: Promise, credit: Credit) -> bool:
    """Whether the promise may have been kept before, by money of another shape that nobody claims.

    Args:
        pool: money that nothing explains; also that of notices which name no shop.
        promise: the one that would be linked.
        credit: the money it would be linked to.
    """
    if promise.money is None:
        return False
    until = promise.starts_on + timedelta(days=LATE)
    shapes = (*pool.about(promise, _LESS, _MORE), *(each for each, _ in pool.plausibly(promise)))
    if any(each.id != credit.id and each.came <= until for each in shapes):
        return True
    if _comes_in_two(promise, [each for each in pool.parts_of(promise, until) if each.id != credit.id]):
        return True
    late = delay(promise, credit) > LATE
    return late and any(each.came < credit.came for each in pool.parts_of(promise, until))


def _comes_in_two(promise: Promise, parts: Sequence[Credit]) -> bool:
    """Whether two sums that nothing explains are the promise together."""
    money = promise.money
    same = [each.money.minor for each in parts if money and each.money.currency == money.currency]
    rest = Counter(money.minor - minor for minor in same) if money else Counter()
    return any(rest[minor] > (2 * minor == (money.minor if money else 0)) for minor in same)


def is_rather_in_parts(pool: Pool, promise: Promise, credit: Credit) -> bool:
    """Whether a sum in another currency is far off or late, while smaller ones may be the refund."""
    known = estimate(promise, credit)
    good = known is not None and abs(known.off(credit.money)) <= GOOD
    if good and delay(promise, credit) <= EXPECTED:
        return False
    until = promise.starts_on + timedelta(days=LATE)
    return any(each.id != credit.id for each in pool.parts_of(promise, until))


def doubted_by_bills(known: Approvals, promise: Promise, credit: Credit) -> bool:
    """Whether it may be the whole price of another order, cancelled unheard of or never captured.

    The very sum is doubted for any order that cost it and whose authorisation may expire now; a late
    credit for any order of the last weeks that cost as much; one that is far off its promise for any
    order of the last months that is nearer.
    """
    own = estimate(promise, credit)
    off = abs(own.off(credit.money)) if own is not None else 0.0
    late = delay(promise, credit) > EXPECTED or promise.money is None
    exact = promise.money == credit.money
    for bill in _bills_before(known, credit, _REACH if off > GOOD else _VOID):
        theirs = _off(bill, credit)
        if promise.order in bill.orders or theirs is None:
            continue
        if exact and theirs == 0.0 and credit.came - bill.on >= _EXPIRES:
            return True
        if (late and theirs <= (GOOD if own else 0.0)) or (off > GOOD and theirs < off):
            return True
    return False


def _bills_before(known: Approvals, credit: Credit, reach: timedelta) -> Sequence[Bill]:
    first = bisect_left(known.bills, credit.came - reach, key=lambda bill: bill.on)
    return known.bills[first : bisect_right(known.bills, credit.came, key=lambda bill: bill.on)]


def _off(bill: Bill, credit: Credit) -> float | None:
    """How far the credit is off the price of an order, as a fraction without sign."""
    if bill.money.currency == credit.money.currency:
        return abs(credit.money.minor / bill.money.minor - 1) if bill.money.minor else None
    known = at_rate(bill.money, credit.money.currency, bill.on, credit.on)
    return None if known is None else abs(known.off(credit.money))
