"""Memory that nobody needs while the service waits for mail, given back to the system."""

from __future__ import annotations

import ctypes
import gc
from typing import Final

from refundparsers import patterns

# <malloc.h>: how many pools of memory the threads of a process may have.
_ARENA_MAX: Final = -8


def share_one_pool() -> None:
    """Before threads start: a pool of its own for each makes many threads fast, and ours only large."""
    limit = getattr(ctypes.CDLL(None), "mallopt", None)
    if limit is not None:
        limit(_ARENA_MAX, 1)


def give_back() -> None:
    """After work: drop what can be made anew, and return free memory to the system.

    What was compiled for one mail is rarely needed for the next one, which may come in a week;
    compiling it again takes a twentieth of a second. Only the C library of GNU keeps freed memory
    until it is asked; others have no such call.
    """
    patterns.forget()
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
