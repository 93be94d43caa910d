"""A dispute as programs and people see it: the JSON contract, and printed values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refundtracker import tracking
from refundtracker.words import say

if TYPE_CHECKING:
    from datetime import date

    from refundparsers.money import Money
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
