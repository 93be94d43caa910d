# ruff: noqa: SLF001 - imaplib offers no public IDLE before Python 3.14
"""Waiting for mail without missing any: one IDLE (RFC 2177) that leaves at any sign from the server.

Nothing here reads what the server says in IDLE. Any byte means "look", and so does a
silence in which the machine slept. Whether the line still lives is asked with DONE.

It works on `imaplib`'s connection because the wait must see bytes that were read from
the socket but not yet from its buffer: a poll on the socket alone misses mail that was
announced in the packet of an earlier answer.
"""

from __future__ import annotations

import select
import ssl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import imaplib
    import socket
    import threading
    from collections.abc import Callable, Iterator

# RFC 2177 allows 29 minutes; routers forget a silent line long before.
_RENEWAL: Final = 540.0
# How long a request to stop may go unnoticed.
_SLICE: Final = 0.5
# A machine that slept this long may have lost its line without being told.
_NAP: Final = 5.0
# How far the other clocks were ahead of the one that stands still in a suspend, when we began.
_WALL_AHEAD: Final = time.time() - time.monotonic()
_BOOTED_AHEAD: Final = (
    time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic() if hasattr(time, "CLOCK_BOOTTIME") else 0.0
)
# How long to wait for a server's last word when the service stops.
_STOPPING: Final = 1.0


class IdleRefusedError(Exception):
    """The server announced IDLE but does not do it; polling is what is left."""


def asleep() -> float:
    """Seconds this machine has slept, as far as its clocks know; never less than before but by a set clock.

    The clock that goes on in a suspend tells it; where there is none, or where a whole virtual
    machine stood still, the clock on the wall does.
    """
    awake = time.monotonic()
    booted = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else awake
    return max(booted - awake - _BOOTED_AHEAD, time.time() - awake - _WALL_AHEAD)


def watch(
    imap: imaplib.IMAP4,
    seconds: float,
    stop: threading.Event,
    *,
    answer: float = 15.0,
    slept: Callable[[], float] = asleep,
) -> bool:
    """Wait in IDLE for any sign from the server.

    Args:
        imap: logged in, a folder selected, no command under way.
        seconds: how long to wait at most; renewed inside when it is long.
        stop: ends the wait within a second.
        answer: seconds the server may take to begin or end an IDLE.
        slept: seconds this machine has spent asleep so far.

    Returns:
        True when something happened or may have happened: search now.

    Raises:
        IdleRefusedError: the server answered IDLE with NO or BAD.
        OSError, imaplib.IMAP4.error: the line is dead or out of step; give it up.
    """
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        news = _spell(imap, min(left, _RENEWAL), _Guard(stop, slept, answer))
        if news or stop.is_set() or left <= _RENEWAL:
            return news


def doze(seconds: float, stop: threading.Event, *, slept: Callable[[], float] = asleep) -> bool:
    """Wait without a server's help; False when `stop` ended it. A sleep of the machine ends it early."""
    guard = _Guard(stop, slept)
    deadline = time.monotonic() + seconds
    while not guard.napped and (left := deadline - time.monotonic()) > 0:
        if stop.wait(min(left, _SLICE)):
            return False
    return not stop.is_set()


class _Guard:
    """What ends a wait besides mail: the service stops, or the machine slept meanwhile."""

    def __init__(self, stop: threading.Event, slept: Callable[[], float], answer: float = 0.0) -> None:
        self.stop = stop
        self._slept = slept
        self._before = slept()
        self._answer = answer

    @property
    def napped(self) -> bool:
        return self._slept() - self._before > _NAP

    @property
    def answer(self) -> float:
        """How long to wait for an answer; hardly at all when the service stops."""
        return min(_STOPPING, self._answer) if self.stop.is_set() else self._answer


def _spell(imap: imaplib.IMAP4, seconds: float, guard: _Guard) -> bool:
    """One IDLE, from the command to the end of its last answer."""
    imap.untagged_responses.clear()
    with _patience(imap.sock, guard.answer):
        tag = _enter(imap)
    news = bool(imap.untagged_responses) or _sign(imap, seconds, guard)
    with _patience(imap.sock, guard.answer):
        imap.send(b"DONE\r\n")
        _finish(imap, tag)
    return news or bool(imap.untagged_responses)


def _enter(imap: Any) -> bytes:
    """Send IDLE and wait for `+`; lines before it are kept, they may announce mail."""
    tag: bytes = imap._command("IDLE")
    while imap._get_response() is not None:
        if imap.tagged_commands[tag] is not None:
            _finish(imap, tag)
            raise IdleRefusedError
    return tag


def _finish(imap: Any, tag: bytes) -> None:
    """Read to the tagged answer. A BYE or an end before it raises `abort`."""
    kind, _ = imap._get_tagged_response(tag)
    if kind != "OK":
        raise IdleRefusedError


def _sign(imap: imaplib.IMAP4, seconds: float, guard: _Guard) -> bool:
    """Wait until there is something to read, never consuming a byte of it."""
    deadline = time.monotonic() + seconds
    while not guard.stop.is_set() and (left := deadline - time.monotonic()) > 0:
        if _buffered(imap) or _readable(imap.sock, min(left, _SLICE)) or guard.napped:
            return True
    return False


def _readable(sock: socket.socket, seconds: float) -> bool:
    """Whether the socket has bytes or has ended. `poll` knows no limit of 1,024 descriptors."""
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return bool(poller.poll(seconds * 1000))


def _buffered(imap: Any) -> bool:
    """Whether bytes lie between the socket and us: in the reader's buffer or inside TLS."""
    sock: Any = imap.sock
    chunks = getattr(imap, "_readbuf", None)
    if chunks is not None:  # Python 3.14 buffers by itself
        return any(chunks) or bool(getattr(sock, "pending", int)())
    reader = getattr(imap, "_file", None) or imap.file
    with _patience(sock, 0.0):
        try:
            return bool(reader.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False


@contextmanager
def _patience(sock: socket.socket, seconds: float) -> Iterator[None]:
    """The socket with another time-out for a while."""
    before = sock.gettimeout()
    sock.settimeout(seconds)
    try:
        yield
    finally:
        sock.settimeout(before)
