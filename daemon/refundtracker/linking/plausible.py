"""Whether a sum in one currency may be the refund of a sum in another.

The band is `max(5 %, the 95th percentile of the rate's moves in the days between) + 1.5 %` for fees
and spread, and at least 8 % where the shop converted the price itself. A plausible sum is a sign,
never a proof: it is linked only where nothing else comes into question.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Final

from refundparsers.money import Money, exponent

if TYPE_CHECKING:
    from datetime import date

    from refundtracker.linking.claims import Credit, Promise

_LEAST: Final = 0.05
_FEES: Final = 0.015
# A charge that is so much above the market was converted by the shop; its refund may lack all of that.
_CONVERTED: Final = 0.025
_DCC: Final = 0.08
# Moves of USD/KRW since 2015: 95 % stay under 3.3 % in 10 days and under 5.0 % in 20, so they grow
# with the root of the time.
_ROOT_DAY: Final = 0.0112
#: Nothing is more than this far off, however many days lie between.
WIDEST: Final = 0.16


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a promise should be worth in the currency of a credit.

    Attributes:
        money: the estimate.
        day: whose rate it is, or the day of the charge that it is measured against.
        share: how far a credit may be off, as a fraction.
        charged: whether it is measured against a charge, and no rate.
    """

    money: Money
    day: date
    share: float
    charged: bool = False

    def off(self, money: Money) -> float:
        """How far a sum is off, as a fraction; less than zero when it is less."""
        return money.minor / self.money.minor - 1 if self.money.minor else float("inf")

    def covers(self, money: Money) -> bool:
        """Whether a sum lies within the band."""
        return abs(self.off(money)) <= self.share


def estimate(promise: Promise, credit: Credit) -> Estimate | None:
    """The estimate for a promise in another currency; None when nothing is known.

    It is measured against the captured charge where that is known, else against the rate of the
    day of the promise. Behind the end of the table of rates the last rate is used, and the band
    grows with its age.
    """
    if promise.money is None or promise.money.currency == credit.money.currency:
        return None
    captured = share_of(promise.captured, promise.paid, promise.money, credit.money.currency)
    if captured is None or promise.paid_on is None:
        return at_rate(promise.money, credit.money.currency, promise.starts_on, credit.on, promise.paid_on)
    share = band(abs((credit.on - promise.paid_on).days))
    market = at_rate(promise.money, credit.money.currency, promise.paid_on, promise.paid_on)
    dearer = market is not None and market.off(captured) > _CONVERTED
    return Estimate(captured, promise.paid_on, max(share, _DCC + _FEES) if dearer else share, charged=True)


def at_rate(
    money: Money, currency: str, day: date, until: date, since: date | None = None
) -> Estimate | None:
    """Money in another currency at the rate of a day, with the band of the days until another one."""
    from refundtracker.linking.rates import rate

    known = rate(money.currency, currency, day)
    if known is None:
        return None
    scale: float = 10.0 ** (exponent(currency) - exponent(money.currency))
    between = max(abs((until - first).days) for first in (known.day, since or known.day))
    return Estimate(Money(round(money.minor * known.value * scale), currency), known.day, band(between))


def band(days: int) -> float:
    """How far a sum may be off after that many days, as a fraction."""
    return min(WIDEST, max(_LEAST, _ROOT_DAY * sqrt(days)) + _FEES)


def share_of(charged: Money | None, paid: Money | None, promised: Money, currency: str) -> Money | None:
    """The part of a charge that was promised back; None when the charge is unknown or another currency.

    Args:
        charged: what the card was charged for the order alone.
        paid: what the order cost in the shop.
        promised: what comes back of it.
        currency: that is asked for.
    """
    if charged is None or paid is None or charged.currency != currency:
        return None
    if paid.currency != promised.currency or not paid.minor or promised.minor > paid.minor:
        return None
    return Money(round(charged.minor * promised.minor / paid.minor), currency)
