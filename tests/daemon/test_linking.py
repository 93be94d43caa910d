"""Which money pays which dispute: a wrong link hides a missing refund."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker.derivation import Rules, derive
from refundtracker.linking.merchants import is_aliexpress
from rigs.facts import ORDER, Told, numbered, told

KOREA = Rules("KR")
OTHER = "8012345678905555"
PROMISED = told("dispute-finished", "2026-05-12", money="7,000원")


def links(*facts: Told) -> dict[str | None, list[str]]:
    """Reasons of the links by order."""
    derived = [each.dispute for each in derive(numbered(facts), KOREA).disputes]
    return {each.order: [received.why.code for received in each.received] for each in derived}


def test_same_sum_from_aliexpress_is_linked() -> None:
    assert links(PROMISED, told("card-cancelled", "2026-05-19", money="7,000원")) == {
        ORDER: ["why.same-amount"]
    }


def test_the_same_order_on_both_sides_is_linked() -> None:
    """Whatever the merchant's name and the sum."""
    credit = told("card-cancelled", "2026-05-19", money="6,900원", merchant="ALIPAY SINGAPORE", order=ORDER)

    assert links(PROMISED, credit) == {ORDER: ["why.same-order"]}


@pytest.mark.parametrize(
    "credit",
    [
        told("card-cancelled", "2026-05-19", money="7,001원"),
        told("card-cancelled", "2026-05-19", money="USD 7.00"),
        told("card-cancelled", "2026-05-19", money="7,000원", merchant="쿠팡"),
        told("card-cancelled", "2026-05-19", money="7,000원", merchant=None),
        told("card-cancelled", "2026-05-19", money="7,000원", merchant="ALIPAY SINGAPORE"),
        told("card-cancelled", "2026-04-02", money="7,000원"),
        told("card-cancelled", "2026-04-02", money="7,000원", mailed="2026-05-19"),
        told("card-cancelled", "2026-11-19", money="7,000원"),
        told("card-charged", "2026-05-19", money="7,000원"),
        told("refund-announced", "2026-05-19", money="7,000원"),
        told("authorisation-expired", "2026-05-19", money="7,000원"),
    ],
    ids=[
        "sum",
        "currency",
        "merchant",
        "no merchant",
        "alipay",
        "before",
        "old text",
        "too late",
        "charge",
        "announced",
        "expired",
    ],
)
def test_what_is_no_refund_of_this_dispute(credit: Told) -> None:
    assert links(PROMISED, credit) == {ORDER: []}


def test_a_cancellation_may_carry_the_day_of_purchase() -> None:
    """Issuers book it there; it is known because the order's payment is."""
    credit = told("card-cancelled", "2026-04-01", money="7,000원", mailed="2026-05-19")

    assert links(told("order-paid", "2026-04-01", money="23,400원"), PROMISED, credit) == {
        ORDER: ["why.same-amount"]
    }


def test_two_promises_and_one_refund_wait_for_the_user() -> None:
    twin = told("dispute-finished", "2026-05-13", order=OTHER, money="7,000원")

    assert links(PROMISED, twin, told("card-cancelled", "2026-05-19", money="7,000원")) == {
        ORDER: [],
        OTHER: [],
    }


def test_one_promise_and_two_refunds_wait_for_the_user() -> None:
    refunds = [told("card-cancelled", day, money="7,000원") for day in ("2026-05-18", "2026-05-19")]

    assert links(PROMISED, *refunds) == {ORDER: []}


def test_the_same_event_told_twice_is_one() -> None:
    credit = told("card-cancelled", "2026-05-19", money="7,000원")

    assert links(PROMISED, credit, credit) == {ORDER: ["why.same-amount"]}


def test_an_order_closed_without_a_word_is_a_second_explanation() -> None:
    """A seller who cancels another order of the same sum causes the same text."""
    closed = [
        told("order-paid", "2026-05-10", order=OTHER, money="7,000원"),
        told("order-closed", "2026-05-14", order=OTHER),
    ]

    assert links(PROMISED, *closed, told("card-cancelled", "2026-05-19", money="7,000원")) == {
        ORDER: [],
        OTHER: [],
    }


def test_a_sure_link_leaves_the_rest_unambiguous() -> None:
    twin = told("dispute-finished", "2026-05-13", order=OTHER, money="7,000원")
    named = told("card-cancelled", "2026-05-18", money="7,000원", order=OTHER)

    assert links(PROMISED, twin, named, told("card-cancelled", "2026-05-19", money="7,000원")) == {
        ORDER: ["why.same-amount"],
        OTHER: ["why.same-order"],
    }


@pytest.mark.parametrize(
    "merchant",
    [
        "AliExpress", "ALIEXPRESS", "ALIEXPRESS.COM Luxembourg", "WWW.ALIEXPRESS.COM LONDON",
        "aliexpress Singapore SG", "aliexpress LUX Luxembourg", "ALIEXPRESS.COM LONDON GBR",
        "AliExpress San Mateo", "YM*AE", "YM*AliExpress,Moscow,RU", "알리익스프레스", "ALIEXPRE", "ALIEXP",
        "미국   ALIEXPRESS", "AE*ALIEXPR",
    ],
)  # fmt: skip
def test_names_of_aliexpress(merchant: str) -> None:
    assert is_aliexpress(merchant)


@pytest.mark.parametrize(
    "merchant",
    [
        "ALIEX",
        "ALIEXPERT SHOP",
        "ALIPAY SINGAPORE",
        "EXPRESS",
        "알리",
        "쿠팡",
        "",
        None,
        "YM*AEON",
        "ALIEXPRUSSIA",
    ],
)
def test_names_of_others(merchant: str | None) -> None:
    assert not is_aliexpress(merchant)


DAYS = st.dates(date(2026, 5, 1), date(2026, 7, 1)).map(date.isoformat)
SUMS = st.sampled_from(["7,000원", "7,000원", "8,000원", "US $5.20"])


@given(
    st.lists(st.tuples(st.integers(0, 5), DAYS, SUMS), max_size=8),
    st.lists(st.tuples(DAYS, SUMS, st.sampled_from([None, "AliExpress", "쿠팡"])), max_size=8),
)
def test_no_money_is_used_twice_and_none_is_invented(
    promised: list[tuple[int, str, str]], credited: list[tuple[str, str, str | None]]
) -> None:
    facts = [
        told("dispute-finished", day, money=money, order=f"80123456789012{n:02d}")
        for n, day, money in promised
    ]
    facts += [
        told("card-cancelled", day, money=money, merchant=merchant) for day, money, merchant in credited
    ]
    received = [
        each for dispute in derive(numbered(facts), KOREA).disputes for each in dispute.dispute.received
    ]

    assert len({each.notice_id for each in received}) == len(received)
    assert len(received) <= len(
        {(day, money, merchant) for day, money, merchant in credited if merchant == "AliExpress"}
    )


@given(st.integers(4, 400))
def test_an_unrelated_text_changes_nothing(days: int) -> None:
    linked = [PROMISED, told("card-cancelled", "2026-05-19", money="7,000원")]
    day = (date(2026, 5, 12) - timedelta(days=days)).isoformat()
    unrelated = told("card-cancelled", day, money="9,000원", merchant="쿠팡")

    assert links(*linked, unrelated) == links(*linked)


PAID = told("order-paid", "2026-04-01", money="14,000원")


@pytest.mark.parametrize(
    "second",
    [
        [told("dispute-finished", "2026-05-06", order=OTHER)],
        [
            told("order-paid", "2026-05-02", order=OTHER, money="7,000원"),
            told("order-shipped", "2026-05-04", order=OTHER),
        ],
        [
            told("card-cancelled", "2026-05-16", money="3,000원"),
            told("card-cancelled", "2026-05-17", money="4,000원"),
        ],
        [told("card-cancelled", "2026-05-16", money="6,900원")],
    ],
    ids=["a promise of unknown sum", "an authorisation that may expire", "two parts", "moved by a rate"],
)
def test_the_very_sum_with_a_second_explanation_waits_for_the_user(second: list[Told]) -> None:
    assert links(PROMISED, *second, told("card-cancelled", "2026-05-19", money="7,000원"))[ORDER] == []


def test_money_that_came_before_the_promise_waits_for_the_user() -> None:
    credit = told("card-cancelled", "2026-05-11", money="7,000원")

    assert links(PAID, PROMISED, credit) == {ORDER: []}


def test_lines_of_one_sum_are_told_apart_by_the_number_of_the_dispute_alone() -> None:
    lines = [
        told("dispute-finished", day, dispute=number, money="7,000원", result="refund")
        for day, number in (("2026-05-12", "11"), ("2026-09-20", "22"))
    ]
    text = told("card-cancelled", "2026-05-19", money="7,000원")
    named = told("card-cancelled", "2026-05-19", money="7,000원", dispute="11")
    facts = derive(numbered([PAID, *lines, text]), KOREA).disputes
    numbered_ = derive(numbered([PAID, *lines, named]), KOREA).disputes

    assert [each.dispute.received for each in facts] == [(), ()]
    assert [len(each.dispute.received) for each in numbered_] == [1, 0]


def test_a_second_promise_is_no_alibi_for_a_second_credit() -> None:
    """Two credits of the sum: a purchase of these days may explain one of them, but nobody knows which."""
    fresh = told("order-paid", "2026-05-18", order=OTHER, money="7,000원")
    credits_ = [told("card-cancelled", day, money="7,000원") for day in ("2026-05-16", "2026-05-19")]

    assert links(PROMISED, fresh, *credits_)[ORDER] == []
