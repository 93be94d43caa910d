"""The weekly summary: what it tells, in which order, and that no mail can speak through it."""

from __future__ import annotations

import email
import email.policy
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundparsers.money import Money
from refundtracker.disputes import Dispute, Reason, Received, Window
from refundtracker.errors import BadInput
from refundtracker.reports.printing import country_name, foreign, full_day, printed, short_day
from refundtracker.reports.summary import (
    Line,
    MailLine,
    News,
    Summary,
    compose,
    from_disputes,
    render_html,
    render_text,
    subject,
)
from rigs.browser import draw, overhang

if TYPE_CHECKING:
    from pathlib import Path

    from refundtracker.words import Lang

TODAY = date(2026, 6, 1)
# Counted for Korea: the promise of 12 May is overdue, that of 20 May due, that of 27 May waits.
LATE = Window(
    starts_on=date(2026, 5, 12), due_on=date(2026, 5, 21), overdue_on=date(2026, 5, 27),
    escalate_on=date(2026, 6, 11), calendar="KR", method="card", table="0.109",
)  # fmt: skip
DUE = Window(
    starts_on=date(2026, 5, 20), due_on=date(2026, 5, 29), overdue_on=date(2026, 6, 4),
    escalate_on=date(2026, 6, 18), calendar="KR", method="card", table="0.109",
)  # fmt: skip
WAITING = Window(
    starts_on=date(2026, 5, 27), due_on=date(2026, 6, 8), overdue_on=date(2026, 6, 11),
    escalate_on=date(2026, 6, 25), calendar="KR", method="card", table="0.109",
)  # fmt: skip


def a_dispute(number: int, **changed: Any) -> Dispute:
    given_: dict[str, Any] = {
        "key": str(number),
        "id": number,
        "order": f"80123456789012{number:02d}",
        "item": f"thing {number}",
    }
    return Dispute(**given_ | changed)


def promised(
    number: int, window: Window, minor: int | None = 520, currency: str = "USD", **changed: Any
) -> Dispute:
    money = None if minor is None else Money(minor, currency)
    return a_dispute(number, phase="promised", promised=money, window=window, **changed)


def seen(minor: int, currency: str, on: date) -> Received:
    return Received(
        money=Money(minor, currency), on=on, issuer="kr.shinhan", card="1234", link="auto",
        why=Reason("why.user"), notice_id=1,
    )  # fmt: skip


def summary_of(*disputes: Dispute, lang: Lang = "en", news: News | None = None) -> Summary:
    return from_disputes(disputes, today=TODAY, lang=lang, country="KR", news=news or News())


EVERY_STATE = (
    a_dispute(12, phase="withdrawn", finished_on=date(2026, 5, 20)),
    a_dispute(11, phase="lost", finished_on=date(2026, 5, 20)),
    a_dispute(10, phase="compensated", finished_on=date(2026, 5, 20)),
    promised(9, LATE, received=(seen(520, "USD", date(2026, 5, 19)),)),
    a_dispute(8, phase="closed"),
    a_dispute(7, phase="returning"),
    a_dispute(6, phase="open"),
    promised(5, WAITING),
    promised(4, DUE, 17050, "KRW", received=(seen(15000, "KRW", date(2026, 5, 28)),)),
    promised(3, DUE, 1240),
    promised(2, LATE),
    a_dispute(1, phase="act", act_by=date(2026, 6, 3)),
)
FULL_NEWS = News(
    unread=(
        MailLine(
            88, date(2026, 5, 30), "transaction@notice.aliexpress.com", "분쟁에 대한 소식", "no form fits"
        ),
    ),
    untrusted=(
        MailLine(90, date(2026, 5, 31), "refund@evil.example", "Sign in at http://evil.example/now", None),
    ),
    counts={"notice": 4, "ignored": 31, "unread": 1, "untrusted": 1, "not-ours": 0},
    notes=("home: the login is refused",),
)


# --- what is told ----------------------------------------------------------------------------


def test_the_most_urgent_comes_first() -> None:
    told = summary_of(*EVERY_STATE)

    assert [line.state for line in told.lines] == [
        "act", "overdue", "due", "short", "waiting", "open", "returning", "closed",
        "paid", "compensated", "lost", "withdrawn",
    ]  # fmt: skip


def test_a_line_holds_printed_money_and_counted_days() -> None:
    (line,) = summary_of(promised(2, LATE)).lines

    assert line == Line(
        id=2, state="overdue", order="8012345678901202", item="thing 2",
        promised="US$5.20", missing="US$5.20",
        starts_on=date(2026, 5, 12), due_on=date(2026, 5, 21), overdue_on=date(2026, 5, 27), days_late=5,
        next="Open the order page on AliExpress and check three things: where the refund was sent,"
        " whether it became a bonus, and whether a form asks for bank data.",
    )  # fmt: skip


def test_money_still_owed_is_summed_by_currency() -> None:
    told = summary_of(*EVERY_STATE)

    assert (told.owed, told.unknown) == (("₩2,050", "US$22.80"), 0)


def test_a_promise_without_a_sum_is_never_called_nothing() -> None:
    told = summary_of(promised(2, LATE, None))

    assert (told.owed, told.unknown) == ((), 1)
    assert subject(told) == "Refunds: 1 late, 1 of unknown amount"
    assert "nothing owed" not in render_text(told) + render_html(told)
    assert "amount not told" in render_text(told)


@pytest.mark.parametrize(("days", "told"), [(0, 1), (30, 1), (31, 0)])
def test_what_has_ended_is_told_for_thirty_days(days: int, told: int) -> None:
    ended = TODAY - timedelta(days=days)

    assert (
        len(summary_of(a_dispute(1, phase="lost", opened_on=date(2026, 1, 1), finished_on=ended)).lines)
        == told
    )


def test_a_refund_booked_on_the_day_of_the_purchase_is_still_news() -> None:
    paid = promised(9, LATE, finished_on=TODAY, received=(seen(520, "USD", date(2026, 3, 1)),))

    assert [line.state for line in summary_of(paid).lines] == ["paid"]


def test_the_sentence_of_a_shortfall_speaks_of_money_as_people_write_it() -> None:
    short = promised(4, DUE, 17050, "KRW", received=(seen(15000, "KRW", date(2026, 5, 28)),))

    assert (
        summary_of(short, lang="ko").lines[0].next
        == "덜 들어온 금액(2,050원)을 알리익스프레스나 카드사에 문의하세요."
    )


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("en", "Answer on the order page by 3 Jun."), ("ko", "6월 3일까지 주문 페이지에서 답하세요.")],
)
def test_the_days_in_a_sentence_are_days_as_people_write_them(lang: Lang, expected: str) -> None:
    assert summary_of(EVERY_STATE[-1], lang=lang).lines[0].next == expected


# --- how it is printed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("money", "english", "korean"),
    [
        (Money(520, "USD"), "US$5.20", "US$5.20"),
        (Money(1705000, "KRW"), "₩1,705,000", "1,705,000원"),
        (Money(899, "EUR"), "€8.99", "€8.99"),
        (Money(123456, "RUB"), "RUB\u00a01,234.56", "RUB\u00a01,234.56"),
        (Money(1234, "IQD"), "IQD\u00a01.234", "IQD\u00a01.234"),
        (Money(500, "JPY"), "JP¥500", "JP¥500"),
        (
            Money(12345678901234567890, "USD"),
            "US$123,456,789,012,345,678.90",
            "US$123,456,789,012,345,678.90",
        ),
        (Money(5, "XYZ"), "XYZ\u00a00.05", "XYZ\u00a00.05"),
        (Money(-5, "USD"), "-US$0.05", "-US$0.05"),
    ],
)
def test_money_is_printed_exactly(money: Money, english: str, korean: str) -> None:
    assert (printed(money, "en"), printed(money, "ko")) == (english, korean)


@given(st.integers(0, 10**40), st.sampled_from(["USD", "KRW", "JPY", "KWD", "IQD", "EUR", "UZS", "HUF"]))
def test_no_digit_of_money_is_lost(minor: int, currency: str) -> None:
    for lang in ("en", "ko"):
        digits = "".join(letter for letter in printed(Money(minor, currency), lang) if letter.isdecimal())
        assert int(digits) == minor


def test_days_and_countries_are_printed_in_both_languages() -> None:
    assert (short_day(TODAY, TODAY, "en"), short_day(TODAY, TODAY, "ko")) == ("1 Jun", "6월 1일")
    assert short_day(date(2025, 12, 30), TODAY, "ko") == "2025년 12월 30일"
    assert (full_day(TODAY, "en"), full_day(TODAY, "ko")) == ("Monday, 1 June 2026", "2026년 6월 1일 월요일")
    assert (country_name("KR", "ko"), country_name("BR", "en"), country_name("XX", "en")) == (
        "대한민국",
        "Brazil",
        "XX",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see www.evil.example now", "see www[.]evil[.]example now"),
        ("https://evil.example/x.y", "https[:]//evil[.]example/x[.]y"),
        ("LED strip 2.5 m, v1.2. Good", "LED strip 2.5 m, v1.2. Good"),
        ("알리.한국", "알리[.]한국"),
        (None, ""),
    ],
)
def test_foreign_text_holds_nothing_that_becomes_a_link(text: str | None, expected: str) -> None:
    assert foreign(text) == expected


# --- text ------------------------------------------------------------------------------------


def test_the_text_as_a_whole() -> None:
    text = render_text(summary_of(*EVERY_STATE[-4:], EVERY_STATE[1], news=FULL_NEWS))

    assert (
        text
        == """\
Refunds · Monday, 1 June 2026

Money still owed: ₩2,050 · US$17.60
answer needed 1 · overdue 1 · due 1 · short 1

Please look at this first
  ! home: the login is refused

Needs you
----------------------------------------
[answer needed] thing 1
  #1 · order 8012345678901201
  > Answer on the order page by 3 Jun.

[overdue] thing 2 · US$5.20
  #2 · order 8012345678901202
  5 days late · late after 27 May
  > Open the order page on AliExpress and check three things: where the refund was sent, whether it \
became a bonus, and whether a form asks for bank data.

[due] thing 3 · US$12.40
  #3 · order 8012345678901203
  late after 4 Jun
  > Look at the whole card statement since the purchase date: a refund can be booked on the day of \
the purchase.

[short] thing 4 · ₩2,050
  #4 · order 8012345678901204 · promised ₩17,050 · received ₩15,000
  likely: a part may have come as a coupon or bonus (₩2,050, 12.0 %)
  > Ask AliExpress or your card issuer for the missing ₩2,050.

Finished in the last 30 days
----------------------------------------
[lost] thing 11 · 20 May
  > Appeal on the order page while you can, and keep the last day for a chargeback in mind.

Mails I could not read
----------------------------------------
#88 · 30 May · transaction@notice.aliexpress.com: 분쟁에 대한 소식
  no form fits
They may hold news of a refund. Look with: refunds mail --outcome unread

Mails whose sender is not proven
----------------------------------------
#90 · 31 May · refund@evil[.]example: Sign in at http[:]//evil[.]example/now
They counted for nothing here. Open no link in them.

Mails since the last summary: read 4 · not relevant 31 · not understood 1 · sender not proven 1
Business days of South Korea. Made from your own mail on your own machine. See more: refunds list
"""
    )


def test_a_quiet_week_says_so() -> None:
    assert (
        render_text(summary_of(lang="ko"))
        == """\
환불 현황 · 2026년 6월 1일 월요일

아직 받을 돈: 없음
열린 분쟁이 없어요. 편안한 한 주 보내세요.

지난 요약 이후 받은 메일: 없음
영업일 기준: 대한민국. 내 메일로 내 컴퓨터에서 만들었어요. 자세히 보기: refunds list
"""
    )


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_text_and_html_tell_the_same(lang: Lang) -> None:
    told = summary_of(*EVERY_STATE, lang=lang, news=FULL_NEWS)
    text, html = render_text(told), _visible(render_html(told))

    for line in told.lines:
        for value in (line.item, line.missing or line.received, line.next):
            assert (value or "") in text
            assert (value or "") in html
    for mail in (*FULL_NEWS.unread, *FULL_NEWS.untrusted):
        assert foreign(mail.subject) in text
        assert foreign(mail.subject) in html


def test_hundreds_of_disputes_stay_below_what_mail_programs_hide() -> None:
    """Gmail hides what is behind 102 KB; what was left out is counted."""
    many = [promised(n, LATE, item="긴 이름 " * 30) for n in range(300)]
    mails = tuple(MailLine(n, TODAY, "a" * 300, "제목" * 300, "x" * 900) for n in range(300))
    told = summary_of(*many, news=News(unread=mails, untrusted=mails))

    assert len(render_html(told).encode()) < 102_000
    assert "and 275 more: refunds list" in render_text(told)
    assert render_text(told).count("and 292 more: refunds mail") == 2


# --- hostile text ----------------------------------------------------------------------------


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _parsed(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    return page


def _visible(html: str) -> str:
    return "".join(_parsed(html).text)


def _told_of(text: str) -> Summary:
    mail = MailLine(1, TODAY, text, text, text)
    line = Line(id=1, state="open", item=text, order=text)
    return Summary(
        as_of=TODAY, lang="en", country=text, lines=(line, Line(id=2, state="lost", order=text)),
        news=News(unread=(mail,), untrusted=(mail,), notes=(text,)),
    )  # fmt: skip


def test_markup_in_a_mail_is_shown_and_not_obeyed() -> None:
    attack = "<script>alert(1)</script><img src=x onerror=y>\"'&amp;</td>"
    html = render_html(_told_of(attack))

    assert "<script" not in html
    assert "<img" not in html
    assert attack in _visible(html)


def test_terminal_and_direction_tricks_are_gone_from_both() -> None:
    told = _told_of("\x1b[31mred\x07 \u202egpj.exe\u2069\n\n[paid] forged line\x00")

    for rendered in (render_text(told), render_html(told)):
        assert [letter for letter in "\x1b\x07\u202e\u2069\x00\r" if letter in rendered] == []
    assert [line for line in render_text(told).splitlines() if line.lstrip().startswith("[paid]")] == []


@settings(deadline=None)
@given(st.text(st.characters(), min_size=1))
def test_no_text_changes_the_structure_of_the_page(text: str) -> None:
    """The same tags with the same attributes, whatever a mail says."""
    known, attacked = _parsed(render_html(_told_of("x"))), _parsed(render_html(_told_of(text)))
    reasonless = {"div"} if not foreign(text) else set()

    assert [tag for tag in attacked.tags if tag[0] not in reasonless] == [
        tag for tag in known.tags if tag[0] not in reasonless
    ]


@settings(deadline=None)
@given(st.text(st.characters(), min_size=1))
def test_no_text_adds_a_line(text: str) -> None:
    lines = render_text(_told_of(text)).split("\n")

    assert len(lines) == len(render_text(_told_of("x")).split("\n"))
    assert all(line.isprintable() for line in lines if line.isascii())


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_loads_nothing_and_leads_nowhere(lang: Lang) -> None:
    page = _parsed(render_html(summary_of(*EVERY_STATE, lang=lang, news=FULL_NEWS)))

    assert {tag for tag, _ in page.tags} & {"a", "img", "link", "script", "style", "form", "iframe"} == set()
    assert [value for _, attrs in page.tags for _, value in attrs if value and "url(" in value] == []


# --- the mail --------------------------------------------------------------------------------

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


def composed(told: Summary, **changed: str) -> EmailMessage:
    given_ = {"sender": "me@shop.test", "to": "나 <me@shop.test>", "message_id": "<2026-W23@shop.test>"}
    return compose(told, **given_ | changed, now=NOW)


def test_the_mail_is_ascii_on_the_wire_and_whole_when_read() -> None:
    told = summary_of(*EVERY_STATE, lang="ko", news=FULL_NEWS)
    wire = composed(told).as_bytes()
    read = email.message_from_bytes(wire, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    plain, html = (part for part in read.iter_parts())

    assert wire.isascii()
    assert max(len(line) for line in wire.split(b"\r\n")) <= 998
    assert wire.replace(b"\r\n", b"").count(b"\n") == 0
    assert read["Subject"] == "환불 현황: 답변 필요 1건, 지연 1건, 받을 돈 2,050원 + US$22.80, 경고 있음"
    assert [read[name] for name in ("Auto-Submitted", "X-Refundtracker", "Message-ID", "Date", "To")] == [
        "auto-generated",
        "summary",
        "<2026-W23@shop.test>",
        "Mon, 01 Jun 2026 08:00:00 +0000",
        "나 <me@shop.test>",
    ]
    assert read.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in (plain, html)] == ["text/plain", "text/html"]
    assert plain.get_content().replace("\r\n", "\n") == render_text(told)
    assert html.get_content().replace("\r\n", "\n") == render_html(told)


@pytest.mark.parametrize(
    ("disputes", "news", "english", "korean"),
    [
        ((), News(), "Refunds: nothing owed", "환불 현황: 받을 돈 없음"),
        (
            (promised(1, LATE), promised(2, LATE, 720)),
            News(),
            "Refunds: 2 late, US$12.40 owed",
            "환불 현황: 지연 2건, 받을 돈 US$12.40",
        ),
        ((promised(5, WAITING),), News(), "Refunds: US$5.20 owed", "환불 현황: 받을 돈 US$5.20"),
        (
            (),
            FULL_NEWS,
            "Refunds: 1 not understood, a warning inside",
            "환불 현황: 해석 못 한 메일 1통, 경고 있음",
        ),
    ],
)
def test_the_subject_tells_the_essential(
    disputes: tuple[Dispute, ...], news: News, english: str, korean: str
) -> None:
    assert subject(summary_of(*disputes, news=news)) == english
    assert subject(summary_of(*disputes, news=news, lang="ko")) == korean


@pytest.mark.parametrize("name", ["sender", "to", "message_id"])
@pytest.mark.parametrize("ending", ["\r\nBcc: all@evil.example", "\nX: y", "\x00", "\u2028Bcc: x"])
def test_no_value_can_add_a_header(name: str, ending: str) -> None:
    with pytest.raises(BadInput, match="control character"):
        composed(summary_of(), **{name: f"me@shop.test{ending}"})


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters()))
def test_no_mail_text_reaches_a_header(text: str) -> None:
    known, attacked = composed(_told_of("x")), composed(_told_of(text or "y"))

    assert [item for item in attacked.items() if item[0] != "Content-Type"] == [
        item for item in known.items() if item[0] != "Content-Type"
    ]


def test_a_summary_costs_nothing_until_it_is_rendered() -> None:
    code = "import sys, refundtracker.reports.summary; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    ).stdout.split()

    assert {"babel", "jinja2", "smtplib"} & set(loaded) == set()


# --- as a browser draws it -------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [700, 400])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_browser_draws_it(tmp_path: Path, lang: Lang, width: int, dark: bool) -> None:  # noqa: FBT001
    """A page with text on it, dark where the reader is, with the red of what is late."""
    html = render_html(summary_of(*EVERY_STATE, lang=lang, news=FULL_NEWS))
    picture = draw(html, tmp_path, width=width, dark=dark)

    assert (picture.width, picture.height) == (width, 600)
    assert 0.03 < picture.ink < 0.5
    assert (max(picture.ground) < 60) == dark
    assert picture.colours[(0xC8, 0x39, 0x3B)] > width


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_fits_a_phone(tmp_path: Path, lang: Lang) -> None:
    """No sideways scrolling, not even for a title of one endless word."""
    endless = promised(1, LATE, 123456789012, item="W" * 200)
    told = summary_of(endless, *EVERY_STATE, lang=lang, news=FULL_NEWS)

    assert [overhang(render_html(told), tmp_path, width=width) for width in (700, 400, 320)] == [0, 0, 0]


def test_money_of_unknown_amount_is_said_once() -> None:
    """Where no refund has a sum, the number of them is the headline; beside sums it is one more of them."""
    waiting = Line(id=1, state="waiting", order="8012345678901234")
    alone = Summary(as_of=TODAY, lang="en", country="KR", lines=(waiting,), unknown=1)
    beside = replace(alone, owed=("US$5.20",))

    assert "Money still owed: 1 of unknown amount\n" in render_text(alone)
    assert render_html(alone).count("1 of unknown amount") == 1
    assert "Money still owed: US$5.20 · 1 of unknown amount\n" in render_text(beside)
    assert "+ 1 of unknown amount" in render_html(beside)


def test_reasons_of_mails_are_told_in_the_readers_language() -> None:
    news = News(unread=(MailLine(id=1, reason="no form fits this mail of AliExpress"),))
    told = Summary(as_of=TODAY, lang="ko", country="KR", news=news)

    assert "알리익스프레스 메일이지만 맞는 양식이 없음" in render_text(told)
    assert "알리익스프레스 메일이지만 맞는 양식이 없음" in render_html(told)
