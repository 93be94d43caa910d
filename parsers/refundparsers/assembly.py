"""The printed values of one fit, put together into a notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, cast

from refundparsers.dates import local_day, moment, parse_day, parse_time
from refundparsers.money import currency_code, parse_amount, parse_money
from refundparsers.notices import Notice
from refundparsers.slots import SLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, tzinfo

    from refundparsers.forms import Form
    from refundparsers.money import Money
    from refundparsers.notices import Result


class Malformed(ValueError):
    """A value that cannot be read with certainty; the sentence names it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a message was sent, for what it does not print itself.

    Attributes:
        at: in UTC; of the mail, or of the text inside it when a forwarder tells. None if unknown.
        zone: of the reader; for days that are not printed and times without a zone.
    """

    at: datetime | None
    zone: tzinfo

    def day(self, zone: tzinfo | None = None) -> date | None:
        """The day in the zone of the issuer, else of the reader."""
        return local_day(self.at, zone or self.zone) if self.at else None


Printed = "Mapping[str, tuple[str, ...]]"


def assemble(form: Form, printed: Mapping[str, tuple[str, ...]], sent: Moment) -> Notice:
    """One notice from the printed values.

    Raises:
        Malformed: a value stands twice and differs, or cannot be read, or no day is known.
    """
    assert form.kind is not None
    text = _fields(printed)
    on, at = _when(form, text, sent)
    return Notice(
        kind=form.kind,
        source=form.source,
        form=form.name,
        on=on,
        at=at,
        order=text.get("order"),
        dispute=text.get("dispute"),
        item=text.get("item"),
        seller=text.get("seller"),
        result=cast("Result | None", text.get("result") or form.fixed.get("result")),
        money=_money(form, text),
        issuer=form.fixed.get("issuer"),
        card=text.get("card"),
        merchant=text.get("merchant"),
        act_by=_act_by(text["act_by"], sent.day(form.zone)) if "act_by" in text else None,
        reference=text.get("reference"),
    )


def _fields(printed: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Values by field; two slots of one field (`{won}` here, `{money}` there) must agree."""
    text: dict[str, str] = {}
    for name, texts in printed.items():
        field = SLOTS[name].field
        if field is None:
            continue
        value = _single(name, texts)
        if text.setdefault(field, value) != value:
            raise Malformed(f"{field} stands there twice, as {text[field]!r} and {value!r}")
    return text


def _single(name: str, texts: tuple[str, ...]) -> str:
    read = dict.fromkeys(map(SLOTS[name].read, texts))
    if None in read:
        raise Malformed(f"{name} could not be read: {texts[0][:40]!r}")
    if len(read) > 1:
        raise Malformed(
            f"{name} stands there twice, as {' and '.join(repr(value) for value in list(read)[:3])}"
        )
    (value,) = read
    assert value is not None
    return value


def _money(form: Form, text: Mapping[str, str]) -> Money | None:
    if "money" in text:
        found = parse_money(text["money"])
        printed = text["money"]
    elif "amount" in text:
        unit = text.get("currency") or form.fixed.get("currency")
        code = currency_code(unit) if unit else None
        found = parse_amount(text["amount"], code) if code else None
        printed = f"{text['amount']} {unit or ''}".strip()
    else:
        return None
    if found is None or found.minor <= 0:
        raise Malformed(f"the amount could not be read: {printed[:40]!r}")
    return found


def _when(form: Form, text: Mapping[str, str], sent: Moment) -> tuple[date, datetime | None]:
    mailed_on = sent.day(form.zone)
    variant = "dmy" if "on:dmy" in text else ""
    printed = text.get("on:dmy") or text.get("on")
    if printed is None:
        return _unprinted(form, text, sent)
    on = parse_day(printed, mailed_on, variant)
    if on is None:
        raise Malformed(f"the day could not be read: {printed[:40]!r}")
    clock = parse_time(text["time"]) if "time" in text else None
    if clock is None:
        return on, None
    at = moment(on, clock, form.zone or sent.zone)
    # The shop prints the time of California; the reader lives, and counts business days, elsewhere.
    return local_day(at, sent.zone) if form.source == "aliexpress" else on, at


def _unprinted(form: Form, text: Mapping[str, str], sent: Moment) -> tuple[date, datetime | None]:
    """The moment of the message, or the last one before it at which the printed time was shown."""
    today = sent.day()
    if sent.at is None or today is None:
        raise Malformed("neither the text nor the mail tells a day")
    clock = parse_time(text["time"]) if "time" in text else None
    if clock is None:
        return today, sent.at.astimezone(UTC)
    zone = form.zone or sent.zone
    # clocks differ a little, and a text may be a few minutes ahead of its mail
    latest = sent.at + timedelta(minutes=10)
    days = (local_day(latest, zone) - timedelta(days=back) for back in range(2))
    return next((day, at) for day in days if (at := moment(day, clock, zone)) <= latest)


def _act_by(printed: str, mailed_on: date | None) -> date:
    found = parse_day(printed, mailed_on, ahead=True)
    if found is None:
        raise Malformed(f"the day could not be read: {printed[:40]!r}")
    return found
