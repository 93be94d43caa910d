"""Once a day and once a week: the database is tended, looked through, and copied. No evidence is dropped."""

from __future__ import annotations

import re
import shutil
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.alarms.bell import BACKUP_TROUBLE, DAMAGE
from refundtracker.errors import DiskTrouble
from refundtracker.jobs.errand import Errand
from refundtracker.store import Store

if TYPE_CHECKING:
    from pathlib import Path

_TENDED: Final = "tended"
_CHECKED: Final = "checked"
_DAILY: Final = timedelta(days=1)
_WEEKLY: Final = timedelta(days=7)
# What the alarms said is of no use a season later; summaries stay.
_FORGET_ALARMS: Final = timedelta(days=90)
_ROOM: Final = 50_000_000  # bytes that a copy leaves free


class Housekeeper(Errand):
    """Tends the database when a day or a week is over; what is due is asked of the database itself."""

    name = "housekeeping"

    def work(self) -> None:
        """Do what is due, if anything."""
        now = self.setting.clock()
        with Store.open(self.setting.database) as store:
            if not _is_over(store.noted(_TENDED), now, _DAILY):
                return
            store.tend()
            store.forget_sent("alarm:", now - _FORGET_ALARMS)
            if _is_over(store.noted(_CHECKED), now, _WEEKLY):
                self._look_through(store, now)
            store.note(_TENDED, now.isoformat())

    def _look_through(self, store: Store, now: datetime) -> None:
        """A damaged database takes no copy's place; it is looked at again the next day."""
        found = store.integrity()
        store.note(DAMAGE, "; ".join(found[:3]))
        trouble = "" if found else self._copied(store, now)
        store.note(BACKUP_TROUBLE, trouble)
        if not found and not trouble:
            store.note(_CHECKED, now.isoformat())

    def _copied(self, store: Store, now: datetime) -> str:
        """Make the copy of this week and drop the oldest; what went wrong, or nothing."""
        keep = self.setting.config.backups
        if not keep:
            return ""
        day = now.astimezone(self.setting.config.region.timezone).date()
        try:
            _need_room(store.path)
            store.back_up(store.path.with_name(f"{store.path.name}.{day}.backup"))
            _drop_all_but(store.path, keep)
        except DiskTrouble as error:
            return str(error)
        except OSError as error:
            return f"{error.filename}: {error.strerror}"
        return ""


def _is_over(noted: str | None, now: datetime, length: timedelta) -> bool:
    """Whether so much time has passed; a clock that was set back counts as well."""
    if not noted:
        return True
    passed = now - datetime.fromisoformat(noted)
    return passed >= length or passed < -timedelta(hours=1)


def _need_room(database: Path) -> None:
    """A copy must not be what fills the disk."""
    size, free = database.stat().st_size, shutil.disk_usage(database.parent).free
    if free < size + _ROOM:
        needed = (size + _ROOM) // 1_000_000
        raise DiskTrouble(
            f"{database.parent} has {free // 1_000_000} MB left, a copy of the database needs {needed} MB"
        )


def _drop_all_but(database: Path, keep: int) -> None:
    """Only our own weekly copies are touched: their names hold a day."""
    name = re.compile(re.escape(database.name) + r"\.\d{4}-\d{2}-\d{2}\.backup")
    copies = sorted(each for each in database.parent.iterdir() if name.fullmatch(each.name))
    for old in copies[:-keep]:
        old.unlink(missing_ok=True)
