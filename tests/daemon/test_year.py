"""A year of the service by a clock that the test turns: real database, real mail server, no patching.

The machine is looked at every few hours; each time all jobs are asked as the loop of the service asks them.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from refundparsers import read
from refundparsers.money import Money
from refundparsers.notices import MailFacts, Notice, Reading
from refundparsers.senders import SenderPolicy
from refundtracker.calendars import calendar_of
from refundtracker.config import Account, Config, Region, Smtp, SummaryPlan
from refundtracker.jobs.timetable import Timetable
from refundtracker.records import Entry
from refundtracker.store import Store
from refundtracker.watching import Setting
from rigs.smtp import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage
    from pathlib import Path

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ME = "me@shop.test"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
# Orders whose dispute finished before a long holiday: Seollal 16-18 February, Chuseok 24-26 September 2026.
SEOLLAL, CHUSEOK = date(2026, 2, 6), date(2026, 9, 16)


@dataclass(slots=True)
class Year:
    """One installation and its clock.

    Attributes:
        setting: with the clock of this very object.
        now: the moment it is (UTC).
        reachable: whether the mailbox can be read.
    """

    database: Path
    config: Config
    now: datetime = NEW_YEAR
    reachable: bool = True
    setting: Setting = field(init=False)
    timetable: Timetable = field(init=False)

    def __post_init__(self) -> None:
        self.setting = Setting(self.config, self.database, None, {}, "en", lambda: self.now)
        self.restart()

    def restart(self) -> None:
        """The machine was off; nothing but the database is left."""
        self.timetable = Timetable(self.setting)

    def at(self, moment: datetime) -> None:
        """It is now this moment; nobody is still at work when this returns."""
        self.now = moment
        self._read_mail()
        for _ in range(2):  # who finds out, then who tells
            self.timetable.turn()
            self.timetable.settle(60)

    def until(self, end: datetime, step: timedelta = DAY) -> None:
        """Let the time go by from now on."""
        while self.now < end:
            self.at(self.now)
            self.now += step

    def _read_mail(self) -> None:
        """What the watcher of the account does."""
        with Store.open(self.database) as store:
            if self.now.day % 7 == 0:
                store.record([advert(self.now.date())], now=self.now)
            if self.reachable:
                store.note_sweep("home", self.now)
                store.clear_trouble("home")
            else:
                store.note_trouble("home", "mail.shop.test: timed out", self.now, "unreachable")

    def finish(self, order: str, on: date) -> None:
        """A mail says that the dispute of an order ended with a refund."""
        self._record("dispute-finished", f"finished-{order}", on, order=order, money=Money(7000, "KRW"))

    def pay(self, order: str, on: date) -> None:
        """The card company's text about its money."""
        self._record(
            "card-cancelled", f"paid-{order}", on, order=order, money=Money(7000, "KRW"), source="card",
            issuer="kr.shinhan", card="1234", merchant="ALIEXPRESS",
        )  # fmt: skip

    def _record(self, kind: Any, name: str, on: date, source: Any = "aliexpress", **values: Any) -> None:
        facts = MailFacts(
            sha256=name.encode().hex().ljust(64, "0"), sender="transaction@notice.aliexpress.com"
        )
        notice = Notice(kind=kind, source=source, form="test", on=on, **values)
        reading = Reading(mail=facts, outcome="notice", trust="verified", notices=(notice,))
        with Store.open(self.database) as store:
            store.record([Entry(reading, b"raw", 3)], now=self.now)


def advert(on: date) -> Entry:
    """Shops write every week, whatever becomes of a dispute."""
    facts = MailFacts(sha256=f"{on:%Y%m%d}".ljust(64, "0"), sender="promotion@deals.aliexpress.com")
    return Entry(Reading(mail=facts, outcome="ignored", reason="advert", keep=False), None, 3)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path, tls="none") as running:
        yield running


@pytest.fixture
def begin(tmp_path: Path, server: Receiver) -> Callable[[str], Year]:
    def year(zone: str) -> Year:
        return Year(tmp_path / "refunds.db", configured(server, zone))

    return year


def configured(server: Receiver, zone: str) -> Config:
    return Config(
        region=Region(country="KR", timezone=ZoneInfo(zone), language="en"),
        accounts=(Account(name="home", host="mail.shop.test", user=ME),),
        summary=SummaryPlan(to=ME),
        smtp=Smtp(host=server.host, port=server.port, tls="none", sender=ME),
        backups=1,
    )


def mails(server: Receiver, marker: str) -> list[EmailMessage]:
    """What came of one sort, oldest first."""
    every = [email.message_from_bytes(each.content, policy=email.policy.default) for each in server.received]
    return [mail for mail in every if mail["X-Refundtracker"] == marker]


def titles(server: Receiver) -> list[tuple[str, str]]:
    """The local day in Seoul and the subject of every alarm mail."""
    return [
        (str(mail["Date"].datetime.astimezone(ZoneInfo("Asia/Seoul")).date()), str(mail["Subject"]))
        for mail in mails(server, "alarm")
    ]


def moments(zone: str) -> list[datetime]:
    """Of each week of 2026: a minute before the summary is due, and the minute it is due."""
    mondays = [date(2026, 1, 5) + week * 7 * DAY for week in range(52)]
    looks = (time(7, 59), time(8))
    local = [datetime.combine(each, at, ZoneInfo(zone)) for each in mondays for at in looks]
    return [NEW_YEAR, *(moment.astimezone(UTC) for moment in local)]


def sent_at(server: Receiver, zone: str) -> list[datetime]:
    """The local moments of all summaries, oldest first."""
    dates = [mail["Date"].datetime.astimezone(ZoneInfo(zone)) for mail in mails(server, "summary")]
    return [moment.replace(tzinfo=None) for moment in dates]


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Europe/Berlin"])
def test_a_year_has_fifty_two_summaries_and_none_twice(
    begin: Callable[[str], Year], server: Receiver, zone: str
) -> None:
    """Each Monday at eight in the morning of the zone, across both changes of the clocks."""
    year = begin(zone)
    for moment in moments(zone):
        year.at(moment)

    mondays = [datetime(2026, 1, 5, 8) + week * 7 * DAY for week in range(52)]  # noqa: DTZ001 - local
    assert sent_at(server, zone) == mondays
    assert len({mail["Message-ID"] for mail in mails(server, "summary")}) == 52
    (copy,) = year.database.parent.glob("*.backup")  # one a week, the newest is kept
    assert copy.name.startswith("refunds.db.2026-12-2")


def test_two_weeks_of_downtime_are_told_in_one_summary(
    begin: Callable[[str], Year], server: Receiver
) -> None:
    """Off from 10 to 25 July: the Mondays 13 and 20 July collapse into one, sent when it is back."""
    back = datetime(2026, 7, 25, 9, tzinfo=UTC)
    year = begin("Europe/Berlin")
    for moment in moments("Europe/Berlin"):
        if moment.date() == date(2026, 7, 27) and year.now < back:
            year.restart()
            year.at(back)
        if not datetime(2026, 7, 10, tzinfo=UTC) < moment < back:
            year.at(moment)

    mondays = [datetime(2026, 1, 5, 8) + week * 7 * DAY for week in range(52)]  # noqa: DTZ001 - local
    caught_up = datetime(2026, 7, 25, 11)  # noqa: DTZ001
    expected = [caught_up if (day.month, day.day) == (7, 20) else day for day in mondays]
    assert sent_at(server, "Europe/Berlin") == [day for day in expected if (day.month, day.day) != (7, 13)]
    assert titles(server) == []  # what the first look mends is no alarm


def test_alarms_of_a_year(begin: Callable[[str], Year], server: Receiver) -> None:
    """Late money around two long holidays, a mailbox that is gone for a week, a table that ends."""
    year = begin("Asia/Seoul")
    for on, paid in ((SEOLLAL, date(2026, 3, 4)), (CHUSEOK, date(2026, 10, 10))):
        order = f"80000000{on:%Y%m%d}"
        year.until(datetime(on.year, on.month, on.day, tzinfo=UTC), step=4 * DAY)
        year.now = datetime(on.year, on.month, on.day, tzinfo=UTC)
        year.finish(order, on)
        year.until(datetime(paid.year, paid.month, paid.day, tzinfo=UTC))
        year.pay(order, paid)
        year.until(year.now + 2 * DAY)
    told = titles(server)

    # Ten business days of Korea after each promise, with the holidays left out.
    assert [calendar_of("KR").nth_after(on, 10) for on in (SEOLLAL, CHUSEOK)] == [
        date(2026, 2, 25), date(2026, 10, 2),
    ]  # fmt: skip
    name = "order 80000000"
    assert told[0] == ("2026-02-26", f"Refunds: Refund is late: {name}20260206")
    assert [day for day, line in told if "20260206" in line and line.startswith("Refunds: still")] == [
        "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03",
    ]  # fmt: skip
    assert told[6] == ("2026-03-04", f"Refunds: over: Refund is late: {name}20260206")
    assert "now: paid" in body(mails(server, "alarm")[6])
    assert [line for day, line in told[7:] if day == "2026-10-03"] == [
        f"Refunds: Refund is late: {name}20260916"
    ]
    assert len(told) == len({(day, line) for day, line in told})


def test_a_mailbox_that_is_gone_for_a_week(begin: Callable[[str], Year], server: Receiver) -> None:
    year = begin("Asia/Seoul")
    year.until(NEW_YEAR + 3 * DAY)
    year.reachable = False
    year.until(NEW_YEAR + 10 * DAY, step=4 * HOUR)
    year.reachable = True
    year.until(NEW_YEAR + 12 * DAY, step=4 * HOUR)
    lines = [line for _, line in titles(server)]

    assert lines == [
        "Refunds: Mailbox not reachable: home",
        *["Refunds: still: Mailbox not reachable: home"] * 6,
        "Refunds: over: Mailbox not reachable: home",
    ]


def test_the_table_of_holidays_ends_some_day(begin: Callable[[str], Year], server: Receiver) -> None:
    end = calendar_of("KR").ends_on
    year = begin("Asia/Seoul")
    year.now = datetime(end.year, end.month, end.day, tzinfo=UTC) - 61 * DAY
    year.until(year.now + 3 * DAY)

    assert [line for _, line in titles(server)] == [
        "Refunds: Holiday table ends: South Korea",
        "Refunds: still: Holiday table ends: South Korea",
    ]


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_our_own_mails_are_never_read(begin: Callable[[str], Year], server: Receiver) -> None:
    """They lie in the very mailbox that is watched, from an address that may forward card texts."""
    year = begin("Asia/Seoul")
    year.finish("8000000000000001", date(2025, 12, 1))
    year.reachable = False
    year.until(NEW_YEAR + 8 * DAY, step=6 * HOUR)
    policy = SenderPolicy(allowed=frozenset({ME}), authserv=("mx.shop.test",))
    verdict = b"Authentication-Results: mx.shop.test; dmarc=pass header.from=shop.test\r\n"
    readings = [read(verdict + each.content, senders=policy) for each in server.received]

    assert {reading.mail.sender for reading in readings} == {ME}
    assert {(reading.outcome, reading.reason) for reading in readings} == {
        ("ignored", "the tracker's own report")
    }
    assert {str(mail["Auto-Submitted"]) for mail in (*mails(server, "alarm"), *mails(server, "summary"))} == {
        "auto-generated"
    }
    assert {mail["X-Refundtracker"] for mail in (*mails(server, "alarm"), *mails(server, "summary"))} == {
        "alarm", "summary",
    }  # fmt: skip
