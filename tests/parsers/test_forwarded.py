"""Mails forwarded by hand: read as what is inside, in the name of who forwarded it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundparsers import read
from refundparsers.examples import ME, POLICY, ZONE, posted, written
from refundparsers.examples import mail as plain_mail
from refundparsers.forms import shipped
from rigs.forwarding import ALIEXPRESS, SHAPES, attaching, forwarded, mail

if TYPE_CHECKING:
    from refundparsers.forms import Example, Form
    from refundparsers.notices import Reading
    from rigs.forwarding import Shape

AT = datetime(2026, 5, 14, 3, 0, tzinfo=UTC)
TEXT = "Order number: 8012345678901234\nRefund amount: US $5.20\nThe money is on its way."
GMAIL = SHAPES[0]
STRANGER = "friend@example.org"
BY_SHAPE = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)

# Each example in one or two shapes, so that every shape meets many of them.
EXAMPLES = [
    pytest.param(form, example, SHAPES[number % len(SHAPES) :: len(SHAPES) // 2], id=f"{form.name}-{number}")
    for number, (form, example) in enumerate(
        (form, example)
        for form in shipped().forms
        if form.source == "aliexpress" and "transaction" in form.streams
        for example in form.examples
        if example.subject
    )
]


def reading(raw: bytes) -> Reading:
    return read(raw, senders=POLICY, zone=ZONE)


def facts(found: Reading) -> list[tuple[str, str | None, object]]:
    """What matters of each notice."""
    return [(notice.kind, notice.order, notice.money) for notice in found.notices]


class TestInline:
    @BY_SHAPE
    def test_every_program_s_header_is_read(self, shape: Shape) -> None:
        """The original's sender, subject and moment are those of its printed header."""
        found = reading(forwarded(shape, "Dispute Finished", TEXT, AT))

        assert (found.outcome, found.reason, found.trust) == ("notice", None, "allowed")
        assert [notice.as_json()["amount"] for notice in found.notices] == ["5.20"]
        assert [notice.at for notice in found.notices] == [datetime(2026, 5, 12, 4, 22, tzinfo=UTC)]

    @pytest.mark.parametrize(("form", "example", "shapes"), EXAMPLES)
    def test_a_forwarded_mail_says_what_the_mail_itself_says(
        self, form: Form, example: Example, shapes: tuple[Shape, ...]
    ) -> None:
        """In any program's shape the notices are those of the direct mail, or there are none."""
        direct = reading(posted(form, example))
        for shape in shapes:
            found = reading(forwarded(shape, example.subject or "", example.text or "Hello,", AT))

            assert facts(found) == facts(direct) or found.outcome == "unread", shape.name
            assert found.outcome in {direct.outcome, "unread"}, shape.name

    @BY_SHAPE
    def test_what_a_stranger_forwards_is_not_ours(self, shape: Shape) -> None:
        found = reading(forwarded(shape, "Dispute Finished", TEXT, AT, sender=STRANGER))

        assert (found.outcome, found.notices, found.keep) == ("not-ours", (), False)

    @BY_SHAPE
    def test_a_forward_within_a_forward(self, shape: Shape) -> None:
        inner = shape.text(f"AliExpress <{ALIEXPRESS}>", "Dispute Finished", TEXT)
        outer = forwarded(GMAIL, f"{shape.prefix}Dispute Finished", inner, AT, who=ME)

        found = reading(outer)

        assert (found.outcome, found.trust, facts(found)) == (
            "notice", "allowed", facts(reading(forwarded(shape, "Dispute Finished", TEXT, AT))),
        )  # fmt: skip

    @BY_SHAPE
    def test_a_stranger_in_between_moves_no_money(self, shape: Shape) -> None:
        """What a stranger sent and the user passed on is the stranger's word."""
        inner = shape.text(f"AliExpress <{ALIEXPRESS}>", "Dispute Finished", TEXT)
        outer = forwarded(GMAIL, f"{shape.prefix}Dispute Finished", inner, AT, who=STRANGER)

        found = reading(outer)

        assert (found.outcome, found.trust) == ("untrusted", "unproven")

    def test_the_mail_stays_the_forward(self) -> None:
        """What identifies the mail is the mail in the mailbox, not the one inside."""
        found = reading(forwarded(GMAIL, "Dispute Finished", TEXT, AT))

        assert (found.mail.sender, found.mail.subject, found.mail.date) == (ME, "Fwd: Dispute Finished", AT)

    @pytest.mark.parametrize("subject", ["refund", "Dispute Finished", "Fwd: SMS", "", "Fwd: Dispute"])
    def test_the_subject_around_it_must_name_it(self, subject: str) -> None:
        """A header printed in a text that somebody sent to the phone is no forwarded mail."""
        body = GMAIL.text(f"AliExpress <{ALIEXPRESS}>", "Dispute Finished", TEXT)

        found = reading(mail(subject, body, AT))

        assert (found.outcome, found.notices) == ("unread", ())

    def test_a_text_on_the_phone_is_no_mail_whatever_it_prints(self) -> None:
        body = GMAIL.text(f"AliExpress <{ALIEXPRESS}>", "15447200", TEXT)

        found = reading(mail("+82 15447200", f"{body}\nSubId：1\n2026-05-14 12:00:00", AT))

        assert found.outcome in {"unread", "ignored"}

    @pytest.mark.parametrize(
        "who",
        [
            "x@evil.example",
            "transaction@notice.aliexpress.com.evil.example",
            f"{ALIEXPRESS}> <x@evil.example",
            "x@evil.example> (transaction@notice.aliexpress.com",
        ],
    )
    def test_a_name_is_not_an_address(self, who: str) -> None:
        found = reading(forwarded(GMAIL, "Dispute Finished", TEXT, AT, who=who))

        assert (found.outcome, found.notices) == ("unread", ())

    def test_a_header_in_the_body_of_a_mail_makes_no_second_mail(self) -> None:
        """A seller writes what he likes into a message; it stays his message."""
        fake = GMAIL.text(f"AliExpress <{ALIEXPRESS}>", "Dispute Finished", TEXT)
        found = reading(forwarded(GMAIL, "The seller sent you a message", f"Look:\n{fake}", AT))

        assert [notice.kind for notice in found.notices] == ["seller-message"]

    def test_an_own_address_that_is_not_proven_is_untrusted(self) -> None:
        verdict = b"Authentication-Results: mx.example.net; dmarc=fail header.from=example.net\r\n"

        found = reading(verdict + forwarded(GMAIL, "Dispute Finished", TEXT, AT))

        assert (found.outcome, found.trust) == ("untrusted", "forged")

    def test_a_header_in_words_that_nobody_knows_hides_no_stranger(self) -> None:
        """The mail of a stranger, forwarded in a language without labels here, that imitates a forward."""
        fake = GMAIL.text(f"AliExpress <{ALIEXPRESS}>", "Dispute Finished", TEXT)
        body = f"Kutoka: Friend <{STRANGER}>\nTarehe: 12 Mei 2026\nMada: Dispute Finished\n\n{fake}"

        found = reading(mail("Fwd: Dispute Finished", body, AT))

        assert (found.outcome, found.notices) == ("unread", ())

    def test_codes_are_not_kept_and_adverts_are_not_read(self) -> None:
        for who in ("account@notice.aliexpress.com", "promotion@deals.aliexpress.com"):
            found = reading(forwarded(GMAIL, "Dispute Finished", TEXT, AT, who=who))

            assert (found.outcome, found.keep) == ("ignored", False)

    def test_a_card_text_is_dated_by_its_own_header(self) -> None:
        text = "[토스뱅크] 체크카드 결제 취소\n김*진님의 가상 카드\n900원 결제 취소 | AliExpress\n잔액 1원"

        found = reading(forwarded(SHAPES[-3], "16617654", text, AT, who=ME))

        assert [notice.on.isoformat() for notice in found.notices] == ["2026-05-12"]


class TestAttached:
    INNER = written(ALIEXPRESS, "Dispute Finished", TEXT, "2026-05-12")

    def test_its_own_proofs_prove_nothing(self) -> None:
        """Anybody can write an Authentication-Results header into a mail that he attaches."""
        assert reading(self.INNER).trust == "verified"

        found = reading(attaching(self.INNER, subject="Fwd: Dispute Finished", at=AT))

        assert (found.outcome, found.trust) == ("notice", "allowed")
        assert found.notices == reading(self.INNER).notices

    def test_a_stranger_s_is_not_ours(self) -> None:
        found = reading(attaching(self.INNER, subject="Fwd: x", at=AT, sender=STRANGER))

        assert (found.outcome, found.notices) == ("not-ours", ())

    def test_a_stranger_in_between_moves_no_money(self) -> None:
        inner = attaching(self.INNER, subject="Fwd: x", at=AT, sender=STRANGER)

        found = reading(attaching(inner, subject="Fwd: Fwd: x", at=AT))

        assert (found.outcome, found.trust) == ("untrusted", "unproven")

    def test_several_mails_are_all_read(self) -> None:
        other = written(ALIEXPRESS, "Your order 8012345678905555 is closed", "Closed.", "2026-05-13")

        found = reading(attaching(self.INNER, other, subject="my refunds", at=AT))

        assert [notice.kind for notice in found.notices] == ["dispute-finished", "order-closed"]

    def test_one_that_cannot_be_read_is_not_hidden_by_the_others(self) -> None:
        unknown = written(ALIEXPRESS, "Something about your dispute", "Words.", "2026-05-13")

        found = reading(attaching(self.INNER, unknown, subject="my refunds", at=AT))

        assert (found.outcome, found.notices) == ("unread", ())

    def test_one_that_cannot_be_decoded_is_loud(self) -> None:
        found = reading(attaching(b"no mail at all, but aliexpress", subject="x", at=AT))

        assert found.outcome == "unread"

    def test_deep_nesting_ends(self) -> None:
        raw = self.INNER
        for _ in range(30):
            raw = attaching(raw, subject="Fwd: x", at=AT)

        assert reading(raw).notices == ()

    def test_a_mail_is_not_younger_than_the_one_around_it(self) -> None:
        inner = written(ALIEXPRESS, "Dispute Finished", TEXT, "2076-05-12")

        found = reading(attaching(inner, subject="Fwd: x", at=AT))

        assert [notice.at for notice in found.notices] == [AT]


class TestReplies:
    """What a reply quotes was in the mailbox before: it is no second notice."""

    QUOTED = "\n".join(f"> {line}" for line in ("Dispute Finished", *TEXT.split("\n")))
    CARD = "신한카드(1234)취소 홍*동 7,000원(일시불)05/14 11:02 ALIEXPRESS"

    @pytest.mark.parametrize(
        "prefix", ["Re: ", "RE: ", "AW: ", "Antw: ", "Odp: ", "RES: ", "YNT: ", "답장: ", "Re[2]: "]
    )
    def test_a_quotation_is_no_notice(self, prefix: str) -> None:
        body = f"When?\n\nOn Tue, May 12, 2026 at 1:22 PM AliExpress <{ALIEXPRESS}> wrote:\n\n{self.QUOTED}"

        found = reading(mail(f"{prefix}Dispute Finished", body, AT))

        assert (found.outcome, found.notices, found.keep) == ("ignored", (), False)

    @BY_SHAPE
    def test_neither_is_the_header_that_some_programs_print_above_it(self, shape: Shape) -> None:
        body = shape.text(f"AliExpress <{ALIEXPRESS}>", "Dispute Finished", TEXT)

        found = reading(mail("RE: Dispute Finished", f"When?\n\n{body}", AT, html=shape.html))

        assert (found.outcome, found.notices) == ("ignored", ())

    def test_a_quoted_card_text_is_not_counted_again(self) -> None:
        found = reading(mail("Re: 15447200", f"What is this?\n> {self.CARD}", AT))

        assert (found.outcome, found.notices) == ("ignored", ())

    def test_a_card_text_under_such_a_subject_is_read(self) -> None:
        assert len(reading(mail("RE: 15447200", self.CARD, AT)).notices) == 1

    @BY_SHAPE
    def test_a_forwarded_reply_is_none_either(self, shape: Shape) -> None:
        body = f"When?\n\nAm 12.05.26 um 13:22 schrieb AliExpress <{ALIEXPRESS}>:\n\n{self.QUOTED}"

        found = reading(forwarded(shape, "Re: Dispute Finished", body, AT, who=ME))

        assert (found.outcome, found.notices) == ("unread", ())


# --- Whatever stands inside ------------------------------------------------------------------------

LINES = st.sampled_from([
    "Order number: 8012345678901234", "Order number: 8012345678905555", "Refund amount: US $5.20",
    "Refund amount: ₩7,000", "Dispute ID: 1200345678901234", "Result: Partial refund", "Dispute Finished",
    "> Dispute Finished", f"From: AliExpress <{ALIEXPRESS}>", "Date: Tue, May 12, 2026 at 1:22 PM",
    "Subject: Dispute Finished", "To: me@example.net", "From: x", "보낸 사람: <me@example.net>", "제목: 환불",
    "", "---------- Forwarded message ---------", f"On 12 May 2026 AliExpress <{ALIEXPRESS}> wrote:",
    "신한카드(1234)취소 홍*동 7,000원(일시불)05/12 11:02 ALIEXPRESS", "[Web발신]", "SubId：1",
    "You may also like",
])  # fmt: skip
TEXTS = st.lists(LINES | st.text(max_size=20), max_size=8).map(lambda lines: "\n".join(["Hello,", *lines]))
SUBJECTS = st.sampled_from(
    [
        "Dispute Finished",
        "Your order 8012345678901234 is closed",
        "환불이 완료되었습니다.",
        "Re: x",
        "Fwd: x",
        "Order",
    ]
)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(SHAPES),
    SUBJECTS,
    TEXTS,
    st.sampled_from([ALIEXPRESS, ME, STRANGER, "service@paypal.com"]),
)
def test_no_forward_of_a_stranger_is_a_notice(shape: Shape, subject: str, text: str, who: str) -> None:
    inline = forwarded(shape, subject, text, AT, who=who, sender=STRANGER)
    inner = plain_mail([f"From: {who}"], subject, text, "plain", "2026-05-12 12:00:00")

    for raw in (inline, attaching(inner, subject=subject, at=AT, sender=STRANGER)):
        assert reading(raw).outcome == "not-ours"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(SHAPES), SUBJECTS, TEXTS)
def test_a_forward_never_says_anything_else_than_the_mail(shape: Shape, subject: str, text: str) -> None:
    """Whatever the body holds, a forward of the user gives the notices of the direct mail, or none."""
    direct = reading(written(ALIEXPRESS, subject, text, "2026-05-12"))

    found = reading(forwarded(shape, subject, text, AT))

    if found.notices:
        assert facts(found) == facts(direct)
        assert found.trust == "allowed"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(SHAPES), SUBJECTS, TEXTS, TEXTS)
def test_a_stranger_s_words_never_become_aliexpress_s(
    shape: Shape, subject: str, above: str, text: str
) -> None:
    """A stranger's mail that the user forwards gives no notice of AliExpress, whatever it imitates."""
    inner = shape.text(f"AliExpress <{ALIEXPRESS}>", subject, text)

    found = reading(forwarded(GMAIL, f"Fwd: {subject}", f"{above}\n{inner}", AT, who=STRANGER))

    assert found.outcome != "notice" or {notice.source for notice in found.notices} == {"card"}
