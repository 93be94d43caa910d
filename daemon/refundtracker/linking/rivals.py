"""Who may claim money: the promises of disputes, and everything else that money may be the refund of.

An order closed without a word, a dispute that still runs, a purchase of a few days ago: none of them
is owed anything, but each may be why a card was credited. A credit with such a second explanation
is no proof that a promise was kept.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.linking.approvals import Approvals
from refundtracker.linking.claims import Promise
from refundtracker.tracking import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from refundparsers.money import Money
    from refundparsers.notices import Notice
    from refundtracker.tracking import Fact, Tracked

# A bank may be quicker than the shop's own mail.
_EARLIEST: Final = timedelta(days=3)
# "Refund sent" may come a week behind the decision; where only that is known, the money may, too.
_SENT_BEHIND: Final = timedelta(days=10)
_LATEST: Final = timedelta(days=120)
# What nobody promised comes soon or not at all.
_RIVAL: Final = timedelta(days=60)
# A purchase is cancelled without a dispute before it is shipped, and credited a week later.
_FRESH: Final = timedelta(days=14)
_NO_CHARGES: Final = Approvals()


def promises(tracked: Sequence[Tracked], known: Approvals = _NO_CHARGES) -> list[Promise]:
    """The open promises among the disputes, and the disputes that may have got money without one."""
    lines: dict[str | None, list[Tracked]] = defaultdict(list)
    for each in tracked:
        lines[each.dispute.order].append(each)
    return [
        replace(made, twin=_has_twin(made, lines[made.order]), share=_is_share(made, lines[made.order]))
        for each in tracked
        if (made := _promise(each, known)) is not None
    ]


def _has_twin(promise: Promise, lines: Sequence[Tracked]) -> bool:
    """Whether another dispute of the order was promised the very sum."""
    if promise.order is None or promise.money is None:
        return False
    return any(each.dispute.key != promise.key and each.dispute.promised == promise.money for each in lines)


def _is_share(promise: Promise, lines: Sequence[Tracked]) -> bool:
    """Whether there are lines of the same price in the order that nothing was heard of."""
    money, paid = promise.money, promise.paid
    if money is None or paid is None or paid.currency != money.currency or not money.minor:
        return False
    if _is_partial(next(each for each in lines if each.dispute.key == promise.key)):
        return False  # a share of a line, and no line
    shares = paid.minor // money.minor
    return shares > len(lines) and paid.minor // shares == money.minor


def _promise(tracked: Tracked, known: Approvals) -> Promise | None:
    dispute = tracked.dispute
    awaited = tracked.starts_on is not None
    if not awaited and dispute.phase in ("lost", "compensated"):
        return None
    first, starts_on = _first_promise(tracked), tracked.starts_on or tracked.closed_on or _last_day(tracked)
    capture = known.by_order.get(dispute.order or "")
    paid = [fact for fact in tracked.facts if fact.notice.kind == "order-paid"]
    runs = _runs(tracked)
    return Promise(
        key=dispute.key,
        order=dispute.order,
        dispute=dispute.dispute,
        money=dispute.promised if awaited else _proposed(tracked),
        starts_on=starts_on,
        since=first if awaited else _earliest_rival(tracked),
        until=starts_on + min(_LATEST if awaited or runs else _RIVAL, starts_on.max - starts_on),
        paid_on=tracked.paid_on,
        paid=tracked.paid,
        paid_at=moment(paid[0]) if paid else None,
        references=frozenset(fact.notice.reference for fact in tracked.facts if fact.notice.reference),
        account=capture.account if capture else None,
        captured=capture.money if capture else None,
        awaited=awaited,
        told_on=_told_on(tracked) if awaited else None,
        open_ended=runs,
    )


def _is_partial(tracked: Tracked) -> bool:
    results = [each.result for each in _told(tracked, "dispute-finished") if each.result]
    return results[-1:] == ["partial-refund"]


def _runs(tracked: Tracked) -> bool:
    """Whether nobody told yet how the dispute ended."""
    return tracked.dispute.phase in ("open", "act", "returning")


def _told_on(tracked: Tracked) -> date | None:
    """The day of the first mail that promised money; of its moment, as the days of texts are counted."""
    kinds = ("dispute-finished", "refund-sent")
    told = [fact for fact in tracked.facts if fact.notice.kind in kinds]
    promised = [fact for fact in told if fact.notice.result not in ("rejected", "coupon")]
    return min((moment(fact).date() for fact in promised), default=None)


def _first_promise(tracked: Tracked) -> date:
    """The first day on which the money may be booked."""
    decided = _told(tracked, "dispute-finished")
    finished = [each.on for each in decided if each.result not in ("rejected", "coupon")]
    sent = [each.on for each in _told(tracked, "refund-sent")]
    if not finished:
        return _before(min(sent), _SENT_BEHIND) if sent else _earliest_rival(tracked)
    first = _before(min([*finished, *sent]), _EARLIEST)
    opened = tracked.dispute.opened_on
    # Nothing comes back before the dispute; shop and bank may stand on two sides of midnight.
    return max(first, _before(opened, timedelta(days=1))) if opened and opened <= min(finished) else first


def _before(day: date, span: timedelta) -> date:
    return day - min(span, day - day.min)


def _told(tracked: Tracked, *kinds: str) -> list[Notice]:
    return [fact.notice for fact in tracked.facts if fact.notice.kind in kinds]


def _earliest_rival(tracked: Tracked) -> date:
    if tracked.dispute.phase == "closed" and tracked.closed_on is not None:
        return _before(tracked.closed_on, _EARLIEST)
    return tracked.dispute.opened_on or min(fact.notice.on for fact in tracked.facts)


def _last_day(tracked: Tracked) -> date:
    return max(fact.notice.on for fact in tracked.facts)


def _proposed(tracked: Tracked) -> Money | None:
    """What a dispute without a promise would be paid: the last proposal, else the whole order."""
    proposals = [each.money for each in _told(tracked, "proposal", "seller-responded") if each.money]
    return proposals[-1] if proposals else tracked.paid


def purchases(facts: Iterable[Fact], tracked: Iterable[Tracked], known: Approvals) -> list[Promise]:
    """Purchases of a few days that nothing was heard of since, and charges without a known order."""
    disputed = {each.dispute.order for each in tracked}
    paid: dict[str, Fact] = {}
    gone: dict[str, date] = {}
    for fact in facts:
        order = fact.notice.order
        if order is None or order in disputed:
            continue
        if fact.notice.kind == "order-paid":
            paid[order] = fact
        elif fact.notice.kind in ("order-shipped", "order-delivered"):
            gone[order] = min(fact.notice.on, gone.get(order, fact.notice.on))
    found = [_fresh(fact, gone.get(order), known) for order, fact in paid.items()]
    return [each for each in found if each.until >= each.since] + _unknown(known)


def _fresh(fact: Fact, shipped_on: date | None, known: Approvals) -> Promise:
    notice, capture = fact.notice, known.by_order.get(fact.notice.order or "")
    until = notice.on + min(_FRESH, notice.on.max - notice.on)
    return Promise(
        key=f"purchase:{notice.order}",
        order=notice.order,
        money=notice.money,
        starts_on=notice.on,
        since=notice.on,
        until=min(until, shipped_on) if shipped_on else until,
        paid_on=notice.on,
        paid=notice.money,
        account=capture.account if capture else None,
        captured=capture.money if capture else None,
        awaited=False,
    )


def _unknown(known: Approvals) -> list[Promise]:
    return [
        Promise(
            key=f"charge:{charge.id}",
            money=charge.money,
            starts_on=charge.on,
            since=charge.on,
            until=charge.on + min(_FRESH, charge.on.max - charge.on),
            paid_on=charge.on,
            account=charge.account,
            awaited=False,
        )
        for charge in known.loose
    ]


def without_own_charges(rivals: Sequence[Promise], awaited: Sequence[Promise]) -> list[Promise]:
    """The rivals, without charges that may be the very ones that a promise gives back.

    A dispute of an order whose payment no mail told may stand behind a charge of the same sum.
    """
    own: dict[Money, list[date]] = {}
    for each in awaited:
        if each.awaited and each.money is not None and each.paid_on is None:
            own.setdefault(each.money, []).append(each.since)
    return [
        each
        for each in rivals
        if not each.key.startswith("charge:")
        or each.money is None
        or all(each.starts_on > since for since in own.get(each.money, ()))
    ]


def remaining(promise: Promise, got: Money) -> Promise | None:
    """The promise for what is still to come after a part of it; None when nothing is."""
    if promise.money is None or promise.money.currency != got.currency or promise.money.minor <= got.minor:
        return None
    return replace(promise, money=promise.money - got, paid=None, captured=None)
