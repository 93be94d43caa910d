"""From notices to disputes, and what a dispute is on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.money import Money
from refundtracker.derivation import Rules, derive
from refundtracker.tracking import missing, next_step, owed, state_on, track
from rigs.facts import ORDER, Told, numbered, told

if TYPE_CHECKING:
    from refundparsers.notices import Kind, Result
    from refundtracker.disputes import Dispute, State

KOREA = Rules("KR")


def only(*facts: Told) -> Dispute:
    """The one dispute that the notices make."""
    (derived,) = derive(numbered(facts), KOREA).disputes
    return derived.dispute


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["dispute-opened"], "open"),
        (["dispute-opened", "seller-responded"], "act"),
        (["dispute-opened", "proposal"], "act"),
        (["dispute-opened", "evidence-requested"], "act"),
        (["dispute-opened", "return-requested"], "returning"),
        (["dispute-opened", "seller-responded", "dispute-escalated"], "open"),
        (["dispute-opened", "dispute-withdrawn"], "withdrawn"),
        (["dispute-opened", "dispute-withdrawn", "dispute-opened"], "open"),
        (["dispute-opened", "dispute-finished"], "waiting"),
        (["dispute-finished"], "waiting"),
        (["refund-sent"], "waiting"),
        (["order-closed"], "closed"),
        (["dispute-opened", "order-closed"], "closed"),
        (["dispute-finished", "order-closed"], "waiting"),
        (["order-paid", "order-shipped", "dispute-opened", "seller-message"], "open"),
    ],
)
def test_states_by_story(kinds: list[Kind], state: State) -> None:
    facts = [told(kind, f"2026-05-{day:02d}") for day, kind in enumerate(kinds, start=1)]

    assert state_on(only(*facts), date(2026, 5, 10)) == state


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ("refund", "waiting"),
        ("partial-refund", "waiting"),
        (None, "waiting"),
        ("rejected", "lost"),
        ("coupon", "compensated"),
    ],
)
def test_how_it_finished_decides(result: Result | None, state: State) -> None:
    dispute = only(told("dispute-finished", "2026-05-12", result=result))

    assert state_on(dispute, date(2026, 5, 13)) == state


def test_orders_without_a_dispute_are_none() -> None:
    assert track(numbered([told("order-paid", "2026-05-01"), told("order-delivered", "2026-05-09")])) == []


def test_the_window_of_the_story() -> None:
    """Business days of Korea, the day of the promise not counted: the two borders, day by day."""
    dispute = only(told("dispute-finished", "2026-05-12", money="7,000원"))
    days = ["2026-05-12", "2026-05-21", "2026-05-22", "2026-05-27", "2026-05-28", "2026-06-11", "2026-06-12"]

    assert [state_on(dispute, date.fromisoformat(day)) for day in days] == [
        "waiting", "waiting", "due", "due", "overdue", "overdue", "overdue",
    ]  # fmt: skip


def test_a_later_refund_sent_moves_the_window() -> None:
    dispute = only(told("dispute-finished", "2026-05-12", money="7,000원"), told("refund-sent", "2026-05-18"))

    assert dispute.window is not None
    assert (dispute.window.starts_on, dispute.finished_on) == (date(2026, 5, 18), date(2026, 5, 12))
    assert dispute.promised == Money(7000, "KRW")


def test_an_older_mail_that_comes_late_adds_history_only() -> None:
    """Finished before opened, in the order of arrival."""
    late = only(told("dispute-finished", "2026-05-12"), told("dispute-opened", "2026-05-10"))

    assert (late.phase, late.opened_on) == ("promised", date(2026, 5, 10))


def test_order_facts_feed_the_dispute() -> None:
    dispute = only(
        told("order-paid", "2026-04-01", money="23,400원", item="ESP32 board", seller="Lucky Parts"),
        told("dispute-finished", "2026-05-12", money="7,000원"),
    )

    assert (dispute.item, dispute.seller, dispute.promised) == (
        "ESP32 board",
        "Lucky Parts",
        Money(7000, "KRW"),
    )
    assert dispute.chargeback_by == date(2026, 7, 30)


def test_two_dispute_numbers_are_two_disputes() -> None:
    """A dispute is per order line; what names no number is a fact of both."""
    facts = [
        told("order-paid", "2026-04-01"),
        told("dispute-opened", "2026-05-01", dispute="120000000000001"),
        told("dispute-opened", "2026-05-02", dispute="120000000000002"),
        told("dispute-finished", "2026-05-12", dispute="120000000000001", money="US $5.20"),
    ]
    disputes = [each.dispute for each in derive(numbered(facts), KOREA).disputes]

    assert [(each.dispute, each.phase) for each in disputes] == [
        ("120000000000001", "promised"),
        ("120000000000002", "open"),
    ]


def test_a_message_without_an_order_joins_the_only_dispute_around() -> None:
    message = told("seller-message", "2026-05-13", order=None)
    near = [told("dispute-finished", "2026-05-12"), message]
    two = [*near, told("dispute-finished", "2026-05-11", order="8012345678909999")]

    assert [len(each.notice_ids) for each in derive(numbered(near), KOREA).disputes] == [2]
    assert [len(each.notice_ids) for each in derive(numbered(two), KOREA).disputes] == [1, 1]


def test_what_to_do_next() -> None:
    dispute = only(told("order-paid", "2026-04-01"), told("dispute-finished", "2026-05-12", money="7,000원"))
    days = ["2026-05-20", "2026-05-22", "2026-05-28", "2026-06-08", "2026-06-12"]
    steps = [next_step(dispute, date.fromisoformat(day)) for day in days]

    assert [step.code if step else None for step in steps] == [
        None, "next.due", "next.overdue", "next.arn", "next.escalate",
    ]  # fmt: skip


def test_a_promise_without_a_result_says_to_look() -> None:
    step = next_step(only(told("dispute-finished", "2026-05-12")), date(2026, 5, 13))

    assert step is not None
    assert step.code == "next.look-at-result"


def test_owed_sums_by_currency() -> None:
    facts = [
        told("dispute-finished", "2026-05-12", money="7,000원"),
        told("dispute-finished", "2026-05-12", order="8012345678905555", money="US $5.20"),
        told("dispute-finished", "2026-05-12", order="8012345678906666", money="US $1.30"),
        told("dispute-finished", "2026-05-12", order="8012345678907777"),
        told("dispute-finished", "2026-05-12", order="8012345678908888", money="US $9.00", result="rejected"),
    ]
    found = owed([each.dispute for each in derive(numbered(facts), KOREA).disputes], date(2026, 5, 13))

    assert (found.sums, found.unknown) == ((Money(7000, "KRW"), Money(650, "USD")), 1)


def test_missing_is_nothing_when_the_sum_is_unknown() -> None:
    assert missing(only(told("dispute-finished", "2026-05-12"))) is None


STORY = [
    told("order-paid", "2026-04-01", money="23,400원"),
    told("dispute-opened", "2026-05-10"),
    told("dispute-finished", "2026-05-12", money="7,000원"),
    told("seller-message", "2026-05-13"),
    told("card-cancelled", "2026-05-19", money="7,000원"),
    told("dispute-finished", "2026-05-12", order="8012345678905555", money="US $5.20"),
]


@given(st.permutations(STORY))
def test_the_order_of_arrival_decides_nothing(shuffled: list[Told]) -> None:
    def seen(facts: list[Told]) -> set[tuple[object, ...]]:
        disputes = [each.dispute for each in derive(numbered(facts), KOREA).disputes]
        return {
            (each.order, state_on(each, date(2026, 5, 20)), each.promised, len(each.received))
            for each in disputes
        }

    assert (
        seen(shuffled)
        == seen(STORY)
        == {
            (ORDER, "paid", Money(7000, "KRW"), 1),
            ("8012345678905555", "waiting", Money(520, "USD"), 0),
        }
    )
