"""The money that moves: charges, refunds as banks book them, and authorisations that expire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from refundparsers.money import Money, exponent
from refundtracker.linking.rates import rate

if TYPE_CHECKING:
    from random import Random

    from worlds.people import Card
    from worlds.purchases import Order, Quarrel

# The rouble left the file in 2022: roughly what it was worth since.
_ROUBLES: Final = {"USD": 92.0, "EUR": 100.0}


@dataclass(slots=True)
class Movement:
    """Money on a card.

    Attributes:
        card: where.
        money: as the texts print it.
        at: when it was booked.
        printed_on: the day that the text prints.
        pays: numbers of order and dispute that it is the refund of; empty when of none.
        order: the number that the notice prints; None for nearly all.
        merchant: as printed; None for the card's own way.
    """

    card: Card
    money: Money
    at: datetime
    printed_on: date
    pays: list[tuple[str, str]] = field(default_factory=list)
    order: str | None = None
    merchant: str | None = None


@dataclass(slots=True)
class Till:
    """All movements of a buyer: charges, credits, and expired authorisations told as such."""

    charges: list[Movement] = field(default_factory=list)
    credits: list[Movement] = field(default_factory=list)
    expired: list[Movement] = field(default_factory=list)


def till(dice: Random, orders: list[Order]) -> Till:
    """Everything that was booked for these orders."""
    made = Till()
    for _, group in groupby(orders, key=lambda order: order.checkout):
        _checkout(dice, made, list(group))
    for order in orders:
        if order.fate == "cancelled":
            _cancelled(dice, made, order)
        if order.fate == "expired":
            _expired(dice, made, order)
    _refunds(dice, made, [(order, each) for order in orders for each in order.quarrels if each.promised])
    return made


def converted(money: Money, currency: str, day: date, factor: float = 1.0) -> Money:
    """The money in another currency, at the rate of the day and a factor for fees."""
    if money.currency == currency and factor == 1.0:
        return money
    known = rate(money.currency, currency, day) if currency != "RUB" else None
    value = known.value if known else _ROUBLES.get(money.currency, 1.0)
    scale: float = 10.0 ** (exponent(currency) - exponent(money.currency))
    return Money(max(1, round(money.minor * value * scale * factor)), currency)


def charged(dice: Random, order: Order, price: Money) -> Money:
    """What the card was charged for a price."""
    factor = dice.uniform(1.03, 1.08) if order.card.dcc else dice.uniform(1.0, 1.012)
    if order.card.prints == price.currency:
        return price
    return converted(price, order.card.prints, order.paid_at.date(), factor)


def _checkout(dice: Random, made: Till, orders: list[Order]) -> None:
    paying = [order for order in orders if order.fate != "unpaid"]
    if not paying:
        return
    total = Money(sum(order.price.minor for order in paying), paying[0].price.currency)
    at = paying[0].paid_at
    made.charges.append(Movement(paying[0].card, charged(dice, paying[0], total), at, at.date()))


def _cancelled(dice: Random, made: Till, order: Order) -> None:
    """Cancelled before shipping: the money comes back without any dispute."""
    assert order.closed_at is not None
    at = order.closed_at + timedelta(hours=dice.randrange(1, 24 * 7))
    money = _booked(dice, made, order, order.price, at, full=True)
    made.credits.append(Movement(order.card, money, at, at.date()))


def _expired(dice: Random, made: Till, order: Order) -> None:
    """An authorisation that nobody captured looks cancelled, and the checkout is charged again."""
    money = _charge(made, order).money
    at = order.paid_at + timedelta(days=dice.randrange(7, 31))
    again = at + timedelta(hours=dice.randrange(1, 24 * 10))
    where = made.credits if dice.random() < 0.6 else made.expired
    where.append(Movement(order.card, money, at, at.date()))
    made.charges.append(Movement(order.card, money, again, again.date()))


def _charge(made: Till, order: Order) -> Movement:
    return next(each for each in made.charges if each.at == order.paid_at)


def _refunds(dice: Random, made: Till, promised: list[tuple[Order, Quarrel]]) -> None:
    """Refunds of one checkout that end within two days may come as one sum."""
    promised.sort(key=lambda pair: (pair[0].checkout, pair[1].finished_at))
    for _, group in groupby(promised, key=lambda pair: pair[0].checkout):
        together: list[tuple[Order, Quarrel]] = []
        for pair in group:
            near = together and pair[1].finished_at - together[0][1].finished_at < timedelta(days=2)
            if together and not (near and dice.random() < 0.5):
                _refund(dice, made, together)
                together = []
            together.append(pair)
        _refund(dice, made, together)


def _refund(dice: Random, made: Till, paid: list[tuple[Order, Quarrel]]) -> None:
    """One sum for these promises, as one credit or in parts; or nothing ever comes."""
    if dice.random() < 0.04:
        return
    order, quarrel = paid[0]
    total = Money(sum(each.promised.minor for _, each in paid if each.promised), order.price.currency)
    if dice.random() < 0.03 and total.minor > 100:  # the rest comes as a coupon
        total = Money(total.minor * dice.randrange(30, 90) // 100, total.currency)
    at = max(each.finished_at for _, each in paid) + timedelta(days=_delay(dice), hours=dice.randrange(24))
    at = max(at, _opened(max(each.opened_on for _, each in paid)))  # nothing comes before the dispute
    parts = _parts(dice, total) if len(paid) == 1 and dice.random() < 0.05 else [total]
    full = len(paid) == 1 and quarrel.promised == order.price and len(parts) == 1
    for part in parts:
        credit = Movement(order.card, _booked(dice, made, order, part, at, full=full), at, at.date())
        credit.pays = [(one.number, each.number) for one, each in paid]
        if dice.random() < 0.06:
            credit.printed_on = order.paid_at.date()
        if dice.random() < 0.04:
            credit.order = order.number
        if dice.random() < 0.04:
            credit.merchant = dice.choice(("", "ALIPAY SINGAPORE"))
        made.credits.append(credit)
        at += timedelta(hours=dice.randrange(1, 24 * 4))


def _opened(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, tzinfo=UTC)


def _delay(dice: Random) -> int:
    first, last = dice.choices(((1, 12), (13, 30), (31, 75), (-2, 0)), (84, 10, 4, 2))[0]
    return dice.randint(first, last)


def _parts(dice: Random, total: Money) -> list[Money]:
    if total.minor < 20:
        return [total]
    first = dice.randrange(total.minor // 5, total.minor * 4 // 5)
    return [Money(first, total.currency), Money(total.minor - first, total.currency)]


def _booked(dice: Random, made: Till, order: Order, part: Money, at: datetime, *, full: bool) -> Money:
    """What the issuer books: the very sum, the sum of the charge, or one at the rate of some day."""
    card = order.card
    if card.prints == part.currency:
        moved = card.currency == "KRW" and dice.random() < 0.05  # priced in won, settled in dollars
        return part if not moved else converted(part, part.currency, at.date(), dice.uniform(0.93, 1.01))
    charge = _charge(made, order).money
    alone = _near(charge, converted(part, card.prints, order.paid_at.date()))
    if full and alone and dice.random() < 0.6:
        return charge
    day = order.paid_at.date() if dice.random() < 0.3 else at.date()
    return converted(
        part, card.prints, day, dice.uniform(0.94, 0.99) if card.dcc else dice.uniform(0.985, 1.01)
    )


def _near(one: Money, other: Money) -> bool:
    return abs(one.minor - other.minor) < 0.1 * other.minor
