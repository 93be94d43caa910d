"""What a notice must have before it is believed, and what must not pass unnoticed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import re2

from refundparsers.money import MONEY
from refundparsers.patterns import capped

if TYPE_CHECKING:
    from collections.abc import Sequence
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
# A cancellation or refund that is to come, is asked for, taken back, or merely explained.
_UNDONE: Final = re2.compile(
    r"(?:취소|환불|환급)\s*(?:처리|요청|접수|완료)?\s*[을를이가은는도]?\s*"
    r"(?:예정|신청|안내|문의|방법|절차|규정|기한|기간|진행|심사|검토|정정|반려|변경|지연|원복|복원|오류|장애|대기|철회|보류|중단"
    r"|실패|불가|거절|가능|필요|되지|못|안\s?[되됨돼됐]|하시|하려|할\s|시\s|중[입이 .)\]])",
    _OPTIONS,
)
# The same in sentences of other languages, where such words stand anywhere around what a form reads.
_IF_AND_WHEN: Final = re2.compile(
    r"\b(?:will (?:be|not|soon)|to be|would|may be|might|can be|if|unless|once|when|pending|shortly|not|never"
    r"|cannot|expected|estimated|rewards?|points?|cash-?\s?back|vouchers?|coupons?|gift|bonus|loyalty|miles)\b|n't\b"
    r"|балл|бонус|к[эе]шб[эе]к|миля|мили|купон|если|будет|ожида|отклон|отказ|не\s(?:выполн|удал|прош)",
    _OPTIONS,
)
# Before a sum: not more than it, or about it.
_AT_MOST: Final = re2.compile(
    r"\b(?:estimated|approx\w*|maximum|up to|at most)\b|예상|최대|추정|voraussichtlich|geschätzt"
    r"|maximal|höchst|bis zu|estimad[oa]|hasta|máxim|estimé|jusqu|stimat[oa]|fino a|massim|szacowan|maksymaln"
    r"|até|geschat|hoogstens|ожидаем|примерн|максимал|tahmini|en fazla|見込|予定|最大|تقديري|حتى|משוער",
    _OPTIONS,
)
_OTHER_END: Final = re2.compile(rf"\s*(?:[-–~]|to|bis)\s*(?:{MONEY}|\d)|\s*\(\s*not\b", _OPTIONS)
# What Korean is made of, and the rest of the script. `re` is safe: one class, one character.
_SYLLABLE: Final = re.compile("[가-힣]")
_HANGUL: Final = re2.compile(r"\p{Hangul}")
_DISPUTE_WORDS: Final = re2.compile(
    r"dispute|분쟁|streitfall|streitigkeit|disputa|litige|sp[oó]r|geschil|спор|anlaşmazlık|itiraz|controversia|紛争"
    r"|نزاع|استرداد|מחלוקת|החזר|승인|매출|결제|возврат|refund|환불|erstattung|rembours|reembols|rimbors|zwrot"
    r"|terugbet|iade|返金|purchase|payment|transaction|покупк",
    _OPTIONS,
)
_AMOUNT: Final = re2.compile(rf"(?:^|[^A-Za-z])(?:{MONEY})", _OPTIONS)  # not the `all 1860` of `call 1860`
_ANY_DOLLAR: Final = re2.compile(r"\$\s*\d", _OPTIONS)
# A sum whose unit belongs to several currencies, or that has none: `$5.20`, `¥ 800`.
_SIGNS: Final = "$¥￥"
_BARE_SUM: Final = re2.compile(rf"[{_SIGNS}]\s*\d|\d\s*[{_SIGNS}]")


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


def undone(text: str, sentence: str) -> bool:
    """Whether a cancellation has not happened: it is announced, asked for, explained, or one of points.

    Args:
        text: what a form takes.
        sentence: the same with what stands before and behind it in its sentence.
    """
    if _SYLLABLE.search(text) or _HANGUL.search(text):
        return bool(_UNDONE.search(text))
    return bool(_IF_AND_WHEN.search(sentence))


def doubtful_sum(text: str, printed: str) -> bool:
    """Whether a line says of a sum that it is an estimate, a limit, refused, or one end of a range."""
    for line in text.split("\n"):
        before, found, behind = line.partition(printed)
        if found and (_AT_MOST.search(before) or _REFUSED.search(line) or _OTHER_END.match(behind)):
            return True
    return False


def names_refund(text: str) -> bool:
    """Whether a text has a word of cancelling or refunding."""
    return bool(_REFUND_WORDS.search(text))


def speaks_of_refund(text: str) -> bool:
    """Whether a text has a word of cancelling or refunding, and an amount."""
    return names_refund(text) and bool(_AMOUNT.search(text) or _ANY_DOLLAR.search(text))


def any_speaks_of_refund(parts: Sequence[str]) -> bool:
    """Whether one of several parts of a text does."""
    # no word goes over a line break: one look at all parts tells that none has any
    return names_refund("\n".join(parts)) and any(map(speaks_of_refund, parts))


def unclear_sum(text: str) -> bool:
    """Whether a line, or the line above it, speaks of a refund and a sum without a certain currency."""
    lines = [line for line in text.split("\n") if line.strip()]
    signed = (number for number, line in enumerate(lines) if any(map(line.__contains__, _SIGNS)))
    for number in capped(signed):
        line = _without_sums(lines[number])
        above = _without_sums(lines[number - 1]) if number else ""
        if _BARE_SUM.search(line) and _REFUND_WORDS.search(f"{above} {line}"):
            return True
    return False


def _without_sums(line: str) -> str:
    """A line with a blank in place of every sum whose currency is certain."""
    kept: list[str] = []
    end = 0
    for found in capped(_AMOUNT.finditer(line)):
        kept += line[end : found.start()], " "
        end = found.end()
    return "".join((*kept, line[end:]))


def names_the_matter(text: str) -> bool:
    """Whether a line has a word of disputing, paying, cancelling or refunding, in any language we know."""
    return bool(_DISPUTE_WORDS.search(text) or _REFUND_WORDS.search(text))
