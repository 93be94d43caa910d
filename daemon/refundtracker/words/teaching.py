"""The words of teaching, rereading and sharing forms; see `refundtracker.words`."""

from __future__ import annotations

from typing import Final

TEACHING: Final = {
    "teach.candidates": ("What stands there and may be a value:", "값으로 보이는 것:"),
    "teach.kinds": ("What it may say:", "메일이 알리는 것:"),
    "teach.nothing": ("nothing that matters", "중요하지 않음"),
    "teach.ask-kind": ("What does it say? (number or name)", "무엇을 알리는 메일인가요? (번호 또는 이름)"),
    "teach.no-kind": ("{answer} is none of these", "{answer}: 목록에 없어요"),
    "teach.how": (
        "Answer with a number of the list, or type the value as it is printed; empty: it is not told.",
        "목록의 번호나 메일에 적힌 값을 그대로 입력하세요. 없으면 그냥 Enter를 누르세요.",
    ),
    "teach.order": ("Order number", "주문 번호"),
    "teach.amount": ("Amount", "금액"),
    "teach.on": ("Day of it", "날짜"),
    "teach.act_by": ("Day until which you must act", "답변 기한"),
    "teach.dispute": ("Dispute number", "분쟁 번호"),
    "teach.item": ("What was bought", "상품명"),
    "teach.seller": ("Seller", "판매자"),
    "teach.result": (
        "Result (refund, partial-refund, return-and-refund, rejected, coupon)",
        "결과 (refund, partial-refund, return-and-refund, rejected, coupon)",
    ),
    "teach.card": ("Card digits", "카드 번호"),
    "teach.merchant": ("Merchant", "가맹점"),
    "teach.issuer": ("Issuer, as country.name", "카드사 (국가.이름)"),
    "teach.no-amount": (
        "{answer} is no amount with a currency; write 5.20 USD",
        "{answer}: 통화가 있는 금액이 아니에요. 5.20 USD처럼 입력하세요",
    ),
    "teach.again": ("Answer the questions again?", "질문에 다시 답할까요?"),
    "teach.reads": ("It reads this mail as:", "이 메일을 이렇게 읽어요:"),
    "teach.keep": ("Keep this form?", "이 양식을 저장할까요?"),
    "teach.kept": ("kept as {path}", "{path}에 저장했어요"),
    "teach.not-kept": ("not kept", "저장하지 않았어요"),
    "teach.effects": ("It changes {count} stored mail(s):", "저장된 메일 {count}통이 달라져요:"),
    "teach.no-effects": ("It changes no stored mail.", "달라지는 저장된 메일은 없어요."),
    "teach.apply": ("apply it to the past with: refunds reread", "지난 메일에 적용: refunds reread"),
    "reread.same": ("every stored mail reads as before", "모든 메일이 전과 같이 읽혀요"),
    "reread.mails": ("{count} mail(s) are read otherwise:", "다르게 읽히는 메일 {count}통:"),
    "reread.disputes": ("What that changes:", "달라지는 분쟁:"),
    "reread.no-disputes": ("No dispute changes.", "달라지는 분쟁은 없어요."),
    "reread.new": ("new: {dispute}: {state}{sum}", "새로 생김: {dispute}: {state}{sum}"),
    "reread.gone": ("gone: {dispute} (was {state}{sum})", "없어짐: {dispute} (이전: {state}{sum})"),
    "reread.moved": (
        "{dispute}: was {before}{before_sum}; becomes {state}{sum}",
        "{dispute}: 이전 {before}{before_sum}, 이후 {state}{sum}",
    ),
    "reread.same-state": (
        "{dispute}: still {state}{sum}; details change",
        "{dispute}: {state}{sum} 그대로, 세부 내용만 달라져요",
    ),
    "reread.sum": (", {sum} promised", ", 약속 금액 {sum}"),
    "reread.ask": ("Apply this?", "적용할까요?"),
    "reread.applied": ("applied", "적용했어요"),
    "reread.not-applied": ("not applied", "적용하지 않았어요"),
    "forms.new": ("{count} form(s) would be added:", "추가될 양식 {count}개:"),
    "forms.ask": ("Keep these forms?", "이 양식들을 저장할까요?"),
    "forms.kept": ("{count} form(s) kept in {path}", "양식 {count}개를 {path}에 저장했어요"),
    "forms.by-hand": (
        "{form} was not made by `refunds teach`: look through its examples before you share it",
        "{form}: `refunds teach`로 만든 양식이 아니에요. 공유하기 전에 예시를 확인하세요",
    ),
}
