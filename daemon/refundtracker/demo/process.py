"""Starts the sample server and sees to it that it ends."""

from __future__ import annotations

import select
import subprocess
import sys
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from refundtracker.errors import Unreachable, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refundtracker.demo.server import Handover

_PATIENCE: Final = 30.0
# No directory of the caller's may slip a module in; its own session keeps Ctrl-C from it,
# which ends the demo, which ends the server.
_COMMAND: Final = (sys.executable, "-P", "-m", "refundtracker.demo.server")


@contextmanager
def serving(handover: Handover) -> Iterator[int]:
    """An IMAP server with these mails, for the time of the block; gives its port on loopback.

    Raises:
        WrongUsage: pymap is not installed.
        Unreachable: the server did not start.
    """
    if find_spec("pymap") is None:
        raise WrongUsage('the demo needs pymap; install it with: pip install "refundtracker[demo]"')
    pipe = subprocess.PIPE
    with subprocess.Popen(_COMMAND, stdin=pipe, stdout=pipe, start_new_session=True) as server:  # noqa: S603
        try:
            yield _port(server, handover)
        finally:
            _end(server)


def _port(server: subprocess.Popen[bytes], handover: Handover) -> int:
    """Hand the mails over; the port is the answer."""
    assert server.stdin is not None
    assert server.stdout is not None
    with suppress(BrokenPipeError):  # it has ended already, and the answer below will be empty
        server.stdin.write(handover.line())
        server.stdin.flush()
    answers, _, _ = select.select([server.stdout], [], [], _PATIENCE)
    answer = server.stdout.readline() if answers else b""
    if not answer.strip().isdigit():
        raise Unreachable("the sample IMAP server did not start; try again, and tell what it wrote above")
    return int(answer)


def _end(server: subprocess.Popen[bytes]) -> None:
    """Close its input, which ends it; what does not end by that is killed."""
    assert server.stdin is not None
    with suppress(BrokenPipeError):
        server.stdin.close()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
