"""Taking a mail server's answers apart, without a server."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker.imap import answers, signin
from refundtracker.imap.mailbox import Place, RawMail
from rigs.mailboxes import NOTICE


class TestAnswers:
    @pytest.mark.parametrize(
        ("header", "found"),
        [
            (b"From: AliExpress <Transaction@Notice.AliExpress.com>\r\n", {NOTICE}),
            (b"From: transaction@notice.aliexpress.com\r\n\r\n", {NOTICE}),
            (b'From: "me@example.org" <x@evil.test>\r\n', {"x@evil.test"}),
            (b'From: "a \\" me@example.org" <x@evil.test>\r\n', {"x@evil.test"}),
            (b"From: x@evil.test (me@example.org)\r\n", {"x@evil.test"}),
            (b"From: =?utf-8?B?7JWM66a8?=\r\n <x@evil.test>\r\n", {"x@evil.test"}),
            (b"From: a@b.test, c@d.test\r\nFrom: e@f.test\r\n", {"a@b.test", "c@d.test", "e@f.test"}),
            ("From: 알리 <x@알리.test>\r\n".encode(), {"x@알리.test"}),
            (b"From: \xff\xfe <x@evil.test>\r\n", {"x@evil.test"}),
            (b'From: "open <x@evil.test>\r\n', {"x@evil.test"}),
            (b"\r\n", set()),
        ],
    )
    def test_addresses_of_a_sender(self, header: bytes, found: set[str]) -> None:
        assert answers.addresses(header) == found

    @given(st.binary())
    def test_addresses_of_any_bytes(self, header: bytes) -> None:
        assert all("@" in found for found in answers.addresses(header))

    @given(st.lists(st.integers(0, 20_000_000), max_size=120))
    def test_groups_of_bodies_are_bounded_and_complete(self, sizes: list[int]) -> None:
        mails = [
            RawMail(place=Place("a", "b", 1, uid), raw=None, arrived=None, size=size)
            for uid, size in enumerate(sizes)
        ]
        groups = list(answers.by_weight(mails))

        assert [mail for group in groups for mail in group] == mails
        assert all(len(group) <= 50 for group in groups)
        assert all(len(group) == 1 or sum(mail.size for mail in group) <= 8_000_000 for group in groups)

    @pytest.mark.parametrize(
        ("terms", "words"),
        [
            ((), ""),
            (("a.com",), 'FROM "a.com"'),
            (("a.com", "b.com", "c.com"), 'OR FROM "a.com" OR FROM "b.com" FROM "c.com"'),
            (('a"b\\c',), 'FROM "a\\"b\\\\c"'),
            (("a.com", "알리.com"), ""),
            (("a.com", "b\r\nX LOGOUT"), ""),
        ],
    )
    def test_the_words_of_a_search(self, terms: tuple[str, ...], words: str) -> None:
        """Letters beyond ASCII make some servers find nothing: then the day alone is asked for."""
        assert b" ".join(answers.sender_criteria(terms)).decode() == words

    @pytest.mark.parametrize(
        "moment",
        [
            None,
            b"yesterday",
            datetime(2026, 5, 1),  # noqa: DTZ001 - a moment without a zone is the point
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=9))),
        ],
    )
    def test_a_moment_that_is_none(self, moment: object) -> None:
        assert answers.arrived({b"INTERNALDATE": moment}) is None

    @given(st.text())
    def test_a_strangers_words_are_one_clean_line(self, text: str) -> None:
        cleaned = signin.clean(text)

        assert cleaned == "" or (cleaned.isprintable() and len(cleaned) <= 200)
