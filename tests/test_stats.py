"""`refunds stats`, and a list that is longer than anybody reads."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from refundparsers.money import Money
from refundtracker.derivation import Rules, derive
from refundtracker.figures import Figures, Span, Sums, figures
from refundtracker.reasons import reasons
from rigs.commands import Home
from rigs.facts import ORDER, Told, numbered, told
from rigs.kept import keep

if TYPE_CHECKING:
    from pathlib import Path

SECOND, THIRD, FOURTH = "8012345678905555", "8012345678906666", "8012345678907777"
FACTS = [
    told("order-paid", "2026-04-01", money="20,000원", seller="Lucky Parts"),
    told("card-charged", "2026-04-01", money="20,000원"),
    told("dispute-finished", "2026-04-20", money="20,000원"),
    told("card-cancelled", "2026-04-28", money="19,700원", order=ORDER),
    told("dispute-finished", "2026-05-04", order=SECOND, money="US $5.20", seller="Lucky Parts"),
    told("card-cancelled", "2026-05-14", money="US $5.20"),
    told("dispute-finished", "2026-05-06", order=THIRD, money="US $7.10"),
    told("card-cancelled", "2026-05-18", money="US $7.10", issuer="ru.sberbank", card="9"),
    told("dispute-finished", "2026-05-20", order=FOURTH, money="US $100.00"),
]


def on_day(day: str, facts: list[Told] = FACTS) -> Figures:
    known = numbered(facts)
    disputes = [each.dispute for each in derive(known, Rules("KR")).disputes]
    return figures(disputes, reasons(known).losses, date.fromisoformat(day))


def test_days_by_issuer_seller_and_month() -> None:
    found = on_day("2026-05-31")

    assert found.cards == (Span("kr.shinhan", 2, 9.0, 10), Span("ru.sberbank", 1, 12, 12))
    assert found.sellers == (Span("Lucky Parts", 2, 9.0, 10), Span(None, 1, 12, 12))
    assert found.months == (Span("2026-04", 1, 8, 8), Span("2026-05", 2, 11.0, 12))


def test_money_by_currency_and_what_rates_took() -> None:
    found = on_day("2026-05-31")

    assert found.sums == (
        Sums("KRW", Money(300, "KRW"), Money(19700, "KRW"), Money(0, "KRW")),
        Sums("USD", Money(10000, "USD"), Money(1230, "USD"), Money(0, "USD")),
    )
    assert dict(found.losses) == {("kr.shinhan", "KRW"): Money(300, "KRW")}


@pytest.mark.parametrize(
    ("day", "refunds", "dollars"),
    [("2026-04-27", 0, None), ("2026-05-13", 1, (520 + 710, 0)), ("2026-05-14", 2, (710, 520))],
)
def test_what_came_later_is_not_known_yet(day: str, refunds: int, dollars: tuple[int, int] | None) -> None:
    found = on_day(day)
    sums = {each.currency: (each.owed.minor, each.recovered.minor) for each in found.sums}

    assert sum(each.count for each in found.cards) == refunds
    assert sums.get("USD") == dollars


def test_a_refund_dated_on_the_day_of_purchase_took_no_time() -> None:
    facts = [
        told("order-paid", "2026-04-01", money="7,000원"),
        told("dispute-finished", "2026-05-12", money="7,000원"),
        told("card-cancelled", "2026-04-01", mailed="2026-05-19", money="7,000원", order=ORDER),
    ]

    assert [each.longest for each in on_day("2026-05-31", facts).cards] == [0]


def test_nothing_is_no_error() -> None:
    assert on_day("2026-05-31", []) == Figures((), (), (), (), {})


# --- the command --------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Home:
    user = Home(tmp_path)
    user.write_config()
    return user


def ask(home: Home, *words: str) -> str:
    return home.run("refunds", *words, "--db", "x.db").out


def test_stats_as_table_json_and_csv(home: Home) -> None:
    keep(home.place / "x.db", numbered(FACTS))
    table = ask(home, "stats", "--as-of", "2026-05-31").split()
    answer: dict[str, Any] = home.run(
        "refunds", "stats", "--db", "x.db", "--as-of", "2026-05-31", "--json"
    ).json
    rows = list(csv.DictReader(io.StringIO(ask(home, "stats", "--as-of", "2026-05-31", "--csv"))))

    assert {"kr.shinhan", "ru.sberbank", "2026-04", "Lucky", "19700", "100.00"} <= set(table)
    assert answer["days_by_card"][0] == {
        "name": "kr.shinhan",
        "refunds": 2,
        "median_days": 9.0,
        "longest_days": 10,
    }
    assert answer["exchange_loss"] == [{"issuer": "kr.shinhan", "amount": "300", "currency": "KRW"}]
    assert [row["amount"] for row in rows if row["name"] == "recovered"] == ["19700", "12.30"]


def test_what_was_given_up_is_lost_until_it_comes(home: Home) -> None:
    keep(home.place / "x.db", numbered(FACTS))
    ask(home, "write-off", FOURTH, "--as-of", "2026-05-31")

    def sums(day: str) -> dict[str, str]:
        words = ("refunds", "stats", "--db", "x.db", "--as-of", day, "--json")
        return next(each for each in home.run(*words).json["money"] if each["currency"] == "USD")

    assert (sums("2026-05-31")["owed"], sums("2026-05-31")["lost"]) == ("0", "100.00")


def test_stats_before_anything_came(home: Home) -> None:
    keep(home.place / "x.db", numbered(FACTS[-1:]))

    assert "No refund has come yet." in ask(home, "stats", "--as-of", "2026-05-31")
    assert "아직 들어온 환불이 없어요." in ask(home, "stats", "--as-of", "2026-05-31", "--lang", "ko")


def test_a_long_list_is_cut_for_people_only(home: Home) -> None:
    """Nobody reads 1,203 rows; programs get all of them."""
    facts = [
        told("dispute-finished", "2026-05-12", order=f"80123456{number:08d}", money="US $5.20")
        for number in range(1203)
    ]
    keep(home.place / "x.db", numbered(facts))
    short, whole = ask(home, "list"), ask(home, "list", "--all")

    assert "and 1,003 more: refunds list --all" in short
    assert sum("8012345600" in line for line in short.splitlines()) == 200
    assert sum("8012345600" in line for line in whole.splitlines()) == 1203
    assert "more:" not in whole
    assert len(home.run("refunds", "list", "--db", "x.db", "--json").json) == 1203
    assert len(ask(home, "list", "--csv").splitlines()) == 1204
