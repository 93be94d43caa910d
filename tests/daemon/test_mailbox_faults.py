"""The mailbox when the server or the network misbehaves."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundtracker.errors import Unreachable
from refundtracker.imap.mailbox import FetchBroken, FolderTrouble, Mailbox, RawMail
from rigs.fault_proxy import Fault, FaultProxy
from rigs.mailboxes import DAY, LONG_AGO, at, connected, dialogue, follows, mail, opened, scripted

if TYPE_CHECKING:
    from rigs.dovecot import Dovecot


class TestOddServers:
    def test_a_folder_is_found_by_its_use_and_looked_at_once(self) -> None:
        r"""`\Junk` is the folder for junk, whatever it is called here; INBOX needs no flag."""
        wanted = ("INBOX", "\\junk", "스팸", "\\Trash")
        with dialogue("folders-by-use") as server, at(server, folders=wanted) as mailbox:
            assert mailbox.folders() == ("INBOX", "\\junk")
            assert mailbox.offered == ("INBOX", "스팸")
            assert mailbox.missing == ("\\Trash",)
            assert mailbox.open("\\junk") == 9

    def test_search_answers_in_pieces(self) -> None:
        with dialogue("search-in-pieces") as server, at(server) as mailbox:
            mailbox.open("INBOX")
            assert mailbox.search(DAY) == [5, 7, 9, 12]

    def test_a_server_that_cannot_search_by_sender_is_asked_by_day(self) -> None:
        with dialogue("search-without-senders") as server, at(server) as mailbox:
            mailbox.open("INBOX")
            assert mailbox.search(DAY) == [5, 9]
            assert mailbox.search(DAY, after_uid=9) == []

    def test_a_server_that_cannot_search_is_trouble_with_the_folder(self) -> None:
        with dialogue("search-refused") as server, at(server) as mailbox:
            mailbox.open("INBOX")
            with pytest.raises(FolderTrouble, match=r"INBOX cannot be searched: .*not now"):
                mailbox.search(DAY)

    def test_odd_answers_leave_a_mail_pending_and_the_others_come(self) -> None:
        with dialogue("fetch-odd-answers") as server, at(server) as mailbox:
            mailbox.open("INBOX")
            mails = list(mailbox.fetch([5, 6, 7, 8, 9]))

        assert [(mail.place.uid, mail.raw, mail.arrived) for mail in mails] == [
            (5, b"five!", datetime(2026, 5, 12, 4, 22, tzinfo=UTC)),
            (9, b"nine!", None),
        ]

    def test_one_mail_that_cannot_be_handed_over_does_not_hold_up_the_rest(self) -> None:
        with dialogue("fetch-stumbles") as server, at(server) as mailbox:
            mailbox.open("INBOX")
            mails = list(mailbox.fetch([5, 6, 7]))

        assert [(mail.place.uid, mail.raw) for mail in mails] == [(5, b"five!"), (7, b"seven!")]

    def test_an_answer_that_ends_too_early_breaks_the_line(self) -> None:
        with dialogue("fetch-too-long-a-line") as server, at(server) as mailbox:
            mailbox.open("INBOX")
            with pytest.raises(FetchBroken, match="fetching mails"):
                list(mailbox.fetch([5]))

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                ["*", "5", "FETCH", "UID", "BODY[]", "BODY[HEADER", "RFC822.SIZE", "INTERNALDATE", "NIL",
                 "BODY", "ENVELOPE", '"x', '"', "(", ")", "[", "]", "{3}", "{99999999}", "\r\n", "OK", "BYE",
                 "+", "\\", "비"]
            )
        ).map(" ".join)
    )  # fmt: skip
    def test_any_answer_gives_mails_or_a_sentence(self, answer: str) -> None:
        """Nothing but our own errors leaves the room, whatever a server says."""
        with dialogue("fetch-anything", answer=f"* 1 FETCH {answer}") as server, at(server) as mailbox:
            mailbox.open("INBOX")
            got: list[RawMail] = []
            with suppress(Unreachable):
                got += mailbox.fetch([5, 6])
            server.strayed.clear()

        assert [mail for mail in got if mail.raw is not None] == []

    def test_poisonous_mails_hold_up_no_other(self, dovecot: Dovecot) -> None:
        """A damaged mail makes Dovecot drop the line, each time: then it is asked for alone, and last."""
        for number in range(8):
            dovecot.deliver(mail(subject=str(number)))
        files = sorted(dovecot.maildir().glob("new/*"))
        for damaged in (files[1], files[4]):
            damaged.rename(f"{damaged},S=99999")
        got: list[int] = []
        broke: list[int] = []
        for _ in range(4):
            with opened(dovecot) as mailbox:
                pending = [uid for uid in mailbox.search(LONG_AGO) if uid not in got]
                mails = mailbox.fetch(pending, alone=sorted(pending, key=broke.count) if broke else ())
                with pytest.raises(FetchBroken) as broken:
                    got += (found.place.uid for found in mails)
            broke += broken.value.uids

        assert sorted(got) == [1, 3, 4, 6, 7, 8]
        assert set(broken.value.uids) <= {2, 5}


class TestTheNetwork:
    @pytest.mark.parametrize("fault", ["cut", "reset", "stall"])
    def test_a_line_that_breaks_while_fetching(self, dovecot: Dovecot, fault: Fault) -> None:
        """What came is good, the rest is named, and a new connection gets it."""
        for number in range(120):
            dovecot.deliver(mail(body=b"x" * 2000, subject=str(number)))
        with FaultProxy(dovecot.port_tls) as proxy:
            got: list[RawMail] = []
            with opened(dovecot, proxy.port, answer=1) as mailbox:
                uids = mailbox.search(LONG_AGO)
                mails = mailbox.fetch(uids)
                got.append(next(mails))
                proxy.after(60_000, fault)
                with pytest.raises(FetchBroken) as broken:
                    got += mails
                with pytest.raises(Unreachable, match="this connection is closed"):
                    mailbox.search(LONG_AGO)
            with opened(dovecot, proxy.port) as mailbox:
                got += mailbox.fetch(sorted(set(uids) - {mail.place.uid for mail in got}))

        assert set(broken.value.uids) <= set(uids)
        assert [mail.place.uid for mail in got] == uids
        assert len({mail.raw for mail in got}) == 120

    def test_a_server_that_refuses_connections(self, dovecot: Dovecot) -> None:
        with FaultProxy(dovecot.port_tls) as proxy:
            proxy.refuse = True
            with pytest.raises(Unreachable, match=f"localhost:{proxy.port}: connecting"):
                connected(dovecot, proxy.port)
            proxy.heal()
            connected(dovecot, proxy.port).close()

    def test_a_port_where_nobody_listens(self, dovecot: Dovecot) -> None:
        with FaultProxy(1) as proxy:
            free = proxy.port
        with pytest.raises(Unreachable, match="the connection was refused"):
            connected(dovecot, free)

    def test_a_server_that_restarts(self, dovecot: Dovecot) -> None:
        mailbox = opened(dovecot)
        dovecot.stop()
        with pytest.raises(Unreachable):
            mailbox.search(DAY)
        mailbox.close()
        dovecot.start()
        with opened(dovecot) as mailbox:
            assert mailbox.search(DAY) == []

    def test_a_server_that_never_greets(self) -> None:
        with (
            dialogue("greeting-silence") as server,
            pytest.raises(Unreachable, match="connecting: no answer in time"),
        ):
            Mailbox.connect(scripted(server), "pw", follows=follows, terms=(), timeouts=(0.3, 0.3))

    def test_a_server_that_says_goodbye_at_once(self) -> None:
        with dialogue("greeting-bye") as server, pytest.raises(Unreachable, match="too many connections"):
            at(server)

    def test_plain_port_asked_for_tls(self, dovecot: Dovecot) -> None:
        with pytest.raises(Unreachable, match="does not begin with TLS"):
            connected(dovecot, dovecot.port_plain)


class TestClosing:
    def test_closing_twice_and_after_a_break(self, dovecot: Dovecot) -> None:
        mailbox = opened(dovecot)
        dovecot.kick()
        mailbox.close()
        mailbox.close()

    def test_a_stop_in_the_middle_of_an_answer_ends_the_line(self, dovecot: Dovecot) -> None:
        """What an exception leaves unread must not be taken for the next answer."""
        mailbox = opened(dovecot)
        with pytest.raises(KeyboardInterrupt), mailbox._line.asking("testing"):
            raise KeyboardInterrupt
        with pytest.raises(Unreachable, match="this connection is closed"):
            mailbox.search(DAY)
