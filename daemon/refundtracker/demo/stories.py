"""Seven disputes, one in each state that people meet most.

Their ages are counted in business days, so that a promise is `waiting`, `due` or `overdue` on every
day of the year, also around Seollal and Chuseok. Names and numbers are invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from refundtracker.demo.days import at, business_day_after, business_days_ago
from refundtracker.demo.letters import aliexpress, forwarded_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from refundtracker.demo.letters import Mail

_SELLERS: Final = "AliExpress <notice@info.aliexpress.com>"
_SHINHAN: Final = "15447200"


def _ordered(order: str, item: str, total: str, moment: datetime) -> Mail:
    lines = ("Thanks for your order.", f"Order number: {order}", f"Item: {item}", f"Order total: {total}")
    return aliexpress(f"Order {order}: order confirmed", lines, moment)


def _ordered_ko(order: str, item: str, total: str, moment: datetime) -> Mail:
    lines = ("결제가 확인되었습니다.", f"주문 번호: {order}", f"상품: {item}", f"총 결제 금액: {total}")
    return aliexpress(f"{order} 주문 건: 주문 확인 완료", lines, moment)


def _finished(order: str, result: str, refund: str, moment: datetime) -> Mail:
    """With an advert behind the notice, whose price is nobody's refund."""
    lines = (
        "Your dispute has come to an end.",
        f"Order number: {order}",
        f"Result: {result}",
        f"Refund amount: {refund}",
        "You will receive the refund in 7 to 10 business days.",
        "You may also like",
        "Precision screwdriver set US $9.99",
    )
    return aliexpress("Dispute Finished", lines, moment)


def paid(today: date) -> Iterator[Mail]:
    """Eighteen parts ordered, one missing: finished, "refunded", and on business day five the card's text."""
    order, finished = "8012345678901234", business_days_ago(today, 9)
    bought, refunded = at(finished, "21:13", before=34), at(business_day_after(finished, 5), "11:02")
    yield _ordered_ko(order, "M3 스테인리스 볼트 세트 외 17개", "₩126,000", at(finished, "21:14", before=34))
    yield _card_text("승인", "126,000원", bought, "누적412,300원")
    yield aliexpress(
        f"{order} 주문 건: 분쟁 접수 완료",
        ("분쟁이 접수되었습니다.", f"주문 번호: {order}", "사유: 18개 중 1개가 오지 않음"),
        at(finished, "13:20", before=2),
    )
    yield _finished(order, "Partial refund", "₩7,000", at(finished, "13:22"))
    yield aliexpress(
        "판매자가 메시지를 보냈습니다.",
        ("판매자: Lucky Parts Store", f"주문 번호: {order}", "refunded, please wait for your bank friend"),
        at(finished, "13:41"),
        sender=_SELLERS,
    )
    yield _card_text("취소", "7,000원", refunded, "누적405,300원")


def _card_text(verb: str, amount: str, moment: datetime, total: str) -> Mail:
    text = f"신한카드(1234){verb} 홍*동 {amount}(일시불){moment:%m/%d %H:%M} AliExpress {total}"
    return forwarded_text(_SHINHAN, ("[Web발신]", text), moment)


def waiting(today: date) -> Iterator[Mail]:
    """Promised three business days ago, in dollars."""
    order, finished = "8012345679112408", business_days_ago(today, 3)
    yield _ordered(order, "USB-C hub, 7 in 1", "US $12.40", at(finished, "08:55", before=25))
    yield aliexpress(
        f"Order {order}: dispute opened",
        (f"Order number: {order}", "The seller has 5 days to answer."),
        at(finished, "10:31", before=3),
    )
    yield _finished(order, "Full refund", "US $12.40", at(finished, "10:02"))


def due(today: date) -> Iterator[Mail]:
    """Promised eight business days ago: the time is up, the margin is not."""
    order, finished = "3041556677889900", business_days_ago(today, 8)
    yield _ordered_ko(order, "기계식 키보드 스위치 90개", "₩23,900", at(finished, "19:30", before=40))
    yield aliexpress(
        "분쟁이 접수되었습니다.",
        (f"주문 번호: {order}", "판매자: Clicky Keys Store"),
        at(finished, "09:12", before=4),
    )
    yield aliexpress(
        f"{order} 주문 건: 분쟁 종료",
        ("분쟁이 종료되었습니다.", "분쟁 결과: 전액 환불", "환불 금액: ₩23,900"),
        at(finished, "16:05"),
    )


def overdue(today: date) -> Iterator[Mail]:
    """Promised fourteen business days ago, and nothing came."""
    order, finished = "8177001122334455", business_days_ago(today, 14)
    yield _ordered(order, "Cordless screwdriver 3.6 V", "US $38.15", at(finished, "22:48", before=44))
    yield aliexpress(
        "You have opened a dispute",
        (f"Order number: {order}", "Dispute ID: 1200345678901234"),
        at(finished, "07:40", before=5),
    )
    yield _finished(order, "Full refund", "US $38.15", at(finished, "18:26"))


def lost(today: date) -> Iterator[Mail]:
    """Finished without a refund."""
    order, finished = "8101234509876543", business_days_ago(today, 5)
    yield aliexpress(
        f"{order} 주문 건: 분쟁 접수 완료",
        (f"주문 번호: {order}", "상품: LED 스트립 5m", "판매자의 답변을 기다려 주세요."),
        at(finished, "12:00", before=6),
    )
    yield aliexpress(
        f"{order} 주문 건: 분쟁 종료",
        (f"주문 번호: {order}", "분쟁 결과: 환불 거절"),
        at(finished, "12:34"),
    )


def opened(today: date) -> Iterator[Mail]:
    """Opened a week ago; how it ended stands in a mail whose wording no form knows."""
    order, told = "8055112233445566", business_days_ago(today, 1)
    yield aliexpress(
        f"Order {order}: dispute opened",
        (f"Order number: {order}", "Item: Reading lamp with clip", "The seller has 5 days to answer."),
        at(told, "20:15", before=6),
    )
    yield aliexpress(
        "Good news about your after-sales case",
        (
            "Dear buyer,",
            f"we looked at your case about {order} and settled it in your favour.",
            "US $8.75 goes back to the card you paid with.",
        ),
        at(told, "09:48"),
    )


def closed(today: date) -> Iterator[Mail]:
    """Closed by AliExpress without a word on why, or on the money."""
    order, told = "8199887766551100", business_days_ago(today, 2)
    yield _ordered_ko(order, "방수 파우치", "₩5,480", at(told, "23:02", before=12))
    yield aliexpress(
        f"Your order {order} is closed",
        (f"Your order {order} has been closed. Check order detail page to know more details.",),
        at(told, "15:15"),
    )


ALL: Final[tuple[Callable[[date], Iterator[Mail]], ...]] = (
    paid, waiting, due, overdue, lost, opened, closed,
)  # fmt: skip
