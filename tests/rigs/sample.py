"""Mails for tests, as bytes: AliExpress as a provider delivers it, texts as a phone forwards them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

ME = "me@example.net"
AUTHSERV = "mx.example.net"
TRANSACTION = "transaction@notice.aliexpress.com"
PROVEN = f"{AUTHSERV}; dkim=pass header.d=aliexpress.com; dmarc=pass header.from="


def moment(text: str) -> datetime:
    """`2026-05-12 04:22` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def aliexpress(
    subject: str,
    text: str,
    at: str,
    *,
    sender: str = TRANSACTION,
    verdict: str | None = PROVEN,
    number: str = "1",
) -> bytes:
    """A mail of AliExpress: plain and HTML alternatives, base64, with the provider's verdict on top."""
    mail = EmailMessage(policy=SMTP)
    if verdict:
        mail["Authentication-Results"] = verdict + (sender.rpartition("@")[2] if verdict == PROVEN else "")
    mail["From"] = f'"AliExpress" <{sender}>'
    mail["To"] = ME
    mail["Subject"] = subject
    mail["Date"] = format_datetime(moment(at))
    mail["Message-ID"] = f"<{at.replace(' ', '').replace(':', '')}{number}@notice.aliexpress.com>"
    lines = "".join(f"<p>{line}</p>" for line in text.splitlines())
    mail.set_content(text, cte="base64")
    mail.add_alternative(f"<html><body>{lines}</body></html>", subtype="html", cte="base64")
    return mail.as_bytes()


def card_text(text: str, at: str, *, sender: str = ME, number: str = "15447200") -> bytes:
    """A card company's text as SmsForwarder mails it: HTML, unescaped, the text's own time in Seoul below."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = ME
    mail["Subject"] = number
    mail["Date"] = format_datetime(moment(at))
    mail["Message-ID"] = f"<{at.replace(' ', '').replace(':', '')}.sms@example.net>"
    stamp = moment(at).timestamp() + 9 * 3600
    local = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d %H:%M:%S")
    body = "<br>".join([number, *text.splitlines(), "SIM1", "SubId：1", local, "SM-S918N"])
    mail.set_content(body, subtype="html", cte="base64")
    return mail.as_bytes()


def private(subject: str, at: str, *, sender: str = "friend@example.org") -> bytes:
    """A mail that is nobody's business."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = ME
    mail["Subject"] = subject
    mail["Date"] = format_datetime(moment(at))
    mail["Message-ID"] = f"<{abs(hash((subject, at)))}@example.org>"
    mail.set_content("See you on Sunday. The refund of my train ticket was USD 12.00.")
    return mail.as_bytes()


ORDER = "8012345678901234"
PAID = aliexpress(
    f"{ORDER} 주문 건: 주문 확인 완료",
    "결제가 확인되었습니다.\n상품: M3 볼트 너트 세트 18개\n총 결제 금액 ₩23,400",
    "2026-04-20 02:11",
)
FINISHED = aliexpress(
    "Dispute Finished",
    f"Your dispute has come to an end.\nOrder number: {ORDER}\nRefund amount: ₩7,000",
    "2026-05-12 04:22",
)
MESSAGE = aliexpress(
    "판매자가 메시지를 보냈습니다.",
    f"주문 번호 {ORDER}\nHello friend, refunded.",
    "2026-05-12 09:40",
    sender="notice@info.aliexpress.com",
)
CANCELLED = card_text(
    "[Web발신]\n신한카드(1234)취소\n홍*동\n7,000원(일시불)\n05/19 10:01\nAliExpress\n누적1,234,456원",
    "2026-05-19 01:02",
)
STORY = (PAID, FINISHED, MESSAGE, CANCELLED)
ADVERT = aliexpress(
    "(광고) 오늘만 70% 할인!", "쿠폰 US $5.00", "2026-05-02 00:00", sender="promotion@deals.aliexpress.com"
)
PARCEL = aliexpress("Package LP00827165784034: at customs", "Your parcel moves.", "2026-05-03 00:00")
FORGED = aliexpress(
    "Dispute Finished",
    f"Order number: {ORDER}\nRefund amount: ₩700,000",
    "2026-05-14 00:00",
    verdict=f"{AUTHSERV}; dmarc=fail header.from=notice.aliexpress.com",
)
LOOK_ALIKE = private(
    "AliExpress: your refund waits",
    "2026-05-15 00:00",
    sender="transaction@notice.aliexpress.com.evil.example",
)
OTHERS = (ADVERT, PARCEL, FORGED, LOOK_ALIKE, private("Sunday", "2026-05-04 00:00"))
