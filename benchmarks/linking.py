"""Whether the right money is linked, over thousands of invented disputes, and what it costs.

    python -m benchmarks.linking [--disputes 10000] [--promises 100000] [--first 1]

The worlds of `tests/worlds` know which refund pays which dispute. Beside the program stand two
baselines: greedy by sum and date, and the exact number, then the sum within days, as ledgers do.
Time is processor time; as a yardstick stands the store's own insert of the same notices.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from time import process_time
from typing import TYPE_CHECKING, Final

from refundparsers.money import Money
from refundparsers.notices import MailFacts, Notice, Reading
from refundtracker import tracking
from refundtracker.derivation import place
from refundtracker.records import Entry
from refundtracker.store import Store
from rigs.facts import Told
from worlds.baselines import greedy, ledger
from worlds.judging import Score, score
from worlds.world import worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worlds.judging import Linked
    from worlds.world import World

#: The least share of the decidable refunds that must be linked.
TARGET: Final = 0.83
#: How much dearer twice the number may be; 4 would be a square.
GROWTH: Final = 3.0
_START: Final = date(2016, 1, 4)
_A_DAY: Final = 30


def ours(world: World) -> tuple[list[Linked], list[Linked]]:
    """The program's links, and the candidates of its review list."""
    tracked = tracking.track(world.facts)
    placed = place(world.facts, tracked)
    named = {each.dispute.key: (each.dispute.order, each.dispute.dispute) for each in tracked}
    links = [(link.credit.id, *named[link.key]) for link in placed.links]
    offered = [(each.credit.id, *named[one.key]) for each in placed.reviews for one in each.candidates]
    return links, offered


def compared(disputes: int, first: int) -> dict[str, Score]:
    """The scores of the program and of both baselines on the same worlds."""
    scores = {
        "refundtracker": Score(),
        "number, then sum within days": Score(),
        "greedy by sum and date": Score(),
    }
    baselines: dict[str, Callable[[World], list[Linked]]] = {
        "number, then sum within days": ledger,
        "greedy by sum and date": greedy,
    }
    for world in worlds(disputes, first=first):
        scores["refundtracker"] += score(world, *ours(world))
        for name, baseline in baselines.items():
            scores[name] += score(world, baseline(world))
    return scores


def print_scores(scores: dict[str, Score]) -> bool:
    """One line each; whether ours keeps its targets."""
    mine = scores["refundtracker"]
    print(
        f"{mine.disputes} disputes, {mine.refunds} refunds told: {mine.admitted} admitted by the passes,"
        f" {mine.decidable} of them decidable"
    )
    heads = ("links", "wrong", "of admitted", "of decidable", "left, shown in review")
    print(f"{'':<30}" + "".join(f"{head:>23}" for head in heads))
    for name, each in scores.items():
        left = each.refunds - each.right
        found = f"{each.found / max(1, each.decidable):.1%}"
        taken = f"{each.taken / max(1, each.admitted):.1%}"
        shown = f"{each.shown / max(1, left):.1%}" if name == "refundtracker" else "-"
        print(
            f"{name:<30}" + "".join(f"{value:>23}" for value in (each.links, each.wrong, taken, found, shown))
        )
    return mine.wrong == 0 and mine.found >= TARGET * mine.decidable


# --- what it costs -----------------------------------------------------------------------------


def crowd(promises: int) -> list[Told]:
    """So many promises and as many credits, a third of them in another currency, some years of them."""
    dice = Random(promises)
    found: list[Told] = []
    for number in range(promises):
        day = _START + timedelta(days=number // _A_DAY)
        money = Money(dice.randrange(90, 6000), "USD")
        credit = Money(money.minor * 13, "KRW") if number % 3 == 0 else money
        for kind, on, sum_ in (
            ("dispute-finished", day, money),
            ("card-cancelled", day + _days(dice), credit),
        ):
            found.append(_told(len(found) + 1, kind, on, sum_, number))
    return found


def _days(dice: Random) -> timedelta:
    return timedelta(days=dice.randrange(1, 15))


def _told(number: int, kind: str, on: date, money: Money, order: int) -> Told:
    at = datetime(on.year, on.month, on.day, order % 24, order % 60, order % 59, tzinfo=UTC)
    notice = Notice(kind="dispute-finished", source="aliexpress", form="bench", on=on, money=money, at=at)
    if kind == "card-cancelled":
        card = replace(notice, kind="card-cancelled", source="card", issuer="kr.kb", card="1234")
        return Told(number, at, replace(card, merchant="AliExpress"))
    return Told(number, at, replace(notice, order=f"{8 * 10**15 + order}", result="refund"))


def linking_takes(facts: Sequence[Told]) -> float:
    """Seconds for bringing all of it together."""
    tracked = tracking.track(facts)
    started = process_time()
    place(facts, tracked)
    return process_time() - started


def inserting_takes(facts: Sequence[Told]) -> float:
    """Seconds for storing the same notices, one a mail, in one transaction."""
    entries = [
        Entry(
            Reading(
                mail=MailFacts(sha256=f"{fact.id:064x}", date=fact.mail_date),
                outcome="notice",
                trust="verified",
                notices=(fact.notice,),
            ),
            b"x",
            1,
        )
        for fact in facts
    ]
    with tempfile.TemporaryDirectory() as place_, Store.open(Path(place_) / "bench.db") as store:
        started = process_time()
        store.record(entries, now=datetime(2026, 1, 1, tzinfo=UTC))
        return process_time() - started


def print_cost(promises: int) -> bool:
    """Time for half and for all of them, and beside an insert; whether it grows nearly like a line."""
    place(crowd(10), [])  # the rates are loaded once
    half, whole = (linking_takes(crowd(count)) for count in (promises // 2, promises))
    insert = inserting_takes(crowd(promises))
    print(f"\n{promises} promises against {promises} credits: {whole:.1f} s, half of them {half:.1f} s")
    print(
        f"growth when doubled {whole / half:.2f}; {whole / insert:.2f} times the insert of the same notices"
    )
    return whole <= GROWTH * half


def main() -> int:
    """Print both tables; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--disputes", type=int, default=10_000)
    parser.add_argument("--promises", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=1, help="the first world; another one asks anew")
    given = parser.parse_args()
    right = print_scores(compared(given.disputes, given.first))
    return 0 if print_cost(given.promises) and right else 1


if __name__ == "__main__":
    raise SystemExit(main())
