"""`refundd demo` as people run it: a process, its answer, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundtracker.calendars import calendar_of
from refundtracker.demo.days import COUNTRY, business_days_ago
from refundtracker.demo.mailbox import sample
from refundtracker.demo.server import Handover
from refundtracker.demo.stage import play
from refundtracker.tracking import state_on
from refundtracker.windows import window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Done = subprocess.CompletedProcess[str]

_REFUNDD: Final = (sys.executable, "-c", "from refundtracker.cli.refundd import main; main()")
_PATIENCE: Final = 60.0
# What of the caller would change the answer.
_LEFT_OUT: Final = ("XDG_", "LC_", "REFUNDS_", "COLUMNS")
_MARK: Final = "REFUNDS_TEST_MARK"
STATES: Final = {
    "8012345678901234": "paid",
    "8012345679112408": "waiting",
    "3041556677889900": "due",
    "8177001122334455": "overdue",
    "8101234509876543": "lost",
    "8055112233445566": "open",
    "8199887766551100": "closed",
}
# Around the long holidays of Korea, where days without banking come in rows, and at the ends of years.
DAYS: Final = (
    "2025-10-05",  # inside Chuseok, a Sunday
    "2025-10-10",  # the first bank day after it
    "2026-01-01",
    "2026-02-17",  # Seollal
    "2026-03-02",  # a substitute holiday
    "2026-09-27",  # the Sunday that ends Chuseok
    "2026-12-31",
    "2027-02-08",
)


@dataclass(frozen=True, slots=True)
class Home:
    """Where a demo runs: its own directories, and a mark that all its processes carry.

    Attributes:
        place: of everything below.
        environ: for the demo.
        mark: in the environment of the demo and of whatever it starts.
    """

    place: Path
    environ: Mapping[str, str]
    mark: str

    @property
    def temporary(self) -> Path:
        """The directory for temporary files."""
        return self.place / "tmp"

    def run(
        self, *arguments: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [*_REFUNDD, "demo", *arguments],
            capture_output=True,
            check=False,
            text=True,
            env={**self.environ, **(environ or {})},
            timeout=_PATIENCE,
        )

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, and leave it running."""
        return subprocess.Popen(
            [*_REFUNDD, "demo"], env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def living(self) -> dict[int, str]:
        """The processes of this demo that live: number and command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if f"{_MARK}={self.mark}".encode() in (entry / "environ").read_bytes():
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue  # it ended meanwhile, or is somebody else's
        return found

    def servers(self) -> list[int]:
        """The sample servers of this demo that live."""
        return [number for number, command in self.living().items() if "demo.server" in command]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    mark = uuid4().hex
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir()
    environ = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("XDG_", "LC_", "REFUNDS_", "COLUMNS"))
    }
    environ |= {
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "LANG": "C.UTF-8",
        _MARK: mark,
    }
    return Home(tmp_path, environ, mark)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds before patience ends."""
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def states(answer: str) -> dict[str, str]:
    """State by order in the JSON answer."""
    return {each["order"]: each["state"] for each in json.loads(answer)}


# --- the answer -------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [None, *DAYS], ids=str)
def test_every_state_is_there_on_every_day(home: Home, day: str | None) -> None:
    done = home.run("--json", *(["--as-of", day] if day else []))

    assert done.returncode == 0, done.stderr
    assert states(done.stdout) == STATES


def test_nothing_is_left_behind_but_the_summary(home: Home) -> None:
    done = home.run()

    assert done.returncode == 0, done.stderr
    assert home.living() == {}
    left = list(home.temporary.iterdir())
    assert [path.suffix for path in left] == [".html"]
    assert str(left[0]) in done.stdout


def test_the_paid_one_tells_its_whole_story(home: Home) -> None:
    """One part of eighteen is missing; on business day five the card's text names the promised sum."""
    done = home.run("--json", "--as-of", "2026-05-29")

    paid: dict[str, Any] = next(each for each in json.loads(done.stdout) if each["state"] == "paid")
    assert (paid["opened_on"], paid["finished_on"]) == ("2026-05-13", "2026-05-15")
    assert paid["promised"] == {"amount": "7000", "currency": "KRW"}
    assert [{**each, "why": ""} for each in paid["received"]] == [
        {
            "amount": "7000",
            "currency": "KRW",
            "on": "2026-05-22",
            "issuer": "kr.shinhan",
            "card": "1234",
            "link": "auto",
            "why": "",
        }
    ]
    assert paid["missing"] == {"amount": "0", "currency": "KRW"}


@pytest.mark.parametrize(("lang", "words"), [("en", "Money still owed"), ("ko", "아직 받을 돈")])
def test_people_read_it_in_their_language(home: Home, lang: str, words: str) -> None:
    done = home.run("--lang", lang)

    page = next(home.temporary.glob("*.html")).read_text("utf-8")
    assert done.stdout.startswith(words)
    assert f'lang="{lang}"' in page
    assert "Good news about your after-sales case" in done.stdout
    assert "8177001122334455" in done.stdout
    assert "8177001122334455" in page


def test_the_language_of_the_terminal_is_taken(home: Home) -> None:
    done = home.run(environ={"LANG": "ko_KR.UTF-8"})

    assert done.stdout.startswith("아직 받을 돈")


def test_the_own_configuration_and_database_are_not_looked_at(home: Home) -> None:
    """A configuration that cannot be read does no harm, and nothing is written beside it."""
    broken = home.place / "home" / "config.toml"
    broken.write_text("[[[", "utf-8")
    done = home.run("--json", "--db", str(broken), environ={"REFUNDS_CONFIG": str(broken)})

    assert states(done.stdout) == STATES
    assert "--db" in done.stderr
    assert [path.name for path in (home.place / "home").rglob("*")] == ["config.toml"]
    assert broken.read_text("utf-8") == "[[["


# --- the end ------------------------------------------------------------------------------------


def test_a_killed_demo_leaves_no_server(home: Home) -> None:
    with home.start() as demo:
        assert eventually(lambda: len(home.servers()) == 1)
        demo.kill()

    assert eventually(lambda: home.living() == {})


def test_a_demo_killed_in_the_middle_of_its_work_leaves_no_server(home: Home) -> None:
    with home.start() as demo:
        assert eventually(lambda: any(home.temporary.glob("*/refunds.db")))
        demo.kill()

    assert eventually(lambda: home.living() == {})


def test_a_demo_that_is_asked_to_end_cleans_up(home: Home) -> None:
    with home.start() as demo:
        assert eventually(lambda: len(home.servers()) == 1)
        demo.terminate()

    assert demo.returncode == 128 + signal.SIGTERM
    assert home.living() == {}
    assert list(home.temporary.iterdir()) == []


def test_a_server_without_mails_ends_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "refundtracker.demo.server"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=_PATIENCE,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


# --- what it refuses -------------------------------------------------------------------------------


def test_a_missing_pymap_is_told_with_its_cure(home: Home) -> None:
    without = "import sys; sys.modules['pymap'] = None; from refundtracker.cli.refundd import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", without, "demo"],
        capture_output=True,
        check=False,
        text=True,
        env=home.environ,
        timeout=_PATIENCE,
    )

    assert done.returncode == 2
    assert done.stderr.endswith('the demo needs pymap; install it with: pip install "refundtracker[demo]"\n')
    assert list(home.temporary.iterdir()) == []


@pytest.mark.parametrize("day", ["1999-12-31", "2100-01-01"])
def test_a_day_beyond_the_calendars_is_refused(home: Home, day: str) -> None:
    done = home.run("--as-of", day)

    assert done.returncode == 2
    assert day in done.stderr


# --- the sample -----------------------------------------------------------------------------------

days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@settings(deadline=None)
@given(days, st.integers(0, 40))
def test_business_days_are_counted_back_as_the_daemon_counts_them(today: date, number: int) -> None:
    found = business_days_ago(today, number)

    assert calendar_of(COUNTRY).count(found, today) == number
    assert calendar_of(COUNTRY).is_business_day(found)


@settings(deadline=None)
@given(days)
def test_promises_have_the_age_they_are_named_for(today: date) -> None:
    waiting, due, overdue = (
        window(business_days_ago(today, number), country=COUNTRY) for number in (3, 8, 14)
    )

    assert today <= waiting.due_on
    assert due.due_on < today <= due.overdue_on
    assert overdue.overdue_on < today <= overdue.escalate_on


@settings(max_examples=20, deadline=None)
@given(days)
def test_the_sample_is_the_same_every_time_and_never_from_tomorrow(today: date) -> None:
    mails = sample(today)

    assert sample(today) == mails
    assert max(mail.arrived.date() for mail in mails) < today
    assert min(mail.arrived.date() for mail in mails) > today - timedelta(days=150)
    assert [mail.arrived for mail in mails] == sorted(mail.arrived for mail in mails)


def test_the_sample_is_real_mail() -> None:
    """Several encodings and shapes; every mail has its own Message-ID and is ASCII on the wire."""
    mails = sample(date(2026, 5, 29))
    messages = [message_from_bytes(mail.raw, policy=policy.default) for mail in mails]

    assert {message.get_content_type() for message in messages} == {
        "multipart/alternative",
        "text/html",
        "text/plain",
    }
    parts = [part for message in messages for part in message.walk() if not part.is_multipart()]
    assert {part["Content-Transfer-Encoding"] for part in parts} == {"base64", "quoted-printable"}
    assert {part.get_content_charset() for part in parts} == {"utf-8", "euc-kr"}
    assert len({message["Message-ID"] for message in messages}) == len(messages)
    assert all(mail.raw.isascii() for mail in mails)
    assert [message.defects for message in messages if message.defects] == []
    assert [message["Date"].datetime for message in messages] == [mail.arrived for mail in mails]


def test_every_mail_comes_to_what_it_was_written_for() -> None:
    """The forgery and the unknown wording are told; look-alikes, adverts and strangers count for nothing."""
    today = date(2026, 5, 29)
    outcome = play(sample(today), today, "en")

    assert {each.order: state_on(each, today) for each in outcome.disputes} == STATES
    assert [(mail.outcome, mail.subject) for mail in outcome.doubtful] == [
        ("unread", "Good news about your after-sales case"),
        ("untrusted", "Dispute Finished"),
    ]
    assert outcome.counts["not-ours"] == 2


def test_what_is_handed_to_the_server_arrives_as_it_is() -> None:
    handover = Handover("me@demo.invalid", "secret", tuple(sample(date(2026, 5, 29))))

    assert Handover.parse(handover.line()) == handover
