"""Sends the weekly summary of the service, in a thread of its own: a stalled mail server holds up nothing."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from refundtracker import delivery
from refundtracker.errors import BadConfig, Refused, TrackerError
from refundtracker.reports.smtp import Ambiguous
from refundtracker.store import Store

if TYPE_CHECKING:
    from refundtracker.watching import Setting

FIRST_PAUSE: Final = 60.0
LONGEST_PAUSE: Final = 900.0
# A refused login that is repeated locks accounts, and a summary that may have come is not urgent.
LONG_PAUSE: Final = 3600.0
LONGEST_LONG_PAUSE: Final = 86400.0


class Postman:
    """Looks whether a summary is due and sends it; after a failure it waits, longer each time.

    Attributes:
        setting: what it works with; may be exchanged between two looks.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._thread: threading.Thread | None = None
        self._not_before = 0.0
        self._failures = 0
        self._handed_over: str | None = None

    def look(self) -> None:
        """Begin to look and send, unless that is still going on or it is too early to try again."""
        if (self._thread and self._thread.is_alive()) or time.monotonic() < self._not_before:
            return
        self._thread = threading.Thread(target=self._work, name="summary", daemon=True)
        self._thread.start()

    def hurry(self) -> None:
        """Something was mended: the next look tries at once."""
        self._not_before, self._failures = 0.0, 0

    def _work(self) -> None:
        try:
            with Store.open(self.setting.database) as store:
                self._send_what_is_due(store)
        except TrackerError as error:
            self._wait_after(error)
            self.setting.journal.failed("summary", str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the service
            self._wait_after(Refused("unexpected"))
            self.setting.journal.unexpected("summary", error)

    def _send_what_is_due(self, store: Store) -> None:
        setting, now = self.setting, self.setting.clock()
        slot = delivery.due(store, setting.config, now)
        if slot is None:
            return
        try:
            if slot != self._handed_over:
                delivery.send_due(store, setting.config, slot, setting.environ, now=now, lang=setting.lang)
                self._handed_over = slot
        except Ambiguous as error:
            self._wait_after(error)
            setting.journal.summary_unsure(slot, str(error))
            return
        except TrackerError as error:
            self._wait_after(error)
            setting.journal.summary_failed(slot, str(error))
            return
        # The disk may be full just now: then only this is tried again, and no second mail goes out.
        delivery.mark(store, slot, now)
        self._failures = 0
        setting.journal.summary_sent(slot, delivery.recipient(setting.config))

    def _wait_after(self, error: TrackerError) -> None:
        self._not_before = time.monotonic() + pause(error, self._failures)
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
