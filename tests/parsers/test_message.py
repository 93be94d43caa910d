"""Mail bytes to a message: every guard against what mail-parser, labels and senders get wrong."""

from __future__ import annotations

import base64
import quopri
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import Message as EmailMessage
from hashlib import sha256

import mailparser
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from mailparser.exceptions import MailParserRecursionError

from refundparsers import read
from refundparsers.message import Body, UndecodableMail, _header_end, _of_one_part, decode, open_mail

DATE = b"Date: Tue, 12 May 2026 13:22:00 +0900"
WHEN = datetime(2026, 5, 12, 4, 22, tzinfo=UTC)
FROM = b"From: AliExpress <transaction@notice.aliexpress.com>"
KOREAN = "똠방 환불 완료 7,000원"


def mail(*headers: bytes, body: bytes = b"text\r\n") -> bytes:
    """A mail with the usual headers unless they are given."""
    given_names = {header.partition(b":")[0].lower() for header in headers}
    usual = [each for each in (FROM, DATE) if each.partition(b":")[0].lower() not in given_names]
    return b"\r\n".join([*usual, *headers, b"", body])


def part(kind: bytes, body: bytes, *headers: bytes) -> bytes:
    """One part of a multipart."""
    return b"\r\n".join([b"Content-Type: " + kind, *headers, b"", body])


def multipart(subtype: bytes, *parts: bytes, boundary: bytes = b"b1") -> tuple[bytes, bytes]:
    """The Content-Type header and the body of a multipart."""
    inside = b"".join(b"--" + boundary + b"\r\n" + each + b"\r\n" for each in parts)
    return (
        b"Content-Type: multipart/" + subtype + b'; boundary="' + boundary + b'"',
        inside + b"--" + boundary + b"--\r\n",
    )


def of_parts(subtype: bytes, *parts: bytes) -> bytes:
    header, body = multipart(subtype, *parts)
    return mail(header, body=body)


def texts(raw: bytes) -> list[str]:
    return [body.text for body in decode(raw).bodies]


# --- What identifies it ------------------------------------------------------------------------------


def test_the_facts_of_an_ordinary_mail() -> None:
    raw = mail(b"Subject: Your order 8012345678901234 is closed", b"Message-ID: <a.b@c>")

    message = decode(raw)

    assert message.facts.sha256 == sha256(raw).hexdigest()
    assert message.facts.message_id == "a.b@c"
    assert message.facts.sender == "transaction@notice.aliexpress.com"
    assert message.facts.subject == "Your order 8012345678901234 is closed"
    assert message.facts.date == WHEN
    assert message.date_from == "date"
    assert message.addresses == ("transaction@notice.aliexpress.com",)
    assert message.display_name == "AliExpress"
    assert message.bodies == (Body("text", html=False, charset="utf-8"),)
    assert message.subject_doubt is None


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (b"0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        (
            b"<1234567890123456$0123456789abcdef0123456789abcdef>",
            "1234567890123456$0123456789abcdef0123456789abcdef",
        ),
        (b" <\r\n a@b> ", "a@b"),
        (b"", None),
        (b"\x1b[31m\xed\x99\x98", "[31m환"),
    ],
)
def test_message_id_is_the_printed_string(printed: bytes, expected: str | None) -> None:
    assert decode(mail(b"Message-ID: " + printed)).facts.message_id == expected


def test_the_first_of_two_message_ids() -> None:
    assert decode(mail(b"Message-ID: <a>", b"Message-ID: <b>")).facts.message_id == "a"


@pytest.mark.parametrize(
    "raw",
    [
        mail(FROM, b"From: x@evil.example"),
        mail(FROM, FROM),
        mail(b"From: transaction@notice.aliexpress.com, x@evil.example"),
        mail(b"From: transaction@notice.aliexpress.com)x@evil.example"),
        mail(b"From: AliExpress"),
    ],
)
def test_no_sender_unless_there_is_exactly_one(raw: bytes) -> None:
    assert decode(raw).facts.sender is None


def test_every_address_of_every_from() -> None:
    message = decode(mail(FROM, b"From: B <X@evil.example>, y@evil.example"))

    assert message.addresses == ("transaction@notice.aliexpress.com", "x@evil.example", "y@evil.example")


# --- Headers -----------------------------------------------------------------------------------------


def test_headers_by_name_in_any_case_unfolded_top_to_bottom() -> None:
    message = decode(
        mail(
            b"Authentication-Results: mx.naver.com;\r\n\tdkim=pass\r\n  header.d=x",
            b"AUTHENTICATION-RESULTS: second",
            b"X-Raw: \xed\x99\x98\xeb\xb6\x88",
            b"X-Old: \xc8\xaf\xba\xd2",
            b"X-Word: =?utf-8?Q?a?=",
        )
    )

    assert message.all("authentication-results") == ("mx.naver.com;\tdkim=pass  header.d=x", "second")
    assert message.first("Authentication-Results") == "mx.naver.com;\tdkim=pass  header.d=x"
    assert message.first("x-raw") == "환불"
    assert message.first("x-old") == "환불"
    assert message.first("x-word") == "=?utf-8?Q?a?="
    assert message.first("x-none") is None
    assert message.all("x-none") == ()


def test_headers_named_like_parts_of_a_parser() -> None:
    names = [
        b"headers",
        b"headers_json",
        b"parse",
        b"message",
        b"mail",
        b"body",
        b"_message",
        b"defects",
        b"X_json",
    ]

    message = decode(mail(*[name + b": 1" for name in names]))

    assert [message.first(name.decode()) for name in names] == ["1"] * len(names)


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        ("똠방 환불".encode("cp949"), "똠방 환불"),
        ("똠방 환불".encode(), "똠방 환불"),
        (b"=?euc-kr?B?" + base64.b64encode("똠방 환불".encode("cp949")) + b"?=", "똠방 환불"),
        (b"=?ks_c_5601-1987?Q?=8Cc=B9=E6?=", "똠방"),
        (b"=?utf-8?B?7ZmY6w==?=\r\n =?utf-8?B?toggb2s=?=", "환불 ok"),
        (b"a\r\n b", "a b"),
        (b"", None),
    ],
)
def test_subject(raw: bytes, subject: str | None) -> None:
    message = decode(mail(b"Subject: " + raw))

    assert message.facts.subject == subject
    assert message.subject_doubt is None


def test_a_second_subject_that_differs_is_a_doubt() -> None:
    """A signature covers the lower Subject; another one on top shows other words under a valid signature."""
    message = decode(mail(b"Subject: Dispute Finished", b"Subject: Sale!"))

    assert message.facts.subject == "Dispute Finished"
    assert message.subject_doubt == "the mail has 2 subjects"
    assert decode(mail(b"Subject: a", b"Subject: =?utf-8?Q?a?=")).subject_doubt is None


# --- Date --------------------------------------------------------------------------------------------

RECEIVED = (
    b"Received: from a (b; c) by d with ESMTP id e\r\n for <f@g>; Tue, 12 May 2026 13:22:00 +0900 (KST)"
)


@pytest.mark.parametrize(
    "date",
    [
        b"Date: Tue, 12 May 2026 13:22:00 CST",
        b"Date: Tue, 12 May 2026 13:22:00",
        b"Date: Tue, 12 May 2026 13:22:00 +9900",
        b"Date: Thu, 01 Jan 1970 00:00:00 +0000",
        b"Date: \xff\xfe",
        b"Date:",
        b"X-No-Date: 1",
    ],
)
def test_an_unusable_date_gives_way_to_received_then_to_arrival(date: bytes) -> None:
    arrived = datetime(2026, 5, 12, 13, 30, tzinfo=timezone(timedelta(hours=9)))

    def dated(*headers: bytes, arrived: datetime | None = None) -> tuple[datetime | None, str | None]:
        message = decode(b"\r\n".join([*headers, FROM, date, b"", b"x"]), arrived=arrived)
        return message.facts.date, message.date_from

    assert dated(RECEIVED, b"Received: old; Mon, 11 May 2026 13:22:00 +0900", arrived=arrived) == (
        WHEN,
        "received",
    )
    assert dated(b"Received: no date here", RECEIVED, arrived=arrived) == (WHEN, "received")
    assert dated(arrived=arrived) == (datetime(2026, 5, 12, 4, 30, tzinfo=UTC), "arrived")
    assert dated() == (None, None)


def test_a_name_of_a_zone_is_not_nine_hours_off() -> None:
    assert decode(mail(b"Date: Tue, 12 May 2026 13:22:00 KST")).facts.date == WHEN


# --- Charsets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", [b"8bit", b"base64", b"quoted-printable", b"BASE64 ", b"base64; x", b"Quoted-Printable"]
)
@pytest.mark.parametrize("label", [b"euc-kr", b"ks_c_5601-1987", b'"x-windows-949"', b"utf-8", b"x-unknown"])
def test_korean_in_every_transfer_encoding(encoding: bytes, label: bytes) -> None:
    data = (KOREAN + "\n").encode("utf-8" if label == b"utf-8" else "cp949")
    coded = {b"b": base64.encodebytes, b"q": quopri.encodestring, b"8": bytes}[encoding[:1].lower()](data)  # type: ignore[operator]

    message = decode(
        mail(
            b"Content-Type: text/plain; charset=" + label,
            b"Content-Transfer-Encoding: " + encoding,
            body=coded,
        )
    )

    assert message.bodies == (Body(KOREAN, html=False, charset="utf-8" if label == b"utf-8" else "cp949"),)


def test_html_without_a_label_is_read_by_its_own_statement() -> None:
    html = b'<html><head><meta charset="gb2312"></head><body>' + "退款成功".encode("gbk") + b"</body></html>"

    assert decode(mail(b"Content-Type: text/html", body=html)).bodies == (
        Body("退款成功", html=True, charset="gb18030"),
    )


@pytest.mark.parametrize(
    ("headers", "body", "doubt"),
    [
        (
            [b"Content-Type: text/plain; charset=euc-kr"],
            "환불".encode("cp949") + b"\xff",
            "1 character could not be decoded from euc-kr",
        ),
        (
            [b"Content-Type: text/plain; charset=utf-8"],
            "환불".encode().decode("latin-1").encode(),
            "wrong charset",
        ),
        ([b"Content-Type: text/plain"], "Größe über".encode("latin-1"), "no charset is stated"),
        (
            [b"Content-Type: text/plain", b"Content-Transfer-Encoding: base64"],
            b"7ZmY!67aI",
            "transfer encoding is damaged",
        ),
        ([b"Content-Type: text/html; charset=utf-8"], "<p>환\ufffd</p>".encode(), "arrived damaged"),
        ([b"Content-Type: text/plain; charset=utf-8"], "가".encode() * 700_000, "cut after 2,000,000 bytes"),
        ([b"Content-Type: text/html; charset=utf-8"], b"<div>" * 30_000, "too many tags"),
        ([b"Content-Type: multipart/mixed"], b"text", "states several parts and has none"),
        ([b"Content-Type: multipart/mixed; boundary=x"], b"text", "states several parts and has none"),
    ],
)
def test_damage_is_told(headers: list[bytes], body: bytes, doubt: str) -> None:
    found = decode(mail(*headers, body=body)).bodies[0].doubt

    assert found is not None
    assert doubt in found


def test_damage_in_hidden_text_is_none() -> None:
    html = b'<html><body><p style="display:none">\xc3\x83\xc2\xab</p>ok</body></html>'

    assert decode(mail(b"Content-Type: text/html; charset=utf-8", body=html)).bodies[0].doubt is None


# --- Parts -------------------------------------------------------------------------------------------

PLAIN = part(b"text/plain; charset=utf-8", b"plain")
HTML = part(b"text/html; charset=utf-8", b"<p>html</p>")


def test_of_alternatives_people_see_html_first() -> None:
    message = decode(of_parts(b"alternative", PLAIN, HTML))

    assert [(body.text, body.html) for body in message.bodies] == [("html", True), ("plain", False)]


def test_parts_that_follow_each_other_are_one_text() -> None:
    assert texts(of_parts(b"mixed", PLAIN, part(b"text/plain", b"footer"))) == ["plain\nfooter"]


def test_a_footer_belongs_to_every_alternative() -> None:
    header, body = multipart(b"alternative", PLAIN, HTML, boundary=b"b2")
    raw = of_parts(b"mixed", header + b"\r\n\r\n" + body, part(b"text/plain", b"footer"))

    assert texts(raw) == ["html\nfooter", "plain\nfooter"]


def test_related_pictures_do_not_count() -> None:
    header, body = multipart(
        b"related", HTML, part(b"image/png", b"iVBO", b"Content-ID: <a>"), boundary=b"b2"
    )

    assert texts(of_parts(b"alternative", PLAIN, header + b"\r\n\r\n" + body)) == ["html", "plain"]


def test_an_empty_alternative_is_left_out() -> None:
    assert texts(of_parts(b"alternative", part(b"text/html", b"<img src=x>"), PLAIN)) == ["plain"]


@pytest.mark.parametrize(
    "attachment",
    [
        part(b"text/plain", b"secret", b"Content-Disposition: attachment"),
        part(b"text/html", b"secret", b"Content-Disposition: attachment; filename=x.html"),
        part(b"text/plain; name=x.txt", b"secret"),
        part(b"text/plain", b"secret", b"Content-Disposition: inline; filename=x.txt"),
        part(b"application/json", b"secret"),
        part(b"text/calendar", b"secret"),
        part(b"message/rfc822", b"From: x@evil.example\r\nSubject: secret\r\n\r\nsecret"),
        part(b"message/delivery-status", b"Reporting-MTA: secret\r\n\r\nsecret: x"),
        b"\r\n\r\n".join(multipart(b"mixed", part(b"text/plain", b"secret"), boundary=b"b2")).replace(
            b"\r\n\r\n", b"\r\nContent-Disposition: attachment\r\n\r\n", 1
        ),
    ],
)
def test_attachments_and_inner_mails_are_not_the_text(attachment: bytes) -> None:
    """A forged mail inside must never be read as the words of the mail outside."""
    message = decode(of_parts(b"mixed", PLAIN, attachment))

    assert [body.text for body in message.bodies] == ["plain"]


def test_a_named_text_alone_is_the_text() -> None:
    assert texts(mail(b'Content-Type: text/html; name="body.html"', body=b"<p>html</p>")) == ["html"]


INNER = (
    b"Received: from a\r\n\tby b; Tue, 12 May 2026 13:22:00 +0900\r\n"
    b"From: AliExpress <transaction@notice.aliexpress.com>\r\n"
    b"Subject: =?utf-8?Q?=ED=99=98?=\r\n =?utf-8?Q?=EB=B6=88?= a long subject that goes on and on and on\r\n"
    b"X-Raw: \xc8\xaf\xba\xd2\r\nContent-Type: text/plain; charset=euc-kr\r\n\r\n"
    b"\xc8\xaf\xba\xd2  \r\nsecond line\r\n"
)


@pytest.mark.parametrize(
    "attached",
    [
        part(b"message/rfc822", INNER),
        part(b"message/rfc822", base64.encodebytes(INNER), b"Content-Transfer-Encoding: base64"),
        part(
            b"application/octet-stream; name=a.EML",
            base64.encodebytes(INNER),
            b"Content-Transfer-Encoding: base64",
        ),
        part(b"application/octet-stream", INNER, b'Content-Disposition: attachment; filename="a.eml"'),
    ],
)
def test_attached_mails_come_out_as_they_came(attached: bytes) -> None:
    message = decode(of_parts(b"mixed", PLAIN, attached))

    assert [data.rstrip() for data in message.attached] == [INNER.rstrip()]
    assert decode(message.attached[0]).facts.subject == "환불 a long subject that goes on and on and on"


def test_a_mail_that_only_carries_another() -> None:
    message = decode(of_parts(b"mixed", part(b"message/rfc822", INNER)))

    assert message.bodies == ()
    assert len(message.attached) == 1


def test_a_picture_is_a_mail_without_text() -> None:
    assert decode(mail(b"Content-Type: image/png", body=b"iVBO")).bodies == ()


def test_links_of_all_bodies_once() -> None:
    html = part(b"text/html", b'<a href="https://x.kr/?orderId=1&amp;b=2">a</a> https://y.kr/z.')
    plain = part(b"text/plain", b"see https://x.kr/?orderId=1&amp;b=2 and https://p.kr/")

    message = decode(of_parts(b"alternative", plain, html))

    assert message.links == ("https://x.kr/?orderId=1&b=2", "https://y.kr/z", "https://p.kr/")


def test_a_forwarded_text_in_html_that_was_not_escaped() -> None:
    html = (
        "15447200<br>신한카드(3456)취소 김*수 13,500원<br>a<b <홍길동><br>SIM1<br>SubId：1<br>"
        "2026-05-12 13:22:00<br>SM-G991"
    )

    message = decode(mail(b"Content-Type: text/html; charset=UTF-8", body=html.encode()))

    assert message.bodies[0].text.splitlines() == [
        "15447200",
        "신한카드(3456)취소 김*수 13,500원",
        "a<b <홍길동>",
        "SIM1",
        "SubId:1",
        "2026-05-12 13:22:00",
        "SM-G991",
    ]


# --- What is no mail, and what is too much --------------------------------------------------------------


def nested(depth: int) -> bytes:
    """Multiparts inside each other."""
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(depth)
    )
    return FROM + b"\r\n" + opening + b"\r\nhello"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "the mail is empty"),
        (b"\r\n \r\n", "the mail is empty"),
        (bytes(range(256)), "the bytes do not start with a mail header"),
        (b"\x89PNG\r\n\x1a\n" * 100, "the bytes do not start with a mail header"),
        (DATE + b"\r\n\r\nx", "the mail has no From header"),
        (FROM + b"\r\n", "the mail has no body"),
        (FROM + b"\r\n\r\n", "the mail has no body"),
        (nested(2_000), "the mail is nested too deeply to be decoded"),
        (
            FROM + b"\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1_500 + b"x",
            "the mail is nested too deeply to be decoded",
        ),
        (nested(600), "the mail has too many parts, and none of the first ones is text"),
        (
            FROM + b"\r\nTo: " + b"a@b.example, " * 30_000 + b"\r\n\r\nx",
            "the header of the mail is longer than 262,144 bytes",
        ),
        (
            FROM + b"\r\nSubject: " + b"=?utf-8?Q?a" * 1_001 + b"\r\n\r\nx",
            "the header of the mail has more than 1,000 encoded words",
        ),
        (
            mail(multipart(b"mixed")[0], body=b"\r\n--b1\r\n\r\nx" * 20_001),
            "the mail has more than 20,000 part boundaries",
        ),
    ],
)
def test_bytes_that_are_no_mail_are_refused_in_words(raw: bytes, sentence: str) -> None:
    with pytest.raises(UndecodableMail) as refused:
        decode(raw)

    assert str(refused.value) == sentence


def test_parts_beyond_the_limit_are_told() -> None:
    message = decode(of_parts(b"mixed", *[part(b"text/plain", b"x")] * 2_000))

    assert message.bodies[0].doubt == "only the first 500 parts were read"
    assert len(message.bodies[0].text.splitlines()) == 500


def test_a_large_attachment_is_not_decoded() -> None:
    data = base64.encodebytes(bytes(22_000_000))
    raw = of_parts(
        b"mixed", PLAIN, part(b"application/pdf; name=x.pdf", data, b"Content-Transfer-Encoding: base64")
    )

    assert texts(raw) == ["plain"]


def test_a_byte_order_mark_and_empty_lines_in_front() -> None:
    raw = b"\xef\xbb\xbf\r\n\n" + mail()

    assert decode(raw).facts.sender == "transaction@notice.aliexpress.com"
    assert decode(raw).facts.sha256 == sha256(raw).hexdigest()


def test_line_ends_of_every_kind() -> None:
    assert texts(mail(body=b"a\nb\r\nc").replace(b"\r\n", b"\n")) == ["a\nb\nc"]


def test_nothing_of_strangers_mail_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """mail-parser warns with pieces of the mail; without a handler that goes to the terminal."""
    decode(
        mail(b"Subject: =?shift_jis?B?!!!!?=", b"Content-Type: text/x-foo; charset=undefined", body=b"\xff")
    )

    assert [record.getMessage() for record in caplog.records] == []


LINES = st.sampled_from(
    [
        FROM,
        DATE,
        b"",
        b"--b1",
        b"--b1--",
        b"Content-Type: text/html",
        b"Content-Type: message/rfc822",
        b"\t;",
        b"headers: x",
        b"Content-Type: multipart/mixed; boundary=b1",
        b"Content-Type: multipart/alternative; boundary=b1",
        b"From: \xff",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Disposition: attachment",
        b"Content-Type: text/plain; charset*=x''%ff",
        b"Content-Type: text/plain; charset=undefined",
        b"begin 644 x",
        b"Subject: =?a?B?=",
        b"Received: ; ; ",
        b"Date: Tue",
        b"Message-ID: <",
        b"Content-Type: ;;;=",
        b"\xff\xfe: \x00",
        b"Content-Type: application/x; name=a.eml",
        b"<table><td>\x1f",
        b"Content-Type: multipart/digest; boundary=b1",
    ]
)


@given(
    st.one_of(st.binary(), st.lists(st.one_of(LINES, st.binary(max_size=12)), max_size=25).map(b"\r\n".join))
)
def test_any_bytes_are_a_message_or_undecodable(raw: bytes) -> None:
    """Nothing else may ever escape: one mail must not stop the others."""
    try:
        message = decode(raw)
    except UndecodableMail as error:
        refused = str(error)
        event(refused)
    else:
        refused = ""
        assert message.facts.sha256 == sha256(raw).hexdigest()

    assert refused.isprintable()
    assert "Error" not in refused


@given(st.lists(st.one_of(LINES, st.binary(max_size=12)), max_size=25).map(b"\n".join))
def test_any_body_of_a_real_header_is_a_message(body: bytes) -> None:
    message = decode(mail(body=b"text\r\n" + body))

    assert message.facts.sender == "transaction@notice.aliexpress.com"


@given(st.lists(st.one_of(LINES, st.binary(max_size=12)), max_size=25).map(b"\r\n".join))
def test_a_mail_of_one_part_has_the_same_tree_without_its_body(body: bytes) -> None:
    """The body is set below a header parsed alone; parsed as a whole, the mail must be the same."""
    raw = FROM + b"\r\n" + body
    whole = mailparser.MailParser(message_from_bytes(raw)).message

    found = _of_one_part(raw, _header_end(raw))

    event("one part" if found else "as a whole")
    if found:
        assert list(found.raw_items()) == list(whole.raw_items())
        assert found.get_payload(decode=True) == whole.get_payload(decode=True)
        assert found.is_multipart() == whole.is_multipart()


def test_a_header_can_be_read_where_the_body_cannot() -> None:
    opened = open_mail(FROM + b"\r\nSubject: s\r\n\r\n")

    assert opened.envelope.facts.subject == "s"
    with pytest.raises(UndecodableMail, match="the mail has no body"):
        opened.message()


def test_a_stranger_is_nobody_of_ours_whatever_the_mail_holds() -> None:
    empty = b"From: x@evil.example\r\n\r\n"

    assert (read(empty).outcome, read(mail(body=b"")).outcome) == ("not-ours", "unparsable")


@pytest.mark.parametrize("encoding", [b"base64", b"quoted-printable", b"x-uuencode", b"8bit"])
def test_a_mail_can_be_read_twice(encoding: bytes) -> None:
    opened = open_mail(mail(b"Content-Transfer-Encoding: " + encoding, body=b"YWJj \xff=41\r\n"))

    assert opened.message() == opened.message()


# --- What is used of mail-parser ------------------------------------------------------------------------


def test_contract_the_bytes_entry_point_holds_the_message_of_the_email_package() -> None:
    held = mailparser.parse_from_bytes(mail(b"X: \xc8\xaf", body=b"\xc8\xaf")).message

    assert type(held) is EmailMessage
    assert list(held.raw_items())[-1] == ("X", "\udcc8\udcaf")
    assert held.get_payload(decode=True) == b"\xc8\xaf"


def test_contract_deep_nesting_has_its_own_error() -> None:
    with pytest.raises(MailParserRecursionError):
        mailparser.parse_from_bytes(nested(2_000))


def test_contract_the_loggers_that_are_silenced_exist() -> None:
    assert mailparser.core.log.name == "mailparser.core"
    assert mailparser.utils.log.name == "mailparser.utils"


def test_contract_what_it_decodes_can_be_left_out() -> None:
    """It decodes in `parse`, which it calls once. When this fails, our reading got slow or broken."""
    parsed = []

    class Tree(mailparser.MailParser):  # type: ignore[misc]
        def parse(self) -> Tree:
            parsed.append(self.message)
            return self

    raw = mail(b"Subject: s", body=b"x")
    tree = Tree.from_bytes(raw)

    assert parsed == [tree.message]
    assert type(tree.message) is EmailMessage
    assert tree.message.as_bytes() == message_from_bytes(raw).as_bytes()
    with pytest.raises(MailParserRecursionError):
        Tree.from_bytes(nested(2_000))


def test_an_inner_multipart_without_parts() -> None:
    """mail-parser itself fails over it."""
    header, body = multipart(b"mixed", part(b"multipart/alternative; boundary=b2", b"hello"))

    assert texts(mail(header, body=body.removesuffix(b"--b1--\r\n"))) == ["hello"]
