"""A dispute as programs and people see it: the JSON contract, and printed values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refundparsers.notices import utc
from refundtracker import tracking
from refundtracker.linking.shortfalls import causes
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from refundparsers.money import Money
    from refundtracker.decisions import Decision
    from refundtracker.disputes import Deadline, Dispute, Reason, Received, Window
    from refundtracker.linking.claims import Candidate
    from refundtracker.words import Lang


def worded(reason: Reason, lang: Lang) -> str:
    """A reason in words."""
    return say(lang, reason.code, **reason.values)


def dispute_json(dispute: Dispute, today: date, lang: Lang) -> dict[str, object]:
    """The object of `refunds list --json`; every key is always there."""
    step = tracking.next_step(dispute, today)
    return {
        "id": dispute.id,
        "order": dispute.order,
        "dispute": dispute.dispute,
        "item": dispute.item,
        "seller": dispute.seller,
        "state": tracking.state_on(dispute, today),
        "opened_on": iso(dispute.opened_on),
        "finished_on": iso(dispute.finished_on),
        "promised": money_json(dispute.promised),
        "received": [_received_json(each, lang) for each in dispute.received],
        "missing": money_json(tracking.missing(dispute)),
        "window": _window_json(dispute.window),
        "act_by": iso(dispute.act_by),
        "chargeback_by": iso(dispute.chargeback_by),
        "deadlines": [_deadline_json(each) for each in dispute.deadlines],
        "next": worded(step, lang) if step else None,
    }


def decision_json(decision: Decision) -> dict[str, object]:
    """One decision of the user, as programs read it; every key is always there."""
    return {
        "id": decision.id,
        "made_at": utc(decision.made_at),
        "verb": decision.verb,
        "order": decision.order,
        "dispute": decision.dispute,
        "mail": decision.mail,
        "notice": None if decision.n is None else decision.n + 1,
        "amount": decision.money.amount if decision.money else None,
        "currency": decision.money.currency if decision.money else None,
        "on": iso(decision.on),
        "issuer": decision.issuer,
        "card": decision.card,
        "text": decision.text,
        "undone_at": utc(decision.undone_at) if decision.undone_at else None,
    }


def decision_said(decision: Decision, lang: Lang) -> str:
    """One decision of the user in words; not made harmless for a terminal."""
    card = " ".join(part for part in (decision.issuer, decision.card) if part)
    code = f"decision.{decision.verb}"
    if decision.verb == "confirm" and decision.money is None:
        code = "decision.confirm.all"
    said = say(
        lang,
        code,
        mail=str(decision.mail_id or (decision.mail or "")[:12]),
        amount=str(decision.money),
        text=decision.text or card,
    )
    if decision.undone_at is None:
        return said
    return say(lang, "decision.undone", said=said, day=decision.undone_at.date().isoformat())


def iso(day: date | None) -> str | None:
    """A day as programs write it, `2026-05-12`; None stays None."""
    return day.isoformat() if day else None


def deadline_said(deadline: Deadline, lang: Lang) -> str:
    """One deadline in words: the day, whose it is, and what it rests on."""
    said, source = say(lang, f"deadline.{deadline.kind}"), say(lang, f"source.{deadline.source}")
    estimated = f"{say(lang, 'estimated')}, " if deadline.estimated else ""
    return f"{deadline.day}  {said} ({estimated}{source})"


def speaks_said(speaks: Sequence[Reason], lang: Lang) -> str:
    """What speaks for a candidate, on one line."""
    return one_line("; ".join(worded(each, lang) for each in speaks))


def likely(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Candidates without those of which the money would be more than promised, where there are others."""
    better = [each for each in candidates if each.speaks[0].code != "speaks.together"]
    return better or candidates


def causes_said(dispute: Dispute, today: date, lang: Lang) -> list[str]:
    """What is likely behind a shortfall, the likeliest first."""
    return [worded(cause, lang) for cause in causes(dispute, today)]


def _deadline_json(deadline: Deadline) -> dict[str, object]:
    return {
        "kind": deadline.kind,
        "day": deadline.day.isoformat(),
        "estimated": deadline.estimated,
        "source": deadline.source,
    }


def money_json(money: Money | None) -> dict[str, str] | None:
    """A sum as programs read it; None stays None."""
    return {"amount": money.amount, "currency": money.currency} if money else None


def _received_json(received: Received, lang: Lang) -> dict[str, object]:
    shown: dict[str, object] = {
        "amount": received.money.amount,
        "currency": received.money.currency,
        "on": received.on.isoformat(),
        "issuer": received.issuer,
        "card": received.card,
        "link": received.link,
        "why": worded(received.why, lang),
    }
    if received.worth is not None:
        money = received.worth.money
        shown["worth"] = {
            "amount": money.amount,
            "currency": money.currency,
            "estimated": received.worth.estimated,
        }
    return shown


def _window_json(window: Window | None) -> dict[str, str | None] | None:
    if window is None:
        return None
    return {
        "starts_on": window.starts_on.isoformat(),
        "due_on": window.due_on.isoformat(),
        "overdue_on": window.overdue_on.isoformat(),
        "escalate_on": window.escalate_on.isoformat(),
        "latest_on": iso(window.latest_on),
        "calendar": window.calendar,
        "method": window.method,
    }
