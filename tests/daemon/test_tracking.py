"""From notices to disputes, and what a dispute is on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.money import Money
from refundtracker.derivation import Rules, derive
from refundtracker.tracking import missing, next_step, owed, state_on, track
from rigs.facts import ORDER, Told, numbered, told

if TYPE_CHECKING:
    from random import Random

    from refundparsers.notices import Kind, Result
    from refundtracker.disputes import Dispute, State

KOREA = Rules("KR")


def only(*facts: Told) -> Dispute:
    """The one dispute that the notices make."""
    (derived,) = derive(numbered(facts), KOREA).disputes
    return derived.dispute


def finished(day: str, dollars: str | None, result: Result | None = "refund") -> Told:
    """A decision of May."""
    money = f"US ${dollars}" if dollars else None
    return told("dispute-finished", f"2026-05-{day}", money=money, result=result)


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


# --- several decisions, several lines -----------------------------------------------------------------


def states(*facts: Told, day: str = "2026-06-01") -> list[tuple[State, Money | None]]:
    disputes = [each.dispute for each in derive(numbered(facts), KOREA).disputes]
    return [(state_on(each, date.fromisoformat(day)), each.promised) for each in disputes]


def usd(cents: int) -> Money:
    return Money(cents, "USD")


PAID = told("order-paid", "2026-04-01", money="US $10.00")
OPENED = told("dispute-opened", "2026-05-08")


@pytest.mark.parametrize(
    ("facts", "promised"),
    [
        # a part first, the rest then: together what the order cost
        ([PAID, finished("12", "3.00"), finished("20", "7.00")], 1000),
        # together more than the order cost: the second decision is another one
        ([PAID, finished("12", "6.00"), finished("20", "7.00")], 700),
        # the same sum again is the same promise
        ([PAID, finished("12", "3.00"), finished("20", "3.00")], 300),
        # nobody knows what it cost: only what is called partial adds up
        ([finished("12", "3.00"), finished("20", "7.00")], 700),
        ([finished("12", "3.00", "partial-refund"), finished("20", "7.00", "partial-refund")], 1000),
        # opened twice, decided twice: two lines, also of the same sum
        ([told("dispute-opened", "2026-05-07"), OPENED, finished("12", "3.00"), finished("20", "4.00")], 700),
        ([told("dispute-opened", "2026-05-07"), OPENED, finished("12", "3.00"), finished("20", "3.00")], 600),
        # an appeal between: the later decision takes the place of the first
        ([PAID, finished("12", "3.00"), told("proposal", "2026-05-15"), finished("20", "7.00")], 700),
        # "refund sent" repeats the decision, or tells what was really sent
        ([PAID, finished("12", "3.00"), told("refund-sent", "2026-05-14", money="US $3.00")], 300),
        ([PAID, finished("12", "3.00"), told("refund-sent", "2026-05-14", money="US $2.50")], 250),
        # other currencies cannot be added
        ([PAID, finished("12", "3.00"), told("dispute-finished", "2026-05-20", money="7,000원")], None),
    ],
)  # fmt: skip
def test_sums_that_add_up(facts: list[Told], promised: int | None) -> None:
    [(_, found)] = states(*facts)

    assert found == (usd(promised) if promised else Money(7000, "KRW"))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([finished("12", "3.00"), finished("12", "2.00", "coupon")], ("waiting", usd(300))),
        ([finished("12", "2.00", "coupon"), finished("12", "3.00")], ("waiting", usd(300))),
        ([finished("12", "3.00"), finished("13", None, "rejected")], ("waiting", usd(300))),
        ([finished("12", None, "rejected"), finished("13", "3.00")], ("waiting", usd(300))),
        ([finished("12", "2.00", "coupon"), finished("13", None, "rejected")], ("compensated", None)),
    ],
)
def test_money_and_coupon_and_refusal_together(
    facts: list[Told], expected: tuple[State, Money | None]
) -> None:
    """What was promised in money is watched, whatever else was decided beside it."""
    assert states(*facts, day="2026-05-14") == [expected]


def test_a_coupon_is_no_part_of_the_money_that_is_owed() -> None:
    found = only(PAID, finished("12", "3.00"), finished("12", "2.00", "coupon"))

    assert missing(found) == usd(300)


def test_a_dispute_opened_after_a_promise_is_another_one() -> None:
    """The promise of the first line stays, with its window, while the second one runs."""
    again = told("dispute-opened", "2026-05-20")
    sent = told("refund-sent", "2026-05-21", money="US $3.00")

    first = [PAID, OPENED, finished("12", "3.00")]

    assert states(*first, again, sent) == [("waiting", usd(300)), ("open", None)]
    assert states(*first, again, finished("25", "4.00")) == [
        ("overdue", usd(300)),
        ("waiting", usd(400)),
    ]


@pytest.mark.parametrize("ended", ["dispute-withdrawn", "order-closed"])
def test_reopened_is_the_same_dispute(ended: Kind) -> None:
    facts = [OPENED, told(ended, "2026-05-10"), told("dispute-opened", "2026-05-11")]

    assert states(*facts) == [("open", None)]
    assert states(*facts, finished("30", "3.00")) == [("waiting", usd(300))]


def test_rejected_and_opened_again_is_the_same_dispute() -> None:
    rejected = finished("12", None, "rejected")

    assert states(OPENED, rejected, told("dispute-opened", "2026-05-20")) == [("open", None)]


@pytest.mark.parametrize(
    "late", ["dispute-opened", "seller-responded", "proposal", "dispute-escalated", "evidence-requested"]
)
def test_a_step_dated_hours_after_the_decision_belongs_before_it(late: Kind) -> None:
    """Opened and finished may be seconds apart and carry the wrong order."""
    decided = finished("12", "3.00")
    after = told(late, "2026-05-12", at=datetime(2026, 5, 12, 12, 0, 2, tzinfo=UTC))

    assert states(decided, after, day="2026-05-13") == [("waiting", usd(300))]


def test_what_a_seller_says_after_a_decision_moves_nothing() -> None:
    said = told("seller-responded", "2026-05-20", result="rejected")

    assert states(finished("12", "3.00"), said, day="2026-05-21") == [("waiting", usd(300))]


def test_the_item_of_a_dispute_is_what_it_is_about() -> None:
    """An order of 18 parts is paid under the name of the first."""
    found = only(
        told("order-paid", "2026-04-01", item="Bolts"), told("dispute-opened", "2026-05-08", item="Nuts")
    )

    assert found.item == "Nuts"


def test_a_sellers_word_is_a_claim() -> None:
    claim = told("seller-message", "2026-05-13", result="refund")
    running, promised = only(OPENED, claim), only(OPENED, finished("12", "3.00"), claim)
    steps = [next_step(each, date(2026, 5, 14)) for each in (running, promised)]

    assert [state_on(each, date(2026, 5, 14)) for each in (running, promised)] == ["open", "waiting"]
    assert [step.code if step else None for step in steps] == ["next.claimed.open", "next.claimed.waiting"]
    assert promised.received == ()


def test_china_on_holiday_is_said_while_it_explains_the_delay() -> None:
    """Seollal and the Spring Festival: the tenth business day is 4 March, with China's days 9 March."""
    found = only(told("dispute-finished", "2026-02-12", money="US $3.00"))
    days = ["2026-02-27", "2026-03-05", "2026-03-09", "2026-03-10"]
    steps = [next_step(found, date.fromisoformat(day)) for day in days]

    assert [step.code if step else None for step in steps] == [*["next.latest"] * 3, "next.overdue"]


# --- properties ---------------------------------------------------------------------------------------

KINDS: list[Kind] = [
    "order-paid", "order-delivered", "order-closed", "dispute-opened", "seller-responded", "proposal",
    "evidence-requested", "return-requested", "dispute-escalated", "dispute-withdrawn", "dispute-finished",
    "refund-sent", "seller-message",
]  # fmt: skip
stories = st.lists(
    st.builds(
        lambda kind, day, result, money: told(
            kind, f"2026-05-{day:02d}", result=result if kind == "dispute-finished" else None, money=money
        ),
        st.sampled_from(KINDS),
        st.integers(1, 28),
        st.sampled_from([None, "refund", "partial-refund", "rejected", "coupon"]),
        st.sampled_from([None, "US $3.00", "US $4.00", "7,000원"]),
    ),
    min_size=1,
    max_size=8,
)


def told_of(facts: list[Told]) -> list[Dispute]:
    found = derive(numbered(facts), KOREA).disputes
    return sorted((each.dispute for each in found), key=lambda each: each.key)


@given(stories, st.randoms(use_true_random=False))
def test_doubled_notices_change_nothing(facts: list[Told], chance: Random) -> None:
    doubled = [*facts, *chance.sample(facts, k=chance.randint(1, len(facts)))]

    assert told_of(doubled) == told_of(facts)


@given(stories, st.randoms(use_true_random=False))
def test_any_order_of_arrival_tells_the_same(facts: list[Told], chance: Random) -> None:
    """Notices of one moment and kind that differ are the exception: nobody can tell which came first."""
    distinct = list({(each.notice.kind, each.notice.on): each for each in facts}.values())
    shuffled = chance.sample(distinct, k=len(distinct))

    assert told_of(shuffled) == told_of(distinct)


@given(stories)
def test_no_story_is_too_strange(facts: list[Told]) -> None:
    """A promise has a window, a window has a promise, and every deadline is in order."""
    for each in told_of(facts):
        assert (each.phase == "promised") == (each.window is not None)
        assert each.promised is None or each.phase == "promised"
        assert list(each.deadlines) == sorted(each.deadlines, key=lambda found: (found.day, found.kind))
        assert next_step(each, date(2026, 6, 30)) is None or each.phase != "compensated"
