"""Pass 3: one credit for several promises, or several credits for one; sums equal, one solution only.

The more sums there are, the more often chance makes a total. So everything that has another explanation
is left out, promises that are not of one order or checkout must lie close together, and a part that
two solutions want is given to neither.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.disputes import Reason
from refundtracker.linking.doubts import doubted_sum
from refundtracker.linking.fitting import Claims, Pool, fits_card, fits_time
from refundtracker.linking.sums import only_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refundtracker.linking.board import Board
    from refundtracker.linking.claims import Credit, Promise

    Solution = tuple[tuple[Credit, ...], tuple[Promise, ...]]

# Parts of one refund are booked within days of each other.
_SPLIT: Final = timedelta(days=14)
# Promises of different orders that are paid in one sum were made in the same days ...
_TOGETHER: Final = timedelta(days=7)
# ... and among few enough that chance does not make their sum.
_FEW: Final = 6
_CHECKOUT: Final = timedelta(minutes=5)


def pay_sums(board: Board) -> None:
    """Link all sums that have one solution and share no part with another one."""
    promises, credits_ = _unexplained(board)
    claims = Claims(promises)
    found = [_of_credit(board, claims, credit) for credit in credits_]
    found += [_of_promise(board, credits_, promise) for promise in promises if promise.awaited]
    everything = Claims(board.open.values())
    solutions = [each for each in found if each is not None]
    doubted = [each for each in solutions if doubted_sum(everything, each[1], each[0])]
    wanted = Counter(part for each in solutions for part in _parts(each))
    for credits_paid, promises_paid in solutions:
        doubtful = (credits_paid, promises_paid) in doubted
        if not doubtful and all(wanted[part] == 1 for part in _parts((credits_paid, promises_paid))):
            for credit in credits_paid:
                board.pay(credit, [board.open[each.key] for each in promises_paid], Reason("why.sum"))
        else:
            board.doubt((each.id for each in credits_paid), (each.key for each in promises_paid))


def _parts(solution: Solution) -> list[int | str]:
    return [*(credit.id for credit in solution[0]), *(promise.key for promise in solution[1])]


def _unexplained(board: Board) -> tuple[list[Promise], list[Credit]]:
    """Promises and credits that no sum in another currency explains alone."""
    free = board.unused()
    pool = Pool(free)
    met: set[int] = set()
    promises: list[Promise] = []
    for promise in board.waiting():
        near = [credit.id for credit, _ in pool.plausibly(promise)]
        met.update(near)
        if promise.money is not None and not near:
            promises.append(promise)
    return promises, [credit for credit in free if credit.id not in met]


def _of_credit(board: Board, claims: Claims, credit: Credit) -> Solution | None:
    """Several promises that one credit pays."""
    fitting = [
        each
        for each in claims.around(credit, most=40)
        if each.money and each.money.currency == credit.money.currency and board.allowed(each, credit)
    ]
    chosen = only_parts([(each, each.money.minor) for each in fitting if each.money], credit.money.minor)
    if chosen is None or not all(each.awaited for each in chosen):
        return None
    if not _belong_together(chosen) and not (len(fitting) <= _FEW and _close(chosen)):
        return None
    return (credit,), chosen


def _belong_together(promises: Sequence[Promise]) -> bool:
    """Whether they are lines of one order, or orders of one checkout."""
    if len({each.order for each in promises}) == 1 and promises[0].order is not None:
        return True
    moments = [each.paid_at for each in promises if each.paid_at is not None]
    return len(moments) == len(promises) and max(moments) - min(moments) <= _CHECKOUT


def _close(promises: Sequence[Promise]) -> bool:
    days = [each.starts_on for each in promises]
    return max(days) - min(days) <= _TOGETHER


def _of_promise(board: Board, credits_: Sequence[Credit], promise: Promise) -> Solution | None:
    """Several credits that pay one promise."""
    money = promise.money
    if money is None:
        return None
    fitting = [
        each
        for each in credits_
        if each.money.currency == money.currency
        and each.money.minor < money.minor
        and fits_time(promise, each)
        and fits_card(promise, each)
        and board.allowed(promise, each)
    ]
    chosen = only_parts([(each, each.money.minor) for each in fitting], money.minor)
    if chosen is None:
        return None
    days = [each.came for each in chosen]
    one_card = all(each.account.fits(chosen[0].account) for each in chosen)
    return (chosen, (promise,)) if one_card and max(days) - min(days) <= _SPLIT else None
