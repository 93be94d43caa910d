"""The weekly summary: what is still owed, what is late, what to do; as text, as HTML, as a mail.

`from_disputes` decides what is told, `rendering` and the templates how it looks. Text that came
out of mails is made harmless when it is rendered, whoever built the summary. Babel, Jinja and
the mail library are loaded when they are needed, not when this module is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from refundtracker.linking.shortfalls import causes
from refundtracker.reports.letter import letter
from refundtracker.reports.printing import printed, short_day
from refundtracker.reports.rendering import FINISHED, NEEDS_YOU, RUNNING, render_html, render_text
from refundtracker.tracking import AWAITING, missing, next_step, owed, state_on
from refundtracker.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from email.message import EmailMessage

    from refundparsers.money import Money
    from refundtracker.disputes import Dispute, Reason, State
    from refundtracker.words import Lang

__all__ = [
    "Line", "MailLine", "News", "Summary",
    "compose", "from_disputes", "render_html", "render_text", "subject",
]  # fmt: skip

_RANK: Final = {state: rank for rank, state in enumerate(NEEDS_YOU + RUNNING + FINISHED)}
_STILL_NEWS: Final = timedelta(days=30)
_MOST_REFS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One dispute as the summary tells it.

    Attributes:
        id: the number people type.
        order: order number.
        item: what was bought, as printed in the mail.
        state: on the day of the summary.
        promised: printed money; empty when no mail told a sum.
        received: printed money, several sums joined; empty when nothing was seen.
        missing: printed money; empty when nothing is missing or nobody knows.
        starts_on: day of the promise.
        due_on: last day on which it is `waiting`.
        overdue_on: last day on which it is `due`.
        settled_on: day on which it ended, for the finished ones.
        next: what to do, a sentence; empty when there is nothing to do.
        days_late: calendar days after `overdue_on`; 0 unless overdue.
        cause: what is likely behind a shortfall, a sentence; empty when nobody can tell.
    """

    id: int | None
    state: State
    order: str | None = None
    item: str | None = None
    promised: str = ""
    received: str = ""
    missing: str = ""
    starts_on: date | None = None
    due_on: date | None = None
    overdue_on: date | None = None
    settled_on: date | None = None
    next: str = ""
    days_late: int = 0
    cause: str = ""


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail that the summary warns of; all texts as they stand in the mail.

    Attributes:
        id: the number people type.
        on: its local day.
        sender: address.
        subject: decoded.
        reason: why it is no notice.
    """

    id: int | None = None
    on: date | None = None
    sender: str | None = None
    subject: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What the summary tells beside the disputes.

    Attributes:
        unread: mails from senders we follow that no form could read.
        untrusted: mails that would be notices if their sender were proven.
        counts: mails by outcome since the last summary.
        notes: warnings in full sentences, such as a login that is refused.
        waiting: how many sums of money wait for the user's word.
    """

    unread: tuple[MailLine, ...] = ()
    untrusted: tuple[MailLine, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    waiting: int = 0


_NO_NEWS: Final = News()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything one summary tells.

    Attributes:
        as_of: the day it speaks of.
        lang: the language it speaks.
        country: ISO code; whose business days were counted.
        lines: the disputes, the most urgent first.
        owed: printed sums still to come, one a currency.
        unknown: how many awaited refunds have no sum.
        news: mails, counts and warnings.
        hints: what else to know, in full sentences: money that waits for a word, windows that moved.
    """

    as_of: date
    lang: Lang
    country: str
    lines: tuple[Line, ...] = ()
    owed: tuple[str, ...] = ()
    unknown: int = 0
    news: News = _NO_NEWS
    hints: tuple[str, ...] = ()

    def count(self, state: State) -> int:
        """How many disputes are in this state."""
        return sum(line.state == state for line in self.lines)


def from_disputes(
    disputes: Sequence[Dispute], *, today: date, lang: Lang, country: str, news: News = _NO_NEWS
) -> Summary:
    """The summary of a day.

    Args:
        disputes: all of them; finished ones are told for 30 days.
        today: the day to speak of.
        lang: the language to speak.
        country: ISO code of the calendar of business days.
        news: what else to tell.
    """
    lines = (_line(dispute, today, lang) for dispute in disputes)
    told = sorted((line for line in lines if _is_told(line, today)), key=_urgency)
    total = owed(disputes, today)
    return Summary(
        as_of=today,
        lang=lang,
        country=country,
        lines=tuple(told),
        owed=tuple(printed(each, lang) for each in total.sums if each.minor),
        unknown=total.unknown,
        news=news,
        hints=tuple(_hints(disputes, news, today, lang)),
    )


def _hints(disputes: Sequence[Dispute], news: News, today: date, lang: Lang) -> Iterator[str]:
    if news.waiting:
        code = "review.waiting.one" if news.waiting == 1 else "review.waiting"
        yield say(lang, code, count=str(news.waiting))
    running = [each for each in disputes if state_on(each, today) in ("waiting", "due", "overdue")]
    moved = [each for each in running if each.window and each.window.was]
    if moved:
        tables = {each.window.table for each in moved if each.window}
        refs = ", ".join(f"#{each.id}" for each in moved[:_MOST_REFS])
        more = "" if len(moved) <= _MOST_REFS else f" +{len(moved) - _MOST_REFS}"
        yield say(lang, "summary.anew", table=", ".join(sorted(tables)), refs=refs + more)


def _line(dispute: Dispute, today: date, lang: Lang) -> Line:
    state, window, rest = state_on(dispute, today), dispute.window, missing(dispute)
    step = next_step(dispute, today)
    return Line(
        id=dispute.id,
        order=dispute.order,
        item=dispute.item,
        state=state,
        promised=printed(dispute.promised, lang) if dispute.promised else "",
        received=" + ".join(printed(each.money, lang) for each in dispute.received),
        missing=printed(rest, lang) if rest and rest.minor and state in AWAITING else "",
        starts_on=window.starts_on if window else None,
        due_on=window.due_on if window else None,
        overdue_on=window.overdue_on if window else None,
        settled_on=_settled_on(dispute),
        next=_sentence(step, rest, today, lang) if step else "",
        days_late=(today - window.overdue_on).days if window and state == "overdue" else 0,
        cause=_cause(dispute, today, lang),
    )


def _cause(dispute: Dispute, today: date, lang: Lang) -> str:
    likely, rest = causes(dispute, today)[:1], missing(dispute)
    return "".join(say(lang, "summary.cause", cause=_sentence(each, rest, today, lang)) for each in likely)


def _settled_on(dispute: Dispute) -> date | None:
    """The day of the last thing that happened; a refund may print the day of the purchase."""
    known = [dispute.opened_on, dispute.finished_on, *(each.on for each in dispute.received)]
    return max((day for day in known if day), default=None)


def _is_told(line: Line, today: date) -> bool:
    if line.state not in FINISHED:
        return True
    return line.settled_on is not None and today - line.settled_on <= _STILL_NEWS


def _urgency(line: Line) -> tuple[int, date, int]:
    return _RANK[line.state], line.overdue_on or date.max, line.id or 0


def _sentence(step: Reason, rest: Money | None, today: date, lang: Lang) -> str:
    """A reason in words; its days and its sum become what people write."""
    values = {name: _day_or_same(value, today, lang) for name, value in step.values.items()}
    if rest and "missing" in values:
        values["missing"] = printed(rest, lang)
    return say(lang, step.code, **values)


def _day_or_same(value: str, today: date, lang: Lang) -> str:
    try:
        return short_day(date.fromisoformat(value), today, lang)
    except ValueError:
        return value


# --- the mail --------------------------------------------------------------------------------


def subject(summary: Summary) -> str:
    """The essential in one line; it holds no text of any mail."""
    say_ = partial(say, summary.lang)
    counted = (("act", summary.count("act")), ("late", summary.count("overdue")))
    parts = [say_(f"summary.subject.{name}", count=str(count)) for name, count in counted if count]
    unread_counts = bool(summary.news.unread and not parts)  # what is late says enough
    if summary.owed:
        parts.append(say_("summary.subject.owed", money=" + ".join(summary.owed)))
    elif summary.unknown:
        parts.append(say_("summary.subject.unknown", count=str(summary.unknown)))
    if unread_counts:
        parts.append(say_("summary.subject.unread", count=str(len(summary.news.unread))))
    if summary.news.notes:
        parts.append(say_("summary.subject.notes"))
    return f"{say_('summary.title')}: {', '.join(parts or [say_('nothing-owed')])}"


def compose(summary: Summary, *, sender: str, to: str, message_id: str, now: datetime) -> EmailMessage:
    """The summary as a mail, pure ASCII on the wire.

    Args:
        summary: what to tell.
        sender: address of the From line.
        to: address of the To line.
        message_id: `local@domain`, with or without angle brackets; the same at every attempt.
        now: the moment of the Date line, with a zone.

    Raises:
        BadInput: an address or the Message-ID holds a line break or another control character.
    """
    return letter(
        subject(summary),
        render_text(summary),
        render_html(summary),
        sender=sender,
        to=to,
        message_id=message_id,
        now=now,
        marker="summary",
    )
