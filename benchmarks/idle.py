"""What waiting costs, and how soon mail is noticed: `refundd run` beside a real Dovecot.

    python -m benchmarks.idle [--mails 15] [--quiet 60]

Each mail is delivered while the service waits; the time is until any reader finds it in the database.
Beside it stands how long Dovecot itself takes to tell a bare IDLE of the same mail. Then nothing
happens for a minute, and processor time and memory are read from /proc (Linux).
"""

from __future__ import annotations

import argparse
import os
import select
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import imapclient

from benchmarks.memory import resident
from rigs import sample
from rigs.commands import Home
from rigs.dovecot import Dovecot

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds until a mail is in the database, in the median.
TARGET_NOTICED: Final = 2.0
#: Resident size of the waiting service, in MB.
TARGET_RESIDENT: Final = 60.0
#: Of one core, while nothing happens.
TARGET_PROCESSOR: Final = 0.002
_PATIENCE: Final = 60.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """A running service."""
    with (home.place / "log").open("wb") as log:
        process = subprocess.Popen(home.argv("refundd", "run"), env=home.environment(), stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def listening(server: Dovecot) -> Iterator[imapclient.IMAPClient]:
    """A bare IDLE, as the measure of what the server itself needs."""
    client = imapclient.IMAPClient(server.host, server.port_plain, ssl=False)
    client.login(server.user, server.password)
    client.select_folder("INBOX", readonly=True)
    client.idle()
    yield client
    client.idle_done()
    client.logout()


def known(database: Path, key: str) -> bool:
    """Whether the mail is in the database, as another process sees it."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            query = "SELECT 1 FROM mail WHERE sha256 = ?"
            return connection.execute(query, [key]).fetchone() is not None
    except sqlite3.OperationalError:
        return False  # not there yet


def notice(
    server: Dovecot, client: imapclient.IMAPClient, database: Path, number: int
) -> tuple[float, float]:
    """Deliver a mail; seconds until Dovecot tells of it, and until it is in the database."""
    text = f"Order number: {8_000_000_000_000_000 + number}\nRefund amount: US $5.20"
    mail = sample.aliexpress("Dispute Finished", text, "2026-05-12 04:22", number=str(number))
    key = sha256(mail).hexdigest()
    told = 0.0
    server.deliver(mail)
    begun = time.monotonic()
    while not known(database, key):
        if time.monotonic() - begun > _PATIENCE:
            raise SystemExit(f"mail {number} was not noticed within {_PATIENCE:.0f} s")
        if not told and select.select([client.socket()], [], [], 0.005)[0]:
            told = time.monotonic() - begun
        elif told:
            time.sleep(0.005)
    noticed = time.monotonic() - begun
    client.idle_check(timeout=0.1)
    return told or noticed, noticed


def used(process: subprocess.Popen[bytes]) -> float:
    """Processor time of a process so far, in seconds."""
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def main() -> int:
    """Run; 1 when mail is noticed late or waiting costs too much."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mails", type=int, default=15)
    parser.add_argument("--quiet", type=float, default=60.0, help="seconds in which nothing happens")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, Dovecot(Path(scratch)) as server:
        server.maildir()
        home = Home(Path(scratch, "home"))
        home.place.mkdir()
        home.write_config(server)
        database = home.place / ".local/state/refundtracker/refunds.db"
        with serving(home) as process, listening(server) as client:
            notice(server, client, database, 0)
            times = []
            for number in range(1, asked.mails + 1):
                time.sleep(1 + number % 5)  # also behind the short first wait
                times.append(notice(server, client, database, number))
            time.sleep(5)
            before = used(process)
            time.sleep(asked.quiet)
            spent = (used(process) - before) / asked.quiet
            size = resident(process.pid)
    told, noticed = (median(column) for column in zip(*times, strict=True))
    print(f"noticed          {noticed:8.3f} s  in the median, at most {max(each for _, each in times):.3f} s")
    print(f"Dovecot itself   {told:8.3f} s  to tell a bare IDLE")
    print(f"processor        {spent:8.3%}    of a core over {asked.quiet:.0f} quiet seconds")
    print(f"resident         {size:8.1f} MB")
    good = noticed <= TARGET_NOTICED and size < TARGET_RESIDENT and spent < TARGET_PROCESSOR
    limits = f"{TARGET_NOTICED:.0f} s, {TARGET_PROCESSOR:.1%}, {TARGET_RESIDENT:.0f} MB"
    print(f"within {limits}: {'yes' if good else 'NO'}\n")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
