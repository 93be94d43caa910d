"""The words of the user's own decisions; see `refundtracker.words`."""

from __future__ import annotations

from typing import Final

DECISIONS: Final = {
    "heading.decisions": ("Your word", "직접 정한 것"),
    "column.decision": ("decision", "결정"),
    "column.number": ("no.", "번호"),
    "decision.link": ("mail {mail} pays it", "메일 {mail}의 돈이 이 환불"),
    "decision.unlink": ("mail {mail} does not pay it", "메일 {mail}의 돈은 이 환불이 아님"),
    "decision.confirm": ("seen on the statement: {amount}", "명세서에서 확인함: {amount}"),
    "decision.confirm.all": ("seen on the statement: all of it", "명세서에서 전액 확인함"),
    "decision.write-off": ("written off", "포기함"),
    "decision.note": ("note: {text}", "메모: {text}"),
    "decision.method": ("paid by {text}", "결제 수단: {text}"),
    "decision.card": ("paid with {text}", "결제 카드: {text}"),
    "decision.undone": ("{said} (taken back {day})", "{said} ({day} 되돌림)"),
    "decision.adrift": (
        (
            "Decision {id} moves nothing any more: its dispute or its mail is gone, or is read otherwise now."
            " Decide again, or take it back: refunds undo {id}"
        ),
        (
            "결정 {id}번은 지금 아무 효과가 없어요. 분쟁이나 메일이 없거나 다르게 읽혀요."
            " 다시 정하거나 이렇게 되돌리세요: refunds undo {id}"
        ),
    ),
    "decided": ("Decision {id}: {said}.", "결정 {id}: {said}."),
    "decided.undone": ("Decision {id} is taken back: {said}.", "결정 {id} 되돌림: {said}."),
    "decided.state": ("Dispute {dispute} is now: {state}.", "분쟁 {dispute}의 상태: {state}."),
    "decided.state.moved": (
        "Dispute {dispute} was: {before}. It is now: {state}.",
        "분쟁 {dispute}의 상태: {before} → {state}.",
    ),
    "decided.none": ("You have decided nothing yet.", "아직 직접 정한 것이 없어요."),
    "ask.link-short": (
        "{seen} is not the {promised} that was promised. Link it all the same?",
        "들어온 금액은 {seen}, 약속된 금액은 {promised}. 서로 달라요. 그래도 연결할까요?",
    ),
    "ask.link-taken": (
        "This money pays dispute {other} now. Take it from there?",
        "이 돈은 지금 분쟁 {other}에 연결돼 있어요. 옮길까요?",
    ),
    "why.confirmed": ("you saw it on your statement", "명세서에서 직접 확인함"),
}
