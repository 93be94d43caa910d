"""What the demo says, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from refundtracker.words import Lang

_STORY: Final = {
    "mailbox": (
        "{count} sample mails wait on an IMAP server that lives as long as this demo. Today is {day}.",
        "데모가 도는 동안만 켜 두는 IMAP 서버에 견본 메일 {count}통이 있어요. (오늘: {day})",
    ),
    "work": (
        "refundd signs in, reads them, and follows every dispute to the money on the card.",
        "refundd가 로그인해 메일을 읽고, 모든 분쟁을 카드에 돈이 들어올 때까지 따라가요.",
    ),
    "paid": (
        "No. {id} is paid, though the card's text names no order: {why}.",
        "{id}번은 환불됐어요. 카드 문자에 주문 번호가 없지만 이렇게 연결했어요: {why}.",
    ),
    "mails": ("Mails", "메일"),
    "summary": ("The weekly summary, as it is mailed", "메일로 보내는 주간 요약"),
    "end": (
        "The server and its database are gone again; nothing of yours was touched.",
        "서버와 데이터베이스는 다시 지웠고, 내 설정과 데이터는 건드리지 않았어요.",
    ),
    "unused": (
        "The demo brings its own configuration and database; {options} is not used.",
        "데모는 자체 설정과 데이터베이스를 써요. {options} 옵션은 쓰지 않아요.",
    ),
}


def tell(lang: Lang, key: str, **values: str) -> str:
    """One sentence of the story."""
    english, korean = _STORY[key]
    return (korean if lang == "ko" else english).format_map(values)
