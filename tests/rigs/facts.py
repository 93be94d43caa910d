"""Notices as the store hands them out, written in one line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from refundparsers.money import Money, parse_money
from refundparsers.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refundparsers.notices import Kind

ORDER = "8012345678901234"


@dataclass(frozen=True, slots=True)
class Told:
    """A stored notice."""

    id: int
    mail_date: datetime | None
    notice: Notice


def told(kind: Kind, day: str, **values: Any) -> Told:
    """A notice of AliExpress, or of a card for the kinds that are a card's; noon UTC of its day.

    `money` is printed money, `mailed` the day of the mail when it is another one.
    """
    card = kind in ("card-charged", "card-cancelled", "refund-announced", "authorisation-expired")
    mailed = date.fromisoformat(values.pop("mailed", day))
    at = datetime.combine(mailed, time(12), tzinfo=UTC)
    money = values.pop("money", None)
    defaults: dict[str, Any] = (
        {"source": "card", "issuer": "kr.shinhan", "card": "1234", "merchant": "AliExpress"}
        if card
        else {"source": "aliexpress", "order": ORDER, "at": at}
    )
    defaults["form"] = "test"
    notice = Notice(
        kind=kind,
        on=date.fromisoformat(day),
        money=_money(money),
        **{**defaults, **values},
    )
    return Told(0, at, notice)


def _money(printed: str | None) -> Money | None:
    if printed is None:
        return None
    money = parse_money(printed)
    assert money is not None, printed
    return money


def numbered(facts: Iterable[Told]) -> list[Told]:
    """The notices in the order of their arrival."""
    return [replace(fact, id=number) for number, fact in enumerate(facts, start=1)]
