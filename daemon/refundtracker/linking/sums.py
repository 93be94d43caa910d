"""Which few of many sums make up a total: a bounded search that stops at the second answer."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

#: More parts than that are no split that a person would recognise.
MOST_PARTS: Final = 4
#: Among more sums, chance finds a fitting total too often to be believed.
MOST_SUMS: Final = 14


def only_parts(sums: Sequence[tuple[T, int]], total: int) -> tuple[T, ...] | None:
    """The two to four that add up to the total; None when there is no such choice, or another one.

    Args:
        sums: what to choose from, each with its sum in minor units.
        total: in minor units.
    """
    fitting = [(one, minor) for one, minor in sums if 0 < minor < total]
    if len(fitting) > MOST_SUMS:
        return None
    found: tuple[T, ...] | None = None
    for size in range(2, min(MOST_PARTS, len(fitting)) + 1):
        for chosen in combinations(fitting, size):
            if sum(minor for _, minor in chosen) != total:
                continue
            if found is not None:
                return None
            found = tuple(one for one, _ in chosen)
    return found
