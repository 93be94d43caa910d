"""The questions of `refunds teach`: the mail is shown, its sums, days and numbers are offered by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

import click

from refundparsers.notices import Kind
from refundtracker.formats import write_line, write_note
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refundtracker.ingest import Reader
    from refundtracker.words import Lang

_LETTER_FIELDS: Final = ("order", "amount", "on", "act_by", "dispute", "item", "seller")
_TEXT_FIELDS: Final = ("amount", "on", "card", "merchant", "issuer")
_WITH_RESULT: Final = ("dispute-finished", "proposal", "seller-responded")
# Kinds of AliExpress that promise no money; asking for a sum would only mislead.
_WITHOUT_SUM: Final = (
    "order-shipped", "order-delivered", "order-closing", "order-closed", "dispute-opened",
    "dispute-escalated", "dispute-withdrawn", "evidence-requested", "seller-message",
)  # fmt: skip
_WITH_DEADLINE: Final = (
    "proposal",
    "evidence-requested",
    "return-requested",
    "order-closing",
    "seller-responded",
)
_OFFERED_FOR: Final = {
    "order": "number",
    "dispute": "number",
    "amount": "money",
    "on": "day",
    "act_by": "day",
}
_MOST_LINES: Final = 60


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of a mail.

    Attributes:
        kind: None when such mails do not matter.
        values: by the keys of the JSON contract.
    """

    kind: str | None
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A value that was found in the mail: its sort (`number`, `money`, `day`) and its text."""

    sort: str
    text: str


def asked(raw: bytes, by: Reader, kind: str | None, values: Mapping[str, str], lang: Lang) -> Said:
    """Show a mail and ask what it says; what is known already is not asked.

    Raises:
        BadInput: the mail cannot be decoded, or nobody we follow sent it.
    """
    choices, is_letter = _shown(raw, by, lang)
    chosen = kind or _kind(lang)
    if chosen is None:
        return Said(None, {})
    write_note(say(lang, "teach.how"))
    said = dict(values)
    for field in _fields(chosen, is_letter=is_letter):
        if field not in said:
            said |= _value(field, choices, lang)
    return Said(chosen, said)


def _shown(raw: bytes, by: Reader, lang: Lang) -> tuple[Sequence[_Choice], bool]:
    from refundparsers.marking import offered
    from refundparsers.teaching import page_of
    from refundtracker.lessons import sample_of

    sample = sample_of(raw, by)
    page = page_of(sample.message, by.library.labels)
    write_line(one_line(page.subject, 200))
    for line in page.text.splitlines()[:_MOST_LINES]:
        write_line(f"  {one_line(line, 160)}")
    found = offered(page, sample.mailed_on)
    choices = [_Choice(sort, text) for sort in ("number", "money", "day") for text in found[sort][:9]]
    if choices:
        write_line()
        write_line(say(lang, "teach.candidates"))
    for number, choice in enumerate(choices, start=1):
        write_line(f"  {number:2}  {one_line(choice.text, 60)}")
    write_line()
    return choices, sample.source == "aliexpress"


def _kind(lang: Lang) -> str | None:
    kinds = get_args(Kind)
    wide = max(map(len, kinds))
    write_line(say(lang, "teach.kinds"))
    for number, kind in enumerate(kinds, start=1):
        write_line(f"  {number:2}  {kind:<{wide}}  {say(lang, f'event.{kind}')}")
    write_line(f"   0  {say(lang, 'teach.nothing')}")
    while True:
        answer = str(click.prompt(say(lang, "teach.ask-kind"), err=True)).strip()
        if answer == "0":
            return None
        if answer in kinds:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(kinds):
            return str(kinds[int(answer) - 1])
        write_note(say(lang, "teach.no-kind", answer=one_line(answer, 40)))


def _fields(kind: str, *, is_letter: bool) -> list[str]:
    if not is_letter:
        return list(_TEXT_FIELDS)
    fields = [field for field in _LETTER_FIELDS if field != "amount" or kind not in _WITHOUT_SUM]
    fields = [field for field in fields if field != "act_by" or kind in _WITH_DEADLINE]
    return [*fields, *(["result"] if kind in _WITH_RESULT else [])]


def _value(field: str, choices: Sequence[_Choice], lang: Lang) -> dict[str, str]:
    """The answer as JSON values; the first number is the order's unless something else is said."""
    fitting = [number for number, each in enumerate(choices, 1) if each.sort == _OFFERED_FOR.get(field)]
    default = str(fitting[0]) if field == "order" and fitting else ""
    hint = f" [{' '.join(map(str, fitting))}]" if fitting and not default else ""
    while True:
        answer = str(
            click.prompt(
                f"{say(lang, f'teach.{field}')}{hint}", default=default, show_default=bool(default), err=True
            )
        ).strip()
        if not answer:
            return {}
        if answer.isdecimal() and 1 <= int(answer) <= len(choices) and len(answer) <= 2:
            answer = choices[int(answer) - 1].text
        values = _amount(answer) if field == "amount" else {field: answer}
        if values:
            return values
        write_note(say(lang, "teach.no-amount", answer=one_line(answer, 40)))


def _amount(answer: str) -> dict[str, str] | None:
    from refundparsers.money import parse_money

    money = parse_money(answer)
    return {"amount": money.amount, "currency": money.currency} if money else None
