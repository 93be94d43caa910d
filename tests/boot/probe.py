"""Tries what the sandbox forbids, and what it must allow; prints a line of JSON. Runs inside the unit."""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_NEW_USER_NAMESPACE: Final = 0x10000000
_STATE: Final = Path(os.environ["STATE_DIRECTORY"])
_CREDENTIAL: Final = Path(os.environ["CREDENTIALS_DIRECTORY"], "imap-password")


def main() -> None:
    """Try everything; `ok` or the name of the error."""
    answers = {name: _outcome(attempt) for name, attempt in _ATTEMPTS.items()}
    processes = sorted(entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit())
    print(json.dumps({**answers, "root": os.geteuid() == 0, "alone": processes == [str(os.getpid())]}))


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "ok"


def _namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER_NAMESPACE):
        raise OSError(ctypes.get_errno(), "unshare")


def _set_user_id() -> None:
    file = _STATE / "probe"
    file.write_text("")
    file.chmod(0o4755)


_ATTEMPTS: Final[dict[str, Callable[[], object]]] = {
    "write its state": lambda: (_STATE / "probe").write_text("x"),
    "write a temporary file": lambda: Path("/tmp/probe").write_text("x"),
    "read its credential": _CREDENTIAL.read_bytes,
    "open a connection": lambda: socket.socket(socket.AF_INET6).close(),
    "write its configuration": lambda: Path("/etc/refundtracker/probe").write_text("x"),
    "write its program": lambda: Path("/opt/refundtracker/probe").write_text("x"),
    "write its credential": lambda: _CREDENTIAL.write_text("x"),
    "read the source of its secret": lambda: Path("/etc/refundtracker/secrets/imap-password").read_text(),
    "look into a home": lambda: list(Path("/root").iterdir()),
    "open a netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "open a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
    "write and run memory": lambda: mmap.mmap(
        -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    ),
    "make a namespace": _namespace,
    "make a set-user-ID file": _set_user_id,
    "become root": lambda: os.setuid(0),
    "set the host name": lambda: socket.sethostname("probe"),
}

if __name__ == "__main__":
    main()
