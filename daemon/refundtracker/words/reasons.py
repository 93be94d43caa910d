"""Why a mail came to its outcome, in Korean; see `refundtracker.words`.

The parsers give the reason as an English sentence, and the database keeps it so: it is part of the
answer for programs. People who read Korean get it from here. A sentence nobody has put here yet
stays English, which is better than none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from refundtracker.words import Lang

# `{}` stands for a value; `{0}`, `{1}` say in Korean where it goes. Longer sentences stand first
# where a shorter one would take their values for its own.
_KOREAN: Final = {
    "no form fits this mail of AliExpress": "알리익스프레스 메일이지만 맞는 양식이 없음",
    "it speaks of a cancellation or refund and an amount, but no form fits": (
        "취소나 환불 금액이 적혀 있지만 맞는 양식이 없음"
    ),
    "no word of cancelling or refunding with an amount": "취소나 환불 금액이 적혀 있지 않음",
    "a text that the phone sent": "휴대폰에서 보낸 문자",
    "a reply; what it quotes came before": "답장이고, 인용한 내용은 전에 받음",
    "a bounce, a receipt or an automatic answer": "반송, 수신 확인 또는 자동 응답",
    "the tracker's own report": "이 프로그램이 보낸 메일",
    "an advert": "광고",
    "a survey": "설문 조사",
    "a step of a parcel": "배송 단계 알림",
    "a coupon for a late delivery": "배송 지연 쿠폰",
    "a bill, not a payment": "청구서이고 결제가 아님",
    "a verification code; not kept": "인증번호라서 저장하지 않음",
    "a mail about the account, such as a verification code; not kept": (
        "인증번호 같은 계정 메일이라서 저장하지 않음"
    ),
    "advice about cancelling, not a cancellation": "취소에 관한 안내이고 취소 내역이 아님",
    "points or cash-back taken back or returned; no money of a purchase": (
        "포인트나 캐시백이고 구매 금액이 아님"
    ),
    "its forwarder cut the text short, and a value may be among what is missing": (
        "전달된 문자가 중간에 잘려서 빠진 값이 있을 수 있음"
    ),
    "besides {} the text speaks of a cancellation that no form reads": (
        "{0} 양식에 맞지만, 해석하지 못한 취소 내용이 더 있음"
    ),
    "it repeats itself too often to be read": "같은 내용이 너무 많이 반복됨",
    "a forwarded mail that names AliExpress, but not by exactly one address": (
        "전달된 메일이지만 원래 발신자가 하나로 정해지지 않음"
    ),
    "it holds the header of another mail, but its subject does not say that it forwards that mail": (
        "다른 메일의 헤더가 있지만 제목에 전달 표시가 없음"
    ),
    "it holds the header of another mail, but above it stands an address that you do not allow": (
        "다른 메일의 헤더가 있지만 허용하지 않은 주소가 전달함"
    ),
    "two forms fit and disagree: {}": "여러 양식이 서로 다르게 읽음: {0}",
    "neither an order number nor a dispute number": "주문 번호와 분쟁 번호가 모두 없음",
    "no amount": "금액이 없음",
    "two orders stand side by side, {} and {}": "주문 번호가 둘 있음: {0}, {1}",
    "{} stands there twice, as {} and {}": "값이 둘 있음: {1}, {2}",
    "the value behind a label could not be read: {}": "읽을 수 없는 값: {0}",
    "{} could not be read: {}": "읽을 수 없는 값: {1}",
    "the sum {} stands in a line that does not promise it": "환불을 약속하지 않는 줄에 적힌 금액: {0}",
    "a sum stands beside a word of refunding, but its currency is not certain": (
        "환불 금액의 통화가 확실하지 않음"
    ),
    "{} may be an order number with a running number in front": "앞에 순번이 붙은 주문 번호일 수 있음: {0}",
    "its day, {}, does not go with a mail of {}": "메일 날짜({1})에 맞지 않는 날짜: {0}",
    "the mail has {} subjects": "제목이 {0}개 있음",
    "around it stands that it has not happened, or not in money": (
        "취소되지 않았거나 돈이 아니라는 말이 함께 적혀 있음"
    ),
    "the text speaks of a refusal": "승인 거절에 관한 문자",
    "what was cancelled is no payment": "결제가 아닌 것의 취소",
    "The sender is nobody we follow.": "확인 대상이 아닌 발신자",
    "no sender we follow": "확인 대상이 아닌 발신자",
    "It was passed on by an address that you do not allow.": "허용하지 않은 주소가 전달함",
    "The mail does not have exactly one sender, and none whom we follow.": (
        "발신자가 하나가 아니고, 확인 대상도 없음"
    ),
    "The mail names two senders or more, so none of them is proven.": (
        "발신자가 둘 이상이라서 아무도 확인되지 않음"
    ),
    "The From header is damaged or there twice, so it proves nobody.": (
        "From 헤더가 손상됐거나 둘이라서 아무도 확인되지 않음"
    ),
    "Nobody's Authentication-Results are believed: `authserv` is empty.": (
        "`authserv` 설정이 비어 있어서 발신자를 확인할 수 없음"
    ),
    "The user allows this address, and the provider does not contradict it.": (
        "직접 허용한 주소이고, 메일 서버의 판정과 어긋나지 않음"
    ),
    "SMS Backup+ stored this text from the phone, and you allow that.": (
        "SMS Backup+ 앱이 저장한 문자이고, 직접 허용함"
    ),
    "It lacks the headers that SMS Backup+ gives to the texts it stores.": (
        "SMS Backup+ 앱이 남기는 헤더가 없음"
    ),
    "It has a {} header, so it is not a text that the phone itself stored.": (
        "{0} 헤더가 있으니 휴대폰이 직접 저장한 문자가 아님"
    ),
    "No believed provider says anything about {}.": "믿을 수 있는 서버의 판정이 없음: {0}",
    "The dmarc result of {} is not one for {}.": "{0} 서버의 dmarc 판정이 이 발신자({1})에 관한 것이 아님",
    "{} says dmarc=fail for a mail that claims {}.": "{0} 판정: dmarc=fail (자칭 발신자: {1})",
    "{} says dmarc=pass for {}.": "{0} 판정: dmarc=pass ({1})",
    "{} says dkim=pass, signed by {}.": "{0} 판정: dkim=pass ({1} 서명)",
    "{} says {}; none of it proves {}.": "{0} 판정({1})만으로는 확인할 수 없는 발신자: {2}",
    "Its signature by {} was verified here; no provider spoke.": "{0} 서명을 여기서 직접 확인함",
    "The trusted forwarder {} found dmarc=pass for {}.": "믿는 전달 서버 {0} 판정: dmarc=pass ({1})",
    "the mail is empty": "빈 메일",
    "the mail has no body": "본문이 없음",
    "the mail has no From header": "From 헤더가 없음",
    "the bytes do not start with a mail header": "메일 형식이 아님",
    "the mail is nested too deeply to be decoded": "너무 깊이 겹쳐 있어서 읽을 수 없음",
    "{} MB are more than max_mail_mb allows; not fetched": "max_mail_mb 한도를 넘어서 받지 않음 ({0} MB)",
}


def reason_in(lang: Lang, reason: str | None) -> str | None:
    """The reason of a mail's outcome, or the proof of its sender, in a language.

    Args:
        lang: the language to speak.
        reason: as the parsers or the daemon gave it, English; None stays None.

    Returns:
        Its Korean, with the name of a form in front kept; the English where there is no Korean.
        Values in it are not made harmless here.
    """
    if lang == "en" or not reason:
        return reason
    form, rest = _form_and_rest(reason)
    korean = _korean(rest)
    if korean is None:
        return _korean(reason) or reason
    return f"{form}: {korean}" if form else korean


def _form_and_rest(reason: str) -> tuple[str, str]:
    """`kr.kb.cancelled fits, but ...` and `kr.kb.cancelled: ...`, apart."""
    for between in (" fits, but ", ": "):
        form, found, rest = reason.partition(between)
        if found and "." in form and " " not in form:
            return form, rest
    return "", reason


def _korean(reason: str) -> str | None:
    if reason in _KOREAN:
        return _KOREAN[reason]
    for pattern, korean in _patterns():
        found = pattern.fullmatch(reason)
        if found:
            return korean.format(*found.groups())
    return None


@cache
def _patterns() -> tuple[tuple[Any, str], ...]:
    """The sentences with values in them; they may quote mail, so they are matched in linear time."""
    import re2

    return tuple(
        (re2.compile("(?s)" + "(.+?)".join(map(re2.escape, english.split("{}")))), korean)
        for english, korean in _KOREAN.items()
        if "{}" in english
    )
