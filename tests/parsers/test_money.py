"""Money as it is printed: exact, or not read at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.money import Money, parse_amount, parse_money


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
    ],
)
def test_printed_forms(printed: str, minor: int, currency: str) -> None:
    assert parse_money(printed) == Money(minor, currency)


@pytest.mark.parametrize(
    "printed",
    [
        "$5.20",
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
