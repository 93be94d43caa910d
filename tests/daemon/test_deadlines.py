"""The days by which somebody has to act: printed ones first, the others counted and labelled."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from refundtracker.derivation import Rules, derive
from refundtracker.disputes import Deadline
from refundtracker.tracking import next_step
from rigs.facts import Told, numbered, told

if TYPE_CHECKING:
    from refundparsers.notices import Kind
    from refundtracker.disputes import DeadlineKind, DeadlineSource, Dispute

OPENED = told("dispute-opened", "2026-05-10")


def only(*facts: Told) -> Dispute:
    (derived,) = derive(numbered(facts), Rules("KR")).disputes
    return derived.dispute


def kept(dispute: Dispute, kind: DeadlineKind) -> list[Deadline]:
    return [each for each in dispute.deadlines if each.kind == kind]


@pytest.mark.parametrize(
    ("asked", "kind", "day", "source"),
    [
        (None, "seller", "2026-05-15", "A"),
        ("seller-responded", "answer", "2026-05-22", "T"),
        ("proposal", "answer", "2026-05-22", "T"),
        ("dispute-escalated", "aliexpress", "2026-05-27", "A"),
        ("return-requested", "return", "2026-05-30", "A"),
    ],
)
def test_what_is_not_printed_is_estimated(
    asked: Kind | None, kind: DeadlineKind, day: str, source: DeadlineSource
) -> None:
    found = only(OPENED, *([told(asked, "2026-05-20")] if asked else []))

    assert kept(found, kind) == [Deadline(kind, date.fromisoformat(day), estimated=True, source=source)]
    assert found.act_by is None


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("seller-responded", "answer"),
        ("proposal", "answer"),
        ("evidence-requested", "answer"),
        ("dispute-escalated", "aliexpress"),
        ("return-requested", "return"),
    ],
)
def test_a_printed_day_beats_a_counted_one(asked: Kind, kind: DeadlineKind) -> None:
    printed = date(2026, 5, 25)
    found = only(OPENED, told(asked, "2026-05-20", act_by=printed))

    assert kept(found, kind) == [Deadline(kind, printed, estimated=False, source="mail")]
    assert found.act_by == (printed if kind == "answer" else None)


def test_nobody_guesses_a_day_for_evidence() -> None:
    found = only(OPENED, told("evidence-requested", "2026-05-20"))
    step = next_step(found, date(2026, 5, 20))

    assert kept(found, "answer") == []
    assert step is not None
    assert step.code == "next.act-soon"


def test_a_printed_day_of_an_earlier_round_is_over() -> None:
    """The first proposal had its day; the second one prints none."""
    found = only(
        OPENED,
        told("proposal", "2026-05-11", act_by=date(2026, 5, 13)),
        told("dispute-escalated", "2026-05-14"),
        told("proposal", "2026-05-20"),
    )

    assert found.act_by is None
    assert kept(found, "answer") == [Deadline("answer", date(2026, 5, 22), estimated=True, source="T")]


@pytest.mark.parametrize(
    ("facts", "day", "source"),
    [
        ([told("order-paid", "2026-04-01")], "2026-06-30", "A"),
        ([told("order-paid", "2026-04-01"), told("order-delivered", "2026-05-01")], "2026-05-16", "A"),
        ([told("order-delivered", "2026-05-01"), told("order-delivered", "2026-05-04")], "2026-05-16", "A"),
        ([told("order-closing", "2026-05-01", act_by=date(2026, 5, 20))], "2026-05-20", "mail"),
    ],
)
def test_how_long_an_order_is_protected(facts: list[Told], day: str, source: DeadlineSource) -> None:
    """Fifteen days from receipt, ninety from payment at most, or what a mail prints."""
    last = date.fromisoformat(day)
    expected = [Deadline("protection", last, estimated=source != "mail", source=source)]

    assert kept(only(*facts, OPENED), "protection") == expected


def test_withdrawing_is_warned_of_while_it_can_be_undone() -> None:
    found = only(told("order-paid", "2026-04-01"), OPENED, told("dispute-withdrawn", "2026-05-12"))
    steps = [next_step(found, day) for day in (date(2026, 6, 30), date(2026, 7, 1))]

    assert [step.code if step else None for step in steps] == ["next.withdrawn.estimated", None]


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        ("2026-04-01", Deadline("chargeback", date(2026, 7, 30), estimated=False, source="T")),
        (None, Deadline("chargeback", date(2026, 7, 9), estimated=True, source="I")),
    ],
)
def test_chargeback_is_estimated_without_the_day_of_payment(paid: str | None, expected: Deadline) -> None:
    payment = [told("order-paid", paid)] if paid else []
    found = only(*payment, OPENED, told("dispute-finished", "2026-05-12", money="US $5.20"))

    assert found.deadlines == (expected,)
    assert found.chargeback_by == expected.day


def test_money_that_came_ends_all_deadlines() -> None:
    found = only(
        OPENED,
        told("dispute-finished", "2026-05-12", money="US $5.20"),
        told("card-cancelled", "2026-05-19", money="US $5.20"),
    )

    assert found.deadlines == ()


@pytest.mark.parametrize(
    ("facts", "code", "day"),
    [
        ([OPENED, told("proposal", "2026-05-20")], "next.act.estimated", "2026-05-22"),
        ([OPENED, told("return-requested", "2026-05-20")], "next.returning.estimated", "2026-05-30"),
        (
            [OPENED, told("return-requested", "2026-05-20", act_by=date(2026, 5, 24))],
            "next.returning.by",
            "2026-05-24",
        ),
    ],
)
def test_the_next_step_says_whether_its_day_is_estimated(facts: list[Told], code: str, day: str) -> None:
    step = next_step(only(*facts), date(2026, 5, 20))

    assert step is not None
    assert (step.code, step.values) == (code, {"day": day})


def test_the_last_days_of_time_are_no_error() -> None:
    found = only(told("dispute-opened", "9999-12-30"), told("proposal", "9999-12-31"))

    assert [each.day for each in kept(found, "answer")] == [date.max]
