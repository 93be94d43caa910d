"""Messages that are no cancellation, no refund and no finished dispute, by the thousand and by chance.

`card_texts` are what banks and card companies send besides; `other_mails` is the rest of a mailbox:
spam, lures with the brand's name, lists, bounces, encrypted and broken mail, adverts and reminders of
AliExpress itself. Every message is made up, and the same for the same seed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from rigs.broken import BODIES, Part
from rigs.sample import AUTHSERV, ME, TRANSACTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Kinds of notices that none of these messages may become.
MOVES_MONEY: Final = (
    "card-cancelled", "refund-announced", "authorisation-expired", "refund-sent", "dispute-finished",
)  # fmt: skip
_WORDS: Final = Path(__file__).parent / "negative"


@dataclass(frozen=True, slots=True)
class Negative:
    """One message.

    Attributes:
        kind: its class, for counting: `card/decline`, `proven/html`; `+` where more stands in the mail.
        text: what it is about, for reports.
        raw: the mail.
    """

    kind: str
    text: str
    raw: bytes


def card_texts(count: int, seed: int = 0) -> Iterator[Negative]:
    """Texts of issuers at home and abroad, as phones forward them; every class in turn."""
    words = _words("cards")
    classes = [name for name in words if name not in {"footers", "shops"}]
    for number in range(count):
        rng = Random(f"card {seed} {number}")
        kind = classes[number % len(classes)]
        parts = [rng.choice(words[kind])]
        if rng.random() < 0.15:
            parts += ["", rng.choice(words[rng.choice(classes)])]
        if rng.random() < 0.35:
            parts.append(rng.choice(words["footers"]))
        text = filled("\n".join(parts), rng)
        if rng.random() < 0.5:
            text = f"[{rng.choice(('Web', '국제'))}발신]\n{text}"
        yield Negative(f"card/{kind}{'+' * (len(parts) > 1)}", text, rng.choice(_RELAYS)(text, rng))


def other_mails(count: int, seed: int = 0) -> Iterator[Negative]:
    """The rest of a mailbox; every pair of a sender and a kind of body in turn."""
    pairs = [(sender, body) for sender in _SENDERS for body in BODIES]
    for number in range(count):
        rng = Random(f"other {seed} {number}")
        sender, body = pairs[number % len(pairs)]
        headers, subjects = _SENDERS[sender](rng)
        words = _words("others")
        subject = filled(rng.choice(words[subjects]), rng)
        lines = [filled(line, rng) for line in rng.sample(words["sentences"], rng.randint(1, 6))]
        part = BODIES[body](lines, rng)
        raw = _mail([*headers, *_about(subject, rng)], part)
        yield Negative(f"{sender}/{body}", f"{subject}\n{lines[0]}", raw)


def filled(text: str, rng: Random) -> str:
    """A sentence with numbers, names and shops of its own."""
    shop = rng.choice(_words("cards")["shops"])
    moment = _when(rng)
    values: dict[str, Callable[[], str]] = {
        **{name: partial(draw, rng) for name, draw in _DRAWS.items()},
        "md": lambda: f"{moment:%m/%d}",
        "dmy": lambda: f"{moment:%d.%m.%y}",
        "hm": lambda: f"{moment:%H:%M}",
        "shop": lambda: shop,
    }
    for name, value in values.items():
        while f"{{{name}}}" in text:
            text = text.replace(f"{{{name}}}", value(), 1)
    return text


@cache
def _words(name: str) -> dict[str, list[str]]:
    return tomllib.loads((_WORDS / f"{name}.toml").read_text(encoding="utf-8"))


def _decimal(rng: Random) -> str:
    return f"{rng.randint(0, 2000)}.{rng.randint(0, 99):02d}"


def _when(rng: Random) -> datetime:
    return datetime(2026, 5, 19, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(10_000))


def _european(rng: Random) -> str:
    return _decimal(rng).replace(".", ",")


_DRAWS: Final[dict[str, Callable[[Random], str]]] = {
    "won": lambda rng: f"{rng.randint(1, 900_000):,}원",
    "usd": lambda rng: rng.choice(("USD {}", "US ${}", "USD{}", "US $ {}")).format(_decimal(rng)),
    "dollars": _decimal,
    "eur": lambda rng: rng.choice(("{} €", "{} EUR")).format(_european(rng)),
    "brl": lambda rng: f"R$ {_european(rng)}",
    "try": lambda rng: f"{_european(rng)} TL",
    "pln": lambda rng: f"{_european(rng)} zł",
    "rub": lambda rng: f"{rng.randint(1, 99)} {rng.randint(100, 999)},{rng.randint(10, 99)} ₽",
    "inr": lambda rng: f"{rng.randint(1, 99)},{rng.randint(100, 999)}.00",
    "yen": lambda rng: f"{rng.randint(100, 99_999):,}円",
    "card": lambda rng: rng.choice((f"{rng.randint(0, 9999):04d}", "1*2*", "3*5*")),
    "name": lambda rng: rng.choice(("홍*동", "김*수", "이*", "남궁*수")),
    "full": lambda rng: rng.choice(("홍길동", "김민수", "Kim Minsu")),
    "acct": lambda rng: f"110-***-{rng.randint(0, 999_999):06d}",
    "code": lambda rng: f"{rng.randint(0, 999_999):06d}",
    "points": lambda rng: f"{rng.randint(1, 99_999):,}",
    "order": lambda rng: f"80{rng.randrange(10**14):014d}",
}


# --- Senders: header lines, and which subjects they use ---------------------------------------------


def _verdict(word: str, domain: str) -> str:
    found = f"dkim={word} header.d={domain}; dmarc={word} header.from={domain}"
    return f"Authentication-Results: {AUTHSERV}; {found}"


def _stranger(rng: Random) -> tuple[list[str], str]:
    name = rng.choice(("Shop", "AliExpress", "transaction@notice.aliexpress.com", "Bob", "신한카드"))
    subjects = rng.choice(("spam", "phishing", "newsletter"))
    sender = f'"{_word(name)}" <sender{rng.randint(1, 99)}@example.org>'
    return [_verdict("pass", "example.org"), f"From: {sender}"], subjects


def _look_alike(rng: Random) -> tuple[list[str], str]:
    domain = rng.choice(
        (
            "notice.aliexpress.com.evil.example", "aliexpress.co", "notice-aliexpress.com",
            "aliexpress.com-refund.example", "xn--aliexpess-kib.com", "notice.aIiexpress.example",
            "aliexpress.comm.example", "notaliexpress.com",
        )
    )  # fmt: skip
    return [_verdict("pass", domain), f"From: AliExpress <transaction@{domain}>"], "phishing"


def _forged(rng: Random) -> tuple[list[str], str]:
    head = [_verdict(rng.choice(("fail", "none", "softfail")), "notice.aliexpress.com")]
    if rng.random() < 0.3:
        head = ["Authentication-Results: mx.evil.example; dmarc=pass header.from=notice.aliexpress.com"]
    return [*head, f"From: AliExpress <{TRANSACTION}>"], "phishing"


def _proven(rng: Random) -> tuple[list[str], str]:
    address = rng.choice(
        (
            TRANSACTION, TRANSACTION, TRANSACTION, "notice@info.aliexpress.com", "news@mail.aliexpress.com",
            "aliexpress@notice.aliexpress.com", "account@notice.aliexpress.com",
            "promotion@deals.aliexpress.com",
        )
    )  # fmt: skip
    return [_verdict("pass", address.partition("@")[2]), f"From: AliExpress <{address}>"], "proven"


def _allowed(rng: Random) -> tuple[list[str], str]:
    return [f"From: {ME}"], "private"


_SENDERS: Final[dict[str, Callable[[Random], tuple[list[str], str]]]] = {
    "stranger": _stranger,
    "look-alike": _look_alike,
    "forged": _forged,
    "proven": _proven,
    "allowed": _allowed,
}


# --- Mails ------------------------------------------------------------------------------------------


def _word(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8").encode()


def _about(subject: str, rng: Random) -> list[str]:
    return [
        f"To: {ME}",
        f"Subject: {_word(subject)}",
        f"Date: {format_datetime(_when(rng))}",
        f"Message-ID: <{rng.getrandbits(96):024x}@mail.example>",
        "MIME-Version: 1.0",
    ]


def _mail(headers: list[str], part: Part) -> bytes:
    return "\r\n".join([*headers, *part.headers]).encode() + b"\r\n\r\n" + part.body


def _sms_forwarder(text: str, rng: Random) -> bytes:
    stamp = f"{_when(rng):%Y-%m-%d %H:%M:%S}"
    lines = ["15447200", *text.split("\n"), "SIM1", "SubId：1", stamp, "SM-S911N"]
    part = Part(["Content-Type: text/html; charset=utf-8"], "<br>".join(lines).encode())
    return _mail([f"From: {ME}", *_about("15447200", rng)], part)


def _sms_backup(text: str, rng: Random) -> bytes:
    part = Part(
        ["X-smssync-address: 15881688", f"X-smssync-date: {_when(rng).timestamp() * 1000:.0f}",
         "Content-Type: text/plain; charset=utf-8"], text.encode()
    )  # fmt: skip
    return _mail([f"From: {ME}", *_about("[SMS] 15881688", rng)], part)


def _joined(text: str, rng: Random) -> bytes:
    part = Part(["Content-Type: text/plain; charset=utf-8"], " ".join(text.split()).encode())
    return _mail([f"From: {ME}", *_about("Forwarded SMS", rng)], part)


_RELAYS: Final = (_sms_forwarder, _sms_forwarder, _sms_backup, _joined)
