"""A real systemd with our unit, booted in a container over a copy of this machine's own root."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from rigs.real import real_part, without

if TYPE_CHECKING:
    from collections.abc import Callable

_PROJECT: Final = Path(__file__).parents[2]
_NEEDED: Final = ("daemon", "parsers", "systemd", "pyproject.toml", "README.md", "LICENSE")
_INSTALL: Final = 240.0
_PATIENCE: Final = 60.0
UNIT: Final = "refundtracker.service"


class Machine:
    """The container, from boot to power-off; nothing in it survives.

    Attributes:
        files: what is laid over the root before it boots: `files / "etc/hosts"` is `/etc/hosts`.
    """

    def __init__(self, place: Path) -> None:
        if os.geteuid():
            without("a container with systemd needs root")
        for program in ("systemd-nspawn", "unshare", "nsenter", "systemctl"):
            real_part(program)
        self._place = place
        self._name = f"refunds{os.getpid()}"
        self._log = place / "boot.log"
        self._leader = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.files = place / "files"
        for directory in ("memory", "project", "files/etc/systemd/system"):
            (place / directory).mkdir(parents=True)
        for part in _NEEDED:
            _copy(_PROJECT / part, place / "project" / part)
        self.write(f"etc/systemd/system/{UNIT}", (_PROJECT / "systemd" / UNIT).read_text())
        self.write("etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")
        # A machine that boots for the first time would enable every service it has.
        self.write("etc/machine-id", "0123456789abcdef0123456789abcdef\n")

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        """Put a file over the root; before the boot."""
        file = self.files / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    "unshare",
                    "-m",
                    "bash",
                    str(Path(__file__).with_name("inside.sh")),
                    str(self._place),
                    self._name,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait(self._booted, _INSTALL, "the container does not boot")
        except BaseException:
            self._power_off()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._power_off()

    def run(self, *command: str, check: bool = True, stdin: str = "") -> str:
        """Run a command in the container as root; what it wrote."""
        done = subprocess.run(
            ["nsenter", "-t", str(self._leader), "-a", *command],
            capture_output=True,
            check=False,
            text=True,
            input=stdin,
        )
        assert done.returncode == 0 or not check, f"{command}: {done.stderr or done.stdout}"
        return done.stdout

    def systemctl(self, *words: str, check: bool = True) -> str:
        """Ask the service manager."""
        return self.run("systemctl", *words, check=check)

    def show(self, key: str, unit: str = UNIT) -> str:
        """One property of a unit."""
        return self.systemctl("show", "--value", "--property", key, unit).strip()

    def journal(self, unit: str = UNIT) -> str:
        """What a unit said, and what systemd said of it."""
        return self.run("journalctl", "--no-pager", "--output=cat", "--unit", unit)

    def put(self, path: str, text: str) -> None:
        """Write a file of the running container."""
        self.run("mkdir", "-p", str(Path(path).parent))
        self.run("tee", path, stdin=text)

    def forget_journal(self) -> None:
        """Begin with an empty journal."""
        self.run("journalctl", "--rotate", "--vacuum-time=1us")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds."""
        self._wait(holds, _PATIENCE, what)

    def _wait(self, holds: Callable[[], bool], patience: float, what: str) -> None:
        deadline = time.monotonic() + patience
        while not holds():
            process = self._process
            if time.monotonic() > deadline or process is None or process.poll() is not None:
                said = self.journal() if self._leader else ""
                raise AssertionError(
                    f"{what}:\n{self._log.read_text(errors='replace')[-3000:]}\n{said[-3000:]}"
                )
            time.sleep(0.1)

    def _booted(self) -> bool:
        self._leader = self._leader or self._init()
        return bool(self._leader) and self.systemctl("is-active", "basic.target", check=False) == "active\n"

    def _init(self) -> int:
        """The first process of the container; 0 while there is none."""
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for child in children.read_text().split():
            with suppress(FileNotFoundError):
                numbers = (
                    Path(f"/proc/{child}/status").read_text().partition("NSpid:")[2].split("\n")[0].split()
                )
                if numbers[-1:] == ["1"] and len(numbers) > 1:
                    return int(child)
        return 0

    def _power_off(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for tree in Path("/sys/fs/cgroup").glob(f"**/{self._name}"):
            for group in sorted((each for each in tree.rglob("*") if each.is_dir()), reverse=True):
                group.rmdir()
            tree.rmdir()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)
