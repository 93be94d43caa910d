"""The sample mailbox: disputes of every age, counted back from a day, among the mail of every day.

The ages are counted in business days of the calendar that the daemon counts in, so that a promise
is `waiting`, `due` or `overdue` on every day of the year, also around Seollal and Chuseok.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import count, islice
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from refundtracker.demo.letters import OWNER, aliexpress, forwarded_text, plain
from refundtracker.windows import calendar_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from refundtracker.demo.letters import Mail

COUNTRY: Final = "KR"
ZONE: Final = ZoneInfo("Asia/Seoul")

_SELLERS: Final = "AliExpress <notice@info.aliexpress.com>"
_ADVERTS: Final = "AliExpress <promotion@deals.aliexpress.com>"
_SURVEYS: Final = "AliExpress <aliexpress@notice.aliexpress.com>"
_ACCOUNT: Final = "AliExpress <account@notice.aliexpress.com>"
_SHINHAN: Final = "15447200"


def sample(today: date) -> list[Mail]:
    """All mails of the sample, the oldest first.

    Args:
        today: the day on which the sample is looked at; nothing in it is younger.
    """
    mails = [
        *_paid(today),
        *_waiting(today),
        *_due(today),
        *_overdue(today),
        *_lost(today),
        *_open(today),
        *_closed(today),
        *_noise(today),
        *_false(today),
    ]
    return sorted(mails, key=lambda mail: (mail.arrived, mail.raw))


def business_days_ago(today: date, number: int) -> date:
    """The business day after which exactly `number` others have begun until today."""
    calendar = calendar_of(COUNTRY)
    back = (today - timedelta(days) for days in count())
    return next(islice((day for day in back if calendar.is_business_day(day)), number, None))


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


def _before(day: date, days: int) -> date:
    return day - timedelta(days)


# --- one dispute each -------------------------------------------------------------------------


def _paid(today: date) -> Iterable[Mail]:
    """Eighteen parts ordered, one missing: finished, "refunded", and on day five the card's text."""
    order = "8012345678901234"
    finished = business_days_ago(today, 9)
    refunded = calendar_of(COUNTRY).nth_after(finished, 5)
    bought = _before(finished, 34)
    yield aliexpress(
        f"{order} 주문 건: 주문 확인 완료",
        (
            "결제가 확인되었습니다.",
            f"주문 번호: {order}",
            "상품: M3 스테인리스 볼트 세트 외 17개",
            "판매자: Lucky Parts Store",
            "총 결제 금액: ₩126,000",
        ),
        _at(bought, "21:14"),
    )
    yield forwarded_text(
        _SHINHAN,
        (
            "[Web발신]",
            f"신한카드(1234)승인 홍*동 126,000원(일시불){bought:%m/%d} 21:13 AliExpress 누적412,300원",
        ),
        _at(bought, "21:13"),
    )
    yield aliexpress(
        f"{order} 주문 건: 분쟁 접수 완료",
        (
            "분쟁이 접수되었습니다. 판매자의 답변을 기다려 주세요.",
            f"주문 번호: {order}",
            "사유: 18개 중 1개가 오지 않음",
        ),
        _at(_before(finished, 2), "13:20"),
    )
    yield aliexpress(
        "Dispute Finished",
        (
            "Your dispute has come to an end.",
            f"Order number: {order}",
            "Result: Partial refund",
            "Refund amount: ₩7,000",
            "You will receive the refund in 7 to 10 business days.",
            "You may also like",
            "Precision screwdriver set US $9.99",
        ),
        _at(finished, "13:22"),
    )
    yield aliexpress(
        "판매자가 메시지를 보냈습니다.",
        ("판매자: Lucky Parts Store", f"주문 번호: {order}", "refunded, please wait for your bank friend"),
        _at(finished, "13:41"),
        sender=_SELLERS,
    )
    yield forwarded_text(
        _SHINHAN,
        (
            "[Web발신]",
            f"신한카드(1234)취소 홍*동 7,000원(일시불){refunded:%m/%d} 11:02 AliExpress 누적405,300원",
        ),
        _at(refunded, "11:02"),
    )


def _waiting(today: date) -> Iterable[Mail]:
    """Promised three business days ago, in dollars."""
    order = "8012345679112408"
    finished = business_days_ago(today, 3)
    yield aliexpress(
        f"Order {order}: order confirmed",
        (
            "Thanks for your order.",
            f"Order number: {order}",
            "Item: USB-C hub, 7 in 1",
            "Order total: US $12.40",
        ),
        _at(_before(finished, 25), "08:55"),
    )
    yield aliexpress(
        f"Order {order}: dispute opened",
        (f"Order number: {order}", "The seller has 5 days to answer."),
        _at(_before(finished, 3), "10:31"),
    )
    yield aliexpress(
        "Dispute Finished",
        (
            "Your dispute has come to an end.",
            f"Order number: {order}",
            "Result: Full refund",
            "Refund amount: US $12.40",
        ),
        _at(finished, "10:02"),
    )


def _due(today: date) -> Iterable[Mail]:
    """Promised eight business days ago: the time is up, the margin is not."""
    order = "3041556677889900"
    finished = business_days_ago(today, 8)
    yield aliexpress(
        f"{order} 주문 건: 주문 확인 완료",
        (
            "결제가 확인되었습니다.",
            f"주문 번호: {order}",
            "상품: 기계식 키보드 스위치 90개",
            "총 결제 금액: ₩23,900",
        ),
        _at(_before(finished, 40), "19:30"),
    )
    yield aliexpress(
        "분쟁이 접수되었습니다.",
        (f"주문 번호: {order}", "판매자: Clicky Keys Store"),
        _at(_before(finished, 4), "09:12"),
    )
    yield aliexpress(
        f"{order} 주문 건: 분쟁 종료",
        ("분쟁이 종료되었습니다.", "분쟁 결과: 전액 환불", "환불 금액: ₩23,900"),
        _at(finished, "16:05"),
    )


def _overdue(today: date) -> Iterable[Mail]:
    """Promised fourteen business days ago, and nothing came."""
    order = "8177001122334455"
    finished = business_days_ago(today, 14)
    yield aliexpress(
        f"Order {order}: order confirmed",
        (
            "Thanks for your order.",
            f"Order number: {order}",
            "Item: Cordless screwdriver 3.6 V",
            "Order total: US $38.15",
        ),
        _at(_before(finished, 44), "22:48"),
    )
    yield aliexpress(
        "You have opened a dispute",
        (f"Order number: {order}", "Dispute ID: 1200345678901234"),
        _at(_before(finished, 5), "07:40"),
    )
    yield aliexpress(
        "Dispute Finished",
        (f"Order number: {order}", "Result: Full refund", "Refund amount: US $38.15"),
        _at(finished, "18:26"),
    )


def _lost(today: date) -> Iterable[Mail]:
    """Finished without a refund."""
    order = "8101234509876543"
    finished = business_days_ago(today, 5)
    yield aliexpress(
        f"{order} 주문 건: 분쟁 접수 완료",
        (f"주문 번호: {order}", "상품: LED 스트립 5m", "판매자의 답변을 기다려 주세요."),
        _at(_before(finished, 6), "12:00"),
    )
    yield aliexpress(
        f"{order} 주문 건: 분쟁 종료",
        (f"주문 번호: {order}", "분쟁 결과: 환불 거절"),
        _at(finished, "12:34"),
    )


def _open(today: date) -> Iterable[Mail]:
    """Opened a week ago; how it ended stands in a mail whose wording no form knows."""
    order = "8055112233445566"
    told = business_days_ago(today, 1)
    yield aliexpress(
        f"Order {order}: dispute opened",
        (f"Order number: {order}", "Item: Reading lamp with clip", "The seller has 5 days to answer."),
        _at(_before(told, 6), "20:15"),
    )
    yield aliexpress(
        "Good news about your after-sales case",
        (
            "Dear buyer,",
            f"we looked at your case about {order} and settled it in your favour.",
            "US $8.75 goes back to the card you paid with.",
        ),
        _at(told, "09:48"),
    )


def _closed(today: date) -> Iterable[Mail]:
    """Closed by AliExpress without a word on why, or on the money."""
    order = "8199887766551100"
    closed = business_days_ago(today, 2)
    yield aliexpress(
        f"{order} 주문 건: 주문 확인 완료",
        ("결제가 확인되었습니다.", f"주문 번호: {order}", "상품: 방수 파우치", "총 결제 금액: ₩5,480"),
        _at(_before(closed, 12), "23:02"),
    )
    yield aliexpress(
        f"Your order {order} is closed",
        (f"Your order {order} has been closed. Check order detail page to know more details.",),
        _at(closed, "15:15"),
    )


# --- everything else ----------------------------------------------------------------------------


def _noise(today: date) -> Iterable[Mail]:
    """What an honest mailbox is full of."""
    yield aliexpress(
        "Package LP00827165784034: at customs",
        (
            "Your package is being cleared.",
            "https://www.aliexpress.com/p/tracking/index.html?mailNo=LP00827165784034",
        ),
        _at(_before(today, 19), "05:31"),
    )
    yield aliexpress(
        "Order 8012345679112408: delivery update",
        ("A small delay.", "You have 15 days to open a dispute and request a refund."),
        _at(_before(today, 16), "06:10"),
    )
    yield aliexpress(
        "운송장 번호 LP00551234567890: 배송 완료",
        (
            "주문하신 상품이 도착했습니다.",
            "https://www.aliexpress.com/p/order/detail.html?tradeOrderId=3041556677889900",
        ),
        _at(_before(today, 21), "14:44"),
    )
    yield aliexpress(
        "고객님의 소중한 의견을 들려 주세요!",
        ("쇼핑은 만족스러우셨나요?",),
        _at(_before(today, 9), "10:00"),
        sender=_SURVEYS,
    )
    yield aliexpress(
        "(광고) 오늘만 최대 80% 할인",
        ("무선 이어폰 ₩9,900", "지금 사고 3,000원 환불 쿠폰 받기"),
        _at(_before(today, 4), "08:00"),
        sender=_ADVERTS,
    )
    yield aliexpress(
        "Your order deserves a friend",
        ("Refund guaranteed! Everything under US $1.99",),
        _at(_before(today, 1), "08:00"),
        sender=_ADVERTS,
    )
    yield aliexpress(
        "Your verification code", ("Code: 493021",), _at(_before(today, 6), "23:59"), sender=_ACCOUNT
    )
    yield forwarded_text(
        "16449999",
        (
            "[Web발신]",
            "KB국민카드5678취소",
            "홍*동님",
            "4,500원 일시불",
            f"{_before(today, 7):%m/%d} 08:41",
            "별다방 성수",
            "누적88,200원",
        ),
        _at(_before(today, 7), "08:41"),
    )
    yield forwarded_text(
        "15881234", ("[Web발신]", "택배가 문 앞에 도착했습니다."), _at(_before(today, 3), "17:20")
    )
    yield plain(OWNER, "장보기", "우유, 달걀, 두부", _at(_before(today, 2), "18:03"), charset="euc-kr")
    yield plain(
        "Minji <minji@friends.example>",
        "주말에 시간 돼?",
        "토요일 점심 어때?",
        _at(_before(today, 5), "12:11"),
    )


def _false(today: date) -> Iterable[Mail]:
    """Two look-alikes, and one that forges the very address; the provider found that out."""
    lure = "US $89.00 is waiting for you. Confirm your card: https://refund-desk.example/card"
    yield plain(
        "AliExpress <transaction@notice.aliexpress.com.refund-desk.example>",
        "Refund of US $89.00: confirm your card",
        lure,
        _at(_before(today, 8), "03:05"),
    )
    yield plain(
        '"transaction@notice.aliexpress.com" <service@refund-desk.example>',
        "Dispute Finished",
        lure,
        _at(_before(today, 5), "03:06"),
        verdict=None,
    )
    yield aliexpress(
        "Dispute Finished",
        (
            "Order number: 8012345678909999",
            "Refund amount: US $89.00",
            "Confirm your card: https://refund-desk.example/card",
        ),
        _at(business_days_ago(today, 1), "03:07"),
        verdict="fail",
    )
