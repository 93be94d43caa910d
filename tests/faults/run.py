"""Kill the service at random points, many times, and look at what is left.

    make faults                                 500 kills and every other fault, about ten minutes
    PYTHONPATH=tests python -m faults.run --kills 100 --seed 7

Each round: the mailbox changes, the service starts, mail comes while it works, SIGKILL. Some rounds
add a fault of the network, of the mail server for summaries, or of the disk; in some a folder is
numbered anew, in some the kill comes at a chosen system call. The clock goes on by a week when the
summary of the week was sent. At the end one service runs undisturbed, and the database must be as if
nothing had ever happened.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from faults import verdict
from faults.process import CALLS, Process, can_trace
from faults.world import FOLDERS, World
from rigs.commands import Home
from rigs.dovecot import Dovecot
from rigs.fault_proxy import FaultProxy
from rigs.smtp import receiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faults.verdict import Verdict

_PATIENCE: Final = 120.0
#: What a round may meet besides the kill, and how often.
TROUBLES: Final = {"none": 10, "network": 4, "slow": 1, "numbers": 1, "disk": 2, "smtp": 2, "call": 2}
_SUMMARY: Final = """
[summary]
to = "me@shop.test"

[smtp]
host = "localhost"
port = {port}
tls = "none"
sender = "refunds@shop.test"
"""


class Run:
    """One fault run: the servers, the mailbox, and the process that dies again and again.

    Attributes:
        home: the user whose service is killed.
        kills: how many were killed, by the fault that was on.
        stages: how far they had come.
        week: how far the clock is ahead.
    """

    def __init__(self, place: Path, seed: int, troubles: Mapping[str, int] = TROUBLES) -> None:
        """Start the servers.

        Args:
            place: an empty directory for everything.
            seed: decides what happens; the moment of a kill depends on the machine, too.
            troubles: faults and how often they come, relative to each other.
        """
        self._chance = random.Random(seed)
        self._troubles = dict(troubles)
        if not can_trace():
            self._troubles.pop("call", None)
        self.home = Home(place / "home")
        self.kills: Counter[str] = Counter()
        self.stages: Counter[str] = Counter()
        self.week = 0
        self._logs = place / "logs"
        self._number = count(1)
        self._span = 1.0
        self._calm: Home | None = None
        for directory in (self.home.place, self._logs, place / "dovecot"):
            directory.mkdir()
        with ExitStack() as stack:
            self._server = stack.enter_context(Dovecot(place / "dovecot"))
            self._proxy = stack.enter_context(FaultProxy(self._server.port_tls))
            self._post = stack.enter_context(receiver(place, tls="none"))
            self._servers = stack.pop_all()
        self.world = World(self._server, self._chance)
        self._configure()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    @property
    def database(self) -> Path:
        """The file that must survive."""
        return self.home.place / verdict.DATABASE

    def begin(self) -> None:
        """The first start ever, undisturbed."""
        self.world.deliver()
        self._settle()
        self._next_week()
        self._measure()

    def kill(self) -> None:
        """One round: something changes, the service starts, and dies."""
        trouble = self._chance.choices(list(self._troubles), list(self._troubles.values()))[0]
        self.world.change(self._known())
        self.world.deliver()
        limit, at_call = self._arrange(trouble)
        pause = self._chance.uniform(0, self._span * (3 if at_call else 1.1))
        with self._process(limit, at_call) as process:
            if self._chance.random() < 0.9:  # else it dies while it starts
                process.wait_until_started()
            news = threading.Timer(pause * self._chance.random(), self.world.deliver)
            news.start()
            process.wait(pause)
            process.kill()
            news.join()
        self.kills[trouble] += 1
        self.stages[process.stage] += 1
        self._next_week()
        if self.kills.total() % 25 == 0:
            self._measure()

    def rest(self) -> None:
        """One last service, undisturbed, until nothing is left to do."""
        self._settle()

    def judge(self) -> Verdict:
        """Compare with a run that nothing ever disturbed."""
        logs = "".join(log.read_text() for log in sorted(self._logs.iterdir()))
        if self._calm is None:
            self._calm = verdict.undisturbed(self.home, self.world)
        return verdict.judge(self.home, self._calm, self.world, self._post, logs)

    def progress(self) -> str:
        """In one line."""
        return (
            f"{self.kills.total()} kills, {len(self.world.mails)} mails, week {self.week}, "
            f"{len(self._post.received)} summaries"
        )

    def _configure(self) -> None:
        self.home.write_config(self._server, _SUMMARY.format(port=self._post.port))
        text = self.home.config.read_text()
        text = text.replace(f"port = {self._server.port_tls}", f"port = {self._proxy.port}")
        folders = ", ".join(f'"{name}"' for name in FOLDERS)
        self.home.config.write_text(text.replace('["INBOX"]', f"[{folders}]"))

    def _process(self, limit: int | None = None, at_call: tuple[str, int] | None = None) -> Process:
        log = self._logs / f"{next(self._number):05}.log"
        return Process(self.home, log, self.week, limit=limit, at_call=at_call)

    def _arrange(self, trouble: str) -> tuple[int | None, tuple[str, int] | None]:
        """Make the fault; gives the size a file may have on a full disk, and the call to be killed at."""
        self._heal()
        chance = self._chance
        if trouble == "network":
            self._proxy.after(chance.randrange(60_000), chance.choice(("cut", "reset", "stall")))
        elif trouble == "slow":
            self._proxy.latency = 0.02
        elif trouble == "numbers":
            self._server.reset_uidvalidity(chance.choice(FOLDERS))
        elif trouble == "smtp":
            self._post.fault = chance.choice(("451", "drop-early", "452-sender", "drop"))
        elif trouble == "disk":
            return chance.randrange(10_000, self.database.stat().st_size + 100_000), None
        elif trouble == "call":
            call = chance.choice(list(CALLS))
            return None, (call, chance.randint(1, CALLS[call]))
        return None, None

    def _heal(self) -> None:
        self._proxy.heal()
        self._post.fault = "none"

    def _measure(self) -> None:
        """How long the work of a start takes, so that kills are spread over all of it."""
        self._next_week()
        self.world.deliver()
        self._span = max(0.2, self._settle())
        self._next_week()

    def _settle(self) -> float:
        """One service without any fault, until all is read, derived and sent; how long that took."""
        self._heal()
        with self._process() as process:
            process.wait_until_started()
            deadline = time.monotonic() + _PATIENCE
            while not self._settled():
                if time.monotonic() > deadline or process.ended:
                    raise AssertionError(f"it does not come to rest:\n{process.log.read_text()[-4000:]}")
                time.sleep(0.02)
            return time.monotonic() - process.began

    def _settled(self) -> bool:
        """Whether nothing is left to do."""
        try:
            revisions = dict(self._rows("SELECT key, value FROM meta"))
        except sqlite3.OperationalError:
            return False  # not there yet
        derived = revisions.get("notices", "0") == revisions.get("derived")
        begun = bool(self._rows("SELECT 1 FROM outbox WHERE kind = 'begun'"))
        return (
            derived
            and begun
            and self._sent() >= self.week
            and {mail.key for mail in self.world.due()} <= self._known()
        )

    def _next_week(self) -> None:
        """The clock goes on when the summary of this week was sent, so that each slot is owed until then."""
        if self._sent() >= self.week:
            self.week += 1

    def _sent(self) -> int:
        """Weekly slots that the database knows as sent."""
        rows = self._rows("SELECT 1 FROM outbox WHERE kind = 'weekly' AND sent_at IS NOT NULL")
        return len(rows)

    def _known(self) -> set[str]:
        """The mails that the database holds, as any reader beside the service sees it."""
        rows = self._rows("SELECT sha256 FROM mail WHERE sha256 IS NOT NULL")
        return {str(row[0]) for row in rows}

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as database:
            return database.execute(query).fetchall()


def fault_run(run: Run, kills: int) -> None:
    """So many kills and a rest, with a line of progress on stderr."""
    begun = time.monotonic()
    run.begin()
    for number in range(1, kills + 1):
        run.kill()
        if number % 10 == 0 or number == kills:
            print(f"{time.monotonic() - begun:5.0f} s: {run.progress()}", file=sys.stderr, flush=True)
    run.rest()


def main() -> int:
    """Run; 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--keep", type=Path, help="an empty directory to leave everything in")
    asked = parser.parse_args()
    print(f"{asked.kills} kills, seed {asked.seed}", file=sys.stderr)
    with (
        tempfile.TemporaryDirectory(prefix="faults") as scratch,
        Run(asked.keep or Path(scratch), asked.seed) as run,
    ):
        fault_run(run, asked.kills)
        found = run.judge()
    for what, counted in (("killed during", run.kills), ("had come to", run.stages)):
        print(f"{what}: {', '.join(f'{name} {number}' for name, number in counted.most_common())}")
    print(found)
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
