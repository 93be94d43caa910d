"""Why a mail came to its outcome, for people who read Korean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker.words.reasons import reason_in

if TYPE_CHECKING:
    from collections.abc import Iterator

MAILS = Path(__file__).parent.parent / "mails"


def _golden_reasons() -> Iterator[str]:
    """Every reason that stands in the golden answers."""
    for path in sorted(MAILS.rglob("*.json")):
        for line in path.read_text(encoding="utf-8").splitlines():
            key, _, value = line.strip().rstrip(",").partition(": ")
            if key == '"reason"' and value != "null":
                yield json.loads(value)


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("an advert", "광고"),
        ("no form fits this mail of AliExpress", "알리익스프레스 메일이지만 맞는 양식이 없음"),
        (
            "mx.example.net says dmarc=fail for a mail that claims notice.aliexpress.com.",
            "mx.example.net 판정: dmarc=fail (자칭 발신자: notice.aliexpress.com)",
        ),
        (
            "aliexpress.dispute-finished.en: the amount could not be read: 'US $5,2,0'",
            "aliexpress.dispute-finished.en: 읽을 수 없는 값: 'US $5,2,0'",
        ),
        (
            "kr.general.charged fits, but the text speaks of a refusal",
            "kr.general.charged: 승인 거절에 관한 문자",
        ),
    ],
)
def test_a_reason_in_korean(english: str, korean: str) -> None:
    assert reason_in("ko", english) == korean
    assert reason_in("en", english) == english


def test_hardly_any_reason_is_without_korean() -> None:
    """A new one may be English for a while; that they all are would mean the sentences have moved on."""
    reasons = set(_golden_reasons())
    english = {reason for reason in reasons if reason_in("ko", reason) == reason}

    assert len(reasons) > 30
    assert len(english) <= len(reasons) // 10, sorted(english)


def test_no_reason_stays_none() -> None:
    assert reason_in("ko", None) is None


@given(st.text(max_size=80))
def test_what_nobody_translated_stays_as_it_is(text: str) -> None:
    """Braces and patterns in a quoted value mean nothing."""
    quoted = f"two orders stand side by side, {text} and {{0}}"
    korean = reason_in("ko", quoted)

    assert reason_in("ko", f"unheard of {text}") == f"unheard of {text}"
    assert korean == (f"주문 번호가 둘 있음: {text}, {{0}}" if text and " and " not in text else korean)
