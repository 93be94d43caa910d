"""What a waiting service does without."""

from __future__ import annotations

import subprocess
import sys

from refundparsers import patterns, read
from refundparsers.senders import SenderPolicy
from refundtracker.imap import idle
from refundtracker.thrift import give_back
from rigs import sample

_ONE_COUNTRY = """
import sys
from datetime import date
from refundtracker.windows import window
print(window(date(2026, 5, 12), country="KR").due_on)
print(sorted(name for name in sys.modules if name.startswith("holidays.countries")))
"""


def test_of_the_holiday_tables_only_the_one_that_counts_is_loaded() -> None:
    """The package would load two hundred of them."""
    done = subprocess.run(
        [sys.executable, "-c", _ONE_COUNTRY],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )

    assert done.stdout.splitlines() == ["2026-05-21", "[]"]


def test_what_was_compiled_is_dropped_and_made_again() -> None:
    policy = SenderPolicy(authserv=(sample.AUTHSERV,))
    before = read(sample.FINISHED, senders=policy)
    assert patterns._compiled.cache_info().currsize > 0
    give_back()

    assert patterns._compiled.cache_info().currsize == 0
    assert read(sample.FINISHED, senders=policy) == before


def test_a_machine_that_is_awake_has_not_slept() -> None:
    """Both clocks are compared with the start of the process, however often the machine slept before."""
    assert abs(idle.asleep()) < idle._NAP
