"""The review list: money of the shop that nothing is certain of, with what speaks for each dispute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from refundtracker.disputes import Reason
from refundtracker.linking.claims import Candidate, Review
from refundtracker.linking.fitting import Claims
from refundtracker.linking.merchants import is_aliexpress, may_be_aliexpress
from refundtracker.linking.plausible import estimate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from refundtracker.linking.board import Board
    from refundtracker.linking.claims import Credit, Promise

#: More candidates than that help nobody.
MOST: Final = 8
# How many claims around a credit are looked at, the latest first.
_LOOKED_AT: Final = 60
# In the same currency a refund that is less was moved by a rate, a fee or a coupon.
_LESS: Final = 0.16


def reviews(board: Board, void: Collection[int]) -> tuple[Review, ...]:
    """One review for each credit that is left, in the order of their days."""
    claims = Claims(each for each in board.open.values() if each.awaited)
    left = sorted(board.free.values(), key=lambda each: (each.on, each.money, each.id))
    found = [_review(claims, each, void) for each in left if may_be_aliexpress(each.merchant)]
    return tuple(each for each in found if each is not None)


def others(promises: Iterable[Promise], credit: Credit, key: str) -> tuple[Candidate, ...]:
    """The other disputes that money of one dispute might have paid, the most likely first.

    Args:
        promises: of all disputes, as if nothing had come.
        credit: the money.
        key: of the dispute that it pays.
    """
    claims = Claims(each for each in promises if each.awaited and each.key != key)
    ranked = _ranked(claims, credit, weak=False)
    return tuple(Candidate(promise.key, speaks) for _, promise, speaks in ranked[:MOST])


def _review(claims: Claims, credit: Credit, void: Collection[int]) -> Review | None:
    ours = is_aliexpress(credit.merchant)
    ranked = _ranked(claims, credit, weak=not ours)
    candidates = tuple(Candidate(promise.key, speaks) for _, promise, speaks in ranked[:MOST])
    if credit.id in void:
        return Review(credit.fact, Reason("review.charged-again"), candidates)
    if not ours:
        return Review(credit.fact, Reason("review.merchant"), candidates) if candidates else None
    if not candidates:
        return Review(credit.fact, Reason("review.none"))
    strong = sum(rank[0] <= 1 for rank, _, _ in ranked)
    return Review(credit.fact, Reason("review.several" if strong > 1 else "review.unsure"), candidates)


def _ranked(
    claims: Claims, credit: Credit, *, weak: bool
) -> list[tuple[tuple[float, ...], Promise, tuple[Reason, ...]]]:
    """Candidates with their rank; the smaller, the likelier. Weak evidence needs the very sum."""
    near = {each.key: each for each in (*claims.exactly(credit), *claims.around(credit, most=_LOOKED_AT))}
    found = []
    for promise in near.values():
        fits = _fit(promise, credit)
        if fits is None or (weak and fits[0] > 1):
            continue
        days = (credit.came - promise.starts_on).days
        speaks = (fits[1], Reason("speaks.days", {"days": str(days)}), *_card(promise))
        found.append(((fits[0], abs(days)), promise, speaks))
    return sorted(found, key=lambda each: (each[0], each[1].key))


def _card(promise: Promise) -> tuple[Reason, ...]:
    return (Reason("speaks.card"),) if promise.account else ()


def _fit(promise: Promise, credit: Credit) -> tuple[float, Reason] | None:
    """How well the sums agree: 0 exactly, 1 plausible, 2 somewhat less, 3 a part or unknown."""
    money = promise.money
    if money is None:
        return 3.0, Reason("speaks.no-sum")
    if credit.money in (money, promise.whole):
        return 0.0, Reason("speaks.same-sum")
    if money.currency != credit.money.currency:
        return _across(promise, credit)
    off = credit.money.minor / money.minor - 1 if money.minor else 1.0
    if -_LESS <= off <= 0.02:
        return 2.0 + abs(off), Reason("speaks.differs", {"percent": f"{off * 100:+.1f} %"})
    return (3.0 - off / 10, Reason("speaks.part")) if off < 0 else (4.0, Reason("speaks.together"))


def _across(promise: Promise, credit: Credit) -> tuple[float, Reason] | None:
    known = estimate(promise, credit)
    if known is None:
        return 3.5, Reason("speaks.no-rate")
    off = known.off(credit.money)
    said = Reason("speaks.estimate", {"estimate": str(known.money), "percent": f"{off * 100:+.1f} %"})
    if abs(off) <= known.share:
        return 1.0, said
    return (3.0 - off / 10, said) if off < 0 else (4.0, Reason("speaks.together"))
