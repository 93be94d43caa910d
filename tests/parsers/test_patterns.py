"""Where a form fits: what may stand before and behind it, and what a slot must not take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.patterns import BadPattern, compile_lines, compile_whole, torn
from refundparsers.relays import set_apart


def values(source: str, text: str, *, glued: bool = True) -> list[dict[str, tuple[str, ...]]]:
    return [fit.values for fit in compile_lines(source, glued=glued).find(text, text.casefold())]


@pytest.mark.parametrize(
    "text", ["삼성 1234 취소 7,000원", "삼성1234취소7,000원", "삼성1234\n취소\n\n7,000원"]
)
def test_white_space_may_be_there_or_not(text: str) -> None:
    assert values("삼성 {card} 취소 {won}", text)[0]["won"] == ("7,000원",)


def test_full_width_brackets_and_blanks_are_brackets_and_blanks() -> None:
    assert values("신한카드({card}) 취소 {won}", "신한카드（1234）　취소　7,000원")[0]["card"] == ("1234",)


def test_an_open_slot_at_the_end_takes_the_line() -> None:
    assert values("취소 {merchant}", "취소 AliExpress LUX\n다음 줄") == [{"merchant": ("AliExpress LUX",)}]


def test_an_optional_total_ends_the_merchant() -> None:
    source = "취소 {merchant} {total?}"

    assert values(source, "취소 Apple 누적1,000원 이벤트")[0]["merchant"] == ("Apple",)
    assert values(source, "취소 Apple\n누적1,000원")[0]["merchant"] == ("Apple",)
    assert values(source, "취소 Apple\n이벤트")[0]["merchant"] == ("Apple",)


def test_a_form_that_starts_with_a_slot_starts_with_a_line() -> None:
    source = "{merchant:first}{gap}{won} 취소완료"

    assert values(source, "[Web발신] GS25 7,000원 취소완료")[0]["merchant:first"] == ("GS25",)
    assert values(source, "15888100\nGS25\n7,000원 취소완료")[0]["merchant:first"] == ("GS25",)


def test_a_word_of_latin_letters_starts_where_no_word_goes_on() -> None:
    assert values("BC({card})", "우리BC(1234)") != []
    assert values("BC({card})", "ABC(1234)") == []


@pytest.mark.parametrize("amount", ["7,00,0", "7.000.00"])
def test_a_torn_amount_keeps_its_rest(amount: str) -> None:
    """A number that goes on behind the slot is handed on whole, so that its reader refuses it."""
    assert values("취소 {amount}", f"취소 {amount}")[0]["amount"] == (amount,)


def test_a_number_that_ends_the_line_above_is_not_a_part_of_an_amount() -> None:
    assert torn("money", "0000.\n0.01 USD", 6, 14) == ("", "")


@pytest.mark.parametrize("source", ["{any}", "{lines}", "{any}x{any}", "{gap?}", "{won?}"])
def test_a_fit_of_nothing_never_stands_inside_of_a_character(source: str) -> None:
    text = "é가\n\n😀x 1,000원"

    found = list(compile_lines(source, glued=True).find(text, text.casefold()))

    assert [(fit.start, fit.end) for fit in found] == [
        each.span() for each in compile_lines(source, glued=True).compiled().finditer(text)
    ]


def test_mail_forms_take_whole_lines() -> None:
    assert values("Order {order} closed", "Order 8012345678901234 closed today", glued=False) == []
    assert values("Order {order} closed", " Order 8012345678901234 closed \n", glued=False) != []


def test_a_whole_text_is_taken_whole() -> None:
    pattern = compile_whole("Refund {sent|completed}")

    assert pattern.whole(" refund Sent ")
    assert pattern.whole("Refund sent today") is None


def test_a_pattern_too_large_for_the_engine_is_told() -> None:
    with pytest.raises(BadPattern, match="cannot be compiled"):
        compile_lines("{lines}x" * 400, glued=True).compiled()


def test_texts_in_one_line_are_set_apart() -> None:
    joined = "가맹점 [Web발신] 신한카드(1234)취소 7,000원 KB국민카드1234승인 1,000원 [현대카드] 안내"

    assert set_apart(joined).split("\n") == [
        "가맹점 ",
        "[Web발신] ",
        "신한카드(1234)취소 7,000원 ",
        "KB국민카드1234승인 1,000원 ",
        "[현대카드] 안내",
    ]


@given(st.text(max_size=200))
def test_setting_apart_only_adds_line_breaks(text: str) -> None:
    assert set_apart(text).replace("\n", "") == text.replace("\n", "")


@given(st.text(max_size=300))
def test_no_text_makes_a_fit_reach_beyond_it(text: str) -> None:
    pattern = compile_lines("취소 {holder?} {money} {on?} {merchant} {total?}", glued=True)

    for fit in pattern.find(text, text.casefold()):
        assert 0 <= fit.start < fit.end <= len(text)


def test_a_card_ends_where_its_number_ends() -> None:
    """Without a mask an optional card could take the first digits of the sum behind it."""
    pattern = compile_lines("취소 {card?} {won}", glued=True)

    assert [list(pattern.find(text, text)) for text in ("취소 5000원", "취소 101원")] == [[], []]
    (fit,) = pattern.find("취소 1234 5000원", "취소 1234 5000원")
    assert fit.values == {"card": ("1234",), "won": ("5000원",)}
