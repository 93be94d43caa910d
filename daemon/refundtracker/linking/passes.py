"""Which money pays which dispute: passes from certain to plausible, rather unmatched than wrong.

Each pass looks at all open promises and all free credits at once and takes only what is the same in
every best explanation, so the order of arrival decides nothing. What a pass leaves undecided is
kept from the weaker ones after it and goes to the review list.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from refundtracker.disputes import Reason
from refundtracker.linking.approvals import Approvals
from refundtracker.linking.board import Board, total
from refundtracker.linking.claims import Placed
from refundtracker.linking.doubts import (
    EXPECTED,
    LATE,
    at_most_paid,
    delay,
    doubted_by_bills,
    doubted_by_claims,
    doubted_by_credits,
    has_twin,
    is_early,
    is_late,
    is_rather_in_parts,
)
from refundtracker.linking.fitting import Claims, Pool
from refundtracker.linking.matching import certain
from refundtracker.linking.merchants import is_aliexpress, may_be_aliexpress
from refundtracker.linking.naming import by_number, printed
from refundtracker.linking.plausible import estimate
from refundtracker.linking.reviewing import reviews
from refundtracker.linking.splitting import pay_sums
from refundtracker.linking.voiding import voided

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from refundparsers.money import Money
    from refundtracker.linking.claims import Credit, Promise
    from refundtracker.linking.plausible import Estimate
    from refundtracker.tracking import Fact

_NO_CHARGES: Final = Approvals()
# A cancelled charge is credited within months, not years.
_CHARGE_REACH: Final = 150


def link(
    promises: Sequence[Promise],
    credits_seen: Sequence[Credit],
    *,
    known: Approvals = _NO_CHARGES,
    facts: Sequence[Fact] = (),
    forced: Iterable[tuple[str, int]] = (),
    forbidden: Iterable[tuple[str, int]] = (),
) -> Placed:
    """All links that are certain enough, and the rest of the money; for any order of the arguments the same.

    Args:
        promises: of the disputes, and everything else that money may be the refund of.
        credits_seen: all money that came back, each event once.
        known: the charges of the orders.
        facts: all notices; authorisations that expired and charges that were repeated are among them.
        forced: what the user linked: key of the dispute, number of a notice of the credit.
        forbidden: what the user parted, in the same way.
    """
    board = Board(promises, credits_seen, forbidden)
    _by_user(board, forced)
    by_number(board)
    void = voided(board.unused(), facts, known)
    board.doubt(void)
    _by_sum(board, known)
    pay_sums(board)
    _by_rate(board, known)
    _without_sum(board, known)
    links = tuple(sorted(board.links, key=lambda each: (each.key, each.credit.notice.on, each.credit.id)))
    return Placed(links, reviews(board, void))


def _by_user(board: Board, forced: Iterable[tuple[str, int]]) -> None:
    """What the user linked comes first, whatever speaks against it."""
    of_notice = {number: credit for credit in board.free.values() for number in credit.told}
    wanted: dict[int, list[str]] = defaultdict(list)
    for key, number in sorted(forced):
        if number in of_notice and key in board.known and key not in wanted[of_notice[number].id]:
            wanted[of_notice[number].id].append(key)
    for number, keys in wanted.items():
        # Also what another sum of the user's has paid already: their word is never dropped.
        chosen = [board.open.get(key, board.known[key]) for key in keys]
        sums = total([each.money for each in chosen if each.money])
        # One sum for several promises is shared only when it is their sum.
        shared = chosen if sums == board.free[number].money else chosen[:1]
        if shared:
            board.pay(board.free[number], shared, Reason("why.user"), "user")


# --- pass 2: the same sum, or the sum of the charge -------------------------------------------------


def _by_sum(board: Board, known: Approvals) -> None:
    """The very sum that was promised, or that was charged, where every explanation agrees."""
    claims = Claims(board.waiting())
    edges = {
        credit.id: [each.key for each in claims.exactly(credit) if board.allowed(each, credit)]
        for credit in board.unused()
    }
    found = certain(edges)
    board.doubt(found.open_left, found.open_right)
    paired = {number for number, _ in found.pairs}
    others = Pool(each for number, each in board.free.items() if number not in paired and _may_be_ours(each))
    everything = Claims(board.open.values())
    strong = _strong(board, edges)
    doubted = {
        pair
        for pair in found.pairs
        if pair not in strong
        or has_twin(board.open[pair[1]], board.free[pair[0]])
        or is_early(board.open[pair[1]], board.free[pair[0]])
        or doubted_by_claims(everything, board.open[pair[1]], board.free[pair[0]], exact=True)
        or doubted_by_credits(others, board.open[pair[1]], board.free[pair[0]])
        or doubted_by_bills(known, board.open[pair[1]], board.free[pair[0]])
    }
    _settle(board, found.pairs, doubted, _why_same)


def _strong(board: Board, edges: Mapping[int, Sequence[str]]) -> frozenset[tuple[int, str]]:
    """The pairs that are certain among promises alone: nothing else may be the alibi of a second credit."""
    found = certain(
        {
            number: [
                key
                for key in keys
                if board.open[key].awaited and not is_early(board.open[key], board.free[number])
            ]
            for number, keys in edges.items()
        }
    )
    return frozenset(found.pairs)


def _may_be_ours(credit: Credit) -> bool:
    return may_be_aliexpress(credit.merchant)


def _settle(
    board: Board,
    pairs: Sequence[tuple[int, str]],
    doubted: Container[tuple[int, str]],
    why: Callable[[Promise, Credit], Reason],
) -> None:
    """Link certain pairs; money that a rival explains is out of question for everybody."""
    for number, key in sorted(pairs, key=lambda pair: pair[1]):
        promise, credit = board.open.get(key), board.free[number]
        if promise is None or not promise.awaited or (number, key) in doubted:
            board.doubt([number], [key])
        else:
            board.pay(credit, [promise], why(promise, credit))


def _why_same(promise: Promise, credit: Credit) -> Reason:
    days = str((credit.on - promise.starts_on).days)
    if promise.money != credit.money:
        return Reason("why.same-charge", {"amount": str(credit.money), "days": days})
    return Reason("why.same-amount", {"amount": str(promise.money), "days": days})


# --- pass 4: another currency -----------------------------------------------------------------------


def _by_rate(board: Board, known: Approvals) -> None:
    """Plausible sums, only where nothing else comes into question on either side."""
    # What names no shop is not linked by a plausible sum, but it is another candidate.
    # Nor is what an earlier pass left undecided, on either side.
    pool = Pool(each for each in board.free.values() if _may_be_ours(each))
    edges: dict[int, list[str]] = defaultdict(list)
    for promise in board.open.values():
        for credit, _ in pool.plausibly(promise):
            if board.allowed(promise, credit):
                edges[credit.id].append(promise.key)
    charges = _charges_of(known)
    for number, keys in edges.items():
        keys.extend(list(_other_charges(board, board.free[number], keys, charges)))
    found = certain(edges, alone=True)
    board.doubt(found.open_left, found.open_right)
    everything = Claims(board.open.values())
    doubted = {
        (number, key)
        for number, key in found.pairs
        if key in board.open
        and (
            number in board.doubtful
            or key in board.unsettled
            or is_late(board.open[key], board.free[number])
            or is_rather_in_parts(pool, board.open[key], board.free[number])
            or not is_aliexpress(board.free[number].merchant)
            or has_twin(board.open[key], board.free[number])
            or is_early(board.open[key], board.free[number])
            or doubted_by_claims(everything, board.open[key], board.free[number], exact=False)
            or doubted_by_bills(known, board.open[key], board.free[number])
        )
    }
    _settle(board, found.pairs, doubted, _why_plausible)


def _charges_of(known: Approvals) -> Mapping[Money, Sequence[tuple[str, Credit]]]:
    """Charges by their sum, each with the order behind it; an empty number when none is known."""
    charges: dict[Money, list[tuple[str, Credit]]] = defaultdict(list)
    for order, charge in known.charges():
        charges[charge.money].append((order, charge))
    return charges


def _other_charges(
    board: Board,
    credit: Credit,
    keys: Sequence[str],
    charges: Mapping[Money, Sequence[tuple[str, Credit]]],
) -> Iterator[str]:
    """Charges of the very sum for other orders: their cancellation would look like this credit."""
    promises = [board.open[key] for key in keys]
    for order, charge in charges.get(credit.money, ()):
        own = any(each.order == order or (not order and _may_have_paid(charge, each)) for each in promises)
        reach = 0 <= (credit.came - charge.on).days <= _CHARGE_REACH
        if reach and not own and charge.account.fits(credit.account):
            yield f"charge:{order}:{charge.id}"


def _may_have_paid(charge: Credit, promise: Promise) -> bool:
    return promise.paid_on is None or abs((promise.paid_on - charge.on).days) <= 1


def _why_plausible(promise: Promise, credit: Credit) -> Reason:
    known = estimate(promise, credit)
    assert known is not None  # the pool compared them
    values = estimated(promise, credit, known)
    if known.charged:
        return Reason("why.share-of-charge", values)
    return Reason("why.other-currency", values)


def estimated(promise: Promise, credit: Credit, known: Estimate) -> dict[str, str]:
    """What the sentence about another currency mentions."""
    return {
        "amount": str(credit.money),
        "promised": str(promise.money),
        "rate_day": known.day.isoformat(),
        "estimate": str(known.money),
        "percent": f"{known.off(credit.money) * 100:+.1f} %",
        "age": str(max(0, (promise.starts_on - known.day).days)),
    }


# --- pass 5: the mail told no sum --------------------------------------------------------------------


def _without_sum(board: Board, known: Approvals) -> None:
    """A promise without a sum, when there is exactly one credit around and nobody else to claim it."""
    claims = Claims(board.open.values())
    free = [each for each in board.free.values() if is_aliexpress(each.merchant)]
    edges: dict[str, list[int]] = defaultdict(list)
    for credit in sorted(free, key=printed):
        for promise in claims.around(credit, most=40):
            fits = delay(promise, credit) <= LATE and at_most_paid(promise, credit)
            if fits and promise.awaited and promise.money is None and board.allowed(promise, credit):
                edges[promise.key].append(credit.id)
    for key, numbers in sorted(edges.items()):
        if len(numbers) == 1 and numbers[0] not in board.doubtful and key not in board.unsettled:
            _pay_without_sum(board, claims, key, board.free.get(numbers[0]), known)


def _pay_without_sum(board: Board, claims: Claims, key: str, credit: Credit | None, known: Approvals) -> None:
    if credit is None:
        return
    promise = board.open[key]
    others = [each for each in claims.around(credit, most=40) if each.key != key and _might(each, credit)]
    timely = not is_early(promise, credit) and delay(promise, credit) <= EXPECTED
    if timely and not others and not doubted_by_bills(known, promise, credit):
        board.pay(credit, [promise], Reason("why.no-amount"))


def _might(promise: Promise, credit: Credit) -> bool:
    """Whether a claim could explain the credit at all, be it as a part."""
    if promise.money is None or promise.money.currency != credit.money.currency:
        known = estimate(promise, credit)
        return promise.money is None or known is None or known.off(credit.money) <= known.share
    return credit.money.minor <= promise.money.minor
