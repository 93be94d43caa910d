"""`refundd run`: wire, watch the accounts, keep the slots, stop cleanly. It never dies quietly."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import schedule

from refundtracker import delivery, paths
from refundtracker.errors import BadConfig, DiskTrouble, Refused, TrackerError, Unreachable
from refundtracker.ingest import bring_up_to_date, reader, rules
from refundtracker.journal import Journal
from refundtracker.mailbox import FetchBroken, Mailbox
from refundtracker.store import Store
from refundtracker.sweep import Sweeper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from refundtracker.config import Account, Config
    from refundtracker.ingest import Reader
    from refundtracker.notify import Notifier
    from refundtracker.sweep import Swept
    from refundtracker.words import Lang

# After a sweep mail may already be on its way, and some servers forget to tell: look again soon.
FIRST_WAIT: Final = 5.0
# RFC 2177 allows 29 minutes; home routers forget a silent connection much sooner, and some servers
# accept IDLE and never speak. The sweep behind each wait is the truth, IDLE only shortens it.
LONGEST_IDLE: Final = 540.0
BACKOFF_FIRST: Final = 5.0
BACKOFF_LONGEST: Final = 900.0
# A refused login that is repeated locks accounts.
REFUSED_AGAIN: Final = 3600.0
STOP_SECONDS: Final = 1.5
# How long a turn may take beyond its wait before systemd is told no more that all is well: each
# network wait ends after a minute, and a first sync of a large mailbox moves a lot of mail.
TURN_GRACE: Final = 240.0
FIRST_SWEEP: Final = 1800.0


def utc_now() -> datetime:
    """The clock of a real run."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run works with.

    Attributes:
        config: checked.
        database: the file.
        forms: directory of the user's own forms, or None.
        environ: for secrets and systemd.
        lang: of the summary.
        clock: now, in UTC.
        journal: the log.
    """

    config: Config
    database: Path
    forms: Path | None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    lang: Lang = "en"
    clock: Callable[[], datetime] = utc_now
    journal: Journal = field(default_factory=Journal)

    def accounts(self) -> tuple[Account, ...]:
        """The accounts to watch.

        Raises:
            BadConfig: there is none.
        """
        if not self.config.accounts:
            where = str(self.config.path or "configuration")
            raise BadConfig(
                where, ("there is no [[account]], so there is no mailbox to read; see the README",)
            )
        return self.config.accounts

    def reader_for(self, account: Account) -> Reader:
        """Reads the mails of one account: its own provider's verdicts are believed, no other's."""
        return reader(self.config, self.forms, authserv=account.authserv)


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """One service for each database; the command line may read beside it at any time.

    Raises:
        DiskTrouble: another one runs, or the lock cannot be made.
    """
    path = database.with_name(database.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DiskTrouble(f"{path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise DiskTrouble(
            f"another refundd works on {database}; stop it first (systemctl stop refundtracker)"
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)


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
        bring_up_to_date(store, rules(setting.config))
    return visits


def _visit(setting: Setting, account: Account, store: Store) -> Visit:
    by = setting.reader_for(account)
    try:
        with _connected(account, by, setting.environ) as mailbox:
            store.note_login(account.name, mailbox.mode, setting.clock())
            swept = Sweeper(store, account, by, setting.clock, threading.Event()).sweep(mailbox)
    except DiskTrouble:
        raise
    except TrackerError as error:
        store.note_trouble(account.name, str(error), setting.clock())
        return Visit(account.name, None, error)
    _note_swept(store, account, swept, setting)
    return Visit(account.name, swept, None)


def _connected(account: Account, by: Reader, environ: Mapping[str, str]) -> Mailbox:
    from refundparsers.senders import follows, search_terms

    if account.password is None:
        raise Refused(f"{account.name}: oauth sign-in is not set up on this machine; use an app password")
    secret = account.password.read(environ)
    return Mailbox.connect(
        account, secret, follows=lambda address: follows(address, by.senders), terms=search_terms(by.senders)
    )


def _note_swept(store: Store, account: Account, swept: Swept, setting: Setting) -> None:
    if swept.finished:
        store.note_sweep(account.name, setting.clock())
    setting.journal.swept(account.name, swept)
    for sentence in swept.trouble:
        setting.journal.folder_trouble(account.name, sentence)
    if swept.trouble:
        store.note_trouble(account.name, "; ".join(swept.trouble), setting.clock())
    else:
        store.clear_trouble(account.name)


# --- the long run ----------------------------------------------------------------------------------


class Watcher(threading.Thread):
    """Watches one account, in a thread and with a store of its own.

    Attributes:
        alive_until: on the monotonic clock; a turn that is not over by then has hung.
    """

    def __init__(self, setting: Setting, account: Account, stop: threading.Event) -> None:
        super().__init__(name=f"account {account.name}", daemon=True)
        self.setting = setting
        self.account = account
        self.stop = stop
        self.alive_until = time.monotonic() + TURN_GRACE
        self._failures = 0
        self._suspects: tuple[int, ...] = ()

    def run(self) -> None:
        """Until stopped: connect, sweep, wait; after any trouble wait and begin anew."""
        while not self.stop.is_set():
            try:
                with Store.open(self.setting.database) as store:
                    self._session(store)
            except TrackerError as error:
                self._in_trouble(error)
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the watch
                self.setting.journal.unexpected(self.account.name, error)
                self._in_trouble(Unreachable(f"unexpected {type(error).__name__}"))

    def _session(self, store: Store) -> None:
        by = self.setting.reader_for(self.account)
        with _connected(self.account, by, self.setting.environ) as mailbox:
            self.setting.journal.connected(self.account.name, mailbox.mode)
            store.note_login(self.account.name, mailbox.mode, self.setting.clock())
            sweeper = Sweeper(store, self.account, by, self.setting.clock, self.stop)
            while not self.stop.is_set():
                self._turn(sweeper, mailbox)
                self._wait(mailbox)

    def _turn(self, sweeper: Sweeper, mailbox: Mailbox) -> None:
        self._plan(FIRST_SWEEP)
        swept = sweeper.sweep(mailbox, suspects=self._suspects)
        _note_swept(sweeper.store, self.account, swept, self.setting)
        changes = bring_up_to_date(sweeper.store, rules(self.setting.config))
        if changes:
            self.setting.journal.changed(len(changes.added), len(changes.changed))
        if swept.finished:
            if self._failures:
                self.setting.journal.recovered(self.account.name)
            self._failures, self._suspects = 0, ()

    def _wait(self, mailbox: Mailbox) -> None:
        """Until something may have come: a short look first, then the long wait."""
        folders = mailbox.folders()
        if folders:
            mailbox.open(folders[0])
        longest = LONGEST_IDLE if mailbox.mode == "idle" else self.account.poll_minutes * 60
        for seconds in (FIRST_WAIT, longest * random.uniform(0.9, 1.0)):  # noqa: S311 - jitter
            self._plan(seconds)
            if mailbox.mode == "poll" and seconds == FIRST_WAIT:
                continue
            if self.stop.is_set() or mailbox.wait(seconds, self.stop):
                return

    def _in_trouble(self, error: TrackerError) -> None:
        if self.stop.is_set():
            return
        if isinstance(error, FetchBroken):
            self._suspects = error.suspects(self._suspects)
        self._failures += 1
        pause = self._pause(error)
        self.setting.journal.trouble(self.account.name, str(error), pause)
        self._remember(error)
        self._plan(pause)
        self.stop.wait(pause)

    def _pause(self, error: TrackerError) -> float:
        if isinstance(error, (Refused, BadConfig)):
            return REFUSED_AGAIN
        doubled = BACKOFF_FIRST * 2.0 ** min(self._failures - 1, 10)
        return min(doubled, BACKOFF_LONGEST) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter

    def _remember(self, error: TrackerError) -> None:
        try:
            with Store.open(self.setting.database) as store:
                store.note_trouble(self.account.name, str(error), self.setting.clock())
        except TrackerError as also:
            self.setting.journal.trouble(self.account.name, str(also), 0)

    def _plan(self, seconds: float) -> None:
        self.alive_until = time.monotonic() + seconds + TURN_GRACE


class Service:
    """All watchers, the tick, and the line to systemd."""

    def __init__(self, setting: Setting, notifier: Notifier, reload: Callable[[], Config]) -> None:
        self.setting = setting
        self.notifier = notifier
        self._reload = reload
        self._stop = threading.Event()
        self._asked_to_reload = threading.Event()
        self._watchers: list[Watcher] = []
        self._watched = threading.Event()
        self._tick = schedule.Scheduler()

    def run(self) -> None:
        """Until SIGTERM or SIGINT; SIGHUP reads the configuration again.

        Raises:
            BadConfig: something the user must mend first.
            DiskTrouble: the database cannot be used.
        """
        with alone(self.setting.database), Store.open(self.setting.database) as store:
            check(self.setting)
            self._catch_signals()
            self._watch()
            self._plan_jobs(store)
            self.setting.journal.started(len(self._watchers), str(self.setting.database))
            self.notifier.ready()
            while not self._stop.wait(0.5):
                self._tick.run_pending()
                if self._asked_to_reload.is_set():
                    self._take_new_config()
            self.setting.journal.stopping()
            self.notifier.stopping()
            self._unwatch()

    def _catch_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        signal.signal(signal.SIGHUP, lambda *_: self._asked_to_reload.set())

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
        self._asked_to_reload.clear()
        self.notifier.reloading()
        try:
            fresh = replace(self.setting, config=self._reload())
            check(fresh)
        except TrackerError as error:
            self.setting.journal.not_reloaded(str(error))
        else:
            self._unwatch()
            self.setting = fresh
            self._watch()
            self.setting.journal.reloaded(len(self._watchers))
        self.notifier.ready()

    def _plan_jobs(self, store: Store) -> None:
        """`schedule` is the tick only: what is due is asked of the store, so a missed tick loses nothing."""
        self._tick.every(1).minutes.do(self._guarded, "summary", lambda: self._summary(store))
        every = self.notifier.watchdog_interval
        if every:
            self._tick.every(max(1, int(every // 3))).seconds.do(self._guarded, "watchdog", self._watchdog)
        self._guarded("summary", lambda: self._summary(store))

    def _guarded(self, name: str, job: Callable[[], None]) -> None:
        """A job that fails is told, and starves no other."""
        try:
            job()
        except TrackerError as error:
            self.setting.journal.trouble(name, str(error), 60)
        except Exception as error:  # noqa: BLE001 - see above
            self.setting.journal.unexpected(name, error)

    def _summary(self, store: Store) -> None:
        setting = self.setting
        now = setting.clock()
        slot = delivery.due(store, setting.config, now)
        if slot is None:
            return
        try:
            delivery.send_due(store, setting.config, slot, setting.environ, now=now, lang=setting.lang)
        except TrackerError as error:
            setting.journal.summary_failed(slot, str(error))
            return
        assert setting.config.summary is not None
        setting.journal.summary_sent(slot, setting.config.summary.to)

    def _watchdog(self) -> None:
        """Only while every watcher finishes its turns; a hung one lets systemd restart us."""
        now = time.monotonic()
        if all(watcher.is_alive() and now < watcher.alive_until for watcher in self._watchers):
            self.notifier.watchdog()


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
