"""Linking over invented buyers whose truth is known: no wrong link, and few right ones missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Final

import pytest
from benchmarks.linking import ours
from hypothesis import given, settings
from hypothesis import strategies as st

from refundtracker import tracking
from refundtracker.decisions import Decision, words
from refundtracker.derivation import place
from refundtracker.linking.events import credits_among
from rigs.facts import Told, numbered
from worlds.baselines import greedy, ledger
from worlds.judging import Score, score
from worlds.world import World, world, worlds

if TYPE_CHECKING:
    from refundtracker.decisions import Verb

NOW: Final = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def some() -> list[World]:
    """Two thousand disputes."""
    return list(worlds(2000, first=70_000))


def total(scores: list[Score]) -> Score:
    return sum(scores, Score())


def test_no_refund_is_linked_wrongly_and_nearly_all_decidable_ones_are(some: list[World]) -> None:
    found = total([score(each, *ours(each)) for each in some])

    assert found.wrong == 0
    assert found.found >= 0.83 * found.decidable > 300


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


SMALL = st.integers(10_000_000, 20_000_000).map(lambda seed: world(seed, at_most=14))
FEW = settings(max_examples=40, deadline=None)


@FEW
@given(SMALL, st.randoms(use_true_random=False))
def test_small_worlds_in_any_order_are_linked_alike(made: World, dice: Random) -> None:
    told = list(made.facts)
    shuffled = dice.sample(told, len(told))

    assert links(numbered(shuffled)) == links(told)


@FEW
@given(SMALL, st.data())
def test_an_unrelated_mail_changes_nothing_in_a_small_world(made: World, data: st.DataObject) -> None:
    """Another shop's money, of a sum that is waited for; and a parcel of an undisputed order."""
    told = list(made.facts)
    sums = [fact for fact in told if fact.notice.money]
    if not sums:
        return
    model = data.draw(st.sampled_from(sums))
    card = replace(model.notice, kind="card-cancelled", source="card", form="text", merchant="쿠팡",
                   order=None, dispute=None, result=None)  # fmt: skip
    parcel = replace(model.notice, kind="order-delivered", source="aliexpress", order="8000000000000000",
                     dispute=None, money=None, result=None)  # fmt: skip

    for other in (card, parcel):
        assert links([*told, replace(model, id=len(told) + 1, notice=other)]) == links(told)


@FEW
@given(SMALL)
def test_no_money_is_used_twice_and_none_pays_more_than_came(made: World) -> None:
    paid: dict[int, int] = {}
    for link in place(made.facts, tracking.track(made.facts)).links:
        assert link.money is not None
        paid[link.credit.id] = paid.get(link.credit.id, 0) + link.money.minor
    came = {fact.id: fact.notice.money.minor for fact in made.facts if fact.notice.money}

    assert {number: came[number] for number in paid} == paid


@FEW
@given(SMALL, st.data())
def test_the_users_word_holds_in_a_small_world(made: World, data: st.DataObject) -> None:
    """What was linked by hand is there, whatever its sum; what was parted is not, whatever speaks for it."""
    credits_ = [fact for fact in made.facts if fact.notice.kind == "card-cancelled"]
    tracked = tracking.track(made.facts)
    promised = [each.dispute for each in tracked if each.dispute.phase == "promised"]
    if not credits_ or not promised:
        return
    pair = data.draw(st.sampled_from(promised)).key, data.draw(st.sampled_from(credits_)).id
    event = next(one.told for one in credits_among(made.facts) if pair[1] in one.told)

    said: list[tuple[Verb, bool]] = [("link", True), ("unlink", False)]
    for verb, there in said:
        word = Decision(
            id=1, made_at=NOW, verb=verb, key=pair[0], mail="0" * 64, n=0, notice_id=pair[1]
        )  # fmt: skip
        placed = place(made.facts, tracked, words([word], (each.dispute for each in tracked)))
        found = {(link.key, link.credit.id) for link in placed.links}

        assert any((pair[0], number) in found for number in event) is there
