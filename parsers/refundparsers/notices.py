"""What the parsers give back: a mail's outcome, and the notices in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from refundparsers.money import Money

Kind = Literal[
    "order-paid", "order-shipped", "order-delivered", "order-closing", "order-closed",
    "dispute-opened", "seller-responded", "proposal", "evidence-requested", "return-requested",
    "dispute-escalated", "dispute-withdrawn", "dispute-finished", "refund-sent",
    "seller-message", "card-charged", "card-cancelled", "refund-announced", "authorisation-expired",
]  # fmt: skip
Result = Literal["refund", "partial-refund", "return-and-refund", "rejected", "coupon"]
Source = Literal["aliexpress", "card", "bank", "wallet"]
Outcome = Literal["notice", "ignored", "not-ours", "unread", "untrusted", "unparsable"]
Trust = Literal["verified", "allowed", "unproven", "forged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One fact that a mail states.

    Attributes:
        kind: what happened; it gives the direction of the money, amounts carry no sign.
        source: who states it.
        form: name of the form that read it.
        order: order number, 14 to 20 digits, or None.
        dispute: dispute number, or None.
        item: what was bought, as printed.
        seller: the shop's name, as printed.
        result: how a dispute ended or what is proposed; None when the mail does not tell.
        money: the amount, or None when the mail tells none.
        issuer: `country.name` of the card issuer or wallet.
        card: last digits as printed (`1234`, `2*5*`).
        merchant: as printed by the issuer, often cut.
        on: the day in the notice, else of the mail in the reader's zone.
        at: the moment in UTC, only when a time is known.
        act_by: a deadline printed in the notice.
        reference: a transaction number that another notice may repeat.
    """

    kind: Kind
    source: Source
    form: str
    on: date
    order: str | None = None
    dispute: str | None = None
    item: str | None = None
    seller: str | None = None
    result: Result | None = None
    money: Money | None = None
    issuer: str | None = None
    card: str | None = None
    merchant: str | None = None
    at: datetime | None = None
    act_by: date | None = None
    reference: str | None = None

    def as_json(self) -> dict[str, object]:
        """The notice as `refunds read --json` prints it; every key is always there."""
        return {
            "kind": self.kind,
            "source": self.source,
            "form": self.form,
            "order": self.order,
            "dispute": self.dispute,
            "item": self.item,
            "seller": self.seller,
            "result": self.result,
            "amount": self.money.amount if self.money else None,
            "currency": self.money.currency if self.money else None,
            "issuer": self.issuer,
            "card": self.card,
            "merchant": self.merchant,
            "on": self.on.isoformat(),
            "at": utc(self.at) if self.at else None,
            "act_by": self.act_by.isoformat() if self.act_by else None,
            "reference": self.reference,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFacts:
    """What identifies a mail.

    Attributes:
        sha256: of the raw bytes, hex; the identity that never lies.
        message_id: as printed, without angle brackets; a hint only, it may be missing or repeated.
        sender: the address of the only From header, lower case; None when there is not exactly one.
        subject: decoded; None when there is none.
        date: in UTC; None when neither Date nor Received could be read.
    """

    sha256: str
    message_id: str | None = None
    sender: str | None = None
    subject: str | None = None
    date: datetime | None = None

    def as_json(self, path: str | None = None) -> dict[str, object]:
        """The `mail` object of the JSON contract."""
        return {
            "path": path,
            "message_id": self.message_id,
            "from": self.sender,
            "subject": self.subject,
            "date": utc(self.date) if self.date else None,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one mail turned out to be.

    Attributes:
        mail: what identifies it.
        outcome: exactly one of the six.
        reason: why it is not a notice, a sentence for people; None for `notice`.
        trust: what is known of the sender; None when nobody we follow sent it.
        notices: the facts read. Only those of outcome `notice` may move money.
        keep: whether the raw mail may be stored (verification codes and the
            user's private mail may not).
        proof: what the trust rests on, a sentence for people; None when nobody we follow sent it.
    """

    mail: MailFacts
    outcome: Outcome
    reason: str | None = None
    trust: Trust | None = None
    notices: tuple[Notice, ...] = ()
    keep: bool = True
    proof: str | None = None

    def as_json(self, path: str | None = None) -> dict[str, object]:
        """The object that `refunds read --json` prints on one line."""
        return {
            "mail": self.mail.as_json(path),
            "outcome": self.outcome,
            "reason": self.reason,
            "trust": self.trust,
            "notices": [notice.as_json() for notice in self.notices],
        }


def once(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """The notices in their order, each once."""
    every = tuple(notices)
    return tuple(dict.fromkeys(every)) if len(every) > 1 else every


def utc(moment: datetime) -> str:
    """`2026-05-12T04:22:00Z`, the form in which every moment is stored and printed."""
    from datetime import UTC

    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
