"""Which money pays which dispute: passes from certain to plausible, rather unmatched than wrong.

A pass finishes before the next begins, and looks at all open promises and all unused credits at
once, so the order of arrival decides nothing. Whatever has two explanations stays unlinked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.disputes import Reason
from refundtracker.tracking import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from refundparsers.money import Money
    from refundtracker.tracking import Fact, Tracked


@dataclass(frozen=True, slots=True)
class Promise:
    """Money that a dispute waits for, or that an order closed without a word may get back.

    Attributes:
        key: of the dispute.
        order: number, or None.
        dispute: number, or None.
        money: the sum, or None when no mail told it.
        starts_on: the day of the promise.
        opened_on: the day the dispute was opened, or None.
        paid_on: the day of payment, or None.
        awaited: whether anything was promised. What is not awaited is never linked by its sum,
            but it is a second explanation for one.
    """

    key: str
    order: str | None
    dispute: str | None
    money: Money | None
    starts_on: date
    opened_on: date | None
    paid_on: date | None
    awaited: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """One credit pays one promise.

    Attributes:
        key: of the dispute.
        credit: the notice of the money.
        why: the reason, for people.
    """

    key: str
    credit: Fact
    why: Reason


# A bank may be quicker than AliExpress' own mail, and texts lag behind the money.
_EARLIEST: Final = timedelta(days=3)
_LATEST: Final = timedelta(days=120)


def promises(tracked: Iterable[Tracked]) -> list[Promise]:
    """The open promises among the disputes, and the closed orders that could claim the same money."""
    found: list[Promise] = []
    for each in tracked:
        dispute = each.dispute
        awaited = each.starts_on is not None
        starts_on = each.starts_on if awaited else each.closed_on
        if starts_on is None or not (awaited or dispute.phase == "closed"):
            continue
        promise = Promise(
            key=dispute.key,
            order=dispute.order,
            dispute=dispute.dispute,
            money=dispute.promised if awaited else each.paid,
            starts_on=starts_on,
            opened_on=dispute.opened_on,
            paid_on=each.paid_on,
            awaited=awaited,
        )
        found.append(promise)
    return found


def credits_among(facts: Iterable[Fact]) -> list[Fact]:
    """The notices that are money, each event once.

    An announced refund is not money, and an expired authorisation is charged again. The same event
    told twice (a text and an app, a text sent again) is the same issuer, card, sum and time.
    """
    seen: dict[tuple[object, ...], Fact] = {}
    for fact in facts:
        if fact.notice.kind == "card-cancelled":
            seen.setdefault(_event(fact), fact)
    return list(seen.values())


def _event(fact: Fact) -> tuple[object, ...]:
    notice = fact.notice
    return notice.issuer, notice.card, notice.money, notice.merchant, notice.on, notice.at, notice.reference


def link(open_promises: Sequence[Promise], credits_seen: Sequence[Fact]) -> list[Link]:
    """All links that are certain enough, for any order of the arguments the same."""
    links: list[Link] = []
    for fits, why in _PASSES:
        taken = {each.credit.id for each in links}
        paid = {each.key for each in links}
        left = [promise for promise in open_promises if promise.key not in paid]
        unused = [credit for credit in credits_seen if credit.id not in taken]
        pairs = _only_pairs(left, unused, fits)
        links += [Link(promise.key, credit, why(promise, credit)) for promise, credit in pairs]
    return links


def _only_pairs(
    left: Sequence[Promise], unused: Sequence[Fact], fits: Callable[[Promise, Fact], bool]
) -> list[tuple[Promise, Fact]]:
    """Pairs that fit and have no other candidate on either side."""
    pairs = [(promise, credit) for promise, credit in _neighbours(left, unused) if fits(promise, credit)]
    of_promise: dict[str, int] = defaultdict(int)
    of_credit: dict[int, int] = defaultdict(int)
    for promise, credit in pairs:
        of_promise[promise.key] += 1
        of_credit[credit.id] += 1
    return [
        pair for pair in pairs if pair[0].awaited and of_promise[pair[0].key] == of_credit[pair[1].id] == 1
    ]


def _neighbours(left: Sequence[Promise], unused: Sequence[Fact]) -> Iterable[tuple[Promise, Fact]]:
    """Pairs that share a number or an exact sum; comparing all with all would grow with the square."""
    by_trait: Mapping[object, list[Promise]] = defaultdict(list)
    for promise in left:
        for trait in {promise.order, promise.dispute, promise.money} - {None}:
            by_trait[trait].append(promise)
    for credit in unused:
        near = {
            promise.key: promise
            for trait in (credit.notice.order, credit.notice.dispute, credit.notice.money)
            if trait is not None
            for promise in by_trait.get(trait, ())
        }
        yield from ((promise, credit) for promise in near.values())


# --- pass 1: both sides name the same order or dispute ---------------------------------------------


def _names_it(promise: Promise, credit: Fact) -> bool:
    notice = credit.notice
    sums = (promise.money, notice.money)
    comparable = sums[0] is None or sums[1] is None or sums[0].currency == sums[1].currency
    same_order = notice.order is not None and notice.order == promise.order
    same_dispute = notice.dispute is not None and notice.dispute == promise.dispute
    return comparable and (same_order or same_dispute)


def _why_named(promise: Promise, credit: Fact) -> Reason:
    if credit.notice.order == promise.order and promise.order:
        return Reason("why.same-order", {"order": promise.order})
    return Reason("why.same-reference", {"reference": promise.dispute or ""})


# --- pass 2: the same sum, from AliExpress, at a fitting time -----------------------------------------


def _same_amount(promise: Promise, credit: Fact) -> bool:
    notice = credit.notice
    return promise.money == notice.money and is_aliexpress(notice.merchant) and _fits_time(promise, credit)


def _fits_time(promise: Promise, credit: Fact) -> bool:
    """Whether the money came when this promise could be kept.

    The text must have come after the dispute began. The day it prints may be the purchase's own,
    but any other day from before the dispute tells of an older refund.
    """
    begins = min(promise.starts_on - _EARLIEST, promise.opened_on or promise.starts_on)
    told = moment(credit).date()
    on = credit.notice.on
    booked_on_purchase = promise.paid_on is not None and abs(on - promise.paid_on) <= timedelta(days=1)
    came = max(told, credit.mail_date.date()) if credit.mail_date else told
    return begins <= came <= promise.starts_on + _LATEST and (on >= begins or booked_on_purchase)


def _why_same_amount(promise: Promise, credit: Fact) -> Reason:
    days = (credit.notice.on - promise.starts_on).days
    return Reason("why.same-amount", {"amount": str(promise.money), "days": str(days)})


_PASSES: Final = ((_names_it, _why_named), (_same_amount, _why_same_amount))


# --- the merchant ------------------------------------------------------------------------------------

_NAME: Final = "ALIEXPRESS"
_SHORTEST: Final = 6
_KOREAN: Final = "알리익스프레스"


def is_aliexpress(merchant: str | None) -> bool:
    """Whether an issuer's merchant name is AliExpress: cut, squeezed, with city and country around it.

    Bare `ALIPAY` is not enough: Alibaba Cloud and others are charged under it, too.
    """
    if not merchant:
        return False
    squeezed = re.sub(r"[^0-9A-Z*가-힣]", "", merchant.upper())
    if squeezed == "YM*AE" or _is_cut(squeezed, _KOREAN, shortest=4):
        return True
    return _is_cut(squeezed, _NAME, shortest=_SHORTEST)


def _is_cut(squeezed: str, name: str, *, shortest: int) -> bool:
    """Whether the name stands in the text whole, or cut off by its end."""
    if name in squeezed:
        return True
    return any(squeezed.endswith(name[:length]) for length in range(shortest, len(name)))
