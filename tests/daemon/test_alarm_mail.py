"""What an alarm looks like: short, in both languages, and harmless whatever stood in a mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundtracker.alarms.alerting import Bulletin, Item, What
from refundtracker.alarms.rules import KINDS, Alarm, AlarmKind
from refundtracker.cli.refundd import refundd
from refundtracker.cli.refunds import refunds
from refundtracker.reports import alarm as wording
from refundtracker.words.alarms import ALARMS

if TYPE_CHECKING:
    from refundtracker.words import Lang

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")
VALUES = {
    "account": "home", "said": "mail.shop.test: no", "count": "3", "ref": "7", "sender": "x@aliexpress.com",
    "order": "8012345678901234", "item": "", "minor": "7000", "currency": "KRW", "day": "2026-05-21",
    "slot": "2026-W21", "country": "KR", "free": "12", "state": "paid",
}  # fmt: skip


def bulletin(**values: str) -> Bulletin:
    """Every kind in every way."""
    alarms = [Alarm(kind, "x", {**VALUES, **values}, "urgent", NOW) for kind in KINDS]
    return Bulletin(tuple(Item(what, alarm) for what in get_args(What) for alarm in alarms), NOW)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_late_refund_in_words(lang: Lang) -> None:
    item = Item("new", Alarm("overdue", "7", VALUES, "urgent", NOW))
    text = wording.render_text(Bulletin((item,)), NOW, SEOUL, lang)

    assert (
        text.splitlines()[2:5]
        == {
            "en": [
                "Refund is late: order 8012345678901234 (since 20 May 18:00)",
                "  What was said: mail.shop.test: no",
                "  > Expected ₩7,000 by 21 May. What to do now: refunds show 7",
            ],
            "ko": [
                "환불 지연: 주문 8012345678901234 (5월 20일 18:00부터)",
                "  받은 응답: mail.shop.test: no",
                "  > 5월 21일까지 7,000원 입금 예정이었어요. 지금 할 일: refunds show 7",
            ],
        }[lang]
    )


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_subject_fits_a_telephone(kind: AlarmKind, lang: Lang) -> None:
    for what in get_args(What):
        item = Item(what, Alarm(kind, "x", VALUES, "urgent", NOW))
        line = wording.subject(Bulletin((item, item)), NOW.date(), lang)

        assert len(line) <= 70, line
        assert line.isprintable()


def test_every_command_in_the_words_exists() -> None:
    said = " ".join(text for pair in ALARMS.values() for text in pair)
    named = set(re.findall(r"\b(refundd|refunds) ([a-z]+)", said))

    assert len(named) > 5
    for command, verb in named:
        assert verb in {"refunds": refunds, "refundd": refundd}[command].list_commands(None)  # type: ignore[arg-type]


def test_a_hundred_alarms_are_a_short_mail() -> None:
    items = tuple(Item("new", Alarm("overdue", str(n), VALUES, "urgent", NOW)) for n in range(100))
    html = wording.render_html(Bulletin(items), NOW, SEOUL, "en")

    assert html.count("Refund is late") == 20
    assert "and 80 more" in html


@settings(deadline=None)
@given(
    text=st.text(st.characters(codec="utf-8"), max_size=60) | st.just("<script>a://b.c</script>\r\nBcc: x")
)
def test_words_of_mails_are_harmless(text: str) -> None:
    """No line of its own, no tag, no header, no link; and the mail is pure ASCII on the wire."""
    told = bulletin(account=text, said=text, sender=text, order=text, item=text)
    mail = wording.compose(
        told,
        zone=SEOUL,
        lang="en",
        sender="a@shop.test",
        to="b@shop.test",
        message_id="<1@shop.test>",
        now=NOW,
    )
    quiet = wording.render_text(bulletin(), NOW, SEOUL, "en")
    lines = wording.render_text(told, NOW, SEOUL, "en")

    assert mail.as_bytes().isascii()
    assert mail.keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Refundtracker", "MIME-Version",
        "Content-Type",
    ]  # fmt: skip
    assert lines.count("\n") <= quiet.count("\n")
    assert "<script" not in wording.render_html(told, NOW, SEOUL, "en")
