"""How well links agree with the truth of a world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worlds.oracle import admitted, decidable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from worlds.world import World

#: A link as it is judged: number of the notice, order, dispute number or None.
Linked = tuple[int, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over worlds; they add up.

    Attributes:
        disputes: that were opened.
        refunds: pairs of a told credit and a dispute that it pays.
        links: that were made.
        wrong: links to a dispute that the credit does not pay, and money counted twice.
        admitted: pairs that the passes of the contract leave as the only candidates.
        taken: admitted pairs that were linked.
        decidable: pairs that have one consistent explanation besides.
        found: decidable pairs that were linked.
        right: links that are true, decidable or not.
        shown: true pairs that were not linked, with the dispute among the candidates of the review.
    """

    disputes: int = 0
    refunds: int = 0
    links: int = 0
    wrong: int = 0
    admitted: int = 0
    taken: int = 0
    decidable: int = 0
    found: int = 0
    right: int = 0
    shown: int = 0

    def __add__(self, other: Score) -> Score:
        mine, theirs = (self._counts(), other._counts())
        return Score(*(one + two for one, two in zip(mine, theirs, strict=True)))

    def _counts(self) -> tuple[int, ...]:
        return (
            self.disputes, self.refunds, self.links, self.wrong, self.admitted, self.taken,
            self.decidable, self.found, self.right, self.shown,
        )  # fmt: skip


def score(world: World, links: Collection[Linked], reviewed: Iterable[Linked] = ()) -> Score:
    """Links of one world against its truth."""
    true = true_pairs(world)
    made = [pair for link in links if (pair := _pair(world, link)) is not None]
    linked = {pair for pair in made if pair in true}
    only = {pair for pair in true if admitted(world, *pair)}
    certain = {pair for pair in only if decidable(world, *pair)}
    offered = {pair for each in reviewed if (pair := _pair(world, each)) is not None}
    return Score(
        disputes=world.disputes,
        refunds=len(true),
        links=len(links),
        wrong=len(links) - len(linked),
        admitted=len(only),
        taken=len(only & linked),
        decidable=len(certain),
        found=len(certain & linked),
        right=len(linked),
        shown=len((true - linked) & offered),
    )


def true_pairs(world: World) -> set[tuple[int, str, str]]:
    """Told credit, order and dispute, as they belong together."""
    told = set(world.event_of.values())
    return {(event, *paid) for event in told for paid in world.pays(event)}


def _pair(world: World, link: Linked) -> tuple[int, str, str] | None:
    """The event and the dispute of a link; None for money of another shop or an unknown dispute."""
    notice, order, dispute = link
    event = world.event_of.get(notice)
    quarrels = [one for each in world.orders if each.number == order for one in each.quarrels]
    named = [one for one in quarrels if dispute in (None, one.number)]
    if event is None or order is None or len(named) != 1:
        return None
    return event, order, named[0].number
