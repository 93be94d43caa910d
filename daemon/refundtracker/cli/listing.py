"""`refunds list` and `refunds overdue`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

import click

from refundtracker import tracking
from refundtracker.cli.common import global_options, settings
from refundtracker.disputes import Dispute, State
from refundtracker.formats import write_csv, write_json, write_line, write_table
from refundtracker.views import dispute_json, worded
from refundtracker.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from refundtracker.words import Lang

# The most pressing first; what is settled comes last.
_URGENCY: Final[tuple[State, ...]] = (
    "act", "overdue", "due", "short", "waiting", "open", "returning", "closed",
    "lost", "withdrawn", "compensated", "paid",
)  # fmt: skip
_STYLES: Final = {
    "act": "bold red",
    "overdue": "red",
    "short": "red",
    "due": "yellow",
    "paid": "dim",
    "lost": "dim",
}
_LATE: Final = ("overdue",)
# A table for people; nobody reads more, and a terminal takes a second for every thousand rows.
_MOST: Final = 200


@click.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(get_args(State)), help="Only these; repeatable."
)
@click.option("--csv", "as_csv", is_flag=True, help="Answer as CSV.")
@click.option("--all", "whole", is_flag=True, help=f"Every row, not only the first {_MOST}.")
@global_options
@click.pass_context
def list_(
    ctx: click.Context, states: tuple[State, ...] = (), as_csv: bool = False, whole: bool = False
) -> None:
    """Money still owed, then the disputes, the most pressing first."""
    _answer(ctx, states, as_csv=as_csv, most=None if whole else _MOST)


@click.command("overdue")
@click.option("--exit-code", is_flag=True, help="End with status 1 when anything is overdue.")
@click.option("--csv", "as_csv", is_flag=True, help="Answer as CSV.")
@global_options
@click.pass_context
def overdue(ctx: click.Context, exit_code: bool, as_csv: bool) -> int:
    """What is late."""
    late = _answer(ctx, _LATE, as_csv=as_csv, most=_MOST)
    return 1 if exit_code and late else 0


def _answer(ctx: click.Context, states: Sequence[State], *, as_csv: bool, most: int | None = None) -> int:
    given = settings(ctx)
    config = given.load()
    today, lang = given.today(config), given.language(config)
    with given.store(config) as store:
        disputes, waiting = store.disputes(), store.waiting()
    chosen = by_urgency(disputes, today, states)
    if given.json:
        write_json([dispute_json(each, today, lang) for each in chosen])
    elif as_csv:
        _csv(chosen, today, lang)
    else:
        write_owed(disputes, today, lang)
        write_disputes(chosen[:most], today, lang, chosen_from=len(disputes))
        _write_rest(len(chosen) - len(chosen[:most]), waiting, lang)
    return len(chosen)


def _write_rest(more: int, waiting: int, lang: Lang) -> None:
    """What the table does not show: its further rows, and money that waits for a word."""
    if more:
        write_line()
        write_line(say(lang, "list.more", count=f"{more:,}"))
    if waiting:
        write_line()
        code = "review.waiting.one" if waiting == 1 else "review.waiting"
        write_line(say(lang, code, count=str(waiting)))


def by_urgency(disputes: Sequence[Dispute], today: date, states: Sequence[State] = ()) -> list[Dispute]:
    """Those in one of these states, or all; the most pressing first, then the oldest promise."""
    return sorted(
        (each for each in disputes if not states or tracking.state_on(each, today) in states),
        key=lambda each: (_URGENCY.index(tracking.state_on(each, today)), _since(each), each.id or 0),
    )


def _since(dispute: Dispute) -> str:
    return dispute.window.starts_on.isoformat() if dispute.window else "9999"


def write_owed(disputes: Sequence[Dispute], today: date, lang: Lang) -> None:
    """What is still to come, in one line."""
    owed = tracking.owed(disputes, today)
    parts = [str(money) for money in owed.sums]
    if owed.unknown:
        parts.append(say(lang, "summary.owed.unknown", count=str(owed.unknown)))
    write_line(f"{say(lang, 'heading.owed')}: {', '.join(parts) or say(lang, 'none-owed')}")
    write_line()


def write_disputes(disputes: Sequence[Dispute], today: date, lang: Lang, *, chosen_from: int = 0) -> None:
    """The disputes as a table, in the order given, and below it what to do about them.

    Args:
        disputes: to show.
        today: the day to speak of.
        lang: to speak.
        chosen_from: how many there are at all, when these are some of them.
    """
    if not disputes:
        write_line(say(lang, "none-such" if chosen_from else "no-disputes"))
        return
    columns = ("id", "order", "item", "state", "promised", "received", "due")
    states = [tracking.state_on(each, today) for each in disputes]
    write_table(
        [say(lang, f"column.{column}") for column in columns],
        [_row(each, state, lang) for each, state in zip(disputes, states, strict=True)],
        styles={number: _STYLES[state] for number, state in enumerate(states) if state in _STYLES},
        right=(0, 4, 5),
        whole=(0, 1, 3, 4, 6),
        cut=(2,),
    )
    _write_steps(disputes, today, lang)


def _row(dispute: Dispute, state: State, lang: Lang) -> tuple[str | None, ...]:
    return (
        str(dispute.id),
        dispute.order or dispute.dispute,
        dispute.item,
        say(lang, f"state.{state}"),
        str(dispute.promised) if dispute.promised else None,
        ", ".join(str(each.money) for each in dispute.received),
        dispute.window.due_on.isoformat() if dispute.window else None,
    )


def _write_steps(disputes: Sequence[Dispute], today: date, lang: Lang) -> None:
    """Whole sentences need the width of the terminal, not of a column."""
    steps = [(each, step) for each in disputes if (step := tracking.next_step(each, today))]
    if steps:
        write_line()
        write_table(
            [say(lang, "column.id"), say(lang, "column.next")],
            [(str(each.id), worded(step, lang)) for each, step in steps],
            right=(0,),
            whole=(0,),
        )


def _csv(disputes: Sequence[Dispute], today: date, lang: Lang) -> None:
    rows = [_flat(dispute_json(each, today, lang)) for each in disputes]
    columns = list(_flat(dispute_json(Dispute(key=""), today, lang)))
    write_csv(columns, [list(row.values()) for row in rows])


def _flat(dispute: dict[str, object]) -> dict[str, object]:
    """The JSON object in one row: sums apart from currencies, the window's days by name."""
    promised, missing, window = (_mapping(dispute[key]) for key in ("promised", "missing", "window"))
    received = dispute["received"]
    assert isinstance(received, list)
    return {
        **{
            key: dispute[key]
            for key in ("id", "order", "dispute", "item", "seller", "state", "opened_on", "finished_on")
        },
        "promised": promised.get("amount"),
        "promised_currency": promised.get("currency"),
        "received": " ".join(f"{each['amount']} {each['currency']}" for each in received),
        "missing": missing.get("amount"),
        "missing_currency": missing.get("currency"),
        **{key: window.get(key) for key in ("starts_on", "due_on", "overdue_on", "escalate_on", "latest_on")},
        **{key: dispute[key] for key in ("act_by", "chargeback_by", "next")},
    }


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
