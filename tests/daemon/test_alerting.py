"""Once, then daily, then "over": what a channel is told of what it has to tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from refundtracker.alarms.alerting import Bulletin, Item, compare, news, packed, unpacked
from refundtracker.alarms.rules import Alarm, Facts, Key
from refundtracker.records import AlarmRow

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def alarm(kind: str = "login", subject: str = "home", said: str = "no", since: datetime = NOW) -> Alarm:
    return Alarm(kind, subject, {"account": "home", "said": said}, "urgent", since)  # type: ignore[arg-type]


def facts(now: datetime = NOW) -> Facts:
    return Facts(now=now, today=now.date(), begun=NOW)


def told(rows: list[AlarmRow], book: dict[Key, datetime], now: datetime) -> list[tuple[str, str]]:
    return [(item.what, item.alarm.subject) for item in news(rows, book, now, DAY).items]


# --- what is remembered -----------------------------------------------------------------------------


def test_what_is_found_first_is_raised() -> None:
    assert compare([alarm()], [], facts()) == [AlarmRow(alarm(), NOW)]


def test_what_lasts_is_not_written_again() -> None:
    assert compare([alarm(since=NOW + HOUR)], [AlarmRow(alarm(), NOW)], facts(NOW + HOUR)) == []


def test_what_lasts_in_other_words_keeps_its_beginning() -> None:
    (row,) = compare([alarm(said="still no", since=NOW + HOUR)], [AlarmRow(alarm(), NOW)], facts(NOW + HOUR))

    assert row == AlarmRow(alarm(said="still no"), NOW)


def test_what_is_gone_is_over_once() -> None:
    over = AlarmRow(alarm(), NOW, NOW + HOUR)

    assert compare([], [AlarmRow(alarm(), NOW)], facts(NOW + HOUR)) == [over]
    assert compare([], [over], facts(NOW + 2 * HOUR)) == []


def test_what_comes_back_before_it_was_told_goes_on() -> None:
    (row,) = compare([alarm(since=NOW + DAY)], [AlarmRow(alarm(), NOW, NOW + HOUR)], facts(NOW + DAY))

    assert row == AlarmRow(alarm(), NOW)


# --- what is told -----------------------------------------------------------------------------------


def test_once_then_daily_then_over() -> None:
    """Looked at every five minutes for three days, and then it is mended."""
    book: dict[Key, datetime] = {}
    heard = []
    for number in range(3 * 24 * 12 + 12):
        now = NOW + number * 5 * MINUTE
        rows = [AlarmRow(alarm(), NOW, now if number >= 3 * 24 * 12 else None)]
        for item in news(rows, book, now, DAY).items:
            heard.append((item.what, now - NOW))
            if item.what == "over":
                book.clear()
            else:
                book[item.alarm.key] = now

    assert heard == [("new", 0 * DAY), ("again", DAY), ("again", 2 * DAY), ("over", 3 * DAY)]


def test_what_mends_itself_soon_is_not_told() -> None:
    """After a night's sleep a machine is behind with everything for some minutes."""
    fresh = AlarmRow(alarm("unreachable"), NOW)
    gone = AlarmRow(alarm("unreachable"), NOW, NOW + 20 * MINUTE)

    assert told([fresh], {}, NOW + 29 * MINUTE) == []
    assert told([gone], {}, NOW + 31 * MINUTE) == []
    assert told([fresh], {}, NOW + 30 * MINUTE) == [("new", "home")]


def test_reminders_travel_together() -> None:
    """Two alarms of different hours do not make two mails a day."""
    first, second = AlarmRow(alarm(subject="a"), NOW), AlarmRow(alarm(subject="b"), NOW)
    book: dict[Key, datetime] = {("login", "a"): NOW, ("login", "b"): NOW + 7 * HOUR}

    assert told([first, second], book, NOW + DAY) == [("again", "a"), ("again", "b")]
    assert told([first, second], {**book, ("login", "b"): NOW + 13 * HOUR}, NOW + DAY) == [("again", "a")]


def test_a_clock_that_is_set_back_silences_nothing() -> None:
    row = AlarmRow(alarm("unreachable"), NOW)

    assert told([row], {}, NOW - 9 * DAY) == [("new", "home")]
    assert told([row], {row.alarm.key: NOW}, NOW - 9 * DAY) == [("again", "home")]
    assert told([row], {row.alarm.key: NOW}, NOW - 30 * MINUTE) == []


@given(
    values=st.dictionaries(st.text(max_size=5), st.text(), max_size=3),
    subject=st.text(max_size=20),
    what=st.sampled_from(["new", "again", "over"]),
    doubtful=st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_a_bulletin_waits_unchanged(values: dict[str, str], subject: str, what: str, doubtful: None) -> None:
    item = Item(what, Alarm("login", subject, values, "warning", NOW))  # type: ignore[arg-type]
    bulletin = Bulletin((item,), doubtful)

    assert unpacked(packed(bulletin)) == bulletin
