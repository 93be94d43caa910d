"""Real programs that a test needs, found or missed in one way."""

from __future__ import annotations

import os
import shutil
from typing import Final, NoReturn

import pytest

# Daemons of a distribution live outside the search path of ordinary users.
_ALSO: Final = ("/usr/sbin", "/usr/local/sbin")


def real_part(program: str) -> str:
    """The absolute path of a real program.

    Args:
        program: its name, such as `dovecot`.

    Returns:
        The path. A missing program skips the test, or fails it when
        `REFUNDS_REQUIRE_REAL` is set, so that a build server cannot lose tests unnoticed.
    """
    places = os.pathsep.join((os.environ.get("PATH", os.defpath), *_ALSO))
    found = shutil.which(program, path=places)
    if found is None:
        without(f"{program} is not installed")
    return found


def without(reason: str) -> NoReturn:
    """Skip the test for want of a real part, or fail it when real parts are required."""
    if os.environ.get("REFUNDS_REQUIRE_REAL"):
        pytest.fail(f"{reason}, and REFUNDS_REQUIRE_REAL is set")
    pytest.skip(reason)
