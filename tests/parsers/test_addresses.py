"""From headers: no name, comment or quotation passes for an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.addresses import Senders, senders

REAL = "transaction@notice.aliexpress.com"


@pytest.mark.parametrize(
    ("header", "address", "name"),
    [
        (f"AliExpress <{REAL}>", REAL, "AliExpress"),
        (f'"AliExpress" <{REAL}>', REAL, "AliExpress"),
        (f"<{REAL}>", REAL, None),
        (REAL, REAL, None),
        ("Transaction@Notice.AliExpress.COM", REAL, None),
        (f"{REAL} (AliExpress (really))", REAL, "AliExpress (really)"),
        (f'"{REAL}" <x@evil.example>', "x@evil.example", REAL),
        (f"{REAL} <x@evil.example>", "x@evil.example", REAL),
        (f"(<{REAL}>) x@evil.example", "x@evil.example", f"<{REAL}>"),
        (f"=?utf-8?q?=3C{REAL.replace('@', '=40')}=3E?= <x@evil.example>", "x@evil.example", f"<{REAL}>"),
        (f'"<{REAL}>," <x@evil.example>', "x@evil.example", f"<{REAL}>,"),
        (f'"a\\"<{REAL}>" <x@evil.example>', "x@evil.example", f'a"<{REAL}>'),
        ('"홍, 길동" <me@naver.com>', "me@naver.com", "홍, 길동"),
        ("홍길동 <me@naver.com>", "me@naver.com", "홍길동"),
        ("=?euc-kr?B?yKux5rW/?= <me@naver.com>", "me@naver.com", "홍길동"),
        ("me@naver.com <me@naver.com>", "me@naver.com", "me@naver.com"),
        ("SMS: 010 <me@naver.com>", "me@naver.com", "SMS: 010"),
        ("15447200@unknown.email", "15447200@unknown.email", None),
        ('"a b"@x.example', '"a b"@x.example', None),
        ("x@[127.0.0.1]", "x@[127.0.0.1]", None),
        ("me@naver.com,", "me@naver.com", None),
        ("x@\u212aakao.com", "x@\u212aakao.com", None),  # the Kelvin sign is not a "k"
    ],
)
def test_one_address(header: str, address: str, name: str | None) -> None:
    assert senders(header.encode()) == Senders((address,), name, clean=True)


def test_raw_korean_name() -> None:
    assert senders("홍길동 <me@naver.com>".encode("cp949")) == Senders(
        ("me@naver.com",), "홍길동", clean=True
    )


@pytest.mark.parametrize(
    ("header", "addresses"),
    [
        (f"{REAL}, x@evil.example", (REAL, "x@evil.example")),
        (f"A <{REAL}>; B <x@evil.example>", (REAL, "x@evil.example")),
        ("", ()),
        ("AliExpress", ()),
    ],
)
def test_not_exactly_one(header: str, addresses: tuple[str, ...]) -> None:
    assert senders(header.encode()).addresses == addresses


@pytest.mark.parametrize(
    "header",
    [
        f"{REAL})x@evil.example",  # CVE-2023-27043 and its kin
        f"{REAL}]<x@evil.example>",
        f"{REAL}:<x@evil.example>",
        f"{REAL}\\<x@evil.example>",
        f'"{REAL}"<x@evil.example',
        f'"{REAL} <x@evil.example>',
        f"({REAL} <x@evil.example>",
        f"<{REAL}> <x@evil.example>",
        f"<{REAL}> x@evil.example",
        f"<{REAL}>x@evil.example",
        f"x@evil.example <{REAL}> y",
        f"<@evil.example:{REAL}>",
        f"<@a.example,@b.example:{REAL}>",
        f"{REAL}@evil.example",
        f"<{REAL}.>",
        f"<{REAL} >x",
        f"Group: {REAL};",
        "transaction @notice.aliexpress.com",
        "transaction@(x)notice.aliexpress.com",
        "<transaction@notice\x00.aliexpress.com>",
        f"{REAL} " * 2,
    ],
)
def test_headers_that_two_programs_read_differently_are_not_clean(header: str) -> None:
    assert not senders(header.encode()).clean


def test_a_header_that_is_too_long_is_not_clean() -> None:
    assert not senders(b"x@evil.example, " * 2_000 + REAL.encode()).clean


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    found = senders(data)

    assert all("@" in address for address in found.addresses)


@given(st.text(alphabet='ab@.<>()",;:\\[] ', max_size=30))
def test_what_is_clean_is_an_address_in_the_header(header: str) -> None:
    """No clean reading makes up an address that is not printed in one piece."""
    found = senders(header.encode())

    if found.clean:
        assert all(address in header for address in found.addresses)
