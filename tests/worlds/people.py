"""Who buys: how often, in which currency, with which cards, and what their issuers tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True, slots=True)
class Card:
    """A card and how its issuer writes.

    Attributes:
        issuer: as notices name it.
        digits: as texts print them.
        pushed: as the app prints them, which may be another way.
        currency: of the account behind it.
        prints: the currency of its texts; another one than the account's when they show the original sum.
        merchant: how it prints the shop.
        tells_charges: whether approvals reach the mailbox.
        tells_time: whether cancellations print a time.
        app: whether an app tells everything a second time.
        dcc: whether the shop converts into the account's currency, for a price.
    """

    issuer: str
    digits: str
    pushed: str
    currency: str
    prints: str
    merchant: str
    tells_charges: bool
    tells_time: bool
    app: bool
    dcc: bool


@dataclass(frozen=True, slots=True)
class Buyer:
    """One mailbox.

    Attributes:
        currency: in which the shop shows prices and promises.
        orders_a_year: how much is bought.
        disputed: which share of the orders is disputed.
        popular: which share of the prices is one of a few popular ones.
        cards: the first is used most.
        careless: whether mail gets lost more often than elsewhere.
    """

    currency: str
    orders_a_year: int
    disputed: float
    popular: float
    cards: tuple[Card, ...]
    careless: bool


_HOMES: Final = (("KRW", "KRW", 50), ("USD", "KRW", 25), ("USD", "USD", 8), ("EUR", "EUR", 7),
                 ("USD", "EUR", 6), ("USD", "RUB", 4))  # fmt: skip
_ISSUERS: Final = {
    "KRW": ("kr.shinhan", "kr.samsung", "kr.kb", "kr.hyundai", "kr.woori", "kr.hana"),
    "USD": ("us.chase",),
    "EUR": ("de.ing", "paypal"),
    "RUB": ("ru.sberbank", "ru.tbank"),
}
_MERCHANTS: Final = ("AliExpress", "ALIEXPRESS.COM", "ALIEXPRESS", "ALIEXPRE", "알리익스프레스",
                     "ALIEXPRESS.COM Luxembourg", "WWW.ALIEXPRESS.COM LONDON")  # fmt: skip


def buyer(dice: Random) -> Buyer:
    """Somebody with 1 to 200 orders a year."""
    currency, home, _ = dice.choices(_HOMES, [weight for *_, weight in _HOMES])[0]
    cards = tuple(_card(dice, home, currency) for _ in range(dice.choices((1, 2, 3), (60, 30, 10))[0]))
    return Buyer(
        currency=currency,
        orders_a_year=round(200 ** dice.random()),
        disputed=dice.choice((0.08, 0.15, 0.3)),
        popular=dice.choice((0.1, 0.3, 0.5)),
        cards=cards,
        careless=dice.random() < 0.2,
    )


def _card(dice: Random, home: str, shop: str) -> Card:
    digits = f"{dice.randrange(10_000):04d}"
    original = home != shop and dice.random() < 0.4
    return Card(
        issuer=dice.choice(_ISSUERS[home]),
        digits=digits,
        pushed=dice.choice((digits, f"{digits[0]}*{digits[2]}*")),
        currency=home,
        prints=shop if original else home,
        merchant=dice.choice(_MERCHANTS),
        tells_charges=dice.random() < 0.7,
        tells_time=dice.random() < 0.8,
        app=dice.random() < 0.25,
        dcc=home != shop and not original and dice.random() < 0.25,
    )
