"""What came of all disputes up to a day: how long refunds took, what is owed, recovered and lost. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from refundparsers.money import Money
from refundtracker.linking.shortfalls import by_issuer
from refundtracker.tracking import missing, owed, state_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from refundtracker.disputes import Dispute, Received
    from refundtracker.linking.shortfalls import Loss


@dataclass(frozen=True, slots=True)
class Span:
    """How long the refunds of one group took.

    Attributes:
        name: of the group; None when it is not known.
        count: how many came.
        median: calendar days from promise to money.
        longest: the most of them.
    """

    name: str | None
    count: int
    median: float
    longest: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What became of the money of one currency.

    Attributes:
        currency: ISO 4217 code.
        owed: still to come.
        recovered: seen for disputes.
        lost: promised, and given up by the user.
    """

    currency: str
    owed: Money
    recovered: Money
    lost: Money


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that `refunds stats` tells.

    Attributes:
        cards: by card issuer.
        sellers: by seller.
        months: by month of the promise, such as `2026-05`.
        sums: by currency.
        losses: what exchange rates took from whole refunds, by issuer and currency.
    """

    cards: tuple[Span, ...]
    sellers: tuple[Span, ...]
    months: tuple[Span, ...]
    sums: tuple[Sums, ...]
    losses: Mapping[tuple[str | None, str], Money]


def figures(disputes: Iterable[Dispute], losses: Iterable[Loss], today: date) -> Figures:
    """The figures as of a day: money and promises of later days are not counted.

    Args:
        disputes: all there are.
        losses: refunds of whole orders that fell short of their charge.
        today: the last day that counts.
    """
    known = [seen for each in disputes if (seen := _until(each, today)) is not None]
    paid = {each.key for each in known if each.received}
    took = [(each, money) for each in known for money in _last(each)]
    return Figures(
        _spans((money.issuer, _days(each, money)) for each, money in took),
        _spans((each.seller, _days(each, money)) for each, money in took),
        _spans((_month(each), _days(each, money)) for each, money in took),
        _sums(known, today),
        by_issuer(each for each in losses if each.key in paid),
    )


def _until(dispute: Dispute, today: date) -> Dispute | None:
    """The dispute without what came later; None when it had not begun."""
    begun = [day for day in (dispute.opened_on, dispute.finished_on) if day]
    if begun and min(begun) > today:
        return None
    received = tuple(each for each in dispute.received if each.on <= today)
    return replace(dispute, received=received)


def _last(dispute: Dispute) -> list[Received]:
    """The money that completed a promise; nothing without one."""
    if dispute.window is None or not dispute.received:
        return []
    return [max(dispute.received, key=lambda each: each.on)]


def _days(dispute: Dispute, money: Received) -> int:
    """A refund may print the day of the purchase; it took no less than nothing."""
    assert dispute.window is not None
    return max(0, (money.on - dispute.window.starts_on).days)


def _month(dispute: Dispute) -> str | None:
    return dispute.window.starts_on.isoformat()[:7] if dispute.window else None


def _spans(took: Iterable[tuple[str | None, int]]) -> tuple[Span, ...]:
    groups: dict[str | None, list[int]] = defaultdict(list)
    for name, days in took:
        groups[name].append(days)
    named = sorted(groups, key=lambda name: (name is None, name or ""))
    return tuple(Span(name, len(groups[name]), median(groups[name]), max(groups[name])) for name in named)


def _sums(disputes: Sequence[Dispute], today: date) -> tuple[Sums, ...]:
    awaited = {money.currency: money for money in owed(disputes, today).sums}
    recovered = _total(money.money for each in disputes for money in each.received)
    lost = _total(money for each in disputes for money in _given_up(each, today))
    found = []
    for code in sorted({*awaited, *recovered, *lost}):
        nothing = Money(0, code)
        found.append(
            Sums(code, awaited.get(code, nothing), recovered.get(code, nothing), lost.get(code, nothing))
        )
    return tuple(found)


def _given_up(dispute: Dispute, today: date) -> list[Money]:
    rest = missing(dispute)
    over = dispute.written_off is not None and dispute.written_off <= today
    return [rest] if over and rest is not None and state_on(dispute, today) in ("lost", "short") else []


def _total(sums: Iterable[Money]) -> dict[str, Money]:
    total: dict[str, Money] = {}
    for money in sums:
        total[money.currency] = total.get(money.currency, Money(0, money.currency)) + money
    return total
