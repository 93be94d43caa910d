"""Everything that follows from notices and the user's word: disputes, windows, links, timelines. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from refundtracker import tracking, windows
from refundtracker.calendars import NO_DAYS, Days, calendar_of
from refundtracker.deadlines import deadlines
from refundtracker.decisions import NOTHING_SAID, words
from refundtracker.disputes import Reason, Received
from refundtracker.linking import passes as linking
from refundtracker.linking import rivals
from refundtracker.linking.approvals import approvals
from refundtracker.linking.claims import Account
from refundtracker.linking.events import credits_among
from refundtracker.linking.worth import valued
from refundtracker.records import DerivedDispute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from refundtracker.calendars import Calendar
    from refundtracker.decisions import Decision, Word, Words
    from refundtracker.disputes import Dispute, Window
    from refundtracker.linking.approvals import Approvals, Capture
    from refundtracker.linking.claims import Link, Placed, Promise, Review
    from refundtracker.tracking import Fact, Tracked


@dataclass(frozen=True, slots=True)
class Rules:
    """What the user's region decides.

    Attributes:
        country: ISO code; whose business days are counted.
        days_off: extra days on which its banks are closed.
        days_on: holidays of the table on which they are open.
        method: how the user pays where neither a mail nor the user tells of an order.
        own: the user's own numbers of days, by method.
    """

    country: str
    days_off: frozenset[date] = frozenset()
    days_on: frozenset[date] = frozenset()
    method: str = "card"
    own: Mapping[str, windows.Rule] = field(default_factory=dict)

    def window(self, starts_on: date, issuers: Sequence[str | None], method: str | None) -> Window:
        """The refund window of a promise.

        Args:
            starts_on: the day of the promise.
            issuers: of the card or wallet, as far as known, the surest first. The first one with a
                country decides whose business days count; the user's own days are those of their own.
            method: as the user said, or None.
        """
        chosen = method or windows.method_of(issuers, self.method)
        country = windows.country_of(issuers, self.country)
        off, on = self._own_days(country)
        return windows.window(
            starts_on, country=country, method=chosen, days_off=off, days_on=on, rule=self.own.get(chosen)
        )

    def calendar(self, country: str) -> Calendar:
        """The business days of a country, the user's own days among them where they apply."""
        return calendar_of(country, *self._own_days(country))

    def _own_days(self, country: str) -> tuple[Days, Days]:
        at_home = calendar_of(country).country == calendar_of(self.country).country
        return (self.days_off, self.days_on) if at_home else (NO_DAYS, NO_DAYS)


@dataclass(frozen=True, slots=True)
class Derived:
    """All that follows from the notices.

    Attributes:
        disputes: in the order in which they were first heard of.
        reviews: money of the shop that no dispute could be given, in the order of its days.
    """

    disputes: tuple[DerivedDispute, ...]
    reviews: tuple[Review, ...] = ()


def derive(
    facts: Iterable[Fact],
    rules: Rules,
    decisions: Iterable[Decision] = (),
) -> Derived:
    """All disputes from all notices; the same facts give the same disputes, in whatever order they came.

    Args:
        facts: all notices.
        rules: what the user's region decides.
        decisions: what the user said, also what was taken back.
    """
    known = list(facts)
    tracked = tracking.track(known)
    said = words(decisions, (each.dispute for each in tracked))
    charges = approvals(known)
    placed = place(known, tracked, said, charges)
    links: dict[str, list[Link]] = defaultdict(list)
    for link in placed.links:
        links[link.key].append(link)
    disputes = []
    for each in tracked:
        key, capture = each.dispute.key, charges.by_order.get(each.dispute.order or "")
        disputes.append(_derived(each, links[key], rules, said.of(key), capture))
    return Derived(tuple(disputes), placed.reviews)


def place(
    facts: Sequence[Fact],
    tracked: Sequence[Tracked],
    said: Words = NOTHING_SAID,
    charges: Approvals | None = None,
) -> Placed:
    """Which money pays which dispute, and what is left of it.

    Args:
        facts: all notices.
        tracked: the disputes in them.
        said: what the user linked and parted, and with which cards the orders were paid.
        charges: the approvals among the notices, where they are known already.
    """
    charges = charges or approvals(facts)
    awaited = [_as_said(promise, said.of(promise.key)) for promise in rivals.promises(tracked, charges)]
    others = rivals.without_own_charges(rivals.purchases(facts, tracked, charges), awaited)
    return linking.link(
        [*awaited, *others],
        credits_among(facts),
        known=charges,
        facts=facts,
        forced=[(key, notice) for key, word in said.by_key.items() for notice in sorted(word.linked)],
        forbidden=[(key, notice) for key, word in said.by_key.items() for notice in sorted(word.parted)],
    )


def _as_said(promise: Promise, word: Word) -> Promise:
    if word.issuer is None and word.card is None:
        return promise
    return replace(promise, account=Account(word.issuer, word.card))


def _derived(
    tracked: Tracked, links: list[Link], rules: Rules, word: Word, capture: Capture | None
) -> DerivedDispute:
    """A dispute with its money, its window and its deadlines; `capture` is the charge of its order."""
    dispute = replace(
        tracked.dispute,
        received=tuple(_received(link) for link in sorted(links, key=lambda link: link.credit.notice.on)),
        written_off=word.written_off,
        chargeback_by=windows.chargeback_by(tracked.paid_on, tracked.dispute.opened_on),
    )
    if tracked.starts_on is not None:
        charged_by = capture.account.issuer if capture else None
        issuers = [word.issuer, charged_by, *(each.issuer for each in dispute.received)]
        dispute = replace(dispute, window=rules.window(tracked.starts_on, issuers, word.method))
    dispute = valued(dispute, tracked, capture)
    for decision in word.confirmed:
        dispute = valued(_confirmed(dispute, decision, word), tracked, capture)
    if dispute.received or dispute.phase in ("withdrawn", "compensated"):
        dispute = replace(dispute, chargeback_by=None)
    until = deadlines(dispute, tracked.facts, paid_on=tracked.paid_on)
    dispute = replace(dispute, deadlines=until)
    story = (*(fact.id for fact in tracked.facts), *(link.credit.id for link in links))
    return DerivedDispute(dispute, tuple(dict.fromkeys(story)))


def _confirmed(dispute: Dispute, decision: Decision, word: Word) -> Dispute:
    """The dispute with money that the user saw, unless a mail told of it, too."""
    rest = tracking.missing(dispute)
    money = decision.money or rest
    told = [each.money for each in dispute.received if each.notice_id is not None]
    if money is None or money in told or (dispute.received and rest is not None and not rest.minor):
        return dispute
    seen = Received(
        money=money,
        on=decision.on or decision.made_at.date(),
        issuer=word.issuer,
        card=word.card,
        link="user",
        why=Reason("why.confirmed"),
        notice_id=None,
        decision_id=decision.id,
    )
    return replace(dispute, received=(*dispute.received, seen))


def _received(link: Link) -> Received:
    notice = link.credit.notice
    money = link.money or notice.money
    assert money is not None  # a credit without a sum is no event
    return Received(
        money=money,
        on=notice.on,
        issuer=notice.issuer,
        card=notice.card,
        link=link.by,
        why=link.why,
        notice_id=link.credit.id,
    )
