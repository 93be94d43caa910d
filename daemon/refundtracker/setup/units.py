"""Our systemd units: their text, where they belong, and what systemd says about them."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from refundtracker.errors import BadConfig, BadInput, DiskTrouble

if TYPE_CHECKING:
    from collections.abc import Mapping

Scope = Literal["system", "user"]

SCOPES: Final[tuple[Scope, ...]] = ("system", "user")
NAME: Final = "refundtracker.service"

_FILES: Final[dict[Scope, str]] = {"system": NAME, "user": "refundtracker-user.service"}
# The wheel carries the units beside this module; a checkout has them in its own directory.
_PLACES: Final = (Path(__file__).with_name("systemd"), Path(__file__).parents[3] / "systemd")
_START: Final = r"(?m)^ExecStart=(\S+)"
_ASK_SECONDS: Final = 5.0
# The system unit sees none of these (ProtectHome=, PrivateTmp=).
_HIDDEN: Final = ("/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/")  # noqa: S108 - names, not files


@dataclass(frozen=True, slots=True)
class State:
    """What systemd says about a unit.

    Attributes:
        active: `active`, `inactive`, `failed`, `activating` ...
        enabled: `enabled`, `disabled`, `static` ...
    """

    active: str
    enabled: str


def text(scope: Scope) -> str:
    """The unit as it is shipped.

    Raises:
        BadInput: this installation carries none.
    """
    for place in _PLACES:
        file = place / _FILES[scope]
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise BadInput(f"{_FILES[scope]} is missing in this installation; install refundtracker again")


def fitted(scope: Scope, program: Path) -> str:
    """The unit, its ExecStart changed to a program that lies elsewhere.

    Args:
        scope: for the machine or for one user.
        program: the absolute path of `refundd`.

    Raises:
        BadInput: the service could not see or name that program.
    """
    shown = str(program)
    if scope == "system" and shown.startswith(_HIDDEN):
        raise BadInput(
            f"{shown} lies where the system service cannot see it; install into /opt/refundtracker, "
            "see systemd/README.md, or take install-service --user"
        )
    if not re.fullmatch(r"/[A-Za-z0-9_./@+-]+", shown):
        raise BadInput(f"{shown} has a letter that a unit file cannot carry; install to a plainer path")
    return re.sub(_START, lambda _: f"ExecStart={shown}", text(scope))


def destination(scope: Scope, environ: Mapping[str, str]) -> Path:
    """Where the unit belongs.

    Raises:
        BadConfig: no home directory is known.
    """
    if scope == "system":
        return Path("/etc/systemd/system") / NAME
    named = Path(environ.get("XDG_CONFIG_HOME", ""))
    home = Path(environ.get("HOME", ""))
    if not named.is_absolute() and not home.is_absolute():
        raise BadConfig("environment", ("HOME is not set, so no place for a user unit is known",))
    return (named if named.is_absolute() else home / ".config") / "systemd" / "user" / NAME


def write(path: Path, unit: str) -> None:
    """Writes the unit, for all to read, as systemd wants it.

    Raises:
        DiskTrouble: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.write_text(unit, encoding="utf-8")
        draft.chmod(0o644)
        draft.replace(path)
    except OSError as error:
        hint = "; run it with sudo, or take --user" if isinstance(error, PermissionError) else ""
        raise DiskTrouble(f"{path} cannot be written: {error.strerror}{hint}") from error


def state(scope: Scope, environ: Mapping[str, str]) -> State | None:
    """What systemd says; None without systemd, or when the unit is not installed."""
    program = shutil.which("systemctl", path=environ.get("PATH"))
    if program is None:
        return None
    words = [program, *(["--user"] if scope == "user" else []), "show", NAME]
    words += ["--property=LoadState,ActiveState,UnitFileState"]
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            words, capture_output=True, text=True, timeout=_ASK_SECONDS, check=False, env=dict(environ)
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    if done.returncode or told.get("LoadState") != "loaded":
        return None
    return State(told.get("ActiveState", "unknown"), told.get("UnitFileState", "") or "unknown")
