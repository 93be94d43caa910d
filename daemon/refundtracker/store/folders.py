"""What the store remembers of a folder besides its cursor: mails that the server does not hand over."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from refundtracker.store import database
from refundtracker.store.rows import clean, moment, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable

# After so many attempts a mail is recorded as one that nobody can have. The pauses between them add
# up to most of a day, so that no outage makes a mail unreadable.
MOST_ATTEMPTS: Final = 5
_PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (0, 5, 60, 360, 720))


@dataclass(frozen=True, slots=True)
class Stumble:
    """A mail that the server did not hand over, or that broke the line on its way.

    Attributes:
        attempts: how often it was asked for alone, in vain.
        last: when that was (UTC).
        why: what happened, in words.
    """

    attempts: int
    last: datetime
    why: str

    def due(self, now: datetime) -> bool:
        """Whether it is time to ask for it again."""
        return now - self.last >= _PAUSES[min(self.attempts, len(_PAUSES) - 1)]


@dataclass(frozen=True, slots=True)
class FolderMemory:
    """What was learned about a folder; all of it belongs to one UIDVALIDITY.

    Attributes:
        uidvalidity: under which the UIDs mean these mails.
        stumbles: by UID.
        compared_at: when the server's search by sender was last compared with one by day alone.
        compared_uid: up to which UID.
        blind: whether that search was found to miss mails.
    """

    uidvalidity: int
    stumbles: dict[int, Stumble] = field(default_factory=dict)
    compared_at: datetime | None = None
    compared_uid: int = 0
    blind: bool = False

    def suspect(self, uids: Iterable[int], now: datetime, why: str) -> FolderMemory:
        """One of these mails broke the line; from now on each is asked for alone."""
        found = {uid: Stumble(0, now, why) for uid in uids if uid not in self.stumbles}
        return replace(self, stumbles={**self.stumbles, **found})

    def tried(self, uid: int, now: datetime, why: str) -> FolderMemory:
        """This one was asked for alone, in vain."""
        before = self.stumbles.get(uid)
        attempts = (before.attempts if before else 0) + 1
        return replace(self, stumbles={**self.stumbles, uid: Stumble(attempts, now, why)})

    def only(self, uids: Iterable[int]) -> FolderMemory:
        """The others came, or are gone."""
        return replace(self, stumbles={uid: self.stumbles[uid] for uid in uids if uid in self.stumbles})


class Folders(database.Session):
    """The part of the store that knows what is odd about a folder."""

    def folder_memory(self, account: str, folder: str, uidvalidity: int) -> FolderMemory:
        """What is remembered of a folder; nothing when it was numbered anew."""
        with self._reading():
            row = self._row("SELECT value FROM meta WHERE key = ?", _key(account, folder))
            memory = _memory_of(json.loads(row["value"])) if row else FolderMemory(uidvalidity)
        return memory if memory.uidvalidity == uidvalidity else FolderMemory(uidvalidity)

    def remember_folder(self, account: str, folder: str, memory: FolderMemory) -> None:
        """Replaces what is remembered of a folder."""
        row = {"key": _key(account, folder), "value": json.dumps(_memory_row(memory), ensure_ascii=False)}
        with self._writing() as db:
            db.table("meta").upsert(clean(row), pk="key")


def _key(account: str, folder: str) -> str:
    return "folder:" + json.dumps([account, folder], ensure_ascii=False)


def _memory_row(memory: FolderMemory) -> dict[str, object]:
    return {
        "uidvalidity": memory.uidvalidity,
        "stumbles": [
            [uid, stumble.attempts, moment(stumble.last), stumble.why]
            for uid, stumble in sorted(memory.stumbles.items())
        ],
        "compared_at": moment(memory.compared_at),
        "compared_uid": memory.compared_uid,
        "blind": memory.blind,
    }


def _memory_of(row: dict[str, Any]) -> FolderMemory:
    return FolderMemory(
        uidvalidity=row["uidvalidity"],
        stumbles={
            uid: Stumble(attempts, datetime.fromisoformat(last), why)
            for uid, attempts, last, why in row["stumbles"]
        },
        compared_at=moment_of(row["compared_at"]),
        compared_uid=row["compared_uid"],
        blind=row["blind"],
    )
