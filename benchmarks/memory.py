"""Whether memory stays flat while one process reads many mails.

    python -m benchmarks.memory [--mails 100000]

Prints the resident size as it goes. The first tenth compiles patterns and fills caches; from there
on it must stay where it is.
"""

from __future__ import annotations

import argparse
import os
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

from benchmarks import corpus
from refundparsers import read
from rigs.negatives import card_texts, other_mails

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How much the resident size may grow behind the first tenth, in MB.
TARGET: Final = 8.0
_STEPS: Final = 10


def resident(process: int | None = None) -> float:
    """The memory that a process holds, this one when none is named, in MB (Linux)."""
    pages = int(Path(f"/proc/{process or 'self'}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def mails() -> list[bytes]:
    """Samples, notices, texts and the broken mail of strangers, some thousands of them."""
    others = [each.raw for each in (*card_texts(550), *other_mails(1700))]
    return [*corpus.golden(), *corpus.notices(280), *corpus.read_notices(50), *others]


def sizes(every: Sequence[bytes], count: int) -> list[float]:
    """Read so many mails; the resident size at each tenth of them."""
    endless = cycle(every)
    found = []
    for step in range(_STEPS):
        started = perf_counter()
        for raw in islice(endless, count // _STEPS):
            read(raw, senders=corpus.POLICY, zone=corpus.ZONE)
        found.append(resident())
        speed = count // _STEPS / (perf_counter() - started)
        so_far = (step + 1) * count // _STEPS
        print(f"{so_far:>9,} mails  {found[-1]:8.1f} MB  {speed:8.0f} a second", flush=True)
    return found


def main() -> int:
    """Run; 1 when memory grows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mails", type=int, default=100_000)
    asked = parser.parse_args()
    every = mails()
    held = sum(map(len, every)) / 1e6
    print(f"before         {resident():10.1f} MB  {len(every):,} mails of {held:.1f} MB held")
    found = sizes(every, max(_STEPS, asked.mails))
    grown = found[-1] - found[0]
    kept = grown <= TARGET
    print(f"grown by {grown:.1f} MB, at most {TARGET}: {'yes' if kept else 'NO'}\n")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
