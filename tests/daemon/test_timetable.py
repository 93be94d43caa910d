"""The tick and the jobs: clocks that jump, jobs that hang, a configuration that changes."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import schedule

from refundtracker.config import Account, Config, Smtp
from refundtracker.errors import Unreachable
from refundtracker.jobs.errand import Errand
from refundtracker.jobs.timetable import Job, Timetable
from refundtracker.service import forgive_jumps
from refundtracker.watching import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 5, 18, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@contextmanager
def local_zone(name: str) -> Iterator[None]:
    """The zone of this process, which is what the naive local clock shows."""
    former = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if former is not None:
            os.environ["TZ"] = former
        time.tzset()


def test_the_hour_that_summer_time_gives_back_stops_no_job() -> None:
    """The local clock goes back by an hour; without help `schedule` would be silent for as long."""
    tick = schedule.Scheduler()
    ran: list[int] = []
    with local_zone("UTC-2"):
        tick.every(1).seconds.do(ran.append, 1)
        tick.every(20).seconds.do(ran.append, 20)
    with local_zone("UTC-1"):
        tick.run_pending()
        silent = list(ran)
        forgive_jumps(tick)
        tick.run_pending()

    assert (silent, ran) == ([], [1, 20])


@pytest.mark.parametrize(
    ("passed", "due"),
    [
        (timedelta(0), False),
        (5 * MINUTE - timedelta(seconds=1), False),
        (5 * MINUTE, True),
        (timedelta(days=9), True),  # it slept
        (-timedelta(seconds=1), True),  # it was set back
    ],
)
def test_a_job_is_due_by_the_clock_on_the_wall(tmp_path: Path, passed: timedelta, *, due: bool) -> None:
    job = Job(Errand(setting(tmp_path)), 5 * MINUTE, NOW)

    assert job.is_due(NOW + passed) == due


def setting(tmp_path: Path, port: int = 1) -> Setting:
    account = Account(name="home", host="mail.shop.test", user="me")
    smtp = Smtp(host="localhost", port=port, tls="none", sender="me@shop.test")
    return Setting(
        Config(accounts=(account,), smtp=smtp), tmp_path / "refunds.db", None, {}, "en", lambda: NOW
    )


class Failing(Errand):
    """An errand that fails, at moments that the test chooses."""

    now = NOW
    looks = 0

    def work(self) -> None:
        self.looks += 1
        raise Unreachable("nobody there")


@pytest.mark.parametrize("jump", [timedelta(hours=9), -timedelta(hours=9)])
def test_a_pause_ends_when_the_clock_jumps(tmp_path: Path, jump: timedelta) -> None:
    clock = [NOW]
    errand = Failing(Setting(Config(), tmp_path / "refunds.db", None, {}, "en", lambda: clock[0]))
    for now in (NOW, NOW + timedelta(seconds=59), NOW + jump):
        clock[0] = now
        errand.look()
        errand.settle(30)

    assert errand.looks == 2


class Hanging(Errand):
    """An errand that waits for a word."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.word = threading.Event()

    def work(self) -> None:
        self.word.wait(60)


def test_a_job_that_hangs_starves_no_other(tmp_path: Path) -> None:
    timetable = Timetable(setting(tmp_path))
    stuck = Hanging(timetable.setting)
    timetable._postman.errand = stuck
    timetable.turn()
    others = [job.errand for job in timetable.jobs if job.errand is not stuck]
    for errand in others:
        errand.settle(60)
    busy = [stuck.busy(), *(errand.busy() for errand in others)]
    stuck.word.set()
    timetable.settle(60)

    assert busy == [True, False, False, False]
    assert (tmp_path / "refunds.db").exists()


def test_another_configuration_keeps_the_couriers_it_has(tmp_path: Path) -> None:
    """Two at once for one channel could both send the same message."""
    timetable = Timetable(setting(tmp_path))
    before = [job.errand for job in timetable.jobs]
    timetable.take(setting(tmp_path, port=2))

    assert [job.errand for job in timetable.jobs] == before
    assert {errand.setting.config.smtp for errand in before} == {timetable.setting.config.smtp}
