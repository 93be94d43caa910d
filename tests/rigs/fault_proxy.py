"""A TCP proxy in front of a real server that delays, cuts, resets, stalls or refuses."""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from typing import Final, Literal, Self

_CHUNK: Final = 65536
_PATIENCE: Final = 20.0
_SLICE: Final = 0.05
_RESET: Final = struct.pack("ii", 1, 0)

Fault = Literal["cut", "reset", "stall"]


class FaultProxy:
    """Forwards a loopback port to a server; faults may be set at any time.

    Attributes:
        port: where it listens.
        latency: seconds added to each packet from the server.
        refuse: whether new connections are reset at once.
        received: bytes that came from the server so far, over all connections.
        sent: bytes that went to the server so far.
    """

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server((address, 0))
        self.port: int = self._listener.getsockname()[1]
        self.latency = 0.0
        self.refuse = False
        self.received = self.sent = 0
        self._fault: Fault | None = None
        self._fault_at = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(_PATIENCE)
        self._listener.close()

    def after(self, more: int, fault: Fault) -> None:
        """Let `more` bytes of the server pass from now on, then cut, reset or stall that connection."""
        self._fault, self._fault_at = fault, self.received + more

    def heal(self) -> None:
        """No fault from now on."""
        self._fault, self.refuse, self.latency = None, False, 0.0

    def _listen(self) -> None:
        while not self._over.is_set():
            if not select.select([self._listener], [], [], _SLICE)[0]:
                continue
            client, _ = self._listener.accept()
            if self.refuse:
                _reset(client)
                continue
            thread = threading.Thread(target=self._connect, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _connect(self, client: socket.socket) -> None:
        try:
            with client, socket.create_connection(self._server, timeout=_PATIENCE) as server:
                self._forward(client, server)
        except OSError:
            _reset(client)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        while not self._over.is_set():
            ready, _, _ = select.select([client, server], [], [], _SLICE)
            if client in ready:
                if not (data := client.recv(_CHUNK)):
                    return
                self.sent += len(data)
                server.sendall(data)
            if server in ready and not self._pass_on(server, client):
                return

    def _pass_on(self, server: socket.socket, client: socket.socket) -> bool:
        """Hand one packet to the client; False when the connection is over."""
        data = server.recv(_CHUNK)
        time.sleep(self.latency)
        left = self._fault_at - self.received
        if self._fault is None or len(data) < left:
            self.received += len(data)
            client.sendall(data)
            return bool(data)
        client.sendall(data[: max(0, left)])
        fault, self._fault = self._fault, None
        if fault == "stall":
            self._over.wait(_PATIENCE)
        elif fault == "reset":
            _reset(client)
        return False


def _reset(line: socket.socket) -> None:
    """Close with a TCP reset instead of a farewell."""
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    except OSError:
        return
    line.close()
