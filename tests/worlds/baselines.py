"""What one would write first, and what ledger programs do, on the same worlds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.linking.merchants import is_aliexpress
from refundtracker.tracking import track

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from refundtracker.tracking import Fact, Tracked
    from worlds.judging import Linked
    from worlds.world import World

_DAYS: Final = timedelta(days=30)


def greedy(world: World) -> list[Linked]:
    """Each credit, as it comes, goes to the oldest open promise of that sum."""
    return list(_as_it_comes(world, oldest=True))


def ledger(world: World) -> list[Linked]:
    """The exact number first, then the same sum within days, the nearest day wins."""
    named = {
        fact.id: each
        for fact in _credits(world)
        for each in _open(world)
        if fact.notice.order is not None and fact.notice.order == each.dispute.order
    }
    links = [_linked(fact_id, each) for fact_id, each in named.items()]
    paid = {each.dispute.key for each in named.values()}
    return links + list(_as_it_comes(world, oldest=False, done=frozenset(named), paid=paid))


def _as_it_comes(
    world: World, *, oldest: bool, done: frozenset[int] = frozenset(), paid: set[str] | None = None
) -> Iterator[Linked]:
    taken = set(paid or ())
    waiting = _open(world)
    for fact in _credits(world):
        fitting = [
            each
            for each in waiting
            if each.dispute.key not in taken
            and each.dispute.promised == fact.notice.money
            and each.starts_on is not None
            and abs(fact.notice.on - each.starts_on) <= _DAYS
        ]
        if fact.id not in done and fitting:
            chosen = min(fitting, key=lambda each: _rank(each, fact.notice.on, oldest=oldest))
            taken.add(chosen.dispute.key)
            yield _linked(fact.id, chosen)


def _rank(tracked: Tracked, on: date, *, oldest: bool) -> int:
    assert tracked.starts_on is not None
    return tracked.starts_on.toordinal() if oldest else abs((on - tracked.starts_on).days)


def _credits(world: World) -> list[Fact]:
    return [
        fact
        for fact in world.facts
        if fact.notice.kind == "card-cancelled" and is_aliexpress(fact.notice.merchant)
    ]


def _open(world: World) -> list[Tracked]:
    return [each for each in track(world.facts) if each.starts_on is not None]


def _linked(notice: int, tracked: Tracked) -> Linked:
    return notice, tracked.dispute.order, tracked.dispute.dispute
