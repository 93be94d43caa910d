"""Sends the weekly summary of the service, in a thread of its own: a stalled mail server holds up nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refundtracker.jobs import delivery
from refundtracker.jobs.errand import Errand
from refundtracker.reports.smtp import Ambiguous
from refundtracker.store import Store

if TYPE_CHECKING:
    from datetime import datetime

    from refundtracker.errors import TrackerError
    from refundtracker.watching import Setting


class Postman(Errand):
    """Looks whether a summary is due and sends it; after a failure it waits, longer each time."""

    name = "summary"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._slot: str | None = None
        self._handed_over: str | None = None

    def work(self) -> None:
        """Send the summary that is due, if there is one."""
        self._slot = None
        with Store.open(self.setting.database) as store:
            now = self.setting.clock()
            self._slot = delivery.due(store, self.setting.config, now)
            if self._slot is not None:
                self._send(store, self._slot, now)

    def _send(self, store: Store, slot: str, now: datetime) -> None:
        setting = self.setting
        if slot != self._handed_over:
            if not delivery.send_due(
                store, setting.config, slot, setting.environ, now=now, lang=setting.lang
            ):
                setting.journal.summary_doubtful(slot)
                return
            self._handed_over = slot
        # The disk may be full just now: then only this is tried again, and no second mail goes out.
        twice = delivery.mark(store, slot, now)
        setting.journal.summary_sent(slot, delivery.recipient(setting.config))
        if twice:
            setting.journal.summary_doubtful(slot)

    def report(self, error: TrackerError) -> None:
        """Name the slot, once it is known."""
        if self._slot is None:
            super().report(error)
        elif isinstance(error, Ambiguous):
            self.setting.journal.summary_unsure(self._slot, str(error))
        else:
            self.setting.journal.summary_failed(self._slot, str(error))
