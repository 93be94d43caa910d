"""`refunds show`: one dispute and its story."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from refundparsers.notices import utc
from refundtracker import decisions, tracking
from refundtracker.cli.common import found_disputes, global_options, settings, warn_of_adrift
from refundtracker.formats import write_json, write_line, write_table
from refundtracker.views import (
    causes_said,
    deadline_said,
    decision_json,
    decision_said,
    dispute_json,
    iso,
    worded,
)
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from refundtracker.decisions import Decision, Words
    from refundtracker.disputes import Dispute
    from refundtracker.records import TimelineEntry
    from refundtracker.words import Lang


@click.command()
@click.argument("ref")
@global_options
@click.pass_context
def show(ctx: click.Context, ref: str) -> None:
    """One dispute: timeline, amounts, window, links and why.

    REF is its number in the list, the order number or the dispute number.
    """
    given = settings(ctx)
    config = given.load()
    today, lang = given.today(config), given.language(config)
    with given.store(config) as store:
        found = [(each, store.timeline(each.id or 0)) for each in found_disputes(store, ref)]
        made = store.decisions()
        words = decisions.words(made, store.disputes() if made else ())
    if given.json:
        answers = [_shown_json(each, story, words, today, lang) for each, story in found]
        write_json(answers[0] if len(answers) == 1 else answers)
        return
    for number, (each, story) in enumerate(found):
        if number:
            write_line()
        _show(each, story, today, lang)
        write_decided(words.told.get(each.key, ()), words.adrift, config.region.timezone, lang)


def _shown_json(
    dispute: Dispute, story: Sequence[TimelineEntry], words: Words, today: date, lang: Lang
) -> dict[str, object]:
    adrift = {each.id for each in words.adrift}
    told = words.told.get(dispute.key, ())
    return {
        **dispute_json(dispute, today, lang),
        "causes": causes_said(dispute, today, lang),
        "timeline": [_event_json(entry) for entry in story],
        "decisions": [{**decision_json(each), "adrift": each.id in adrift} for each in told],
    }


def _event_json(entry: TimelineEntry) -> dict[str, object]:
    stored = entry.stored
    mail = {
        "id": stored.mail_id,
        "from": entry.sender,
        "subject": entry.subject,
        "date": utc(stored.mail_date) if stored.mail_date else None,
        "sha256": entry.sha256,
    }
    return {**stored.notice.as_json(), "trust": stored.trust, "mail": mail}


def _show(dispute: Dispute, story: Sequence[TimelineEntry], today: date, lang: Lang) -> None:
    state = tracking.state_on(dispute, today)
    write_line(f"{dispute.id}  {say(lang, f'state.{state}')}  {say(lang, f'state.{state}.means')}")
    for column, value in _facts(dispute):
        if value:
            write_line(f"   {say(lang, f'column.{column}')}: {one_line(value)}")
    for cause in causes_said(dispute, today, lang)[:1]:
        write_line(f"   {say(lang, 'heading.causes')}: {one_line(cause)}")
    step = tracking.next_step(dispute, today)
    if step:
        write_line(f"   {say(lang, 'column.next')}: {one_line(worded(step, lang))}")
    write_deadlines(dispute, lang)
    write_line()
    write_line(say(lang, "heading.timeline"))
    write_table(
        [say(lang, f"column.{column}") for column in ("date", "event", "amount", "from", "subject")],
        [_told(entry, lang) for entry in story],
        right=(2,),
    )
    _links(dispute, lang)


def _facts(dispute: Dispute) -> list[tuple[str, str | None]]:
    window, rest = dispute.window, tracking.missing(dispute)
    return [
        ("order", dispute.order),
        ("dispute", dispute.dispute),
        ("item", dispute.item),
        ("seller", dispute.seller),
        ("opened", iso(dispute.opened_on)),
        ("finished", iso(dispute.finished_on)),
        ("promised", str(dispute.promised) if dispute.promised else None),
        ("received", ", ".join(str(each.money) for each in dispute.received)),
        ("missing", str(rest) if rest and rest.minor else None),
        ("due", iso(window.due_on) if window else None),
        ("overdue", iso(window.overdue_on) if window else None),
        ("escalate", iso(window.escalate_on) if window else None),
    ]


def write_deadlines(dispute: Dispute, lang: Lang) -> None:
    """The days by which somebody has to act, below a heading; nothing when there are none."""
    if dispute.deadlines:
        write_line()
        write_line(say(lang, "heading.deadlines"))
        for each in dispute.deadlines:
            write_line(f"  {deadline_said(each, lang)}")


def _told(entry: TimelineEntry, lang: Lang) -> tuple[str | None, ...]:
    notice = entry.stored.notice
    result = f" ({say(lang, f'result.{notice.result}')})" if notice.result else ""
    amount = str(notice.money) if notice.money else None
    return (
        notice.on.isoformat(),
        say(lang, f"event.{notice.kind}") + result,
        amount,
        entry.sender,
        entry.subject,
    )


def write_decided(told: Sequence[Decision], adrift: Sequence[Decision], zone: tzinfo, lang: Lang) -> None:
    """What the user said of a dispute; a heading of its own, nothing when nothing was said."""
    if not told:
        return
    write_line()
    write_line(say(lang, "heading.decisions"))
    for each in told:
        said = one_line(decision_said(each, lang))
        write_line(f"  {each.made_at.astimezone(zone).date()}  {each.id}: {said}")
    warn_of_adrift([each for each in adrift if each in told], lang)


def _links(dispute: Dispute, lang: Lang) -> None:
    if not dispute.received:
        return
    write_line()
    write_line(say(lang, "heading.links"))
    for each in dispute.received:
        where = " ".join(part for part in (each.issuer, each.card) if part)
        write_line(f"  {each.on}  {each.money}  {one_line(where)}: {one_line(worded(each.why, lang))}")
