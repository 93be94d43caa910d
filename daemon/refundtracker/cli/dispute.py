"""`refunds show` and `refunds why`: one dispute, its story and its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from refundparsers.notices import utc
from refundtracker import decisions, tracking
from refundtracker.cli.common import found_disputes, global_options, settings, warn_of_adrift
from refundtracker.formats import write_json, write_line, write_table
from refundtracker.views import decision_json, decision_said, dispute_json, iso, worded
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from refundtracker.cli.common import Settings
    from refundtracker.config import Config
    from refundtracker.decisions import Decision, Words
    from refundtracker.disputes import Dispute, Window
    from refundtracker.records import TimelineEntry
    from refundtracker.windows import Counted
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
        _decided(words.told.get(each.key, ()), words.adrift, config.region.timezone, lang)


def _shown_json(
    dispute: Dispute, story: Sequence[TimelineEntry], words: Words, today: date, lang: Lang
) -> dict[str, object]:
    adrift = {each.id for each in words.adrift}
    told = words.told.get(dispute.key, ())
    return {
        **dispute_json(dispute, today, lang),
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
    step = tracking.next_step(dispute, today)
    if step:
        write_line(f"   {say(lang, 'column.next')}: {one_line(worded(step, lang))}")
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
        ("act-by", iso(dispute.act_by)),
        ("due", iso(window.due_on) if window else None),
        ("overdue", iso(window.overdue_on) if window else None),
        ("escalate", iso(window.escalate_on) if window else None),
        ("chargeback-by", iso(dispute.chargeback_by)),
    ]


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


def _decided(told: Sequence[Decision], adrift: Sequence[Decision], zone: tzinfo, lang: Lang) -> None:
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


@click.command()
@click.argument("ref")
@global_options
@click.pass_context
def why(ctx: click.Context, ref: str) -> None:
    """The counted days, the rule of the window, the reason of each link.

    REF is as for `refunds show`.
    """
    given = settings(ctx)
    config = given.load()
    with given.store(config) as store:
        found = found_disputes(store, ref)
    if given.json:
        answers = [_why_json(each, given, config) for each in found]
        write_json(answers[0] if len(answers) == 1 else answers)
        return
    for each in found:
        _why(each, given, config)


def _counted(window: Window, config: Config, lang: Lang) -> tuple[Counted, ...]:
    from refundtracker.windows import calendar_of

    region = config.region
    calendar = calendar_of(window.calendar, frozenset(region.days_off), frozenset(region.days_on))
    return calendar.days(window.starts_on, window.escalate_on, language=lang)


def _why_json(dispute: Dispute, given: Settings, config: Config) -> dict[str, object]:
    lang, window = given.language(config), dispute.window
    shown = dispute_json(dispute, given.today(config), lang)
    answer: dict[str, Any] = {key: shown[key] for key in ("id", "order", "state", "window", "next")}
    answer["holiday_table"] = window.table if window else None
    answer["rule"] = _rule(window, lang) if window else None
    answer["days"] = [
        {"day": each.day.isoformat(), "number": each.n, "off": each.why}
        for each in (_counted(window, config, lang) if window else ())
    ]
    answer["links"] = shown["received"]
    return answer


def _rule(window: Window, lang: Lang) -> str:
    return say(
        lang,
        "why.window",
        calendar=window.calendar,
        starts_on=window.starts_on.isoformat(),
        method=window.method,
        table=window.table,
    )


def _why(dispute: Dispute, given: Settings, config: Config) -> None:
    lang, window = given.language(config), dispute.window
    state = tracking.state_on(dispute, given.today(config))
    write_line(f"{dispute.id}  {dispute.order or dispute.dispute}  {say(lang, f'state.{state}')}")
    write_line(f"   {say(lang, f'state.{state}.means')}")
    if window:
        write_line()
        write_line(f"{say(lang, 'heading.window')}: {_rule(window, lang)}")
        for each in _counted(window, config, lang):
            number = "" if each.n is None else str(each.n)
            mark = _mark(each.day, window, given.today(config), lang)
            write_line(f"  {each.day} {number:>3} {each.why or ''}{mark}".rstrip())
    _links(dispute, lang)


def _mark(day: date, window: Window, today: date, lang: Lang) -> str:
    names = {
        window.due_on: "column.due",
        window.overdue_on: "column.overdue",
        window.escalate_on: "column.escalate",
    }
    said = [say(lang, names[day])] if day in names else []
    if day == today:
        said.append(say(lang, "today"))
    return f"  <- {', '.join(said)}" if said else ""
