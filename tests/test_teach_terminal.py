"""`refunds teach` as a person uses it: on a terminal, by questions."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from typing import TYPE_CHECKING, Final

import pytest

from rigs import sample
from rigs.commands import Home

if TYPE_CHECKING:
    from pathlib import Path

READING: Final = ("--allow", sample.ME, "--authserv", sample.AUTHSERV)
TEXT: Final = (
    "Hallo Kim,\nIhr Streitfall wurde beendet und das Geld ist unterwegs.\nArtikel: ESP32 \x1b[31mBoard\n"
    "Auszahlung an Sie\nUS $5.20\nDas könnte Ihnen gefallen\nUSB-Kabel US $1.20"
)
_PATIENCE: Final = 60.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    user = Home(tmp_path)
    user.write_config()
    raw = sample.aliexpress("Neuigkeiten zum Streitfall 8012345678901234", TEXT, "2026-05-12 04:22")
    (tmp_path / "a.eml").write_bytes(raw)
    return user


def typed(home: Home, *words: str, answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Run on a terminal of its own; each answer is typed once its question is shown."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        home.argv("refunds", *words),
        env={**home.environment(), "TERM": "dumb"},
        cwd=home.place,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        seen = _dialogue(ours, answers)
        return running.wait(timeout=_PATIENCE), seen
    finally:
        os.close(ours)
        if running.poll() is None:
            running.kill()
            running.wait()


def _dialogue(terminal: int, answers: list[tuple[str, str]]) -> str:
    seen, shown, end = "", 0, time.monotonic() + _PATIENCE
    waiting = list(answers)
    while time.monotonic() < end:
        if waiting and waiting[0][0] in seen[shown:]:
            shown = len(seen)
            os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux tells the end of a terminal so
            return seen
        seen += piece.decode("utf-8", "replace")
    raise AssertionError(f"nothing more was said after: {seen[-2000:]}")


QUESTIONS: Final = [
    ("What does it say?", "dispute-finished"),
    ("Order number", ""),
    ("Amount", "2"),
    ("Day of it", ""),
    ("Dispute number", ""),
    ("What was bought", ""),
    ("Seller", ""),
    ("Result", "refund"),
]


def test_a_person_answers_by_numbers(home: Home) -> None:
    answers = [*QUESTIONS, ("Keep this form?", "y")]
    status, seen = typed(home, "teach", "a.eml", "--name", "own.fertig", *READING, answers=answers)

    assert status == 0, seen
    assert "\x1b[31m" not in seen
    kept = (home.place / "forms" / "own.fertig.toml").read_text()
    assert 'kind = "dispute-finished"' in kept
    assert "8012345678901234" not in kept
    notice = home.run("refunds", "read", "a.eml", "--json", *READING).json["notices"][0]
    assert (notice["order"], notice["amount"], notice["result"]) == ("8012345678901234", "5.20", "refund")


def test_a_person_may_say_no(home: Home) -> None:
    answers = [*QUESTIONS, ("Keep this form?", "n")]
    status, seen = typed(home, "teach", "a.eml", *READING, answers=answers)

    assert (status, "not kept" in seen) == (0, True), seen
    assert not (home.place / "forms").exists()


def test_a_wrong_answer_is_told_and_asked_again(home: Home) -> None:
    wrong = [
        (question, {"What was bought": "Drone", "What does it say?": "99"}.get(question, answer))
        for question, answer in QUESTIONS
    ]
    wrong.insert(1, ("What does it say?", "dispute-finished"))
    status, seen = typed(
        home, "teach", "a.eml", "--dry-run", *READING, answers=[*wrong, ("Answer the questions again?", "n")]
    )

    assert status == 65, seen
    assert "99 is none of these" in seen
    assert "item=Drone does not stand in the mail" in seen


def test_what_does_not_matter(home: Home) -> None:
    answers = [("What does it say?", "0"), ("Keep this form?", "y")]
    status, seen = typed(home, "teach", "a.eml", "--name", "own.nichts", *READING, answers=answers)

    assert status == 0, seen
    assert "ignore" in (home.place / "forms" / "own.nichts.toml").read_text()
