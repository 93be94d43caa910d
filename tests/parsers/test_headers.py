"""Encoded words and dates."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.headers import decode_words, in_range, moment, octets


def word(data: bytes, charset: str = "utf-8") -> bytes:
    """A base64 encoded word."""
    return b"=?" + charset.encode() + b"?B?" + base64.b64encode(data) + b"?="


REFUND = "주문 환불 완료"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"Your order 8012345678901234 is closed", "Your order 8012345678901234 is closed"),
        (word(REFUND.encode()), REFUND),
        (word("똠방 환불".encode("cp949"), "euc-kr"), "똠방 환불"),
        (word("똠방 환불".encode("cp949"), "ks_c_5601-1987"), "똠방 환불"),
        (word("똠방 환불".encode("cp949"), "x-no-such-charset"), "똠방 환불"),
        (word(REFUND.encode(), "x-no-such-charset"), REFUND),
        (word(REFUND.encode(), "UTF-8*ko"), REFUND),
        ("똠방 환불".encode("cp949"), "똠방 환불"),
        (REFUND.encode(), REFUND),
        (b"=?utf-8?Q?=ED=99=98=EB=B6=88_ok_a=5Fb?=", "환불 ok a_b"),
        (b"=?utf-8?q?really??= yes", "really? yes"),
        (b"=?UTF-8?Q?a b?=", "a b"),
        (b"Re: " + word(b"a") + b" b " + word(b"c"), "Re: a b c"),
        (word(b"a") + b"  " + word(b"b"), "ab"),
        (word(b"a", "us-ascii") + b" " + word("환".encode()), "a환"),
        (word("退款".encode("gbk"), "gb2312"), "退款"),
        (word("返金".encode("iso2022_jp"), "iso-2022-jp"), "返金"),
        (word("возврат".encode("koi8-r"), "KOI8-R"), "возврат"),
        (word("Rückgabe".encode(), "iso-8859-1"), "Rückgabe"),
        (b"=?utf-8?B?7ZmY67aI?", "=?utf-8?B?7ZmY67aI?"),
        (b"=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        (word(b"a\r\nBcc: x@y.z\x1b[31m"), "a Bcc: x@y.z[31m"),
        (b"", ""),
    ],
)
def test_decode_words(raw: bytes, expected: str) -> None:
    assert decode_words(raw) == (expected, None)


@pytest.mark.parametrize("cut", range(1, len(REFUND.encode())))
def test_words_that_split_a_character(cut: int) -> None:
    """Some senders cut the bytes wherever the line is full."""
    data = REFUND.encode()

    assert decode_words(word(data[:cut]) + b" " + word(data[cut:], "UTF-8")) == (REFUND, None)
    assert decode_words(
        word(data[:cut]) + b" =?utf-8?q?" + data[cut:].hex("=").upper().join(["=", ""]).encode() + b"?="
    ) == (
        REFUND,
        None,
    )


def test_words_that_split_base64() -> None:
    packed = base64.b64encode(REFUND.encode()).decode()

    assert decode_words(f"=?utf-8?B?{packed[:5]}?= =?utf-8?B?{packed[5:]}?=".encode()) == (REFUND, None)


@pytest.mark.parametrize(
    ("raw", "doubt"),
    [
        (word(REFUND.encode()[:-1]), "1 character could not be decoded from utf-8"),
        (word("í™˜ë¶ˆ".encode()), "the text was decoded with a wrong charset before it was sent ('í™˜')"),
        (word("환\ufffd".encode()), "1 character arrived damaged (U+FFFD)"),
        (b"a" * 20_001, "cut after 20,000 bytes"),
        (b"=?utf-8?B?7ZmY!67aI?=", "an encoded word is damaged"),
    ],
)
def test_damage_is_told(raw: bytes, doubt: str) -> None:
    assert decode_words(raw)[1] == doubt


@given(st.binary())
def test_any_bytes_are_one_line(raw: bytes) -> None:
    text, _ = decode_words(raw)

    assert "\n" not in text
    assert "\x1b" not in text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(1, 40))
def test_text_survives_encoding_in_pieces(text: str, size: int) -> None:
    data = text.encode()
    words = b"\r\n ".join(word(data[at : at + size]) for at in range(0, len(data), size))

    assert decode_words(octets(words.decode()))[0] == decode_words(word(data))[0]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Tue, 12 May 2026 13:22:00 +0900", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 2026 13:22:00 +0900 (KST)", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 2026 12:22:00 +0800 (CST)", utc(2026, 5, 12, 4, 22)),
        ("Mon, 11 May 2026 21:22:00 -0700 (PDT)", utc(2026, 5, 12, 4, 22)),
        ("12 May 2026 13:22 KST", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 2026 04:22:00 GMT", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 2026 04:22:00 UTC", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 2026 04:22:00 Z", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 2026 04:22:00 -0000", utc(2026, 5, 12, 4, 22)),
        ("Mon, 11 May 2026 21:22:00 PDT", utc(2026, 5, 12, 4, 22)),
        ("Mon, 11 May 2026 20:22:00 PST", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 2026 00:22:00 EDT", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 26 13:22:00 +0900", utc(2026, 5, 12, 4, 22)),
        ("Tue,12-May-2026 13:22:00 +0900", utc(2026, 5, 12, 4, 22)),
        ("  tue,  12  MAY  2026   13:22:00   +0900  ", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 2026 13:22:60 +0900", utc(2026, 5, 12, 4, 22, 59)),
        ("Tue, 12 May 2026 18:22:00 +1400", utc(2026, 5, 12, 4, 22)),
        ("Tue, 12 May 2026 09:52:00 +0530", utc(2026, 5, 12, 4, 22)),
        ("Tue May 12 2026 13:22:00 GMT+0900 (Korean Standard Time)", utc(2026, 5, 12, 4, 22)),
        ("Tue May 12 13:22:00 KST 2026", utc(2026, 5, 12, 4, 22)),
        ("2026-05-12T13:22:00+09:00", utc(2026, 5, 12, 4, 22)),
        ("2026-05-12T04:22:00.5Z", utc(2026, 5, 12, 4, 22)),
        ("2026-05-12 13:22:00 +0900", utc(2026, 5, 12, 4, 22)),
        ("Wed, 31 Dec 1997 23:59:59 +0000", utc(1997, 12, 31, 23, 59, 59)),
    ],
)
def test_moment(printed: str, expected: datetime) -> None:
    assert moment(printed) == expected


@pytest.mark.parametrize(
    "printed",
    [
        "Tue, 12 May 2026 13:22:00 CST",  # China or Chicago: fourteen hours
        "Tue, 12 May 2026 13:22:00 IST",
        "Tue, 12 May 2026 13:22:00",
        "Tue, 12 May 2026 13:22:00 (KST)",
        "2026-05-12T13:22:00",
        "2026-05-12",
        "Tue May 12 13:22:00 2026",
        "Tue, 12 May 2026 13:22:00 +9900",
        "Tue, 12 May 2026 13:22:00 +1401",
        "Tue, 12 May 2026 13:22:00 -1500",
        "Tue, 12 May 2026 13:22:00 +0960",
        "Tue, 12 May 2026 13:22:00 +09",
        "Tue, 31 Feb 2026 13:22:00 +0900",
        "Tue, 12 May 2026 25:22:00 +0900",
        "Tue, 12 May 1970 13:22:00 +0900",
        "Tue, 12 May 2101 13:22:00 +0900",
        "Tue, 12 May 2026 1:22:00 PM +0900",
        "Tue, ١٢ May 2026 13:22:00 +0900",
        "Tue, 12 Foo 2026 13:22:00 +0900",
        "yesterday",
        "Tue,",
        "",
    ],
)
def test_dates_that_are_not_certain_are_not_used(printed: str) -> None:
    assert moment(printed) is None


@given(st.text())
def test_any_text_is_a_moment_or_none(printed: str) -> None:
    found = moment(printed)

    assert found is None or 1995 <= found.year <= 2101


@given(st.datetimes(datetime(1996, 1, 1), datetime(2100, 12, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_every_offset_is_read(local: datetime, minutes: int) -> None:
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    stamp = local.strftime(f"%a, %d %b %Y %H:%M:%S {sign}{hours:02d}{rest:02d}")

    found = moment(stamp)

    assert found is not None
    assert (local.replace(microsecond=0, tzinfo=UTC) - found).total_seconds() == minutes * 60


def test_in_range() -> None:
    assert in_range(datetime(2026, 5, 12, 4, 22)) == utc(2026, 5, 12, 4, 22)  # noqa: DTZ001
    assert in_range(utc(1970, 1, 1)) is None
