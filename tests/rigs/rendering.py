"""Texts made from the forms: random values in every slot, so that what is read can be compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from refundparsers.grammar import Choice, Place, Space, Word, parse

if TYPE_CHECKING:
    from refundparsers.grammar import Node, Nodes

#: The day of every rendered mail; printed days lie in the year before it.
MAILED: Final = date(2026, 6, 30)


@dataclass(slots=True)
class Rendered:
    """One text with the values that went into it.

    Attributes:
        text: the message.
        gives: JSON keys of the notice and their values.
        printed: what each slot was filled with.
    """

    text: str
    gives: dict[str, str]
    printed: dict[str, str] = field(default_factory=dict)


@st.composite
def rendered(draw: st.DrawFn, source: str, gap: str) -> Rendered:
    """A form's text with random values; `gap` stands for each white space in the form."""
    out = Rendered("", {})
    for node in parse(source):
        _render(node, draw, out, gap)
    return out


def _render(node: Node, draw: st.DrawFn, out: Rendered, gap: str) -> None:
    if isinstance(node, Word):
        out.text += node.text
    elif isinstance(node, Space):
        out.text += gap
    elif isinstance(node, Choice):
        _all(draw(st.sampled_from(node.branches)), draw, out, gap)
    elif not node.optional or draw(st.booleans()):
        _fill(node, draw, out)


def _all(nodes: Nodes, draw: st.DrawFn, out: Rendered, gap: str) -> None:
    for node in nodes:
        _render(node, draw, out, gap)


def _fill(place: Place, draw: st.DrawFn, out: Rendered) -> None:
    if place.name in _PASSED:
        out.text += draw(_PASSED[place.name])
        return
    if place.name not in out.printed:  # a text that prints a value twice prints the same one
        out.printed[place.name], gives = draw(_VALUES[place.name])
        out.gives.update(gives)
    out.text += out.printed[place.name]


Value = tuple[str, dict[str, str]]


def _won(number: int, comma: str, sign: str) -> Value:
    return f"{sign}{number:{comma}}원", {"amount": str(number), "currency": "KRW"}


def _unit(cents: int, style: str, code: str) -> Value:
    whole, rest = divmod(cents, 100)
    number = f"{whole:,}.{rest:02d}"
    said = {"amount": f"{whole}.{rest:02d}", "currency": code}
    return style.format(code=code, number=number), said


def _day(back: int, style: str) -> Value:
    day = MAILED - timedelta(days=back)
    return day.strftime(style), {"on": day.isoformat()}


def _clock(hour: int, minute: int) -> Value:
    return f"{hour:02d}:{minute:02d}", {}


_WON: Final = st.builds(
    _won, st.integers(1, 99_999_999), st.sampled_from([",", ""]), st.sampled_from(["", "-", " -"])
)
_UNITS: Final = st.builds(
    _unit,
    st.integers(1, 9_999_999),
    st.sampled_from(["{code} {number}", "{code}{number}", "{code} -{number}", "{number}({code})"]),
    st.sampled_from(["USD", "EUR", "GBP", "MXN", "SGD"]),
)
# Shops as issuers print them: digits at either end, stars, brackets, cut words.
_SHOPS: Final = st.one_of(
    st.sampled_from(["ALIEXPRESS", "AliExpress", "11번가", "GS25", "7-ELEVEN", "ALIPAY SINGAPORE", "YM*AE"]),
    st.from_regex(r"[A-Za-z가-힣0-9][A-Za-z가-힣0-9.*()&-]{0,10}( [A-Za-z가-힣0-9]{1,8})?", fullmatch=True),
)
_VALUES: Final[dict[str, st.SearchStrategy[Value]]] = {
    "won": _WON,
    "money": _UNITS,
    "money:closed": _UNITS,
    "amount": st.builds(
        lambda n: (f"{n:,}", {"amount": str(n), "currency": "KRW"}), st.integers(1, 9_999_999)
    ),
    "on": st.builds(_day, st.integers(0, 300), st.sampled_from(["%m/%d", "%m월%d일"])),
    "on:dmy": st.builds(_day, st.integers(0, 300), st.sampled_from(["%d.%m.%y", "%d.%m.%Y"])),
    "time": st.builds(_clock, st.integers(0, 23), st.integers(0, 59)),
    "card": st.from_regex(r"[0-9]{4}|[0-9]\*[0-9]\*", fullmatch=True).map(
        lambda card: (card, {"card": card})
    ),
    "merchant": _SHOPS.map(lambda shop: (shop, {"merchant": shop})),
    # where the issuer is unknown a shop needs a name of letters
    "merchant:sure": st.sampled_from(["ALIEXPRESS", "AliExpress.com", "알리익스프레스", "TEMU.COM"]).map(
        lambda shop: (shop, {"merchant": shop})
    ),
    "merchant:first": _SHOPS.map(lambda shop: (shop, {"merchant": shop})),
    "reference": st.from_regex(r"[A-Z0-9]{17}", fullmatch=True).map(lambda code: (code, {"reference": code})),
}
_PASSED: Final[dict[str, st.SearchStrategy[str]]] = {
    "bank": st.sampled_from(["기업", "MG새마을금고", "씨티은행", "케이뱅크", "부산은행"]),
    "bank:card": st.sampled_from(["기업카드", "IBK기업 체크카드", "씨티카드", "우체국체크", "광주BC카드"]),
    "day": st.sampled_from(["01/28", "01월28일"]),
    "account": st.sampled_from(["402501**338", "0000"]),
    "holder": st.sampled_from(["홍*동", "홍*동님", "김*", "남궁*수", "홍길동", "홍길동님", "OOO"]),
    "plan": st.sampled_from(["일시불", "(일시불)", "03개월", "할부(11)", "체크"]),
    "cancelled": st.sampled_from(["취소", "승인취소", "매출취소", "취소완료", "부분취소", "결제 취소"]),
    "country": st.sampled_from(["(SE)", "(USA)"]),
    "total": st.sampled_from(["누적1,234원", "잔액 156,258원", "누적-5,000원", "Баланс: 37 034.19р"]),
    "product": st.sampled_from([" the Green", " ZERO Edition2", ""]),
    "number": st.sampled_from(["310,022", "1"]),
    "gap": st.sampled_from([" ", "\n", "  "]),
    "end": st.just(""),
    "any": st.sampled_from(["", "가공은행(1234)"]),
    "lines": st.sampled_from(["", " ", "\n"]),
}
