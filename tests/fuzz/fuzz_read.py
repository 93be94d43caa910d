"""Coverage-guided fuzzing of `read`: no bytes may stop it, and what it says must hold together.

    python tests/fuzz/fuzz_read.py DIRECTORY [libFuzzer options, such as -max_total_time=60]
    python tests/fuzz/fuzz_read.py CRASH_FILE

The directory keeps what turns out to be interesting. It starts with the sample mails, their transfer
encodings taken off, so that a changed byte is a changed letter.
"""

from __future__ import annotations

import json
import random
import sys
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import atheris

with atheris.instrument_imports(include=["refundparsers"]):
    from refundparsers import read
    from refundparsers.senders import SenderPolicy

from rigs import sample

_MAILS: Final = Path(__file__).parent.parent / "mails"
_POLICY: Final = SenderPolicy(allowed=frozenset({sample.ME}), authserv=(sample.AUTHSERV,))
_SEOUL: Final = ZoneInfo("Asia/Seoul")
_OUTCOMES: Final = frozenset(("notice", "ignored", "not-ours", "unread", "untrusted", "unparsable"))
_NEED_MONEY: Final = frozenset("card-charged card-cancelled refund-announced authorisation-expired".split())
# Pieces that chance alone would need long for.
_PIECES: Final = tuple(
    piece.encode()
    for piece in (
        "취소", "승인취소", "해외취소", "환불", "거절", "7,000원", "-12.34", "USD ", "US $5.20", "1.234,56 €",
        "누적9원", "05/19 10:01", "2026-05-19", "[Web발신]\n", "신한카드(1234)", "현대카드 ",
        "KB국민카드1*2*",
        "AliExpress", "8012345678901234", "Order number: ", "Refund amount: ", "분쟁 종료",
        "환불 금액: ", "\nSubject: ", "\nFrom: transaction@notice.aliexpress.com\n", "; charset=euc-kr",
        "\nContent-Type: text/html\n", "\nContent-Type: multipart/mixed; boundary=b\n\n--b\n", "\n--b\n",
        "\nContent-Transfer-Encoding: base64\n", "\nContent-Type: message/rfc822\n\n", "=?utf-8?B?", "<br>",
        "<table><tr><td>", "&#8204;", "<span style=display:none>", "?orderId=8012345678901234", "SubId：1",
        "Dispute Finished", "{", "|", "\\", "\x00", "\u200c",
    )
)  # fmt: skip


def one(data: bytes) -> None:
    """Read one mail and check what must hold for every reading."""
    found = read(data, senders=_POLICY, zone=_SEOUL)
    said = json.dumps(found.as_json(), ensure_ascii=False)
    said.encode()
    assert found.outcome in _OUTCOMES, said
    assert (found.outcome == "notice") <= bool(found.notices), said
    assert (found.outcome == "notice") <= (found.trust in {"verified", "allowed"}), said
    assert (found.reason is None) == (found.outcome == "notice"), said
    for notice in found.notices:
        assert notice.money is None or notice.money.minor > 0, said
        assert notice.money is not None or notice.kind not in _NEED_MONEY, said


def mutated(data: bytes, most: int, seed: int) -> bytes:
    """Every third time put in a piece of a notice, else leave it to libFuzzer."""
    chance = random.Random(seed)
    if chance.random() > 0.3:
        return bytes(atheris.Mutate(data, most))
    at = chance.randint(0, len(data))
    end = at + chance.choice((0, 0, 1, 8, 40))
    return (data[:at] + chance.choice(_PIECES) + data[end:])[:most]


def seeds() -> list[bytes]:
    """Mails to start from, readable."""
    mails = [path.read_bytes() for path in sorted(_MAILS.rglob("*.eml"))]
    return [_opened(raw) for raw in (*mails, *sample.STORY, *sample.OTHERS)]


def _opened(raw: bytes) -> bytes:
    """The mail with its text as 8-bit; kept as it is when it has several parts."""
    mail = message_from_bytes(raw, policy=SMTP)
    if mail.is_multipart():
        return raw
    text = mail.get_payload(decode=True)
    del mail["Content-Transfer-Encoding"]
    head = b"".join(f"{name}: {value}\r\n".encode() for name, value in mail.items())
    return head + b"\r\n" + (text if isinstance(text, bytes) else b"")


def main() -> None:
    """Fuzz until told to stop, or read one file again."""
    place = Path(sys.argv[1])
    if not place.is_file():
        place.mkdir(parents=True, exist_ok=True)
        for number, raw in enumerate(seeds()):
            (place / f"sample-{number:04d}").write_bytes(raw)
    atheris.Setup([sys.argv[0], "-max_len=20000", "-timeout=20", *sys.argv[1:]], one, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
