"""What money in another currency is worth in the currency of the promise that it pays.

Where the charge of the order is known, a share of the charge is that share of what the order cost: the
rate of the card itself, no estimate. Elsewhere the rate of the day of the promise tells it roughly,
and only what lies outside of the plausible band counts as missing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from refundparsers.money import Money
from refundtracker.disputes import Worth
from refundtracker.linking.plausible import Estimate, at_rate, share_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refundtracker.disputes import Dispute, Received
    from refundtracker.linking.approvals import Capture
    from refundtracker.tracking import Tracked

#: Fees of 1 to 1.5 % are usual; less than that is not called short, measured against the charge.
FEES: Final = 0.015


def valued(dispute: Dispute, tracked: Tracked, capture: Capture | None) -> Dispute:
    """The dispute with the worth of all its money in other currencies.

    Args:
        dispute: with its money.
        tracked: what is known of its order and its promise.
        capture: the charge of the order, or None.
    """
    promised = dispute.promised
    if promised is None or not promised.minor:
        return dispute
    foreign = sorted({each.money.currency for each in dispute.received} - {promised.currency})
    received = list(dispute.received)
    for currency in foreign:
        places = [place for place, each in enumerate(received) if each.money.currency == currency]
        together = [received[place] for place in places]
        for place, worth in zip(places, _worths(promised, together, tracked, capture), strict=True):
            received[place] = replace(received[place], worth=worth)
    return replace(dispute, received=tuple(received)) if foreign else dispute


def _worths(
    promised: Money, together: Sequence[Received], tracked: Tracked, capture: Capture | None
) -> list[Worth | None]:
    """The worth of the money of one currency, each None when nothing tells it."""
    currency = together[0].money.currency
    charged = capture.money if capture is not None else None
    whole = share_of(charged, tracked.paid, promised, currency)
    known = Estimate(whole, together[0].on, FEES) if whole is not None else None
    known = known or _at_rate(promised, together, tracked)
    total = sum(each.money.minor for each in together)
    if known is None or not known.money.minor or not total:
        return [None] * len(together)
    return [
        Worth(
            money=Money(round(promised.minor * each.money.minor / known.money.minor), promised.currency),
            spread=round(known.share * promised.minor * each.money.minor / total),
            estimated=whole is None,
        )
        for each in together
    ]


def _at_rate(promised: Money, together: Sequence[Received], tracked: Tracked) -> Estimate | None:
    last = max(each.on for each in together)
    start = tracked.starts_on or last
    return at_rate(promised, together[0].money.currency, start, last, tracked.paid_on)
