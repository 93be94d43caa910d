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
from typing import TYPE_CHECKING, Final

from benchmarks import corpus
from refundparsers import read
from refundparsers.examples import with_form
from refundparsers.forms import BadForm, read_forms, shipped
from refundparsers.message import decode
from refundparsers.money import parse_amount
from refundparsers.teaching import CannotTeach, Lesson, teach
from rigs.layouts import LANGUAGES, Layout

if TYPE_CHECKING:
    from refundparsers.forms import Library
    from refundparsers.notices import Reading
    from rigs.layouts import Values

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

    def fault(self, what: str, layout: Layout, why: str) -> None:
        """Count a fault and keep the sentence."""
        self.counts[what] += 1
        self.faults.append(
            f"{what}: {layout.language} {layout.seed} {layout.kind} {layout.look.block}: {why}"
        )


def lesson(layout: Layout, values: Values) -> Lesson:
    """What the user would say of a mail."""
    said = values.fields()
    money = parse_amount(said["amount"], said["currency"]) if "amount" in said else None
    days = {name: date.fromisoformat(said[name]) if name in said else None for name in ("on", "act_by")}
    return Lesson(layout.kind, said, _NAME, "aliexpress", money, days["on"], days["act_by"])


def taught(layout: Layout, values: Values) -> Library:
    """The shipped forms and one that is taught from a mail with these values.

    Raises:
        CannotTeach: nothing in the mail tells it apart.
        BadForm: what was taught is no form.
    """
    message = decode(layout.mail(values))
    table = teach(message, lesson(layout, values), values.mailed.date(), shipped().labels)
    return with_form(shipped(), read_forms("own", {"form": [table]}))


def reading(raw: bytes, library: Library) -> Reading:
    """What the library makes of a mail."""
    return read(raw, senders=corpus.POLICY, library=library)


def judge(layout: Layout, sisters: int, score: Score) -> None:
    """Teach from one mail of a layout; read the others and the neighbours."""
    started = process_time()
    try:
        library = taught(layout, layout.values(0))
    except (CannotTeach, BadForm) as error:
        score.fault("not taught", layout, str(error))
        return
    finally:
        score.seconds += process_time() - started
    score.counts["taught"] += 1
    for seed in range(sisters + 1):
        values = layout.values(seed)
        _judge_sister(layout, values, reading(layout.mail(values), library), score)
    for neighbour in layout.neighbours(100):
        found = reading(neighbour.raw, library)
        if any(notice.form == _NAME for notice in found.notices):
            score.fault("neighbour", layout, f"{neighbour.kind} is read as {layout.kind}")
        else:
            score.counts["left alone"] += 1


def _judge_sister(layout: Layout, values: Values, found: Reading, score: Score) -> None:
    if found.outcome != "notice":
        score.counts["unread"] += 1
        score.faults.append(f"unread: {layout.language} {layout.seed} {layout.look.block}: {found.reason}")
        return
    said = found.notices[0].as_json()
    expected = {"kind": layout.kind, **values.fields()}
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
    score = Score()
    for language in LANGUAGES:
        for seed in range(asked.seeds):
            judge(Layout(language, seed), asked.sisters, score)
    print(*score.faults[: asked.show], sep="\n")
    print(", ".join(f"{name} {number}" for name, number in score.counts.most_common()))
    print(f"{1000 * score.seconds / (len(LANGUAGES) * asked.seeds):.1f} ms to teach a mail\n")
    return 1 if score.counts["wrong"] or score.counts["neighbour"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
