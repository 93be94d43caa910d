"""Linking over invented buyers whose truth is known: no wrong link, and few right ones missed."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from benchmarks.linking import ours

from refundtracker import tracking
from refundtracker.derivation import place
from rigs.facts import Told, numbered
from worlds.baselines import greedy, ledger
from worlds.judging import Score, score
from worlds.world import World, world, worlds


@pytest.fixture(scope="module")
def some() -> list[World]:
    """Two thousand disputes."""
    return list(worlds(2000, first=70_000))


def total(scores: list[Score]) -> Score:
    return sum(scores, Score())


def test_no_refund_is_linked_wrongly_and_nearly_all_decidable_ones_are(some: list[World]) -> None:
    found = total([score(each, *ours(each)) for each in some])

    assert found.wrong == 0
    assert found.found >= 0.94 * found.decidable > 300


def test_what_is_left_is_shown_with_the_true_dispute(some: list[World]) -> None:
    found = total([score(each, *ours(each)) for each in some])

    assert found.shown >= 0.85 * (found.refunds - found.right)


@pytest.mark.parametrize("baseline", [greedy, ledger])
def test_simpler_ways_are_wrong(some: list[World], baseline: object) -> None:
    """The worlds hold the traps: those who take the first fit link wrongly."""
    assert callable(baseline)

    assert total([score(each, baseline(each)) for each in some]).wrong > 20


def links(facts: list[Told]) -> set[tuple[str, object, object, object]]:
    """Links by what is printed, since numbers follow the arrival."""
    placed = place(facts, tracking.track(facts))
    return {
        (link.key, link.credit.notice.on, link.credit.notice.money, link.why.code) for link in placed.links
    }


@pytest.mark.parametrize("seed", [3, 20, 5005, 5008])
def test_the_order_of_arrival_decides_nothing(seed: int) -> None:
    told = list(world(seed).facts)
    shuffled = Random(seed).sample(told, len(told))

    assert links(numbered(shuffled)) == links(told) != set()


def test_money_is_used_once_and_not_more_than_came(some: list[World]) -> None:
    for each in some[:20]:
        placed = place(each.facts, tracking.track(each.facts))
        paid: dict[int, int] = {}
        for link in placed.links:
            assert link.money is not None
            paid[link.credit.id] = paid.get(link.credit.id, 0) + link.money.minor
        came = {fact.id: fact.notice.money.minor for fact in each.facts if fact.notice.money}

        assert all(came[number] == minor for number, minor in paid.items())
        assert not set(paid) & {review.credit.id for review in placed.reviews}


def test_unrelated_mail_changes_nothing() -> None:
    """Another shop's cancellations of the very sums."""
    told = list(world(5).facts)
    other = [
        replace(fact, id=len(told) + fact.id, notice=replace(fact.notice, merchant="쿠팡", order=None))
        for fact in told
        if fact.notice.kind == "card-cancelled"
    ]

    assert links([*told, *other]) == links(told)
