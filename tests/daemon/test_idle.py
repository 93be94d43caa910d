"""The wait for mail, against scripted servers with every known fault and against a real one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from refundtracker.errors import Unreachable
from refundtracker.imap import idle
from rigs.mailboxes import LONG_AGO, at, connected, dialogue, mail

if TYPE_CHECKING:
    from refundtracker.config import Tls
    from refundtracker.imap.mailbox import Mailbox
    from rigs.dovecot import Dovecot
    from rigs.scripted_imap import ScriptedImap

# Longer than any test may last: a sign that is missed fails by its time-out.
LONG = 600.0
NEVER = threading.Event()


def watching(server: ScriptedImap) -> Mailbox:
    mailbox = at(server)
    mailbox.open("INBOX")
    return mailbox


@pytest.mark.parametrize(
    "name",
    [
        "idle-news",
        "idle-news-before-continuation",
        "idle-news-in-same-packet",
        "idle-line-in-pieces",
        "idle-nonsense",
    ],
)
def test_any_sign_ends_the_wait(name: str) -> None:
    """Whatever the server says in IDLE, however it is cut into packets, wakes us and keeps the line."""
    with dialogue(name) as server, watching(server) as mailbox:
        assert mailbox.wait(LONG, NEVER) is True


def test_the_line_is_in_step_after_news_before_the_continuation() -> None:
    with dialogue("idle-news-before-continuation") as server, watching(server) as mailbox:
        mailbox.wait(LONG, NEVER)
        mailbox._line.imap.noop()


def test_news_that_comes_with_the_end_of_idle_counts() -> None:
    with dialogue("idle-news-with-done") as server, watching(server) as mailbox:
        assert mailbox.wait(0.1, NEVER) is True


def test_a_quiet_time_is_over_without_news_and_can_be_repeated() -> None:
    with dialogue("idle-quiet") as server, watching(server) as mailbox:
        assert mailbox.wait(0.1, NEVER) is False
        assert mailbox.wait(0.1, NEVER) is False


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("idle-end", "the server closed the connection"),
        ("idle-bye", "Autologout; idle for too long"),
        ("idle-bye-stays-open", "Autologout; idle for too long"),
        ("idle-half-line", "unterminated line|the server closed the connection"),
        ("idle-not-imap", "HTTP/1.1 400 Bad Request"),
    ],
)
def test_a_line_that_ends_in_idle_is_unreachable(name: str, words: str) -> None:
    """The library answers with nothing, for ever; we say what happened, once."""
    with dialogue(name) as server, watching(server) as mailbox:
        with pytest.raises(Unreachable, match=words):
            mailbox.wait(LONG, NEVER)
        with pytest.raises(Unreachable, match="this connection is closed"):
            mailbox.wait(LONG, NEVER)


@pytest.mark.parametrize("name", ["idle-done-unanswered", "idle-no-continuation"])
def test_a_server_that_does_not_answer_is_given_up(name: str) -> None:
    with (
        dialogue(name) as server,
        watching(server) as mailbox,
        pytest.raises(TimeoutError),
    ):
        idle.watch(mailbox._line.imap, 0.1, NEVER, answer=0.2)


def test_a_stop_does_not_wait_for_a_server_that_does_not_answer() -> None:
    """A service that is told to stop hangs on no server."""
    stop = threading.Event()
    with dialogue("idle-done-unanswered") as server, watching(server) as mailbox:
        threading.Timer(0.2, stop.set).start()
        with pytest.raises(Unreachable, match="no answer in time"):
            mailbox.wait(LONG, stop)


def test_a_stop_ends_the_wait_without_news() -> None:
    stop = threading.Event()
    with dialogue("idle-quiet") as server, watching(server) as mailbox:
        threading.Timer(0.1, stop.set).start()
        assert mailbox.wait(LONG, stop) is False


def test_a_server_that_refuses_idle_is_polled() -> None:
    with dialogue("idle-refused") as server, watching(server) as mailbox:
        before = mailbox.mode

        assert mailbox.wait(0.1, NEVER) is True
        assert (before, mailbox.mode) == ("idle", "poll")


def test_a_server_without_idle_is_asked_when_the_time_is_over() -> None:
    with dialogue("poll") as server, watching(server) as mailbox:
        assert mailbox.mode == "poll"
        assert mailbox.wait(0.1, NEVER) is True


def test_a_stop_ends_a_poll_without_asking() -> None:
    stop = threading.Event()
    stop.set()
    with dialogue("poll") as server, watching(server) as mailbox:
        assert mailbox.wait(LONG, stop) is False


def test_a_sleep_of_the_machine_ends_the_wait() -> None:
    """After a suspend the line may be dead without anybody saying so: leave IDLE and see."""
    slept = iter([0.0])
    with dialogue("idle-quiet") as server, watching(server) as mailbox:
        assert idle.watch(mailbox._line.imap, LONG, NEVER, slept=lambda: next(slept, 3600.0)) is True


def test_a_sleep_of_the_machine_ends_a_doze() -> None:
    slept = iter([0.0, 3600.0])

    assert idle.doze(LONG, NEVER, slept=lambda: next(slept)) is True


def test_news_told_with_another_answer_is_not_lost() -> None:
    """A server tells of a mail once: here at the end of a FETCH, before IDLE began."""
    with dialogue("search-tells-news") as server, watching(server) as mailbox:
        list(mailbox.fetch(mailbox.search(LONG_AGO)))

        assert mailbox.wait(LONG, NEVER) is True


@pytest.mark.parametrize("tls", ["tls", "starttls", "none"])
def test_mail_that_comes_before_idle_is_noticed_each_time(dovecot: Dovecot, tls: Tls) -> None:
    """The race of the arrival: delivered after the last command, before IDLE. Ten of ten."""
    dovecot.deliver(mail())
    noticed = 0
    with connected(dovecot, tls=tls) as mailbox:
        mailbox.open("INBOX")
        for number in range(1, 11):
            before = len(mailbox.search(LONG_AGO))
            dovecot.deliver(mail(subject=str(number)))
            noticed += mailbox.wait(LONG, NEVER)
            assert len(mailbox.search(LONG_AGO)) == before + 1

    assert noticed == 10


def test_mail_that_comes_during_idle_is_noticed(dovecot: Dovecot) -> None:
    with connected(dovecot) as mailbox:
        mailbox.open("INBOX")
        mailbox.search(LONG_AGO)
        threading.Timer(0.5, dovecot.deliver, [mail()]).start()

        assert mailbox.wait(LONG, NEVER) is True
        assert mailbox.search(LONG_AGO) == [1]


def test_mail_that_comes_while_another_folder_is_open_is_noticed(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(), folder="SMS")
    with connected(dovecot) as mailbox:
        for folder in ("INBOX", "SMS"):
            mailbox.open(folder)
            mailbox.search(LONG_AGO)
        dovecot.deliver(mail())
        mailbox.open("INBOX")

        assert mailbox.wait(LONG, NEVER) is True
        assert mailbox.search(LONG_AGO) == [1]
        assert mailbox.wait(0.1, NEVER) is False


def test_a_client_that_is_thrown_out_knows_it(dovecot: Dovecot) -> None:
    with connected(dovecot) as mailbox:
        mailbox.open("INBOX")
        threading.Timer(0.3, dovecot.kick).start()
        with pytest.raises(Unreachable):
            mailbox.wait(LONG, NEVER)
