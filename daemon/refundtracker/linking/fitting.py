"""Whether a credit can be the refund that a claim waits for: the time, the card, the sum."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.linking.plausible import WIDEST, Estimate, estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from refundparsers.money import Money
    from refundtracker.linking.claims import Credit, Promise

_PURCHASE: Final = timedelta(days=1)
# How far the factor between two steps of the index of plausible sums is.
_STEP: Final = 0.08


def fits_time(promise: Promise, credit: Credit) -> bool:
    """Whether the money came while the promise could be kept.

    The day it prints may be the purchase's own, or any when no mail told of the payment; any other day
    from before the promise tells of an older refund, however late its text came.
    """
    if promise.since <= credit.on <= promise.until:
        return True
    if credit.on > promise.since or not promise.since <= credit.came <= promise.until:
        return False
    return promise.paid_on is None or abs(credit.on - promise.paid_on) <= _PURCHASE


def fits_card(promise: Promise, credit: Credit) -> bool:
    """Whether it came to the card that was charged, as far as both are known."""
    if promise.account is None or credit.fact.notice.source == "wallet":
        return True
    return promise.account.fits(credit.account)


def _fits(promise: Promise, credit: Credit) -> bool:
    return fits_time(promise, credit) and fits_card(promise, credit)


class Claims:
    """The claims, found by sum and by time."""

    __slots__ = ("_by_money", "_by_start", "_starts")

    def __init__(self, promises: Iterable[Promise]) -> None:
        """Sort the claims into drawers."""
        claims = sorted(promises, key=lambda each: (each.since, each.key))
        self._by_money: dict[Money, list[Promise]] = defaultdict(list)
        self._by_start = claims
        self._starts = [each.since for each in claims]
        for each in claims:
            for money in {each.money, each.whole}:
                if money is not None:
                    self._by_money[money].append(each)

    def exactly(self, credit: Credit) -> Iterator[Promise]:
        """Claims of the very sum, or whose order was charged the very sum, on a fitting card in time."""
        for each in self._by_money.get(credit.money, ()):
            if each.since > credit.came:
                break
            if fits_time(each, credit) and fits_card(each, credit):
                yield each

    def around(self, credit: Credit, most: int) -> list[Promise]:
        """The claims in time on a fitting card that began last before the credit."""
        found: list[Promise] = []
        for place in range(bisect_right(self._starts, credit.came) - 1, -1, -1):
            each = self._by_start[place]
            if credit.came - each.since > timedelta(days=240) or len(found) == most:
                break
            if fits_time(each, credit) and fits_card(each, credit):
                found.append(each)
        return found


class Pool:
    """Credits, found by time and by about how much they are."""

    __slots__ = ("_currencies", "_drawers")

    def __init__(self, credits_: Iterable[Credit]) -> None:
        """Sort the credits into drawers by currency and size, each in the order of days."""
        self._drawers: dict[tuple[str, int], list[tuple[date, Credit]]] = defaultdict(list)
        self._currencies: set[str] = set()
        for each in sorted(credits_, key=lambda each: (each.came, each.id)):
            self._currencies.add(each.money.currency)
            self._drawers[each.money.currency, _size(each.money.minor)].append((each.came, each))

    def plausibly(self, promise: Promise) -> Iterator[tuple[Credit, Estimate]]:
        """Credits in another currency that are worth about the promise, in time, on a fitting card."""
        if promise.money is None or promise.money.minor <= 0:
            return
        for currency in sorted(self._currencies - {promise.money.currency}):
            yield from self._of(promise, currency)

    def about(self, promise: Promise, less: float, more: float) -> Iterator[Credit]:
        """Credits in the promise's currency off by such fractions at most, in time, on its card."""
        money = promise.money
        if money is None or money.minor <= 0:
            return
        least, most = money.minor * (1 + less), money.minor * (1 + more)
        for size in range(_size(int(least)), _size(int(most)) + 1):
            drawer = self._drawers.get((money.currency, size), [])
            for _, credit in drawer[_first(drawer, promise.since) : _behind(drawer, promise.until)]:
                if least <= credit.money.minor <= most and _fits(promise, credit):
                    yield credit

    def parts_of(self, promise: Promise, until: date) -> Iterator[Credit]:
        """Credits until a day that may be the promise or a part of it, whatever the currency."""
        for (currency, size), drawer in self._drawers.items():
            money = promise.money
            if money and currency == money.currency and size > _size(money.minor):
                continue
            for came, credit in drawer[_first(drawer, promise.since) :]:
                if came > until:
                    break
                if _may_be_part(promise, credit) and _fits(promise, credit):
                    yield credit

    def _of(self, promise: Promise, currency: str) -> Iterator[tuple[Credit, Estimate]]:
        rough = self._rough(promise, currency)
        if rough is None or rough < 1:
            return
        # The estimate is the same for all of them, only the band hangs on the days.
        least, most = int(rough * (1 - WIDEST)), int(rough * (1 + WIDEST)) + 1
        for size in range(_size(least), _size(most) + 1):
            drawer = self._drawers.get((currency, size), [])
            for _, credit in drawer[_first(drawer, promise.since) : _behind(drawer, promise.until)]:
                if least <= credit.money.minor <= most and _fits(promise, credit):
                    known = estimate(promise, credit)
                    if known and known.covers(credit.money):
                        yield credit, known

    def _rough(self, promise: Promise, currency: str) -> float | None:
        """What any credit of that currency is compared with, within a wide margin."""
        for size in range(_size(1), _size(10**15) + 1):
            drawer = self._drawers.get((currency, size))
            if drawer:
                known = estimate(promise, drawer[0][1])
                return known.money.minor if known else None
        return None


def _may_be_part(promise: Promise, credit: Credit) -> bool:
    if promise.money is None or credit.money.currency == promise.money.currency:
        return promise.money is None or credit.money.minor <= promise.money.minor * 1.02
    known = estimate(promise, credit)
    return known is None or known.off(credit.money) <= known.share


def _size(minor: int) -> int:
    return int(math.log(max(1, minor)) / _STEP)


def _first(drawer: Sequence[tuple[date, Credit]], day: date) -> int:
    return bisect_left(drawer, day, key=lambda entry: entry[0])


def _behind(drawer: Sequence[tuple[date, Credit]], day: date) -> int:
    # A text may come weeks behind the day that it prints.
    late = timedelta(days=60)
    return bisect_right(drawer, day + min(late, day.max - day), key=lambda entry: entry[0])
