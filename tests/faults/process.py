"""One service process of the fault run: started, disturbed, killed."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from rigs.commands import Home

_STARTUP: Final = 60.0
#: Calls at which strace may kill, each with how often it is made in a busy start.
CALLS: Final = {"pwrite64": 60, "fdatasync": 12, "sendto": 30, "write": 30}
# Where this process finds its modules; under pytest that is in no environment.
_PATH: Final = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
#: What the log says, from the latest to the earliest.
_MARKS: Final = ("summary", "disputes:", "new mail", "logged in", "started")


class Process:
    """A running service.

    Attributes:
        log: what it says.
        began: when it first spoke, on the monotonic clock; 0 before.
    """

    def __init__(
        self,
        home: Home,
        log: Path,
        week: int,
        *,
        limit: int | None = None,
        at_call: tuple[str, int] | None = None,
    ) -> None:
        """Start it.

        Args:
            home: whose configuration it reads.
            log: a file of its own.
            week: how far its clock is ahead.
            limit: no file may grow beyond this size.
            at_call: a system call and its number: there it is killed by strace.
        """
        self.log = log
        self.began = 0.0
        with log.open("wb") as said:
            self._process = subprocess.Popen(
                [*_tracer(at_call), sys.executable, "-m", "faults.service", str(week)],
                env={**home.environment(), "PYTHONPATH": _PATH},
                cwd=home.place,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
        if limit is not None:
            endless = resource.RLIM_INFINITY
            resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (limit, endless))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.poll() is not None

    @property
    def stage(self) -> str:
        """How far it came, by its own words."""
        said = self.log.read_text(errors="replace")
        return next((mark for mark in _MARKS if mark in said), "nothing")

    def wait_until_started(self) -> None:
        """Until it has said its first word, or has ended."""
        deadline = time.monotonic() + _STARTUP
        while not self.log.stat().st_size and not self.ended:
            if time.monotonic() > deadline:
                raise AssertionError("the service does not start")
            time.sleep(0.004)
        self.began = time.monotonic()

    def wait(self, seconds: float) -> None:
        """Let it work; shorter when it ends by itself."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def kill(self) -> int:
        """SIGKILL, for strace too; the status it ended with."""
        if not self.ended:
            os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()


def can_trace() -> bool:
    """Whether processes can be killed at a system call here."""
    strace = shutil.which("strace")
    if strace is None:
        return False
    tried = [
        strace,
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=getpid",
        "-e",
        "inject=getpid:retval=7",
        "true",
    ]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def _tracer(at_call: tuple[str, int] | None) -> list[str]:
    if at_call is None:
        return []
    call, number = at_call
    inject = f"inject={call}:signal=KILL:when={number}"
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject]
