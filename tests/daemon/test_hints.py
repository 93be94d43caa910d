"""What the summary says beside the disputes: money that waits for a word, windows that moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from refundtracker.derivation import Rules, derive
from refundtracker.disputes import Dispute, Former
from refundtracker.reports.summary import News, from_disputes, render_html, render_text, subject
from rigs.facts import numbered, told

if TYPE_CHECKING:
    from refundtracker.words import Lang

TODAY = date(2026, 5, 20)


def moved(number: int) -> Dispute:
    """A promise whose window was counted anew."""
    finished = told("dispute-finished", "2026-05-12", order=f"80123456{number:08d}", money="US $5.20")
    (derived,) = derive(numbered([finished]), Rules("KR")).disputes
    assert derived.dispute.window is not None
    was = Former("holidays 0.1", date(2026, 5, 20), date(2026, 5, 26))
    return replace(derived.dispute, id=number, window=replace(derived.dispute.window, was=was))


@pytest.mark.parametrize(
    ("lang", "waits", "anew"),
    [("en", "3 sums of money wait for your word", "Counted anew"), ("ko", "3건 있어요", "다시 센 기간")],
)
def test_hints_stand_in_text_and_page(lang: Lang, waits: str, anew: str) -> None:
    news = News(waiting=3)
    told_ = from_disputes([moved(1), moved(2)], today=TODAY, lang=lang, country="KR", news=news)

    for shown in (render_text(told_), render_html(told_)):
        assert waits in shown
        assert anew in shown
        assert "#1, #2" in shown
    assert told_.news.notes == ()
    assert subject(told_) == subject(replace(told_, hints=()))


def test_many_moved_windows_are_counted() -> None:
    found = from_disputes([moved(n) for n in range(1, 12)], today=TODAY, lang="en", country="KR")

    assert "#7, #8 +3" in found.hints[0]


def test_a_settled_dispute_tells_no_news_of_its_window() -> None:
    over = replace(moved(1), written_off=TODAY)

    assert from_disputes([over], today=TODAY, lang="en", country="KR").hints == ()


def test_nothing_to_say_changes_nothing() -> None:
    calm = from_disputes([], today=TODAY, lang="en", country="KR")

    assert calm.hints == ()
    assert ">" not in render_text(calm)
