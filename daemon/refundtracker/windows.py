"""The refund window: when money of each payment method is due, in business days of the issuer's country."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from refundtracker.calendars import NO_DAYS, Days, calendar_of, has_table, nth_in_both
from refundtracker.disputes import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Grade = Literal["A", "I", "user"]

CHARGEBACK_AFTER_PAYMENT = timedelta(days=120)
CHARGEBACK_AFTER_OPENING = timedelta(days=60)
# The shop sends from there; while its banks rest, nothing may leave.
_SENDER: Final = "CN"


@dataclass(frozen=True, slots=True)
class Rule:
    """When money of one payment method is due, in business days after the promise.

    Attributes:
        due: last day on which waiting is normal.
        overdue: last day of what AliExpress announces for the method.
        escalate: the day to write to AliExpress again, with a statement.
        note: what the buyer should know about this way of paying; may be empty.
        source: A = a text of AliExpress says so, I = our own default, user = set in the
            configuration. Only the first two numbers can rest on a text; `escalate` is always ours.
    """

    due: int
    overdue: int
    escalate: int
    note: str
    source: Grade

    def __post_init__(self) -> None:
        if not 1 <= self.due <= self.overdue <= self.escalate:
            found = f"{self.due}, {self.overdue}, {self.escalate}"
            raise ValueError(f"A refund rule needs 1 <= due <= overdue <= escalate, not {found}; correct it.")


#: The methods that are cards.
CARDS: Final = ("card", "card-domestic", "check-card")
_WIRE = "Paid into the Alipay account; the buyer has to move it on."
_EBANX = "A form asks for bank data; a partial refund never reaches the card."
_BALANCE = "Look in the Alipay account or the AliExpress balance, not at the bank."
_COUPON = "No card money: the dispute counts as compensated, and the coupon expires."

METHODS: Mapping[str, Rule] = MappingProxyType(
    {
        "card": Rule(7, 10, 20, "Goes back to the same card only.", "A"),
        "card-domestic": Rule(5, 10, 15, "Korean credit card under domestic rules.", "I"),
        "check-card": Rule(7, 10, 15, "Korean check card under domestic rules.", "I"),
        "paypal": Rule(5, 10, 22, "The part paid by card behind PayPal takes up to 30 days.", "I"),
        "alipay": Rule(1, 3, 10, _BALANCE, "I"),
        "balance": Rule(1, 3, 10, _BALANCE, "I"),
        "bonus": Rule(1, 5, 10, _COUPON, "I"),
        "coupon": Rule(1, 5, 10, _COUPON, "I"),
        "cash": Rule(10, 20, 30, _WIRE, "I"),
        "western-union": Rule(10, 20, 30, _WIRE, "I"),
        "wire": Rule(10, 20, 30, _WIRE, "I"),
        "boleto": Rule(15, 20, 40, _EBANX, "I"),
        "ebanx": Rule(15, 20, 40, _EBANX, "I"),
        "pix": Rule(2, 7, 15, "", "I"),
        "carrier": Rule(2, 7, 15, "Korean mobile carrier billing.", "I"),
        "klarna": Rule(5, 10, 20, "", "I"),
        "ideal": Rule(5, 10, 20, "", "I"),
        "bancontact": Rule(5, 10, 20, "", "I"),
    }
)


def window(
    starts_on: date,
    *,
    country: str,
    method: str = "card",
    days_off: Days = NO_DAYS,
    days_on: Days = NO_DAYS,
    rule: Rule | None = None,
) -> Window:
    """Count the refund window of one promise.

    Args:
        starts_on: local date of the promise; does not count itself.
        country: of the card issuer, two letters.
        method: a key of `METHODS`.
        days_off: the user's own days that do not count.
        days_on: the user's own days that do.
        rule: the user's own numbers for the method; those of `METHODS` when None.

    Raises:
        ValueError: unknown country or method, or a date that is both off and on.
    """
    rule = rule or rule_of(method)
    calendar = calendar_of(country, days_off, days_on)
    overdue_on = calendar.nth_after(starts_on, rule.overdue)
    latest_on = _latest(starts_on, calendar.country, rule.overdue, days_off, days_on)
    return Window(
        starts_on=starts_on,
        due_on=calendar.nth_after(starts_on, rule.due),
        overdue_on=overdue_on,
        escalate_on=calendar.nth_after(starts_on, rule.escalate),
        latest_on=latest_on if latest_on > overdue_on else None,
        calendar=calendar.country,
        method=method,
        table=calendar.version,
    )


@lru_cache(maxsize=4096)
def _latest(start: date, country: str, n: int, days_off: Days, days_on: Days) -> date:
    """The last plausible day: business day `n` when also the holidays of the sender's country count."""
    return nth_in_both(calendar_of(country, days_off, days_on), calendar_of(_SENDER), start, n)


def country_of(issuers: Iterable[str | None], otherwise: str) -> str:
    """Whose business days count: the country of the first issuer that has one (`kr.shinhan`: KR)."""
    for issuer in issuers:
        country, dot, _ = (issuer or "").partition(".")
        if dot and has_table(country):
            return calendar_of(country).country
    return otherwise


def method_of(issuers: Iterable[str | None], otherwise: str) -> str:
    """How an order was paid, as its issuers tell: a wallet is a method by its own name, a card is one, too.

    What kind of card it is tells no notice, so a user's default among the kinds of cards stays.
    """
    for issuer in issuers:
        if issuer and issuer in METHODS:
            return issuer
        if issuer and "." in issuer:
            return otherwise if otherwise in CARDS else "card"
    return otherwise


def rule_of(method: str) -> Rule:
    """The shipped rule of a payment method.

    Raises:
        ValueError: no such method; the sentence lists those there are.
    """
    try:
        return METHODS[method]
    except KeyError:
        raise ValueError(f'Unknown payment method "{method}"; use one of: {", ".join(METHODS)}.') from None


def chargeback_by(paid_on: date | None, opened_on: date | None) -> date | None:
    """The day by which a chargeback has to be asked for; None when neither date is known.

    120 days from the payment (Visa reason 13.6, Korea Consumer Agency). With the
    payment day unknown it is 60 days from the opening of the dispute: an estimate
    on the safe side, to be labelled as one.
    """
    clock = CHARGEBACK_AFTER_PAYMENT if paid_on else CHARGEBACK_AFTER_OPENING
    begin = paid_on or opened_on
    return begin and begin + min(clock, date.max - begin)
