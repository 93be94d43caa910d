"""The catalogue of words: everything a person reads, in English and in Korean.

A code of the derived facts (`next.overdue`, `why.same-amount`) becomes a sentence
only here, so that the same fact can be told in either language. The Korean
sentences end in the polite 해요 form; labels and reasons are short notes. No particle
that changes its shape follows a slot: which one is right (은 or 는, 을 or 를) hangs on
a value nobody knows here.
"""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

from refundtracker.words.alarms import ALARMS
from refundtracker.words.answers import ANSWERS
from refundtracker.words.decisions import DECISIONS
from refundtracker.words.doctor import DOCTOR
from refundtracker.words.linking import LINKING
from refundtracker.words.setup import SETUP
from refundtracker.words.teaching import TEACHING

Lang = Literal["en", "ko"]

_STATES: Final = {
    "state.open": ("open", "진행 중"),
    "state.act": ("answer needed", "답변 필요"),
    "state.returning": ("returning", "반품 중"),
    "state.waiting": ("waiting", "환불 대기"),
    "state.due": ("due", "예정일 지남"),
    "state.overdue": ("overdue", "지연"),
    "state.paid": ("paid", "환불 완료"),
    "state.short": ("short", "금액 부족"),
    "state.lost": ("lost", "환불 없음"),
    "state.withdrawn": ("withdrawn", "철회함"),
    "state.compensated": ("compensated", "쿠폰 보상"),
    "state.closed": ("order closed", "주문 종료"),
    "state.open.means": (
        "The seller or AliExpress has to answer.",
        "판매자나 알리익스프레스의 답변을 기다리고 있어요.",
    ),
    "state.act.means": (
        "You have to answer, or it ends on the other side's terms.",
        "지금 답하지 않으면 상대방 조건대로 끝나요.",
    ),
    "state.returning.means": ("You have to send the item back.", "상품을 돌려보내야 해요."),
    "state.waiting.means": (
        "The money was promised and still has time to come.",
        "환불이 약속됐고, 아직 들어올 시간이 남아 있어요.",
    ),
    "state.due.means": (
        "The money should be there by now, but it is not late yet.",
        "들어올 때가 됐지만 아직 늦은 것은 아니에요.",
    ),
    "state.overdue.means": (
        "The promised time has passed and the money was not seen.",
        "약속한 기간이 지났는데 돈이 보이지 않아요.",
    ),
    "state.paid.means": ("The money was seen.", "돈이 들어온 것을 확인했어요."),
    "state.short.means": (
        "Money was seen, but less than was promised.",
        "돈이 들어왔지만 약속한 금액보다 적어요.",
    ),
    "state.lost.means": ("The dispute ended without a refund.", "환불 없이 분쟁이 끝났어요."),
    "state.withdrawn.means": ("You withdrew the dispute.", "분쟁을 직접 철회했어요."),
    "state.compensated.means": (
        "You were given a coupon or a bonus; no money goes to a card.",
        "쿠폰이나 보너스로 보상받았고, 카드로 들어올 돈은 없어요.",
    ),
    "state.closed.means": (
        "The order was closed and no mail says why; money is still watched for.",
        "주문이 종료됐지만 이유를 알려 준 메일이 없어요. 돈이 들어오는지는 계속 지켜봐요.",
    ),
}

_NEXT: Final = {
    "next.look-at-result": (
        "No result was found in the mail: open the order page and look at it.",
        "메일에서 결과를 찾지 못했어요. 주문 페이지에서 결과를 확인하세요.",
    ),
    "next.due": (
        (
            "Look at the whole card statement since the purchase date:"
            " a refund can be booked on the day of the purchase."
        ),
        "구매일부터 카드 명세서 전체를 살펴보세요. 환불이 구매일 날짜로 잡혀 있을 수 있어요.",
    ),
    "next.overdue": (
        (
            "Open the order page on AliExpress and check three things: where the refund was sent,"
            " whether it became a bonus, and whether a form asks for bank data."
        ),
        (
            "알리익스프레스 주문 페이지에서 세 가지를 확인하세요. 환불이 어디로 갔는지,"
            " 보너스로 바뀌지 않았는지, 계좌 정보를 묻는 양식이 없는지요."
        ),
    ),
    "next.arn": (
        "Ask AliExpress for the ARN, the number by which your bank can find the refund.",
        "알리익스프레스에 ARN을 요청하세요. 카드사가 환불 건을 찾을 때 쓰는 번호예요.",
    ),
    "next.escalate": (
        (
            "{day} has passed: give the ARN to the investigations desk of your bank,"
            ' or ask for a chargeback, "credit not processed" (last day: {chargeback_by}).'
        ),
        (
            "이의제기 기준일({day})이 지났어요. 카드사 이의제기 부서에 ARN을 알려 주거나,"
            " '환불 미처리' 사유로 차지백을 신청하세요. (차지백 기한: {chargeback_by})"
        ),
    ),
    "next.act": ("Answer on the order page by {act_by}.", "{act_by}까지 주문 페이지에서 답하세요."),
    "next.act-soon": (
        "Answer on the order page as soon as you can; the mail printed no date.",
        "메일에 기한이 적혀 있지 않아요. 주문 페이지에서 되도록 빨리 답하세요.",
    ),
    "next.short": (
        "Ask AliExpress or your card issuer for the missing {missing}.",
        "덜 들어온 금액({missing})을 알리익스프레스나 카드사에 문의하세요.",
    ),
    "next.closed": (
        "The order was closed and no reason was told: open the order page and look.",
        "주문이 종료됐지만 이유가 적혀 있지 않아요. 주문 페이지에서 확인하세요.",
    ),
    "next.lost": (
        "Appeal on the order page while you can, and keep the last day for a chargeback in mind.",
        "아직 가능하다면 주문 페이지에서 이의를 제기하고, 차지백 기한도 챙기세요.",
    ),
    "next.returning": (
        "Send the item back and enter the tracking number, within 10 days.",
        "10일 안에 상품을 보내고 운송장 번호를 입력하세요.",
    ),
}

_WHY: Final = {
    "why.same-order": ("both name order {order}", "양쪽 모두 주문 번호 {order}"),
    "why.same-dispute": ("both name the same dispute", "양쪽의 분쟁 번호가 같음"),
    "why.same-reference": ("both name the same transaction", "양쪽의 거래 번호가 같음"),
    "why.same-amount": (
        (
            "the same amount, {amount}, AliExpress as merchant, {days} days after;"
            " no other candidate on either side"
        ),
        "금액이 같고({amount}) 가맹점이 알리익스프레스이며 {days}일 뒤에 들어옴. 양쪽 모두 다른 후보가 없음",
    ),
    "why.sum": (
        "the sums are equal, and only one way of adding up fits",
        "합계가 같고, 맞아떨어지는 조합이 하나뿐임",
    ),
    "why.other-currency": (
        (
            "{amount} is plausible for {promised}: the rate of {rate_day} ({age} days before the promise)"
            " gives {estimate}, {percent} off"
        ),
        (
            "약속한 금액 {promised}, 들어온 금액 {amount}."
            " {rate_day} 환율(약속 {age}일 전)로는 {estimate}, 차이 {percent}"
        ),
    ),
    "why.no-amount": (
        "the mail told no amount; this is the only AliExpress refund that fits the time",
        "메일에 금액이 없음. 시기가 맞는 알리익스프레스 환불이 이것뿐임",
    ),
    "why.user": ("you linked it", "직접 연결함"),
    "why.window": (
        "business days of {calendar} after {starts_on} ({method}); holiday table {table}",
        "{starts_on} 다음 날부터 센 영업일 (달력 {calendar}, 결제 수단 {method}, 공휴일 표 {table})",
    ),
}

_EVENTS: Final = {
    "event.order-paid": ("order paid", "주문 결제"),
    "event.order-shipped": ("order shipped", "상품 발송"),
    "event.order-delivered": ("order delivered", "배송 완료"),
    "event.order-closing": ("order about to close", "주문 종료 예고"),
    "event.order-closed": ("order closed", "주문 종료"),
    "event.dispute-opened": ("dispute opened", "분쟁 시작"),
    "event.seller-responded": ("seller answered", "판매자 답변"),
    "event.proposal": ("solution proposed", "해결안 제안"),
    "event.evidence-requested": ("evidence asked for", "증빙 요청"),
    "event.return-requested": ("return asked for", "반품 요청"),
    "event.dispute-escalated": ("AliExpress stepped in", "알리익스프레스 개입"),
    "event.dispute-withdrawn": ("dispute withdrawn", "분쟁 철회"),
    "event.dispute-finished": ("dispute finished", "분쟁 종료"),
    "event.refund-sent": ("refund sent", "환불 전송"),
    "event.seller-message": ("message from the seller", "판매자 메시지"),
    "event.card-charged": ("card charged", "카드 승인"),
    "event.card-cancelled": ("card payment cancelled", "카드 취소"),
    "event.refund-announced": ("refund announced by the issuer", "카드사 환불 예고"),
    "event.authorisation-expired": ("authorisation expired (no refund)", "승인 만료 (환불 아님)"),
    "result.refund": ("refund", "환불"),
    "result.partial-refund": ("partial refund", "부분 환불"),
    "result.return-and-refund": ("return and refund", "반품 후 환불"),
    "result.rejected": ("rejected", "거절"),
    "result.coupon": ("coupon", "쿠폰"),
    "outcome.notice": ("read", "읽음"),
    "outcome.ignored": ("not relevant", "관련 없음"),
    "outcome.not-ours": ("from others", "다른 발신자"),
    "outcome.unread": ("not understood", "해석 못 함"),
    "outcome.untrusted": ("sender not proven", "발신자 미확인"),
    "outcome.unparsable": ("damaged", "손상됨"),
    "trust.verified": ("sender verified", "발신자 확인됨"),
    "trust.allowed": ("sender allowed by you", "직접 허용한 발신자"),
    "trust.unproven": ("sender not proven", "발신자 미확인"),
    "trust.forged": ("sender forged", "발신자 위조"),
}

_HEADINGS: Final = {
    "column.id": ("no.", "번호"),
    "column.order": ("order", "주문"),
    "column.dispute": ("dispute", "분쟁"),
    "column.item": ("item", "상품"),
    "column.seller": ("seller", "판매자"),
    "column.state": ("state", "상태"),
    "column.promised": ("promised", "약속한 금액"),
    "column.received": ("received", "들어온 금액"),
    "column.missing": ("missing", "남은 금액"),
    "column.opened": ("opened", "시작"),
    "column.finished": ("finished", "종료"),
    "column.due": ("due on", "예정일"),
    "column.overdue": ("late after", "지연 기준일"),
    "column.escalate": ("escalate after", "이의제기 기준일"),
    "column.act-by": ("answer by", "답변 기한"),
    "column.chargeback-by": ("chargeback before", "차지백 기한"),
    "column.next": ("next", "다음 할 일"),
    "column.date": ("date", "날짜"),
    "column.event": ("event", "내용"),
    "column.amount": ("amount", "금액"),
    "column.card": ("card", "카드"),
    "column.issuer": ("issuer", "카드사"),
    "column.merchant": ("merchant", "가맹점"),
    "column.why": ("why", "이유"),
    "column.mail": ("mail", "메일"),
    "column.from": ("from", "보낸 사람"),
    "column.subject": ("subject", "제목"),
    "column.outcome": ("outcome", "결과"),
    "column.reason": ("reason", "이유"),
    "column.before": ("until now", "지금까지"),
    "column.after": ("from now on", "앞으로"),
    "heading.owed": ("Money still owed", "아직 받을 돈"),
    "heading.disputes": ("Disputes", "분쟁"),
    "heading.timeline": ("Timeline", "진행 내역"),
    "heading.money": ("Money", "금액"),
    "heading.window": ("Refund window", "환불 기간"),
    "heading.links": ("Links", "연결"),
    "nothing-owed": ("nothing owed", "받을 돈 없음"),
    "none-owed": ("none", "없음"),
    "mails.none": ("no mail was found in {paths}", "메일이 없어요: {paths}"),
    "mails.imported": ("mails: {mails}, {new} of them new", "메일 {mails}통, 그중 새 메일 {new}통"),
    "mails.disputes": (
        "disputes: {added} new, {changed} changed",
        "분쟁: 새로 {added}건, 달라짐 {changed}건",
    ),
    "mails.nobody-believed": (
        (
            "mails of AliExpress count for nothing as long as nobody's verdict on senders is believed:"
            " name your provider's id with --authserv ID, or as authserv in the configuration,"
            " then: refunds reread"
        ),
        (
            "믿을 서버가 정해지지 않아서 알리익스프레스 메일이 반영되지 않았어요. 메일 회사 서버의 id를"
            " --authserv ID 옵션이나 설정 파일의 authserv 항목에 적은 뒤 이렇게 하세요: refunds reread"
        ),
    ),
    "run.nobody-believed": (
        (
            "{account}: mails of AliExpress count for nothing until authserv names the server"
            " whose verdicts are believed; what to write there: refundd doctor"
        ),
        (
            "{account}: 믿을 서버를 authserv 항목에 적기 전에는 알리익스프레스 메일이 반영되지 않아요."
            " 적을 내용은 이렇게 확인하세요: refundd doctor"
        ),
    ),
    "no-mails": ("No mails yet.", "아직 메일이 없어요."),
    "none-such": ("None of that kind.", "해당하는 것이 없어요."),
    "no-disputes": ("No disputes yet.", "아직 분쟁이 없어요."),
    "amount-unknown": ("amount not told", "금액 미기재"),
    "estimated": ("estimated", "추정"),
    "today": ("today", "오늘"),
}

_SUMMARY: Final = {
    "summary.title": ("Refunds", "환불 현황"),
    "summary.subject.late": ("{count} late", "지연 {count}건"),
    "summary.subject.act": ("{count} to answer", "답변 필요 {count}건"),
    "summary.subject.owed": ("{money} owed", "받을 돈 {money}"),
    "summary.subject.unknown": ("{count} of unknown amount", "금액 미기재 {count}건"),
    "summary.subject.unread": ("{count} not understood", "해석 못 한 메일 {count}통"),
    "summary.subject.notes": ("a warning inside", "경고 있음"),
    "summary.owed.unknown": ("{count} of unknown amount", "금액 미기재 {count}건"),
    "summary.notes": ("Please look at this first", "먼저 확인하세요"),
    "summary.urgent": ("Needs you", "확인이 필요해요"),
    "summary.running": ("On its way", "진행 중이에요"),
    "summary.finished": ("Finished in the last 30 days", "최근 30일 안에 끝났어요"),
    "summary.calm": ("No dispute is open. Enjoy the week.", "열린 분쟁이 없어요. 편안한 한 주 보내세요."),
    "summary.unread": ("Mails I could not read", "해석하지 못한 메일"),
    "summary.unread.hint": (
        "They may hold news of a refund. Look with: refunds mail --outcome unread",
        "환불 소식일 수 있어요. 이렇게 확인하세요: refunds mail --outcome unread",
    ),
    "summary.untrusted": ("Mails whose sender is not proven", "발신자를 확인할 수 없는 메일"),
    "summary.untrusted.hint": (
        "They counted for nothing here. Open no link in them.",
        "여기에는 반영하지 않았어요. 메일 안의 링크는 열지 마세요.",
    ),
    "summary.mail": ("Mails since the last summary", "지난 요약 이후 받은 메일"),
    "summary.mail.none": ("none", "없음"),
    "summary.late.one": ("1 day late", "1일 지연"),
    "summary.late.many": ("{days} days late", "{days}일 지연"),
    "summary.more": ("and {count} more: refunds list", "외 {count}건: refunds list"),
    "summary.more.mail": ("and {count} more: refunds mail", "외 {count}통: refunds mail"),
    "summary.order": ("order {order}", "주문 {order}"),
    "summary.nameless": ("an order without a number", "번호 없는 주문"),
    "summary.since": ("since {day}", "{day}부터"),
    "summary.due": ("due {day}", "예정일 {day}"),
    "summary.overdue": ("late after {day}", "{day} 이후 지연"),
    "summary.footer": (
        "Business days of {country}. Made from your own mail on your own machine. See more: refunds list",
        "영업일 기준: {country}. 내 메일로 내 컴퓨터에서 만들었어요. 자세히 보기: refunds list",
    ),
}

WORDS: Final[dict[str, tuple[str, str]]] = {
    **_STATES, **_NEXT, **_WHY, **_EVENTS, **_HEADINGS, **_SUMMARY, **ALARMS, **ANSWERS, **LINKING,
    **DECISIONS, **DOCTOR, **SETUP, **TEACHING,
}  # fmt: skip


def say(lang: Lang, key: str, /, **values: str) -> str:
    """The words for a key, with its values put in.

    Args:
        lang: the language to speak.
        key: a key of the catalogue, such as `state.overdue` or the code of a `Reason`.
        values: what the sentence mentions, as printed. Values it does not mention are left out,
            and braces inside a value stay what they are.

    Returns:
        One line of text. The values are not made harmless here: see `one_line`.

    Raises:
        KeyError: the catalogue has no such key, or the sentence mentions a value that was not given.
    """
    english, korean = WORDS[key]
    return (korean if lang == "ko" else english).format_map(values)


def one_line(text: str, limit: int = 0) -> str:
    """Foreign text that may stand on one line of ours: a terminal, a heading, an error.

    Line breaks become spaces; control, direction and invisible characters go
    (Unicode categories Cc, Cf, Co and Cs), so no text can move a cursor, colour a screen or
    show itself backwards.

    Args:
        text: anything, also lone surrogates.
        limit: the longest answer in characters, cut with `…`; 0 does not cut.
    """
    spaced = " ".join(text.split())
    kept = (letter for letter in spaced if unicodedata.category(letter) not in {"Cc", "Cf", "Co", "Cs"})
    line = unicodedata.normalize("NFC", " ".join("".join(kept).split()))
    return line if not limit or len(line) <= limit else line[: limit - 1].rstrip() + "…"
