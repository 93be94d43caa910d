"""What the mailbox fetches and which folders it opens, against a real Dovecot and scripted servers."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from refundtracker.imap.mailbox import FolderTrouble, Mailbox, Place, RawMail
from rigs.fault_proxy import FaultProxy
from rigs.mailboxes import (
    DAY,
    LONG_AGO,
    NOTICE,
    TERMS,
    account,
    at,
    connected,
    dialogue,
    follows,
    mail,
    opened,
    said,
)  # fmt: skip

if TYPE_CHECKING:
    from rigs.dovecot import Dovecot


class TestWhatIsFetched:
    def test_a_mail_comes_byte_by_byte_with_its_place_and_moment(self, dovecot: Dovecot) -> None:
        """The bytes are the record: nothing may change them on the way."""
        raw = mail(body=bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b""))
        moment = datetime(2026, 5, 12, 13, 22, tzinfo=timezone(timedelta(hours=9)))
        dovecot.deliver(raw, internal_date=moment)
        with connected(dovecot) as mailbox:
            uidvalidity = mailbox.open("INBOX")

            assert list(mailbox.fetch(mailbox.search(DAY))) == [
                RawMail(
                    place=Place("home", "INBOX", uidvalidity, 1),
                    raw=raw,
                    arrived=datetime(2026, 5, 12, 4, 22, tzinfo=UTC),
                    size=len(raw),
                )
            ]

    def test_strangers_stay_on_the_server(self, dovecot: Dovecot) -> None:
        """The server searches by sender; of a stranger's mail not even the header moves."""
        for number in range(20):
            dovecot.deliver(mail("friend@example.net", body=b"x" * 50_000))
            if number % 7 == 0:
                dovecot.deliver(mail(body=b"y" * 1000))
        with FaultProxy(dovecot.port_tls) as proxy, opened(dovecot, proxy.port) as mailbox:
            mails = list(mailbox.fetch(mailbox.search(LONG_AGO)))
            moved = proxy.received

        assert [mail.place.uid for mail in mails] != []
        assert {mail.left_out for mail in mails} == {None}
        assert len(mails) == 3
        assert moved < 20_000
        assert said(dovecot, "UID SEARCH") == [
            'UID SEARCH SINCE 01-Jan-2000 OR FROM "aliexpress.com" FROM "me@example.org"'
        ]

    def test_a_sender_that_only_looks_followed_is_left_out(self, dovecot: Dovecot) -> None:
        """A server finds parts of addresses and display names; what is followed is decided here."""
        dovecot.deliver(mail(f'"{NOTICE}" <x@evil.test>'))
        dovecot.deliver(mail("x@aliexpress.com.evil.test"))
        with opened(dovecot) as mailbox:
            mails = list(mailbox.fetch(mailbox.search(LONG_AGO)))

        assert [(mail.raw, mail.left_out) for mail in mails] == [(None, "not-ours"), (None, "not-ours")]
        assert [line for line in said(dovecot, "UID FETCH") if "PEEK[]" in line] == []

    def test_a_mail_that_is_too_large_is_left_out_with_its_size(self, dovecot: Dovecot) -> None:
        huge = mail(body=b"z" * 1_000_000)
        dovecot.deliver(huge)
        with opened(dovecot) as mailbox:
            mails = list(mailbox.fetch(mailbox.search(LONG_AGO)))

        assert [(mail.raw, mail.left_out, mail.size) for mail in mails] == [(None, "too-large", len(huge))]

    def test_mails_that_vanish_are_not_yielded(self, dovecot: Dovecot) -> None:
        dovecot.deliver(mail())
        with opened(dovecot) as mailbox:
            uids = mailbox.search(LONG_AGO)
            dovecot.expunge_all()

            assert (uids, list(mailbox.fetch(uids))) == ([1], [])

    def test_nothing_in_the_mailbox_changes(self, dovecot: Dovecot) -> None:
        """Neither the Seen flag nor the file itself: another mail program finds all as before."""
        file = dovecot.deliver(mail())
        with opened(dovecot) as mailbox:
            fetched = list(mailbox.fetch(mailbox.search(LONG_AGO)))

        assert len(fetched) == 1
        assert [found.name for found in dovecot.maildir().glob("*/*.localhost*")] == [file.name]
        assert file.parent.name == "new"
        assert said(dovecot, "SELECT") + said(dovecot, "UID STORE") == []

    def test_a_large_mailbox_takes_few_requests(self, dovecot: Dovecot) -> None:
        """Five thousand mails, every tenth ours: what costs a round trip is bounded by batches."""
        for number in range(5000):
            sender = NOTICE if number % 10 == 0 else "friend@example.net"
            dovecot.deliver(mail(sender, subject=str(number)))
        with opened(dovecot) as mailbox:
            uids = mailbox.search(LONG_AGO)
            mails = list(mailbox.fetch(uids))

        assert [mail.place.uid for mail in mails] == uids
        assert len({mail.raw for mail in mails}) == 500
        assert len(said(dovecot, "UID FETCH")) == 3 + 10

    def test_only_mails_behind_a_number(self, dovecot: Dovecot) -> None:
        """`51:*` names the last mail even when its number is lower (RFC 3501)."""
        for _ in range(3):
            dovecot.deliver(mail())
        with opened(dovecot) as mailbox:
            assert mailbox.search(LONG_AGO, after_uid=1) == [2, 3]
            assert mailbox.search(LONG_AGO, after_uid=3) == []

    def test_only_mails_since_a_day(self, dovecot: Dovecot) -> None:
        dovecot.deliver(mail(), internal_date=datetime(2026, 4, 1, tzinfo=UTC))
        dovecot.deliver(mail(), internal_date=datetime(2026, 5, 20, tzinfo=UTC))
        with opened(dovecot) as mailbox:
            assert mailbox.search(DAY) == [2]

    def test_another_generation_of_numbers_is_told(self, dovecot: Dovecot) -> None:
        dovecot.deliver(mail())
        with connected(dovecot) as mailbox:
            before = mailbox.open("INBOX")
        dovecot.reset_uidvalidity()
        with connected(dovecot) as mailbox:
            assert mailbox.open("INBOX") > before
            assert [found.raw for found in mailbox.fetch(mailbox.search(LONG_AGO))] == [mail()]


class TestFolders:
    def test_korean_names(self, dovecot: Dovecot) -> None:
        """Modified UTF-7 on the wire, Hangul for people; also when it is stored in parts."""
        parts = unicodedata.normalize("NFD", "카드 문자")
        dovecot.deliver(mail(subject="1"), folder="스팸메일함")
        dovecot.deliver(mail(subject="2"), folder=parts)
        mine = account(dovecot, folders=("INBOX", "스팸메일함", "카드 문자", "없는 편지함"))
        subjects = []
        with Mailbox.connect(mine, dovecot.password, follows=follows, terms=TERMS) as mailbox:
            there = mailbox.folders()
            for folder in there[1:]:
                mailbox.open(folder)
                subjects += [found.raw for found in mailbox.fetch(mailbox.search(LONG_AGO))]

        assert there == ("INBOX", "스팸메일함", "카드 문자")
        assert mailbox.missing == ("없는 편지함",)
        assert set(mailbox.offered) == {"INBOX", "스팸메일함", "카드 문자"}
        assert subjects == [mail(subject="1"), mail(subject="2")]

    def test_a_folder_that_does_not_open_leaves_the_others(self, dovecot: Dovecot) -> None:
        with connected(dovecot) as mailbox:
            with pytest.raises(
                FolderTrouble, match=r"home \(localhost\): the folder 없음 does not open"
            ) as trouble:
                mailbox.open("없음")

            assert trouble.value.folder == "없음"
            assert mailbox.open("INBOX") > 0

    def test_names_in_unusual_lists(self) -> None:
        wanted = ("INBOX", unicodedata.normalize("NFC", "스팸"), "Shop/SMS", "Shop", "2026")
        with dialogue("folders") as server, at(server, folders=wanted) as mailbox:
            assert mailbox.folders() == ("INBOX", "스팸", "Shop/SMS", "2026")
            assert mailbox.missing == ("Shop",)
            assert [mailbox.open("스팸"), mailbox.open("Shop/SMS")] == [7, 8]

    def test_a_list_that_nobody_can_read_hides_no_folder(self) -> None:
        with dialogue("folders-odd") as server, at(server, folders=("INBOX", "SMS")) as mailbox:
            assert mailbox.folders() == ("INBOX", "SMS")

    def test_a_refused_folder_is_named_and_the_line_goes_on(self) -> None:
        with dialogue("folder-refused") as server, at(server) as mailbox:
            with pytest.raises(FolderTrouble, match=r"SMS does not open: .*\[NONEXISTENT\] Unknown Mailbox"):
                mailbox.open("SMS")

            assert mailbox.open("INBOX") == 7

    def test_a_server_without_uidvalidity(self) -> None:
        with dialogue("no-uidvalidity") as server, at(server) as mailbox:
            assert mailbox.open("INBOX") == 0
