"""Credits that are no refunds: authorisations that were never captured, and are charged again.

To the issuer's text both look alike. What tells them apart comes later: a notice that the
authorisation expired, or the same sum charged on the same card again, for no new order.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.linking.events import account_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refundparsers.money import Money
    from refundtracker.linking.approvals import Approvals
    from refundtracker.linking.claims import Credit
    from refundtracker.tracking import Fact

# A new authorisation follows an expired one within days; shipping may take three weeks.
_AGAIN: Final = timedelta(days=21)
# One channel says "cancelled", the other "expired".
_SAME: Final = timedelta(days=2)


def voided(credits_: Iterable[Credit], facts: Iterable[Fact], known: Approvals) -> frozenset[int]:
    """The numbers of credits that were charged again or expired."""
    again: dict[Money, list[Credit]] = defaultdict(list)
    for charge in known.loose:
        again[charge.money].append(charge)
    expired: dict[Money, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.notice.kind == "authorisation-expired" and fact.notice.money is not None:
            expired[fact.notice.money].append(fact)
    return frozenset(
        credit.id
        for credit in credits_
        if _charged_again(credit, again.get(credit.money, ()))
        or _expired(credit, expired.get(credit.money, ()))
    )


def _charged_again(credit: Credit, charges: Sequence[Credit]) -> bool:
    return any(
        timedelta(0) <= charge.on - credit.on <= _AGAIN
        and _is_later(charge, credit)
        and charge.account.fits(credit.account)
        for charge in charges
    )


def _is_later(charge: Credit, credit: Credit) -> bool:
    """On one day the times decide; where one is missing, the worse is assumed."""
    first, second = credit.fact.notice.at, charge.fact.notice.at
    return charge.on > credit.on or first is None or second is None or second > first


def _expired(credit: Credit, expired: Sequence[Fact]) -> bool:
    return any(
        abs(fact.notice.on - credit.on) <= _SAME and account_of(fact).fits(credit.account) for fact in expired
    )
