"""How a text reached the mailbox: its own time, how much of it came, and whose phone wrote it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers import read
from refundparsers.examples import ME, POLICY, ZONE
from refundparsers.message import decode
from refundparsers.relays import is_from_phone, partly_relayed, relayed_at, set_apart
from refundparsers.senders import ARCHIVED, SenderPolicy, follows, identify, search_terms

MAILS = Path(__file__).parents[1] / "mails" / "forwarders"
WITH_PHONE = SenderPolicy(allowed=frozenset({ME, ARCHIVED}), authserv=POLICY.authserv)
MAILED = "Date: Thu, 14 May 2026 09:00:00 +0900"


def mail(body: str, *headers: str, subject: str = "16617654", sender: str = ME) -> bytes:
    """A mail of a forwarder, plain text, of 14 May 2026."""
    named = {header.partition(":")[0] for header in headers}
    lines = [f"From: {sender}", f"Subject: {subject}", *headers, *([] if "Date" in named else [MAILED])]
    return "\r\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", body, ""]).encode()


def told(body: str, *headers: str, subject: str = "16617654") -> str | None:
    moment = relayed_at(decode(mail(body, *headers, subject=subject)), ZONE)
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S") if moment else None


class TestTheTimeOfAText:
    """The mail may lag by days, so the time that the forwarder prints wins, not one in the text."""

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("1661\n취소\nSIM1_SKT_010\nSubId：1\n2026-05-11 10:20:30\nSM-S911N", "2026-05-11 10:20:30"),
            ("1661\n취소\nSubId：1\n2026-05-11 10:20:30", "2026-05-11 10:20:30"),
            ("1661\n취소\nSIM2\n2026-05-11 10:20:30\nPixel 8", "2026-05-11 10:20:30"),
            ("1661 취소 SIM1 SubId：1 2026-05-11 10:20:30 SM-S911N", "2026-05-11 10:20:30"),
            ("취소\n2026-04-02 11:12:13\nSubId：-1\n2026-05-11 10:20:30\nSM-S911N", "2026-05-11 10:20:30"),
            ("Received: 2026-05-11 10:20:30\n취소", "2026-05-11 10:20:30"),
            ("수신 시각: 2026. 5. 11. 오전 10:20\n취소", "2026-05-11 10:20:00"),
            ("취소\nOccurred at: May 11, 2026 at 10:20AM", "2026-05-11 10:20:00"),
        ],
    )
    def test_it_is_what_the_forwarder_prints(self, body: str, expected: str) -> None:
        assert told(body) == expected

    @pytest.mark.parametrize(
        "body",
        [
            "취소\n2026-04-02 11:12:13",
            "취소\n2026-04-02 11:12:13\n잔액 50,100원",
            "취소\n2026-04-02 11:12:13\nALIEXPRESS 7",
            "승인일시: 2026-04-02 11:12:13\n취소",
            "거래시간: 2026-04-02 11:12\n취소",
            "SubId：1\n2026-13-41 10:20:30",
            "SubId：1\n2026-05-11 10:20:30\nSubId：1\n2026-05-12 10:20:30",
            "SubId：1\n2031-05-11 10:20:30",
        ],
    )
    def test_a_time_of_the_text_itself_and_one_that_cannot_be_are_not_used(self, body: str) -> None:
        assert told(body) is None

    def test_the_archive_on_the_phone_tells_milliseconds(self) -> None:
        assert told("취소", "X-smssync-date: 1778462430000") == "2026-05-11 10:20:30"

    @pytest.mark.parametrize("stamp", ["", "x", "-1", "²", "9" * 400, "99999999999999999"])
    def test_a_damaged_number_is_no_time(self, stamp: str) -> None:
        assert told("취소", f"X-smssync-date: {stamp}") is None

    def test_the_year_and_the_day_follow_it(self) -> None:
        """A text of New Year's Eve whose mail came in January is of the old year."""
        body = "[토스뱅크] 체크카드 결제 취소\n김*진님의 가상 카드\n900원 결제 취소 | AliExpress\n"
        raw = mail(body + "SubId：1\n2025-12-31 23:59:01", "Date: Sun, 04 Jan 2026 08:00:00 +0900")

        found = read(raw, senders=POLICY, zone=ZONE)

        assert [notice.on.isoformat() for notice in found.notices] == ["2025-12-31"]

    @given(st.text(max_size=80), st.text(max_size=30))
    def test_it_is_never_later_than_a_day_behind_the_mail(self, body: str, stamp: str) -> None:
        raw = mail(f"{body}\nSubId：1\n2026-05-11 10:20:30\n{body}", f"X-smssync-x: {stamp.encode()!r}")

        found = relayed_at(decode(raw), ZoneInfo("UTC"))

        assert found is None or found <= datetime(2026, 5, 15, 0, 0, tzinfo=UTC)


class TestTextsThatWereCut:
    """A forwarder that passes on the first part only: what was cut is unread, never read in half."""

    TEXT = "[Web발신]\n신한카드(1234)해외취소 홍*동 KRW 1,234,500 (SE)05/14 08:02 ALIEXPRESS.COM LONDON"

    def test_the_first_part_of_a_longer_text_is_unread(self) -> None:
        found = read(mail(self.TEXT[:67], subject="SMS on slot 1"), senders=POLICY, zone=ZONE)

        assert (found.outcome, found.notices) == ("unread", ())

    def test_a_whole_text_is_read(self) -> None:
        found = read(mail(self.TEXT[:58], subject="SMS on slot 1"), senders=POLICY, zone=ZONE)

        assert found.outcome == "notice"

    def test_another_forwarder_may_pass_on_a_text_of_that_length(self) -> None:
        found = read(mail(self.TEXT[:67], subject="Forwarded SMS"), senders=POLICY, zone=ZONE)

        assert found.outcome == "notice"

    @pytest.mark.parametrize("mark", ["...", "…"])
    def test_three_dots_at_the_end_are_a_cut(self, mark: str) -> None:
        found = read(mail(self.TEXT[:55] + mark), senders=POLICY, zone=ZONE)

        assert found.outcome == "unread"

    @pytest.mark.parametrize("before", range(55))
    def test_no_cut_gives_another_value(self, before: int) -> None:
        """Wherever the first part of a text ends, it is read as the whole one or not at all."""
        whole = read(mail(self.TEXT, subject="Forwarded SMS"), senders=POLICY, zone=ZONE)
        text = f"{'가' * before}\n{self.TEXT}" if before else self.TEXT

        found = read(mail(text[:67], subject="SMS on slot 1"), senders=POLICY, zone=ZONE)

        assert found.notices in ((), whole.notices)

    def test_latin_texts_hold_more(self) -> None:
        message = decode(mail("x", subject="SMS on slot 1"))

        lengths = [length for length in range(200) if partly_relayed(message, "x" * length)]

        assert (lengths[0], lengths[-1]) == (150, 160)


class TestTextsThatThePhoneStored:
    """SMS Backup+ makes up senders at unknown.email, which nobody owns and anybody can write."""

    STORED = (MAILS / "sms-backup-plus" / "number-as-sender.eml").read_bytes()
    OVER_SMTP = (MAILS / "sms-backup-plus" / "number-as-sender-over-smtp.eml").read_bytes()

    def test_one_is_read_when_the_user_allows_them(self) -> None:
        found = read(self.STORED, senders=WITH_PHONE, zone=ZONE)

        assert (found.outcome, found.trust) == ("notice", "allowed")
        assert [notice.as_json()["amount"] for notice in found.notices] == ["7000"]

    def test_it_is_nobody_s_when_he_does_not(self) -> None:
        assert read(self.STORED, senders=POLICY, zone=ZONE).outcome == "not-ours"

    def test_one_that_came_over_the_network_is_not_believed(self) -> None:
        found = read(self.OVER_SMTP, senders=WITH_PHONE, zone=ZONE)

        assert (found.outcome, found.trust) == ("untrusted", "unproven")

    @pytest.mark.parametrize(
        "trace",
        [
            "Received: from a by b; Tue, 19 May 2026 02:02:31 +0000",
            "received: x",
            "Return-Path: <15447200@unknown.email>",
            "Delivered-To: me@example.net",
            "Authentication-Results: mx.example.net; dmarc=pass header.from=unknown.email",
            "ARC-Seal: i=1; d=evil.example",
        ],
    )
    def test_every_trace_of_a_way_counts(self, trace: str) -> None:
        found = read(trace.encode() + b"\n" + self.STORED, senders=WITH_PHONE, zone=ZONE)

        assert found.outcome == "untrusted"

    @pytest.mark.parametrize("header", [b"X-smssync-id", b"X-smssync-address"])
    def test_without_its_headers_it_is_not_believed(self, header: bytes) -> None:
        found = read(self.STORED.replace(header, b"X-other"), senders=WITH_PHONE, zone=ZONE)

        assert found.outcome == "untrusted"

    def test_naming_one_number_opens_no_door_either(self) -> None:
        policy = SenderPolicy(allowed=frozenset({"15447200@unknown.email"}))

        assert identify(decode(self.STORED), policy).trust == "allowed"
        assert identify(decode(self.OVER_SMTP), policy).trust == "unproven"

    def test_the_mailbox_is_searched_for_them(self) -> None:
        assert "unknown.email" in search_terms(WITH_PHONE)
        assert follows("+821544@unknown.email", WITH_PHONE)
        assert follows("hdfcbk@unknown.email", WITH_PHONE)
        assert not follows("15447200@unknown.email.evil.example", WITH_PHONE)
        assert not follows("15447200@unknown.email", POLICY)

    def test_a_text_that_the_phone_sent_is_no_notice(self) -> None:
        raw = (MAILS / "sms-backup-plus" / "sent-by-the-owner.eml").read_bytes()

        assert read(raw, senders=POLICY, zone=ZONE).outcome == "ignored"
        assert read(raw.replace(b"X-smssync-type: 2", b"X-smssync-type: 1"), senders=POLICY).notices


@pytest.mark.parametrize(
    "subject",
    ["15447200", "+82 10-1234-5678", "SMS on slot 2", "Forwarded SMS", "New message from VM-HDFCBK",
     "SMS with 엄마", "15447200 와 SMS", "[SMS] 토스뱅크", "문자 전달"],
)  # fmt: skip
def test_the_subject_of_a_forwarder_is_known(subject: str) -> None:
    assert is_from_phone(decode(mail("x", subject=subject)))


@pytest.mark.parametrize(
    "subject", ["Fwd: 15447200", "Dispute Finished", "Re: SMS", "8012345678901234 주문 건: 환불"]
)
def test_other_subjects_are_not(subject: str) -> None:
    assert not is_from_phone(decode(mail("x", subject=subject)))


def test_rules_and_tails_inside_a_line_are_set_apart() -> None:
    joined = "New message ----- 삼성1357취소 ALIEXPRESS SIM1_KT SubId：1 2026-05-11 10:20:30 ----- x"

    assert [line.strip() for line in set_apart(joined).split("\n") if line.strip()] == [
        "New message", "-----", "삼성1357취소 ALIEXPRESS", "SIM1_KT SubId：1 2026-05-11 10:20:30", "-----",
        "x",
    ]  # fmt: skip


@given(st.text(alphabet="- SubId：:1\nM신한카드(1234)취소", max_size=60))
def test_setting_apart_adds_line_breaks_and_nothing_else(text: str) -> None:
    assert set_apart(text).replace("\n", "") == text.replace("\n", "")
