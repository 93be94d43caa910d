"""What one taught mail is worth: does it read its sisters exactly, and leave its neighbours alone?

    python -m benchmarks.teaching [--seeds 10] [--sisters 5] [--show 20]

For each language and seed a layout is invented, a form is taught from one of its mails, and further
mails of the layout and of other kinds in the same look are read with it. A value that is read
wrongly and a neighbour that is read by the form are faults; a sister left unread is a pity.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from time import process_time
from typing import TYPE_CHECKING, Final, cast

from benchmarks import corpus
from refundparsers import read
from refundparsers.examples import with_form
from refundparsers.forms import BadForm, read_forms, shipped
from refundparsers.message import decode
from refundparsers.money import parse_amount
from refundparsers.teaching import CannotTeach, Lesson, teach
from rigs.layouts import LANGUAGES, Layout
from rigs.leaflets import Leaflet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from refundparsers.forms import Library
    from refundparsers.notices import Kind, Reading

_NAME: Final = "own.benchmark"


@dataclass(slots=True)
class Score:
    """What became of the mails.

    Attributes:
        counts: by outcome: `taught`, `not taught`, `exact`, `unread`, `wrong`, `neighbour`,
            `left alone`.
        faults: a sentence for each mail that was read wrongly, or not taught.
        seconds: spent on teaching.
    """

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def fault(self, what: str, layout: _Sheets, why: str) -> None:
        """Count a fault and keep the sentence."""
        self.counts[what] += 1
        self.faults.append(f"{what}: {layout.name}: {why}")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One mail: its bytes, its day, and what it says."""

    raw: bytes
    mailed_on: date
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Sheets:
    """The mails of one layout or leaflet: both generators seen in one way."""

    drawn: Layout | Leaflet

    @property
    def name(self) -> str:
        block = self.drawn.look.block if isinstance(self.drawn, Layout) else self.drawn.style.block
        origin = type(self.drawn).__name__.lower()
        return f"{origin} {self.drawn.language} {self.drawn.seed} {self.drawn.kind} {block}"

    @property
    def kind(self) -> Kind:
        return cast("Kind", self.drawn.kind)

    def sheet(self, seed: int) -> _Sheet:
        if isinstance(self.drawn, Layout):
            values = self.drawn.values(seed)
            return _Sheet(self.drawn.mail(values), values.mailed.date(), values.fields())
        facts = self.drawn.facts(seed)
        return _Sheet(self.drawn.mail(facts), facts.mailed.date(), facts.fields)

    def neighbours(self, seed: int) -> Iterator[tuple[str, bytes]]:
        if isinstance(self.drawn, Layout):
            yield from ((each.kind, each.raw) for each in self.drawn.neighbours(seed))
        else:
            yield from self.drawn.neighbours(seed)


def lesson(layout: _Sheets, said: Mapping[str, str]) -> Lesson:
    """What the user would say of a mail."""
    money = parse_amount(said["amount"], said["currency"]) if "amount" in said else None
    days = {name: date.fromisoformat(said[name]) if name in said else None for name in ("on", "act_by")}
    return Lesson(layout.kind, said, _NAME, "aliexpress", money, days["on"], days["act_by"])


def taught(layout: _Sheets, sheet: _Sheet) -> Library:
    """The shipped forms and one that is taught from this mail.

    Raises:
        CannotTeach: nothing in the mail tells it apart.
        BadForm: what was taught is no form.
    """
    table = teach(decode(sheet.raw), lesson(layout, sheet.fields), sheet.mailed_on, shipped().labels)
    return with_form(shipped(), read_forms("own", {"form": [table]}))


def reading(raw: bytes, library: Library) -> Reading:
    """What the library makes of a mail."""
    return read(raw, senders=corpus.POLICY, library=library)


def judge(layout: _Sheets, sisters: int, score: Score) -> None:
    """Teach from one mail of a layout; read the others and the neighbours."""
    started = process_time()
    try:
        library = taught(layout, layout.sheet(0))
    except (CannotTeach, BadForm) as error:
        score.fault("not taught", layout, str(error))
        return
    finally:
        score.seconds += process_time() - started
    score.counts["taught"] += 1
    for seed in range(sisters + 1):
        sheet = layout.sheet(seed)
        _judge_sister(layout, sheet, reading(sheet.raw, library), score)
    for kind, raw in layout.neighbours(100):
        found = reading(raw, library)
        if any(notice.form == _NAME for notice in found.notices):
            score.fault("neighbour", layout, f"{kind} is read as {layout.kind}")
        else:
            score.counts["left alone"] += 1


def _judge_sister(layout: _Sheets, sheet: _Sheet, found: Reading, score: Score) -> None:
    if found.outcome != "notice":
        score.counts["unread"] += 1
        score.faults.append(f"unread: {layout.name}: {found.reason}")
        return
    said = found.notices[0].as_json()
    expected = {"kind": layout.kind, **sheet.fields}
    differing = {name: (said[name], value) for name, value in expected.items() if said[name] != value}
    if differing or len(found.notices) > 1:
        score.fault("wrong", layout, f"read, expected: {differing}")
    else:
        score.counts["exact"] += 1


def main() -> int:
    """Run; 1 when anything was read wrongly."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--sisters", type=int, default=5)
    parser.add_argument("--show", type=int, default=20, help="how many faults to print")
    asked = parser.parse_args()
    bad = 0
    for drawn in (Layout, Leaflet):
        score = Score()
        for language in LANGUAGES:
            for seed in range(asked.seeds):
                judge(_Sheets(drawn(language, seed)), asked.sisters, score)
        print(*score.faults[: asked.show], sep="\n")
        print(
            f"{drawn.__name__}:", ", ".join(f"{name} {count}" for name, count in score.counts.most_common())
        )
        print(f"{1000 * score.seconds / (len(LANGUAGES) * asked.seeds):.1f} ms to teach a mail\n")
        bad += score.counts["wrong"] + score.counts["neighbour"]
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
