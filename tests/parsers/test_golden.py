"""Every sample mail beside its answer: `x.eml` is read as `x.json` says, to the last key.

The mails are made up after captured shapes; names, numbers and shops are invented. The answers were
written by hand. `--golden` writes them anew after a change that was meant: look at the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from refundparsers import read
from refundparsers.examples import POLICY, ZONE

MAILS = Path(__file__).parent.parent / "mails"
SAMPLES = sorted(MAILS.rglob("*.eml"))


def answer(mail: Path) -> dict[str, Any]:
    """What the parsers make of the mail, without the hash that says nothing to people."""
    said: dict[str, Any] = read(mail.read_bytes(), senders=POLICY, zone=ZONE).as_json()
    del said["mail"]["sha256"]
    return said


def named(mail: Path) -> str:
    return mail.relative_to(MAILS).with_suffix("").as_posix()


@pytest.mark.parametrize("mail", SAMPLES, ids=named)
def test_a_sample_is_read_as_its_answer_says(mail: Path, request: pytest.FixtureRequest) -> None:
    expected = mail.with_suffix(".json")
    if request.config.getoption("--golden", default=False):
        expected.write_text(json.dumps(answer(mail), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    assert answer(mail) == json.loads(expected.read_text(encoding="utf-8"))


def test_there_are_samples_and_no_answer_lacks_its_mail() -> None:
    answers = {path.with_suffix("") for path in MAILS.rglob("*.json")}

    assert SAMPLES
    assert answers - {path.with_suffix("") for path in SAMPLES} == set()


NEGATIVE = [mail for mail in SAMPLES if "negative" in mail.parts]


@pytest.mark.parametrize("mail", NEGATIVE, ids=named)
def test_what_is_no_notice_never_becomes_one(mail: Path) -> None:
    """Declines, bills, points, adverts and chat move no money, whatever their answers are rewritten to."""
    assert answer(mail)["outcome"] in {"ignored", "unread", "not-ours", "untrusted", "unparsable"}
    assert answer(mail)["notices"] == [] or answer(mail)["outcome"] == "untrusted"
