"""Why less came back than was promised, and what the exchange rate took, card issuer by card issuer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from refundparsers.money import Money
from refundtracker.disputes import Reason
from refundtracker.tracking import missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from refundtracker.disputes import Dispute
    from refundtracker.linking.approvals import Approvals
    from refundtracker.linking.claims import Link
    from refundtracker.tracking import Tracked

# Shares of the promise. Fees are about 1 to 1.5 %, rates move up to 5 % in three weeks, and a price
# that the shop converted itself comes back 3 to 8 % lower.
_FEE: Final = 0.02
_EXCHANGE: Final = 0.07
_DCC: Final = (0.025, 0.085)


def causes(dispute: Dispute, today: date) -> tuple[Reason, ...]:
    """What is likely behind the missing part, the likeliest first; nothing when nothing is missing.

    They are guesses from the size of the gap, to be shown as such.
    """
    rest = missing(dispute)
    if rest is None or not rest.minor or not dispute.received or dispute.promised is None:
        return ()
    share = rest.minor / dispute.promised.minor
    found = [
        ("cause.fee", share <= _FEE),
        ("cause.dcc", _DCC[0] <= share <= _DCC[1]),
        ("cause.exchange", share <= _EXCHANGE),
        ("cause.coupon", share > _EXCHANGE),
        ("cause.still-to-come", share > _EXCHANGE and _may_come(dispute, today)),
    ]
    values = {"missing": str(rest), "percent": f"{share * 100:.1f} %"}
    return tuple(Reason(code, values) for code, likely in found if likely)


def _may_come(dispute: Dispute, today: date) -> bool:
    return dispute.window is not None and today <= dispute.window.overdue_on


@dataclass(frozen=True, slots=True)
class Loss:
    """What a refund fell short of the charge that it gives back.

    Attributes:
        key: of the dispute.
        issuer: of the card, or None.
        charged: what the card was charged for the order.
        credited: what came back.
    """

    key: str
    issuer: str | None
    charged: Money
    credited: Money

    @property
    def money(self) -> Money:
        """The difference; less than zero when more came back."""
        return self.charged - self.credited


def losses(tracked: Iterable[Tracked], links: Sequence[Link], known: Approvals) -> list[Loss]:
    """The refunds of whole orders whose charge is known in the same currency, with what they lack.

    Only where one order was charged alone and promised back as a whole: for a part, nobody knows
    what share of the charge it was.
    """
    credited: dict[str, list[Link]] = {}
    for link in links:
        credited.setdefault(link.key, []).append(link)
    found = [_loss(each, credited.get(each.dispute.key, []), known) for each in tracked]
    return [each for each in found if each is not None]


def _loss(tracked: Tracked, links: Sequence[Link], known: Approvals) -> Loss | None:
    capture = known.by_order.get(tracked.dispute.order or "")
    whole = tracked.dispute.promised is not None and tracked.dispute.promised == tracked.paid
    sums = [money for link in links if (money := link.money or link.credit.notice.money) is not None]
    if capture is None or capture.money is None or not whole or not sums:
        return None
    if any(money.currency != capture.money.currency for money in sums):
        return None
    total = sum(sums[1:], sums[0])
    return Loss(tracked.dispute.key, capture.account.issuer, capture.money, total)


def by_issuer(found: Iterable[Loss]) -> Mapping[tuple[str | None, str], Money]:
    """The sum of all losses by issuer and currency; what came back in excess is not set off."""
    sums: dict[tuple[str | None, str], Money] = {}
    for loss in found:
        if loss.money.minor > 0:
            key = (loss.issuer, loss.money.currency)
            sums[key] = sums.get(key, Money(0, loss.money.currency)) + loss.money
    return sums
