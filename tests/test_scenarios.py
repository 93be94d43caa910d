"""The stories that linking, amounts and windows were made for, each from its notices to its state."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from refundparsers.money import Money, parse_money
from refundtracker import tracking
from refundtracker.decisions import Decision
from refundtracker.derivation import Rules, derive, place
from refundtracker.disputes import Worth
from refundtracker.linking.approvals import approvals
from refundtracker.linking.shortfalls import by_issuer, causes, losses
from refundtracker.tracking import missing, next_step, state_on
from rigs.facts import ORDER, Told, numbered, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refundtracker.decisions import Verb
    from refundtracker.disputes import Dispute
    from refundtracker.linking.claims import Review

KOREA = Rules("KR")
KEY = f"order:{ORDER}"


def said(verb: Verb, *notices: int) -> list[Decision]:
    """What the user said about the money in these notices."""
    return [
        Decision(
            id=n,
            made_at=datetime(2026, 9, 1, tzinfo=UTC),
            verb=verb,
            key=KEY,
            mail="0" * 64,
            n=0,
            notice_id=n,
        )
        for n in notices
    ]


def only(*facts: Told, decisions: Sequence[Decision] = ()) -> Dispute:
    """The one dispute that the notices make."""
    (derived,) = derive(numbered(facts), KOREA, decisions).disputes
    return derived.dispute


def reviews(*facts: Told) -> tuple[Review, ...]:
    """What is left to the user."""
    return derive(numbered(facts), KOREA).reviews


def states(dispute: Dispute, *days: str) -> list[str]:
    """The states on these days."""
    return [state_on(dispute, date.fromisoformat(day)) for day in days]


def test_the_seed_story() -> None:
    """One part of eighteen is missing: opened, finished, "refunded", and on day seven the card's text."""
    told_ = [
        told("order-paid", "2026-04-01", money="126,000원"),
        told("dispute-opened", "2026-05-10"),
        told("dispute-finished", "2026-05-12", money="7,000원", result="refund"),
        told("seller-message", "2026-05-12"),
    ]
    paid = only(*told_, told("card-cancelled", "2026-05-19", money="7,000원"))

    assert states(only(*told_), "2026-05-21", "2026-05-22", "2026-05-28") == ["waiting", "due", "overdue"]
    assert states(paid, "2026-05-19") == ["paid"]
    assert [each.why.code for each in paid.received] == ["why.same-amount"]


def test_finished_arrives_before_opened() -> None:
    at = datetime(2026, 5, 12, 4, 22, 2, tzinfo=UTC)
    finished = told("dispute-finished", "2026-05-12", money="7,000원", at=at)
    opened = told("dispute-opened", "2026-05-12", at=at.replace(second=0))
    dispute = only(finished, opened, told("card-cancelled", "2026-05-19", money="7,000원"))

    assert (dispute.opened_on, dispute.finished_on) == (date(2026, 5, 12), date(2026, 5, 12))
    assert states(dispute, "2026-05-19") == ["paid"]


CHARGE = told("card-charged", "2026-01-20", money="15,430원", mailed="2026-01-20")
ONE_CHARGE = [
    told("order-paid", "2026-01-20", money="15,430원"),
    CHARGE,
    told("dispute-finished", "2026-02-20", money="15,430원"),
    told("card-cancelled", "2026-02-25", money="1,873원"),
    told("card-cancelled", "2026-02-25", money="6,104원"),
    told("card-cancelled", "2026-02-25", money="6,422원"),
]


def test_one_charge_three_cancellations_and_1031_won_short() -> None:
    """The sums do not meet, so nobody is sure; once the user says it, the gap is told."""
    assert only(*ONE_CHARGE).received == ()
    assert [[one.key for one in each.candidates] for each in reviews(*ONE_CHARGE)] == [[KEY]] * 3

    dispute = only(*ONE_CHARGE, decisions=said("link", 4, 5, 6))

    assert states(dispute, "2026-02-26") == ["short"]
    assert missing(dispute) == Money(1031, "KRW")
    assert {each.link for each in dispute.received} == {"user"}
    assert "cause.exchange" in [each.code for each in causes(dispute, date(2026, 2, 26))]


DCC = [
    told("order-paid", "2026-05-01", money="US $17.10"),
    told("card-charged", "2026-05-01", money="26,056원"),
    told("dispute-finished", "2026-05-20", money="US $17.10"),
    told("card-cancelled", "2026-05-27", money="25,038원"),
]


def test_a_price_converted_by_the_shop_comes_back_lower() -> None:
    """26,056 won charged, 25,038 credited: linked as plausible, and 1,018 won short of the charge."""
    dispute = only(*DCC)
    facts = numbered(DCC)
    tracked = tracking.track(facts)
    lost = losses(tracked, place(facts, tracked).links, approvals(facts))

    assert [each.why.code for each in dispute.received] == ["why.share-of-charge"]
    assert [each.worth for each in dispute.received] == [Worth(Money(1643, "USD"), 26, estimated=False)]
    assert states(dispute, "2026-05-27") == ["short"]
    assert missing(dispute) == Money(67, "USD")
    assert [each.code for each in causes(dispute, date(2026, 5, 28))][:1] == ["cause.dcc"]
    assert by_issuer(lost) == {("kr.shinhan", "KRW"): Money(1018, "KRW")}


OLDER = [
    told("order-paid", "2026-01-20", money="US $10.40"),
    told("card-charged", "2026-01-20", money="15,430원"),
    told("dispute-finished", "2026-02-20", money="US $10.40"),
    told("card-cancelled", "2026-02-25", money="1,873원"),
    told("card-cancelled", "2025-10-11", money="6,104원", mailed="2026-02-25"),
    told("card-cancelled", "2025-10-11", money="6,422원", mailed="2026-02-25"),
]


def test_cancellations_booked_against_older_purchases_are_1031_won_short_in_dollars() -> None:
    """1,873 won here and 12,526 elsewhere for a charge of 15,430: 6.7 % of the promise is missing."""
    dispute = only(*OLDER, decisions=said("link", 4, 5, 6))
    (cause, *_) = causes(dispute, date(2026, 2, 26))

    assert only(*OLDER).received == ()
    assert states(dispute, "2026-02-26") == ["short"]
    assert missing(dispute) == Money(70, "USD")
    assert cause.values == {"missing": "0.70 USD", "percent": "6.7 %"}


def in_won(won: str, *more: Told) -> Dispute:
    """5.20 dollars promised back, and won that the user linked, whatever they are worth."""
    promise = told("dispute-finished", "2025-07-14", money="US $5.20")
    credit = told("card-cancelled", "2025-07-21", money=won)
    return only(promise, credit, *more, decisions=said("link", 2))


def test_money_in_another_currency_is_measured_against_the_charge() -> None:
    charge = [
        told("order-paid", "2025-06-10", money="US $5.20"),
        told("card-charged", "2025-06-10", money="7,190원"),
    ]

    assert missing(in_won("7,190원", *charge)) == Money(0, "USD")
    assert missing(in_won("7,100원", *charge)) == Money(0, "USD")
    assert missing(in_won("6,500원", *charge)) == Money(50, "USD")
    assert states(in_won("6,500원", *charge), "2025-07-22") == ["short"]
    assert [each.code for each in causes(in_won("6,500원", *charge), date(2025, 7, 22))] == [
        "cause.coupon",
        "cause.still-to-come",
    ]


def test_without_a_charge_the_rate_tells_roughly_what_money_is_worth() -> None:
    """5.20 dollars were about 7,180 won: what lies within the band is no shortfall, a fifth of it is."""
    near, far = in_won("7,000원"), in_won("1,500원")

    assert [each.worth.estimated for each in near.received if each.worth] == [True]
    assert states(near, "2025-07-22") == ["paid"]
    assert states(far, "2025-07-22") == ["short"]
    assert missing(far) == Money(411, "USD")


def test_in_one_currency_a_lower_sum_waits_for_the_user() -> None:
    story = [
        told("dispute-finished", "2026-05-20", money="26,056원"),
        told("card-cancelled", "2026-05-27", money="25,038원"),
    ]
    (review,) = reviews(*story)
    dispute = only(*story, decisions=said("link", 2))

    assert [one.key for one in review.candidates] == [KEY]
    assert review.candidates[0].speaks[0].values == {"percent": "-3.9 %"}
    assert missing(dispute) == Money(1018, "KRW")
    assert "cause.dcc" in [each.code for each in causes(dispute, date(2026, 5, 28))]


def test_a_refund_of_the_whole_charge_is_known_to_the_won() -> None:
    story = [*DCC[:3], told("card-cancelled", "2026-05-27", money="26,056원")]

    assert [each.why.code for each in only(*story).received] == ["why.same-charge"]


def test_a_refund_dated_on_the_day_of_purchase() -> None:
    dispute = only(
        told("order-paid", "2026-04-01", money="23,400원"),
        told("dispute-finished", "2026-05-12", money="7,000원"),
        told("card-cancelled", "2026-04-01", money="7,000원", mailed="2026-05-19"),
    )

    assert states(dispute, "2026-05-20") == ["paid"]


def test_an_authorisation_that_is_charged_again_was_no_refund() -> None:
    """It is linked while nobody can know better, and taken back when the charge comes again."""
    story = [
        told("dispute-finished", "2026-05-12", money="7,000원"),
        told("card-cancelled", "2026-05-19", money="7,000원"),
    ]
    again = told("card-charged", "2026-05-22", money="7,000원")
    (review,) = reviews(*story, again)

    assert states(only(*story), "2026-05-20") == ["paid"]
    assert states(only(*story, again), "2026-05-23") == ["due"]
    assert review.why.code == "review.charged-again"


def test_a_new_order_of_the_same_sum_takes_nothing_back() -> None:
    story = [
        told("dispute-finished", "2026-05-12", money="7,000원"),
        told("card-cancelled", "2026-05-19", money="7,000원"),
        told("order-paid", "2026-05-22", order="8012345678905555", money="7,000원"),
        told("card-charged", "2026-05-22", money="7,000원"),
    ]

    assert states(only(*story), "2026-05-23") == ["paid"]


@pytest.mark.parametrize(
    ("promised", "days"),
    [
        ("2025-10-02", ("2025-10-20", "2025-10-23", "2025-11-06")),
        ("2026-02-12", ("2026-02-26", "2026-03-04", "2026-03-18")),
        ("2026-09-22", ("2026-10-06", "2026-10-12", "2026-10-26")),
        ("2026-05-12", ("2026-05-21", "2026-05-27", "2026-06-11")),
    ],
    ids=["Chuseok 2025", "Seollal 2026", "Chuseok 2026", "May 2026"],
)
def test_korean_windows_around_the_long_holidays(promised: str, days: tuple[str, ...]) -> None:
    window = only(told("dispute-finished", promised, money="7,000원")).window

    assert window is not None
    assert tuple(day.isoformat() for day in (window.due_on, window.overdue_on, window.escalate_on)) == days


def test_a_pacific_midnight_is_the_next_day_in_seoul() -> None:
    """23:59 Pacific on the 11th is the afternoon of the 12th in Seoul: the notice's day is what counts."""
    at = datetime(2026, 5, 12, 6, 59, tzinfo=UTC)
    dispute = only(told("dispute-finished", "2026-05-12", at=at, money="7,000원"))

    assert dispute.window is not None
    assert dispute.window.starts_on == date(2026, 5, 12)


def test_where_no_card_event_comes_the_order_page_is_the_place_to_look() -> None:
    """A refund by form leaves no text; the program says so instead of waiting in silence."""
    step = next_step(only(told("dispute-finished", "2026-05-12", money="7,000원")), date(2026, 5, 28))

    assert step is not None
    assert step.code == "next.overdue"


def test_a_coupon_is_no_money() -> None:
    dispute = only(told("dispute-finished", "2026-05-12", money="US $5.20", result="coupon"))

    assert states(dispute, "2026-07-01") == ["compensated"]


def test_a_proposal_unanswered_for_a_day_still_needs_the_buyer() -> None:
    dispute = only(
        told("dispute-opened", "2026-05-10"), told("proposal", "2026-05-12", act_by=date(2026, 5, 14))
    )
    step = next_step(dispute, date(2026, 5, 13))

    assert states(dispute, "2026-05-13") == ["act"]
    assert step is not None
    assert step.values == {"act_by": "2026-05-14"}


def test_money_as_it_is_printed_is_one_sum() -> None:
    printed = ("US $1,234.50", "1,234.50 USD", "USD 1234.50", "-USD 1,234.50", "1234.5달러")

    assert {parse_money(text) for text in printed} == {Money(123450, "USD")}


def test_a_holiday_added_later_moves_the_window() -> None:
    story = numbered([told("dispute-finished", "2026-05-12", money="7,000원")])
    (before,) = derive(story, KOREA).disputes
    (after,) = derive(story, Rules("KR", days_off=frozenset({date(2026, 5, 20)}))).disputes

    assert before.dispute.window is not None
    assert after.dispute.window is not None
    assert before.dispute.window.due_on == date(2026, 5, 21)
    assert after.dispute.window.due_on == date(2026, 5, 22)


def test_a_day_beyond_the_rates_is_neither_a_crash_nor_a_guess() -> None:
    story = [
        told("dispute-finished", "2031-05-12", money="US $5.20"),
        told("card-cancelled", "2031-05-19", money="7,000원"),
    ]
    (review,) = reviews(*story)

    assert only(*story).received == ()
    assert [each.code for each in review.candidates[0].speaks][:1] == ["speaks.no-rate"]


# --- sums, parts, and what the user said ---------------------------------------------------------

OTHER = "8012345678905555"


def test_one_credit_for_two_promises_and_two_credits_for_one() -> None:
    together = [
        told("dispute-finished", "2026-05-12", money="3,000원"),
        told("dispute-finished", "2026-05-12", order=OTHER, money="4,100원"),
        told("card-cancelled", "2026-05-19", money="7,100원"),
    ]
    apart = [
        told("dispute-finished", "2026-05-12", money="7,100원"),
        told("card-cancelled", "2026-05-18", money="3,000원"),
        told("card-cancelled", "2026-05-19", money="4,100원"),
    ]

    assert [
        [(str(each.money), each.why.code) for each in derived.dispute.received]
        for derived in derive(numbered(together), KOREA).disputes
    ] == [[("3000 KRW", "why.sum")], [("4100 KRW", "why.sum")]]
    assert [str(each.money) for each in only(*apart).received] == ["3000 KRW", "4100 KRW"]
    assert states(only(*apart), "2026-05-19") == ["paid"]


def test_a_promise_without_a_sum_takes_the_only_refund_around() -> None:
    story = [told("dispute-finished", "2026-05-12"), told("card-cancelled", "2026-05-19", money="7,000원")]
    second = told("card-cancelled", "2026-05-20", money="9,000원")

    assert [each.why.code for each in only(*story).received] == ["why.no-amount"]
    assert only(*story).promised is None
    assert only(*story, second).received == ()


def test_the_users_word_comes_first_and_parts_what_was_linked() -> None:
    story = [
        told("dispute-finished", "2026-05-12", money="7,000원"),
        told("card-cancelled", "2026-05-19", money="7,000원"),
    ]
    (parted,) = derive(numbered(story), KOREA, said("unlink", 2)).disputes

    assert [each.link for each in only(*story, decisions=said("link", 2)).received] == ["user"]
    assert parted.dispute.received == ()
    assert len(derive(numbered(story), KOREA, said("unlink", 2)).reviews) == 1
