"""The state of linking between two passes: what is open, what is free, and what must not be touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refundtracker.linking.claims import Link
from refundtracker.linking.merchants import is_aliexpress
from refundtracker.linking.rivals import remaining

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refundparsers.money import Money
    from refundtracker.disputes import LinkedBy, Reason
    from refundtracker.linking.claims import Credit, Promise


class Board:
    """Promises and credits while they are brought together.

    A credit or a promise that an earlier pass could not decide is doubtful: a weaker pass may not
    decide it either, since the stronger explanation is still there.

    Attributes:
        open: claims that wait, by key; what remains of a promise after a part was seen.
        known: all claims as they were told, by key.
        free: credits that pay nothing yet, by number.
        doubtful: numbers of credits that are not linked any more.
        unsettled: keys of promises that are not linked any more.
        links: what was decided.
    """

    def __init__(
        self,
        promises: Iterable[Promise],
        credits_: Iterable[Credit],
        forbidden: Iterable[tuple[str, int]] = (),
    ) -> None:
        """Everything is open and free."""
        self.open: dict[str, Promise] = {each.key: each for each in promises}
        self.known: dict[str, Promise] = dict(self.open)
        self.free: dict[int, Credit] = {each.id: each for each in credits_}
        self.doubtful: set[int] = set()
        self.unsettled: set[str] = set()
        self.links: list[Link] = []
        self._forbidden = frozenset(forbidden)
        self._parted = frozenset(key for key, _ in self._forbidden)

    def allowed(self, promise: Promise, credit: Credit) -> bool:
        """Whether the user has not said that these two do not belong together."""
        if promise.key not in self._parted:
            return True
        return all((promise.key, number) not in self._forbidden for number in credit.told)

    def waiting(self) -> list[Promise]:
        """Claims that a pass may still look at."""
        return [each for key, each in self.open.items() if key not in self.unsettled]

    def unused(self) -> list[Credit]:
        """Money of the shop that a pass may still link."""
        return [
            each
            for number, each in self.free.items()
            if number not in self.doubtful and is_aliexpress(each.merchant)
        ]

    def pay(self, credit: Credit, promises: Sequence[Promise], why: Reason, by: LinkedBy = "auto") -> None:
        """Link a credit to a promise, or to several that it pays in full."""
        for promise in promises:
            part = promise.money if len(promises) > 1 and promise.money else credit.money
            self.links.append(Link(promise.key, credit.fact, why, by, part))
            rest = remaining(promise, part)
            if rest is None:
                self.open.pop(promise.key, None)
            else:
                self.open[promise.key] = rest
        self.free.pop(credit.id, None)

    def doubt(self, credits_: Iterable[int], keys: Iterable[str] = ()) -> None:
        """Keep these from all later passes."""
        self.doubtful.update(credits_)
        self.unsettled.update(keys)


def total(sums: Sequence[Money]) -> Money | None:
    """The sum of one currency; None of none or of several."""
    if not sums or len({each.currency for each in sums}) > 1:
        return None
    return sum(sums[1:], sums[0])
