"""A short fault run in every test run; `make faults` does 500 kills."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from faults.run import Run, fault_run

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 25
# What a crash could do to the database, and what the verdict says of it.
HARMS = {
    "SELECT 1": None,
    "DELETE FROM mail WHERE id = (SELECT min(id) FROM mail WHERE outcome = 'notice')": "has 0 outcomes",
    "UPDATE mail SET outcome = 'ignored' WHERE outcome = 'notice'": "not [('notice', None)]",
    "UPDATE dispute SET phase = 'lost'": "instead of",
    "UPDATE outbox SET message_id = '<other@shop.test>' WHERE kind = 'weekly'": "belongs to no slot",
    "UPDATE sighting SET mail_id = 4711": "the database: ",
}


@pytest.mark.timeout(600)
def test_killed_at_any_moment_it_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """Sweep, store and send, cut off anywhere, with every other fault in between."""
    seed = random.SystemRandom().randrange(10**6)
    with Run(tmp_path, seed) as run:
        fault_run(run, KILLS)
        found = run.judge()

    assert (f"seed {seed}", found.problems) == (f"seed {seed}", ())
    assert (run.kills.total(), found.mails > KILLS / 2) == (KILLS, True)


@pytest.mark.timeout(600)
def test_the_verdict_sees_harm(tmp_path: Path) -> None:
    """So the run above can fail: each harm is done to a sound database, and found."""
    with Run(tmp_path, seed=7) as run:
        fault_run(run, kills=2)
        sound = tmp_path / "sound.db"
        with closing(sqlite3.connect(run.database)) as database:
            database.execute("VACUUM INTO ?", [str(sound)])
        told = {harm: harmed(run, sound.read_bytes(), harm) for harm in HARMS}

    missed = {
        harm: told[harm]
        for harm, words in HARMS.items()
        if (words is None) != (told[harm] == ())
        or not any((words or "") in each for each in (*told[harm], ""))
    }
    assert missed == {}


def harmed(run: Run, sound: bytes, harm: str) -> tuple[str, ...]:
    """The problems that are found after this was done."""
    for suffix in ("-wal", "-shm"):
        run.database.with_name(run.database.name + suffix).unlink(missing_ok=True)
    run.database.write_bytes(sound)
    with closing(sqlite3.connect(run.database)) as database, database:
        database.execute(harm)
    return run.judge().problems
