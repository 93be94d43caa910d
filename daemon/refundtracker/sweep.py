"""One look at all folders of an account: what is new, into the store; nothing lost, nothing twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.errors import Unreachable
from refundtracker.imap.mailbox import FetchBroken, FolderTrouble, Place
from refundtracker.ingest import entry, not_handed_over, take
from refundtracker.records import CursorMove
from refundtracker.store.folders import MOST_ATTEMPTS

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from refundtracker.config import Account
    from refundtracker.imap.mailbox import Mailbox
    from refundtracker.ingest import Reader
    from refundtracker.rawmail import RawMail
    from refundtracker.records import Cursor
    from refundtracker.store import Store
    from refundtracker.store.folders import FolderMemory

# SINCE compares dates in the server's own zone.
_OVERLAP: Final = timedelta(days=2)
_EVER: Final = date(1970, 1, 1)
_GROUP: Final = 50
_GROUP_BYTES: Final = 4_000_000
# Some servers find nothing by sender and say nothing about it: so often that is looked into.
_COMPARE_EVERY: Final = timedelta(days=1)
_UNANSWERED: Final = "the server did not answer with it"


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

    def sweep(self, mailbox: Mailbox) -> Swept:
        """Look at every folder: the look-back window less what is known, and whatever came in since.

        Mails that the server did not hand over, or that broke the line, come last, behind all
        folders, one by one and more and more rarely; at the end they are recorded as such.

        Args:
            mailbox: connected.

        Raises:
            FetchBroken: the connection broke; what was recorded until then stays.
            Unreachable: likewise, outside of a fetch.
            DiskTrouble: a mail could not be stored; the next sweep looks at it again.
        """
        round_ = _Round(self, mailbox)
        trouble = [f"there is no folder {name!r} in this mailbox" for name in round_.missing]
        for step in (round_.look, round_.ask_again):
            for folder in round_.folders:
                if self.stop.is_set():
                    break
                try:
                    trouble += step(folder)
                except FolderTrouble as error:
                    trouble.append(str(error))
        unique = tuple(dict.fromkeys(trouble))
        return Swept(round_.new, round_.seen, finished=not self.stop.is_set(), trouble=unique)


class _Round:
    """One sweep under way.

    Attributes:
        folders: those that are there.
        missing: those that are not.
        new: mails recorded for the first time so far.
        seen: mails that came so far.
    """

    def __init__(self, sweeper: Sweeper, mailbox: Mailbox) -> None:
        self._by = sweeper
        self._mailbox = mailbox
        self._store = sweeper.store
        self._account = sweeper.account.name
        self.folders = mailbox.folders()
        self.missing = mailbox.missing
        self.new = self.seen = 0

    def look(self, folder: str) -> list[str]:
        """One folder, except for the mails under suspicion; what is wrong with it."""
        trouble: list[str] = []
        uidvalidity = self._mailbox.open(folder)
        cursor = self._store.cursor(self._account, folder)
        if cursor and cursor.uidvalidity != uidvalidity:
            trouble.append(f"the server renumbered {folder!r}; it was read anew, nothing counts twice")
            cursor = None
        elif not uidvalidity:
            cursor = None  # the numbers mean something on this connection only
        memory = before = self._store.folder_memory(self._account, folder, uidvalidity)
        known = self._store.known_uids(self._account, folder, uidvalidity) if uidvalidity else set()
        wanted = self._wanted(cursor)
        pending = self._take(folder, memory, wanted - known, leave=frozenset(memory.stumbles))
        if self._by.stop.is_set():
            return trouble
        for uid in sorted(pending - memory.stumbles.keys()):
            memory = memory.tried(uid, self._by.clock(), _UNANSWERED)
        memory = self._compare(folder, memory.only(pending), wanted, known, trouble)
        trouble += _stuck(folder, memory)
        if memory != before:
            self._store.remember_folder(self._account, folder, memory)
        # What the server did not hand out stays ahead of the cursor, and is asked for again.
        reached = [uid for uid in wanted if not pending or uid < min(pending)]
        last = max((*reached, cursor.last_uid if cursor else 0), default=0)
        now = self._by.clock()
        move = CursorMove(self._account, folder, uidvalidity, last, now)
        self._store.record([], cursor=move, now=now)
        return trouble

    def ask_again(self, folder: str) -> list[str]:
        """The mails of one folder under suspicion, those first that failed least often; no trouble."""
        cursor = self._store.cursor(self._account, folder)
        if cursor is None:
            return []
        memory = self._store.folder_memory(self._account, folder, cursor.uidvalidity)
        due = [uid for uid, stumble in memory.stumbles.items() if stumble.due(self._by.clock())]
        if not due or self._mailbox.open(folder) != cursor.uidvalidity:
            return []
        for uid in sorted(due, key=lambda uid: (memory.stumbles[uid].attempts, uid)):
            if self._by.stop.is_set():
                break
            memory = self._ask_alone(folder, memory, uid)
        return []

    def _ask_alone(self, folder: str, memory: FolderMemory, uid: int) -> FolderMemory:
        """Fetch one mail by itself; how that ended is remembered before anything else happens."""
        why = _UNANSWERED
        try:
            missed = self._take(folder, memory, {uid})
        except FetchBroken as error:
            self._in_vain(folder, memory, uid, str(error))
            raise
        if missed:
            return self._in_vain(folder, memory, uid, why)
        memory = memory.only(memory.stumbles.keys() - {uid})
        self._store.remember_folder(self._account, folder, memory)
        return memory

    def _in_vain(self, folder: str, memory: FolderMemory, uid: int, why: str) -> FolderMemory:
        """Count an attempt; after the last one the mail is recorded as one that nobody can have."""
        now = self._by.clock()
        memory = memory.tried(uid, now, why)
        if memory.uidvalidity and memory.stumbles[uid].attempts >= MOST_ATTEMPTS:
            place = Place(self._account, folder, memory.uidvalidity, uid)
            self.new += take(self._store, [not_handed_over(place, MOST_ATTEMPTS, why)], now=now)
            memory = memory.only(memory.stumbles.keys() - {uid})
        self._store.remember_folder(self._account, folder, memory)
        return memory

    def _take(
        self,
        folder: str,
        memory: FolderMemory,
        uids: set[int],
        *,
        leave: frozenset[int] = frozenset(),
        strangers: bool = True,
    ) -> set[int]:
        """Fetch and record; the UIDs that did not come.

        Args:
            folder: opened.
            memory: gets to know which mails broke the line.
            uids: what to fetch.
            leave: of these, what not to ask for now.
            strangers: whether mail from a sender we do not follow is recorded as such.
        """
        missing = set(uids)
        try:
            for group in grouped(self._mailbox.fetch(sorted(uids - leave)), self._by.stop):
                missing.difference_update(mail.place.uid for mail in group)
                ours = [mail for mail in group if strangers or mail.left_out != "not-ours"]
                entries = [entry(mail, self._by.by) for mail in ours]
                self.new += take(self._store, entries, now=self._by.clock())
                self.seen += len(ours)
        except FetchBroken as error:
            suspects = missing.intersection(error.uids)
            memory = memory.suspect(suspects, self._by.clock(), str(error))
            self._store.remember_folder(self._account, folder, memory)
            raise
        return missing

    def _wanted(self, cursor: Cursor | None) -> set[int]:
        wanted = set(self._mailbox.search(self._since()))
        if cursor and cursor.last_uid:
            # A mail may be filed with an old date; by its UID it is new all the same.
            wanted |= set(self._mailbox.search(_EVER, after_uid=cursor.last_uid))
        return wanted

    def _since(self) -> date:
        lookback = timedelta(days=self._by.account.lookback_days)
        return (self._by.clock() - lookback - _OVERLAP).date()

    def _compare(
        self, folder: str, memory: FolderMemory, wanted: set[int], known: set[int], trouble: list[str]
    ) -> FolderMemory:
        """Now and then ask by day alone: a server that cannot search by sender may not say so.

        Each mail is compared once. When the server found no sender at all, or was found to miss
        some before, it is done each time.
        """
        now = self._by.clock()
        if not self._mailbox.searches_senders:
            return memory
        if wanted and not memory.blind:
            if memory.compared_at is None:
                return replace(memory, compared_at=now)
            if now - memory.compared_at < _COMPARE_EVERY:
                return memory
        everybody = set(self._mailbox.search(self._since(), memory.compared_uid, everyone=True))
        before = self.seen
        missing = self._take(folder, memory, everybody - wanted - known, strangers=False)
        if self._by.stop.is_set() or not everybody:
            return memory
        missed = self.seen > before
        if missed and not memory.blind:
            trouble.append(
                f"the server's search by sender misses mail in {folder!r}; it is searched by day now"
            )
        compared = max(uid for uid in everybody | {memory.compared_uid} if not missing or uid < min(missing))
        return replace(memory, compared_at=now, compared_uid=compared, blind=memory.blind or missed)


def _stuck(folder: str, memory: FolderMemory) -> list[str]:
    """What to say of mails that were asked for in vain more than once."""
    count = sum(stumble.attempts > 1 for stumble in memory.stumbles.values())
    if not count:
        return []
    mails = f"{count} mail{'s' * (count != 1)}"
    return [f"the server does not hand over {mails} of {folder!r}; asked for again later"]


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
