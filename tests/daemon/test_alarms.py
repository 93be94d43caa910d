"""What is wrong: the table of rules, each at its edges; pure facts in, alarms out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.money import Money
from refundtracker.alarms import rules as alarms
from refundtracker.alarms.rules import KINDS, Facts, Unsent, parting, trouble_kind, wrong_now
from refundtracker.disputes import Dispute, Window
from refundtracker.errors import BadConfig, DiskTrouble, Refused, TrackerError, Unreachable
from refundtracker.records import AccountStatus, MailRow
from refundtracker.words import WORDS

if TYPE_CHECKING:
    from refundtracker.alarms.rules import TroubleKind
    from refundtracker.disputes import Phase

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def facts(**values: Any) -> Facts:
    return Facts(**{"now": NOW, "today": TODAY, "begun": NOW - 90 * DAY, **values})


def status(kind: TroubleKind | None = None, since: datetime = NOW, swept: datetime = NOW) -> AccountStatus:
    said = f"imap.shop.test: {kind}" if kind else None
    return AccountStatus("home", "idle", NOW, swept, said, since if kind else None, kind)


def promise(overdue_on: date, **values: Any) -> Dispute:
    window = Window(
        starts_on=overdue_on - 14 * DAY,
        due_on=overdue_on - 4 * DAY,
        overdue_on=overdue_on,
        escalate_on=overdue_on + 14 * DAY,
        calendar="KR",
        method="card",
        table="0.102",
    )
    defaults: dict[str, Any] = {
        "key": "order:1", "id": 7, "order": "8012345678901234", "phase": "promised",
        "promised": Money(7000, "KRW"), "window": window,
    }  # fmt: skip
    return Dispute(**{**defaults, **values})


def act(by: date | None) -> Dispute:
    return Dispute(key="order:2", id=8, phase="act", act_by=by)


def mail(outcome: Any, recorded_at: datetime, number: int = 1) -> MailRow:
    return MailRow(
        id=number, sha256=None, message_id=None, sender="x@aliexpress.com", subject="s", date=None,
        arrived=None, size=1, outcome=outcome, reason=None, trust=None, recorded_at=recorded_at, kept=True,
    )  # fmt: skip


def found(**values: Any) -> list[tuple[str, str]]:
    return [alarm.key for alarm in wrong_now(facts(**values))]


def test_nothing_is_wrong_in_a_quiet_house() -> None:
    assert found(accounts=(status(),), disputes=(promise(TODAY + 5 * DAY),), latest_mail=NOW) == []


# --- mailboxes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "lasted", "expected"),
    [
        ("refused", timedelta(0), [("login", "home")]),
        ("unreachable", 3 * HOUR - MINUTE, []),
        ("unreachable", 3 * HOUR, [("unreachable", "home")]),
        ("folder", HOUR - MINUTE, []),
        ("folder", HOUR, [("folder", "home")]),
        ("disk", timedelta(0), [("database", "")]),
        ("other", 99 * DAY, []),
    ],
)
def test_an_account_in_trouble(kind: TroubleKind, lasted: timedelta, expected: list[tuple[str, str]]) -> None:
    assert found(accounts=(status(kind, NOW - lasted),)) == expected


def test_trouble_is_told_with_what_was_said_and_since_when() -> None:
    (alarm,) = wrong_now(facts(accounts=(status("refused", NOW - DAY),)))

    assert alarm.values == {"account": "home", "said": "imap.shop.test: refused"}
    assert (alarm.since, alarm.severity) == (NOW - DAY, "urgent")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Refused("x"), "refused"),
        (BadConfig("x", ("y",)), "refused"),
        (Unreachable("x"), "unreachable"),
        (DiskTrouble("x"), "disk"),
    ],
)
def test_errors_are_told_apart(error: TrackerError, kind: TroubleKind) -> None:
    assert trouble_kind(error) == kind


def test_a_mailbox_that_nobody_reads_is_told_while_money_is_on_its_way() -> None:
    late = (status(swept=NOW - 2 * DAY),)
    just = (status(swept=NOW - 2 * DAY + MINUTE),)
    waiting = (promise(TODAY + 5 * DAY),)

    assert found(accounts=late, disputes=waiting) == [("no-sweep", "home")]
    assert found(accounts=just, disputes=waiting) == []
    assert found(accounts=late, disputes=()) == []


def test_a_mailbox_that_was_never_read_counts_from_the_beginning() -> None:
    never = (replace(status(), last_sweep_at=None),)
    waiting = (promise(TODAY + 5 * DAY),)

    assert found(accounts=never, disputes=waiting, begun=NOW - HOUR) == []
    assert found(accounts=never, disputes=waiting) == [("no-sweep", "home")]


def test_one_cause_makes_one_alarm() -> None:
    """A refused login reads no mail either; that is no second alarm."""
    refused = (status("refused", NOW - 5 * DAY, swept=NOW - 5 * DAY),)

    assert found(accounts=refused, disputes=(promise(TODAY + 5 * DAY),)) == [("login", "home")]


@pytest.mark.parametrize(
    ("overdue_on", "latest", "expected"),
    [
        (TODAY + 2 * DAY, NOW - 14 * DAY, True),  # due, and silence
        (TODAY + 2 * DAY, NOW - 14 * DAY + MINUTE, False),
        (TODAY + 9 * DAY, NOW - 14 * DAY, False),  # it may still take its time
        (TODAY - 30 * DAY, NOW - 14 * DAY, True),
        (TODAY - 31 * DAY, NOW - 14 * DAY, False),  # long lost: it says nothing about the mailbox
        (TODAY + 2 * DAY, None, False),
    ],
)
def test_silence_while_a_refund_is_due(overdue_on: date, latest: datetime | None, *, expected: bool) -> None:
    told = found(accounts=(status(),), disputes=(promise(overdue_on),), latest_mail=latest)

    assert (("no-mail", "") in told) == expected


# --- mails ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "lasts"), [("unread", 7 * DAY), ("unparsable", 7 * DAY), ("untrusted", 3 * DAY)]
)
def test_mails_nobody_can_read_are_one_alarm(outcome: str, lasts: timedelta) -> None:
    many = tuple(mail(outcome, NOW - lasts + MINUTE, number) for number in range(1, 40))
    (alarm,) = wrong_now(facts(mails=many))

    assert alarm.key == (outcome, "")
    assert alarm.values == {"count": "39", "ref": "39", "sender": "x@aliexpress.com"}
    assert found(mails=(mail(outcome, NOW - lasts),)) == []


# --- money ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act_by", "expected"),
    [
        (TODAY + 2 * DAY, False),
        (TODAY + DAY, True),
        (TODAY, True),
        (TODAY - DAY, False),
        (None, False),
    ],
)
def test_an_answer_is_needed_within_a_day(act_by: date | None, *, expected: bool) -> None:
    assert (("act-by", "8") in found(disputes=(act(act_by),))) == expected


@pytest.mark.parametrize(
    ("overdue_on", "expected"),
    [(TODAY, False), (TODAY - DAY, True), (TODAY - 7 * DAY, True), (TODAY - 8 * DAY, False)],
)
def test_what_is_newly_late(overdue_on: date, *, expected: bool) -> None:
    assert (("overdue", "7") in found(disputes=(promise(overdue_on),))) == expected


@pytest.mark.parametrize(
    ("by", "phase", "expected"),
    [
        (TODAY + 31 * DAY, "promised", False),
        (TODAY + 30 * DAY, "promised", True),
        (TODAY, "open", True),
        (TODAY - DAY, "promised", False),
        (TODAY, "lost", False),  # decided: the summary keeps its date in mind
        (TODAY, "withdrawn", False),
    ],
)
def test_the_last_day_for_a_chargeback_is_near(by: date, phase: Phase, *, expected: bool) -> None:
    dispute = promise(TODAY + 5 * DAY, phase=phase, chargeback_by=by)

    assert (("chargeback", "7") in found(disputes=(dispute,))) == expected


def test_what_a_dispute_has_become_is_told_when_its_alarm_is_over() -> None:
    (alarm,) = wrong_now(facts(disputes=(promise(TODAY - DAY),)))
    withdrawn = facts(disputes=(promise(TODAY - DAY, phase="withdrawn"),))

    assert parting(alarm, withdrawn).values["state"] == "withdrawn"
    assert parting(alarm, facts()) == alarm


# --- the machine ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late", "expected"), [(2 * HOUR - MINUTE, []), (2 * HOUR, [("summary", "")])])
def test_a_summary_that_was_not_sent(late: timedelta, expected: list[tuple[str, str]]) -> None:
    assert found(unsent=Unsent("2026-W21", NOW - late, "451 later")) == expected


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (TODAY + 61 * DAY, []),
        (TODAY + 60 * DAY, [("holidays", "KR")]),
        (TODAY - DAY, [("holidays", "KR")]),
    ],
)
def test_a_holiday_table_that_ends(end: date, expected: list[tuple[str, str]]) -> None:
    assert found(holidays_end=end) == expected


def test_a_disk_a_file_and_a_copy_in_trouble() -> None:
    assert found(free_bytes=alarms.LITTLE_ROOM, damage="", backup_trouble="") == []
    assert found(free_bytes=alarms.LITTLE_ROOM - 1, damage="page 3", backup_trouble="full") == [
        ("disk", ""), ("damage", ""), ("backup", ""),
    ]  # fmt: skip


def test_every_kind_has_its_words() -> None:
    wanted = {f"alarm.{kind}{part}" for kind in KINDS for part in ("", ".do", ".over")}

    assert wanted - set(WORDS) == set()


@given(
    kinds=st.lists(st.sampled_from(["refused", "unreachable", "folder", "disk", "other", None]), max_size=4),
    days=st.lists(st.integers(-400, 400), max_size=6),
)
def test_no_key_comes_twice_and_looking_again_finds_the_same(
    kinds: list[TroubleKind | None], days: list[int]
) -> None:
    seen = facts(
        accounts=tuple(status(kind, NOW - 9 * HOUR) for kind in kinds),
        disputes=tuple(promise(TODAY + day * DAY, chargeback_by=TODAY - day * DAY) for day in days),
        mails=tuple(mail("unread", NOW + day * HOUR) for day in days),
    )
    once = wrong_now(seen)

    assert len({alarm.key for alarm in once}) == len(once)
    assert wrong_now(seen) == once
