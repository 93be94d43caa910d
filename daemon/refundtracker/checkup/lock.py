"""Whether a service works on a database, asked without getting into its way."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final, Literal

Held = Literal["held", "free", "unknown"]

_LOCKS: Final = Path("/proc/locks")


def path_of(database: Path) -> Path:
    """The lock file of a database; a link to the database leads to the same one.

    Raises:
        OSError: the place cannot be looked at.
    """
    real = database.resolve()
    return real.with_name(real.name + ".lock")


def held(database: Path) -> Held:
    """Whether somebody holds the lock; `unknown` when this user may not look."""
    try:
        handle = os.open(path_of(database), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return "free"
    except OSError:
        return "unknown"
    try:
        if not _is_listed(os.fstat(handle).st_ino):
            return "free"
        # Only now, so that a service which starts at this moment never meets our own lock.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return "held"
    except OSError:
        return "unknown"
    finally:
        os.close(handle)
    return "free"


def _is_listed(inode: int) -> bool:
    """Whether the system's list has a lock on such an inode; where there is no list, perhaps.

    The list names the device too, but not as `stat` does on every file system.
    """
    try:
        lines = _LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return True
    return any(f":{inode} " in line for line in lines if " FLOCK " in line)
