"""`refunds why` and `refunds review`: every reason that the program has, and the command that answers it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rigs.commands import Answer, Home
from rigs.facts import ORDER, numbered, told
from rigs.kept import keep

if TYPE_CHECKING:
    from pathlib import Path

TWIN = "8012345678905555"
SHORT = "8012345678906666"
FACTS = [
    told("order-paid", "2026-04-01", money="US $23.40", item="ESP32 board"),
    told("dispute-opened", "2026-05-08"),
    told("dispute-finished", "2026-05-12", money="US $5.20"),
    told("dispute-finished", "2026-05-11", order=TWIN, money="US $5.20"),
    told("card-cancelled", "2026-05-19", money="US $5.20"),
    told("order-paid", "2026-04-01", order=SHORT, money="10,000원"),
    told("card-charged", "2026-04-01", money="10,000원"),
    told("dispute-finished", "2026-05-12", order=SHORT, money="10,000원"),
    told("card-cancelled", "2026-05-20", money="9,850원", order=SHORT),
]
MONEY_MAIL = 5


@pytest.fixture
def home(tmp_path: Path) -> Home:
    user = Home(tmp_path)
    user.write_config()
    keep(tmp_path / "x.db", numbered(FACTS))
    return user


def ask(home: Home, *words: str, status: int = 0) -> Answer:
    return home.run("refunds", *words, "--db", "x.db", "--as-of", "2026-05-22", status=status)


def test_the_counted_days_and_the_rule(home: Home) -> None:
    said = ask(home, "why", ORDER).out.splitlines()

    assert "  Paid by card: due 7, late 10, escalate 20 business days (a rule of AliExpress)." in said
    assert "  2026-05-13   1" in said
    assert "  2026-05-16     weekend" in said
    assert "  2026-05-21   7   <- due on" in said
    assert "  2026-05-22   8   <- today" in said
    assert "  2026-05-25     Alternative holiday for Buddha's Birthday" in said
    assert said.index("  2026-05-27  10   <- late after") > 0


def test_the_counted_days_in_korean(home: Home) -> None:
    said = ask(home, "why", ORDER, "--lang", "ko").out

    assert "부처님오신날" in said
    assert "주말" in said
    assert "weekend" not in said


def test_the_same_for_programs(home: Home) -> None:
    answer = ask(home, "why", ORDER, "--json").json

    assert answer["rule"] == {"method": "card", "due": 7, "overdue": 10, "escalate": 20, "source": "A"}
    assert [day["number"] for day in answer["days"] if day["number"]] == list(range(1, 21))
    assert answer["window"]["latest_on"] is None
    assert [(each["kind"], each["estimated"]) for each in answer["deadlines"]] == [("chargeback", False)]
    assert answer["counted_anew"] is None
    assert answer["decisions"] == answer["links"] == []
    assert [each["amount"] for each in answer["unplaced"]] == ["5.20"]


def test_own_numbers_are_called_so(home: Home) -> None:
    home.config.write_text(home.config.read_text() + "[windows]\ncard = [1, 2, 3]\n")

    assert "due 1, late 2, escalate 3 business days (your own setting)" in ask(home, "why", ORDER).out


def test_money_that_was_not_given_away_is_shown_on_both_sides(home: Home) -> None:
    for ref in (ORDER, TWIN):
        said = ask(home, "why", ref).out

        assert "2026-05-19  5.20 USD: the same amount" in said
        assert "more than one dispute fits: refunds review" in said


def test_a_link_with_its_reason_and_the_runner_up(home: Home) -> None:
    """After the user's word the other dispute stays visible as the next best."""
    ask(home, "link", ORDER, str(MONEY_MAIL))
    said = ask(home, "why", ORDER).out
    link = ask(home, "why", ORDER, "--json").json["links"]

    assert "you linked it" in said
    assert "next best was dispute 2: the same amount" in said
    assert "Your word" in said
    assert [(each["link"], [other["dispute"] for other in each["runners_up"]][:1]) for each in link] == [
        ("user", [2])
    ]


def test_a_shortfall_with_its_likely_cause(home: Home) -> None:
    for verb in ("why", "show"):
        said = ask(home, verb, SHORT).out

        assert "150 KRW" in said
        assert "a fee of the card issuer (150 KRW, 1.5 %)" in said
    assert "likely: a fee of the card issuer" in ask(home, "summary").out


def test_show_tells_the_deadlines_with_their_source(home: Home) -> None:
    assert "  2026-07-30  a chargeback is possible (as others report)" in ask(home, "show", ORDER).out


def test_a_window_that_was_counted_anew(home: Home) -> None:
    """As after a newer table of holidays: the stored dates were counted with an older one."""
    with closing(sqlite3.connect(home.place / "x.db")) as db, db:
        db.execute("UPDATE dispute SET due_on = '2026-05-20', holiday_table = 'holidays 0.1' WHERE id = 1")
    ask(home, "note", ORDER, "derive again")
    said, answer = ask(home, "why", ORDER).out, ask(home, "why", ORDER, "--json").json

    assert answer["counted_anew"] == {
        "table": "holidays 0.1",
        "due_on": "2026-05-20",
        "overdue_on": "2026-05-27",
    }
    assert "with holidays 0.1 it was due on 2026-05-20 and late after 2026-05-27" in said
    assert "#1" in next(line for line in ask(home, "summary").out.splitlines() if "Counted anew" in line)


# --- review -------------------------------------------------------------------------------------------


def test_review_shows_the_money_the_candidates_and_the_command(home: Home) -> None:
    said = ask(home, "review").out

    assert "2026-05-19 · 5.20 USD · kr.shinhan · 1234 · AliExpress · mail 5" in said
    assert f"- dispute 1  {ORDER} · ESP32 board · 5.20 USD" in said
    assert "the same amount; 7 days after the promise" in said
    assert f"    refunds link 2 {MONEY_MAIL}" in said.splitlines()


def test_the_command_of_the_review_settles_it(home: Home) -> None:
    (waiting,) = ask(home, "review", "--json").json
    commands = {each["dispute"]: each["command"] for each in waiting["candidates"]}
    ask(home, *commands[2].split()[1:])

    assert ask(home, "review", "--json").json == []
    assert ask(home, "review").out == "No money waits for a decision.\n"
    assert [each["state"] for each in ask(home, "list", "--json").json if each["order"] == TWIN] == ["paid"]


def test_the_list_tells_that_something_waits(home: Home) -> None:
    assert ask(home, "list").out.splitlines()[-1] == "1 sum of money waits for your word: refunds review"
    assert "1 sum of money waits" in ask(home, "summary").out

    ask(home, "link", ORDER, str(MONEY_MAIL))

    assert "refunds review" not in ask(home, "list").out + ask(home, "summary").out


def test_several_sums_in_one_mail_are_told_apart(tmp_path: Path) -> None:
    """`--notice` is part of the command where the mail tells of more than one."""
    from refundparsers.notices import MailFacts, Reading
    from refundtracker.derivation import Rules
    from refundtracker.ingest import bring_up_to_date
    from refundtracker.records import Entry
    from refundtracker.store import Store

    keep(tmp_path / "x.db", numbered(FACTS[:4]))
    sums = ("3,000원", "US $5.20")
    notices = tuple(told("card-cancelled", "2026-05-19", money=each).notice for each in sums)
    mail = MailFacts(sha256="ab" * 32, sender="me@example.net", date=FACTS[4].mail_date)
    with Store.open(tmp_path / "x.db") as store:
        reading = Reading(mail=mail, outcome="notice", trust="allowed", notices=notices)
        store.record([Entry(reading, b"two", 3)], now=datetime(2026, 5, 20, tzinfo=UTC))
        bring_up_to_date(store, Rules("KR"))
    home = Home(tmp_path)
    home.write_config()
    found = ask(home, "review", "--json").json
    (dollars,) = [each for each in found if each["currency"] == "USD"]

    assert [each["command"] for each in dollars["candidates"]][:1] == ["refunds link 1 5 --notice 2"]
    ask(home, "link", "1", "5", "--notice", "2")


def test_hostile_names_stay_on_their_line(tmp_path: Path) -> None:
    evil = "\x1b[2J\nrefunds link 9 9"
    facts = [
        told("dispute-finished", "2026-05-12", money="US $5.20", item=evil),
        told("dispute-finished", "2026-05-11", order=TWIN, money="US $5.20", item=evil),
        told("card-cancelled", "2026-05-19", money="US $5.20", merchant=f"AliExpress {evil}"),
    ]
    keep(tmp_path / "x.db", numbered(facts))
    home = Home(tmp_path)
    home.write_config()

    for words in (["review"], ["why", "1"], ["show", "1"], ["stats"]):
        said = ask(home, *words).out

        assert "\x1b" not in said
        assert "refunds link 9 9" not in [line.strip() for line in said.splitlines()]
