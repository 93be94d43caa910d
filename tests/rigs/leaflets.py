"""A second kind of invented AliExpress mails: dressed as marketing, with values in every odd place.

Written apart from `layouts`, so that what is taught well there is tried on something else: values
split over elements, labels below their values or in a row above them, order numbers with `#` or in
links only, long dates with weekdays, totals beside refunds, banners that come and go, and advert
tails that are absent, short or long. Nothing here was ever seen.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, cached_property
from importlib import resources
from random import Random
from typing import TYPE_CHECKING, Any, Final

from refundparsers.money import Money, exponent
from rigs.leaflet_page import Flyer, Style, html_flyer, plain_flyer
from rigs.sample import ME, PROVEN, TRANSACTION

if TYPE_CHECKING:
    from collections.abc import Mapping

# Kinds by the names of the file; `rejected` is a dispute that finished without a refund.
KINDS: Final[Mapping[str, str]] = {
    "finished": "dispute-finished",
    "sent": "refund-sent",
    "offer": "proposal",
    "opened": "dispute-opened",
    "rejected": "dispute-finished",
    "evidence": "evidence-requested",
    "chat": "seller-message",
}
_PAYING: Final = ("finished", "sent", "offer")
_WAITING: Final = ("offer", "evidence")
_RIGHT_TO_LEFT: Final = ("ar", "he")
_ITEMS: Final = (
    "20pcs WAGO 221 connector, 2/3/5 pin",
    "Kids' raincoat (blue) - size 110",
    "Mini PC N100 16GB 512GB SSD",
    "Насос 12В для аквариума",
    "Coque & verre trempé",
    "케이블 정리함 3개입",
    "ノートPCスタンド アルミ製",
    "8.8 inch tablet case",
)
_SHOPS: Final = (
    "Blue Whale Official Store",
    "KZ-AUDIO",
    "Shop911203344 Store",
    "ООО Ромашка",
    "华强北 Store",
    "M&D",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one mail says.

    Attributes:
        fields: by the keys of the JSON contract; only what the mail prints or links.
        printed: as the mail prints them, by label; `total` and `asked` are nobody's promise.
        name: of the buyer.
        mailed: when it was sent.
        banner: the line that comes and goes, filled, or None.
        tail: decides links and adverts.
        adverts: how many products stand below; 0 for none, and no heading.
    """

    fields: Mapping[str, str]
    printed: Mapping[str, str]
    name: str
    mailed: datetime
    banner: str | None
    tail: int
    adverts: int


@dataclass(frozen=True)
class Leaflet:
    """One fixed wording and look, drawn from a language and a number.

    Attributes:
        language: one of the file's.
        seed: any number; the kind goes round with it.
    """

    language: str
    seed: int

    @property
    def told(self) -> str:
        """Its kind by the names of the file."""
        return tuple(KINDS)[self.seed % len(KINDS)]

    @property
    def kind(self) -> str:
        """Its kind by the JSON contract."""
        return KINDS[self.told]

    @cached_property
    def style(self) -> Style:
        """How its mails look."""
        return Style.drawn(self._random("style"), rtl=self.language in _RIGHT_TO_LEFT)

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """The labelled values, in their order."""
        rng = self._random("rows")
        always = ["order"] if self.style.order in ("row", "hash") else []
        always += ["money"] if self.told in _PAYING else []
        always += ["act_by"] if self.told in _WAITING else []
        some = rng.sample(("item", "seller", "on", "dispute", "total", "paid"), rng.randint(0, 4))
        return tuple(rng.sample(both := [*always, *some], len(both)))

    def facts(self, seed: int) -> Facts:
        """What one of its mails says."""
        rng = self._random(f"facts {seed}")
        mailed = datetime(2026, 1, 7, 9, 41, tzinfo=UTC) + timedelta(minutes=rng.randrange(300 * 24 * 60))
        days = {
            "on": mailed.date() - timedelta(days=rng.randint(0, 2)),
            "act_by": mailed.date() + timedelta(days=rng.randint(1, 20)),
        }
        sums = {name: self._money(rng) for name in ("money", "total", "asked")}
        if rng.random() < 0.3:  # all of it comes back
            sums["total"] = sums["money"]
        printed = {
            "order": rng.choice(("80", "81", "30", "11")) + _digits(rng, 14),
            "dispute": rng.choice(("", "6")) + _digits(rng, 15),
            "item": rng.choice(_ITEMS),
            "seller": rng.choice(_SHOPS),
            "paid": rng.choice(("VISA **** 4471", "PayPal", "MasterCard 5412 **** 0093")),
            **{name: self._day(day) for name, day in days.items()},
            **{name: self._printed(money) for name, money in sums.items()},
        }
        return Facts(
            fields=self._fields(printed, sums["money"], days),
            printed=printed,
            name=rng.choice(self._words["names"]),
            mailed=mailed,
            banner=rng.choice((*self._words["banner"], "Choice Day")).format(n=rng.randint(5, 95))
            if rng.random() < 0.5
            else None,
            tail=rng.randrange(2**32),
            adverts=rng.choice((0, 2, 6, 14)) if self.style.adverts else 0,
        )

    def mail(self, facts: Facts) -> bytes:
        """A mail of this leaflet, the sender proven."""
        return self._mail(self.told, facts)

    def neighbours(self, seed: int) -> tuple[tuple[str, bytes], ...]:
        """Mails of the other kinds in the same dress, and a reminder that is none."""
        others = [told for told in (*KINDS, "reminder") if told != self.told]
        return tuple((told, self._mail(told, self.facts(seed + at))) for at, told in enumerate(others))

    # --- inside ---------------------------------------------------------------------------------

    @property
    def _words(self) -> Mapping[str, Any]:
        words: Mapping[str, Any] = wordings()[self.language]
        return words

    def _random(self, purpose: str) -> Random:
        return Random(f"leaflet {self.language} {self.seed} {purpose}")

    def _fields(self, printed: Mapping[str, str], money: Money, days: Mapping[str, date]) -> dict[str, str]:
        shown = [name for name in self.rows if name in ("item", "seller", "dispute")]
        fields = {"order": printed["order"], **{name: printed[name] for name in shown}}
        if self.told in _PAYING:
            fields |= {"amount": money.amount, "currency": money.currency}
        said = (*self.rows, *(("act_by",) if self.told in _WAITING else ()))
        fields |= {name: day.isoformat() for name, day in days.items() if name in said}
        return fields | ({"result": "rejected"} if self.told == "rejected" else {})

    @cached_property
    def _unit(self) -> tuple[str, str, str]:
        unit = self._random("money").choice(self._words["money"])
        return unit[0], unit[1], unit[2]

    def _money(self, rng: Random) -> Money:
        digits = exponent(self._unit[0])
        size = rng.choice((rng.randint(1, 99), rng.randint(100, 9_999), rng.randint(10_000, 250_000)))
        return Money(size if digits else size * 10, self._unit[0])

    def _printed(self, money: Money) -> str:
        _, shape, marks = self._unit
        whole, _, rest = money.amount.partition(".")
        number = f"{int(whole):,}".replace(",", marks[0])
        return str(shape).replace("#", f"{number}{marks[1]}{rest}" if rest else number)

    def _day(self, day: date) -> str:
        shape: str = self._random("days").choice(self._words["days"])
        return shape.format(
            d=day.day, dd=f"{day.day:02d}", m=day.month, mm=f"{day.month:02d}", y=day.year,
            mon=self._words["months"].split()[day.month - 1], wday=self._words["week"].split()[day.weekday()],
        )  # fmt: skip

    def _mail(self, told: str, facts: Facts) -> bytes:
        flyer = self._flyer(told, facts)
        mail = EmailMessage(policy=SMTP)
        mail["Authentication-Results"] = PROVEN + TRANSACTION.partition("@")[2]
        mail["From"] = f"AliExpress <{TRANSACTION}>"
        mail["To"] = ME if self.style.shy else f'"{facts.name}" <{ME}>'
        mail["Subject"] = self._subject(told, facts)
        mail["Date"] = format_datetime(facts.mailed)
        mail["Message-ID"] = f"<{facts.tail:x}.{facts.printed['order']}@notice.aliexpress.com>"
        mail["List-Unsubscribe"] = "<https://www.aliexpress.com/unsubscribe.htm>"
        if self.style.plain != "none":
            mail.set_content(plain_flyer(flyer, self.style), cte=self.style.encoding)
            mail.add_alternative(html_flyer(flyer, self.style), subtype="html", cte=self.style.encoding)
            mail.set_boundary(f"b1_{facts.tail:x}")
        else:
            mail.set_content(html_flyer(flyer, self.style), subtype="html", cte=self.style.encoding)
        return mail.as_bytes()

    def _subject(self, told: str, facts: Facts) -> str:
        head = self._words["kind"][told][0]
        shapes = (
            "{head}",
            "[AliExpress] {head}",
            "{head} – {order}",
            "{name}: {head}",
            "{news}",
            "#{order} {news}",
            "{head}: {item}",
        )
        shape = self._random("subject").choice(
            shapes if self.style.order != "subject" else ("{head} – {order}", "#{order} {news}")
        )
        item = facts.printed["item"]
        return shape.format(
            head=head,
            order=facts.printed["order"],
            name=facts.name,
            news=self._words["news"][0],
            item=item if len(item) < 24 else f"{item[:20]}...",
        )

    def _flyer(self, told: str, facts: Facts) -> Flyer:
        rng, words = self._random("words"), self._words
        head, say, prose = words["kind"][told]
        printed = facts.printed
        label = words["label"]
        rows = [(name, label[name], printed[name]) for name in self.rows]
        if told not in _PAYING:
            rows = [
                ("asked", label["asked"], printed["asked"]) if name == "money" else (name, *rest)
                for name, *rest in rows
            ]
        filled = prose.format(
            order=printed["order"], money=printed["money"], by=printed["act_by"], asked=printed["asked"]
        )
        talks = self.style.block == "prose"
        if talks:
            rows = [row for row in rows if row[0] not in ("order", "money", "act_by", "asked")]
        quote = f"„{Random(facts.tail).choice(_SAYINGS)}“" if told == "chat" else None
        return Flyer(
            hi=rng.choice(words["hi"]).format(name=facts.name),
            head=head,
            says=tuple(each for each in ((filled,) if talks else (say,)) if each)
            + ((quote,) if quote else ()),
            rows=tuple(rows),
            order=printed["order"],
            order_label=label["order"],
            history=self._history(facts) if self.style.history else (),
            banner=facts.banner,
            more=words["more"] if facts.adverts else None,
            prices=tuple(self._printed(self._money(Random(facts.tail + n))) for n in range(facts.adverts)),
            foot=words["foot"],
            leave=words["leave"],
            button=words["button"],
            pre=words["pre"],
            tail=facts.tail,
        )

    def _history(self, facts: Facts) -> tuple[str, ...]:
        """What happened before, in the words of other kinds."""
        days = (facts.mailed.date() - timedelta(days=back) for back in (9, 6))
        heads = (self._words["kind"][told][0] for told in ("opened", "evidence"))
        return tuple(line for day, head in zip(days, heads, strict=True) for line in (self._day(day), head))


_SAYINGS: Final = (
    "Dear friend, we sent it again, please wait.",
    "Sorry! Can we refund 3.00 USD?",
    "您好，已经为您补发。",
    "Please close the dispute, my friend :)",
)


@cache
def wordings() -> dict[str, Any]:
    """The words of all languages."""
    return tomllib.loads((resources.files("rigs") / "leaflets.toml").read_text(encoding="utf-8"))


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count - 1)) + rng.choice("123456789")
