"""One event told twice is one, and two refunds of one sum are two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker.linking.events import credits_among
from rigs.facts import Told, numbered, told

AT = datetime(2026, 5, 19, 3, 0, tzinfo=UTC)


def seen(**values: object) -> Told:
    """A cancellation of 7,000 won, as one of the channels tells it."""
    return told(
        "card-cancelled", str(values.pop("day", "2026-05-19")), **{"money": "7,000원", "at": AT, **values}
    )


@pytest.mark.parametrize(
    "again",
    [
        seen(),
        seen(mailed="2026-05-22"),
        seen(form="push", card="1*3*"),
        seen(form="push", at=None),
        seen(form="push", merchant=None),
        seen(form="push", at=AT.replace(minute=1)),
        seen(form="mail", day="2026-05-20", at=None, card=None),
    ],
    ids=["again", "sent again", "masked", "no time", "no merchant", "a minute later", "the bank's mail"],
)
def test_one_event_from_two_sources_is_one(again: Told) -> None:
    facts = numbered([seen(), again])

    assert [credit.told for credit in credits_among(facts)] == [(1, 2)]


@pytest.mark.parametrize(
    "other",
    [
        seen(at=AT.replace(hour=9)),
        seen(card="9999"),
        seen(issuer="kr.kb"),
        seen(money="7,001원"),
        seen(day="2026-05-25", at=None),
        seen(merchant="쿠팡"),
        seen(order="8012345678901234", at=AT.replace(hour=9)),
    ],
    ids=["another time", "another card", "another issuer", "another sum", "another day", "shop", "order"],
)
def test_two_refunds_are_two(other: Told) -> None:
    assert len(credits_among(numbered([seen(), other]))) == 2


def test_the_fullest_notice_speaks_for_the_event() -> None:
    (credit,) = credits_among(numbered([seen(form="push", at=None, merchant=None), seen()]))

    assert (credit.id, credit.merchant) == (2, "AliExpress")


@given(
    st.permutations(
        [
            seen(),
            seen(form="push", at=None),
            seen(at=AT.replace(hour=9)),
            seen(card="9999"),
            seen(card="1*3*", form="push"),
        ]
    )
)
def test_the_order_of_arrival_decides_nothing(shuffled: list[Told]) -> None:
    events = credits_among(numbered(shuffled))

    assert sorted(len(credit.told) for credit in events) == [1, 1, 3]
