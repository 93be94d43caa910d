"""Words about days and decisions: deadlines, `refunds why`, `refunds review` and `refunds stats`."""

from __future__ import annotations

from typing import Final

_NEXT: Final = {
    "next.act.estimated": (
        "Answer on the order page within about 2 days, until {day} (estimated); the mail printed no date.",
        "메일에 기한이 적혀 있지 않아요. 이틀쯤 안에, {day}까지(추정) 주문 페이지에서 답하세요.",
    ),
    "next.act.by": ("Answer on the order page by {day}.", "{day}까지 주문 페이지에서 답하세요."),
    "next.returning.estimated": (
        "Send the item back and enter the tracking number until {day} (estimated: 10 days).",
        "{day}까지(추정: 10일) 상품을 보내고 운송장 번호를 입력하세요.",
    ),
    "next.returning.by": (
        "Send the item back and enter the tracking number by {day}.",
        "{day}까지 상품을 보내고 운송장 번호를 입력하세요.",
    ),
    "next.withdrawn.estimated": (
        "You can open it again only while the order is protected, until {day} (estimated).",
        "주문이 보호되는 {day}까지만(추정) 분쟁을 다시 열 수 있어요.",
    ),
    "next.withdrawn.by": (
        "You can open it again only while the order is protected, until {day}.",
        "주문이 보호되는 {day}까지만 분쟁을 다시 열 수 있어요.",
    ),
    "next.claimed.open": (
        "The seller said on {day} that the money is back. Do not withdraw before you see it yourself.",
        "판매자가 {day}에 환불했다고 해요. 돈을 직접 확인하기 전에는 분쟁을 철회하지 마세요.",
    ),
    "next.claimed.waiting": (
        "The seller said on {day} that the money is back. That is a claim; your card has the last word.",
        "판매자가 {day}에 환불했다고 해요. 아직 말뿐이니 카드 알림을 기다리세요.",
    ),
    "next.latest": (
        (
            "China's holidays lie in between: until {day} a delay is still plausible."
            " Look at the whole card statement since the purchase date."
        ),
        "중국 연휴가 끼어 있어 {day}까지는 늦을 수 있어요. 구매일부터 카드 명세서 전체를 살펴보세요.",
    ),
}

_DEADLINES: Final = {
    "heading.deadlines": ("Deadlines", "기한"),
    "deadline.answer": ("you answer, or it ends on their terms", "내가 답할 기한"),
    "deadline.seller": ("the seller answers; silence is a refund", "판매자가 답할 기한(답이 없으면 환불)"),
    "deadline.aliexpress": ("AliExpress decides", "알리익스프레스가 결정할 기한"),
    "deadline.return": ("you send the item back", "상품을 반송할 기한"),
    "deadline.protection": ("the order is protected", "주문이 보호되는 마지막 날"),
    "deadline.chargeback": ("a chargeback is possible", "차지백을 신청할 수 있는 마지막 날"),
    "source.mail": ("printed in the mail", "메일에 적혀 있음"),
    "source.A": ("a rule of AliExpress", "알리익스프레스 규정"),
    "source.T": ("as others report", "다른 이용자와 카드사의 안내"),
    "source.I": ("our own guess", "자체 추정"),
    "source.user": ("your own setting", "직접 설정"),
}

_WHY: Final = {
    "why.rule": (
        "due {due}, late {overdue}, escalate {escalate} business days",
        "예정 {due}영업일, 지연 {overdue}영업일, 이의제기 {escalate}영업일",
    ),
    "why.method": ("Paid by {method}: {numbers} ({source}).", "결제 수단 {method}: {numbers} ({source})."),
    "why.counted": (
        "Counted on the calendar of {calendar} after {starts_on}, which does not count ({table}).",
        "달력 {calendar}, {starts_on} 다음 날부터 셈 ({table}).",
    ),
    "why.anew": (
        "Counted anew with {table}: with {former} it was due on {due} and late after {overdue}.",
        "다시 셈: {table}. 이전({former})에는 예정일 {due}, 지연 기준일 {overdue}.",
    ),
    "why.latest": (
        "With China's holidays counted, too, until {day} a delay is plausible.",
        "중국 연휴까지 치면 {day}까지는 늦을 수 있음.",
    ),
    "why.table-ends": (
        "The table of holidays is complete until {day}; later dates are estimates.",
        "공휴일 표는 {day}까지만 완전함. 그 뒤의 날짜는 추정.",
    ),
    "why.no-link": ("No money is linked.", "연결된 돈이 없음."),
    "why.runner-up": ("next best was dispute {dispute}: {speaks}", "그다음 후보는 분쟁 {dispute}: {speaks}"),
    "heading.causes": ("Likely causes", "짐작되는 이유"),
    "heading.others": ("Other money that may be meant", "다른 후보"),
    "summary.anew": (
        "Counted anew with {table} or your own days: {refs}. See why: refunds why REF",
        "다시 센 기간: {refs} ({table} 또는 직접 정한 날). 이유 보기: refunds why REF",
    ),
    "summary.cause": ("likely: {cause}", "짐작되는 이유: {cause}"),
    "day.weekend": ("weekend", "주말"),
    "day.off": ("day off", "휴무일"),
}

_METHODS: Final = {
    "note.card": ("It goes back to the same card only.", "결제한 카드로만 돌아옴."),
    "note.card-domestic": ("Korean credit card under domestic rules.", "국내 규정이 적용되는 신용카드."),
    "note.check-card": ("Korean check card under domestic rules.", "국내 규정이 적용되는 체크카드."),
    "note.paypal": (
        "The part paid by the card behind PayPal takes up to 30 days.",
        "PayPal에 연결된 카드로 낸 금액은 30일까지 걸림.",
    ),
    "note.balance": (
        "Look in the Alipay account or the AliExpress balance, not at the bank.",
        "은행이 아니라 알리페이 계정이나 알리익스프레스 잔액을 확인할 것.",
    ),
    "note.coupon": (
        "No card money: the dispute counts as compensated, and the coupon expires.",
        "카드로 들어올 돈은 없음. 쿠폰에는 사용 기한이 있음.",
    ),
    "note.wire": (
        "Paid into the Alipay account; you have to move it on.",
        "알리페이 계정으로 들어오므로 직접 옮겨야 함.",
    ),
    "note.ebanx": (
        "A form asks for bank data; a partial refund never reaches the card.",
        "계좌 정보를 묻는 양식이 옴. 부분 환불은 카드로 들어오지 않음.",
    ),
    "note.carrier": ("Korean mobile carrier billing.", "휴대폰 소액 결제."),
}

_REVIEW: Final = {
    "heading.review": ("Money that waits for your word", "직접 정해야 하는 돈"),
    "review.nothing": ("No money waits for a decision.", "정해야 할 돈이 없어요."),
    "review.unplaced": ("No dispute fits, nothing to do:", "맞는 분쟁이 없는 돈(할 일 없음):"),
    "review.waiting": (
        "{count} sums of money wait for your word: refunds review",
        "직접 정해야 하는 돈이 {count}건 있어요: refunds review",
    ),
    "review.waiting.one": (
        "1 sum of money waits for your word: refunds review",
        "직접 정해야 하는 돈이 1건 있어요: refunds review",
    ),
    "review.mail": ("mail {mail}", "메일 {mail}"),
    "review.candidate": ("dispute {dispute}", "분쟁 {dispute}"),
}

_STATS: Final = {
    "stats.card": ("card issuer", "카드사"),
    "stats.seller": ("seller", "판매자"),
    "stats.month": ("promised in", "약속한 달"),
    "column.count": ("refunds", "건수"),
    "column.median": ("median days", "중간값(일)"),
    "column.longest": ("longest", "최장(일)"),
    "column.currency": ("currency", "통화"),
    "column.owed": ("owed", "받을 돈"),
    "column.recovered": ("recovered", "받은 돈"),
    "column.lost": ("lost", "못 받은 돈"),
    "column.exchange-loss": ("exchange loss", "환차손"),
    "stats.unknown": ("not known", "모름"),
    "stats.none": ("No refund has come yet.", "아직 들어온 환불이 없어요."),
    "stats.days": (
        "Days are calendar days from the promise to the money.",
        "일수는 약속한 날부터 돈이 들어온 날까지의 달력 일수예요.",
    ),
    "stats.exchange": (
        "Korean credit card terms have the issuer bear it, but only if you ask.",
        "신용카드 약관상 카드사가 부담하지만, 요청한 사람에게만 돌려줘요.",
    ),
    "list.more": (
        "and {count} more: refunds list --all, --state STATE or --json",
        "외 {count}건: refunds list --all, --state STATE, --json",
    ),
}

ANSWERS: Final[dict[str, tuple[str, str]]] = {**_NEXT, **_DEADLINES, **_WHY, **_METHODS, **_REVIEW, **_STATS}
