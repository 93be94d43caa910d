"""How the summary looks: what both templates see, and the net that makes their values harmless.

Jinja is loaded when something is rendered, not when this module is.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from refundtracker.reports.printing import country_name, foreign, full_day, short_day
from refundtracker.tracking import AWAITING
from refundtracker.words import one_line, say
from refundtracker.words.reasons import reason_in

if TYPE_CHECKING:
    from datetime import date

    from jinja2 import Environment

    from refundtracker.disputes import State
    from refundtracker.reports.summary import Line, Summary
    from refundtracker.words import Lang

# The three parts of the page; within each the most urgent comes first.
NEEDS_YOU: Final[tuple[State, ...]] = ("act", "overdue", "due", "short")
RUNNING: Final[tuple[State, ...]] = ("waiting", "open", "returning", "closed")
FINISHED: Final[tuple[State, ...]] = ("paid", "compensated", "lost", "withdrawn")
# Gmail hides what is behind the first 102 KB of a mail; these limits stay well below.
_MOST: Final = {"urgent": 25, "running": 15, "finished": 10, "mail": 8}


def _tame(value: Any) -> Any:
    """The net under both templates: no value brings in control characters or a line break."""
    return one_line(value) if type(value) is str else value


@cache
def environment() -> Environment:
    """The templates, with the net around their values."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=PackageLoader("refundtracker.reports", "templates"),
        autoescape=select_autoescape(("html.j2",), default=False),
        undefined=StrictUndefined,
        finalize=_tame,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"foreign": foreign, "short": _short}
    return made


def _values(summary: Summary) -> dict[str, Any]:
    """What both templates see."""
    lang, today = summary.lang, summary.as_of
    return {
        "summary": summary,
        "say": partial(say, lang),
        "day": partial(short_day, today=today, lang=lang),
        "today": full_day(today, lang),
        "country": country_name(summary.country, lang),
        "head": _head(summary),
        "unknown": _unknown(summary),
        "late": partial(_late, lang),
        "elapsed": partial(_elapsed, today),
        "name": partial(_name, lang),
        "reason": partial(reason_in, lang),
        "facts": partial(_facts, lang),
        "counts": _counts(summary),
        "most": _MOST,
        "awaiting": AWAITING,
        "urgent": [line for line in summary.lines if line.state in NEEDS_YOU],
        "running": [line for line in summary.lines if line.state in RUNNING],
        "finished": [line for line in summary.lines if line.state in FINISHED],
    }


def _head(summary: Summary) -> list[str]:
    """How many disputes are in each state that is not final."""
    counted = ((state, summary.count(state)) for state in NEEDS_YOU + RUNNING)
    return [f"{say(summary.lang, f'state.{state}')} {count}" for state, count in counted if count]


def _unknown(summary: Summary) -> tuple[str, ...]:
    """How many awaited refunds have no sum; nothing when all have one."""
    if not summary.unknown:
        return ()
    return (say(summary.lang, "summary.owed.unknown", count=str(summary.unknown)),)


def _short(text: str | None) -> str:
    return one_line(text or "-", 70)


def _name(lang: Lang, line: Line) -> str:
    """What the dispute is about, in the words that are there."""
    if line.item or not line.order:
        return foreign(line.item) or say(lang, "summary.nameless")
    return say(lang, "summary.order", order=foreign(line.order))


def _facts(lang: Lang, line: Line) -> list[str]:
    """The small print of a dispute: numbers, and what a shortfall is made of."""
    facts = [f"#{line.id}"] if line.id is not None else []
    if line.order and line.item:
        facts.append(say(lang, "summary.order", order=foreign(line.order)))
    if line.received:
        facts += [f"{say(lang, 'column.promised')} {line.promised}"] if line.promised else []
        facts.append(f"{say(lang, 'column.received')} {line.received}")
    return facts


def _late(lang: Lang, days: int) -> str:
    return say(lang, "summary.late.one" if days == 1 else "summary.late.many", days=str(days))


def _elapsed(today: date, line: Line) -> int | None:
    """How much of the refund window is over, in percent; None when no window runs."""
    if not (line.starts_on and line.due_on and line.overdue_on) or line.state not in {
        "waiting",
        "due",
        "overdue",
    }:
        return None
    whole = max(1, (line.overdue_on - line.starts_on).days)
    return min(100, max(2, 100 * (today - line.starts_on).days // whole))


def _counts(summary: Summary) -> list[str]:
    counted = summary.news.counts.items()
    return [f"{say(summary.lang, f'outcome.{outcome}')} {count}" for outcome, count in counted if count]


def render_text(summary: Summary) -> str:
    """The summary as plain text, lines ended by LF."""
    return environment().get_template("summary.txt.j2").render(_values(summary))


def render_html(summary: Summary) -> str:
    """The summary as one HTML page: inline styles and tables, no image, no link, no script."""
    return environment().get_template("summary.html.j2").render(_values(summary))
