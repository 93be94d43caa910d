"""How long it takes to read a mail, against mail-parser alone on the same mails in the same run.

    python -m benchmarks.reading [--rounds 5] [--profile]

Processor time of this process, so that other programs disturb little. Times differ between machines;
what is compared is the ratio. `--profile` shows where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
from hashlib import sha256
from time import process_time
from typing import TYPE_CHECKING, Final

import mailparser

from benchmarks import corpus
from refundparsers import read
from refundparsers.message import UndecodableMail, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: What reading a mail may cost at most, as a multiple of mail-parser.
TARGET: Final = 1.5
_HEAVY: Final = 1_000_000


def reading(raw: bytes) -> object:
    """What the program does with a mail."""
    return read(raw, senders=corpus.POLICY, zone=corpus.ZONE)


def decoding(raw: bytes) -> object:
    """The part of it that knows no forms."""
    try:
        return decode(raw)
    except UndecodableMail as error:
        return error


def parsing(raw: bytes) -> object:
    """mail-parser alone."""
    return mailparser.parse_from_bytes(raw)


def hashing(raw: bytes) -> object:
    """The least that can be done with a mail."""
    return sha256(raw).digest()


READERS: Final[dict[str, Callable[[bytes], object]]] = {
    "sha256": hashing,
    "mail-parser": parsing,
    "decode": decoding,
    "read": reading,
}


def seconds(reader: Callable[[bytes], object], mails: Sequence[bytes]) -> list[float]:
    """How long a reader takes for each mail."""
    took = []
    for raw in mails:
        started = process_time()
        reader(raw)
        took.append(process_time() - started)
    return took


def compared(mails: Sequence[bytes], rounds: int) -> dict[str, float]:
    """Milliseconds a mail by reader: of each mail the best round, since noise only adds.

    The readers take turns, so that all see the same machine.
    """
    times = {name: [float("inf")] * len(mails) for name in READERS}
    for _ in range(rounds):
        for name, reader in READERS.items():
            times[name] = list(map(min, times[name], seconds(reader, mails)))
    return {name: sum(best) * 1000 / len(mails) for name, best in times.items()}


def table(corpora: dict[str, list[bytes]], rounds: int) -> bool:
    """Print a line for each corpus; whether all of them keep the target."""
    heads = "".join(f"{name:>12}" for name in READERS)
    print(f"{f'ms a mail, best of {rounds}':<44}{heads}{'ratio':>8}")
    kept = True
    for name, mails in corpora.items():
        found = compared(mails, rounds)
        ratio = found["read"] / found["mail-parser"]
        kept = kept and ratio <= TARGET
        size = sum(map(len, mails)) / len(mails) / 1000
        title = f"{name}, {len(mails)} of {size:.1f} kB"
        print(f"{title:<44}{''.join(f'{each:12.3f}' for each in found.values())}{ratio:8.2f}")
    print(f"read / mail-parser is at most {TARGET}: {'yes' if kept else 'NO'}\n")
    return kept


def heavy() -> None:
    """Print what a megabyte of the worst text costs, and that twice the text takes twice the time."""
    heads = ("read ms", "half", "mail-parser", "ratio", "growth")
    print(f"{'a megabyte of':<16}{'as':>12}{''.join(f'{head:>13}' for head in heads)}")
    for name, piece in corpus.PIECES.items():
        for from_card in (False, True):
            whole, half = (corpus.heavy(piece, size, from_card=from_card) for size in (_HEAVY, _HEAVY // 2))
            took, before, parser = (
                min(seconds(reader, [raw, raw])) * 1000
                for reader, raw in ((reading, whole), (reading, half), (parsing, whole))
            )
            kind = "card text" if from_card else "AliExpress"
            figures = f"{took:13.0f}{before:13.0f}{parser:13.0f}{took / parser:13.1f}{took / before:13.1f}"
            print(f"{name:<16}{kind:>12}{figures}")


def profile(corpora: dict[str, list[bytes]]) -> None:
    """Print the functions in which reading spends its own time."""
    for name, mails in corpora.items():
        print(f"--- {name}")
        profiler = cProfile.Profile()
        profiler.runcall(seconds, reading, mails)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(18)


def main() -> int:
    """Run what was asked for; 1 when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="show where the time goes instead")
    asked = parser.parse_args()
    corpora = {
        "sample mails": corpus.golden(),
        "AliExpress, no form fits": corpus.notices(),
        "AliExpress, read": corpus.read_notices(),
        "texts of cancellations": corpus.card_cancellations(),
        "other texts of banks": corpus.other_texts(),
        "a mailbox as it is": corpus.mailbox(),
    }
    for mails in corpora.values():
        seconds(reading, mails)  # patterns are compiled when first needed
    if asked.profile:
        profile(corpora)
        return 0
    kept = table(corpora, asked.rounds)
    heavy()
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
