"""What lies between the mails that matter: parcels, adverts, texts, friends, and forgeries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from refundtracker.demo.days import at, business_days_ago
from refundtracker.demo.letters import OWNER, aliexpress, forwarded_text, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from refundtracker.demo.letters import Mail

_ADVERTS: Final = "AliExpress <promotion@deals.aliexpress.com>"
_SURVEYS: Final = "AliExpress <aliexpress@notice.aliexpress.com>"
_ACCOUNT: Final = "AliExpress <account@notice.aliexpress.com>"
_ORDER_PAGE: Final = "https://www.aliexpress.com/p/order/detail.html?tradeOrderId="


def parcels(today: date) -> Iterator[Mail]:
    """On their way; refund words in a reminder mean nothing."""
    yield aliexpress(
        "Package LP00827165784034: at customs",
        ("Your package is being cleared.", f"{_ORDER_PAGE}8012345679112408"),
        at(today, "05:31", before=19),
    )
    yield aliexpress(
        "Order 8012345679112408: delivery update",
        ("A small delay.", "You have 15 days to open a dispute and request a refund."),
        at(today, "06:10", before=16),
    )
    yield aliexpress(
        "운송장 번호 LP00551234567890: 배송 완료",
        ("주문하신 상품이 도착했습니다.", f"{_ORDER_PAGE}3041556677889900"),
        at(today, "14:44", before=21),
    )


def adverts(today: date) -> Iterator[Mail]:
    """From AliExpress, and about no order: adverts, a survey, a code."""
    yield aliexpress(
        "(광고) 오늘만 최대 80% 할인",
        ("무선 이어폰 ₩9,900", "지금 사고 3,000원 환불 쿠폰 받기"),
        at(today, "08:00", before=4),
        sender=_ADVERTS,
    )
    yield aliexpress(
        "Your order deserves a friend",
        ("Refund guaranteed! Everything under US $1.99",),
        at(today, "08:00", before=1),
        sender=_ADVERTS,
    )
    survey = ("쇼핑은 만족스러우셨나요?",)
    yield aliexpress(
        "고객님의 소중한 의견을 들려 주세요!", survey, at(today, "10:00", before=9), sender=_SURVEYS
    )
    code = ("Code: 493021",)
    yield aliexpress("Your verification code", code, at(today, "23:59", before=6), sender=_ACCOUNT)


def people(today: date) -> Iterator[Mail]:
    """Texts from the own phone, a note to oneself, a friend. One card was refunded by a coffee shop."""
    coffee = at(today, "08:41", before=7)
    text = ("KB국민카드5678취소", "홍*동님", "4,500원 일시불", f"{coffee:%m/%d %H:%M}", "별다방 성수")
    yield forwarded_text("16449999", ("[Web발신]", *text, "누적88,200원"), coffee)
    parcel = ("[Web발신]", "택배가 문 앞에 도착했습니다.")
    yield forwarded_text("15881234", parcel, at(today, "17:20", before=3))
    yield plain(OWNER, "장보기", "우유, 달걀, 두부", at(today, "18:03", before=2), charset="euc-kr")
    friend = "Minji <minji@friends.example>"
    yield plain(friend, "주말에 시간 돼?", "토요일 점심 어때?", at(today, "12:11", before=5))


def forgeries(today: date) -> Iterator[Mail]:
    """Two look-alikes, and one that forges the very address; the provider found that out."""
    lure = "US $89.00 is waiting for you. Confirm your card: https://refund-desk.example/card"
    yield plain(
        "AliExpress <transaction@notice.aliexpress.com.refund-desk.example>",
        "Refund of US $89.00: confirm your card",
        lure,
        at(today, "03:05", before=8),
    )
    yield plain(
        '"transaction@notice.aliexpress.com" <service@refund-desk.example>',
        "Dispute Finished",
        lure,
        at(today, "03:06", before=5),
        verdict=None,
    )
    yield aliexpress(
        "Dispute Finished",
        ("Order number: 8012345678909999", "Refund amount: US $89.00", lure),
        at(business_days_ago(today, 1), "14:07"),
        verdict="fail",
    )


ALL: Final[tuple[Callable[[date], Iterator[Mail]], ...]] = (parcels, adverts, people, forgeries)
