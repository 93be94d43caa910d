"""Words about money and what it may pay: reasons of links, the review list, causes of a shortfall."""

from __future__ import annotations

from typing import Final

LINKING: Final[dict[str, tuple[str, str]]] = {
    "why.same-charge": (
        "{amount} is exactly what the card was charged for the order, {days} days after; no other candidate",
        "주문할 때 카드로 결제된 금액과 같음({amount}), {days}일 뒤에 들어옴. 다른 후보가 없음",
    ),
    "why.share-of-charge": (
        (
            "{amount} is plausible for {promised}:"
            " its share of the charge of {rate_day} is {estimate}, {percent} off"
        ),
        (
            "약속한 금액 {promised}, 들어온 금액 {amount}."
            " {rate_day} 결제 금액으로 따지면 {estimate}, 차이 {percent}"
        ),
    ),
    "cause.fee": (
        "a fee of the card issuer ({missing}, {percent})",
        "카드사 수수료로 보임 ({missing}, {percent})",
    ),
    "cause.exchange": (
        "the exchange rate between the days ({missing}, {percent}); ask the card issuer for the difference",
        "그사이 환율 차이로 보임 ({missing}, {percent}). 카드사에 차액을 요청할 수 있음",
    ),
    "cause.dcc": (
        "the price was converted by the shop when you paid ({missing}, {percent})",
        "결제할 때 원화로 환산된 차액으로 보임 ({missing}, {percent})",
    ),
    "cause.coupon": (
        "a part may have come as a coupon or bonus ({missing}, {percent})",
        "일부는 쿠폰이나 보너스로 들어왔을 수 있음 ({missing}, {percent})",
    ),
    "cause.still-to-come": (
        "a second part may still come ({missing})",
        "나머지가 더 들어올 수 있음 ({missing})",
    ),
    "review.several": ("more than one dispute fits", "맞는 분쟁이 둘 이상"),
    "review.unsure": ("not certain enough to link by itself", "자동으로 연결하기에는 확실하지 않음"),
    "review.none": ("no dispute fits", "맞는 분쟁이 없음"),
    "review.merchant": ("the notice does not name AliExpress", "알림에 알리익스프레스가 적혀 있지 않음"),
    "review.charged-again": (
        "the same amount was charged again, or the authorisation expired: this is no refund",
        "같은 금액이 다시 결제됐거나 승인이 만료됨. 환불이 아님",
    ),
    "speaks.same-sum": ("the same amount", "금액이 같음"),
    "speaks.estimate": ("about the same in this currency: {estimate}, {percent} off",
                        "이 통화로는 약 {estimate}, 차이 {percent}"),
    "speaks.no-rate": ("another currency, and no rate is known", "다른 통화이고 환율을 모름"),
    "speaks.differs": ("nearly the same amount, {percent} off", "금액이 비슷함, 차이 {percent}"),
    "speaks.part": ("it may be a part of it", "일부 금액일 수 있음"),
    "speaks.together": ("it may be paid together with others", "다른 건과 합쳐서 들어왔을 수 있음"),
    "speaks.no-sum": ("the promise named no amount", "약속한 금액이 적혀 있지 않음"),
    "speaks.days": ("{days} days after the promise", "약속한 날에서 {days}일 뒤"),
    "speaks.card": ("the card that was charged for the order", "주문을 결제한 카드와 일치"),
}  # fmt: skip
