"""The two sides of linking: money that somebody may claim, and what became of each.

`Promise` and `Credit` go into `linking.link`; `Link` and `Review` come out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from refundparsers.money import Money
    from refundtracker.disputes import LinkedBy, Reason
    from refundtracker.tracking import Fact


@dataclass(frozen=True, slots=True)
class Account:
    """A card as notices name it.

    Attributes:
        issuer: `country.name`, or None.
        digits: the last ones as printed, with `*` for hidden ones, or None.
    """

    issuer: str | None
    digits: str | None

    def fits(self, other: Account) -> bool:
        """Whether both may be one card; what is not printed contradicts nothing."""
        same_issuer = None in (self.issuer, other.issuer) or self.issuer == other.issuer
        return same_issuer and _same_digits(self.digits, other.digits)


def _same_digits(one: str | None, other: str | None) -> bool:
    if one is None or other is None or one == other:
        return True
    length = min(len(one), len(other))
    pairs = zip(one[-length:], other[-length:], strict=True)
    return all("*" in pair or pair[0] == pair[1] for pair in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Money that a dispute waits for, or that somebody else may get back.

    Attributes:
        key: of the dispute; of the order or the charge when there is no dispute.
        order: number, or None.
        dispute: number, or None.
        money: the sum, or None when no mail told it.
        starts_on: the day of the promise that counts last.
        since: the first day on which the money may be booked.
        until: the last one.
        paid_on: the day of payment, or None.
        paid: what the order cost, or None.
        paid_at: moment of the payment, or None; orders of one checkout share it nearly.
        references: transaction numbers in its mails.
        account: the card that was charged, or None when no text told.
        captured: what that card was charged for this order alone, or None.
        awaited: whether anything was promised. What is not awaited is never linked by its sum,
            but it is a second explanation for one.
        told_on: the day on which the first mail promised it, UTC; None when nothing was promised.
        twin: whether another dispute of the order has the very sum.
        share: whether it is an equal share of the order and fewer disputes are known than there are
            shares: all mails about another line of that price may be lost.
        open_ended: whether any sum up to the price may come of it: a dispute of whose end no mail told.
    """

    key: str
    starts_on: date
    since: date
    until: date
    order: str | None = None
    dispute: str | None = None
    money: Money | None = None
    paid_on: date | None = None
    paid: Money | None = None
    paid_at: datetime | None = None
    references: frozenset[str] = frozenset()
    account: Account | None = None
    captured: Money | None = None
    awaited: bool = True
    told_on: date | None = None
    twin: bool = False
    share: bool = False
    open_ended: bool = False

    @property
    def whole(self) -> Money | None:
        """The captured sum, when the whole order comes back."""
        return self.captured if self.money is not None and self.money == self.paid else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One event of money coming back, told once or several times.

    Attributes:
        fact: the notice that tells most of it.
        told: numbers of all notices of the event.
        money: the sum.
        on: the day that the notice prints.
        came: the day on which it was told first.
        account: where it was booked, as far as any of the notices says.
        merchant: as printed by any of them, or None.
        numbers: order, dispute and transaction numbers that they print.
    """

    fact: Fact
    told: tuple[int, ...]
    money: Money
    on: date
    came: date
    account: Account
    merchant: str | None = None
    numbers: frozenset[str] = frozenset()

    @property
    def id(self) -> int:
        """The number of its notice."""
        return self.fact.id


@dataclass(frozen=True, slots=True)
class Link:
    """One credit pays one promise.

    Attributes:
        key: of the dispute.
        credit: the notice of the money.
        why: the reason, for people.
        by: who decided.
        money: the part of the credit that pays this promise; all of it unless several share it.
    """

    key: str
    credit: Fact
    why: Reason
    by: LinkedBy = "auto"
    money: Money | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dispute that a credit may pay.

    Attributes:
        key: of the dispute.
        speaks: what speaks for it, the strongest first.
    """

    key: str
    speaks: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """Money that was seen and that nobody but the user can place.

    Attributes:
        credit: the notice of the money.
        why: why it was not linked.
        candidates: disputes that it may pay, the most likely first; none when nothing fits.
    """

    credit: Fact
    why: Reason
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """What `linking.link` made of all credits.

    Attributes:
        links: the certain ones and the user's.
        reviews: all money of the shop that is left, one each.
    """

    links: tuple[Link, ...] = ()
    reviews: tuple[Review, ...] = field(default_factory=tuple)


def runners_up(reviews: Sequence[Review], key: str) -> list[tuple[Review, Candidate]]:
    """The unplaced money that a dispute may get, by its key."""
    return [(each, one) for each in reviews for one in each.candidates if one.key == key]
