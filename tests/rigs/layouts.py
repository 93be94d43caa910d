"""Invented dispute mails of AliExpress in many layouts, for tests of forms that people teach.

A layout is drawn from a language and a seed and then stays as it is; its mails differ in what
differs between real mails: order, amount, day, item, names, adverts, tracking tokens, and a promo
line that comes and goes. No genuine dispute mail is public, so nothing here was ever seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Final, Literal

from rigs.letterhead import Letter, Look, Row, html_page, plain_page
from rigs.sample import ME, PROVEN, TRANSACTION
from rigs.wordings import LANGUAGES, Style, Wording, printed_day, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refundparsers.money import Money

__all__ = ["KINDS", "LANGUAGES", "Layout", "Neighbour", "Values"]

Kind = Literal["dispute-finished", "refund-sent", "proposal", "return-requested", "dispute-opened"]
KINDS: Final[tuple[Kind, ...]] = (
    "dispute-finished", "refund-sent", "proposal", "return-requested", "dispute-opened",
)  # fmt: skip
#: Kinds that no form is taught for, but that look the same.
BESIDE: Final = ("rejected", "reminder", "survey")
# Fields that a mail of the kind always prints, and those it may print.
_FIELDS: Final[Mapping[Kind, tuple[str, str]]] = {
    "dispute-finished": ("order money", "on item seller dispute"),
    "refund-sent": ("order money", "on item seller"),
    "proposal": ("order money act_by", "dispute seller item"),
    "return-requested": ("order money act_by", "item seller"),
    "dispute-opened": ("order dispute", "on item seller"),
}
_PROMISING: Final = ("dispute-finished", "refund-sent", "proposal", "return-requested")
_ITEMS: Final = (
    "ESP32-C3 board (2 pcs) 3.3V",
    "M3 볼트 너트 세트 18개",
    "Kabel USB-C 1,5 m & 65 W",
    "Чехол для телефона, чёрный",
    "LED strip 5 m, 12V <waterproof>",
    "无线耳机 Pro 2",
    "Conector 1/4'' 10 Stück",
)
_SELLERS: Final = (
    "Lucky Parts Store",
    "Shop1102345678 Store",
    "Bolt & Nut Official Store",
    "深圳 Tools",
    "A+B",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What one mail says and its sisters say otherwise; None for what its layout does not print.

    Attributes:
        order: order number.
        money: the amount, exact.
        on: the day of the decision.
        act_by: the deadline.
        dispute: dispute number.
        item: what was bought.
        seller: the shop's name.
        printed: order, money, on, act_by, dispute, item, seller as the mail prints them, and `asked`,
            an amount that is nobody's promise.
        name: of the buyer.
        mailed: when the mail was sent.
        promo: whether the line that comes and goes is there.
        tail: decides adverts and tracking tokens.
    """

    order: str
    money: Money | None
    on: date | None
    act_by: date | None
    dispute: str | None
    item: str | None
    seller: str | None
    printed: Mapping[str, str]
    name: str
    mailed: datetime
    promo: bool
    tail: int

    def fields(self) -> dict[str, str]:
        """The values by the keys of the JSON contract; only what the mail prints."""
        said = {
            "order": self.order,
            "amount": self.money.amount if self.money else None,
            "currency": self.money.currency if self.money else None,
            "on": self.on.isoformat() if self.on else None,
            "act_by": self.act_by.isoformat() if self.act_by else None,
            "dispute": self.dispute,
            "item": self.item,
            "seller": self.seller,
        }
        return {field: value for field, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A mail that looks like the layout's own and is of another kind.

    Attributes:
        kind: of what it is: another notice, `rejected`, `reminder` or `survey`.
        raw: the mail.
    """

    kind: str
    raw: bytes


@dataclass(frozen=True)
class Layout:
    """One fixed wording and look.

    Attributes:
        language: one of `LANGUAGES`.
        seed: any number; the kind goes round with it.
    """

    language: str
    seed: int

    @property
    def kind(self) -> Kind:
        """What its mails tell."""
        return KINDS[self.seed % len(KINDS)]

    @cached_property
    def look(self) -> Look:
        """How its mails look."""
        return Look.drawn(self._random("look"), self._words.direction)

    @cached_property
    def printed_fields(self) -> tuple[str, ...]:
        """What its mails print, in their order."""
        always, sometimes = (names.split() for names in _FIELDS[self.kind])
        rng = self._random("fields")
        if self.look.block == "prose":
            sometimes = [name for name in sometimes if name == "on"]
        some = rng.sample(sometimes, rng.randint(0, len(sometimes)))
        return tuple(rng.sample(fields := [*always, *some], len(fields)))

    def values(self, seed: int) -> Values:
        """What one of its mails says."""
        rng = self._random(f"values {seed}")
        mailed = datetime(2026, 1, 5, 8, 30, tzinfo=UTC) + timedelta(minutes=rng.randrange(150 * 24 * 60))
        style = self._style if rng.random() < 0.8 else rng.choice(self._words.styles)
        money = style.money(rng.choice((rng.randint(50, 9_999), rng.randint(10_000, 400_000))))
        on = mailed.date() - timedelta(days=rng.randint(0, 3))
        act_by = mailed.date() + timedelta(days=rng.randint(2, 15))
        texts = {
            "order": rng.choice(("30", "11", "80", "81", "82")) + _digits(rng, 14),
            "money": style.printed(money),
            "on": printed_day(on, self._day_style),
            "act_by": printed_day(act_by, self._day_style),
            "dispute": _digits(rng, 16),
            "item": rng.choice(_ITEMS),
            "seller": rng.choice(_SELLERS),
            "asked": style.printed(style.money(rng.randint(50, 99_999))),
        }
        told = {name: text for name, text in texts.items() if name in self.printed_fields}
        return Values(
            order=texts["order"],
            money=money if "money" in told else None,
            on=on if "on" in told else None,
            act_by=act_by if "act_by" in told else None,
            dispute=told.get("dispute"),
            item=told.get("item"),
            seller=told.get("seller"),
            printed=texts,
            name=rng.choice(self._words.all("names")),
            mailed=mailed,
            promo=rng.random() < 0.5,
            tail=rng.randrange(2**32),
        )

    def mail(self, values: Values) -> bytes:
        """A mail of this layout, as the provider delivers it: the sender proven."""
        return self._mail(self.kind, values)

    def neighbours(self, seed: int) -> tuple[Neighbour, ...]:
        """Mails of the other kinds in the same look; a form taught from this layout reads none."""
        return tuple(
            Neighbour(kind, self._mail(kind, replace(self.values(seed + number), promo=bool(number % 2))))
            for number, kind in enumerate((*KINDS, *BESIDE))
            if kind != self.kind
        )

    # --- inside ---------------------------------------------------------------------------------

    @property
    def _words(self) -> Wording:
        return wording(self.language)

    def _random(self, purpose: str) -> Random:
        return Random(f"{self.language} {self.seed} {purpose}")

    @cached_property
    def _style(self) -> Style:
        return self._random("money").choice(self._words.styles)

    @cached_property
    def _day_style(self) -> str:
        return self._random("days").choice(self._words.all("dates"))

    def _mail(self, kind: str, values: Values) -> bytes:
        letter = self._letter(kind, values)
        mail = EmailMessage(policy=SMTP)
        mail["Authentication-Results"] = PROVEN + TRANSACTION.partition("@")[2]
        mail["From"] = f"AliExpress <{TRANSACTION}>"
        mail["To"] = ME
        mail["Subject"] = self._subject(kind, values)
        mail["Date"] = format_datetime(values.mailed)
        mail["Message-ID"] = f"<{values.tail:08x}{values.order}@notice.aliexpress.com>"
        encoding = "base64" if self.look.base64 else "quoted-printable"
        page = html_page(letter, self.look)
        if self.look.plain_part:
            mail.set_content(plain_page(letter, self.look), cte=encoding)
            mail.add_alternative(page, subtype="html", cte=encoding)
            mail.set_boundary(f"----=_Part_{values.tail}")
        else:
            mail.set_content(page, subtype="html", cte=encoding)
        return mail.as_bytes()

    def _subject(self, kind: str, values: Values) -> str:
        rng = self._random("subject")
        generic = rng.choice(self._words.all("generic"))
        chosen = (self._words.about(kind)["subject"] + [generic])[rng.randrange(4)]
        return str(chosen.format(order=values.order))

    def _letter(self, kind: str, values: Values) -> Letter:
        rng = self._random("words")
        words, about, style = self._words, self._words.about(kind), self._style
        told = values.printed
        hello, promo, adverts = (rng.choice(words.all(name)) for name in ("hello", "promo", "adverts"))
        labels = {field: rng.choice(each) for field, each in words.words["label"].items()}
        headline = about["headline"][rng.randrange(2)]
        prose = self.look.block == "prose"
        sentences = [about["prose"].format(**told)] if prose else [about["outcome"]]
        if prose and "on" in self.printed_fields:
            sentences.append(words.one("on_line").format(**told))
        if "act_by" in self.printed_fields and (prose or rng.random() < 0.3):
            sentences.append(words.one("act_line").format(**told))
        count = values.tail % 90 + 10
        return Letter(
            hello=hello.format(name=values.name),
            headline=headline,
            sentences=tuple(sentences),
            rows=self._rows(kind, values, labels, rng),
            promo=promo.format(code=f"AE{values.tail % 10_000:04d}", count=count) if values.promo else None,
            adverts=adverts,
            order_label=labels["order"],
            prices=tuple(style.printed(style.money(99 + values.tail % (997 + n))) for n in range(8)),
            order=values.order,
            button=words.one("button"),
            footer=words.one("footer"),
            preheader=words.one("preheader"),
            tail=values.tail,
        )

    def _rows(self, kind: str, values: Values, labels: Mapping[str, str], rng: Random) -> tuple[Row, ...]:
        """The labelled values; another kind has the same ones, but promises money only when it does."""
        extra = rng.choice((None, *self._words.all("extra")))
        rows = []
        if self.look.block != "prose":
            rows = [Row(labels[name], values.printed[name], name) for name in self.printed_fields]
        elif values.dispute:
            rows = [Row(labels["dispute"], values.dispute, "dispute")]
        if kind not in _PROMISING:
            rows = [
                Row(labels["asked"], values.printed["asked"], "asked") if row.field == "money" else row
                for row in rows
            ]
            if kind == "dispute-opened" and self.look.block != "prose" and rng.random() < 0.5:
                rows.append(Row(labels["asked"], values.printed["asked"], "asked"))
        if extra and self.look.block != "prose":
            rows.append(
                Row(extra, f"{values.mailed:%H:%M:%S} / VISA ****{values.tail % 10_000:04d}", "extra")
            )
        return tuple(rows)


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count - 1)) + rng.choice("123456789")
