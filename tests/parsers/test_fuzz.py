"""Some seconds of coverage-guided fuzzing in every run; `make fuzz` goes on for longer."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from rigs.real import without

TARGET: Final = Path(__file__).parent.parent / "fuzz" / "fuzz_read.py"


# As in pyproject.toml: there are no wheels for other machines.
HAS_WHEELS: Final = sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 15)


@pytest.mark.skipif(not HAS_WHEELS, reason="atheris has no wheel for this machine")
def test_no_bytes_stop_the_reader(tmp_path: Path) -> None:
    if find_spec("atheris") is None:
        without("atheris is not installed")
    found = tmp_path / "crashes"
    found.mkdir()
    options = ("-max_total_time=15", f"-artifact_prefix={found}/", "-print_final_stats=1")
    done = subprocess.run(
        [sys.executable, TARGET, tmp_path / "corpus", *options],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=100,
        check=False,
    )

    crashes = {path.name: path.read_bytes() for path in found.iterdir()}
    assert (done.returncode, crashes) == (0, {}), done.stderr[-4000:]
    assert "stat::number_of_executed_units" in done.stderr
