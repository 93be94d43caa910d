"""What the service does by the clock besides reading mail; driven by the clock of its setting.

Nothing here is a promise of the process: what is due is asked of the database each time, so that a
restart, a suspended machine or a clock that jumps neither loses a turn nor doubles one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.alarms.bell import Bell, Courier
from refundtracker.alarms.channels import channels
from refundtracker.jobs.housekeeper import Housekeeper
from refundtracker.jobs.postman import Postman

if TYPE_CHECKING:
    from refundtracker.jobs.errand import Errand
    from refundtracker.watching import Setting

SUMMARY_EVERY: Final = timedelta(minutes=1)
ALARMS_EVERY: Final = timedelta(minutes=5)
# How long the channels wait for a look that does not end; then they tell what they know.
BOOK_LATE: Final = timedelta(minutes=2)
HOUSEKEEPING_EVERY: Final = timedelta(hours=1)


@dataclass(slots=True)
class Job:
    """One errand and how often it is asked to look.

    Attributes:
        errand: what is asked.
        every: the time between two looks, by the clock on the wall.
        asked_at: the last look; None before the first.
    """

    errand: Errand
    every: timedelta
    asked_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """At once after a clock that was set back; once after one that jumped ahead."""
        if self.asked_at is None:
            return True
        return not timedelta(0) <= now - self.asked_at < self.every


class Timetable:
    """All jobs of a service; each has a thread of its own, so that none can starve another.

    Attributes:
        setting: what they work with; exchanged by `take`.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._postman = Job(Postman(setting), SUMMARY_EVERY)
        self._bell = Bell(setting)
        self._alarms = Job(self._bell, ALARMS_EVERY)
        self._house = Job(Housekeeper(setting), HOUSEKEEPING_EVERY)
        self._couriers: dict[str, Job] = {}
        self._hire()

    def _hire(self) -> None:
        """One courier a channel; one that is at work already stays the same."""
        setting = self.setting
        ways = channels(setting.config, setting.environ, setting.database.parent, setting.lang)
        former, self._couriers = self._couriers, {}
        for way in ways:
            job = former.get(way.name) or Job(Courier(setting, way), SUMMARY_EVERY)
            if isinstance(job.errand, Courier):
                job.errand.channel = way
            self._couriers[way.name] = job
        self._bell.channels = tuple(self._couriers)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All of them; first what finds out, then what tells."""
        return (self._postman, self._alarms, *self._couriers.values(), self._house)

    def turn(self) -> None:
        """Ask everyone who is due to look; returns at once."""
        now = self.setting.clock()
        for job in (self._postman, self._alarms, self._house):
            self._ask(job, now)
        # After a long sleep the book is of yesterday: first the look that brings it up to date.
        if self._bell.busy() and timedelta(0) <= now - (self._alarms.asked_at or now) < BOOK_LATE:
            return
        for job in self._couriers.values():
            self._ask(job, now)

    def _ask(self, job: Job, now: datetime) -> None:
        if not job.is_due(now) or job.errand.busy():
            return
        job.asked_at = now
        try:
            job.errand.look()
        except RuntimeError as error:  # no thread can be started now; the others may have theirs
            self.setting.journal.unexpected(job.errand.name, error)

    def stir(self) -> None:
        """Something was read or went wrong: alarms are looked at with the next turn."""
        for job in (self._alarms, *self._couriers.values()):
            job.asked_at = None

    def take(self, setting: Setting) -> None:
        """Work with another configuration from the next turn on, at once."""
        self.setting = setting
        self._hire()
        for job in self.jobs:
            job.errand.setting = setting
            job.errand.hurry()
            job.asked_at = None

    def settle(self, seconds: float) -> None:
        """Wait until nobody is at work, for each of them no longer than this."""
        for job in self.jobs:
            job.errand.settle(seconds)
