"""One job of the service, in a thread of its own: what stalls in it holds up nothing else."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.errors import BadConfig, Refused, TrackerError
from refundtracker.reports.smtp import Ambiguous

if TYPE_CHECKING:
    from refundtracker.watching import Setting

FIRST_PAUSE: Final = 60.0
LONGEST_PAUSE: Final = 900.0
# A refused login that is repeated locks accounts, and a mail that may have come is not urgent.
LONG_PAUSE: Final = 3600.0
LONGEST_LONG_PAUSE: Final = 86400.0


class Errand:
    """Does its work when it is asked to look, once at a time; after a failure it waits, longer each time.

    Time is that of the clock of the setting, so that a pause is over when a machine wakes up.

    Attributes:
        name: in the log, and of the thread.
        setting: what it works with; may be exchanged between two looks.
    """

    name = "errand"

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._thread: threading.Thread | None = None
        self._paused_at: datetime | None = None
        self._pause = timedelta(0)
        self._failures = 0

    def work(self) -> None:
        """What is to be done now; most of the time nothing.

        Raises:
            TrackerError: it could not be done, and is tried again later.
        """
        raise NotImplementedError

    def report(self, error: TrackerError) -> None:
        """Tell the log why the work failed."""
        self.setting.journal.failed(self.name, str(error))

    def look(self) -> None:
        """Begin to work, unless that is still going on or it is too early to try again."""
        if self.busy() or self._is_early(self.setting.clock()):
            return
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def busy(self) -> bool:
        """Whether the last look is still at work."""
        return self._thread is not None and self._thread.is_alive()

    def settle(self, seconds: float) -> None:
        """Wait for the end of the work that was begun, but not for longer than this."""
        if self._thread is not None:
            self._thread.join(seconds)

    def hurry(self) -> None:
        """Something was mended: the next look tries at once."""
        self._paused_at, self._failures = None, 0

    def _is_early(self, now: datetime) -> bool:
        """Whether the pause still lasts; a clock that was set back does not make it longer."""
        return self._paused_at is not None and timedelta(0) <= now - self._paused_at < self._pause

    def _run(self) -> None:
        try:
            self.work()
        except TrackerError as error:
            self._wait_after(error)
            self.report(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the service
            self._wait_after(Refused("unexpected"))
            self.setting.journal.unexpected(self.name, error)
        else:
            self.hurry()

    def _wait_after(self, error: TrackerError) -> None:
        self._pause = timedelta(seconds=pause(error, self._failures))
        self._paused_at = self.setting.clock()
        self._failures += 1


def pause(error: TrackerError, before: int) -> float:
    """Seconds until the next attempt.

    Args:
        error: why the last one failed.
        before: how many failed before it, in a row.
    """
    doubled = 2.0 ** min(before, 10)
    if isinstance(error, (Refused, BadConfig, Ambiguous)):
        return min(LONG_PAUSE * doubled, LONGEST_LONG_PAUSE)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
