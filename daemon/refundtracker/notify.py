"""What the service tells systemd: ready, alive, what it is doing. The protocol of sd_notify(3)."""

from __future__ import annotations

import logging
import os
import socket
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOG = logging.getLogger(__name__)

# systemd drops a datagram of more than 4,096 bytes whole; a character takes up to 4
STATUS_LIMIT: Final = 1000
# A full socket must not hold up the loop whose life it reports
SEND_TIMEOUT: Final = 1.0


def _warn(sentence: str) -> None:
    LOG.warning("%s", sentence)


class Notifier:
    """A line to the service manager; every method does nothing when there is none.

    Attributes:
        watchdog_interval: seconds within which systemd wants to hear `watchdog()`,
            or it kills the service; None when it does not watch. Speak at least
            twice as often, and only after work was done.
    """

    def __init__(
        self,
        address: str | None,
        watchdog_interval: float | None = None,
        *,
        report: Callable[[str], None] = _warn,
    ) -> None:
        """Keep the address; nothing is opened before the first message.

        Args:
            address: path of a datagram socket, "@" first for an abstract name; None for nobody.
            watchdog_interval: seconds, see the attribute.
            report: hears one sentence when a message cannot be sent, once until sending works again.
        """
        self.watchdog_interval = watchdog_interval
        self._address = address
        self._report = report
        self._failing = False

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str], *, report: Callable[[str], None] = _warn
    ) -> Notifier:
        """Read NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; none of them is removed."""
        return cls(environ.get("NOTIFY_SOCKET") or None, _interval(environ), report=report)

    def ready(self) -> None:
        """The service is up: `systemctl start` returns."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`.

        Args:
            text: may come from a mail. Control characters become spaces, so that a
                line end starts no further field and a NUL does not void the message.
        """
        shown = "".join(char if char.isprintable() else " " for char in text[:STATUS_LIMIT])
        self._send(f"STATUS={shown}")

    def watchdog(self) -> None:
        """A turn of the loop was finished; sent only when systemd watches."""
        if self.watchdog_interval is not None:
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The service is on its way out."""
        self._send("STOPPING=1")

    def reloading(self) -> None:
        """The configuration is read again; call `ready()` when that is done."""
        # The time lets Type=notify-reload tell this answer from an older one
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        try:
            _deliver(self._address, message.encode())
        except OSError as error:
            self._failed(error)
        else:
            self._failing = False

    def _failed(self, error: OSError) -> None:
        if not self._failing:
            self._failing = True
            self._report(
                f"Cannot reach the service manager at {self._address}: {error}. The work goes on; "
                "if systemd restarts the service, check NotifyAccess= in its unit."
            )


def _deliver(address: str, message: bytes) -> None:
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.settimeout(SEND_TIMEOUT)
        channel.sendto(message, name)


def _interval(environ: Mapping[str, str]) -> float | None:
    """Seconds of the watchdog, unless it waits for another process than this one."""
    for_us = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = environ.get("WATCHDOG_USEC", "")
    if not (for_us and microseconds.isascii() and microseconds.isdigit() and int(microseconds)):
        return None
    return int(microseconds) / 1_000_000
