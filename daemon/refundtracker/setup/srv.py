"""One DNS question: which server offers a service for a domain (SRV, RFC 2782; for mail RFC 6186).

The standard library cannot ask for anything but addresses. Answers of the network are hostile
input: what does not fit is no answer.
"""

from __future__ import annotations

import secrets
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_RESOLVERS: Final = Path("/etc/resolv.conf")
_TYPE_SRV: Final = 33
_CLASS_IN: Final = 1
_RECURSE: Final = 0x0100
_TRIES: Final = 2
_MOST_RECORDS: Final = 32
_MOST_JUMPS: Final = 16
_LARGEST: Final = 4096


@dataclass(frozen=True, slots=True, order=True)
class Service:
    """One server; the one with the lowest priority is meant first.

    Attributes:
        priority: lower comes first.
        weight: among equals, higher is meant more often.
        port: TCP port.
        host: lower case, without the dot at the end.
    """

    priority: int
    weight: int
    port: int
    host: str


def resolvers(path: Path = _RESOLVERS) -> tuple[tuple[str, int], ...]:
    """The name servers of this machine, as its resolver is configured."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ()
    words = [line.split() for line in lines]
    return tuple((each[1], 53) for each in words if len(each) > 1 and each[0] == "nameserver")


def look_up(
    name: str, servers: tuple[tuple[str, int], ...] | None = None, *, seconds: float = 2.0
) -> list[Service]:
    """The servers of a service, the first choice first; empty when there is none or nobody answers.

    Args:
        name: such as `_imaps._tcp.example.org`.
        servers: address and port of name servers; those of this machine when None.
        seconds: how long to wait for each answer.
    """
    number = secrets.randbelow(0x10000)
    try:
        question = struct.pack("!6H", number, _RECURSE, 1, 0, 0, 0) + _question(name)
    except (UnicodeError, struct.error):
        return []
    for server in resolvers()[:3] if servers is None else servers:
        for _ in range(_TRIES):
            answer = _ask(question, server, seconds)
            if answer is not None:
                # The target "." says that the domain does not offer the service.
                return sorted(
                    (each for each in _services(answer, len(question)) if each.host),
                    key=lambda each: (each.priority, -each.weight),
                )
    return []


def _question(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".")]
    if not all(0 < len(label) < 64 for label in labels):
        raise UnicodeError
    packed = b"".join(struct.pack("!B", len(label)) + label for label in labels)
    return packed + struct.pack("!BHH", 0, _TYPE_SRV, _CLASS_IN)


def _ask(question: bytes, server: tuple[str, int], seconds: float) -> bytes | None:
    """An answer to this very question, or None. Only the server that was asked is heard."""
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            line.settimeout(seconds)
            line.connect(server)
            line.send(question)
            answer = line.recv(_LARGEST)
    except OSError:
        return None
    # The same number and the same question, and the bit that makes it an answer.
    same = answer[:2] == question[:2] and answer[12 : len(question)].lower() == question[12:].lower()
    return answer if same and len(answer) > 2 and answer[2] & 0x80 else None


def _services(answer: bytes, at: int) -> list[Service]:
    """The SRV records of an answer, as many as can be read."""
    found: list[Service] = []
    count = min(int.from_bytes(answer[6:8], "big"), _MOST_RECORDS)
    try:
        for _ in range(count):
            _, at = _name(answer, at)
            kind, group, _, length = struct.unpack_from("!HHIH", answer, at)
            at += 10
            if (kind, group) == (_TYPE_SRV, _CLASS_IN):
                priority, weight, port = struct.unpack_from("!3H", answer, at)
                found.append(Service(priority, weight, port, _name(answer, at + 6)[0]))
            at += length
    except (struct.error, IndexError, UnicodeError):
        return found
    return found


def _name(answer: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends; names may point back to earlier ones (RFC 1035, 4.1.4)."""
    labels: list[str] = []
    end = 0
    for _ in range(_MOST_JUMPS * 8):
        length = answer[at]
        if length >= 0xC0:
            end = end or at + 2
            at = ((length & 0x3F) << 8) | answer[at + 1]
            continue
        at += 1
        if not length:
            return ".".join(labels).lower(), end or at
        labels.append(answer[at : at + length].decode("ascii"))
        at += length
    raise UnicodeError
