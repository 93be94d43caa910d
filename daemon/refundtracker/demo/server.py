"""An IMAP server with one mailbox in memory: `python -m refundtracker.demo.server`.

It is a process of its own. On standard input it gets one line of JSON (`handover`), on standard
output it answers with the port on loopback where it listens, and when standard input ends it ends:
the pipe closes however the other side ends, so nothing is left running.

The only room that speaks pymap.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import Namespace
from base64 import b64decode, b64encode
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import uuid4

from refundtracker.demo.letters import Mail

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Handover:
    """What the server has to serve.

    Attributes:
        user: login name.
        password: of the user.
        mails: what lies in INBOX, the oldest first.
    """

    user: str
    password: str
    mails: tuple[Mail, ...]

    def line(self) -> bytes:
        """As one line for the server's standard input."""
        mails = [[b64encode(mail.raw).decode(), mail.arrived.isoformat()] for mail in self.mails]
        return json.dumps([self.user, self.password, mails]).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """From such a line."""
        user, password, mails = json.loads(line)
        return cls(
            user,
            password,
            tuple(Mail(b64decode(raw), datetime.fromisoformat(arrived)) for raw, arrived in mails),
        )


class _Whole:
    """A stream writer that sends a whole answer at once.

    pymap writes a line in many small pieces; a client that waits in IDLE would see half of one.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> None:
        self._pieces.append(bytes(piece))

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self._pieces += map(bytes, pieces)

    async def drain(self) -> None:
        self._flush()
        await self._writer.drain()

    def close(self) -> None:
        if not self._writer.is_closing():
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        answer, self._pieces = b"".join(self._pieces), []
        self._writer.write(answer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


async def serve(handover: Handover) -> None:
    """Serve until standard input ends."""
    async with AsyncExitStack() as stack:
        imap = await _imap(handover, stack)
        connections: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # The loop itself holds tasks only weakly; without the set a connection may vanish.
            task = asyncio.create_task(_connection(imap, reader, writer))
            connections.add(task)
            task.add_done_callback(connections.discard)

        server = await asyncio.start_server(connected, HOST, 0)
        port = server.sockets[0].getsockname()[1]
        with suppress(BrokenPipeError):  # whoever asked has gone; the input has ended then, too
            os.write(sys.stdout.fileno(), f"{port}\n".encode())
        await _end_of_input()
        server.close()
        for task in connections:
            task.cancel()


async def _connection(imap: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    from proxyprotocol.result import ProxyResultUnknown
    from proxyprotocol.sock import SocketInfo

    peer = SocketInfo.get(writer, ProxyResultUnknown(), unique_id=uuid4().bytes)
    await imap(reader, _Whole(writer), peer)


async def _imap(handover: Handover, stack: AsyncExitStack) -> Any:
    """A server of pymap with the mails in it."""
    from pymap.backend.dict import DictBackend
    from pymap.imap import IMAPServer
    from pysasl.hashing import BuiltinHash

    options = Namespace(
        demo_data=False,
        demo_user=handover.user,
        demo_password=handover.password,
        host=[HOST],
        port="0",
        debug=False,
        cert=None,
        key=None,
        tls=False,
        proxy_protocol=None,
        inherited_sockets=None,
        passlib_cfg=None,
        skip_services=[],
    )
    # The password guards invented mails for seconds; hashing it the slow way would be the slowest step.
    backend, config = await DictBackend.init(options, hash_context=BuiltinHash(rounds=1))
    config.apply_context()
    await backend.start(stack)
    await _fill(backend, handover.mails)
    return IMAPServer(backend.login, config)


async def _fill(backend: Any, mails: Sequence[Mail]) -> None:
    from pymap.parsing.message import AppendMessage

    async with backend.login.demo_user_identity.new_session() as session:
        inbox = await session.mailbox_set.get_mailbox("INBOX")
        for mail in mails:
            await inbox.append(AppendMessage(mail.raw, mail.arrived, frozenset()))


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(4096):
        continue


def main() -> None:
    """Take the handover, then serve; without one there is nothing to do."""
    line = sys.stdin.buffer.readline()
    if line.endswith(b"\n"):
        asyncio.run(serve(Handover.parse(line)))


if __name__ == "__main__":
    main()
