"""The slots a form may use: what each matches, which field it fills, how its text is checked.

A slot is written `{name}` or `{name:variant}` in a form, with `?` when it may be absent. Patterns
are RE2 without groups. What a slot matched is read by its reader; None means "malformed", and a
form never half-reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from refundparsers import deadlines
from refundparsers.dates import DATES, TIME
from refundparsers.money import CLOSED_MONEY, MONEY, NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Slot:
    """One kind of value.

    Attributes:
        pattern: RE2, no groups.
        field: what it fills; None for text that is passed over.
        read: printed text to value, or None when it is malformed. Dates and money
            are put together later, because they need the mail's day and the unit.
        about: one line for the table of slots.
        open: takes what it gets, so that something must follow it: a word, or the end of the line.
    """

    pattern: str
    field: str | None
    read: Callable[[str], str | None]
    about: str
    open: bool = False


def _as_printed(text: str) -> str | None:
    return " ".join(text.split()) or None


def _passed(text: str) -> str | None:
    """Text that does not matter may be anything, or nothing."""
    return text


def _card(text: str) -> str | None:
    """The digits and stars that are left of a masked number: `xx5555` is `5555`, `3*5*` stays."""
    kept = re.sub(r"[^\d*]", "", text)
    if not text[:1].isdigit():
        kept = kept.lstrip("*")
    last = re.search(r"\*(\d{4})$", kept)
    if last:
        return last[1]
    return kept if re.search(r"\d{2}|\d\*\d", kept) else None


# What stands behind the merchant on the same line once line breaks are lost, or never had one.
_AFTER_MERCHANT: Final = re.compile(
    r"\s*(?:누적|잔액|잔여|통장잔액|사용가능|이용가능|Баланс|Доступно|Avl\b|Available balance"
    r"|\*원화결제|\(광고\)|https?://|[▶▷☞※★■◆●◎]).*$",
    re.DOTALL,
)
_BEFORE_MERCHANT: Final = re.compile(r"^.*발신[\]］]\s*", re.DOTALL)
# A shop's name holds no clock: where one stands, a text was cut short or a second one swallowed.
_SWALLOWED: Final = re.compile(
    r"^\d{1,2}:|\d{1,2}:\d{2}|\d원.*(?:취소|승인|환불)|(?:취소|승인|환불).*\d원|SubId", re.DOTALL
)


def _merchant(text: str) -> str | None:
    kept = _AFTER_MERCHANT.sub("", _BEFORE_MERCHANT.sub("", text))
    return None if _SWALLOWED.search(kept) else _as_printed(kept)


# What may stand on the line of a shop in a text that no form of its issuer knows.
_NO_SHOP: Final = re.compile(
    r"문의|고객|상담|안내|예정|한도|포인트|마일리지|적립|할인|캐시백|쿠폰|금액|청구|수수료|승인|취소|환불|거절|불가|실패|요청|접수|처리"
    r"|(?:입|출)금|이체|잔액|누적|☎|https?:|www\.|\d{3,4}-\d{4}|\d\s*원|[:：;]"
)


def _certain_merchant(text: str) -> str | None:
    """A shop's name that nothing else on its line could be; words of the text around it are not one."""
    kept = _merchant(text)
    return kept if kept and len(re.findall(r"[^\W\d_]", kept)) > 1 and not _NO_SHOP.search(kept) else None


def _day_first(text: str) -> str | None:
    return deadlines.iso(text, day_first=True)


def _month_first(text: str) -> str | None:
    return deadlines.iso(text, day_first=False)


def _american(text: str) -> str | None:
    """`05/12/2026` for May 12; None where the first number is no month."""
    month, day, year = (int(number) for number in re.findall(r"\d+", text))
    return f"{year % 100 + 2000}-{month:02d}-{day:02d}" if month <= 12 else None


_LINE: Final = r"[^\n]"
_AMERICAN: Final = r"\b\d{1,2}[/-]\d{1,2}[/-](?:20)?\d\d\b"
_MASK: Final = r"[*＊○●◯O]"
# Written names start with one of the common surnames, so that no verb (취소, 거절) passes for one.
_SURNAME: Final = (
    r"[김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진나지엄채"
    r"원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예봉경사]"
)
_HOLDER: Final = (
    rf"(?:\p{{Hangul}}{{1,2}}{_MASK}{{1,3}}(?:\p{{Hangul}}|\p{{Hangul}}{{2}}|)|{_MASK}{{1,2}}\p{{Hangul}}{{1,3}}|[O○*]{{2,4}}"
    rf"|{_SURNAME}\p{{Hangul}}{{1,4}}|[A-Z][A-Z*. ]{{1,30}})(?:\s*(?:고객|회원)?\s*님)?"
)
_MONTHS: Final = r"\d{1,2}\s*개월(?:\s*(?:무이자|할부|유이자))*"
_INSTALMENTS: Final = rf"(?:무이자\s*)?할부(?:\s*[(（]?\s*(?:{_MONTHS}|\d{{1,2}})\s*[)）]?)?"
_PLAN: Final = rf"[(（]?\s*(?:일시불|체크(?:카드)?|신용|{_INSTALMENTS}|{_MONTHS})\s*[)）]?"
_CANCELLED: Final = (
    rf"(?:(?:일시불|체크|신용|{_INSTALMENTS}|{_MONTHS}|승인|매출|매입|결제|이용|거래|부분|전체|전액|일부)\s*){{0,3}}"
    r"취소(?:\s*(?:완료|처리|승인|요청))?(?:\s*(?:되었습니다|됐습니다|되었어요|됐어요|됨))?"
)
# Korean issuers by name, those without a file of their own before all.
_BANK: Final = (
    r"(?:IBK\s?기업|IBK|기업|수협|MG\s?새마을금고|새마을금고|새마을|MG|신협|우체국|산림조합|축협|농협|NH\s?농협|NH"
    r"|한국씨티|씨티|SC\s?제일|SC|제일|BNK\s?부산|부산|BNK\s?경남|경남|DGB\s?대구|대구|iM|광주|JB\s?전북|전북|제주"
    r"|KDB\s?산업|산업|케이뱅크|K뱅크|카카오뱅크|카카오페이|카카오|네이버페이|네이버|토스뱅크|토스|\p{Hangul}{1,6}저축"
    r"|신한|삼성|KB\s?국민|국민|KB|현대|롯데|우리|하나|비씨|BC)(?:\s?(?:은행|뱅크))?"
)
_CARD_WORD: Final = r"\s?[\])]?\s?(?:BC|비씨)?\s?(?:체크|신용)?(?:카드|체크)"
_WON: Final = r"[-+−–]?\s*(?:\d{1,3}(?:,\d{3})+|\d+)\s*원"
_TOTAL: Final = (
    r"(?:[-–]\s*)?(?:누적(?:이용|사용)?(?:금액)?|(?:총|통장)?잔액|잔여(?:한도)?|(?:사용|이용)\s?가능(?:금액|액)?|한도(?:잔액)?"
    r"|Баланс|Доступно|Available\s*balance|Avl\.?\s*(?:Lmt|Limit|Bal(?:ance)?))"
    rf"\s*[:：]?\s*(?:Rs\.?|INR)?\s*[-+−–]?\s*(?:{NUMBER})\s*(?:원|₽|р\.|р|руб\.?)?"
)

SLOTS: Final[dict[str, Slot]] = {
    "order": Slot(r"\b[0-9]{14,20}\b", "order", _as_printed, "order number, 14 to 20 digits"),
    "dispute": Slot(r"\b[0-9]{10,20}\b", "dispute", _as_printed, "dispute number"),
    # without a digit it would be a word of the sentence
    "parcel": Slot(
        r"\b(?:[0-9][A-Z0-9]{7,29}|[A-Z]{1,8}[0-9][A-Z0-9]{6,28})\b",
        None,
        _passed,
        "parcel number, with a digit in it; passed over",
    ),
    "money": Slot(
        MONEY,
        "money",
        _as_printed,
        "an amount with its currency: `US $5.20`, `7,000원`, `299.00(MXN)`, `-USD 0.99`",
    ),
    "money:closed": Slot(
        CLOSED_MONEY,
        "money",
        _as_printed,
        "the same before free text: ends with its unit, two decimals or a blank",
    ),
    "won": Slot(_WON, "money", _as_printed, "an amount in won: `7,000원`, `-4562원`; safe behind free text"),
    "amount": Slot(
        rf"[-+−]?\s*(?:{NUMBER})",
        "amount",
        _as_printed,
        "a bare number; the form or `{currency}` names the unit",
    ),
    "currency": Slot(
        r"(?:[A-Z]{3}|원|달러|엔|유로|위안|₩|€|£)",
        "currency",
        _as_printed,
        "the unit of `{amount}`, when it stands apart",
    ),
    "on": Slot(
        DATES[""],
        "on",
        _as_printed,
        "the notice's day: `09/22`, `01월28일`, `2026-05-12`, `11-Jun-26`, `Jul 15,2023`",
    ),
    "on:dmy": Slot(DATES["dmy"], "on:dmy", _as_printed, "the notice's day printed day first: `06.03.26`"),
    "on:dayfirst": Slot(
        deadlines.PRINTED,
        "on",
        _day_first,
        "the same in letters: `3 de mayo de 2026`, `3. Mai`; `05/06/2026` is June 5",
    ),
    "on:monthfirst": Slot(
        deadlines.PRINTED, "on", _month_first, "the same; `05/06/2026` can be read in two ways and is refused"
    ),
    "on:mdy": Slot(_AMERICAN, "on", _american, "the same printed month first: `05/06/2026` is May 6"),
    "day": Slot(DATES[""], None, _passed, "a day that is not the notice's own; passed over"),
    "time": Slot(TIME, "time", _as_printed, "`13:24` or `13:24:05`"),
    "act_by": Slot(DATES[""], "act_by", _as_printed, "the day until which one must act"),
    "act_by:dayfirst": Slot(deadlines.PRINTED, "act_by", _day_first, "the same in letters, day first"),
    "act_by:monthfirst": Slot(deadlines.PRINTED, "act_by", _month_first, "the same in letters, month first"),
    "act_by:mdy": Slot(_AMERICAN, "act_by", _american, "the same in numbers, month first"),
    "bank": Slot(_BANK, None, _passed, "a Korean bank or card company by name; passed over"),
    "bank:card": Slot(
        _BANK + _CARD_WORD, None, _passed, "the same with a word for card: `기업카드`, `[씨티] 체크카드`"
    ),
    "card": Slot(
        r"(?:[*xX•]{1,12}[ -]?[0-9*]{2,8}|[0-9*xX•]{2,16}(?:-[0-9*xX•]{2,4}){0,3})",
        "card",
        _card,
        "the visible digits of a card: `1234`, `2*5*`, `xx5555`, `•• 5848`",
    ),
    "account": Slot(r"\d[\d*-]{3,24}", None, _passed, "an account number, masked or not; passed over"),
    "holder": Slot(
        _HOLDER, None, _passed, "the holder's name, masked or not, with 님 if printed; passed over"
    ),
    "plan": Slot(
        _PLAN, None, _passed, "how it is paid: `일시불`, `(03개월)`, `할부(11)`, `체크`; passed over"
    ),
    "cancelled": Slot(
        _CANCELLED,
        None,
        _passed,
        "a Korean verb of cancelling: `취소`, `승인취소`, `매출취소`, `취소완료`, `일시불취소`; passed over",
    ),
    "country": Slot(r"[(（][A-Z]{2,3}[)）]", None, _passed, "a country in brackets: `(SE)`; passed over"),
    "total": Slot(
        _TOTAL,
        None,
        _passed,
        "a running total or balance with its word: `누적1,234원`, `Баланс: 37 034.19р`; passed over",
    ),
    "merchant": Slot(rf"{_LINE}{{1,80}}?", "merchant", _merchant, "the merchant as printed", open=True),
    "merchant:first": Slot(
        r"[^\n\]］]{1,80}?",
        "merchant",
        _merchant,
        "the merchant at the start of a text; no brackets in it",
        open=True,
    ),
    "merchant:sure": Slot(
        rf"{_LINE}{{2,40}}?",
        "merchant",
        _certain_merchant,
        "the merchant in a form for unknown issuers: two letters or more, no words of such texts",
        open=True,
    ),
    # these stand in the words for points, cash-back, direct debit, instalment conversion, booking and
    # application, whose cancelling is another matter
    "product": Slot(
        r"[^\n*,:\[\]포캐적납환약청록해]{0,24}?",
        None,
        _passed,
        "a card's product name: `the Green`, `ZERO Edition2`; passed over",
        open=True,
    ),
    "item": Slot(rf"{_LINE}{{1,300}}?", "item", _as_printed, "what was bought", open=True),
    "seller": Slot(rf"{_LINE}{{1,120}}?", "seller", _as_printed, "the shop's name", open=True),
    "result": Slot(
        rf"{_LINE}{{1,80}}?",
        "result",
        _as_printed,
        "how it ended; only behind a label, in the words it lists",
        open=True,
    ),
    "reference": Slot(r"[A-Z0-9][A-Z0-9-]{5,39}", "reference", _as_printed, "a transaction number"),
    "number": Slot(NUMBER, None, _passed, "a number that does not matter; passed over"),
    "gap": Slot(
        r"[\s\p{Z}]+", None, _passed, "white space that must be there; sets free text off from an amount"
    ),
    "start": Slot(r"(?m:^)[ \t\p{Z}]*", None, _passed, "the start of the line"),
    "end": Slot(r"[ \t\p{Z}]*(?m:$)", None, _passed, "the end of the line"),
    "any": Slot(
        rf"{_LINE}{{0,300}}?", None, _passed, "anything on one line, as little as possible", open=True
    ),
    "lines": Slot(
        r"(?s:.{0,600}?)", None, _passed, "anything, across lines, as little as possible", open=True
    ),
}
