"""A tree built without the texts of its parts is the tree that the email package builds of the whole mail."""

from __future__ import annotations

from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.skeletons import put_back, without_texts

if TYPE_CHECKING:
    from email.message import Message as Part

LONG = b"a line of some length\r\n" * 9
#: What mails of several parts are made of, whole and broken.
PIECES = (
    b"\r\n", b"\n", b"--b\r\n", b"--b--\r\n", b"--c\r\n", b"--c--\r\n", b"--\r\n", b"-- \r\n", b"--b", b" ",
    b"Content-Type: text/plain\r\n", b"Content-Transfer-Encoding: base64\r\n", b"X: y\r\n", b"no header\r\n",
    b"Content-Type: multipart/mixed; boundary=c\r\n", b"Content-Type: multipart/mixed\r\n\r\n", b"\r\n\r\n",
    b"Content-Type: message/rfc822\r\n", b"Content-Type: multipart/digest; boundary=c\r\n", LONG,
    LONG + b"end", LONG.replace(b"\r", b""), "환불 금액: 7,000원 ".encode() * 5, b"\xff" * 30, b"\0", b"\r",
)  # fmt: skip
HEAD = b"From: a@example.net\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
WHOLE = HEAD + b"--b\r\n\r\n" + LONG + b"--b\r\nContent-Type: text/html\r\n\r\n<p>" + LONG + b"--b--\r\n"


def shape(part: Part) -> tuple[object, ...]:
    """What is read of a tree; payloads as they are kept, odd bytes and all."""
    held = vars(part)["_payload"]
    inside = [shape(each) for each in held] if isinstance(held, list) else held
    return list(part.raw_items()), part.get_content_type(), list(map(type, part.defects)), inside


@given(st.lists(st.sampled_from(PIECES), max_size=24).map(b"".join))
def test_no_mail_has_another_tree(body: bytes) -> None:
    raw = HEAD + body

    taken = without_texts(raw)

    if taken is not None:
        skeleton, texts = taken
        mail = message_from_bytes(skeleton)
        put_back(mail, texts)
        assert shape(mail) == shape(message_from_bytes(raw))


def test_long_texts_are_taken_out() -> None:
    taken = without_texts(WHOLE)

    assert taken is not None
    skeleton, texts = taken
    assert texts == [LONG.rstrip(), b"<p>" + LONG.rstrip()]
    assert len(skeleton) == len(WHOLE) - sum(map(len, texts)) + 2 * len(b"\x000\x00")


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(WHOLE.replace(b"text/html", b"message/rfc822"), id="another mail inside"),
        pytest.param(WHOLE.replace(b"alternative", b"digest"), id="mails by default"),
        pytest.param(WHOLE.replace(b"<p>", b"\0"), id="our mark"),
        pytest.param(WHOLE.replace(b"<p>", b"\r"), id="half a line end"),
        pytest.param(WHOLE.replace(b"a@example", b"\xff@example"), id="odd bytes in a header"),
    ],
)
def test_what_may_be_another_tree_is_left_whole(odd: bytes) -> None:
    assert without_texts(odd) is None
