"""What every best explanation has in common, against trying all of them."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from refundtracker.linking.matching import LARGEST, certain
from refundtracker.linking.sums import MOST_SUMS, only_parts


def every_best(edges: dict[int, list[str]]) -> set[tuple[int, str]]:
    """The pairs of all largest matchings, by trying every one."""
    lefts = list(edges)
    rights = sorted({right for fits in edges.values() for right in fits})
    slots = [*rights, *(None for _ in lefts)]
    found: list[frozenset[tuple[int, str]]] = []
    for chosen in set(permutations(slots, len(lefts))):
        pairs = [(left, right) for left, right in zip(lefts, chosen, strict=True) if right is not None]
        if all(right in edges[left] for left, right in pairs):
            found.append(frozenset(pairs))
    most = max(map(len, found), default=0)
    return set(frozenset.intersection(*(each for each in found if len(each) == most))) if found else set()


@given(st.dictionaries(st.integers(0, 3), st.lists(st.sampled_from("abcd"), unique=True), max_size=4))
def test_a_pair_is_certain_when_no_best_explanation_does_without_it(edges: dict[int, list[str]]) -> None:
    assert set(certain(edges).pairs) == every_best(edges)


@given(st.dictionaries(st.integers(0, 5), st.lists(st.sampled_from("abcdef"), unique=True), max_size=6))
def test_alone_means_no_other_edge(edges: dict[int, list[str]]) -> None:
    taken = [right for fits in edges.values() for right in fits]
    lonely = {(left, fits[0]) for left, fits in edges.items() if len(fits) == 1 and taken.count(fits[0]) == 1}

    assert set(certain(edges, alone=True).pairs) == lonely


def test_what_hangs_on_a_tie_is_left_open() -> None:
    found = certain({1: ["a", "b"], 2: ["a", "b"], 3: ["c"]})

    assert found.pairs == ((3, "c"),)
    assert (found.open_left, found.open_right) == (frozenset({1, 2}), frozenset("ab"))


def test_a_large_tangle_is_left_alone() -> None:
    """A chain that could be resolved, but that nobody could follow."""
    chain = {n: [str(n), str(n + 1)] if n else ["1"] for n in range(LARGEST)}

    assert certain(chain).pairs == ()


@given(st.lists(st.integers(1, 40), max_size=8), st.integers(2, 90))
def test_parts_are_the_only_ones_that_make_the_total(sums: list[int], total: int) -> None:
    found = only_parts(list(enumerate(sums)), total)

    assert found is None or (sum(sums[place] for place in found) == total and 2 <= len(found) <= 4)


def test_two_ways_of_adding_up_are_none() -> None:
    assert only_parts([("a", 3), ("b", 4), ("c", 2), ("d", 5)], 7) is None
    assert only_parts([("a", 3), ("b", 4), ("c", 9)], 7) == ("a", "b")


def test_among_many_sums_chance_is_not_believed() -> None:
    many = [(str(n), 2**n) for n in range(MOST_SUMS + 1)]

    assert only_parts(many, 3 + 2**MOST_SUMS) is None
