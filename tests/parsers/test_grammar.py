r"""The notation of forms: words, white space, slots and alternatives, and what is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.grammar import BadPattern, Choice, Place, Space, Word, escape, parse
from refundparsers.patterns import compile_lines


def test_a_form_is_words_spaces_slots_and_choices() -> None:
    assert parse("취소 {won?}\n{a|{card}|}") == (
        Word("취소"),
        Space(),
        Place("won", optional=True),
        Space(),
        Choice(((Word("a"),), (Place("card", optional=False),), ())),
    )


def test_a_slot_may_have_a_variant() -> None:
    assert parse("{on:dmy?}") == (Place("on:dmy", optional=True),)


def test_a_bar_outside_braces_is_a_character() -> None:
    assert parse("결제 | {merchant}")[2] == Word("|")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("{won", "is never closed"),
        ("{a|{won}", "is never closed"),
        ("won}", "without its {"),
        ("{wonn}", "there is no slot {wonn}"),
        ("{on:ydm}", "there is no slot {on:ydm}"),
        ("{Won}", "neither a slot nor alternatives"),
    ],
)
def test_a_mistake_is_told_in_words(source: str, sentence: str) -> None:
    with pytest.raises(BadPattern, match=sentence.replace("{", r"\{").replace("}", r"\}")):
        parse(source)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30))
def test_escaped_text_stands_for_itself(text: str) -> None:
    """Whatever a message holds, escaped it is a form that takes exactly that message."""
    pattern = compile_lines(escape(text), glued=True)

    assert [text[fit.start : fit.end] for fit in pattern.find(text, text.casefold())][:1] == [text]
