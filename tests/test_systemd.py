"""The units, judged by systemd's own checkers."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from rigs.real import real_part

UNITS = Path(__file__).parent.parent / "systemd"
SYSTEM = UNITS / "refundtracker.service"
USER = UNITS / "refundtracker-user.service"
BOTH = pytest.mark.parametrize("unit", [SYSTEM, USER], ids=["system", "user"])


def analyze(*arguments: str, runtime: Path) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze; a user manager is only asked what it thinks, so any directory will do."""
    return subprocess.run(
        [real_part("systemd-analyze"), *arguments],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime), "LC_ALL": "C"},
    )


def startable(unit: Path, directory: Path, *, add: str = "") -> Path:
    """A copy whose program exists here, with lines added to its [Service]."""
    text, changed = re.subn(r"(?m)^ExecStart=\S+", "ExecStart=/bin/sh", unit.read_text("utf-8"))
    assert changed == 1
    copy = directory / unit.name
    copy.write_text(text.replace("[Service]\n", f"[Service]\n{add}\n"), "utf-8")
    return copy


def verify(unit: Path, directory: Path, *, add: str = "") -> tuple[int, str]:
    """Exit status and complaints about one unit."""
    scope = "--user" if unit == USER else "--system"
    copy = startable(unit, directory, add=add)
    done = analyze(scope, "verify", "--man=no", str(copy), runtime=directory)
    return done.returncode, done.stderr


def settings(unit: Path) -> dict[str, list[str]]:
    """What a unit sets, every value of a key in order."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text("utf-8").splitlines():
        if re.match(r"[A-Z]\w*=", line):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@BOTH
def test_systemd_has_nothing_to_complain_about(unit: Path, tmp_path: Path) -> None:
    assert verify(unit, tmp_path) == (0, "")


@BOTH
@pytest.mark.parametrize("mistake", ["ProtectHoem=yes", "WatchdogSec=abc", "SystemCallFilter=@sytem-service"])
def test_the_check_sees_a_mistake(unit: Path, mistake: str, tmp_path: Path) -> None:
    """Systemd 252 ends with 0 all the same: only what it prints tells."""
    _, complaints = verify(unit, tmp_path, add=mistake)

    assert complaints != ""


def test_a_missing_program_is_seen(tmp_path: Path) -> None:
    """So the copies above do need a program that exists."""
    copy = tmp_path / SYSTEM.name
    copy.write_text(SYSTEM.read_text("utf-8").replace("/opt/refundtracker", "/nowhere"), "utf-8")

    assert analyze("verify", "--man=no", str(copy), runtime=tmp_path).returncode != 0


def test_the_system_unit_is_locked_in(tmp_path: Path) -> None:
    """An exposure of 1.5 at most, of 10."""
    done = analyze("security", "--offline=true", "--threshold=15", str(SYSTEM), runtime=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_threshold_has_teeth(tmp_path: Path) -> None:
    copy = startable(SYSTEM, tmp_path)
    copy.write_text(copy.read_text("utf-8").replace("\nCapabilityBoundingSet=\n", "\n"), "utf-8")

    assert (
        analyze("security", "--offline=true", "--threshold=15", str(copy), runtime=tmp_path).returncode == 1
    )


def test_everything_left_open_is_explained(tmp_path: Path) -> None:
    """Each point that systemd still counts has its reason in a comment of the unit."""
    done = analyze("security", "--offline=true", "--json=short", str(SYSTEM), runtime=tmp_path)
    left = {check["name"].partition("=")[0] for check in json.loads(done.stdout) if check["exposure"]}
    explained = set(re.findall(r"(?m)^# (\w+)=  ", SYSTEM.read_text("utf-8")))

    assert left - explained == set()


@BOTH
@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("Type", ["notify"]),
        ("NotifyAccess", ["main"]),
        ("Restart", ["on-failure"]),
        ("RestartSec", ["30s"]),
        ("RestartPreventExitStatus", ["77 78"]),
        ("TimeoutStopSec", ["10s"]),
        ("WatchdogSec", ["5min"]),
        ("UMask", ["0077"]),
        ("Environment", ["PYTHONUNBUFFERED=1"]),
    ],
)
def test_both_units_live_and_die_alike(unit: Path, key: str, values: list[str]) -> None:
    assert settings(unit)[key] == values


def test_the_system_unit_owns_its_directories() -> None:
    found = settings(SYSTEM)

    assert found["ExecStart"] == ["/opt/refundtracker/bin/refundd run"]
    assert found["DynamicUser"] == ["yes"]
    assert found["StateDirectory"] == ["refundtracker"]
    assert found["ConfigurationDirectory"] == ["refundtracker"]
    assert "LoadCredential" not in found


def test_the_user_unit_runs_from_the_home_of_its_user() -> None:
    assert settings(USER)["ExecStart"] == ["%h/.local/share/refundtracker/venv/bin/refundd run"]


def test_the_user_unit_filters_system_calls_like_the_system_unit() -> None:
    filters = ("SystemCallFilter", "SystemCallArchitectures", "RestrictAddressFamilies", "NoNewPrivileges")
    here, there = settings(USER), settings(SYSTEM)

    assert {key: here[key] for key in filters} == {key: there[key] for key in filters}


def test_the_guide_names_files_that_exist() -> None:
    guide = (UNITS / "README.md").read_text("utf-8")
    named = set(re.findall(r"systemd/(refundtracker\S*\.service)\b", guide))

    assert named == {path.name for path in UNITS.glob("*.service")}


def test_the_units_need_nothing_newer_than_debian_12() -> None:
    """Keys that systemd 252 does not know; it would print a line at each start and ignore them."""
    newer = {"ImportCredential", "RestartSteps", "RestartMaxDelaySec", "MemoryZSwapMax", "ImportCredentialEx"}

    assert [key for unit in (SYSTEM, USER) for key in settings(unit) if key in newer] == []
