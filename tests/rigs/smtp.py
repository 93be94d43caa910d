"""A real SMTP server on a free port: TLS by an authority of its own, a login, and faults on request."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

USER = "me@shop.test"
PASSWORD = "correct horse"

Fault = Literal[
    "none",
    "451",  # the mail is refused for now
    "550",  # the recipient is refused for good
    "452-sender",  # the sender is refused for now
    "drop-early",  # the line breaks before the mail is sent
    "drop",  # the mail is kept, the line breaks before the answer
    "silent",  # the mail is kept, the answer never comes
    "echo",  # a refused login repeats the secret
]


@dataclass(slots=True)
class Envelope:
    """One mail as the server got it."""

    sender: str
    recipients: list[str]
    content: bytes


@dataclass(slots=True)
class Receiver:
    """What runs, and what it got.

    Attributes:
        host: `localhost`; the certificate carries this name.
        port: the free port it listens on.
        ca_file: the authority of its certificate, PEM.
        fault: what goes wrong from now on.
        received: every mail it took responsibility for, oldest first.
        logins: how many logins were tried.
        password: the one it takes.
    """

    host: str
    port: int
    ca_file: Path
    fault: Fault = "none"
    received: list[Envelope] = field(default_factory=list)
    logins: int = 0
    password: str = PASSWORD

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.fault == "drop-early":
            _cut(server)
        if self.fault == "452-sender":
            return "452 4.3.1 out of storage"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.fault == "550":
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.fault == "451":
            return "451 4.3.0 try again later"
        self.received.append(Envelope(envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if self.fault == "drop":
            _cut(server)
        if self.fault == "silent":
            await asyncio.sleep(3600)
        return "250 OK queued as 1"

    async def auth_XOAUTH2(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802
        """Google's way: a refusal is a challenge with JSON, which the client has to answer with nothing."""
        self.logins += 1
        if base64.b64decode(words[1]).decode() == f"user={USER}\1auth=Bearer {self.password}\1\1":
            return AuthResult(success=True)
        assert await server.challenge_auth('{"status":"401"}') == b""
        return AuthResult(success=False, handled=False, message="535 5.7.8 token not accepted")

    def authenticate(
        self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, given: Any
    ) -> AuthResult:
        self.logins += 1
        assert isinstance(given, LoginPassword)
        if given == LoginPassword(USER.encode(), self.password.encode()):
            return AuthResult(success=True)
        echo = f" you said {given.password.decode()}" if self.fault == "echo" else ""
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 not you{echo}")


def _cut(server: SMTP) -> None:
    """Break the line at once, with nothing more said."""
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


@contextlib.contextmanager
def receiver(
    folder: Path, *, tls: Literal["tls", "starttls", "none"] = "starttls", mechanisms: str = "PLAIN LOGIN"
) -> Iterator[Receiver]:
    """Serve until the block ends.

    Args:
        folder: where the authority's certificate is written.
        tls: `tls` encrypts from the first byte, `starttls` demands it before the login.
        mechanisms: which logins are offered.
    """
    authority = trustme.CA()
    ca_file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    desk = Receiver("localhost", 0, ca_file)
    excluded = [name for name in ("PLAIN", "LOGIN", "XOAUTH2") if name not in mechanisms.split()]

    def protocol() -> SMTP:
        return SMTP(
            desk,
            hostname="mail.shop.test",
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            authenticator=desk.authenticate,
            auth_required=tls == "starttls",  # aiosmtpd warns of it elsewhere
            auth_require_tls=tls == "starttls",
            auth_exclude_mechanism=excluded,
            loop=asyncio.get_running_loop(),
        )

    with _served(protocol, context if tls == "tls" else None) as port:
        desk.port = port
        yield desk


@contextlib.contextmanager
def _served(protocol: Callable[[], SMTP], context: ssl.SSLContext | None) -> Iterator[int]:
    """Run a loop of its own in a thread; gives the port that the system chose."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="smtp-receiver")
    thread.start()

    async def listen() -> asyncio.Server:
        return await loop.create_server(protocol, "127.0.0.1", 0, ssl=context)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_shut(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _shut(server: asyncio.Server) -> None:
    """Close the door, then end the conversations that still run."""
    server.close()
    running = asyncio.all_tasks() - {asyncio.current_task()}
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await asyncio.sleep(0)
