"""Refund windows by payment method and issuer, the deadlines beside them, and windows that move."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker.derivation import Rules, derive
from refundtracker.disputes import Former
from refundtracker.store import Store
from refundtracker.windows import METHODS, Rule, chargeback_by, country_of, method_of, rule_of, window
from rigs.decided import decided
from rigs.facts import Told, numbered, told

if TYPE_CHECKING:
    from pathlib import Path

    from refundtracker.disputes import Dispute, Window


def on(text: str) -> date:
    """A day, given without its year when it is 2026."""
    return date.fromisoformat(text if len(text) == 10 else f"2026-{text}")


@pytest.mark.parametrize(
    ("start", "due", "overdue", "escalate"),
    [
        ("2025-10-02", "2025-10-20", "2025-10-23", "2025-11-06"),
        ("2026-02-12", "2026-02-26", "2026-03-04", "2026-03-18"),
        ("2026-09-22", "2026-10-06", "2026-10-12", "2026-10-26"),
        ("2026-05-12", "2026-05-21", "2026-05-27", "2026-06-11"),
    ],
    ids=["Chuseok 2025", "Seollal", "Chuseok 2026", "Buddha's birthday and local elections"],
)
def test_card_window_in_korea(start: str, due: str, overdue: str, escalate: str) -> None:
    """Seven, ten and twenty Korean business days, with substitute and election days."""
    counted = window(on(start), country="KR")

    assert (counted.due_on, counted.overdue_on, counted.escalate_on) == (on(due), on(overdue), on(escalate))


def test_window_says_what_it_rests_on() -> None:
    counted = window(on("05-12"), country="kr", method="paypal")

    assert (counted.starts_on, counted.calendar, counted.method) == (on("05-12"), "KR", "paypal")
    assert counted.table == f"holidays {version('holidays')}"


def test_german_window_passes_easter() -> None:
    """Good Friday 3 April and Easter Monday 6 April 2026 do not count."""
    counted = window(on("2026-04-01"), country="DE")

    assert (counted.due_on, counted.overdue_on) == (on("04-14"), on("04-17"))


@given(start=st.dates(), method=st.sampled_from(sorted(METHODS)))
def test_any_date_a_mail_may_claim_has_a_window(start: date, method: str) -> None:
    """From the year 1 to 9999 nothing is raised, and the three dates stay in order."""
    counted = window(start, country="KR", method=method)

    assert start <= counted.due_on <= counted.overdue_on <= counted.escalate_on


@pytest.mark.parametrize(
    ("methods", "days"),
    [
        ("card", (7, 10, 20)),
        ("card-domestic", (5, 10, 15)),
        ("check-card", (7, 10, 15)),
        ("paypal", (5, 10, 22)),
        ("alipay balance", (1, 3, 10)),
        ("bonus coupon", (1, 5, 10)),
        ("cash western-union wire", (10, 20, 30)),
        ("boleto ebanx", (15, 20, 40)),
        ("pix carrier", (2, 7, 15)),
        ("klarna ideal bancontact", (5, 10, 20)),
    ],
)
def test_methods_wait_as_long_as_their_row_says(methods: str, days: tuple[int, int, int]) -> None:
    rules = [METHODS[name] for name in methods.split()]

    assert {(rule.due, rule.overdue, rule.escalate) for rule in rules} == {days}


def test_own_numbers_replace_those_of_the_method() -> None:
    counted = window(on("05-12"), country="KR", rule=Rule(1, 2, 4, "", "I"))

    assert (counted.due_on, counted.overdue_on) == (on("05-13"), on("05-14"))
    assert counted.escalate_on == on("05-18")


@pytest.mark.parametrize("numbers", [(0, 10, 20), (7, 6, 20), (7, 10, 9)])
def test_numbers_out_of_order_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="due <= overdue <= escalate"):
        Rule(*numbers, "", "I")


def test_unknown_method_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r'"cheque"; use one of: card, .*bancontact'):
        rule_of("cheque")


@pytest.mark.parametrize(
    ("paid", "opened", "expected"),
    [
        ("2026-03-01", "2026-05-10", "2026-06-29"),
        (None, "2026-05-10", "2026-07-09"),
        ("2026-03-01", None, "2026-06-29"),
        (None, None, None),
        ("9999-12-01", None, "9999-12-31"),
    ],
)
def test_chargeback_clock(paid: str | None, opened: str | None, expected: str | None) -> None:
    """120 days from the payment, else 60 from the opening."""
    last = chargeback_by(on(paid) if paid else None, on(opened) if opened else None)

    assert last == (on(expected) if expected else None)


KOREA = Rules("KR")

# --- the second line: China ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "latest"),
    [("2026-02-12", "2026-03-09"), ("2026-09-22", "2026-10-16"), ("2025-10-02", None), ("2026-06-22", None)],
    ids=["Spring Festival", "National Day", "both rest at the same time", "nobody rests"],
)
def test_chinas_holidays_make_a_delay_plausible(start: str, latest: str | None) -> None:
    """Ten days on which both countries work; told only when that is later than Korea's own tenth."""
    counted = window(on(start), country="KR")

    assert counted.latest_on == (on(latest) if latest else None)


@given(start=st.dates(date(2020, 1, 1), date(2027, 12, 31)), country=st.sampled_from("KR DE RU CN".split()))
def test_the_second_line_is_never_earlier(start: date, country: str) -> None:
    counted = window(start, country=country)

    assert counted.latest_on is None or counted.latest_on > counted.overdue_on
    assert country != "CN" or counted.latest_on is None


# --- whose days, which rule ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issuers", "country"),
    [
        (["kr.shinhan"], "KR"),
        (["ru.sberbank"], "RU"),
        ([None, "ae.fab", "kr.kb"], "AE"),
        (["paypal", "eg.cib"], "EG"),
        (["zz.nowhere"], "DE"),
        ([None], "DE"),
        ([], "DE"),
    ],
)
def test_the_issuer_tells_the_country(issuers: list[str | None], country: str) -> None:
    assert country_of(issuers, "DE") == country


@pytest.mark.parametrize(
    ("issuers", "default", "method"),
    [
        (["paypal"], "card", "paypal"),
        (["kr.shinhan"], "card", "card"),
        (["kr.shinhan"], "check-card", "check-card"),
        (["kr.shinhan"], "paypal", "card"),
        ([None, "paypal"], "card", "paypal"),
        ([None], "pix", "pix"),
        (["someone"], "pix", "pix"),
    ],
)
def test_the_issuer_tells_the_method(issuers: list[str | None], default: str, method: str) -> None:
    assert method_of(issuers, default) == method


def only(*facts: Told, rules: Rules = KOREA, **words: str) -> Dispute:
    """The one dispute that the notices and the user's words make."""
    (derived,) = derive(numbered(facts), rules, decided(**words)).disputes
    return derived.dispute


def windowed(*facts: Told, rules: Rules = KOREA, **words: str) -> Window:
    found = only(*facts, rules=rules, **words).window
    assert found is not None
    return found


FINISHED = told("dispute-finished", "2026-05-12", money="US $5.20")


def test_without_any_sign_the_region_and_its_default_count() -> None:
    counted = windowed(FINISHED, rules=Rules("DE", method="klarna"))

    assert (counted.calendar, counted.method) == ("DE", "klarna")


def test_the_charge_of_the_order_tells_whose_days_count() -> None:
    counted = windowed(
        told("order-paid", "2026-04-01", money="US $5.20"),
        told("card-charged", "2026-04-01", money="US $5.20", issuer="ru.sberbank", card="1234"),
        FINISHED,
    )

    assert counted.calendar == "RU"


def test_money_that_came_tells_whose_days_count() -> None:
    counted = windowed(FINISHED, told("card-cancelled", "2026-05-19", money="US $5.20", issuer="ae.fab"))

    assert counted.calendar == "AE"


def test_the_users_word_goes_before_all_signs() -> None:
    cancelled = told("card-cancelled", "2026-05-19", money="US $5.20", issuer="ae.fab")
    counted = windowed(FINISHED, cancelled, method="wire", issuer="ru.sberbank")

    assert (counted.calendar, counted.method) == ("RU", "wire")
    assert counted.due_on == window(on("05-12"), country="RU", method="wire").due_on


def test_own_numbers_of_a_method() -> None:
    counted = windowed(FINISHED, rules=Rules("KR", own={"card": Rule(1, 2, 3, "", "user")}))

    assert (counted.due_on, counted.overdue_on) == (on("05-13"), on("05-14"))
    assert counted.escalate_on == on("05-15")


def test_own_days_off_are_those_of_the_own_country() -> None:
    """An election in Korea closes no bank in Germany."""
    rules = Rules("KR", days_off=frozenset({on("05-13")}))

    assert windowed(FINISHED, rules=rules).due_on > windowed(FINISHED).due_on
    assert windowed(FINISHED, rules=rules, issuer="de.bank") == windowed(FINISHED, issuer="de.bank")


# --- a table that changes -----------------------------------------------------------------------------


def stored(store: Store) -> Window:
    [found] = store.disputes()
    assert found.window is not None
    return found.window


def test_a_holiday_added_later_moves_the_window_and_is_remembered(tmp_path: Path) -> None:
    """The former dates stay visible, whatever is derived later from the same table."""
    before = derive(numbered([FINISHED]), Rules("KR")).disputes
    after = derive(numbered([FINISHED]), Rules("KR", days_off=frozenset({on("05-13")}))).disputes
    bare = [replace(each, notice_ids=()) for each in before]
    moved = [replace(each, notice_ids=()) for each in after]
    with Store.open(tmp_path / "x.db") as store:
        first = store.replace_derived(bare)
        second = store.replace_derived(moved)
        third = store.replace_derived(moved)
        counted = stored(store)

    table = f"holidays {version('holidays')}"
    assert [each.moved for each in (first, second, third)] == [(), (1,), ()]
    assert (counted.due_on, counted.was) == (on("05-22"), Former(table, on("05-21"), on("05-27")))


def test_another_promise_forgets_what_was(tmp_path: Path) -> None:
    """A later "refund sent" is a reason of its own: nothing was counted anew."""
    sent = told("refund-sent", "2026-05-18", money="US $5.20")
    with Store.open(tmp_path / "x.db") as store:
        for facts in ([FINISHED], [FINISHED, sent]):
            found = derive(numbered(facts), Rules("KR")).disputes
            changes = store.replace_derived([replace(each, notice_ids=()) for each in found])
        counted = stored(store)

    assert (changes.changed, changes.moved, counted.was) == ((1,), (), None)
