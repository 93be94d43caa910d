"""`refundd run`: wire, watch the accounts, keep the slots, stop cleanly. It never dies quietly."""

from __future__ import annotations

import errno
import fcntl
import os
import queue
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import schedule

from refundtracker import paths
from refundtracker.alarms.rules import trouble_kind
from refundtracker.errors import DiskTrouble, TrackerError
from refundtracker.ingest import bring_up_to_date, rules
from refundtracker.jobs.timetable import Timetable
from refundtracker.store import Store
from refundtracker.sweep import Sweeper
from refundtracker.watching import Setting, Watcher, connected, note_swept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from refundtracker.config import Account, Config
    from refundtracker.notify import Notifier
    from refundtracker.sweep import Swept
    from refundtracker.words import Lang

__all__ = ["Service", "Setting", "Visit", "alone", "check", "run_once", "setting_for"]

# Together with the end of the interpreter less than the two seconds that a stop may take.
STOP_SECONDS: Final = 1.2
TICK: Final = 0.5


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """One service for each database; the command line may read beside it at any time.

    Raises:
        DiskTrouble: another one runs, or the lock cannot be made.
    """
    descriptor = _locked(database)
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(database: Path) -> int:
    """A descriptor that holds the lock; a link to the database leads to the same lock."""
    try:
        real = database.resolve()
        path = real.with_name(real.name + ".lock")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DiskTrouble(f"{error.filename or database}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
            raise DiskTrouble(f"{path} cannot be locked: {error.strerror}") from error
        raise DiskTrouble(
            f"another refundd works on {database}; stop it first (systemctl stop refundtracker)"
        ) from error
    return descriptor


# --- one sweep and the end ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visit:
    """One account in `run --once`.

    Attributes:
        account: its name.
        swept: what was done, or None.
        error: why not, or None.
    """

    account: str
    swept: Swept | None
    error: TrackerError | None


def run_once(setting: Setting) -> list[Visit]:
    """Sweep every account once. An account in trouble does not keep the others from being read.

    Raises:
        BadConfig: no account, or a form that cannot be used.
        DiskTrouble: the database cannot be used, or another service works on it.
    """
    accounts = setting.accounts()
    with alone(setting.database), Store.open(setting.database) as store:
        visits = [_visit(setting, account, store) for account in accounts]
        bring_up_to_date(store, rules(setting.config), anew=True)
    return visits


def _visit(setting: Setting, account: Account, store: Store) -> Visit:
    by = setting.reader_for(account)
    try:
        with connected(account, by, setting) as mailbox:
            store.note_login(account.name, mailbox.mode, setting.clock())
            swept = Sweeper(store, account, by, setting.clock, threading.Event()).sweep(mailbox)
    except DiskTrouble:
        raise
    except TrackerError as error:
        store.note_trouble(account.name, str(error), setting.clock(), trouble_kind(error))
        return Visit(account.name, None, error)
    note_swept(store, account, swept, setting)
    return Visit(account.name, swept, None)


# --- the long run ----------------------------------------------------------------------------------


class Service:
    """All watchers, the tick, and the line to systemd."""

    def __init__(self, setting: Setting, notifier: Notifier, reload: Callable[[], Setting]) -> None:
        self.setting = setting
        self.notifier = notifier
        self._reload = reload
        # An Event is no place for a signal handler to write to: it would wait for the lock that
        # the interrupted main thread holds. A SimpleQueue is made for it, and wakes the loop at once.
        self._signals: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._watchers: list[Watcher] = []
        self._watched = threading.Event()
        self._timetable = Timetable(setting)
        self._tick = schedule.Scheduler()
        self._told = ""

    def run(self) -> None:
        """Until SIGTERM or SIGINT; SIGHUP reads the configuration again.

        Raises:
            BadConfig: something the user must mend first.
            DiskTrouble: the database cannot be used.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, _: self._signals.put(number))
        with alone(self.setting.database):
            check(self.setting)
            self._derive_anew()
            self._watch()
            self._plan_jobs()
            self.setting.journal.started(len(self._watchers), str(self.setting.database))
            self.notifier.ready()
            while self._heard() not in {signal.SIGTERM, signal.SIGINT}:
                forgive_jumps(self._tick)
                self._tick.run_pending()
                self._tell_status()
            self.setting.journal.stopping()
            self.notifier.stopping()
            self._unwatch()

    def _heard(self) -> int | None:
        """The next signal, or None when the time of a tick is over without one."""
        try:
            number = self._signals.get(timeout=TICK)
        except queue.Empty:
            return None
        if number == signal.SIGHUP:
            self._take_new_config()
        return number

    def _derive_anew(self) -> None:
        """Once for every configuration: its days off may be others than those that were counted with.

        It also finishes the work of a service that was killed between a mail and its dispute.
        """
        with Store.open(self.setting.database) as store:
            changes = bring_up_to_date(store, rules(self.setting.config), anew=True)
        if changes:
            self.setting.journal.changed(len(changes.added), len(changes.changed))
        if changes.moved:
            self.setting.journal.counted_anew(len(changes.moved))

    def _watch(self) -> None:
        self._watched = threading.Event()
        self._watchers = [Watcher(self.setting, each, self._watched) for each in self.setting.accounts()]
        for watcher in self._watchers:
            watcher.start()

    def _unwatch(self) -> None:
        """Threads notice the stop within a second; one that hangs in the network is left behind.

        Nothing is lost by that: what was recorded is durable, the rest is fetched again.
        """
        self._watched.set()
        deadline = time.monotonic() + STOP_SECONDS
        for watcher in self._watchers:
            watcher.join(max(0.0, deadline - time.monotonic()))

    def _take_new_config(self) -> None:
        """A configuration with problems is told and not taken; the former one goes on."""
        self.notifier.reloading()
        try:
            fresh = self._reload()
            check(fresh)
        except TrackerError as error:
            self.setting.journal.not_reloaded(str(error))
        else:
            self._unwatch()
            self._take(fresh)
            self._watch()
            self.setting.journal.reloaded(len(self._watchers))
        self.notifier.ready()

    def _take(self, fresh: Setting) -> None:
        """The lock is on the database we began with, so another one has to wait for a restart."""
        if fresh.database != self.setting.database:
            self.setting.journal.other_database(str(fresh.database), str(self.setting.database))
        self.setting = replace(fresh, database=self.setting.database)
        self._timetable.take(self.setting)
        self._guarded("disputes", self._derive_anew)

    def _plan_jobs(self) -> None:
        """`schedule` is the tick only: what is due is asked of the store, so a missed tick loses nothing.

        The holiday table is part of the program that runs, so its version changes with a restart only,
        and that derives everything anew.
        """
        self._tick.every(1).seconds.do(self._guarded, "timetable", self._timetable.turn)
        every = self.notifier.watchdog_interval
        if every:
            self._tick.every(max(1, int(every // 3))).seconds.do(self._guarded, "watchdog", self._watchdog)
        self._guarded("timetable", self._timetable.turn)

    def _guarded(self, name: str, job: Callable[[], None]) -> None:
        """A job that fails is told, and starves no other."""
        try:
            job()
        except TrackerError as error:
            self.setting.journal.failed(name, str(error))
        except Exception as error:  # noqa: BLE001 - see above
            self.setting.journal.unexpected(name, error)

    def _tell_status(self) -> None:
        """What `systemctl status` shows, told when it changes."""
        status = "; ".join(f"{watcher.account.name}: {watcher.doing}" for watcher in self._watchers)
        if status != self._told:
            self._told = status
            self._timetable.stir()
            self.notifier.status(status)

    def _watchdog(self) -> None:
        """Only while every watcher finishes its turns; a hung one lets systemd restart us."""
        now = time.monotonic()
        if all(watcher.is_alive() and now < watcher.alive_until for watcher in self._watchers):
            self.notifier.watchdog()


def forgive_jumps(tick: schedule.Scheduler) -> None:
    """Jobs that a clock set back has put off are due at once.

    `schedule` counts by the naive local clock: in the hour that summer time gives back, every job
    would wait for an hour, and the watchdog of systemd would end the service.
    """
    now = datetime.now()  # noqa: DTZ005 - the very clock that `schedule` looks at
    for job in tick.jobs:
        if job.next_run and job.unit and job.next_run - now > timedelta(**{job.unit: job.interval}):
            job.next_run = now


def check(setting: Setting) -> None:
    """What can be told at once is told at once, not by each watcher for itself.

    Raises:
        BadConfig: no account, or a form that cannot be used.
    """
    for account in setting.accounts():
        setting.reader_for(account)


def setting_for(config: Config, *, database: Path | None, forms: Path | None, lang: Lang) -> Setting:
    """A setting with the files where they belong."""
    return Setting(
        config=config,
        database=paths.database(database, config, os.environ),
        forms=paths.forms(forms, config, os.environ),
        lang=lang,
    )
