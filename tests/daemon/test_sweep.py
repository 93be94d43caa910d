"""What a sweep makes of servers that keep mails back, and of searches that find nothing."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundparsers.forms import shipped
from refundparsers.senders import SenderPolicy
from refundtracker.imap.mailbox import FetchBroken, Mailbox
from refundtracker.ingest import Reader
from refundtracker.store import Store
from refundtracker.store.folders import MOST_ATTEMPTS, FolderMemory, Stumble
from refundtracker.sweep import Sweeper
from rigs import sample
from rigs.mailboxes import TERMS, account, at, dialogue, follows, said, scripted
from rigs.mailboxes import mail as small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refundtracker.config import Account
    from refundtracker.sweep import Swept
    from rigs.dovecot import Dovecot

NOW = datetime(2026, 5, 20, tzinfo=UTC)
READER = Reader(SenderPolicy(authserv=(sample.AUTHSERV,)), shipped(), UTC)


@dataclass
class Desk:
    """A store, and a clock that is set by hand."""

    store: Store
    now: datetime = NOW

    def sweep(self, mailbox: Mailbox, whose: Account) -> Swept:
        """One sweep over an open line."""
        return Sweeper(self.store, whose, READER, lambda: self.now, threading.Event()).sweep(mailbox)

    def visit(self, dovecot: Dovecot) -> Swept | None:
        """One connection and one sweep of both folders; None when the line broke."""
        mine = account(dovecot, folders=("INBOX", "SMS"))
        with Mailbox.connect(mine, dovecot.password, follows=follows, terms=TERMS) as mailbox:
            try:
                return self.sweep(mailbox, mine)
            except FetchBroken:
                return None

    def known(self) -> dict[str, set[int]]:
        """The UIDs that have an outcome, by folder."""
        cursors = {folder: self.store.cursor("home", folder) for folder in ("INBOX", "SMS")}
        return {
            folder: self.store.known_uids("home", folder, cursor.uidvalidity)
            for folder, cursor in cursors.items()
            if cursor
        }


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Store.open(tmp_path / "refunds.db") as store:
        yield Desk(store)


@pytest.fixture
def damaged(dovecot: Dovecot) -> Dovecot:
    """Two mails in each folder. The first of INBOX makes Dovecot drop the line each time it is fetched."""
    for number in range(4):
        dovecot.deliver(small(subject=str(number)), "INBOX" if number < 2 else "SMS")
    first = min(dovecot.maildir().glob("new/*"))
    first.rename(f"{first},S=99999")
    return dovecot


class TestMailsThatNobodyCanHave:
    def test_one_holds_up_neither_its_folder_nor_another(self, desk: Desk, damaged: Dovecot) -> None:
        """The others have their outcome before it is asked for again, and then the sweep is whole."""
        visits = [desk.visit(damaged) for _ in range(3)]

        assert desk.known() == {"INBOX": {2}, "SMS": {1, 2}}
        assert [visit and visit.finished for visit in visits] == [None, None, True]

    def test_after_some_attempts_it_is_recorded_with_the_reason(self, desk: Desk, damaged: Dovecot) -> None:
        """The attempts are counted in the database, so that a restart forgets none."""
        desk.visit(damaged)
        broken = 0
        while desk.known().get("INBOX", set()) != {1, 2}:
            desk.now += timedelta(hours=13)
            broken += desk.visit(damaged) is None
        last = desk.visit(damaged)

        (lost,) = (mail for mail in desk.store.mails() if not mail.sha256)
        assert broken == MOST_ATTEMPTS
        assert lost.outcome == "unparsable"
        assert (lost.reason or "").startswith(
            f"the server did not hand it over in {MOST_ATTEMPTS} attempts: "
        )
        assert last is not None
        assert (last.finished, last.new, last.trouble) == (True, 0, ())

    def test_an_outage_of_an_hour_makes_no_mail_unreadable(self, desk: Desk, damaged: Dovecot) -> None:
        """However often the line breaks meanwhile: the attempts are spread over most of a day."""
        for _ in range(60):
            desk.now += timedelta(minutes=1)
            desk.visit(damaged)

        assert [mail.outcome for mail in desk.store.mails() if not mail.sha256] == []

    def test_one_that_is_repaired_comes_after_all(self, desk: Desk, damaged: Dovecot) -> None:
        desk.visit(damaged)
        desk.visit(damaged)
        for file in damaged.maildir().glob("*/*,S=99999*"):
            file.rename(file.with_name(file.name.replace(",S=99999", "")))
        desk.now += timedelta(hours=1)
        swept = desk.visit(damaged)

        assert swept is not None
        assert (swept.finished, swept.trouble) == (True, ())
        assert [bool(mail.sha256) for mail in desk.store.mails()] == [True] * 4

    def test_one_that_is_deleted_is_forgotten(self, desk: Desk, damaged: Dovecot) -> None:
        desk.visit(damaged)
        damaged.expunge_all()
        desk.visit(damaged)
        cursor = desk.store.cursor("home", "INBOX")

        assert cursor is not None
        assert desk.store.folder_memory("home", "INBOX", cursor.uidvalidity).stumbles == {}


class TestSearchesThatFindNothing:
    def test_a_server_that_finds_nobody_by_sender_is_asked_by_day(self, desk: Desk) -> None:
        """It says OK and finds nothing. Of the strangers found then, nothing is stored."""
        with dialogue("search-blind") as server, at(server) as mailbox:
            swept = desk.sweep(mailbox, scripted(server))

        assert (swept.new, swept.seen) == (1, 1)
        assert swept.trouble == (
            "the server's search by sender misses mail in 'INBOX'; it is searched by day now",
        )
        assert desk.store.known_uids("home", "INBOX", 7) == {9}

    def test_a_good_server_is_compared_once_a_day_and_each_mail_once(
        self, desk: Desk, dovecot: Dovecot
    ) -> None:
        for sender in ("a@aliexpress.com", "b@stranger.example"):
            dovecot.deliver(small(sender))
        asked = []
        for hours in (0, 1, 25, 1, 25):
            desk.now += timedelta(hours=hours)
            desk.visit(dovecot)
            asked.append([line for line in said(dovecot, "UID SEARCH") if "FROM" not in line])

        assert [len(lines) for lines in asked] == [0, 0, 1, 1, 2]
        assert [line.endswith("UID 3:*") for line in asked[-1]] == [False, True]
        assert len(desk.store.mails()) == 1


class TestGenerationsOfNumbers:
    RENUMBERED = ("the server renumbered 'INBOX'; it was read anew, nothing counts twice",)

    def sweep(self, desk: Desk, generation: str) -> Swept:
        """A new connection, whose server says this of UIDVALIDITY."""
        with dialogue("sweep-one-mail", generation=generation) as server, at(server) as mailbox:
            return desk.sweep(mailbox, scripted(server))

    def test_a_new_one_is_told_once_and_counts_nothing_twice(self, desk: Desk) -> None:
        """History stays: the mail is known by its content, whatever its number means today."""
        swept = [self.sweep(desk, f"[UIDVALIDITY {number}] generation") for number in (7, 8)]

        assert [(each.new, each.trouble) for each in swept] == [(1, ()), (0, self.RENUMBERED)]
        assert len(desk.store.mails()) == 1
        assert [desk.store.known_uids("home", "INBOX", number) for number in (7, 8)] == [{9}, {9}]

    @pytest.mark.parametrize("generation", ["no word of it", "[UIDVALIDITY 0] none"])
    def test_without_one_mails_are_known_by_their_content_alone(self, desk: Desk, generation: str) -> None:
        """A UID means nothing then: it is fetched each time, and recorded once."""
        swept = [self.sweep(desk, generation) for _ in range(3)]

        assert [(each.new, each.seen, each.trouble) for each in swept] == [(1, 1, ()), (0, 1, ()), (0, 1, ())]
        assert len(desk.store.mails()) == 1
        assert desk.store.known_uids("home", "INBOX", 0) == set()


def stumbles() -> st.SearchStrategy[dict[int, Stumble]]:
    moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    whole = moments.map(lambda moment: moment.replace(microsecond=0))
    return st.dictionaries(st.integers(1, 2**32 - 1), st.builds(Stumble, st.integers(0, 9), whole, st.text()))


@settings(max_examples=30, deadline=None)
@given(st.text(), st.text(), stumbles(), st.integers(0, 2**32 - 1))
def test_what_is_remembered_of_a_folder_comes_back(
    account: str, folder: str, found: dict[int, Stumble], uid: int
) -> None:
    """Whatever the folder is called and the server said; another UIDVALIDITY begins anew."""
    memory = FolderMemory(7, found, NOW, uid, blind=uid % 2 == 0)
    with tempfile.TemporaryDirectory() as directory, Store.open(Path(directory, "refunds.db")) as store:
        store.remember_folder(account, folder, memory)

        assert store.folder_memory(account, folder, 7) == memory
        assert store.folder_memory(account, folder, 8) == FolderMemory(8)
