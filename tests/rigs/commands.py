"""The two commands as a user runs them: real processes, their own home directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.dovecot import Dovecot

_RUN = "import sys; from refundtracker.cli.{0} import main; main()"


@dataclass(frozen=True, slots=True)
class Home:
    """A user's home with a configuration of ours.

    Attributes:
        place: the directory; nothing outside of it is touched.
    """

    place: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.place / "config.toml"

    def environment(self) -> dict[str, str]:
        """What the commands see."""
        kept = {
            name: os.environ[name] for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ
        }
        return {**kept, "HOME": str(self.place), "LANG": "C.UTF-8", "REFUNDS_CONFIG": str(self.config)}

    def argv(self, command: str, *words: str | Path) -> list[str]:
        """The command line of `refunds` or `refundd` in this interpreter."""
        return [sys.executable, "-c", _RUN.format(command), *map(str, words)]

    def run(self, command: str, *words: str | Path, status: int | None = 0, stdin: bytes = b"") -> Answer:
        """Run a command to its end; `status` is what it must end with, None for anything."""
        done = subprocess.run(
            self.argv(command, *words),
            env=self.environment(),
            cwd=self.place,
            input=stdin,
            capture_output=True,
            timeout=90,
            check=False,
        )
        answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
        if status is not None:
            assert done.returncode == status, answer
        assert "Traceback" not in answer.err, answer.err
        return answer

    def write_config(self, server: Dovecot | None = None, more: str = "") -> None:
        """A configuration for the server, with what the sample mails need."""
        self.config.write_text(_REGION + (_account(self.place, server) if server else "") + more)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its stdout as JSON."""
        return json.loads(self.out)


_REGION = """
[region]
country = "KR"
timezone = "Asia/Seoul"
language = "en"

[senders]
allowed = ["me@example.net"]
"""


def _account(place: Path, server: Dovecot) -> str:
    secret = place / "secret"
    secret.write_text(server.password + "\n")
    secret.chmod(0o600)
    return f"""
[[account]]
name = "home"
host = "{server.host}"
port = {server.port_tls}
user = "{server.user}"
password = {{ file = "secret" }}
folders = ["INBOX"]
authserv = ["mx.example.net"]
lookback_days = 3000
ca_file = "{server.ca_file}"
"""
