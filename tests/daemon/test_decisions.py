"""The user's own word: found again after every reading, never dropped in silence, taken back at will."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from refundparsers.money import Money
from refundparsers.notices import MailFacts, Notice, Reading
from refundtracker.decisions import Decision, Word, words
from refundtracker.disputes import Dispute
from refundtracker.errors import BadInput
from refundtracker.records import Entry
from refundtracker.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from refundtracker.decisions import Verb

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
SHA = "ab" * 32
ORDER = "8012345678901234"


def said(verb: Verb, **values: Any) -> Decision:
    """A decision about the order, each one made a minute after the one before."""
    number = values.get("id", 1)
    at = NOW + timedelta(minutes=number)
    pair = {"mail": SHA, "n": 0} if verb in ("link", "unlink") else {}
    about: dict[str, Any] = {"made_at": at, "verb": verb, "key": f"order:{ORDER}", "order": ORDER}
    return Decision(**{**about, **pair, **values})


def dispute(key: str = f"order:{ORDER}", order: str | None = ORDER, number: str | None = None) -> Dispute:
    return Dispute(key=key, order=order, dispute=number)


def test_a_later_word_takes_the_place_of_an_earlier_one() -> None:
    made = [
        said("link", id=1, notice_id=7),
        said("unlink", id=2, notice_id=7),
        said("link", id=3, notice_id=8),
        said("method", id=4, text="paypal"),
        said("method", id=5, text="check-card"),
        said("card", id=6, issuer="kr.shinhan", card="1234"),
        said("write-off", id=7, on=date(2026, 5, 21)),
    ]

    assert words(made, [dispute()]).of(f"order:{ORDER}") == Word(
        linked=frozenset({8}),
        parted=frozenset({7}),
        written_off=date(2026, 5, 21),
        method="check-card",
        issuer="kr.shinhan",
        card="1234",
    )


def test_what_is_taken_back_counts_no_more() -> None:
    made = [said("link", id=1, notice_id=7, undone_at=NOW), said("note", id=2, text="called them")]

    found = words(made, [dispute()])

    assert found.of(f"order:{ORDER}") == Word()
    assert [each.id for each in found.told[f"order:{ORDER}"]] == [2]


@pytest.mark.parametrize(
    ("today", "meant"),
    [
        ([dispute("order:1/55", "1", "55"), dispute("order:1/66", "1", "66")], "order:1/55"),
        ([dispute("order:1", "1", "55")], "order:1"),
        ([dispute("order:1", "1", None)], "order:1"),
        ([dispute("order:1", "1", None), dispute("order:1/66", "1", "66")], None),
        ([dispute("order:2", "2", "77")], None),
        ([], None),
    ],
    ids=["a second line", "its order became known", "its number is gone", "several", "another", "none"],
)
def test_a_dispute_is_known_by_its_numbers_when_its_key_has_changed(
    today: list[Dispute], meant: str | None
) -> None:
    """More mail may tell the order of a dispute, or a second dispute of an order."""
    note = said("note", id=1, key="dispute:55", order="1", dispute="55", text="x")

    found = words([note], today)

    assert list(found.told) == ([meant] if meant else [])
    assert [each.id for each in found.adrift] == ([] if meant else [1])


def test_a_link_to_a_mail_that_is_read_otherwise_now_is_told_and_moves_nothing() -> None:
    found = words([said("link", id=1, notice_id=None)], [dispute()])

    assert found.of(f"order:{ORDER}") == Word()
    assert [each.id for each in found.adrift] == [1]
    assert [each.id for each in found.told[f"order:{ORDER}"]] == [1]


def cancellation(sha256: str) -> Entry:
    notice = Notice(
        kind="card-cancelled",
        source="card",
        form="kr.shinhan.cancelled",
        money=Money(7000, "KRW"),
        on=date(2026, 5, 19),
    )
    facts = MailFacts(sha256=sha256)
    return Entry(Reading(mail=facts, outcome="notice", trust="allowed", notices=(notice,)), b"text", 4)


def test_every_value_comes_back(tmp_path: Path) -> None:
    made = [
        said("link"),
        said("unlink", n=3),
        said("confirm", money=Money(520, "USD"), on=date(2026, 5, 19)),
        said("write-off", on=date(2026, 5, 20)),
        said("note", text="called; they\N{RIGHT SINGLE QUOTATION MARK}ll \N{HANGUL SYLLABLE GA} \ud800"),
        said("method", text="paypal"),
        said("card", issuer="kr.shinhan", card="2*5*", order=None, dispute="55"),
    ]

    with Store.open(tmp_path / "refunds.db") as store:
        numbers = [store.decide(each) for each in made]
        kept = store.decisions()

    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    as_stored = replace(made[4], text=str(made[4].text).replace("\ud800", "\N{REPLACEMENT CHARACTER}"))
    assert kept == [
        replace(each, id=number) for number, each in enumerate([*made[:4], as_stored, *made[5:]], 1)
    ]


def test_a_decision_leads_to_the_notice_that_its_mail_holds_today(tmp_path: Path) -> None:
    with Store.open(tmp_path / "refunds.db") as store:
        store.decide(said("link"))
        before = [each.notice_id for each in store.decisions()]
        store.record([cancellation("cd" * 32), cancellation(SHA)], now=NOW)
        then = [each.notice_id for each in store.decisions()]
        store.reread(2, Reading(mail=MailFacts(sha256=SHA), outcome="unread", reason="two forms disagree"))
        after = [each.notice_id for each in store.decisions()]
        store.reread(2, cancellation(SHA).reading)
        again = [each.notice_id for each in store.decisions()]

    assert (before, then, after) == ([None], [2], [None])
    assert again != [None]


def test_a_decision_makes_the_derived_disputes_stale(tmp_path: Path) -> None:
    with Store.open(tmp_path / "refunds.db") as store:
        store.replace_derived([])
        fresh = store.pending_derivation()
        number = store.decide(said("note", text="x"))
        decided = store.pending_derivation()
        list(store.notices())
        store.replace_derived([])
        store.undo(number, NOW)

        assert (fresh, decided, store.pending_derivation()) == (False, True, True)


def test_undo_takes_back_the_latest_that_still_counts(tmp_path: Path) -> None:
    with Store.open(tmp_path / "refunds.db") as store:
        for text in ("one", "two", "three"):
            store.decide(said("note", text=text))
        undone = [store.undo(2, NOW).text, store.undo(None, NOW).text, store.undo(None, NOW).text]

        assert undone == ["two", "three", "one"]
        assert [each.undone_at for each in store.decisions()] == [NOW] * 3


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (None, "there is no decision to undo; `refunds decisions` lists them"),
        (9, "there is no decision 9; `refunds decisions` lists them"),
        (1, "decision 1 was taken back already, at 2026-05-20T09:00:00Z"),
    ],
)
def test_what_cannot_be_undone_is_a_sentence(tmp_path: Path, number: int | None, sentence: str) -> None:
    with Store.open(tmp_path / "refunds.db") as store:
        store.decide(said("note", text="x"))
        store.undo(1, NOW)

        with pytest.raises(BadInput) as refused:
            store.undo(number, NOW)

    assert str(refused.value) == sentence
