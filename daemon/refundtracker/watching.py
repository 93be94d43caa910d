"""One account: how it is connected, swept, and watched in a thread of its own."""

from __future__ import annotations

import os
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from refundtracker.alarms.rules import trouble_kind
from refundtracker.errors import BadConfig, Refused, TrackerError, Unreachable
from refundtracker.imap.idle import doze
from refundtracker.imap.mailbox import Mailbox
from refundtracker.ingest import bring_up_to_date, reader, rules
from refundtracker.journal import Journal
from refundtracker.signatures import second_opinion
from refundtracker.store import Store
from refundtracker.sweep import Sweeper
from refundtracker.thrift import give_back, share_one_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from refundtracker.config import Account, Config
    from refundtracker.ingest import Reader
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
                where, ("there is no [[account]], so there is no mailbox to read; run: refundd setup",)
            )
        return self.config.accounts

    def reader_for(self, account: Account) -> Reader:
        """Reads the mails of one account: its own provider's verdicts are believed, no other's."""
        return reader(
            self.config,
            self.forms,
            authserv=account.authserv,
            signatures=second_opinion(wanted=self.config.senders.verify_dkim, clock=self.clock),
        )

    def secret_of(self, account: Account, *, refused: str = "") -> str:
        """The password, or an access token that is good now; `refused` is one the server did not take.

        Raises:
            Refused: nobody has signed in, or the sign-in has ended.
            Unreachable: the provider of the sign-in does not answer.
            BadConfig: the password cannot be read.
            DiskTrouble: a renewed sign-in cannot be kept.
        """
        if account.password is not None:
            return account.password.read(self.environ)
        from refundtracker.oauth.tokens import access_token  # only an account with a sign-in pays for it

        return access_token(account, self.database.parent, self.clock(), refused=refused)


def connected(account: Account, by: Reader, setting: Setting) -> Mailbox:
    """The mailbox of an account, logged in.

    A token that the server refuses is renewed and tried once more: its provider may have
    ended it early. A password is tried once.

    Raises:
        Refused: no password is to be had, or the server does not accept it.
        Unreachable: no connection.
        BadConfig: the password cannot be read.
        DiskTrouble: a renewed sign-in cannot be kept.
    """
    secret = setting.secret_of(account)
    try:
        return _dialled(account, secret, by)
    except Refused:
        again = "" if account.password else setting.secret_of(account, refused=secret)
        if again in {"", secret}:
            raise
    return _dialled(account, again, by)


def _dialled(account: Account, secret: str, by: Reader) -> Mailbox:
    from refundparsers.senders import follows, search_terms

    return Mailbox.connect(
        account, secret, follows=lambda address: follows(address, by.senders), terms=search_terms(by.senders)
    )


def note_swept(store: Store, account: Account, swept: Swept, setting: Setting) -> None:
    """Remember and tell how a sweep ended."""
    if swept.finished:
        store.note_sweep(account.name, setting.clock())
    setting.journal.swept(account.name, swept)
    for sentence in swept.trouble:
        setting.journal.folder_trouble(account.name, sentence)
    if swept.trouble:
        store.note_trouble(account.name, "; ".join(swept.trouble), setting.clock(), "folder")
    else:
        store.clear_trouble(account.name)


class Watcher(threading.Thread):
    """Watches one account, in a thread and with a store of its own.

    Attributes:
        alive_until: on the monotonic clock; a turn that is not over by then has hung.
        doing: in a few words, for the status of the service.
    """

    def __init__(self, setting: Setting, account: Account, stop: threading.Event) -> None:
        share_one_pool()
        super().__init__(name=f"account {account.name}", daemon=True)
        self.setting = setting
        self.account = account
        self.stop = stop
        self.alive_until = time.monotonic() + TURN_GRACE
        self.doing = "connecting"
        self._failures = 0

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
        with connected(self.account, by, self.setting) as mailbox:
            self.setting.journal.connected(self.account.name, mailbox.mode)
            store.note_login(self.account.name, mailbox.mode, self.setting.clock())
            sweeper = Sweeper(store, self.account, by, self.setting.clock, self.stop)
            while not self.stop.is_set():
                self._turn(sweeper, mailbox)
                self._wait(mailbox)

    def _turn(self, sweeper: Sweeper, mailbox: Mailbox) -> None:
        self._plan(FIRST_SWEEP)
        self.doing = "reading mail"
        try:
            swept = sweeper.sweep(mailbox)
        finally:
            # Whatever came before the line broke counts at once.
            self._derive(sweeper.store)
        note_swept(sweeper.store, self.account, swept, self.setting)
        give_back()
        if swept.finished:
            if self._failures:
                self.setting.journal.recovered(self.account.name)
            self._failures = 0

    def _derive(self, store: Store) -> None:
        changes = bring_up_to_date(store, rules(self.setting.config))
        if changes:
            self.setting.journal.changed(len(changes.added), len(changes.changed))

    def _wait(self, mailbox: Mailbox) -> None:
        """Until something may have come."""
        self.doing = f"waiting by {mailbox.mode}"
        folders = mailbox.folders()
        if folders:
            mailbox.open(folders[0])
        if mailbox.mode == "poll":
            self._poll(mailbox, self.account.poll_minutes * 60)
            return
        # A short look first, then the long wait.
        for seconds in (FIRST_WAIT, LONGEST_IDLE * random.uniform(0.9, 1.0)):  # noqa: S311 - jitter
            self._plan(seconds)
            if self.stop.is_set() or mailbox.wait(seconds, self.stop):
                return

    def _poll(self, mailbox: Mailbox, seconds: float) -> None:
        """Sleep; a word to the server now and then, or it hangs up on a silent line."""
        rest = seconds * random.uniform(0.9, 1.0)  # noqa: S311 - jitter
        while rest > 0 and not self.stop.is_set():
            self._plan(LONGEST_IDLE)
            asked, begun = min(rest, LONGEST_IDLE), time.monotonic()
            mailbox.wait(asked, self.stop)
            if time.monotonic() - begun < asked:
                return  # the server told of mail, or the machine slept
            rest -= LONGEST_IDLE

    def _in_trouble(self, error: TrackerError) -> None:
        if self.stop.is_set():
            return
        self._failures += 1
        pause = self._pause(error)
        self.setting.journal.trouble(self.account.name, str(error), pause)
        self._remember(error)
        self._plan(pause)
        self.doing = f"in trouble, next try in {pause:.0f} s: {error}"
        if isinstance(error, (Refused, BadConfig)):
            self.stop.wait(pause)
        else:
            doze(pause, self.stop)  # a machine that wakes up may be in another network

    def _pause(self, error: TrackerError) -> float:
        if isinstance(error, (Refused, BadConfig)):
            return REFUSED_AGAIN
        doubled = BACKOFF_FIRST * 2.0 ** min(self._failures - 1, 10)
        return min(doubled, BACKOFF_LONGEST) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter

    def _remember(self, error: TrackerError) -> None:
        try:
            with Store.open(self.setting.database) as store:
                store.note_trouble(self.account.name, str(error), self.setting.clock(), trouble_kind(error))
        except TrackerError as also:
            self.setting.journal.failed(self.account.name, str(also))

    def _plan(self, seconds: float) -> None:
        self.alive_until = time.monotonic() + seconds + TURN_GRACE
