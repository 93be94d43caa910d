"""The mails of AliExpress: random values in every wording come back as they went in, or the mail is unread.

And what only reminds, advertises or asks never opens, moves or ends a dispute.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Final, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from refundparsers import read
from refundparsers.examples import POLICY, ZONE, written
from refundparsers.forms import shipped
from refundparsers.money import MONEY
from refundparsers.notices import Kind

if TYPE_CHECKING:
    from refundparsers.forms import Example, Form
    from refundparsers.notices import Reading

TRANSACTION: Final = "transaction@notice.aliexpress.com"
LANGUAGES: Final = ("ko", "en", "de", "es", "fr", "pl", "pt", "it", "nl", "ru", "tr", "ja", "ar", "he")
FORMS: Final = shipped().of(("aliexpress",))
KINDS: Final = tuple(kind for kind in get_args(Kind) if not kind.startswith(("card-", "refund-a", "auth")))
ABOUT_DISPUTES: Final = frozenset(kind for kind in KINDS if not kind.startswith(("order-", "seller-message")))
PATIENT: Final = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ORDERS: Final = st.from_regex(r"(30|11|8[0-3])[0-9]{14}", fullmatch=True)


def language(form: Form) -> str:
    return form.name.rpartition(".")[2]


def mailed(subject: str, text: str, sender: str = TRANSACTION) -> Reading:
    return read(written(sender, subject, text, "2026-05-12"), senders=POLICY, zone=ZONE)


def said(found: Reading, *keys: str) -> list[tuple[object, ...]]:
    return [tuple(notice.as_json()[key] for key in keys) for notice in found.notices]


# --- Sums as shops print them -----------------------------------------------------------------------


def _decimals(minor: int, style: str, code: str, comma: str, point: str) -> tuple[str, str, str]:
    whole, rest = divmod(minor, 100)
    grouped = f"{whole:,}".replace(",", comma)
    return style.replace("#", f"{grouped}{point}{rest:02d}"), f"{whole}.{rest:02d}", code


def _whole(number: int, style: str, code: str) -> tuple[str, str, str]:
    return style.replace("#", f"{number:,}"), str(number), code


_CENTS: Final = st.integers(1, 99_999_999)
_POINTS: Final = [
    ("US $#", "USD"), ("US $ #", "USD"), ("USD #", "USD"), ("AU $#", "AUD"), ("CA $#", "CAD"), ("£#", "GBP"),
    ("LKR #", "LKR"), ("ILS #", "ILS"), ("₪#", "ILS"), ("# ₪", "ILS"), ("R$#", "BRL"), ("SAR #", "SAR"),
]  # fmt: skip
_COMMAS: Final = [
    ("#€", "EUR"), ("# €", "EUR"), ("€ #", "EUR"), ("R$ #", "BRL"), ("₺#", "TRY"), ("# TL", "TRY"),
    ("EUR #", "EUR"),
]  # fmt: skip
_BLANKS: Final = [("#zł", "PLN"), ("# zł", "PLN"), ("# €", "EUR"), ("# руб.", "RUB"), ("# ₽", "RUB")]
_WHOLES: Final = [("₩#", "KRW"), ("#원", "KRW"), ("KRW #", "KRW"), ("#円", "JPY"), ("JPY #", "JPY")]
SUMS: Final = st.one_of(
    st.builds(lambda n, s: _decimals(n, s[0], s[1], ",", "."), _CENTS, st.sampled_from(_POINTS)),
    st.builds(lambda n, s: _decimals(n, s[0], s[1], ".", ","), _CENTS, st.sampled_from(_COMMAS)),
    st.builds(lambda n, s: _decimals(n, s[0], s[1], " ", ","), _CENTS, st.sampled_from(_BLANKS)),
    st.builds(lambda n, s: _whole(n, s[0], s[1]), st.integers(1, 99_999_999), st.sampled_from(_WHOLES)),
)


def examples_of(wanted: str) -> list[tuple[Form, Example]]:
    """Examples of one order in a language, with the text that a sum can be put into."""
    return [
        (form, example)
        for form in FORMS
        if form.kind and language(form) == wanted and ".several." not in form.name
        for example in form.examples
        if "order" in example.gives
    ]


def with_values(example: Example, order: str, printed: str) -> tuple[str, str]:
    """Subject and text of an example with another order number and another sum."""
    old = str(example.gives["order"])
    subject, text = example.subject or "", example.text or "…"
    if "amount" in example.gives:
        text = re.sub(MONEY, lambda _: printed, text, count=1)
    return subject.replace(old, order), text.replace(old, order)


@pytest.mark.parametrize("wanted", LANGUAGES)
@PATIENT
@given(data=st.data(), order=ORDERS, total=SUMS)
def test_random_values_come_back_as_they_went_in(
    wanted: str, data: st.DataObject, order: str, total: tuple[str, str, str]
) -> None:
    form, example = data.draw(st.sampled_from(examples_of(wanted)))
    printed, amount, currency = total
    found = mailed(*with_values(example, order, printed))

    money = (amount, currency) if "amount" in example.gives else (None, None)
    assert found.outcome == "notice", (found.reason, form.name, printed)
    assert said(found, "kind", "order", "amount", "currency") == [(form.kind, order, *money)]


_TORN: Final = st.one_of(
    st.builds("US ${},{},{}".format, st.integers(1, 99), st.integers(0, 9), st.integers(0, 9)),
    st.builds("US ${}.{:02d}.{:02d}".format, st.integers(1, 9999), st.integers(0, 99), st.integers(0, 99)),
    st.builds("${}.{:02d}".format, st.integers(1, 9999), st.integers(0, 99)),
    st.builds("¥ {}".format, st.integers(1, 9999)),
    st.builds("{}.{:02d}".format, st.integers(1, 9999), st.integers(0, 99)),
    st.builds("{},{:02d} $".format, st.integers(1, 9999), st.integers(0, 99)),
)


@pytest.mark.parametrize("wanted", LANGUAGES)
@PATIENT
@given(data=st.data(), order=ORDERS, printed=_TORN)
def test_a_sum_that_is_not_certain_is_never_read(
    wanted: str, data: st.DataObject, order: str, printed: str
) -> None:
    """Torn numbers, and signs that several currencies share, make the mail unread."""
    promised = [pair for pair in examples_of(wanted) if {"amount"} <= set(pair[1].gives)]
    promises = [pair for pair in promised if pair[0].kind in ABOUT_DISPUTES]
    _, example = data.draw(st.sampled_from(promises))
    found = mailed(*with_values(example, order, printed))

    assert (found.outcome, found.notices) == ("unread", ()), printed


@given(order=ORDERS, at=st.integers(0, 15), digit=st.sampled_from("0123456789"))
@PATIENT
def test_orders_that_differ_in_one_digit_stay_different(order: str, at: int, digit: str) -> None:
    """Orders of one checkout differ in a single digit; two of them in one mail about a dispute are unread."""
    other = order[:at] + digit + order[at + 1 :]
    assume(other != order)

    assert said(mailed(f"Order {order}: dispute finished", "…"), "order") == [(order,)]
    assert said(mailed(f"Order {other}: dispute finished", "…"), "order") == [(other,)]
    assert mailed(f"Order {order}: dispute finished", f"Order number: {other}").outcome == "unread"
    assert mailed("Dispute Finished", f"Order number: {other}\nOrder number: {order}").outcome == "unread"


@given(first=ORDERS, second=ORDERS)
@PATIENT
def test_a_running_number_is_taken_off_only_when_it_is_certain(first: str, second: str) -> None:
    assume(first != second)
    subject = f"2 Bestellungen wurden bestätigt: {first} & weitere"
    text = f"Bestellung 1{first}\nBestellsumme 1,99€\nBestellung 2{second}\nBestellsumme 4,50€"
    link = f"\nhttps://www.aliexpress.com/p/order/index.html?o_ids={first},{second}"

    assert mailed(subject, text).outcome == "unread"
    assert said(mailed(subject, text + link), "order", "amount") == [(first, "1.99"), (second, "4.50")]


# --- What never speaks of a dispute ------------------------------------------------------------------

REMINDERS: Final = [
    example.subject or ""
    for form in FORMS
    if form.ignore or form.kind == "order-closing"
    for example in form.examples
]
WORDINGS: Final = [
    part
    for form in FORMS
    if form.kind in ABOUT_DISPUTES
    for example in form.examples
    for part in (example.subject or "", example.text or "")
    if part
]


@PATIENT
@given(subject=st.sampled_from(REMINDERS), lines=st.lists(st.sampled_from(WORDINGS), max_size=6))
def test_words_of_disputes_in_a_reminder_are_only_words(subject: str, lines: list[str]) -> None:
    """It stands in every other mail that one has 15 days to open a dispute; the subject decides."""
    found = mailed(subject, "\n".join(["Hello,", *lines]))

    assert {notice.kind for notice in found.notices} <= {"order-closing"}, (subject, lines)


@PATIENT
@given(
    subject=st.sampled_from(WORDINGS).map(lambda words: words.partition("\n")[0]),
    lines=st.lists(st.sampled_from(WORDINGS), max_size=4),
    sender=st.sampled_from(
        [
            "promotion@aliexpress.com",
            "news@deals.aliexpress.com",
            "a@mail.aliexpress.com",
            "b@selections.aliexpress.com",
        ]
    ),
)
def test_an_advert_is_an_advert_whatever_it_says(subject: str, lines: list[str], sender: str) -> None:
    found = mailed(subject, "\n".join(["Hello,", *lines]), sender)

    assert (found.outcome, found.reason, found.keep) == ("ignored", "an advert", False)


def headings() -> list[str]:
    """Every heading behind which adverts start, as the library lists them."""
    file = resources.files("refundparsers") / "library" / "aliexpress" / "labels.toml"
    labels = tomllib.loads(file.read_text(encoding="utf-8"))["label"]
    return [heading for label in labels for heading in label.get("headings", ())]


@pytest.mark.parametrize("heading", headings())
@pytest.mark.parametrize("ornament", ["{}", "✨ {}!", "— {} —"])
def test_nothing_behind_an_advert_heading_is_read(heading: str, ornament: str) -> None:
    """Adverts bring prices and orders of their own; those of the mail stand in front of them."""
    advert = f"{ornament.format(heading)}\nRefund amount US $9.99\nOrder number: 8111111111111111"
    found = mailed("Dispute Finished", f"Order number: 8012345678901234\nRefund amount: US $5.20\n{advert}")

    assert said(found, "order", "amount") == [("8012345678901234", "5.20")]


def test_a_heading_inside_a_sentence_ends_nothing() -> None:
    text = (
        "Just for you, Kim, we looked again at the case of order 8012345678901234.\nRefund amount: US $5.20"
    )

    assert said(mailed("Dispute Finished", text), "order", "amount") == [("8012345678901234", "5.20")]


@pytest.mark.parametrize(
    ("link", "order"),
    [
        ("https://www.aliexpress.com/p/order/detail.html?spm=a&orderId=8012345678901234", "8012345678901234"),
        (
            "https://www.aliexpress.com/p/tracking/index.html?tradeOrderId=8012345678901234",
            "8012345678901234",
        ),
        ("https://www.aliexpress.com/item/1005006112233445.html?orderId=8012345678901234", None),
        ("https://www.aliexpress.com/store/110011?orderId=8012345678901234", None),
        ("https://www.aliexpress.com/p/order/detail.html?orderId=1234567890", None),
    ],
)
def test_a_link_to_goods_tells_no_order(link: str, order: str | None) -> None:
    found = mailed("Package LP00827165784034 has been delivered", f"Enjoy.\n{link}")

    assert said(found, "order") == [(order,)]


# --- Values behind labels ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("Respond before: May 14, 2026 23:59 PST", "2026-05-14"),
        ("Please respond by 14 May 2026.", "2026-05-14"),
        ("Respond before: 2026-05-14 23:59:59 (PDT)", "2026-05-14"),
        ("Response deadline 25/05/2026", "2026-05-25"),
        ("Respond before: May 14, 23:59", "2026-05-14"),
        ("답변 기한: 2026년 5월 14일 23:59", "2026-05-14"),
        ("5월 14일까지 답변해 주세요.", "2026-05-14"),
        ("2026. 5. 14.까지 응답해 주십시오", "2026-05-14"),
        ("Antworten Sie bis zum 14. Mai 2026, 23:59 Uhr", "2026-05-14"),
        ("Frist: 05.06.2026", "2026-06-05"),
        ("Fecha límite: 14 de mayo de 2026", "2026-05-14"),
        ("Date limite de réponse : 14 août 2026", "2026-08-14"),
        ("Termin odpowiedzi: 14 października 2026", "2026-10-14"),
        ("Prazo de resposta: 05/06/2026", "2026-06-05"),
        ("Rispondi entro il 14 maggio 2026", "2026-05-14"),
        ("Reageer vóór 14 mei 2026", "2026-05-14"),
        ("Срок ответа до 14 мая 2026 г.", "2026-05-14"),
        ("Son yanıt tarihi: 14 Mayıs 2026", "2026-05-14"),
        ("2026年5月14日までにご回答ください", "2026-05-14"),
        ("الموعد النهائي للرد: 14 مايو 2026", "2026-05-14"),
        ("מועד אחרון לתגובה: 14 במאי 2026", "2026-05-14"),
        ("You have 5 days. Deadline: 5 days", None),
    ],
)
def test_a_printed_deadline_is_read_in_every_language(printed: str, day: str | None) -> None:
    found = mailed("Order 8012345678901234: the seller has responded to your dispute", printed)

    assert said(found, "act_by") == [(day,)]


def test_a_deadline_with_two_readings_is_none() -> None:
    """May 6 or June 5: the most urgent day of all is not guessed."""
    subject = "Order 8012345678901234: please provide more evidence"

    assert mailed(subject, "Respond before: 05/06/2026").outcome == "unread"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Result: Partial refund (US $5.20)", "partial-refund"),
        ("Result\nFull refund", "refund"),
        ("Outcome: Partial refund of US $5.20", "partial-refund"),
        ("처리 결과: 부분환불", "partial-refund"),
        ("분쟁 결과 환불 거절", "rejected"),
        ("Ergebnis: Teilerstattung", "partial-refund"),
        ("Result: a decision that nobody has listed", None),
        ("The result is not a full refund", None),
    ],
)
def test_a_result_is_a_whole_line_in_known_words(text: str, result: str | None) -> None:
    assert said(mailed("Order 8012345678901234: dispute finished", text), "result") == [(result,)]


def test_a_refusal_in_unknown_words_is_not_taken_for_a_promise() -> None:
    """A finished dispute without a result is watched like a promise, so a refusal must be heard."""
    found = mailed("Order 8012345678901234: dispute finished", "Result: your claim was rejected by our team")

    assert found.outcome == "unread"


def test_a_sum_that_was_only_asked_for_is_no_refund() -> None:
    text = "Requested refund amount: US $20.00\nMaximum refund US $30.00\nRefund: US $8.00"

    assert said(mailed("Order 8012345678901234: dispute finished", text), "amount") == [("8.00",)]


# --- The library itself ------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", LANGUAGES)
def test_every_kind_is_known_in_every_language(wanted: str) -> None:
    known = {form.kind for form in FORMS if form.kind and language(form) == wanted}

    assert set(KINDS) - known == set()


def test_only_what_was_seen_is_called_seen() -> None:
    """A guess becomes `seen` when a real mail shows it, not by a slip: this list is changed with it."""
    seen = {form.name.removeprefix("aliexpress.") for form in FORMS if form.evidence == "seen" and form.kind}

    assert seen == {
        "order-paid.en", "order-paid.ko", "order-paid.de", "order-paid.several.de", "order-paid.pl",
        "order-paid.fr",
        "order-shipped.en", "order-shipped.de", "order-shipped.es", "order-shipped.fr", "order-shipped.pl",
        "order-delivered.en", "order-delivered.ko", "order-delivered.de", "order-delivered.es",
        "order-delivered.pl",
        "order-closing.en", "order-closing.ko", "order-closing.de", "order-closed.en", "seller-message.ko",
    }  # fmt: skip


def test_codes_are_not_kept() -> None:
    found = mailed("AliExpress 인증 번호: 482913", "482913")

    assert (found.outcome, found.keep) == ("ignored", False)
