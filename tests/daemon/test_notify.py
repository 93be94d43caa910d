"""What the service manager hears, on a real datagram socket."""

from __future__ import annotations

import os
import socket
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker.notify import Notifier

if TYPE_CHECKING:
    from collections.abc import Iterator


class Manager:
    """The listening side, as systemd has it: one datagram socket and a buffer of 4,096 bytes."""

    def __init__(self, name: str) -> None:
        """Listen on a path, or on an abstract name that starts with "@"."""
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.settimeout(5)

    def hear(self) -> str:
        """The next message."""
        return self.socket.recv(4096).decode("utf-8")

    def hear_all(self) -> list[str]:
        """Every message that waits already."""
        self.socket.settimeout(0)
        heard = []
        try:
            while True:
                heard.append(self.hear())
        except BlockingIOError:
            return heard


@pytest.fixture
def manager() -> Iterator[Manager]:
    # Not tmp_path: the path of a socket is limited to 107 bytes
    with tempfile.TemporaryDirectory(prefix="notify") as directory:
        listening = Manager(str(Path(directory, "socket")))
        yield listening
        listening.socket.close()


def notifier(manager: Manager, **more: str) -> Notifier:
    """One that reads its environment as under systemd."""
    return Notifier.from_environment({"NOTIFY_SOCKET": manager.name, **more})


def test_each_word_is_one_message(manager: Manager) -> None:
    speaking = notifier(manager, WATCHDOG_USEC="2000000")
    speaking.ready()
    speaking.status("3 disputes")
    speaking.watchdog()
    speaking.stopping()

    assert manager.hear_all() == ["READY=1", "STATUS=3 disputes", "WATCHDOG=1", "STOPPING=1"]


def test_ready_arrives_beside_a_korean_status(manager: Manager) -> None:
    speaking = notifier(manager)
    speaking.status("환불 3건 기다리는 중 · 받은편지함 감시")
    speaking.ready()

    assert manager.hear_all() == ["STATUS=환불 3건 기다리는 중 · 받은편지함 감시", "READY=1"]


def test_reloading_carries_the_time_of_the_monotonic_clock(manager: Manager) -> None:
    """Type=notify-reload refuses the message without it."""
    notifier(manager).reloading()
    word, moment = manager.hear().split("\n")

    assert word == "RELOADING=1"
    assert moment.removeprefix("MONOTONIC_USEC=").isdigit()


def test_abstract_names_are_reached() -> None:
    listening = Manager(f"@refundtracker-{uuid.uuid4()}")
    notifier(listening).ready()

    assert listening.hear() == "READY=1"
    listening.socket.close()


@pytest.mark.parametrize(
    "hostile", ["a\nREADY=1", "a\r\nMAINPID=1", "a\x00b", "a\x1b[31m", "a\u2028b", "a\ud800b"]
)
def test_status_text_cannot_add_fields(manager: Manager, hostile: str) -> None:
    notifier(manager).status(hostile)
    heard = manager.hear()

    assert heard == "STATUS=" + "".join(char if char.isprintable() else " " for char in hostile)
    assert "\n" not in heard
    assert "\0" not in heard


@given(text=st.text(st.characters(), max_size=3000))
def test_any_text_fits_one_line_of_one_datagram(text: str) -> None:
    """Longer than systemd's buffer, a message would be dropped whole."""
    listening = Manager(f"@refundtracker-{uuid.uuid4()}")
    notifier(listening).status(text)
    heard = listening.socket.recv(65536)
    listening.socket.close()

    assert heard.startswith(b"STATUS=")
    assert len(heard) < 4096
    assert heard.decode("utf-8").isprintable()


def test_a_long_status_is_cut(manager: Manager) -> None:
    """A message above 4,096 bytes is dropped whole; 2,000 characters of Korean have 6,000."""
    notifier(manager).status("환불" * 1000)

    assert manager.hear() == "STATUS=" + "환불" * 500


def test_without_a_manager_nothing_is_sent_or_reported() -> None:
    reports: list[str] = []
    alone = Notifier.from_environment({"WATCHDOG_USEC": "2000000"}, report=reports.append)
    for speak in (alone.ready, alone.watchdog, alone.stopping, alone.reloading):
        speak()
    alone.status("nobody listens")

    assert reports == []


def test_the_watchdog_is_silent_unless_asked_for(manager: Manager) -> None:
    speaking = notifier(manager)
    speaking.watchdog()
    speaking.ready()

    assert manager.hear_all() == ["READY=1"]


def test_the_environment_stays_as_it_was(manager: Manager) -> None:
    environ = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "1", "WATCHDOG_PID": str(os.getpid())}
    before = dict(environ)
    Notifier.from_environment(environ).ready()

    assert environ == before


@pytest.mark.parametrize(
    ("usec", "pid_off_by", "seconds"),
    [
        ("300000000", 0, 300.0),
        ("1500000", None, 1.5),
        ("300000000", 1, None),
        ("0", None, None),
        ("", None, None),
        ("-5", None, None),
        ("²", None, None),
        ("soon", None, None),
        (None, 0, None),
    ],
)
def test_watchdog_interval(usec: str | None, pid_off_by: int | None, seconds: float | None) -> None:
    """Seconds, and only when systemd waits for this very process."""
    environ = {}
    if usec is not None:
        environ["WATCHDOG_USEC"] = usec
    if pid_off_by is not None:
        environ["WATCHDOG_PID"] = str(os.getpid() + pid_off_by)

    assert Notifier.from_environment(environ).watchdog_interval == seconds


def test_a_failing_socket_is_reported_once_and_stops_nothing(manager: Manager) -> None:
    reports: list[str] = []
    speaking = Notifier(manager.name, report=reports.append)
    manager.socket.close()
    for _ in range(5):
        speaking.ready()

    assert len(reports) == 1
    assert manager.name in reports[0]
    assert "The work goes on" in reports[0]


def test_a_second_failure_after_a_success_is_reported_again() -> None:
    reports: list[str] = []
    name = f"@refundtracker-{uuid.uuid4()}"
    speaking = Notifier(name, report=reports.append)
    speaking.ready()
    listening = Manager(name)
    speaking.ready()
    listening.socket.close()
    speaking.ready()

    assert len(reports) == 2


@pytest.mark.parametrize("address", ["/nowhere/at/all", "/" + "x" * 300, "vsock:2:1234"])
def test_an_impossible_address_is_only_reported(address: str) -> None:
    reports: list[str] = []
    Notifier(address, report=reports.append).ready()

    assert len(reports) == 1


def test_a_full_socket_does_not_hold_up_the_loop(manager: Manager) -> None:
    """Nobody reads: after a moment the message is given up, with a report."""
    reports: list[str] = []
    speaking = Notifier(manager.name, report=reports.append)
    sent = 0
    while not reports and sent < 10_000:
        speaking.status("x" * 1000)
        sent += 1

    assert len(reports) == 1


def test_the_log_hears_of_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    Notifier("/nowhere/at/all").ready()

    assert [record.levelname for record in caplog.records] == ["WARNING"]
