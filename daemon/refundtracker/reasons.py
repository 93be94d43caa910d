"""Why money pays what it pays, and what else was possible. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refundtracker import tracking
from refundtracker.decisions import words
from refundtracker.derivation import place
from refundtracker.linking import rivals
from refundtracker.linking.approvals import approvals
from refundtracker.linking.claims import runners_up
from refundtracker.linking.events import credits_among
from refundtracker.linking.reviewing import others
from refundtracker.linking.shortfalls import losses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refundtracker.decisions import Decision
    from refundtracker.linking.claims import Candidate, Credit, Promise, Review
    from refundtracker.linking.shortfalls import Loss
    from refundtracker.tracking import Fact


@dataclass(frozen=True, slots=True)
class Reasons:
    """Everything that was weighed.

    Attributes:
        reviews: money of the shop that no dispute could be given.
        losses: whole refunds that fell short of their charge.
        promises: of all disputes, as if nothing had come.
        credits: the events of money, by the number of any notice that tells of them.
    """

    reviews: tuple[Review, ...]
    losses: tuple[Loss, ...]
    promises: tuple[Promise, ...]
    credits: dict[int, Credit]

    def unplaced(self, key: str) -> list[tuple[Review, Candidate]]:
        """The money that waits and may be meant for this dispute."""
        return runners_up(self.reviews, key)

    def rivals(self, notice_id: int, key: str) -> tuple[Candidate, ...]:
        """The other disputes that the money of a notice might have paid, the most likely first."""
        credit = self.credits.get(notice_id)
        return () if credit is None else others(self.promises, credit, key)


def reasons(facts: Iterable[Fact], decisions: Iterable[Decision] = ()) -> Reasons:
    """Weigh all notices again, as `derivation.derive` does, and keep what it only needs on the way.

    Args:
        facts: all notices.
        decisions: what the user said, also what was taken back.
    """
    known: Sequence[Fact] = list(facts)
    tracked = tracking.track(known)
    charges = approvals(known)
    placed = place(known, tracked, words(decisions, (each.dispute for each in tracked)), charges)
    events = {number: credit for credit in credits_among(known) for number in credit.told}
    short = losses(tracked, placed.links, charges)
    return Reasons(placed.reviews, tuple(short), tuple(rivals.promises(tracked, charges)), events)
