"""What a mailbox is told of all that: notices late, lost, doubled, and with more or less detail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from refundparsers.notices import Notice
from rigs.facts import Told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from refundparsers.notices import Kind
    from worlds.people import Buyer
    from worlds.purchases import Order, Quarrel
    from worlds.refunds import Movement, Till


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice and when its mail was sent.

    Attributes:
        sent: moment of the mail.
        notice: what it says.
        event: the credit that it tells of, by its place in `Till.credits`; None for everything else.
    """

    sent: datetime
    notice: Notice
    event: int | None = None


def letters(dice: Random, buyer: Buyer, orders: list[Order], till: Till) -> list[Letter]:
    """All mail of a buyer that arrives, by the day it was sent."""
    loss = 0.08 if buyer.careless else 0.02
    told = [each for order in orders for each in _shop(dice, order) if dice.random() > loss]
    texts = list(_texts(dice, till))
    down = [orders[0].paid_at + timedelta(days=dice.randrange(730)) for _ in range(1 + 2 * buyer.careless)]
    for letter in texts:
        if dice.random() <= loss:
            continue
        dark = any(start <= letter.sent <= start + timedelta(days=8) for start in down)
        if dark and dice.random() < 0.5:
            continue  # the phone was off for good
        told.append(replace(letter, sent=letter.sent + timedelta(days=9)) if dark else letter)
    return sorted(told, key=lambda letter: letter.sent)


# --- the shop ----------------------------------------------------------------------------------


def _shop(dice: Random, order: Order) -> Iterator[Letter]:
    if order.fate != "unpaid":
        yield _said("order-paid", order, order.paid_at, money=order.price)
    if order.closed_at:
        yield _said("order-closed", order, order.closed_at)
        return
    shipped = order.paid_at + timedelta(hours=dice.randrange(8, 24 * 5))
    yield _said("order-shipped", order, shipped)
    if order.fate == "kept":
        yield _said("order-delivered", order, shipped + timedelta(days=dice.randrange(6, 40)))
    numbered = len(order.quarrels) > 1 or dice.random() < 0.3
    for quarrel in order.quarrels:
        yield from _quarrel(dice, order, quarrel, quarrel.number if numbered else None)


def _quarrel(dice: Random, order: Order, quarrel: Quarrel, number: str | None) -> Iterator[Letter]:
    opened = min(quarrel.finished_at - timedelta(seconds=2), _noon(quarrel))
    if dice.random() < 0.9:
        yield _said("dispute-opened", order, opened, dispute=number)
    if quarrel.ended == "running":
        return
    if quarrel.ended == "withdrawn":
        yield _said("dispute-withdrawn", order, quarrel.finished_at, dispute=number)
        return
    silent = dice.random() < 0.07
    finished = _said(
        "dispute-finished",
        order,
        quarrel.finished_at,
        dispute=number,
        result=None if silent else quarrel.ended,
        money=None if silent or dice.random() < 0.05 else quarrel.promised,
    )
    # Opened and finished may arrive in the wrong order.
    yield replace(finished, sent=finished.sent - timedelta(seconds=dice.choice((0, 0, 0, 4))))
    if quarrel.sent_at:
        money = quarrel.promised if dice.random() < 0.5 else None
        yield _said("refund-sent", order, quarrel.sent_at, dispute=number, money=money)


def _noon(quarrel: Quarrel) -> datetime:
    day = quarrel.opened_on
    return quarrel.finished_at.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0)


def _said(kind: Kind, order: Order, at: datetime, **values: object) -> Letter:
    notice = Notice(kind=kind, source="aliexpress", form="mail", on=at.date(), order=order.number, at=at)
    return Letter(at, replace(notice, **values))  # type: ignore[arg-type]


# --- the card ----------------------------------------------------------------------------------


def _texts(dice: Random, till: Till) -> Iterator[Letter]:
    for charge in till.charges:
        if charge.card.tells_charges:
            yield _text("card-charged", charge, form="text")
    for expired in till.expired:
        yield _text("authorisation-expired", expired, form="text")
    for event, credit in enumerate(till.credits):
        yield from (replace(each, event=event) for each in _credit(dice, credit))


def _credit(dice: Random, credit: Movement) -> Iterator[Letter]:
    """One credit, told once or several times, never twice with the same precision by chance."""
    if dice.random() < 0.03:
        early = credit.at - timedelta(days=dice.randrange(1, 5))
        yield replace(_text("refund-announced", credit, form="announced"), sent=early)
    text = _text("card-cancelled", credit, form="text")
    if not credit.card.tells_time or credit.printed_on != credit.at.date():
        text = replace(text, notice=replace(text.notice, at=None))
    late = timedelta(days=dice.randrange(1, 6)) if dice.random() < 0.05 else timedelta(minutes=1)
    yield replace(text, sent=credit.at + late)
    if dice.random() < 0.05:  # sent again
        yield replace(text, sent=credit.at + late + timedelta(days=dice.randrange(4)))
    if credit.card.app:
        push = replace(text.notice, form="push", card=credit.card.pushed)
        push = replace(push, at=None) if dice.random() < 0.4 else push
        push = replace(push, merchant=None) if dice.random() < 0.3 else push
        yield Letter(credit.at + timedelta(minutes=dice.randrange(90)), push)


def _text(kind: Kind, movement: Movement, *, form: str) -> Letter:
    merchant = movement.card.merchant if movement.merchant is None else movement.merchant or None
    notice = Notice(
        kind=kind,
        source="card",
        form=form,
        on=movement.printed_on,
        at=movement.at,
        money=movement.money,
        issuer=movement.card.issuer,
        card=movement.card.digits,
        merchant=merchant,
        order=movement.order,
    )
    return Letter(movement.at, notice)


def noise(dice: Random, till: Till) -> Iterator[Letter]:
    """Cancellations at other shops, some of a sum that is waited for."""
    for credit in till.credits:
        if dice.random() < 0.2:
            at = credit.at + timedelta(days=dice.randrange(-20, 20))
            other = replace(credit, at=at, printed_on=at.date(), merchant="쿠팡", order=None)
            yield _text("card-cancelled", other, form="text")


def facts(told: list[Letter]) -> list[Told]:
    """The notices as the store hands them out, numbered by their arrival."""
    return [Told(number, each.sent, each.notice) for number, each in enumerate(told, start=1)]
