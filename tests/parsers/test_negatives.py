"""Nothing but a cancellation cancels, nothing but a refund refunds, and no mail stops the reader.

`benchmarks/negatives.py` runs the same generators by the ten thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pytest

from refundparsers import read
from refundparsers.forms import shipped
from refundparsers.senders import SenderPolicy
from rigs.negatives import MOVES_MONEY, Negative, card_texts, other_mails
from rigs.posting import forwarded
from rigs.sample import AUTHSERV, ME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refundparsers.forms import Example
    from refundparsers.notices import Reading

POLICY: Final = SenderPolicy(allowed=frozenset({ME}), authserv=(AUTHSERV,))
SEOUL: Final = ZoneInfo("Asia/Seoul")


def reading(raw: bytes) -> Reading:
    return read(raw, senders=POLICY, zone=SEOUL)


def moving(found: Reading) -> list[str]:
    """The forms that read money out of a mail."""
    return [
        notice.form for notice in found.notices if found.outcome == "notice" and notice.kind in MOVES_MONEY
    ]


def false_notices(negatives: Iterable[Negative]) -> list[tuple[str, str, list[str]]]:
    read_by = ((each, moving(reading(each.raw))) for each in negatives)
    return [(each.kind, each.text, forms) for each, forms in read_by if forms]


@pytest.mark.parametrize("seed", range(2))
def test_no_other_text_of_a_bank_is_a_cancellation(seed: int) -> None:
    assert false_notices(card_texts(330, seed)) == []


@pytest.mark.parametrize("seed", range(2))
def test_no_other_mail_is_a_refund(seed: int) -> None:
    assert false_notices(other_mails(170, seed)) == []


def test_only_proven_senders_speak() -> None:
    """Strangers and look-alikes are not ours, and what is forged never becomes a notice."""
    outcomes: dict[str, set[str]] = {}
    for each in other_mails(340, seed=9):
        outcomes.setdefault(each.kind.partition("/")[0], set()).add(reading(each.raw).outcome)

    assert outcomes["stranger"] <= {"not-ours", "unparsable"}
    assert outcomes["look-alike"] <= {"not-ours", "unparsable"}
    assert outcomes["forged"] <= {"unread", "untrusted", "ignored", "unparsable"}


CANCELLATIONS: Final = [
    pytest.param(example, id=f"{form.name}-{number}")
    for form in shipped().of(("card", "bank"))
    if form.kind == "card-cancelled"
    for number, example in enumerate(form.examples, start=1)
    if "취소" in (example.text or "")
]


@pytest.mark.parametrize("example", CANCELLATIONS)
@pytest.mark.parametrize("word", ["거절", "불가", " 예정", "되지 않았습니다"])
def test_a_cancellation_that_is_refused_or_still_to_come_is_none(example: Example, word: str) -> None:
    before, verb, behind = (example.text or "").rpartition("취소")
    found = reading(forwarded(f"{before}{verb}{word}{behind}", example.mailed))

    assert moving(found) == []
