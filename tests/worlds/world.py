"""One buyer's world: what the program is given, and what is true."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from worlds.letters import facts, letters, noise
from worlds.people import buyer
from worlds.purchases import orders
from worlds.refunds import till

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rigs.facts import Told
    from worlds.people import Buyer
    from worlds.purchases import Order
    from worlds.refunds import Movement


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A mailbox and its truth.

    Attributes:
        buyer: whose it is.
        facts: the notices, in the order of their arrival.
        orders: all that was bought.
        credits: all money that came back, by number of the event.
        event_of: number of the event by number of the notice; other shops' money has none.
    """

    buyer: Buyer
    facts: tuple[Told, ...]
    orders: tuple[Order, ...]
    credits: tuple[Movement, ...]
    event_of: dict[int, int]

    @property
    def disputes(self) -> int:
        """How many disputes were opened."""
        return sum(len(order.quarrels) for order in self.orders)

    def pays(self, event: int) -> list[tuple[str, str]]:
        """Order and dispute numbers that the credit is the refund of."""
        return self.credits[event].pays


def world(seed: int, *, at_most: int = 400) -> World:
    """The world of one buyer, the same for the same seed."""
    dice = Random(seed)
    who = buyer(dice)
    bought = orders(dice, who, at_most=at_most)
    money = till(dice, bought)
    told = letters(dice, who, bought, money)
    told = sorted([*told, *noise(dice, money)], key=lambda letter: letter.sent)
    found = facts(told)
    events = {
        fact.id: letter.event
        for fact, letter in zip(found, told, strict=True)
        if letter.event is not None and letter.notice.kind == "card-cancelled"
    }
    return World(who, tuple(found), tuple(bought), tuple(money.credits), events)


def worlds(disputes: int, *, first: int = 1) -> Iterator[World]:
    """Worlds one after the other until they hold that many disputes."""
    seen = 0
    seed = first
    while seen < disputes:
        made = world(seed)
        seen += made.disputes
        seed += 1
        yield made
