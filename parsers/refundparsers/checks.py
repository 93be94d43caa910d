"""What a notice must have before it is believed, and what must not pass unnoticed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import re2

from refundparsers.money import MONEY

if TYPE_CHECKING:
    from datetime import date

    from refundparsers.notices import Kind, Notice

_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False

# A card text is worthless without a sum, and a step of a dispute without knowing which one.
_NEEDS_MONEY: Final[frozenset[Kind]] = frozenset(
    ("card-charged", "card-cancelled", "refund-announced", "authorisation-expired")
)
_NEEDS_ORDER: Final[frozenset[Kind]] = frozenset(
    (
        "order-paid", "order-shipped", "order-closing", "order-closed",
        "dispute-opened", "seller-responded", "proposal", "evidence-requested", "return-requested",
        "dispute-escalated", "dispute-withdrawn", "dispute-finished", "refund-sent",
    )
)  # fmt: skip
# A cancellation may carry the purchase's day, and disputes run for months; a year is beyond both.
_OLDEST: Final = timedelta(days=400)

# Words that turn an approval or a cancellation into its opposite.
_REFUSED: Final = re2.compile(
    r"거절|실패|(?:승인|결제|사용|이용|취소)\s*불가|한도\s*초과|미승인|declined|rejected|refused|failed|отказ|отклон|abgelehnt|refus[ée]|rechazad|recusad",
    _OPTIONS,
)
_REFUND_WORDS: Final = re2.compile(
    r"취소|환불|반품|환급|refund|revers(?:ed|al)|cancel|credited|возврат|отмена|erstattung|stornier|gutschrift"
    r"|rembours|annul|reembols|devoluci|estorno|cancelad|rimbors|storno|zwrot|terugbetal|iade|iptal|返金|取消|退款",
    _OPTIONS,
)
_NO_PAYMENT: Final = re2.compile(
    r"(?:할인|포인트|적립|캐시백|쿠폰|마일리지|자동\s*납부|자동\s*이체|할부\s*전환|리볼빙|대출|현금서비스|결제일|이용한도|한도"
    r"|서비스|이벤트|송금|이체|예약|배송|주문|연회비|선결제|청구)\s*(?:변경|전환|상향|신청)?\s*(?:취소|환불)",
    _OPTIONS,
)
_DISPUTE_WORDS: Final = re2.compile(
    r"dispute|분쟁|streitfall|streitigkeit|disputa|litige|sp[oó]r|geschil|спор|anlaşmazlık|itiraz|controversia|紛争"
    r"|نزاع|استرداد|מחלוקת|החזר|승인|매출|결제|возврат|refund|환불|erstattung|rembours|reembols|rimbors|zwrot"
    r"|terugbet|iade|返金|purchase|payment|transaction|покупк",
    _OPTIONS,
)
_AMOUNT: Final = re2.compile(rf"(?:^|[^A-Za-z])(?:{MONEY})", _OPTIONS)  # not the `all 1860` of `call 1860`
_ANY_DOLLAR: Final = re2.compile(r"\$\s*\d", _OPTIONS)
# A sum whose unit belongs to several currencies, or that has none: `$5.20`, `¥ 800`.
_BARE_SUM: Final = re2.compile(r"[$¥￥]\s*\d|\d\s*[$¥￥]")


def fault(notice: Notice, mailed_on: date | None) -> str | None:
    """What is missing or impossible, as a sentence, or None when the notice may be believed."""
    if notice.kind in _NEEDS_MONEY and notice.money is None:
        return "no amount"
    if notice.kind in _NEEDS_ORDER and not (notice.order or notice.dispute):
        return "neither an order number nor a dispute number"
    if mailed_on and not mailed_on - _OLDEST <= notice.on <= mailed_on + timedelta(days=2):
        return f"its day, {notice.on}, does not go with a mail of {mailed_on}"
    return None


def spares_the_payment(text: str) -> bool:
    """Whether what was cancelled is no payment: points, a discount, a direct debit, an application."""
    return bool(_NO_PAYMENT.search(text))


def refused(text: str) -> bool:
    """Whether the text says that a payment was declined rather than made or cancelled."""
    return bool(_REFUSED.search(text))


def names_refund(text: str) -> bool:
    """Whether a text has a word of cancelling or refunding."""
    return bool(_REFUND_WORDS.search(text))


def speaks_of_refund(text: str) -> bool:
    """Whether a text has a word of cancelling or refunding, and an amount."""
    return names_refund(text) and bool(_AMOUNT.search(text) or _ANY_DOLLAR.search(text))


def unclear_sum(text: str) -> bool:
    """Whether a line, or the line above it, speaks of a refund and a sum without a certain currency."""
    lines = [_AMOUNT.sub(" ", line) for line in text.split("\n") if line.strip()]
    return any(
        _BARE_SUM.search(line) and _REFUND_WORDS.search(f"{above} {line}")
        for above, line in zip(["", *lines], lines, strict=False)
    )


def names_the_matter(text: str) -> bool:
    """Whether a line has a word of disputing, paying, cancelling or refunding, in any language we know."""
    return bool(_DISPUTE_WORDS.search(text) or _REFUND_WORDS.search(text))
