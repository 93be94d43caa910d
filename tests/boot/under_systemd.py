"""The unit under a real systemd: ready, credentials, sandbox, restarts, stop, reload.

`make test-systemd` runs this file; its name keeps it out of `make test`, because each process that
runs tests would boot a container of its own. Times in the unit are shortened by a drop-in.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from boot.machine import UNIT, Machine
from rigs import sample
from rigs.dovecot import Dovecot

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(600)

BIN: Final = "/opt/refundtracker/bin"
CONFIG: Final = "/etc/refundtracker/config.toml"
SECRETS: Final = "/etc/refundtracker/secrets"
DROP_INS: Final = f"etc/systemd/system/{UNIT}.d"
CREDENTIAL: Final = f"/{DROP_INS}/20-credential.conf"
PLAIN: Final = f"[Service]\nLoadCredential=imap-password:{SECRETS}/imap-password\n"
SHORT: Final = "[Service]\nRestartSec=100ms\nWatchdogSec=6s\nTimeoutAbortSec=2s\nTimeoutStopSec=2s\n"
_CONFIG: Final = """
[region]
country = "KR"
timezone = "Asia/Seoul"
language = "en"

[[account]]
name = "home"
host = "localhost"
port = {port}
user = "{user}"
password = {{ credential = "imap-password" }}
authserv = ["mx.example.net"]
ca_file = "/etc/refundtracker/ca.pem"
lookback_days = 3000
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    with Dovecot(tmp_path_factory.mktemp("dovecot")) as running:
        running.maildir()
        yield running


@pytest.fixture(scope="module")
def booted(server: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A container in which the unit was installed as the guide says."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.write("etc/refundtracker/ca.pem", server.ca_file.read_text())
    machine.write(f"{SECRETS}/imap-password"[1:], server.password + "\n", mode=0o600)
    machine.write(f"{DROP_INS}/10-short.conf", SHORT)
    machine.write("etc/systemd/system/probe.service", _probe_unit())
    machine.write("usr/local/lib/probe.py", Path(__file__).with_name("probe.py").read_text())
    with machine:
        yield machine


def _probe_unit() -> str:
    """Our unit with another program: whatever the unit forbids is forbidden to it."""
    text = Path(__file__).parents[2].joinpath("systemd", UNIT).read_text()
    text = re.sub(r"(?m)^ExecStart=.*", f"ExecStart={BIN}/python -I /usr/local/lib/probe.py", text)
    text = re.sub(r"(?m)^(Type=).*", r"\1oneshot", text)
    return re.sub(r"(?m)^(Restart|ExecReload|WatchdogSec)=.*\n", "", text).replace("[Service]\n", PLAIN)


@pytest.fixture
def machine(booted: Machine, server: Dovecot) -> Iterator[Machine]:
    """The container with a good configuration, the unit not running; stopped again behind the test."""
    booted.put(CONFIG, _CONFIG.format(port=server.port_tls, user=server.user))
    booted.put(CREDENTIAL, PLAIN)
    booted.systemctl("daemon-reload")
    booted.forget_journal()
    yield booted
    booted.systemctl("stop", UNIT)
    booted.systemctl("reset-failed", UNIT, check=False)


def started(machine: Machine) -> int:
    """Start the unit; the number of its main process."""
    machine.systemctl("start", UNIT)
    return int(machine.show("MainPID"))


def watching(machine: Machine) -> int:
    """Start the unit and wait until it is logged in."""
    number = started(machine)
    machine.until(lambda: "waiting by idle" in machine.show("StatusText"), "it does not come to rest")
    return number


def restarted(machine: Machine) -> None:
    machine.until(
        lambda: machine.show("NRestarts") == "1" and machine.show("ActiveState") == "active", "no restart"
    )


def test_mail_becomes_a_dispute(machine: Machine, server: Dovecot) -> None:
    """From the start, which returns when the service is ready, to what the guide tells people to type."""
    watching(machine)
    ask = ("env", "STATE_DIRECTORY=/var/lib/refundtracker", f"{BIN}/refunds", "list", "--json")
    server.deliver(sample.FINISHED)
    machine.until(lambda: sample.ORDER in machine.run(*ask, check=False), "the mail is not in the database")

    (dispute,) = json.loads(machine.run(*ask))
    assert (dispute["order"], machine.show("ActiveState")) == (sample.ORDER, "active")


def test_the_sandbox_holds_and_leaves_what_is_needed(machine: Machine) -> None:
    machine.systemctl("start", "probe.service")
    said = machine.journal("probe.service").splitlines()
    found = json.loads(next(line for line in said if line.startswith("{")))

    allowed = {name for name, outcome in found.items() if outcome == "ok"}
    assert allowed == {
        "write its state",
        "write a temporary file",
        "read its credential",
        "open a connection",
    }
    assert (found["root"], found["alone"]) == (False, True)


@pytest.mark.parametrize("way", ["LoadCredentialEncrypted", "SetCredentialEncrypted"])
def test_an_encrypted_credential_opens_the_mailbox(machine: Machine, server: Dovecot, way: str) -> None:
    encrypt = ("systemd-creds", "encrypt", "--name=imap-password", "-")
    if way == "LoadCredentialEncrypted":
        machine.run(*encrypt, f"{SECRETS}/imap-password.cred", stdin=server.password)
        line = f"{way}=imap-password:{SECRETS}/imap-password.cred"
    else:
        line = machine.run(*encrypt, "-", "--pretty", stdin=server.password)
    assert line.startswith(way)
    machine.put(CREDENTIAL, f"[Service]\n{line}\n")
    machine.systemctl("daemon-reload")

    watching(machine)


def test_a_killed_service_comes_back(machine: Machine) -> None:
    before = watching(machine)
    machine.systemctl("kill", "--signal=KILL", "--kill-whom=main", UNIT)
    restarted(machine)

    assert int(machine.show("MainPID")) != before
    assert "status=9/KILL" in machine.journal()


def test_a_service_that_hangs_is_replaced(machine: Machine) -> None:
    """Nothing feeds the watchdog while the process stands still."""
    watching(machine)
    machine.systemctl("kill", "--signal=STOP", "--kill-whom=main", UNIT)
    restarted(machine)

    assert "Watchdog timeout" in machine.journal()


def test_a_working_service_feeds_the_watchdog(machine: Machine) -> None:
    watching(machine)
    before = machine.show("WatchdogTimestampMonotonic")
    machine.until(lambda: machine.show("WatchdogTimestampMonotonic") != before, "the watchdog is not fed")

    assert machine.show("NRestarts") == "0"


def test_it_stops_in_time(machine: Machine) -> None:
    """Systemd itself would kill it after two seconds, and say so."""
    watching(machine)
    machine.systemctl("stop", UNIT)

    assert (machine.show("Result"), machine.show("ExecMainStatus")) == ("success", "0")


def test_a_reload_with_a_bad_configuration_keeps_the_old_one(machine: Machine) -> None:
    number = watching(machine)
    machine.put(CONFIG, "[region]\ncuontry = 'KR'\n")
    machine.systemctl("reload", UNIT)
    machine.until(lambda: "the former one stays in force" in machine.journal(), "the reload is not told")

    assert machine.show("ActiveState") == "active"
    assert int(machine.show("MainPID")) == number


def test_a_bad_configuration_ends_the_service_for_good(machine: Machine) -> None:
    """Only a person can mend it; a restart in a loop would fill the log."""
    machine.put(CONFIG, "[region]\ncuontry = 'KR'\n")
    machine.systemctl("start", UNIT, check=False)

    assert machine.show("ExecMainStatus") == "78"
    assert (machine.show("ActiveState"), machine.show("NRestarts")) == ("failed", "0")
    assert "cuontry" in machine.journal()


def test_a_refused_login_leaves_it_running(machine: Machine) -> None:
    """It waits an hour and says so; a restart would only be one more wrong password."""
    machine.put(f"{SECRETS}/wrong", "wrong\n")
    machine.put(CREDENTIAL, f"[Service]\nLoadCredential=imap-password:{SECRETS}/wrong\n")
    machine.systemctl("daemon-reload")
    started(machine)
    machine.until(lambda: "next try in 3600 s" in machine.show("StatusText"), "the refusal is not told")

    assert (machine.show("ActiveState"), machine.show("NRestarts")) == ("active", "0")
