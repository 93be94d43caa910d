"""One look at all folders of an account: what is new, into the store; nothing lost, nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.errors import Unreachable
from refundtracker.ingest import entry, take
from refundtracker.mailbox import FolderTrouble
from refundtracker.records import CursorMove

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from refundtracker.config import Account
    from refundtracker.ingest import Reader
    from refundtracker.mailbox import Mailbox
    from refundtracker.rawmail import RawMail
    from refundtracker.records import Cursor
    from refundtracker.store import Store

# SINCE compares dates in the server's own zone.
_OVERLAP: Final = timedelta(days=2)
_EVER: Final = date(1970, 1, 1)
_GROUP: Final = 50
_GROUP_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did.

    Attributes:
        new: mails recorded for the first time.
        seen: mails that were fetched or left out.
        finished: whether every folder was looked at to its end.
        trouble: a sentence for each folder that could not be opened or changed its meaning.
    """

    new: int
    seen: int
    finished: bool
    trouble: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sweeper:
    """What a sweep works with.

    Attributes:
        store: of the thread that sweeps.
        account: whose mailbox.
        by: reads the mails.
        clock: now, in UTC.
        stop: set when the service shall end; noticed between two mails.
    """

    store: Store
    account: Account
    by: Reader
    clock: Callable[[], datetime]
    stop: threading.Event

    def sweep(self, mailbox: Mailbox, *, suspects: Sequence[int] = ()) -> Swept:
        """Look at every folder: the look-back window less what is known, and whatever came in since.

        Args:
            mailbox: connected.
            suspects: UIDs that were on their way when the connection broke; fetched one by one.

        Raises:
            FetchBroken: the connection broke; what was recorded until then stays.
            Unreachable: likewise, outside of a fetch.
            DiskTrouble: a mail could not be stored; the next sweep looks at it again.
        """
        new = seen = 0
        folders = mailbox.folders()
        trouble = [f"there is no folder {name!r} in this mailbox" for name in mailbox.missing]
        for folder in folders:
            if self.stop.is_set():
                break
            try:
                recorded, fetched = self._folder(mailbox, folder, suspects, trouble)
            except FolderTrouble as error:
                trouble.append(str(error))
                continue
            new, seen = new + recorded, seen + fetched
        return Swept(new, seen, finished=not self.stop.is_set(), trouble=tuple(trouble))

    def _folder(
        self, mailbox: Mailbox, folder: str, suspects: Sequence[int], trouble: list[str]
    ) -> tuple[int, int]:
        """One folder; how many mails were new, and how many were looked at."""
        uidvalidity = mailbox.open(folder)
        cursor = self.store.cursor(self.account.name, folder)
        if cursor and cursor.uidvalidity != uidvalidity:
            trouble.append(f"the server renumbered {folder!r}; it was read anew, nothing counts twice")
            cursor = None
        wanted = self._wanted(mailbox, cursor)
        known = self.store.known_uids(self.account.name, folder, uidvalidity) if uidvalidity else set()
        pending = wanted - known
        new = seen = 0
        for group in grouped(mailbox.fetch(sorted(pending), alone=suspects), self.stop):
            entries = [entry(mail, self.by) for mail in group]
            new += take(self.store, entries, now=self.clock())
            seen += len(group)
            pending.difference_update(mail.place.uid for mail in group)
        if self.stop.is_set():
            return new, seen
        # What the server did not hand out stays ahead of the cursor, and is asked for again.
        reached = [uid for uid in wanted if not pending or uid < min(pending)]
        last = max((*reached, cursor.last_uid if cursor else 0), default=0)
        now = self.clock()
        move = CursorMove(self.account.name, folder, uidvalidity, last, now)
        self.store.record([], cursor=move, now=now)
        return new, seen

    def _wanted(self, mailbox: Mailbox, cursor: Cursor | None) -> set[int]:
        since = self.clock() - timedelta(days=self.account.lookback_days) - _OVERLAP
        wanted = set(mailbox.search(since.date()))
        if cursor and cursor.last_uid:
            # A mail may be filed with an old date; by its UID it is new all the same.
            wanted |= set(mailbox.search(_EVER, after_uid=cursor.last_uid))
        return wanted


def grouped(mails: Iterable[RawMail], stop: threading.Event) -> Iterator[list[RawMail]]:
    """Mails in small groups that are recorded together, because each transaction waits for the disk.

    What came before the connection broke is handed out before the error is passed on.

    Args:
        mails: as they come from the server.
        stop: set when the rest shall not be fetched any more.
    """
    group: list[RawMail] = []
    coming = iter(mails)
    try:
        while not stop.is_set() and (mail := next(coming, None)):
            group.append(mail)
            if len(group) >= _GROUP or sum(each.size for each in group) >= _GROUP_BYTES:
                yield group
                group = []
    except Unreachable:
        if group:
            yield group
        raise
    if group:
        yield group
