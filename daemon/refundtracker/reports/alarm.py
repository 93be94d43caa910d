"""Alarms as people read them: a line, a text, a page, a mail. Words of mails are made harmless here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo
    from email.message import EmailMessage

    from refundtracker.alarms.alerting import Bulletin, What
    from refundtracker.alarms.rules import Alarm
    from refundtracker.words import Lang

# A mail that lists a hundred late refunds helps nobody: the first ones tell what it is about.
_MOST: Final = 20
_LONGEST_SAID: Final = 300


@dataclass(frozen=True, slots=True)
class Told:
    """One alarm in words.

    Attributes:
        title: one line.
        since: since when it is so; empty when it is over, or when that says nothing.
        said: what a server or the disk answered; may be empty.
        do: what to do, with the command; empty when it is over.
    """

    title: str
    since: str = ""
    said: str = ""
    do: str = ""


def title(alarm: Alarm, today: date, lang: Lang) -> str:
    """What is wrong, on one line."""
    return one_line(say(lang, f"alarm.{alarm.kind}", **_values(alarm, today, lang)))


def parting_title(alarm: Alarm, today: date, lang: Lang) -> str:
    """That it is over, on one line."""
    return one_line(say(lang, f"alarm.{alarm.kind}.over", **_values(alarm, today, lang)))


def subject(bulletin: Bulletin, today: date, lang: Lang) -> str:
    """The first alarm, and how many more there are; short enough for a telephone."""
    first = bulletin.items[0]
    line = title(first.alarm, today, lang)
    if first.what != "new":
        line = say(lang, f"alarm.subject.{first.what}", title=line)
    if len(bulletin.items) > 1:
        line = say(lang, "alarm.subject.more", title=line, count=str(len(bulletin.items) - 1))
    return f"{say(lang, 'alarm.subject')}: {line}"


def render_text(bulletin: Bulletin, now: datetime, zone: tzinfo, lang: Lang) -> str:
    """The bulletin as plain text, lines ended by LF."""
    return _rendered("alarm.txt.j2", bulletin, now, zone, lang)


def render_html(bulletin: Bulletin, now: datetime, zone: tzinfo, lang: Lang) -> str:
    """The bulletin as one HTML page: inline styles, no image, no link, no script."""
    return _rendered("alarm.html.j2", bulletin, now, zone, lang)


def compose(  # noqa: PLR0913 - what, in which words, from whom, to whom
    bulletin: Bulletin, *, zone: tzinfo, lang: Lang, sender: str, to: str, message_id: str, now: datetime
) -> EmailMessage:
    """The bulletin as a mail.

    Args:
        bulletin: what to tell.
        zone: of the reader.
        lang: the language to speak.
        sender: address of the From line.
        to: address of the To line.
        message_id: the same at every attempt.
        now: the moment of the bulletin, the same at every attempt.

    Raises:
        BadInput: an address or the Message-ID holds a control character.
    """
    from refundtracker.reports.letter import letter

    return letter(
        subject(bulletin, now.astimezone(zone).date(), lang),
        render_text(bulletin, now, zone, lang),
        render_html(bulletin, now, zone, lang),
        sender=sender,
        to=to,
        message_id=message_id,
        now=now,
        marker="alarm",
    )


def _rendered(template: str, bulletin: Bulletin, now: datetime, zone: tzinfo, lang: Lang) -> str:
    from functools import partial

    from refundtracker.reports.rendering import environment

    today = now.astimezone(zone).date()
    order: tuple[What, ...] = ("new", "again", "over")
    groups = {
        what: [_told(item.alarm, what, today, zone, lang) for item in bulletin.items if item.what == what]
        for what in order
    }
    doubtful = _moment(bulletin.doubtful, today, zone, lang) if bulletin.doubtful else ""
    values: dict[str, Any] = {
        "lang": lang,
        "say": partial(say, lang),
        "groups": groups,
        "most": _MOST,
        "doubtful": doubtful,
    }
    return environment().get_template(template).render(values)


def _told(alarm: Alarm, what: What, today: date, zone: tzinfo, lang: Lang) -> Told:
    if what == "over":
        return Told(parting_title(alarm, today, lang))
    said = one_line(alarm.values.get("said", ""), _LONGEST_SAID)
    return Told(
        title(alarm, today, lang),
        since=say(lang, "alarm.since", moment=_moment(alarm.since, today, zone, lang)),
        said=say(lang, "alarm.said", said=said) if said else "",
        do=say(lang, f"alarm.{alarm.kind}.do", **_values(alarm, today, lang)),
    )


def _moment(moment: datetime, today: date, zone: tzinfo, lang: Lang) -> str:
    """`12 May 13:22`, in the reader's zone."""
    from refundtracker.reports.printing import short_day

    local = moment.astimezone(zone)
    return f"{short_day(local.date(), today, lang)} {local:%H:%M}"


def _values(alarm: Alarm, today: date, lang: Lang) -> Mapping[str, str]:
    """What the sentences mention, as people write it."""
    from refundtracker.reports.printing import country_name, foreign, short_day

    values = {name: foreign(value) for name, value in alarm.values.items()}
    if values.get("day"):
        values["day"] = short_day(date.fromisoformat(values["day"]), today, lang)
    if "ref" in values and "order" in values:
        values["name"] = values["item"] or say(lang, "summary.order", order=values["order"] or "-")
        values["money"] = _money(alarm.values, lang)
    if "country" in values:
        values["country"] = country_name(values["country"], lang)
    values["state"] = say(lang, f"state.{values['state']}") if values.get("state") else "-"
    return values


def _money(values: Mapping[str, str], lang: Lang) -> str:
    from refundparsers.money import Money
    from refundtracker.reports.printing import printed

    if not values["minor"]:
        return say(lang, "amount-unknown")
    return printed(Money(int(values["minor"]), values["currency"]), lang)
