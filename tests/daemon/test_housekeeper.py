"""Daily and weekly: the database is looked through and copied; a damaged one takes no copy's place."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from refundtracker.alarms.bell import BACKUP_TROUBLE, DAMAGE
from refundtracker.config import Config
from refundtracker.jobs.housekeeper import Housekeeper
from refundtracker.store import Store
from refundtracker.watching import Setting

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 5, 18, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def tended(path: Path, now: datetime, *, keep: int = 2) -> None:
    """One look at this moment."""
    Housekeeper(Setting(Config(backups=keep), path, None, {}, "en", lambda: now)).work()


def copies(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.glob("*.backup"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "refunds.db") as store:
        store.clear_trouble("home")
    return tmp_path / "refunds.db"


def test_a_copy_a_week_and_the_newest_two_stay(path: Path) -> None:
    (path.parent / "refunds.db.schema1.backup").touch()  # of a migration: not ours to drop
    (path.parent / "other.db.2020-01-01.backup").touch()
    for number in range(30):
        tended(path, NOW + number * DAY)

    assert copies(path) == [
        "other.db.2020-01-01.backup", "refunds.db.2026-06-08.backup", "refunds.db.2026-06-15.backup",
        "refunds.db.schema1.backup",
    ]  # fmt: skip
    newest = path.with_name("refunds.db.2026-06-15.backup")
    assert stat.S_IMODE(newest.stat().st_mode) == 0o600
    with Store.open_readonly(newest) as copy:
        assert [status.account for status in copy.account_statuses()] == ["home"]


def test_a_copy_can_take_the_place_of_the_database(path: Path) -> None:
    """As the README says: the copy in its place, the files beside it gone."""
    tended(path, NOW)
    with Store.open(path) as store:
        store.clear_trouble("later")
    path.with_name("refunds.db.2026-05-18.backup").replace(path)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)

    with Store.open(path) as store:
        assert [status.account for status in store.account_statuses()] == ["home"]
        assert store.integrity() == []


def test_no_copies_when_none_are_wanted(path: Path) -> None:
    tended(path, NOW, keep=0)

    assert copies(path) == []


def test_a_clock_that_was_set_back_stops_nothing(path: Path) -> None:
    tended(path, NOW + 4000 * DAY)
    tended(path, NOW)

    assert "refunds.db.2026-05-18.backup" in copies(path)


def test_a_damaged_database_is_told_and_takes_no_copys_place(path: Path) -> None:
    with Store.open(path) as store:
        store._connection.execute("PRAGMA foreign_keys = OFF")
        store._connection.execute("INSERT INTO sighting VALUES ('home', 'INBOX', 1, 1, 99)")
    tended(path, NOW)
    with Store.open(path) as store:
        found = store.noted(DAMAGE)
        store._connection.execute("DELETE FROM sighting")
    tended(path, NOW + DAY)
    with Store.open(path) as store:
        later = store.noted(DAMAGE)

    assert "a row of sighting refers to a mail that is gone" in (found or "")
    assert later == ""
    assert copies(path) == ["refunds.db.2026-05-19.backup"]


def test_a_copy_that_cannot_be_made_is_told_and_tried_the_next_day(path: Path) -> None:
    blocked = path.with_name("refunds.db.2026-05-18.backup")
    blocked.mkdir()
    tended(path, NOW)
    with Store.open(path) as store:
        told = store.noted(BACKUP_TROUBLE)
    blocked.rmdir()
    tended(path, NOW + DAY)

    assert "refunds.db" in (told or "")
    assert copies(path) == ["refunds.db.2026-05-19.backup"]
    with Store.open(path) as store:
        assert store.noted(BACKUP_TROUBLE) == ""
