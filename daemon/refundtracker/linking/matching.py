"""Which pairs belong together in every best explanation: the forced edges of a bipartite graph.

An explanation gives each credit to at most one claim and each claim at most one credit; the best
ones leave the fewest of both alone. A pair that is in all of them is certain. A pair that another
best explanation does without is a tie, and so is everything that hangs on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

L = TypeVar("L", bound="Hashable")
R = TypeVar("R", bound="Hashable")

#: In a larger tangle nothing is looked for: no person could follow the reason either.
LARGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Matched(Generic[L, R]):
    """What a graph tells for certain.

    Attributes:
        pairs: the edges of every best explanation.
        open_left: nodes with an edge that is left undecided.
        open_right: the same on the other side.
    """

    pairs: tuple[tuple[L, R], ...]
    open_left: frozenset[L]
    open_right: frozenset[R]


def certain(edges: Mapping[L, Iterable[R]], *, alone: bool = False) -> Matched[L, R]:
    """The pairs that every best explanation contains; linear in the edges of small components.

    Args:
        edges: for each left node the right ones it may go with.
        alone: take only pairs that have no other edge on either side.
    """
    pairs: list[tuple[L, R]] = []
    for part in components(edges):
        if len(part) + len({right for fits in part.values() for right in fits}) <= LARGEST:
            pairs += _forced(part, alone=alone)
    done_left = {left for left, _ in pairs}
    done_right = {right for _, right in pairs}
    loose = [
        (left, right)
        for left, fits in edges.items()
        if left not in done_left
        for right in fits
        if right not in done_right
    ]
    return Matched(tuple(pairs), frozenset(left for left, _ in loose), frozenset(right for _, right in loose))


def components(edges: Mapping[L, Iterable[R]]) -> list[dict[L, list[R]]]:
    """The graph in its connected parts."""
    of_right: dict[R, list[L]] = {}
    for left, fits in edges.items():
        for right in fits:
            of_right.setdefault(right, []).append(left)
    seen: set[L] = set()
    parts: list[dict[L, list[R]]] = []
    for start in edges:
        if start in seen or not edges[start]:
            continue
        seen.add(start)
        part: dict[L, list[R]] = {}
        met: set[R] = set()
        ahead = [start]
        while ahead:
            left = ahead.pop()
            part[left] = list(edges[left])
            for right in part[left]:
                if right not in met:
                    met.add(right)
                    ahead += [each for each in of_right[right] if each not in seen]
                    seen.update(of_right[right])
        parts.append(part)
    return parts


def _forced(part: Mapping[L, list[R]], *, alone: bool) -> list[tuple[L, R]]:
    """The edges of one component that no other best matching can do without."""
    match: dict[R, L] = {}
    for left in part:
        _augment(part, left, match, set())
    rights = {right for fits in part.values() for right in fits}
    if alone and not len(part) == len(rights) == 1:
        return []
    return [(left, right) for right, left in match.items() if _is_forced(part, match, left, right)]


def _augment(part: Mapping[L, list[R]], left: L, match: dict[R, L], tried: set[R]) -> bool:
    """Finds a partner for a node, moving others aside (Kuhn); depth is bounded by `LARGEST`."""
    for right in part[left]:
        if right in tried:
            continue
        tried.add(right)
        if right not in match or _augment(part, match[right], match, tried):
            match[right] = left
            return True
    return False


def _is_forced(part: Mapping[L, list[R]], match: Mapping[R, L], left: L, right: R) -> bool:
    """Whether the matching gets smaller without this edge."""
    without = {each: [one for one in fits if (each, one) != (left, right)] for each, fits in part.items()}
    rest = {one: each for one, each in match.items() if one != right}
    taken = set(rest.values())
    return not any(_augment(without, each, dict(rest), set()) for each in part if each not in taken)
