"""The store on a real SQLite file: what goes in comes out, once, whatever the order and the text."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundparsers.money import Money
from refundparsers.notices import Kind, MailFacts, Notice, Outcome, Reading, Result, Source
from refundtracker.alarms.rules import Alarm
from refundtracker.disputes import Dispute, Reason, Received, Window
from refundtracker.errors import BadInput
from refundtracker.records import (
    AlarmRow,
    Changes,
    Cursor,
    CursorMove,
    DerivedDispute,
    Entry,
    Place,
    Recorded,
)
from refundtracker.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
FINISHED = Notice(
    kind="dispute-finished",
    source="aliexpress",
    form="aliexpress.dispute-finished.ko",
    order="8012345678901234",
    result="refund",
    money=Money(520, "USD"),
    on=date(2026, 5, 12),
    at=datetime(2026, 5, 12, 4, 22, tzinfo=UTC),
)
CANCELLED = Notice(
    kind="card-cancelled",
    source="card",
    form="kr.shinhan.cancelled",
    money=Money(7000, "KRW"),
    issuer="kr.shinhan",
    card="1234",
    merchant="ALIEXPRESS",
    on=date(2026, 5, 19),
)
WINDOW = Window(
    starts_on=date(2026, 5, 12),
    due_on=date(2026, 5, 21),
    overdue_on=date(2026, 5, 27),
    escalate_on=date(2026, 6, 11),
    calendar="KR",
    method="card",
    table="0.102",
)


def entry(text: str, *notices: Notice, outcome: Outcome = "notice", place: Place | None = None) -> Entry:
    """A mail with this text, read as these notices."""
    raw = text.encode()
    facts = MailFacts(
        sha256=hashlib.sha256(raw).hexdigest(),
        message_id=f"{text}@example",
        sender="transaction@notice.aliexpress.com",
        subject=f"Subject of {text}",
        date=datetime(2026, 5, 12, 4, 22, tzinfo=UTC),
    )
    reading = Reading(mail=facts, outcome=outcome, trust="verified", notices=notices)
    return Entry(reading, raw, len(raw), arrived=NOW, place=place)


def unfetched(place: Place, *, size: int = 900, arrived: datetime | None = NOW) -> Entry:
    """A stranger's mail, of which only the place is known."""
    return Entry(Reading(mail=MailFacts(sha256=""), outcome="not-ours"), None, size, arrived, place)


def at(uid: int, *, folder: str = "INBOX", uidvalidity: int = 1) -> Place:
    return Place("home", folder, uidvalidity, uid)


def promise(order: str, *received: Received) -> Dispute:
    return Dispute(
        key=f"order:{order}",
        order=order,
        phase="promised",
        promised=Money(520, "USD"),
        window=WINDOW,
        received=received,
    )


def paid(notice_id: int) -> Received:
    return Received(
        money=Money(7000, "KRW"),
        on=CANCELLED.on,
        issuer=CANCELLED.issuer,
        card=CANCELLED.card,
        link="auto",
        why=Reason("only-candidate", {"card": "1234", "가맹점": "알리"}),
        notice_id=notice_id,
    )


def dump(path: Path) -> list[str]:
    """Every row of every table, as text."""
    with Store.open_readonly(path) as store:
        return list(store._connection.iterdump())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "refunds.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


def test_a_mail_comes_back_as_it_was_recorded(store: Store) -> None:
    done = store.record([entry("a", FINISHED, CANCELLED)], now=NOW)

    assert done == Recorded(new=1, known=0)
    (mail,) = store.mails()
    assert (mail.id, mail.sender, mail.subject) == (1, "transaction@notice.aliexpress.com", "Subject of a")
    assert (mail.date, mail.arrived, mail.recorded_at) == (FINISHED.at, NOW, NOW)
    assert (mail.outcome, mail.trust, mail.size, mail.kept) == ("notice", "verified", 1, True)
    assert store.raw(mail.id) == b"a"
    assert [kept.notice for kept in store.notices()] == [FINISHED, CANCELLED]
    assert [(kept.id, kept.mail_id, kept.trust) for kept in store.notices()] == [
        (1, 1, "verified"),
        (2, 1, "verified"),
    ]


def test_recording_twice_doubles_nothing(store: Store, path: Path) -> None:
    entries = [entry("a", FINISHED, place=at(1)), entry("b", CANCELLED, place=at(2)), unfetched(at(3))]
    store.record(entries, cursor=CursorMove("home", "INBOX", 1, 3, NOW), now=NOW)
    before = dump(path)

    done = store.record(entries, cursor=CursorMove("home", "INBOX", 1, 3, NOW), now=NOW)

    assert done == Recorded(new=0, known=3)
    assert dump(path) == before


def test_the_same_mail_twice_in_one_call_is_one_mail(store: Store) -> None:
    done = store.record([entry("a", FINISHED, place=at(1)), entry("a", FINISHED, place=at(2))], now=NOW)

    assert done == Recorded(new=1, known=1)
    assert len(list(store.notices())) == 1
    assert store.known_uids("home", "INBOX", 1) == {1, 2}


def test_a_known_mail_in_another_folder_adds_only_the_place(store: Store) -> None:
    store.record([entry("a", FINISHED, place=at(1))], now=NOW)

    done = store.record([entry("a", CANCELLED, place=at(7, folder="Refunds"))], now=NOW)

    assert done == Recorded(new=0, known=1)
    assert [kept.notice for kept in store.notices()] == [FINISHED]
    assert store.known_uids("home", "Refunds", 1) == {7}


def test_of_strangers_nothing_personal_is_stored(store: Store, path: Path) -> None:
    """A not-ours mail leaves a hash or a place, a size and a date."""
    secret = entry("private", CANCELLED, outcome="not-ours")
    named = replace(secret, reading=replace(secret.reading, reason="bob@example.org is followed by nobody"))

    store.record([named], now=NOW)

    (mail,) = store.mails("not-ours")
    assert (mail.sender, mail.subject, mail.message_id, mail.reason) == (None, None, None, None)
    assert store.raw(mail.id) is None
    assert not re.search("private|bob|ALIEXPRESS", "\n".join(dump(path)))


def test_a_mail_that_must_not_be_kept_is_not_kept(store: Store) -> None:
    code = entry("123456 is your code", outcome="ignored")

    store.record([replace(code, reading=replace(code.reading, keep=False))], now=NOW)

    (mail,) = store.mails("ignored")
    assert (mail.kept, store.raw(mail.id)) == (False, None)


def test_a_mail_without_text_in_the_record_gets_it_when_it_arrives_again(store: Store) -> None:
    """A file imported before its sender was allowed is not lost for ever."""
    store.record([entry("a", outcome="not-ours")], now=NOW)

    done = store.record([entry("a", FINISHED)], now=NOW)

    assert done == Recorded(new=1, known=0)
    (mail,) = store.mails()
    assert (mail.outcome, mail.sender, store.raw(mail.id)) == (
        "notice",
        "transaction@notice.aliexpress.com",
        b"a",
    )
    assert [kept.notice for kept in store.notices()] == [FINISHED]
    assert store.pending_derivation()


def test_a_stranger_who_became_known_is_one_mail(store: Store) -> None:
    """The body of a mail is fetched later than its place was recorded."""
    store.record([unfetched(at(5))], now=NOW)

    store.record([entry("a", FINISHED, place=at(5))], now=NOW)

    assert [mail.outcome for mail in store.mails()] == ["notice"]
    assert store.known_uids("home", "INBOX", 1) == {5}


def test_an_unfetched_mail_does_not_hide_what_is_known_of_its_place(store: Store) -> None:
    store.record([entry("a", FINISHED, place=at(5))], now=NOW)

    assert store.record([unfetched(at(5))], now=NOW) == Recorded(new=0, known=1)
    assert [mail.outcome for mail in store.mails()] == ["notice"]


def test_after_a_new_uidvalidity_no_mail_is_counted_twice(store: Store) -> None:
    """Fetched mails are known by their bytes, the others by size and arrival."""
    twins = [unfetched(at(2)), unfetched(at(3)), unfetched(at(4), size=901)]
    store.record([entry("a", FINISHED, place=at(1)), *twins], now=NOW)

    again = [unfetched(at(uid, uidvalidity=2)) for uid in (12, 13)]
    other = [unfetched(at(14, uidvalidity=2), size=901), unfetched(at(15, uidvalidity=2))]
    done = store.record([entry("a", FINISHED, place=at(11, uidvalidity=2)), *again, *other], now=NOW)

    assert done == Recorded(new=1, known=4)
    assert store.known_uids("home", "INBOX", 2) == {11, 12, 13, 14, 15}
    assert store.known_uids("home", "INBOX", 1) == {1, 2, 3, 4}
    assert store.outcome_counts()["not-ours"] == 4


def test_another_mail_under_a_known_uid_is_not_lost(store: Store) -> None:
    """A server that reuses a UID does not make us forget either mail."""
    store.record([entry("a", FINISHED, place=at(1))], now=NOW)

    store.record([entry("b", CANCELLED, place=at(1))], now=NOW)

    assert [kept.notice for kept in store.notices()] == [FINISHED, CANCELLED]


def test_places_that_look_alike_are_different_mails(store: Store) -> None:
    places = [Place("a/b", "c", 1, 2), Place("a", "b/c", 1, 2), Place("a%2Fb", "c", 1, 2)]

    assert store.record([unfetched(place) for place in places], now=NOW) == Recorded(new=3, known=0)


def test_a_mail_without_identity_is_refused(store: Store) -> None:
    nameless = Entry(Reading(mail=MailFacts(sha256=""), outcome="unparsable"), b"x", 1)

    with pytest.raises(ValueError, match="sha256 or a place"):
        store.record([entry("a", FINISHED), nameless], now=NOW)
    assert store.mails() == []


def test_an_amount_that_fits_no_column_is_a_sentence(store: Store) -> None:
    with pytest.raises(BadInput, match=r"amount of 31 digits.*kr\.shinhan\.cancelled"):
        store.record([entry("a", replace(CANCELLED, money=Money(10**30, "KRW")))], now=NOW)
    assert store.mails() == []


def test_a_moment_without_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="no zone"):
        store.record([entry("a")], now=datetime(2026, 5, 20, 9, 0))  # noqa: DTZ001


def test_moments_are_stored_in_utc(store: Store) -> None:
    seoul = timezone(timedelta(hours=9))
    store.record([entry("a", FINISHED)], now=datetime(2026, 5, 21, 2, 0, 0, 999, tzinfo=seoul))

    assert store.mails()[0].recorded_at == datetime(2026, 5, 20, 17, 0, tzinfo=UTC)


def test_the_cursor_goes_forward_only_under_one_uidvalidity(store: Store) -> None:
    assert store.cursor("home", "INBOX") is None
    store.record([], cursor=CursorMove("home", "INBOX", 1, 40, NOW), now=NOW)
    store.record([], cursor=CursorMove("home", "INBOX", 1, 30), now=NOW)
    assert store.cursor("home", "INBOX") == Cursor(1, 40, NOW)

    store.record([], cursor=CursorMove("home", "INBOX", 2, 5), now=NOW)
    assert store.cursor("home", "INBOX") == Cursor(2, 5, None)
    assert store.cursor("home", "Sent") is None


def test_rereading_keeps_the_numbers_of_notices(store: Store) -> None:
    """The user's decisions refer to them."""
    store.record([entry("a", FINISHED, CANCELLED), entry("b", CANCELLED)], now=NOW)
    better = entry("a", replace(FINISHED, item="ESP32 board")).reading

    store.reread(1, better)

    assert [(kept.id, kept.notice.item) for kept in store.notices()] == [(1, "ESP32 board"), (3, None)]
    store.reread(1, entry("a", FINISHED, CANCELLED).reading)
    first, second, third = sorted(kept.id for kept in store.notices())
    assert (first, second) == (1, 3)
    assert third > 3, "a number is not given twice"


def test_rereading_can_be_undone(store: Store) -> None:
    """The raw mail outlives a reading that thinks nothing of it."""
    store.record([entry("a", FINISHED)], now=NOW)

    store.reread(1, entry("a", outcome="not-ours").reading)

    assert (list(store.notices()), store.mails()[0].subject) == ([], None)
    assert store.raw(1) == b"a"
    store.reread(1, entry("a", FINISHED).reading)
    assert [kept.notice for kept in store.notices()] == [FINISHED]


def test_rereading_removes_what_must_not_be_kept(store: Store) -> None:
    store.record([entry("a", outcome="unread")], now=NOW)

    store.reread(1, replace(entry("a", outcome="ignored").reading, keep=False))

    assert store.raw(1) is None


def test_rereading_a_mail_that_is_not_there_is_a_sentence(store: Store) -> None:
    with pytest.raises(BadInput, match=r"no mail 9 in .*refunds\.db"):
        store.reread(9, entry("a").reading)


def test_only_proven_notices_are_given_out(store: Store) -> None:
    store.record([entry("a", CANCELLED, outcome="untrusted"), entry("b", outcome="unread")], now=NOW)

    assert list(store.notices()) == []
    assert store.unlinked_credits() == []
    assert store.outcome_counts() == {
        "notice": 0, "ignored": 0, "not-ours": 0, "unread": 1, "untrusted": 1, "unparsable": 0,
    }  # fmt: skip


def test_counts_since_a_moment_count_what_was_recorded_then(store: Store) -> None:
    store.record([entry("a", outcome="unread")], now=NOW)
    store.record([entry("b", outcome="unread")], now=NOW + timedelta(days=7))

    assert store.outcome_counts()["unread"] == 2
    assert store.outcome_counts(NOW + timedelta(days=1))["unread"] == 1


def test_mails_come_latest_first(store: Store) -> None:
    dated = [entry(name, outcome="unread") for name in "abc"]
    days = (12, 14, 13)
    store.record(
        [
            replace(
                mail,
                reading=replace(mail.reading, mail=replace(mail.reading.mail, date=NOW.replace(day=day))),
            )
            for mail, day in zip(dated, days, strict=True)
        ],
        now=NOW,
    )

    assert [mail.id for mail in store.mails()] == [2, 3, 1]
    assert [mail.id for mail in store.mails("unread", limit=2)] == [2, 3]
    assert store.mails("notice") == []


def test_a_mail_is_found_by_number_or_by_its_hash(store: Store) -> None:
    store.record([entry("a"), entry("b")], now=NOW)
    digest = hashlib.sha256(b"b").hexdigest()

    found = [store.mail(ref) for ref in ("2", digest, digest[:6].upper())]

    assert [mail.id for mail in found if mail] == [2, 2, 2]
    assert [store.mail(ref) for ref in ("3", "", "abc", "zzzz", "ffffffffffff", "9" * 40, "\udcff", "½")] == [
        None
    ] * 8


def test_a_hash_that_several_mails_begin_with_is_a_sentence(store: Store) -> None:
    alike = [
        replace(
            mail, reading=replace(mail.reading, mail=replace(mail.reading.mail, sha256="abcd" + digit * 60))
        )
        for mail, digit in ((entry("a"), "0"), (entry("b"), "f"))
    ]
    store.record(alike, now=NOW)

    with pytest.raises(BadInput, match="several mails begin with abcd"):
        store.mail("abcd")


def test_disputes_come_back_as_they_were_derived(store: Store) -> None:
    store.record([entry("a", FINISHED), entry("b", CANCELLED)], now=NOW)
    told = Dispute(
        key="order:8012345678901234",
        order="8012345678901234",
        dispute="9000",
        item="ESP32 board",
        seller="몰",
        phase="promised",
        opened_on=date(2026, 5, 10),
        finished_on=date(2026, 5, 12),
        promised=Money(520, "USD"),
        received=(paid(2),),
        window=WINDOW,
        act_by=date(2026, 5, 15),
        chargeback_by=date(2026, 7, 9),
    )

    changes = store.replace_derived([DerivedDispute(told, (1, 2))])

    assert changes == Changes(added=(1,))
    assert store.disputes() == [replace(told, id=1)]
    for ref in ("1", "8012345678901234", "9000"):
        assert store.find_disputes(ref) == [replace(told, id=1)]
    for ref in ("2", "", "80123", "order:8012345678901234", "\udcff", "1" * 30):
        assert store.find_disputes(ref) == []


def test_only_the_difference_is_written(store: Store) -> None:
    store.record([entry("a", FINISHED), entry("b", CANCELLED)], now=NOW)
    first = [DerivedDispute(promise(order), (1,)) for order in ("1" * 16, "2" * 16, "3" * 16)]
    assert store.replace_derived(first) == Changes(added=(1, 2, 3))
    changes_before = store._connection.total_changes

    assert store.replace_derived(first) == Changes()
    assert store._connection.total_changes - changes_before == 1, "only the mark of the derivation"

    fourth = DerivedDispute(promise("4" * 16), ())
    second = [fourth, first[2], DerivedDispute(promise("1" * 16, paid(2)), (1, 2))]
    assert store.replace_derived(second) == Changes(added=(4,), changed=(1,), removed=(2,))
    assert [(dispute.id, dispute.order) for dispute in store.disputes()] == [
        (1, "1" * 16), (3, "3" * 16), (4, "4" * 16),
    ]  # fmt: skip
    assert store.disputes()[0].received == (paid(2),)
    assert [line.stored.id for line in store.timeline(1)] == [1, 2]


def test_the_number_of_a_dispute_is_never_given_twice(store: Store) -> None:
    store.replace_derived([DerivedDispute(promise("1" * 16), ())])
    store.replace_derived([])

    assert store.replace_derived([DerivedDispute(promise("2" * 16), ())]) == Changes(added=(2,))


def test_derivation_is_pending_until_it_rests_on_the_latest_notices(store: Store) -> None:
    assert not store.pending_derivation()
    store.record([entry("u", outcome="unread")], now=NOW)
    assert not store.pending_derivation()
    store.record([entry("a", FINISHED)], now=NOW)
    assert store.pending_derivation()

    list(store.notices())
    store.replace_derived([])
    assert not store.pending_derivation()

    store.reread(2, entry("a", FINISHED).reading)
    assert not store.pending_derivation(), "nothing is different"
    store.reread(2, entry("a", FINISHED, outcome="untrusted").reading)
    assert store.pending_derivation()


def test_what_another_process_recorded_meanwhile_stays_pending(store: Store, path: Path) -> None:
    """A derivation of the notices of before does not hide those that came since, or went."""
    store.record([entry("a", FINISHED, CANCELLED)], now=NOW)
    list(store.notices())
    with Store.open(path) as other:
        other.reread(1, entry("a", FINISHED).reading)

    store.replace_derived([DerivedDispute(promise("1" * 16, paid(2)), (1, 2))])

    assert store.pending_derivation()
    assert [line.stored.id for line in store.timeline(1)] == [1]
    assert store.disputes()[0].received == ()


def test_the_timeline_is_in_the_order_of_events(store: Store) -> None:
    """An hour decides where there is one; a day alone stands where its mail came."""
    late = replace(FINISHED, kind="refund-sent", on=date(2026, 5, 14), at=None)
    early = replace(
        FINISHED, kind="dispute-opened", on=date(2026, 5, 10), at=datetime(2026, 5, 10, 3, tzinfo=UTC)
    )
    next_hour = replace(FINISHED, kind="seller-message", at=datetime(2026, 5, 12, 5, 0, tzinfo=UTC))
    store.record([entry("a", late, next_hour), entry("b", early), entry("c", FINISHED)], now=NOW)
    store.replace_derived([DerivedDispute(promise("1" * 16), (1, 2, 3, 4))])

    timeline = store.timeline(1)

    assert [line.stored.notice.kind for line in timeline] == [
        "dispute-opened", "dispute-finished", "seller-message", "refund-sent",
    ]  # fmt: skip
    assert (timeline[0].subject, timeline[0].sha256) == ("Subject of b", hashlib.sha256(b"b").hexdigest())
    assert store.timeline(2) == []


def test_credits_are_listed_until_they_pay_a_dispute(store: Store) -> None:
    announced = replace(CANCELLED, kind="refund-announced", source="wallet", on=date(2026, 5, 18))
    promised = replace(FINISHED, kind="refund-sent")
    charged = replace(CANCELLED, kind="card-charged")
    store.record([entry("a", FINISHED, CANCELLED, announced, promised, charged)], now=NOW)
    assert [kept.id for kept in store.unlinked_credits()] == [3, 2]

    store.replace_derived([DerivedDispute(promise("1" * 16, paid(2)), (1, 2))])

    assert [kept.id for kept in store.unlinked_credits()] == [3]


def test_awaited_are_the_promises_without_money_that_are_overdue(store: Store) -> None:
    store.record([entry("b", CANCELLED)], now=NOW)
    later = replace(promise("3" * 16), window=replace(WINDOW, overdue_on=date(2026, 5, 26)))
    lost = replace(promise("4" * 16), phase="lost")
    derived = [promise("1" * 16), promise("2" * 16, paid(1)), later, lost]
    store.replace_derived([DerivedDispute(dispute, ()) for dispute in derived])

    assert [dispute.id for dispute in store.awaited(date(2026, 5, 28))] == [3, 1]
    assert [dispute.id for dispute in store.awaited(date(2026, 5, 27))] == [3]
    assert store.awaited(date(2026, 5, 26)) == []


def test_an_alarm_is_remembered_until_every_channel_told_that_it_is_over(store: Store) -> None:
    alarm = Alarm("unread", "", {"said": "\udcff ' ;--"}, "warning", NOW)
    store.write_alarms([AlarmRow(alarm, NOW)])
    for channel in ("log", "mail"):
        store.note_told(channel, [alarm.key, ("login", "gone")], [], NOW)
    store.write_alarms([AlarmRow(alarm, NOW, NOW + timedelta(hours=1))])
    rows = [len(store.alarms())]
    for channel in ("log", "mail"):
        store.note_told(channel, [], [alarm.key], NOW)
        rows.append(len(store.alarms()))

    assert (rows, store.open_alarms(), store.told("mail")) == ([1, 1, 0], [], {})


def test_a_channel_that_is_not_used_any_more_keeps_no_alarm(store: Store) -> None:
    alarm = Alarm("login", "home", {}, "urgent", NOW)
    store.write_alarms([AlarmRow(alarm, NOW)])
    store.note_told("mail", [alarm.key], [], NOW)
    store.write_alarms([AlarmRow(alarm, NOW, NOW)])
    store.keep_channels(["log"])

    assert store.alarms() == []


def test_open_alarms_come_urgent_first(store: Store) -> None:
    late = Alarm("login", "home", {"account": "home"}, "urgent", NOW + timedelta(hours=1))
    rows = [AlarmRow(Alarm("unread", "", {}, "warning", NOW), NOW), AlarmRow(late, NOW)]
    store.write_alarms(rows)

    assert store.open_alarms() == rows[::-1]


def test_a_message_in_doubt_is_neither_rewritten_nor_withdrawn(store: Store) -> None:
    for slot in ("certain", "doubtful"):
        store.reserve("alarm:mail", slot, "<1@refunds>", NOW, "old")
    store.mark_tried("alarm:mail", "doubtful", NOW)
    store.mark_leaving("alarm:mail", "doubtful")
    store.withdraw("alarm:mail", "doubtful")
    store.rewrite("alarm:mail", "certain", "new")
    with pytest.raises(ValueError, match="no message is reserved for alarm:mail doubtful"):
        store.rewrite("alarm:mail", "doubtful", "new")

    kept = [store.outbox_row("alarm:mail", slot) for slot in ("certain", "doubtful")]
    assert [row and row.content for row in kept] == ["new", "old"]
    store.withdraw("alarm:mail", "certain")
    assert store.outbox_row("alarm:mail", "certain") is None


def test_a_slot_is_taken_once_and_keeps_its_message_id(store: Store) -> None:
    assert store.last_sent("weekly") is None
    first = store.reserve("weekly", "2026-W21", "<1@refunds>", NOW)
    store.mark_tried("weekly", "2026-W21", NOW)
    store.mark_failed("weekly", "2026-W21", "451 try again \udcff")

    again = store.reserve("weekly", "2026-W21", "<2@refunds>", NOW + timedelta(hours=1))

    assert (first.attempts, first.last_error, first.sent_at) == (0, None, None)
    assert (again.message_id, again.created_at) == ("<1@refunds>", NOW)
    assert (again.attempts, again.last_error) == (1, "451 try again \ufffd")
    assert store.last_sent("weekly") is None

    store.mark_sent("weekly", "2026-W21", NOW + timedelta(hours=2))
    store.mark_sent("weekly", "2026-W21", NOW + timedelta(hours=3))
    sent = store.last_sent("weekly")
    assert sent == store.reserve("weekly", "2026-W21", "<3@refunds>", NOW)
    assert (sent.slot, sent.sent_at, sent.last_error) == ("2026-W21", NOW + timedelta(hours=2), None)


def test_the_last_sent_is_the_latest(store: Store) -> None:
    for week in (1, 3, 2):
        store.reserve("weekly", f"W{week}", f"<{week}@refunds>", NOW)
        store.mark_sent("weekly", f"W{week}", NOW + timedelta(weeks=week))

    last = store.last_sent("weekly")
    assert last
    assert last.slot == "W3"


def test_only_a_reserved_slot_can_be_marked(store: Store) -> None:
    with pytest.raises(ValueError, match="no message is reserved for weekly W1"):
        store.mark_sent("weekly", "W1", NOW)


def test_the_status_of_an_account_remembers_since_when(store: Store) -> None:
    store.note_login("home", "idle", NOW)
    store.note_sweep("home", NOW + timedelta(minutes=1))
    store.note_trouble("home", "the server does not answer", NOW + timedelta(hours=1))
    store.note_trouble("home", "the login was refused", NOW + timedelta(hours=2))

    (status,) = store.account_statuses()
    assert (status.account, status.mode, status.last_login_at) == ("home", "idle", NOW)
    assert status.last_sweep_at == NOW + timedelta(minutes=1)
    assert (status.trouble, status.trouble_since) == ("the login was refused", NOW + timedelta(hours=1))

    store.clear_trouble("home")
    (status,) = store.account_statuses()
    assert (status.trouble, status.trouble_since, status.mode) == (None, None, "idle")

    store.note_trouble("home", "again", NOW + timedelta(hours=5))
    assert store.account_statuses()[0].trouble_since == NOW + timedelta(hours=5)


def test_a_sound_database_has_no_complaints(store: Store) -> None:
    store.record([entry("a", FINISHED)], now=NOW)

    assert store.integrity() == []


def test_rows_that_refer_to_nothing_are_named(store: Store) -> None:
    store.record([entry("a", FINISHED)], now=NOW)
    store._connection.execute("PRAGMA foreign_keys = OFF")
    store._connection.execute("DELETE FROM mail")

    assert store.integrity() == ["a row of notice refers to a mail that is gone"]


def test_a_store_for_reading_cannot_write(store: Store, path: Path) -> None:
    store.record([entry("a", FINISHED)], now=NOW)
    with Store.open_readonly(path) as reader:
        assert [kept.notice for kept in reader.notices()] == [FINISHED]
        with pytest.raises(RuntimeError, match="opened for reading only"):
            reader.clear_trouble("home")


READING_ONLY = """
import sys
from pathlib import Path
from refundtracker.store import Store
with Store.open_readonly(Path(sys.argv[1])) as store:
    print(len(store.disputes()), len(list(store.notices())), len(store.mails()), len(store.timeline(1)))
print([name for name in sys.modules if name.split(".")[0] in ("sqlite_utils", "click", "numpy")])
"""


def test_reading_does_not_import_sqlite_utils(store: Store, path: Path) -> None:
    store.record([entry("a", FINISHED)], now=NOW)
    store.replace_derived([DerivedDispute(promise("1" * 16), (1,))])

    done = subprocess.run(
        [sys.executable, "-c", READING_ONLY, path],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )

    assert (done.stdout, done.stderr) == ("1 1 1 1\n[]\n", "")


def environment() -> dict[str, str]:
    """The import path of this process, for a child."""
    return {"PYTHONPATH": ":".join(sys.path), "PYTHONWARNINGS": "error"}


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """The SQL that the block runs, values included."""
    seen: list[str] = []
    store._connection.set_trace_callback(seen.append)
    yield seen
    store._connection.set_trace_callback(None)


def plans(store: Store, seen: list[str]) -> list[str]:
    """The lines of the query plans of these statements."""
    selects = [statement for statement in seen if statement.lstrip().startswith("SELECT")]
    assert selects, "the block asked nothing"
    return [
        row["detail"]
        for select in selects
        for row in store._connection.execute(f"EXPLAIN QUERY PLAN {select}")
    ]


def test_what_is_asked_about_one_thing_reads_no_whole_table(store: Store) -> None:
    """The list of what is overdue, one dispute, its timeline and one mail cost the same in any archive."""
    store.record([entry("a", FINISHED, place=at(1)), entry("b", CANCELLED)], now=NOW)
    store.replace_derived([DerivedDispute(promise("1" * 16, paid(2)), (1, 2))])

    with statements(store) as seen:
        store.awaited(date(2026, 6, 1))
        store.find_disputes("1111111111111111")
        store.timeline(1)
        store.mail("1")
        store.mail("abcdef")
        store.raw(1)
        store.cursor("home", "INBOX")
        store.known_uids("home", "INBOX", 1)
        store.pending_derivation()
        store.outcome_counts(NOW)
        store.record(
            [entry("a", FINISHED, place=at(9, uidvalidity=2)), unfetched(at(8, uidvalidity=2))], now=NOW
        )

    scans = [line for line in plans(store, seen) if "SCAN" in line]
    # a list of ids in one JSON value, a subquery's constant, and a count that stays in one index
    allowed = re.compile(r"SCAN (json_each|CONSTANT ROW|sqlite_|mail USING COVERING INDEX mail_by_outcome)")
    assert [line for line in scans if not allowed.match(line)] == []


def test_money_that_waits_is_looked_for_in_its_own_index(store: Store) -> None:
    with statements(store) as seen:
        store.unlinked_credits()
        store.disputes()

    lines = plans(store, seen)
    assert any("notice USING INDEX notice_credit" in line for line in lines), lines
    assert not any(re.search(r"SCAN (link|mail|event)\b(?!.*COVERING)", line) for line in lines), lines


texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
maybe = st.none() | texts
days = st.dates()
moments = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
notices = st.builds(
    Notice,
    kind=st.sampled_from(get_args(Kind)),
    source=st.sampled_from(get_args(Source)),
    form=texts,
    on=days,
    order=maybe,
    dispute=maybe,
    item=maybe,
    seller=maybe,
    result=st.none() | st.sampled_from(get_args(Result)),
    money=st.none() | st.builds(Money, st.integers(-(2**63) + 1, 2**63 - 1), texts),
    issuer=maybe,
    card=maybe,
    merchant=maybe,
    at=st.none() | moments,
    act_by=st.none() | days,
    reference=maybe,
)


def stored(text: str | None) -> str | None:
    """The text with U+FFFD in the place of lone surrogates."""
    return text and re.sub("[\ud800-\udfff]", "\ufffd", text)


def readable(notice: Notice) -> Notice:
    """The notice as it is expected back."""
    return replace(
        notice,
        form=stored(notice.form) or "",
        order=stored(notice.order),
        dispute=stored(notice.dispute),
        item=stored(notice.item),
        seller=stored(notice.seller),
        money=notice.money and Money(notice.money.minor, stored(notice.money.currency) or ""),
        issuer=stored(notice.issuer),
        card=stored(notice.card),
        merchant=stored(notice.merchant),
        reference=stored(notice.reference),
    )


@settings(max_examples=60, deadline=None)
@given(
    told=st.lists(notices, max_size=4), subject=maybe, raw=st.binary(max_size=50), mailed=st.none() | moments
)
def test_any_notice_comes_back(
    told: list[Notice], subject: str | None, raw: bytes, mailed: datetime | None
) -> None:
    """Text of any kind, NUL characters and half characters among it, is stored and read."""
    facts = MailFacts(sha256=hashlib.sha256(raw).hexdigest(), subject=subject, date=mailed)
    mail = Entry(Reading(mail=facts, outcome="notice", notices=tuple(told)), raw, len(raw))
    with tempfile.TemporaryDirectory() as directory, Store.open(Path(directory, "x.db")) as store:
        store.record([mail], now=NOW)

        assert [kept.notice for kept in store.notices()] == [readable(notice) for notice in told]
        assert store.raw(1) == raw
        assert store.mails()[0].date == mailed
        assert store.integrity() == []


@settings(max_examples=40, deadline=None)
@given(key=texts, seller=maybe, values=st.dictionaries(st.text(max_size=5), texts, max_size=3))
def test_any_dispute_comes_back_and_is_no_difference(
    key: str, seller: str | None, values: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as directory, Store.open(Path(directory, "x.db")) as store:
        store.record([entry("b", CANCELLED)], now=NOW)
        money = replace(paid(1), why=Reason("code", values))
        derived = [DerivedDispute(Dispute(key=key, seller=seller, received=(money,)), (1,))]
        assert store.replace_derived(derived) == Changes(added=(1,))

        assert store.replace_derived(derived) == Changes()
        (dispute,) = store.disputes()
        assert dispute.received[0].why.values == {name: stored(value) for name, value in values.items()}
