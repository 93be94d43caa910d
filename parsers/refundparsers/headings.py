"""The header of a mail as it is printed in the text of another one, in the words of many mail programs.

A program that forwards a mail by hand prints who wrote it, when, and its subject, in the language
of its user: `From:`, `Von:`, `보낸 사람:`. The labels below are those of Gmail, Outlook, Apple Mail,
Thunderbird, Yahoo, Samsung, Naver, Daum and Mail.ru.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import re2

if TYPE_CHECKING:
    from collections.abc import Sequence

# Written without white space, since some programs print `보낸 사람` and others `보낸사람`.
_LABELS: Final = {
    "from": "from von de da od nadawca van afzender remitente expéditeur mittente от отправитель откого"
    " kimden gönderen 差出人 送信者 보낸사람 보낸이 보내는사람 발신자 발신인 발신 发件人 寄件者"
    " fra från lähettäjä",
    "date": "date sent datum gesendet enviado enviadoel enviadoem enviada enviadaem fecha envoyé"
    " envoyéle data inviato wysłano wysłane verzonden дата отправлено tarih gönderildi gönderilmetarihi"
    " gönderimtarihi 日付 送信日時 日時 날짜 보낸날짜 보낸시간 보낸시각 발신일시 일시 发送时间 日期"
    " sendt skickat",
    "subject": "subject betreff asunto objet sujet temat assunto oggetto onderwerp тема konu 件名 제목"
    " 主题 主旨 emne ämne",
    "to": "to an para à a do aan кому kime alıcı 宛先 받는사람 받는이 수신자 수신인 수신 收件人 收件者"
    " til till",
    "other": "cc kopie copia copie dw kopia копия bilgi 참조 숨은참조 bcc reply-to antwortan répondreà"
    " responder responderà rispondia odpowiedzdo ответить 답장받는사람 返信先 importance priority wichtigkeit"
    " priorität importancia priorité 중요도 attachments anlagen 첨부 mailed-by signed-by",
}
_FIELDS: Final = {label: field for field, labels in _LABELS.items() for label in labels.split()}
_WHOLE: Final = frozenset({"from", "date", "subject", "to"})
_LONGEST_LABEL: Final = 30
_MOST_LINES: Final = 40
_MOST_GAP: Final = 2  # lines between two labels: an empty one, or the rest of a list of recipients
_MOST_QUOTED: Final = 20
_MARKS: Final = "*_ \t"  # bold type, as programs print it in plain text

_ADDRESS: Final = re2.compile(r"""[^\s<>()\[\]:;,"'*]+@[^\s<>()\[\]:;,"'*]+""")
# `12.05.2026, 07:22, "AliExpress" <transaction@...>:` and `On ..., AliExpress <...> wrote:`
_ATTRIBUTION: Final = re2.compile(r"^(.{0,200}?)<([^<>\s@]{1,100}@[^<>\s@]{1,200})>.{0,40}:$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A header in a text, and the text around it.

    Attributes:
        sender: the one address behind its label, lower case; None when there is none or several.
        named: what is printed behind that label.
        subject: of the mail inside; None when it is not printed.
        date: as printed; None when it is not.
        above: what stands in front of it.
        below: the mail inside, without the quotation marks that all of it carries.
    """

    sender: str | None
    named: str
    subject: str | None
    date: str | None
    above: str
    below: str


def find_heading(text: str) -> Heading | None:
    """The first header printed in a text: a sender, and a subject or a date."""
    lines = text.split("\n")
    for start, line in enumerate(lines):
        if ":" in line and _labelled(line):
            values, end = _gathered(lines, start)
            if "from" in values and values.keys() & {"subject", "date"}:
                return _heading(values, lines, start, end)
    return None


def find_attribution(text: str) -> Heading | None:
    """The first line such as `On 12 May 2026 at 13:22, AliExpress <address> wrote:`; it has no subject.

    A long one may be broken in two.
    """
    lines = text.split("\n")
    for start, line in enumerate(lines):
        if "@" not in line:
            continue
        for first in (start, start - 1):
            joined = " ".join(_unquoted(each, _MOST_QUOTED) for each in lines[max(first, 0) : start + 1])
            if found := _ATTRIBUTION.match(joined[:500]):
                values = {"from": found.group(2), "date": found.group(1)}
                return _heading(values, lines, max(first, 0), start + 1)
    return None


def _heading(values: dict[str, str], lines: Sequence[str], start: int, end: int) -> Heading:
    named = values["from"]
    return Heading(
        sender=_only_address(named),
        named=named,
        subject=values.get("subject") or None,
        date=values.get("date") or None,
        above="\n".join(lines[:start]),
        below=dequoted(lines[end:]),
    )


def _gathered(lines: Sequence[str], start: int) -> tuple[dict[str, str], int]:
    """The labelled values from a line on, and the index of the line behind the last of them."""
    values: dict[str, str] = {}
    at, last = start, ""
    while at < min(len(lines), start + _MOST_LINES):
        found = _labelled(lines[at])
        if found and (found[0] == "other" or found[0] not in values):
            last = found[0]
            values[last] = found[1]
        elif found or not _goes_on(lines, at, values):
            break
        elif last:
            values[last] = f"{values[last]} {_unquoted(lines[at], _MOST_QUOTED)}".strip()
        at += 1
    return values, at


def _goes_on(lines: Sequence[str], at: int, values: dict[str, str]) -> bool:
    """Whether a line without a label is inside a header: one that is missing yet comes soon."""
    if values.keys() >= _WHOLE:
        return False
    for line in lines[at + 1 : at + 1 + _MOST_GAP]:
        if found := _labelled(line):
            return found[0] not in values
    return False


def _labelled(line: str) -> tuple[str, str] | None:
    """The field and the value of a line `Label: value`; None for any other line."""
    label, colon, value = _unquoted(line[:2_000], _MOST_QUOTED).partition(":")
    if not colon or len(label) > _LONGEST_LABEL:
        return None
    field = _FIELDS.get("".join(label.strip(_MARKS).casefold().split()))
    return (field, value.strip(_MARKS)) if field else None


def _only_address(named: str) -> str | None:
    """The address of a sender; some programs print it twice, as a link to itself."""
    found = addresses_in(named[:1_000])
    return found.pop() if len(found) == 1 else None


def addresses_in(text: str) -> set[str]:
    """Every mail address in a text, ASCII letters in lower case."""
    return {address.encode("utf-8", "replace").lower().decode() for address in _ADDRESS.findall(text)}


# --- Quotation marks ------------------------------------------------------------------------------


def dequoted(lines: Sequence[str]) -> str:
    """Lines without the quotation marks that the first of them carries."""
    first = next((line for line in lines if line.strip("> ")), "")
    depth = _depth(first)
    return "\n".join(_unquoted(line, depth) for line in lines).strip("\n")


def is_quoted(line: str) -> bool:
    """Whether a line starts with a quotation mark."""
    return line.startswith(">")


def _depth(line: str) -> int:
    marks = line[: len(line) - len(line.lstrip("> "))]
    return min(marks.count(">"), _MOST_QUOTED)


def _unquoted(line: str, depth: int) -> str:
    """A line without so many quotation marks, and the spaces between them."""
    for _ in range(depth):
        if not line.startswith(">"):
            break
        line = line[1:].lstrip(" ")
    return line
