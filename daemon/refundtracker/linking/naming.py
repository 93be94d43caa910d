"""Pass 1: both sides name the same order, dispute or transaction."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from refundtracker.disputes import Reason
from refundtracker.linking.board import total
from refundtracker.linking.doubts import at_most
from refundtracker.linking.fitting import fits_time
from refundtracker.linking.merchants import is_aliexpress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refundtracker.linking.board import Board
    from refundtracker.linking.claims import Credit, Promise


def by_number(board: Board) -> None:
    """Money that names its order; several credits may name one order, and one order several disputes."""
    of_number: dict[str, list[Promise]] = defaultdict(list)
    for promise in board.open.values():
        for number in {promise.order, promise.dispute, *promise.references} - {None}:
            of_number[str(number)].append(promise)
    named: dict[str, list[Credit]] = defaultdict(list)
    for credit in sorted(board.free.values(), key=printed):
        if not credit.numbers:
            continue
        keys = {each.key for number in credit.numbers for each in of_number.get(number, ())}
        chosen = _named_promises(board, credit, [board.open[key] for key in sorted(keys)])
        if keys or credit.fact.notice.order or credit.fact.notice.dispute:
            board.doubt([credit.id])  # its order is known: no sum may lead it elsewhere
        for promise in chosen if len(chosen) == 1 else ():
            named[promise.key].append(credit)
        if len(chosen) > 1:
            board.pay(credit, chosen, Reason("why.sum"))
    for key, credits_ in named.items():
        _pay_named(board, key, credits_)


def printed(credit: Credit) -> tuple[object, ...]:
    """What is printed, so that the order of arrival decides nothing."""
    return credit.on, credit.money, credit.account.digits or "", credit.id


def _named_promises(board: Board, credit: Credit, promises: Sequence[Promise]) -> list[Promise]:
    """The one dispute of the order that fits, or all of them when the credit is their sum."""
    possible = [each for each in promises if board.allowed(each, credit)]
    twins = any(each.twin or each.share for each in possible) and len(promises) > 1
    if any(each.dispute in credit.numbers for each in possible):
        possible = [each for each in possible if each.dispute in credit.numbers]
    elif twins:
        return []  # lines of one sum: only the number of the dispute tells them apart
    if len(possible) > 1:  # lines of one order: the time tells some of them apart
        possible = [each for each in possible if fits_time(each, credit)]
    fitting = [each for each in possible if each.awaited]
    if len(possible) <= 1:
        return fitting
    sums = [each.money for each in fitting if each.money]
    if len(sums) < len(possible):
        return []  # one of them may be of any sum
    equal = [each for each in fitting if each.money == credit.money]
    if equal:
        return equal if len(equal) == 1 else []
    return fitting if total(sums) == credit.money else []


def _pay_named(board: Board, key: str, credits_: Sequence[Credit]) -> None:
    """All money that names one dispute, as long as it is not more than was promised."""
    promise = board.open.get(key)
    if promise is None:
        return
    equal = [each for each in credits_ if each.money == promise.money]
    sums = total([each.money for each in credits_])
    comparable = promise.money is not None and sums is not None and sums.currency == promise.money.currency
    if comparable and promise.money and sums and sums.minor > promise.money.minor:
        credits_ = equal if len(equal) == 1 else []
    for credit in credits_:
        if _is_rather_another_lines(board, promise, credit):
            continue
        if promise.money is None or at_most(promise, promise.money, credit):
            board.pay(credit, [board.open.get(key, promise)], _why_named(promise, credit))


def _is_rather_another_lines(board: Board, promise: Promise, credit: Credit) -> bool:
    """Whether money that prints the order may be for a dispute of it that no mail told of.

    It came before the decision, or it is less than was promised while the very sum was credited, too.
    """
    if promise.dispute is not None and promise.dispute in credit.numbers:
        return False
    if credit.came < promise.since:
        return True
    if promise.money is None or credit.money.currency != promise.money.currency:
        return False
    return credit.money != promise.money and any(
        each.money == promise.money and is_aliexpress(each.merchant) and fits_time(promise, each)
        for each in board.free.values()
    )


def _why_named(promise: Promise, credit: Credit) -> Reason:
    if promise.order and promise.order in credit.numbers:
        return Reason("why.same-order", {"order": promise.order})
    return Reason("why.same-reference", {"reference": promise.dispute or ""})
