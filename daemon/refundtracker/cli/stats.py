"""`refunds stats`: days to refund by card issuer, seller and month; owed, recovered, lost, exchange loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from refundtracker.cli.common import global_options, settings
from refundtracker.formats import write_csv, write_json, write_line, write_table
from refundtracker.views import money_json
from refundtracker.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from refundparsers.money import Money
    from refundtracker.figures import Figures, Span
    from refundtracker.words import Lang

_CSV: Final = ("group", "name", "currency", "refunds", "median_days", "longest_days", "amount")


@click.command()
@click.option("--csv", "as_csv", is_flag=True, help="Answer as CSV.")
@global_options
@click.pass_context
def stats(ctx: click.Context, as_csv: bool) -> None:
    """How long refunds took, by card, seller and month; what is owed, recovered and lost."""
    from refundtracker.figures import figures
    from refundtracker.reasons import reasons

    given = settings(ctx)
    config = given.load()
    lang = given.language(config)
    with given.store(config) as store:
        weighed = reasons(store.notices(), store.decisions())
        found = figures(store.disputes(), weighed.losses, given.today(config))
    if given.json:
        write_json(_json(found))
    elif as_csv:
        write_csv(_CSV, list(_rows(found)))
    else:
        _write(found, lang)


def _groups(found: Figures) -> dict[str, Sequence[Span]]:
    return {"card": found.cards, "seller": found.sellers, "month": found.months}


def _json(found: Figures) -> dict[str, object]:
    days = {f"days_by_{name}": [_span_json(each) for each in spans] for name, spans in _groups(found).items()}
    sums = [
        {
            "currency": each.currency,
            "owed": each.owed.amount,
            "recovered": each.recovered.amount,
            "lost": each.lost.amount,
        }
        for each in found.sums
    ]
    losses = [{"issuer": issuer, **(money_json(money) or {})} for issuer, money in _losses(found)]
    return {**days, "money": sums, "exchange_loss": losses}


def _span_json(span: Span) -> dict[str, object]:
    days = {"median_days": span.median, "longest_days": span.longest}
    return {"name": span.name, "refunds": span.count, **days}


def _losses(found: Figures) -> list[tuple[str | None, Money]]:
    by_name = sorted(found.losses.items(), key=lambda item: (item[0][0] or "", item[0][1]))
    return [(issuer, money) for (issuer, _), money in by_name]


def _rows(found: Figures) -> Iterator[tuple[object, ...]]:
    for group, spans in _groups(found).items():
        for each in spans:
            yield (group, each.name, None, each.count, each.median, each.longest, None)
    for sums in found.sums:
        for name in ("owed", "recovered", "lost"):
            yield ("money", name, sums.currency, None, None, None, getattr(sums, name).amount)
    for issuer, money in _losses(found):
        yield ("exchange-loss", issuer, money.currency, None, None, None, money.amount)


def _write(found: Figures, lang: Lang) -> None:
    _write_money(found, lang)
    if not found.months:
        write_line()
        write_line(say(lang, "stats.none"))
    for group, spans in _groups(found).items():
        if spans:
            write_line()
            _write_spans(group, spans, lang)
    if found.months:
        write_line()
        write_line(say(lang, "stats.days"))


def _write_money(found: Figures, lang: Lang) -> None:
    names = ("currency", "owed", "recovered", "lost")
    rows = [(each.currency, each.owed.amount, each.recovered.amount, each.lost.amount) for each in found.sums]
    if rows:
        columns = [say(lang, f"column.{name}") for name in names]
        write_table(columns, rows, right=(1, 2, 3), whole=(0, 1, 2, 3))
    if found.losses:
        write_line()
        for issuer, money in _losses(found):
            name = issuer or say(lang, "stats.unknown")
            write_line(f"{say(lang, 'column.exchange-loss')}: {name} {money}")
        write_line(say(lang, "stats.exchange"))


def _write_spans(group: str, spans: Sequence[Span], lang: Lang) -> None:
    names = (f"stats.{group}", "column.count", "column.median", "column.longest")
    rows = [
        (each.name or say(lang, "stats.unknown"), str(each.count), f"{each.median:g}", str(each.longest))
        for each in spans
    ]
    write_table([say(lang, name) for name in names], rows, right=(1, 2, 3), whole=(1, 2, 3))
