"""What the notices of one dispute come to: its phase without the clock, and the promise that counts.

A mail may come twice, late, or seconds before the one that it follows. So a notice moves a dispute only
where the table below lets it, and what ended a dispute is not undone by a mail of the same hours.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from refundparsers.money import Money
    from refundparsers.notices import Kind, Notice, Result
    from refundtracker.disputes import Phase


class Fact(Protocol):
    """A stored notice, as far as tracking needs it."""

    @property
    def id(self) -> int:
        """The number of the notice; ascends with arrival."""

    @property
    def mail_date(self) -> datetime | None:
        """When the mail was sent, UTC."""

    @property
    def notice(self) -> Notice:
        """What was read."""


RUNNING: Final[tuple[Phase, ...]] = ("open", "act", "returning")
_ENDED: Final[tuple[Phase, ...]] = ("promised", "lost", "compensated", "withdrawn")
_DECIDED: Final[tuple[Phase, ...]] = ("promised", "lost", "compensated")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table: what a notice makes of a dispute.

    Attributes:
        phase: the one it leads to.
        keeps: phases that it does not change.
    """

    phase: Phase
    keeps: tuple[Phase, ...] = ()


# Kinds that are missing change nothing: parcels, messages, claims. Rule of `dispute-finished`: see _FINISHED.
_TABLE: Final[Mapping[Kind, _Row]] = {
    # Opened again after it was withdrawn, rejected or closed; a running one is not opened twice.
    "dispute-opened": _Row("open", keeps=("act", "returning", "promised", "compensated")),
    # Whatever a seller says after a decision is a claim.
    "seller-responded": _Row("act", keeps=_DECIDED),
    "proposal": _Row("act"),
    "evidence-requested": _Row("act"),
    "return-requested": _Row("returning"),
    "dispute-escalated": _Row("open"),
    "dispute-withdrawn": _Row("withdrawn", keeps=("promised",)),
    "refund-sent": _Row("promised"),
    # "Closed" is not "refunded": it ends what was undecided, never a promise or a verdict.
    "order-closed": _Row("closed", keeps=_ENDED),
}
# A finished dispute whose mail tells no result is watched like a promise.
_FINISHED: Final[Mapping[Result | None, _Row]] = {
    None: _Row("promised"),
    "refund": _Row("promised"),
    "partial-refund": _Row("promised"),
    "return-and-refund": _Row("promised"),
    # Money and coupon, or one line granted and one refused: the money is still watched.
    "rejected": _Row("lost", keeps=("promised", "compensated")),
    "coupon": _Row("compensated", keeps=("promised",)),
}
_REFUSED: Final[tuple[Result, ...]] = ("rejected", "coupon")
DISPUTE_KINDS: Final[frozenset[Kind]] = frozenset({*_TABLE, "dispute-finished"} - {"order-closed"})
_APPEALS: Final[frozenset[Kind]] = DISPUTE_KINDS - {"dispute-finished", "refund-sent"}
#: What belongs to the way to a decision may be dated hours after it.
LATE: Final = timedelta(hours=12)
# Opened and finished may carry the same second: the way of a dispute decides then.
_USUAL_ORDER: Final[tuple[Kind, ...]] = (
    "order-paid", "order-shipped", "order-delivered", "order-closing",
    "dispute-opened", "seller-responded", "proposal", "evidence-requested", "return-requested",
    "dispute-escalated", "dispute-withdrawn", "dispute-finished", "refund-sent", "order-closed",
)  # fmt: skip
_RANK: Final[Mapping[Kind, int]] = {kind: rank for rank, kind in enumerate(_USUAL_ORDER)}


def moment(fact: Fact) -> datetime:
    """When it happened: its own time, else its mail's, else noon of its day."""
    return fact.notice.at or fact.mail_date or datetime.combine(fact.notice.on, time(12), tzinfo=UTC)


def in_time(facts: Iterable[Fact]) -> list[Fact]:
    """The notices in the order in which things happened."""
    return sorted(facts, key=lambda fact: (moment(fact), _RANK.get(fact.notice.kind, len(_RANK)), fact.id))


def once(facts: Iterable[Fact]) -> list[Fact]:
    """The notices without those that say the very same again, in the order in which things happened."""
    said: dict[object, Fact] = {}
    for fact in in_time(facts):
        said.setdefault(replace(fact.notice, form=""), fact)
    return list(said.values())


def is_decision(fact: Fact) -> bool:
    """Whether it ends a dispute."""
    return fact.notice.kind in ("dispute-finished", "refund-sent")


def is_promise(fact: Fact) -> bool:
    """Whether it promises money, of whatever sum."""
    return is_decision(fact) and fact.notice.result not in _REFUSED


def phase_of(facts: Sequence[Fact]) -> Phase:
    """The phase after all notices, given in their order."""
    return _course(facts).phase or "closed"


def promises_of(facts: Sequence[Fact]) -> list[Notice]:
    """The promises that are in force, oldest first; never none where the phase is `promised`."""
    return [fact.notice for fact in _course(facts).promises]


def act_facts(facts: Sequence[Fact]) -> list[Fact]:
    """The notices since which the buyer has to act: those at the end that all ask for it."""
    return _course(facts).asked


@dataclass(slots=True)
class _Course:
    """How far the notices led.

    Attributes:
        phase: None before the first one that counts.
        decided: the moment of the last decision.
        promises: those in force.
        asked: what asked the buyer to act, since anything else happened.
    """

    phase: Phase | None = None
    decided: datetime | None = None
    promises: list[Fact] = field(default_factory=list)
    asked: list[Fact] = field(default_factory=list)

    def take(self, fact: Fact) -> None:
        """Go on by one notice."""
        row = _row(fact.notice)
        is_late = self.decided is not None and moment(fact) - self.decided < LATE
        if row is None or self.phase in row.keeps or (is_late and fact.notice.kind in _APPEALS):
            return
        if is_decision(fact):
            self.decided = moment(fact)
        self.phase = row.phase
        self.promises = [*self.promises, fact] if row.phase == "promised" else []
        self.asked = [*self.asked, fact] if row.phase == "act" else []


def _course(facts: Iterable[Fact]) -> _Course:
    course = _Course()
    for fact in facts:
        course.take(fact)
    return course


def _row(notice: Notice) -> _Row | None:
    return _FINISHED[notice.result] if notice.kind == "dispute-finished" else _TABLE.get(notice.kind)


def act_by(facts: Sequence[Fact]) -> date | None:
    """The printed day by which the buyer has to act; one that was over before the last call is none."""
    asked = [fact.notice for fact in act_facts(facts)]
    printed = [each.act_by for each in asked if each.act_by and each.act_by >= asked[-1].on]
    return printed[-1] if printed else None


def is_claim(fact: Fact) -> bool:
    """Whether a seller says that the money is back. That is no decision, and no money."""
    said = fact.notice.result in ("refund", "partial-refund")
    return fact.notice.kind == "seller-message" and (said or fact.notice.money is not None)


def promised_sum(facts: Sequence[Fact], paid: Money | None) -> Money | None:
    """What was promised: the sum told last, or several decisions together.

    Decisions with different sums and no appeal between them add up when they can: a part first and the
    rest then, never more than the order cost. Where nobody knows what it cost, they add up when they are
    called partial, or when the dispute was opened as often as it was decided, once for each line. A sum
    that is told again is the same promise, and a `refund-sent` with a sum of its own is what counts.
    """
    promises = [each for each in promises_of(facts) if each.money is not None]
    if not promises:
        return None
    last = promises[-1].money
    decided = [each for each in promises if each.kind == "dispute-finished"]
    sums = _sums(decided, _openings(facts))
    if len(sums) < 2 or last not in sums or len({each.currency for each in sums}) > 1:
        return last
    total = sum(sums[1:], sums[0])
    if paid is not None and paid.currency == total.currency:
        return total if total.minor <= paid.minor else last
    parts = all(each.result == "partial-refund" for each in decided)
    return total if parts or _openings(facts) >= len(sums) else last


def _sums(decided: Sequence[Notice], openings: int) -> list[Money]:
    """The different sums; equal ones of different days, too, when as many lines were opened."""
    by_day = [money for _, money in dict.fromkeys((each.on, each.money) for each in decided) if money]
    return by_day if openings >= len(by_day) else list(dict.fromkeys(by_day))


def _openings(facts: Sequence[Fact]) -> int:
    """On how many days it was opened, since it was last withdrawn."""
    days: set[date] = set()
    for fact in facts:
        if fact.notice.kind == "dispute-withdrawn":
            days.clear()
        elif fact.notice.kind == "dispute-opened":
            days.add(fact.notice.on)
    return len(days)
