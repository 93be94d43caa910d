"""How many messages that are no notice are read as one, by the ten thousand.

    python -m benchmarks.negatives [--texts 2200] [--mails 20000] [--seed 0]

Counts what becomes of each class, the share that is left unread for the user to look at, crashes,
and notices that move money although nothing moved. The last two must be none.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import chain
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks import corpus
from refundparsers import read
from rigs.negatives import MOVES_MONEY, Negative, card_texts, other_mails

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refundparsers.notices import Reading


@dataclass(slots=True)
class Count:
    """What became of the messages.

    Attributes:
        outcomes: by class.
        times: seconds and class of each message, with its text.
        crashes: messages that stopped the reader, and how.
        false: messages that were read as money, and by which forms.
    """

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    times: list[tuple[float, str, str]] = field(default_factory=list)
    crashes: list[tuple[Negative, Exception]] = field(default_factory=list)
    false: list[tuple[Negative, list[str]]] = field(default_factory=list)

    def add(self, each: Negative) -> None:
        """Read one message and count it."""
        started = perf_counter()
        try:
            found = read(each.raw, senders=corpus.POLICY, zone=corpus.ZONE)
        except Exception as error:  # noqa: BLE001 - what is counted here is what must never happen
            self.crashes.append((each, error))
            return
        self.times.append((perf_counter() - started, each.kind, each.text))
        self.outcomes[each.kind][found.outcome] += 1
        if forms := _moving(found):
            self.false.append((each, forms))


def _moving(found: Reading) -> list[str]:
    if found.outcome != "notice":
        return []
    return [notice.form for notice in found.notices if notice.kind in MOVES_MONEY]


def count(messages: Iterable[Negative]) -> Count:
    """Read all messages."""
    counted = Count()
    for each in messages:
        counted.add(each)
    return counted


def show(counted: Count) -> None:
    """Print what was counted."""
    for kind, outcomes in sorted(counted.outcomes.items()):
        total = outcomes.total()
        rest = ", ".join(f"{name} {number}" for name, number in outcomes.most_common())
        print(f"{kind:<24}{total:>7}  unread {100 * outcomes['unread'] / total:5.1f} %   {rest}")
    times = [took for took, _, _ in counted.times]
    print(f"\n{len(times):,} messages, {1000 * sum(times) / len(times):.2f} ms each; the slowest:")
    for took, kind, text in nlargest(5, counted.times):
        print(f"  {1000 * took:7.0f} ms  {kind:<20} {text[:60]!r}")
    for each, error in counted.crashes:
        print(f"CRASH  {each.kind}: {type(error).__name__}: {error}: {each.text!r}")
    for each, forms in counted.false:
        print(f"FALSE  {each.kind}: {', '.join(forms)}: {each.text!r}")
    print(f"crashes: {len(counted.crashes)}, false notices of money: {len(counted.false)}\n")


def main() -> int:
    """Run; 1 when anything was read that is not there."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", type=int, default=2_200)
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    counted = count(chain(card_texts(asked.texts, asked.seed), other_mails(asked.mails, asked.seed)))
    show(counted)
    return 1 if counted.crashes or counted.false else 0


if __name__ == "__main__":
    raise SystemExit(main())
