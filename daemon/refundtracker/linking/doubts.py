"""Near-ties: what else a credit may be, although only one promise has its sum.

A promise whose mail named no sum, a dispute that has not ended, a refund that a rate moved by a few
per cent: none of them meets the credit to the cent, each may be what it is. The later a credit comes
after its promise, the more such an explanation weighs, because the refund itself may have been lost
or may have come in another shape before.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.linking.plausible import at_rate, estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refundparsers.money import Money
    from refundtracker.linking.approvals import Approvals, Bill
    from refundtracker.linking.claims import Credit, Promise
    from refundtracker.linking.fitting import Claims, Pool

#: Within that many days after a promise its refund is no surprise: ten business days and a text's delay.
PROMPT: Final = 21
#: Up to here a refund of the very sum is believed, whatever else is open.
NEAR: Final = 10
#: Later than that a plausible sum alone proves nothing.
LATE: Final = 45
# How far fees and rates move a sum in its own currency.
_LESS: Final = -0.1
_MORE: Final = 0.02
_MOST: Final = 60
# Lines of one order are disputed and paid over months.
_SAME_ORDER: Final = 120
# More than that above the rate of its day nothing comes back.
_ABOVE: Final = 0.12
#: Rates and fees move nearly every refund by that much.
GOOD: Final = 0.03
# An order may be cancelled for as long as the seller has time to ship and the shop to deliver.
_REACH: Final = timedelta(days=90)
# An authorisation expires within a month.
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
        weak = _is_weak(promise, credit)
        return any(may_be(each, credit) or (weak and _rather_part_of(each, credit)) for each in others)
    return any(_rather_unknown(each, promise, credit) for each in others)


def is_early(promise: Promise, credit: Credit) -> bool:
    """Whether the money was there before anything was promised: then something else was its reason.

    A bank may be quicker than the shop's mail; then the user says so.
    """
    return promise.told_on is not None and credit.came < promise.told_on


def _rather_unknown(claim: Promise, promise: Promise, credit: Credit) -> bool:
    """Whether a claim of unknown sum explains it: lines of one order are paid over months."""
    same_order = claim.order is not None and claim.order == promise.order
    return _is_unknown(claim, credit, within=_SAME_ORDER if same_order else LATE)


def _is_weak(promise: Promise, credit: Credit) -> bool:
    """Whether a plausible sum is so late or so far off that a part of another refund is as likely."""
    known = estimate(promise, credit)
    return known is None or delay(promise, credit) > PROMPT or abs(known.off(credit.money)) > GOOD


def _rather_part_of(claim: Promise, credit: Credit) -> bool:
    """Whether a promise of these weeks may be paid by it, in part or moved by a rate."""
    if not claim.awaited or claim.money is None or delay(claim, credit) > LATE:
        return False
    known = estimate(claim, credit)
    return known is not None and known.off(credit.money) <= _ABOVE


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
    if any(delay(promise, credit) > LATE for promise in promises for credit in credits_):
        return True
    return any(
        each.key not in own and (_is_unknown(each, credit) or (len(promises) > 1 and each.money is None))
        for credit in credits_
        for each in claims.around(credit, most=_MOST)
        if each.awaited or each.open_ended
    )


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
    if promise.money is None or delay(promise, credit) <= PROMPT:
        return False
    until = min(credit.came - timedelta(days=3), promise.starts_on + timedelta(days=LATE))
    late = delay(promise, credit) > LATE
    return any(late or _is_shape_of(promise, each) for each in pool.parts_of(promise, until))


def _is_shape_of(promise: Promise, credit: Credit) -> bool:
    """Whether a credit is the whole promise, moved by a rate or a fee, or paid in another currency."""
    money = promise.money
    return money is not None and (money.currency != credit.money.currency or near(money, credit.money))


def doubted_by_bills(known: Approvals, promise: Promise, credit: Credit) -> bool:
    """Whether it may be the whole price of another order, cancelled unheard of or never captured.

    A late credit is doubted for any order of the last weeks that cost as much; one that is far off
    its promise for any order of the last months that is nearer.
    """
    own = estimate(promise, credit)
    off = abs(own.off(credit.money)) if own is not None else 0.0
    late = delay(promise, credit) > PROMPT or promise.money is None
    for bill in _bills_before(known, credit, _REACH if off > GOOD else _VOID):
        theirs = _off(bill, credit)
        if promise.order in bill.orders or theirs is None:
            continue
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
