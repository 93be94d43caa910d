"""What is bought and what becomes of it: orders, checkouts, disputes and their promises."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from refundparsers.money import Money
from refundparsers.notices import Result  # noqa: TC001 - dataclass fields are read at run time

if TYPE_CHECKING:
    from random import Random

    from worlds.people import Buyer, Card

Fate = Literal["kept", "disputed", "cancelled", "unpaid", "expired"]
FIRST: Final = date(2024, 9, 1)
DAYS: Final = 730


@dataclass(slots=True)
class Quarrel:
    """One dispute.

    Attributes:
        number: of the dispute.
        opened_on: day.
        ended: how: a result, `withdrawn`, or `running`.
        finished_at: moment of the end.
        promised: what is to come back, in the shop's currency; None when nothing is.
        sent_at: moment of "refund sent"; None when there is no such mail.
    """

    number: str
    opened_on: date
    ended: Result | Literal["withdrawn", "running"]
    finished_at: datetime
    promised: Money | None = None
    sent_at: datetime | None = None


@dataclass(slots=True)
class Order:
    """One order; those of one checkout share `paid_at` and the charge.

    Attributes:
        number: of the order.
        paid_at: moment.
        price: in the shop's currency.
        card: with which it was paid.
        checkout: number of the checkout.
        fate: what becomes of it.
        closed_at: moment of the closing, for `cancelled` and `unpaid`.
        quarrels: its disputes.
    """

    number: str
    paid_at: datetime
    price: Money
    card: Card
    checkout: int
    fate: Fate
    closed_at: datetime | None = None
    quarrels: list[Quarrel] = field(default_factory=list)


_POPULAR: Final = {
    "KRW": (1500, 1900, 2900, 3900, 4900, 5500, 6900, 7000, 9900, 12900, 15000, 19900),
    "USD": (99, 149, 199, 299, 399, 499, 520, 599, 799, 999, 1299, 1999),
    "EUR": (99, 149, 199, 299, 399, 499, 599, 799, 999, 1299, 1499, 1999),
}
_RESULTS: Final[tuple[Result | Literal["withdrawn", "running"], ...]] = (
    "refund", "partial-refund", "return-and-refund", "rejected", "coupon", "withdrawn", "running",
)  # fmt: skip
_ODDS: Final = (50, 25, 5, 8, 4, 5, 3)


def orders(dice: Random, buyer: Buyer, *, at_most: int = 400) -> list[Order]:
    """Two years of orders, oldest first."""
    made: list[Order] = []
    wanted = min(at_most, max(1, buyer.orders_a_year * DAYS // 365))
    moments = sorted(_moment(dice, FIRST + timedelta(days=dice.randrange(DAYS))) for _ in range(wanted))
    for checkout, at in enumerate(moments):
        card = dice.choices(buyer.cards, [6, 3, 1][: len(buyer.cards)])[0]
        together = dice.choices((1, 2, 3, 4), (86, 9, 3, 2))[0]
        made += [_order(dice, buyer, card, checkout, at) for _ in range(together)]
    return made


def _moment(dice: Random, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=dice.randrange(86_400))


def _order(dice: Random, buyer: Buyer, card: Card, checkout: int, at: datetime) -> Order:
    others: tuple[Fate, ...] = ("kept", "cancelled", "unpaid", "expired")
    disputed = dice.random() < buyer.disputed
    order = Order(
        number=f"80{dice.randrange(10**14):014d}",
        paid_at=at,
        price=_price(dice, buyer),
        card=card,
        checkout=checkout,
        fate="disputed" if disputed else dice.choices(others, (91, 5, 2, 2))[0],
    )
    if order.fate in ("cancelled", "unpaid"):
        order.closed_at = at + timedelta(hours=dice.randrange(1, 24 * 7))
    if disputed:
        lines = dice.choices((1, 2, 3), (84, 12, 4))[0]
        left = order.price.minor
        for _ in range(lines):
            quarrel = _quarrel(dice, order, Money(left // lines, order.price.currency))
            order.quarrels.append(quarrel)
    return order


def _price(dice: Random, buyer: Buyer) -> Money:
    if dice.random() < buyer.popular:
        return Money(dice.choice(_POPULAR[buyer.currency]), buyer.currency)
    if buyer.currency == "KRW":
        return Money(int(round(900 * 90 ** dice.random(), -1 if dice.random() < 0.7 else 0)), "KRW")
    return Money(round(60 * 90 ** dice.random()), buyer.currency)


def _quarrel(dice: Random, order: Order, share: Money) -> Quarrel:
    opened = order.paid_at + timedelta(days=dice.randrange(12, 60))
    wait = timedelta(seconds=2) if dice.random() < 0.2 else timedelta(hours=dice.randrange(20, 24 * 18))
    ended = dice.choices(_RESULTS, _ODDS)[0]
    quarrel = Quarrel(f"12{dice.randrange(10**13):013d}", opened.date(), ended, opened + wait)
    if ended in ("refund", "partial-refund", "return-and-refund"):
        quarrel.promised = share if ended != "partial-refund" else _part(dice, share)
        if dice.random() < 0.35:
            quarrel.sent_at = quarrel.finished_at + timedelta(hours=dice.randrange(1, 24 * 6))
    return quarrel


def _part(dice: Random, share: Money) -> Money:
    part = share.minor * dice.choice((10, 20, 25, 30, 40, 50, 50, 60, 70, 80)) // 100
    if dice.random() < 0.4:
        popular = [each for each in _POPULAR[share.currency] if each < share.minor]
        part = dice.choice(popular or [part])
    return Money(max(1, part), share.currency)
