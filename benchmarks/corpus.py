"""The mails that the benchmarks read; the same ones in every run and on every machine."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from refundparsers.senders import SenderPolicy
from rigs.layouts import KINDS, LANGUAGES, Layout
from rigs.negatives import card_texts, other_mails
from rigs.sample import AUTHSERV, ME, TRANSACTION, card_text

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICY: Final = SenderPolicy(allowed=frozenset({ME}), authserv=(AUTHSERV,))
ZONE: Final = ZoneInfo("Asia/Seoul")
_MAILS: Final = Path(__file__).parent.parent / "tests" / "mails"
_SENDER: Final = re.compile(rb"(?m)^From: .*")
_SUBJECT: Final = re.compile(rb"(?m)^Subject: .*(?:\r\n[ \t].*)*")


def golden() -> list[bytes]:
    """The sample mails of the tests."""
    return [path.read_bytes() for path in sorted(_MAILS.rglob("*.eml"))]


def notices(count: int = 350) -> list[bytes]:
    """Dispute mails of AliExpress in HTML, some 30 kB each, that no form reads."""
    return list(islice(_layout_mails(), count))


def read_notices(count: int = 100) -> list[bytes]:
    """The same in English, under a subject that a form takes."""
    layouts = [Layout("en", len(KINDS) * seed) for seed in range(count)]
    mails = (layout.mail(layout.values(1)) for layout in layouts)
    return [_SUBJECT.sub(b"Subject: Dispute Finished", mail, count=1) for mail in mails]


def card_cancellations(count: int = 200) -> list[bytes]:
    """Texts of a card company that a form reads, as a phone forwards them."""
    texts = (
        f"[Web발신]\n신한카드({number:04d})취소\n홍*동\n{number + 1:,}원(일시불)\n05/19 10:01\nAliExpress"
        for number in range(count)
    )
    return [card_text(text, "2026-05-19 01:02") for text in texts]


def other_texts(count: int = 550) -> list[bytes]:
    """Texts of banks that are no cancellation."""
    return [each.raw for each in card_texts(count)]


def mailbox() -> list[bytes]:
    """A mailbox as it is: of 500 mails 300 are of strangers, 100 long adverts, and 40 of ours."""
    made = list(other_mails(1_000))
    strangers = [each.raw for each in made if each.kind.startswith(("stranger/", "look-alike/"))]
    rest = [each.raw for each in made if each.kind.startswith(("forged/", "proven/", "allowed/"))]
    long = notices(115)
    adverts = [_SENDER.sub(b"From: AliExpress <promotion@deals.aliexpress.com>", mail, 1) for mail in long]
    ours = [*long[100:], *read_notices(10), *card_cancellations(10), *other_texts(5)]
    return [*strangers[:300], *adverts[:100], *rest[::10], *ours]


def _layout_mails() -> Iterator[bytes]:
    for seed in range(1000):
        for language in LANGUAGES:
            layout = Layout(language, seed % (4 * len(KINDS)))
            yield layout.mail(layout.values(seed))


_HEAD: Final = (
    f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=notice.aliexpress.com\r\n"
    "From: {sender}\r\nTo: me@example.net\r\nSubject: {subject}\r\nDate: Tue, 19 May 2026 01:02:00 +0000\r\n"
    "Message-ID: <1@example.net>\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n"
)
#: Bodies of a megabyte that ask the most of patterns: pieces of notices, over and over.
PIECES: Final = {
    "취소 ": "취소 ",
    "1,": "1,",
    "digits": "8012345678901234",
    "amounts": "USD 1,234.56 ",
    "won, lines": "환불 1,000원\n",
    "card heads": "[Web발신]\n신한카드(1234)취소 홍*동 ",
    "card texts": "신한카드(1234)취소 홍*동 7,000원(일시불)05/19 10:01 AliExpress\n",
    "labels": "Refund amount: x\n",
    "label words": "refund order item seller ",
    "orders": "Order number: 8012345678901234\n",
    "spaces": " \u00a0",
    "brackets": "[(",
    "dates": "05/19 10:01 ",
    "holders": "홍*동님 ",
    "stars": "*",
    "letters": "a",
    "tags": "<b>",
    "cells": "<tr><td>취소</td><td>7,000원</td></tr>",
}


def heavy(piece: str, size: int, *, from_card: bool) -> bytes:
    """A mail whose body is one piece over and over."""
    data = piece.encode()
    kind = "html" if piece.startswith("<") else "plain"
    sender, subject = (ME, "15447200") if from_card else (TRANSACTION, "Dispute Finished")
    return _HEAD.format(sender=sender, subject=subject, kind=kind).encode() + data * (size // len(data))
