"""The user's own word on the command line, beside and above what the mails tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rigs import sample
from rigs.commands import Home

if TYPE_CHECKING:
    from pathlib import Path

READING = ("--allow", sample.ME, "--authserv", sample.AUTHSERV)
LATE = ("--as-of", "2026-05-28")
LIKE_THIS = "write it like '5.20 USD' or '7,000원'"
ANOTHER = "Order number: 8099999999999999\nRefund amount: 9,000원"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose database holds the story: dispute 1 is paid by the text in mail 4."""
    user = Home(tmp_path)
    user.write_config()
    box = user.place / "mails"
    box.mkdir()
    for number, raw in enumerate(sample.STORY):
        (box / f"{number}.eml").write_bytes(raw)
    user.run("refunds", "import", box, *READING)
    return user


def credit(home: Home) -> str:
    """The number of the mail with the money."""
    mails = home.run("refunds", "mail", "--json").json
    return str(next(each["id"] for each in mails if each["from"] == sample.ME))


def decided(home: Home, *words: str) -> dict[str, Any]:
    """What a decision says of the dispute after it."""
    answer: dict[str, Any] = home.run("refunds", *words, "--json", *LATE).json
    return answer


def test_unlink_outlives_a_reread_and_undo_takes_it_back(home: Home) -> None:
    """The user's word is kept apart from what is derived; nothing derives it away."""
    parted = decided(home, "unlink", "1", credit(home))
    home.run("refunds", "reread", "--yes", *READING)
    (after,) = home.run("refunds", "list", "--json", *LATE).json
    undone = decided(home, "undo")

    assert (parted["dispute"]["state"], parted["decision"]["verb"]) == ("overdue", "unlink")
    assert (after["state"], after["received"]) == ("overdue", [])
    assert (undone["dispute"]["state"], undone["decision"]["id"]) == ("paid", parted["decision"]["id"])


def test_a_link_of_the_user_says_so(home: Home) -> None:
    mail = credit(home)
    decided(home, "unlink", "1", mail)

    linked = decided(home, "link", sample.ORDER, mail)

    assert linked["dispute"]["state"] == "paid"
    assert [(each["link"], each["why"]) for each in linked["dispute"]["received"]] == [
        ("user", "you linked it")
    ]


def test_what_is_seen_on_a_statement_counts_without_any_mail(home: Home) -> None:
    decided(home, "unlink", "1", credit(home))

    some = decided(home, "confirm", "1", "--amount", "6,000원", "--on", "2026-05-20")
    decided(home, "undo")
    whole = decided(home, "confirm", "1")

    assert (some["dispute"]["state"], some["dispute"]["missing"]["amount"]) == ("short", "1000")
    assert some["dispute"]["received"] == [
        {
            "amount": "6000", "currency": "KRW", "on": "2026-05-20", "issuer": None, "card": None,
            "link": "user", "why": "you saw it on your statement",
        }
    ]  # fmt: skip
    assert (whole["dispute"]["state"], whole["dispute"]["received"][0]["amount"]) == ("paid", "7000")


def test_money_that_a_mail_tells_of_too_is_not_counted_twice(home: Home) -> None:
    answers = [decided(home, "confirm", "1"), decided(home, "confirm", "1", "--amount", "7000")]

    assert [len(each["dispute"]["received"]) for each in answers] == [1, 1]


def test_what_is_written_off_is_owed_no_more_and_counts_when_it_comes(home: Home) -> None:
    mail = credit(home)
    decided(home, "unlink", "1", mail)

    given_up = decided(home, "write-off", "1")
    owed = home.run("refunds", "list", *LATE).out.splitlines()[0]
    came = decided(home, "link", "1", mail)

    assert (given_up["dispute"]["state"], given_up["dispute"]["next"]) == ("lost", None)
    assert owed == "Money still owed: none"
    assert came["dispute"]["state"] == "paid"


def test_notes_are_shown_where_the_dispute_is(home: Home) -> None:
    decided(home, "note", "1", "asked the bank\x1b[31m")
    decided(home, "card", "1", "kr.shinhan:1234")

    shown = home.run("refunds", "show", "1", *LATE).out

    assert "1: note: asked the bank[31m\n" in shown
    assert "2: paid with kr.shinhan 1234\n" in shown


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["link", "1", "1"], 65, "mail 1 tells of no money that came back"),
        (["link", "1", "99"], 65, "there is no mail '99'; `refunds mail` lists them with their numbers"),
        (["link", "9", "1"], 65, "there is no dispute '9'; `refunds list` shows all of them"),
        (["undo", "7"], 65, "there is no decision 7; `refunds decisions` lists them"),
        (
            ["confirm", "1", "--amount", "x"],
            2,
            "--amount 'x' is no sum; write it like '5.20 USD' or '7,000원'",
        ),
        (["confirm", "1", "--on", "2027-01-01"], 2, "--on 2027-01-01 has not come yet"),
        (["card", "1", "../x"], 2, "'../x' is no card; write 1234, kr.shinhan or kr.shinhan:1234"),
        (["note", "1", " \n"], 2, "the note is empty"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_decided_is_a_sentence(
    home: Home, words: list[str], status: int, sentence: str
) -> None:
    answer = home.run("refunds", *words, *LATE, status=status)

    assert answer.err == f"refunds: {sentence}\n"
    assert home.run("refunds", "decisions", "--json").json == []


def test_taking_money_from_another_dispute_asks_first(home: Home) -> None:
    """Without a terminal nobody can be asked: `--yes` is the answer."""
    other = sample.aliexpress("Dispute Finished", ANOTHER, "2026-05-13 04:22")
    (home.place / "other.eml").write_bytes(other)
    home.run("refunds", "import", "other.eml", *READING)
    (second,) = [each["id"] for each in home.run("refunds", "list", "--json").json if each["id"] != 1]
    mail = credit(home)

    refused = home.run("refunds", "link", str(second), mail, *LATE, status=2)
    moved = decided(home, "link", str(second), mail, "--yes")

    assert refused.err == "refunds: This money pays dispute 1 now. Take it from there? Answer with --yes\n"
    assert moved["dispute"]["id"] == second
    states = {each["id"]: each["state"] for each in home.run("refunds", "list", "--json", *LATE).json}
    assert (states[1], len(moved["dispute"]["received"])) == ("overdue", 1)
