"""Everything that is derived from notices: disputes with their windows, links and timelines. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from refundtracker import linking, tracking, windows
from refundtracker.disputes import Received
from refundtracker.records import DerivedDispute

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from refundtracker.linking import Link
    from refundtracker.tracking import Fact, Tracked


@dataclass(frozen=True, slots=True)
class Rules:
    """What the user's region decides.

    Attributes:
        country: ISO code; whose business days are counted.
        days_off: extra days on which its banks are closed.
        days_on: holidays of the table on which they are open.
    """

    country: str
    days_off: frozenset[date] = frozenset()
    days_on: frozenset[date] = frozenset()


def derive(facts: Iterable[Fact], rules: Rules) -> list[DerivedDispute]:
    """All disputes from all notices; the same facts give the same disputes, in whatever order they came."""
    known = list(facts)
    tracked = tracking.track(known)
    links: dict[str, list[Link]] = defaultdict(list)
    for link in linking.link(linking.promises(tracked), linking.credits_among(known)):
        links[link.key].append(link)
    return [_derived(each, links[each.dispute.key], rules) for each in tracked]


def _derived(tracked: Tracked, links: list[Link], rules: Rules) -> DerivedDispute:
    dispute = replace(
        tracked.dispute,
        received=tuple(_received(link) for link in sorted(links, key=lambda link: link.credit.notice.on)),
        chargeback_by=windows.chargeback_by(tracked.paid_on, tracked.dispute.opened_on),
    )
    if tracked.starts_on is not None:
        window = windows.window(
            tracked.starts_on, country=rules.country, days_off=rules.days_off, days_on=rules.days_on
        )
        dispute = replace(dispute, window=window)
    if dispute.received or dispute.phase in ("withdrawn", "compensated"):
        dispute = replace(dispute, chargeback_by=None)
    story = (*(fact.id for fact in tracked.facts), *(link.credit.id for link in links))
    return DerivedDispute(dispute, tuple(dict.fromkeys(story)))


def _received(link: Link) -> Received:
    notice = link.credit.notice
    assert notice.money is not None  # a credit without a sum is no notice
    return Received(
        money=notice.money,
        on=notice.on,
        issuer=notice.issuer,
        card=notice.card,
        link="auto",
        why=link.why,
        notice_id=link.credit.id,
    )
