"""The days by which somebody has to act: printed in a mail, or estimated by the rules of the shop.

A printed day beats a counted one. What is counted here is labelled as estimated, with its source: A = a
text of AliExpress, T = told by others, I = our own guess.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.disputes import Deadline
from refundtracker.phases import RUNNING, act_facts, once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from refundparsers.notices import Notice
    from refundtracker.disputes import DeadlineKind, DeadlineSource, Dispute
    from refundtracker.phases import Fact

# Silence of the seller is a refund (A); 15 days in the years before 2017.
_SELLER: Final = timedelta(days=5)
# After a refusal or a proposal it closes on the other side's terms (T).
_ANSWER: Final = timedelta(days=2)
# AliExpress decides within a week (A).
_ALIEXPRESS: Final = timedelta(days=7)
# To send the item and to enter the tracking number (A).
_RETURN: Final = timedelta(days=10)
# Protection runs until 15 days after receipt, and no longer than 90 from payment (A).
_AFTER_RECEIPT: Final = timedelta(days=15)
_AFTER_PAYMENT: Final = timedelta(days=90)
_PROTECTED: Final = (*RUNNING, "withdrawn", "closed")


def deadlines(dispute: Dispute, facts: Iterable[Fact], *, paid_on: date | None) -> tuple[Deadline, ...]:
    """All days by which somebody has to act, the earliest first.

    Args:
        dispute: its phase, and its day for a chargeback.
        facts: its story.
        paid_on: the day of payment, or None when no mail told.
    """
    told = once(facts)
    found = [*_turns(dispute, told)]
    if dispute.phase in _PROTECTED and not dispute.received:
        found += _protection(told, paid_on)
    if dispute.chargeback_by:
        estimated = paid_on is None
        source: DeadlineSource = "I" if estimated else "T"
        found.append(Deadline("chargeback", dispute.chargeback_by, estimated, source))
    return tuple(sorted(found, key=lambda each: (each.day, each.kind)))


def _turns(dispute: Dispute, told: Sequence[Fact]) -> Iterator[Deadline]:
    """Whose turn it is, and until when."""
    if dispute.phase == "act":
        yield from _answer(dispute, told)
    elif dispute.phase == "returning":
        yield from _since(told, "return-requested", "return", _RETURN)
    elif dispute.phase == "open":
        asked = [each.kind for each in _of(told, "dispute-opened", "dispute-escalated")]
        if asked[-1] == "dispute-opened":
            yield from _since(told, "dispute-opened", "seller", _SELLER)
        else:
            yield from _since(told, "dispute-escalated", "aliexpress", _ALIEXPRESS)


def _of(told: Sequence[Fact], *kinds: str) -> list[Notice]:
    return [fact.notice for fact in told if fact.notice.kind in kinds]


def _answer(dispute: Dispute, told: Sequence[Fact]) -> Iterator[Deadline]:
    """What was printed; two days after a word of the other side. For evidence only the mail knows."""
    if dispute.act_by:
        yield Deadline("answer", dispute.act_by, estimated=False, source="mail")
        return
    asked = [fact.notice for fact in act_facts(told) if fact.notice.kind != "evidence-requested"]
    if asked:
        yield Deadline("answer", _after(asked[-1].on, _ANSWER), estimated=True, source="T")


def _since(told: Sequence[Fact], after: str, kind: DeadlineKind, span: timedelta) -> Iterator[Deadline]:
    """What the last mail of a kind prints, else counted from its day."""
    last = _of(told, after)[-1]
    if last.act_by:
        yield Deadline(kind, last.act_by, estimated=False, source="mail")
    else:
        yield Deadline(kind, _after(last.on, span), estimated=True, source="A")


def _protection(told: Sequence[Fact], paid_on: date | None) -> list[Deadline]:
    printed = [each.act_by for each in _of(told, "order-closing") if each.act_by]
    if printed:
        return [Deadline("protection", printed[-1], estimated=False, source="mail")]
    received = [_after(each.on, _AFTER_RECEIPT) for each in _of(told, "order-delivered")]
    days = [*received[:1], *([_after(paid_on, _AFTER_PAYMENT)] if paid_on else [])]
    return [Deadline("protection", min(days), estimated=True, source="A")] if days else []


def _after(day: date, span: timedelta) -> date:
    return day + min(span, day.max - day)
