"""Until when the certificate of a mail server is good. Verifies it as a login does; sends no secret."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from refundtracker.errors import Unreachable
from refundtracker.imap.signin import reason, tls_context, untrusted

if TYPE_CHECKING:
    from pathlib import Path

    from refundtracker.config import Tls

Protocol = Literal["imap", "smtp"]

_LONGEST_LINE: Final = 4096
_MOST_LINES: Final = 64


def good_until(
    host: str, port: int, tls: Tls, protocol: Protocol, *, ca_file: Path | None = None, seconds: float = 10.0
) -> datetime | None:
    """The end of the server's certificate, UTC; None for a line without TLS.

    Args:
        host: whose name the certificate must carry.
        port: TCP port.
        tls: whether TLS comes first or after STARTTLS.
        protocol: how STARTTLS is asked for.
        ca_file: PEM file of an own authority.
        seconds: for each wait.

    Raises:
        Refused: the certificate does not verify.
        Unreachable: no connection, or no TLS on it.
        BadConfig: `ca_file` cannot be read.
    """
    if tls == "none":
        return None
    context = tls_context(ca_file)
    try:
        with socket.create_connection((host, port), seconds) as line:
            if tls == "starttls":
                _ask_for_tls(line, protocol)
            with context.wrap_socket(line, server_hostname=host) as shielded:
                return _end(shielded)
    except ssl.SSLCertVerificationError as error:
        raise untrusted(host, error) from error
    except (OSError, ValueError) as error:
        raise Unreachable(f"{host}:{port}: starting TLS: {reason(error)}") from error


def _end(line: ssl.SSLSocket) -> datetime:
    shown = line.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def _ask_for_tls(line: socket.socket, protocol: Protocol) -> None:
    """Up to the server's word that TLS may begin; every byte before it is read."""
    with line.makefile("rb", buffering=0) as words:
        if protocol == "imap":
            _until(words, b"* ")
            line.sendall(b"a STARTTLS\r\n")
            said = _until(words, b"a ")
            willing = said.upper().startswith(b"A OK")
        else:
            _until(words, b"220 ")
            line.sendall(b"EHLO [127.0.0.1]\r\n")
            _until(words, b"250 ")
            line.sendall(b"STARTTLS\r\n")
            willing = _until(words, b"").startswith(b"220")
    if not willing:
        raise ValueError("the server offers no STARTTLS")


def _until(words: socket.SocketIO, begin: bytes) -> bytes:
    """The next line that begins so."""
    for _ in range(_MOST_LINES):
        said = words.readline(_LONGEST_LINE)
        if not said:
            break
        if said.startswith(begin):
            return said
    raise ValueError("the server says nothing that mail servers say")
