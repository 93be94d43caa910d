"""Money as it is printed: exact, or not read at all."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.charsets import plain
from refundparsers.money import MONEY, Money, exponent, parse_amount, parse_money
from refundparsers.patterns import compile_lines

SLOT = re2.compile(f"(?i){MONEY}")
PATTERN = compile_lines("amount {any}{money}", glued=True)
# What sets off groups, and decimals.
MARKS = ((",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ","))
# A currency, and what may stand before and behind its amounts.
UNITS = (
    ("USD", (("US $", ""), ("USD", ""), ("", "USD"), ("US$", "USD"), ("$", "USD"), ("", "달러"))),
    ("EUR", (("€", ""), ("", "€"), ("EUR", ""), ("", "EUR €"), ("€", "EUR"), ("EUR €", ""))),
    ("KRW", (("₩", ""), ("", "원"), ("KRW", ""), ("￦", ""), ("", "(KRW)"))),
    ("JPY", (("JP¥", ""), ("¥", "JPY"), ("JPY ¥", ""), ("", "엔"))),
    ("KWD", (("KWD", ""), ("", "KWD"))),
    ("BRL", (("R$", ""), ("BRL", ""), ("R$", "BRL"))),
    ("INR", (("₹", ""), ("Rs.", ""), ("INR", ""))),
    ("RUB", (("", "р"), ("", "₽"), ("", "руб."))),
)


@pytest.mark.parametrize(
    ("printed", "minor", "currency"),
    [
        ("US $5.20", 520, "USD"),
        ("US $ 1.87", 187, "USD"),
        ("5.20 USD", 520, "USD"),
        ("₩7,000", 7000, "KRW"),
        ("7,000원", 7000, "KRW"),
        ("KRW 13,500.00", 13500, "KRW"),
        ("1 234,56 €", 123456, "EUR"),
        ("1.234 €", 123400, "EUR"),
        ("R$126,59", 12659, "BRL"),
        ("12 174р", 1217400, "RUB"),
        ("EUR .93", 93, "EUR"),
        ("(-15,990원)", 15990, "KRW"),
        ("USD -12.34", 1234, "USD"),
        ("USD22.00", 2200, "USD"),
        ("USD 20", 2000, "USD"),
        ("299.00(MXN)", 29900, "MXN"),
        ("9.66 달러", 966, "USD"),
        ("2,390\n엔", 2390, "JPY"),
        ("LKR 42,200.61", 4220061, "LKR"),
        ("3,57zł", 357, "PLN"),
        ("Rs.862.16", 86216, "INR"),
        ("INR 1,23,456.00", 12345600, "INR"),
        ("KWD 1.234", 1234, "KWD"),
        ("CHF 1'234.50", 123450, "CHF"),
        ("1\u202f234,56\u00a0€", 123456, "EUR"),
        ("￦7,000", 7000, "KRW"),
        ("KRW7,000", 7000, "KRW"),
        ("7 000 ₩", 7000, "KRW"),
        ("-US $5.20", 520, "USD"),
        ("- US $ 5.20", 520, "USD"),
        ("5.20- USD", 520, "USD"),
        ("₹1,23,456", 12345600, "INR"),
        ("1,234,567.891 KWD", 1234567891, "KWD"),
        ("1 234,567 TND", 1234567, "TND"),
        ("7.000 KRW", 7000, "KRW"),
        ("1,234 €", 123400, "EUR"),
    ],
)
def test_printed_forms(printed: str, minor: int, currency: str) -> None:
    assert parse_money(printed) == Money(minor, currency)


@pytest.mark.parametrize(
    ("printed", "minor", "currency"),
    [
        ("¥800 JPY", 800, "JPY"),
        ("JPY ¥800", 800, "JPY"),
        ("¥5.20 CNY", 520, "CNY"),
        ("US$ 5.20 USD", 520, "USD"),
        ("$5.20 USD", 520, "USD"),
        ("CAD $5.20", 520, "CAD"),
        ("USD US$5.20", 520, "USD"),
        ("5,20 EUR €", 520, "EUR"),
        ("€5,20 (EUR)", 520, "EUR"),
        ("₩7,000원", 7000, "KRW"),
        ("KRW 7,000원", 7000, "KRW"),
        ("kr 1 234,00 SEK", 123400, "SEK"),
        ("R$126,59 BRL", 12659, "BRL"),
    ],
)
def test_a_unit_that_is_printed_twice(printed: str, minor: int, currency: str) -> None:
    assert parse_money(printed) == Money(minor, currency)


@pytest.mark.parametrize(
    "printed",
    ["$5.20 KRW", "¥800 EUR", "US $5.20 CAD", "EUR ¥5", "USD R$5", "€5,20 USD", "5,20 € USD", "kr 5 PLN"],
)
def test_units_that_disagree_are_not_read(printed: str) -> None:
    """Both in a value and where the slot finds it in a text: no part of it is taken for the whole."""
    found = SLOT.search(f"Refund {printed}")

    assert parse_money(printed) is None
    assert found is None or parse_money(found[0]) is None


@pytest.mark.parametrize(
    "printed",
    [
        "$5.20",
        "¥5.20",
        "kr 5",
        "10-150 €",
        "1,234 KWD",
        "Rs 500 PKR",
        "¥500",
        "5.20",
        "USD",
        "USD 0.991",
        "USD 1.234",
        "KRW 5.50",
        "1,2345원",
        "US $5,2,0",
        "abc 5.00",
        "USD 5 KRW",
        "",
    ],
)
def test_doubt_is_not_read(printed: str) -> None:
    """A sign that several currencies share, or separators in no known order, give nothing."""
    assert parse_money(printed) is None


@given(st.integers(1, 10**12), st.sampled_from(["KRW", "USD", "EUR", "JPY", "KWD", "BRL"]))
def test_what_we_print_we_read(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert parse_money(f"{currency} {money.amount}") == money


def grouped(whole: int, mark: str) -> str:
    return f"{whole:,}".replace(",", mark)


@st.composite
def printed_sums(draw: st.DrawFn) -> tuple[str, Money]:
    """A sum as some country prints it, with its unit in front, behind, or both."""
    currency, names = draw(st.sampled_from(UNITS))
    minor = draw(st.integers(1, 10**9))
    whole, rest = divmod(minor, 10 ** exponent(currency))
    mark, point = draw(
        st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ",")])
    )
    number = grouped(whole, mark)
    if exponent(currency):
        number += f"{point}{rest:0{exponent(currency)}d}"
    sign, blank = draw(st.sampled_from(["", "-", "+", "− "])), draw(st.sampled_from(["", " ", "\u00a0"]))
    front, behind = draw(st.sampled_from(names))
    said = f"{sign}{front}{blank}{number}{blank}{behind}".strip()
    return draw(st.sampled_from(["{}", "({})"])).format(said), Money(minor, currency)


@given(printed_sums())
def test_a_printed_amount_is_itself_or_refused(case: tuple[str, Money]) -> None:
    printed, money = case

    assert parse_money(printed) in (money, None)


@given(printed_sums())
def test_what_the_slot_finds_of_an_amount_is_all_of_it(case: tuple[str, Money]) -> None:
    """Behind words, the slot takes the whole amount, or what it takes is refused."""
    printed, money = case
    text = plain(f"Refund amount {printed}")
    found = next(PATTERN.find(text, text.casefold()), None)

    assert found is None or parse_money(found.values["money"][0]) in (money, None)


@given(st.text(alphabet="0123456789.,' -+", max_size=20), st.sampled_from(["KRW", "USD", "KWD"]))
def test_digits_are_never_invented(number: str, currency: str) -> None:
    """Whatever is read, its digits are those of the text, with zeros only behind the point."""
    read = parse_amount(number, currency)

    if read is not None:
        digits = "".join(sign for sign in number if sign.isdigit()).lstrip("0").rstrip("0")
        assert str(read.minor).rstrip("0").lstrip("0") == digits


def test_amounts_of_the_contract() -> None:
    amounts = [Money(520, "USD"), Money(7000, "KRW"), Money(0, "USD"), Money(5, "USD"), Money(1234, "KWD")]

    assert [money.amount for money in amounts] == ["5.20", "7000", "0", "0.05", "1.234"]


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="cannot mix USD and KRW"):
        Money(1, "USD") + Money(1, "KRW")


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("٧٬٠٠٠ KRW", "7,000 KRW"),
        ("US $ ٥٫٢٠", "US $ 5.20"),
        ("۱۲٫۵۰ €", "12.50 €"),
        ("７，０００원", "7,000원"),
    ],
)
def test_digits_of_other_scripts(printed: str, seen: str) -> None:
    """Arabic, Persian and full-width digits become ours where text is made plain, with their marks."""
    assert plain(printed) == seen
    assert parse_money(plain(printed)) is not None
