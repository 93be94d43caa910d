"""`refunds why`: the counted days, the rule of the window, the reason of each link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from refundtracker import decisions, tracking
from refundtracker.calendars import DAY_OFF, WEEKEND
from refundtracker.cli.common import found_disputes, global_options, settings
from refundtracker.cli.dispute import write_deadlines, write_decided
from refundtracker.formats import write_json, write_line
from refundtracker.views import causes_said, decision_json, dispute_json, speaks_said, worded
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from refundtracker.calendars import Calendar, Counted
    from refundtracker.config import Config
    from refundtracker.decisions import Words
    from refundtracker.disputes import Dispute, Received, Window
    from refundtracker.linking.claims import Candidate, Review
    from refundtracker.reasons import Reasons
    from refundtracker.windows import Rule
    from refundtracker.words import Lang

# Methods that share what there is to know about them.
_NOTES: Final = {
    "alipay": "balance", "bonus": "coupon", "cash": "wire", "western-union": "wire", "boleto": "ebanx",
}  # fmt: skip
_NO_NOTE: Final = ("pix", "klarna", "ideal", "bancontact")


@dataclass(frozen=True, slots=True)
class _Asked:
    """All that the answer rests on.

    Attributes:
        config: the configuration.
        today: the day to speak of.
        lang: to speak.
        reasons: everything that was weighed.
        words: what the user said.
        ids: the number of every dispute, by its key.
    """

    config: Config
    today: date
    lang: Lang
    reasons: Reasons
    words: Words
    ids: dict[str, int]

    def say(self, key: str, /, **values: str) -> str:
        """The words for a key."""
        return say(self.lang, key, **values)

    def calendar(self, window: Window) -> Calendar:
        """Whose days were counted; the user's own days are those of their own country."""
        from refundtracker.ingest import rules

        return rules(self.config).calendar(window.calendar)

    def rule(self, window: Window) -> Rule:
        """The numbers of the method, the user's own first."""
        from refundtracker.windows import rule_of

        return self.config.windows.own.get(window.method) or rule_of(window.method)


@click.command()
@click.argument("ref")
@global_options
@click.pass_context
def why(ctx: click.Context, ref: str) -> None:
    """The counted days, the rule of the window, the reason of each link.

    REF is as for `refunds show`.
    """
    from refundtracker.reasons import reasons

    given = settings(ctx)
    config = given.load()
    with given.store(config) as store:
        found, every, made = found_disputes(store, ref), store.disputes(), store.decisions()
        weighed = reasons(store.notices(), made)
    ids = {each.key: each.id or 0 for each in every}
    asked = _Asked(
        config, given.today(config), given.language(config), weighed, decisions.words(made, every), ids
    )
    if given.json:
        answers = [_json(asked, each) for each in found]
        write_json(answers[0] if len(answers) == 1 else answers)
        return
    for number, each in enumerate(found):
        if number:
            write_line()
        _write(asked, each)


# --- for people ---------------------------------------------------------------------------------------


def _write(asked: _Asked, dispute: Dispute) -> None:
    state = tracking.state_on(dispute, asked.today)
    name = " ".join(part for part in (dispute.order or dispute.dispute, dispute.item) if part)
    write_line(f"{dispute.id}  {one_line(name, 50)}  {asked.say(f'state.{state}')}")
    write_line(f"   {asked.say(f'state.{state}.means')}")
    _write_amounts(asked, dispute)
    if dispute.window:
        _write_window(asked, dispute.window)
    write_deadlines(dispute, asked.lang)
    _write_links(asked, dispute)
    _write_unplaced(asked, dispute)
    told = asked.words.told.get(dispute.key, ())
    write_decided(told, asked.words.adrift, asked.config.region.timezone, asked.lang)


def _write_amounts(asked: _Asked, dispute: Dispute) -> None:
    rest = tracking.missing(dispute)
    sums = {
        "promised": str(dispute.promised) if dispute.promised else "",
        "received": ", ".join(str(each.money) for each in dispute.received),
        "missing": str(rest) if rest and rest.minor else "",
    }
    said = [f"{asked.say(f'column.{name}')} {money}" for name, money in sums.items() if money]
    if said:
        write_line(f"   {', '.join(said)}")
    for number, cause in enumerate(causes_said(dispute, asked.today, asked.lang)):
        if not number:
            write_line(f"   {asked.say('heading.causes')}:")
        write_line(f"     - {one_line(cause)}")


def _write_window(asked: _Asked, window: Window) -> None:
    write_line()
    write_line(asked.say("heading.window"))
    for line in _rule_lines(asked, window):
        write_line(f"  {line}")
    calendar = asked.calendar(window)
    # Who is not late yet need not read about the days of the escalation.
    until = window.escalate_on if asked.today > window.overdue_on else window.overdue_on
    for each in calendar.days(window.starts_on, until, language=asked.lang):
        number = "" if each.n is None else str(each.n)
        mark = _mark(each.day, window, asked)
        write_line(f"  {each.day} {number:>3} {_off(each, asked.lang) or ''}{mark}".rstrip())


def _rule_lines(asked: _Asked, window: Window) -> list[str]:
    rule, calendar = asked.rule(window), asked.calendar(window)
    lines = [
        asked.say(
            "why.method", method=window.method, numbers=_numbers(asked, rule), source=_source(asked, rule)
        )
    ]
    if window.method not in _NO_NOTE:
        lines.append(asked.say(f"note.{_NOTES.get(window.method, window.method)}"))
    starts_on = window.starts_on.isoformat()
    lines.append(asked.say("why.counted", calendar=window.calendar, starts_on=starts_on, table=window.table))
    if window.was:
        was = window.was
        lines.append(
            asked.say("why.anew", table=window.table, former=was.table, due=was.due_on.isoformat(),
                      overdue=was.overdue_on.isoformat())
        )  # fmt: skip
    if window.latest_on:
        lines.append(asked.say("why.latest", day=window.latest_on.isoformat()))
    if window.escalate_on > calendar.ends_on:
        lines.append(asked.say("why.table-ends", day=calendar.ends_on.isoformat()))
    return lines


def _numbers(asked: _Asked, rule: Rule) -> str:
    return asked.say("why.rule", due=str(rule.due), overdue=str(rule.overdue), escalate=str(rule.escalate))


def _source(asked: _Asked, rule: Rule) -> str:
    return asked.say(f"source.{rule.source}")


def _off(counted: Counted, lang: Lang) -> str | None:
    """Why a day does not count, in words; names of holidays come in the language already."""
    own = {WEEKEND: "day.weekend", DAY_OFF: "day.off"}
    return say(lang, own[counted.why]) if counted.why in own else counted.why


def _mark(day: date, window: Window, asked: _Asked) -> str:
    names = {
        window.due_on: "column.due",
        window.overdue_on: "column.overdue",
        window.escalate_on: "column.escalate",
    }
    said = [asked.say(names[day])] if day in names else []
    if day == asked.today:
        said.append(asked.say("today"))
    return f"  <- {', '.join(said)}" if said else ""


def _write_links(asked: _Asked, dispute: Dispute) -> None:
    write_line()
    write_line(asked.say("heading.links"))
    if not dispute.received:
        write_line(f"  {asked.say('why.no-link')}")
    for each in dispute.received:
        where = " ".join(part for part in (each.issuer, each.card) if part)
        write_line(f"  {each.on}  {each.money}  {one_line(where)}")
        write_line(f"    {one_line(worded(each.why, asked.lang))}")
        for other in _strong(_others(asked, dispute, each))[:1]:
            said = speaks_said(other.speaks, asked.lang)
            number = str(asked.ids[other.key])
            write_line(f"    {asked.say('why.runner-up', dispute=number, speaks=said)}")


def _others(asked: _Asked, dispute: Dispute, received: Received) -> list[Candidate]:
    if received.notice_id is None:
        return []
    return [each for each in asked.reasons.rivals(received.notice_id, dispute.key) if each.key in asked.ids]


def _strong(candidates: Sequence[Candidate]) -> list[Candidate]:
    return [each for each in candidates if each.speaks[0].code != "speaks.together"]


def _write_unplaced(asked: _Asked, dispute: Dispute) -> None:
    found = [pair for pair in asked.reasons.unplaced(dispute.key) if _strong(pair[1:])]
    if not found:
        return
    write_line()
    write_line(asked.say("heading.others"))
    for review, candidate in found:
        notice = review.credit.notice
        write_line(f"  {notice.on}  {notice.money}: {speaks_said(candidate.speaks, asked.lang)}")
        write_line(f"    {one_line(worded(review.why, asked.lang))}: refunds review")


# --- for programs -------------------------------------------------------------------------------------


def _json(asked: _Asked, dispute: Dispute) -> dict[str, object]:
    shown = dispute_json(dispute, asked.today, asked.lang)
    kept = ("id", "order", "state", "promised", "received", "missing", "window", "deadlines", "next")
    adrift = {each.id for each in asked.words.adrift}
    told = asked.words.told.get(dispute.key, ())
    return {
        **{key: shown[key] for key in kept},
        "causes": causes_said(dispute, asked.today, asked.lang),
        **_window_json(asked, dispute.window),
        "links": _links_json(asked, dispute, shown["received"]),
        "unplaced": [_unplaced_json(asked, *pair) for pair in asked.reasons.unplaced(dispute.key)],
        "decisions": [{**decision_json(each), "adrift": each.id in adrift} for each in told],
    }


def _window_json(asked: _Asked, window: Window | None) -> dict[str, object]:
    if window is None:
        return {"rule": None, "holiday_table": None, "counted_anew": None, "days": []}
    rule, calendar, was = asked.rule(window), asked.calendar(window), window.was
    numbers = {"due": rule.due, "overdue": rule.overdue, "escalate": rule.escalate, "source": rule.source}
    return {
        "rule": {"method": window.method, **numbers},
        "holiday_table": {"version": window.table, "complete_until": calendar.ends_on.isoformat()},
        "counted_anew": {"table": was.table, "due_on": was.due_on.isoformat(),
                         "overdue_on": was.overdue_on.isoformat()} if was else None,
        "days": [
            {"day": each.day.isoformat(), "number": each.n, "off": _off(each, asked.lang)}
            for each in calendar.days(window.starts_on, window.escalate_on, language=asked.lang)
        ],
    }  # fmt: skip


def _links_json(asked: _Asked, dispute: Dispute, received: object) -> list[dict[str, object]]:
    assert isinstance(received, list)
    return [
        {**shown, "runners_up": [_candidate_json(asked, other) for other in _others(asked, dispute, each)]}
        for shown, each in zip(received, dispute.received, strict=True)
    ]


def _candidate_json(asked: _Asked, candidate: Candidate) -> dict[str, object]:
    said: Sequence[str] = [worded(each, asked.lang) for each in candidate.speaks]
    return {"dispute": asked.ids[candidate.key], "speaks": said}


def _unplaced_json(asked: _Asked, review: Review, candidate: Candidate) -> dict[str, object]:
    notice = review.credit.notice
    return {
        "amount": notice.money.amount if notice.money else None,
        "currency": notice.money.currency if notice.money else None,
        "on": notice.on.isoformat(),
        "why": worded(review.why, asked.lang),
        "speaks": [worded(each, asked.lang) for each in candidate.speaks],
    }
