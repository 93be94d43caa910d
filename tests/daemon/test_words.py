"""The catalogue of words, and what foreign text is turned into."""

from __future__ import annotations

import os
import string
import subprocess
import sys
import unicodedata
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.notices import Kind, Outcome, Result, Trust
from refundtracker.disputes import State
from refundtracker.words import WORDS, Lang, one_line, say

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTICLES = ("은", "는", "이", "가", "을", "를", "과", "와", "으로", "로")


def _fields(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}


@pytest.mark.parametrize("key", WORDS)
def test_every_key_has_both_languages_with_the_same_fields(key: str) -> None:
    english, korean = WORDS[key]

    assert english.strip() == english != ""
    assert korean.strip() == korean != ""
    assert _fields(korean) == _fields(english)
    assert all(field.isidentifier() for field in _fields(english))


@pytest.mark.parametrize("key", WORDS)
def test_english_is_ascii_and_korean_is_korean(key: str) -> None:
    english, korean = WORDS[key]

    assert english.isascii()
    assert any("가" <= letter <= "힣" for letter in korean)


@pytest.mark.parametrize("key", WORDS)
def test_no_particle_that_changes_its_shape_follows_a_slot(key: str) -> None:
    """Whether 을 or 를 is right hangs on the value, which is not known in the catalogue."""
    after = [tail for part in WORDS[key][1].split("}")[1:] for tail in [part.split(" ")[0].rstrip(".,)")]]

    assert not [tail for tail in after if tail in _PARTICLES]


@pytest.mark.parametrize("key", [key for key in WORDS if key.startswith("next.") or key.endswith(".means")])
def test_korean_sentences_keep_one_polite_form(key: str) -> None:
    sentences = [part for part in WORDS[key][1].replace(")", "").split(". ") if "차지백 기한:" not in part]

    assert [part for part in sentences if part.rstrip(".")[-1] != "요"] == []


def _named(prefix: str, names: Iterable[str], suffix: str = "") -> set[str]:
    return {f"{prefix}.{name}{suffix}" for name in names}


def test_everything_that_is_derived_or_read_has_a_name() -> None:
    wanted = (
        _named("state", get_args(State))
        | _named("state", get_args(State), ".means")
        | _named("event", get_args(Kind))
        | _named("result", get_args(Result))
        | _named("outcome", get_args(Outcome))
        | _named("trust", get_args(Trust))
    )

    assert wanted - set(WORDS) == set()


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("en", "Answer on the order page by 14 May."), ("ko", "14 May까지 주문 페이지에서 답하세요.")],
)
def test_values_stand_where_the_sentence_mentions_them(lang: Lang, expected: str) -> None:
    assert say(lang, "next.act", act_by="14 May", another="left out") == expected


def test_braces_in_a_value_stay_braces() -> None:
    assert say("en", "next.act", act_by="{act_by.__class__}") == (
        "Answer on the order page by {act_by.__class__}."
    )


def test_an_unknown_key_and_a_missing_value_are_errors() -> None:
    with pytest.raises(KeyError, match=r"next\.nothing"):
        say("en", "next.nothing")
    with pytest.raises(KeyError, match="act_by"):
        say("ko", "next.act")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\r\n\tlines  ", "two lines"),
        ("\x1b[2J\x1b]0;title\x07red", "[2J]0;titlered"),
        ("pay\u202eli.exe\u2066", "payli.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a\x00b\x85c\u2028d", "ab c d"),
        ("lone \ud800 surrogate", "lone surrogate"),
        (unicodedata.normalize("NFD", "환불"), "환불"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("", ""),
    ],
)
def test_foreign_text_becomes_one_harmless_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


def test_long_text_is_cut_with_a_sign() -> None:
    assert one_line("환불 " * 50, 10) == "환불 환불 환불…"
    assert one_line("exactly ten"[:10], 10) == "exactly te"


@given(st.text(st.characters()), st.integers(1, 40))
def test_no_text_gets_through_with_control_characters(text: str, limit: int) -> None:
    line = one_line(text, limit)

    assert len(line) <= limit
    assert line == one_line(line)
    assert {unicodedata.category(letter) for letter in line} & {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} == set()
    assert line.encode("utf-8").decode("utf-8") == line


def test_the_catalogue_is_light() -> None:
    """`refunds list` pays for this import at every call."""
    code = "import sys, refundtracker.words; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    ).stdout.split()

    assert {"babel", "jinja2", "email", "smtplib", "re2"} & set(loaded) == set()
