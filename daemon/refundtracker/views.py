"""A dispute as programs and people see it: the JSON contract, and printed values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refundparsers.notices import utc
from refundtracker import tracking
from refundtracker.words import say

if TYPE_CHECKING:
    from datetime import date

    from refundparsers.money import Money
    from refundtracker.decisions import Decision
    from refundtracker.disputes import Dispute, Reason, Received, Window
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
        "promised": _money_json(dispute.promised),
        "received": [_received_json(each, lang) for each in dispute.received],
        "missing": _money_json(tracking.missing(dispute)),
        "window": _window_json(dispute.window),
        "act_by": iso(dispute.act_by),
        "chargeback_by": iso(dispute.chargeback_by),
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


def _money_json(money: Money | None) -> dict[str, str] | None:
    return {"amount": money.amount, "currency": money.currency} if money else None


def _received_json(received: Received, lang: Lang) -> dict[str, object]:
    return {
        "amount": received.money.amount,
        "currency": received.money.currency,
        "on": received.on.isoformat(),
        "issuer": received.issuer,
        "card": received.card,
        "link": received.link,
        "why": worded(received.why, lang),
    }


def _window_json(window: Window | None) -> dict[str, str] | None:
    if window is None:
        return None
    return {
        "starts_on": window.starts_on.isoformat(),
        "due_on": window.due_on.isoformat(),
        "overdue_on": window.overdue_on.isoformat(),
        "escalate_on": window.escalate_on.isoformat(),
        "calendar": window.calendar,
        "method": window.method,
    }
