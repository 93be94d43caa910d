"""Which notices tell of money coming back, each event once.

A refund may be told by a text, by the app and by the bank's mail, and each of them again: with or
without a time, a merchant, all digits. Rather one event too few than one too many: an event that
is missing leaves a dispute open, one that is doubled closes a dispute that was not paid.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.linking.claims import Account, Credit
from refundtracker.linking.merchants import is_aliexpress
from refundtracker.tracking import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from refundparsers.notices import Kind
    from refundtracker.tracking import Fact

# Two channels print the minute of the booking and that of the sending.
_SAME_MOMENT: Final = timedelta(minutes=2)
_NEXT_DAY: Final = timedelta(days=1)
# A wallet tells of the refund, the card behind it books it days later.
_WALLET: Final = timedelta(days=10)


def credits_among(facts: Iterable[Fact]) -> list[Credit]:
    """The events of money coming back, whatever the order of the notices.

    An announced refund is not money, and an expired authorisation is charged again.
    """
    return _events_of("card-cancelled", facts)


def charges_among(facts: Iterable[Fact]) -> list[Credit]:
    """The charges of the shop, each once, in the same shape: what may come back of them."""
    return [each for each in _events_of("card-charged", facts) if is_aliexpress(each.merchant)]


def _events_of(kind: Kind, facts: Iterable[Fact]) -> list[Credit]:
    by_money: dict[object, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.notice.kind == kind and fact.notice.money is not None:
            by_money[fact.notice.money].append(fact)
    return [credit_of(event) for same in by_money.values() for event in _events(same)]


def _events(same: Sequence[Fact]) -> list[list[Fact]]:
    """Notices of one sum, by event: the fullest ones make events, the others join them."""
    events: list[list[Fact]] = []
    for fact in sorted(same, key=_fullness):
        for event in events:
            if all(_same_event(fact, each) for each in event):
                event.append(fact)
                break
        else:
            events.append([fact])
    return events


def _fullness(fact: Fact) -> tuple[object, ...]:
    """The fullest first; then by what is printed, so that the order of arrival decides nothing."""
    notice = fact.notice
    lacking = sum(
        value is None or value == "" for value in (notice.at, notice.merchant, notice.issuer, notice.card)
    )
    printed = (notice.on, moment(fact), notice.form, notice.card or "", notice.merchant or "")
    return (notice.source == "wallet", "*" in (notice.card or ""), lacking, *printed, fact.id)


def _same_event(one: Fact, other: Fact) -> bool:
    """Whether two notices of one sum tell of one event."""
    if one.notice.reference and other.notice.reference:
        return one.notice.reference == other.notice.reference
    if _contradict(one, other):
        return False
    if "wallet" in (one.notice.source, other.notice.source):
        return abs(one.notice.on - other.notice.on) <= _WALLET
    if not account_of(one).fits(account_of(other)):
        return False
    first, second = one.notice.at, other.notice.at
    if first is not None and second is not None:
        near = _SAME_MOMENT if one.notice.form != other.notice.form else timedelta(0)
        return abs(first - second) <= near
    apart = abs(one.notice.on - other.notice.on)
    return apart <= (_NEXT_DAY if one.notice.form != other.notice.form else timedelta(0))


def _contradict(one: Fact, other: Fact) -> bool:
    """Whether both print something, and not the same: another order, another shop."""
    first, second = one.notice, other.notice
    if first.source != second.source and "wallet" in (first.source, second.source):
        return not (_ours_or_silent(one) and _ours_or_silent(other))
    if first.source == second.source == "wallet" and first.at != second.at:
        return True
    orders = first.order and second.order and first.order != second.order
    return bool(orders) or (_whose(one), _whose(other)) in ((True, False), (False, True))


def _whose(fact: Fact) -> bool | None:
    """Whether a notice is of the shop: it says so, it has an order number, or it leaves that open."""
    if fact.notice.order or fact.notice.dispute:
        return True
    return is_aliexpress(fact.notice.merchant) if fact.notice.merchant else None


def _ours_or_silent(fact: Fact) -> bool:
    return not fact.notice.merchant or is_aliexpress(fact.notice.merchant)


def account_of(fact: Fact) -> Account:
    """The card that a notice names."""
    return Account(fact.notice.issuer, fact.notice.card)


def credit_of(event: Sequence[Fact]) -> Credit:
    """One event from its notices, the fullest first."""
    notice = event[0].notice
    assert notice.money is not None  # only such are events
    notices = [fact.notice for fact in event]
    numbers = (number for each in notices for number in (each.order, each.dispute, each.reference))
    return Credit(
        fact=event[0],
        told=tuple(sorted(fact.id for fact in event)),
        money=notice.money,
        on=notice.on,
        came=min(_came(fact) for fact in event),
        account=Account(notice.issuer, notice.card),
        merchant=next((each.merchant for each in notices if each.merchant), None),
        numbers=frozenset(number for number in numbers if number),
    )


def _came(fact: Fact) -> date:
    """The day it was told: never before the day that is printed."""
    told = fact.mail_date or moment(fact)
    return max(fact.notice.on, told.date())
