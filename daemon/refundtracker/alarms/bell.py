"""The alarms of the service: look what is wrong, remember it, and let every channel tell it.

The look and each channel have a thread and a book of their own. When the database itself cannot be
used, the channels tell that from memory.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from refundtracker.alarms.alerting import Bulletin, compare, news, packed, unpacked
from refundtracker.alarms.rules import Alarm, Facts, wrong_now
from refundtracker.calendars import calendar_of
from refundtracker.errors import DiskTrouble, TrackerError
from refundtracker.ingest import bring_up_to_date, rules
from refundtracker.jobs import delivery, outbox
from refundtracker.jobs.errand import Errand
from refundtracker.records import AccountStatus, AlarmRow
from refundtracker.reports import alarm as wording
from refundtracker.reports.smtp import nobody_waits
from refundtracker.store import Store
from refundtracker.store.alarms import Message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from refundtracker.alarms.channels import Channel
    from refundtracker.alarms.rules import Key
    from refundtracker.records import OutboxRow
    from refundtracker.watching import Setting

LOG: Final = "log"
DAMAGE: Final = "damage"
BACKUP_TROUBLE: Final = "backup-trouble"


class Bell(Errand):
    """Looks what is wrong and writes it down; the log is told at once, channels tell in their own time."""

    name = "alarms"

    def __init__(self, setting: Setting, channels: Sequence[str] = ()) -> None:
        """Keeps the names of the channels in use; the books of all others are closed at the first look."""
        super().__init__(setting)
        self.channels = channels
        self._closed: Sequence[str] | None = None

    def work(self) -> None:
        """Compare what is wrong with what is remembered."""
        setting = self.setting
        with Store.open(setting.database) as store:
            # As a rule the sweep has done it; a command line that was killed may have left it to us.
            bring_up_to_date(store, rules(setting.config))
            facts = gathered(store, setting)
            rows = compare(wrong_now(facts), store.alarms(), facts)
            if rows:
                store.write_alarms(rows)
            if self._closed != self.channels:
                store.keep_channels([LOG, *self.channels])
                self._closed = self.channels
            self._write_log(store, facts)

    def _write_log(self, store: Store, facts: Facts) -> None:
        told = news(store.alarms(), store.told(LOG), facts.now, _repeat(self.setting))
        for item in told.items:
            say = wording.parting_title if item.what == "over" else wording.title
            self.setting.journal.alarm(say(item.alarm, facts.today, "en"))
        if told:
            store.note_told(LOG, told.lasting, told.over, facts.now)


def gathered(store: Store, setting: Setting) -> Facts:
    """Everything that alarms are judged by, as it is now."""
    config, now = setting.config, setting.clock()
    zone, country = config.region.timezone, config.region.country
    statuses = {status.account: status for status in store.account_statuses()}
    nothing = AccountStatus("", None, None, None, None, None)
    return Facts(
        now=now,
        today=now.astimezone(zone).date(),
        begun=delivery.begun(store, now),
        accounts=tuple(
            statuses.get(each.name, replace(nothing, account=each.name)) for each in config.accounts
        ),
        disputes=tuple(store.disputes()),
        mails=tuple(row for kind in ("unread", "unparsable", "untrusted") for row in store.mails(kind)),
        latest_mail=store.latest_mail(),
        unsent=delivery.overdue(store, config, now),
        country=country,
        holidays_end=calendar_of(country).ends_on,
        free_bytes=_room(setting.database),
        damage=store.noted(DAMAGE) or None,
        backup_trouble=store.noted(BACKUP_TROUBLE) or None,
    )


def _room(database: Path) -> int | None:
    try:
        return shutil.disk_usage(database.resolve().parent).free
    except OSError:  # a file system that does not tell; the database says when it is full
        return None


def _repeat(setting: Setting) -> timedelta:
    return timedelta(days=setting.config.alarms.repeat_days)


class Courier(Errand):
    """Tells by one channel what it has not told yet; after a failure it waits, longer each time.

    Attributes:
        name: that of the channel in the log.
        channel: by which it tells.
    """

    def __init__(self, setting: Setting, channel: Channel) -> None:
        super().__init__(setting)
        self.name = f"alarms by {channel.label}"
        self.channel = channel
        self._kind = f"alarm:{channel.name}"
        self._without = WithoutStore()

    def work(self) -> None:
        """Send what waits, or what is new."""
        now = self.setting.clock()
        try:
            with Store.open(self.setting.database) as store:
                self._tell(store, now)
        except DiskTrouble as error:
            self._tell_without(self._without.trouble(error, now), now)
            raise
        self._tell_without(self._without.recovered(now), now)

    def _tell(self, store: Store, now: datetime) -> None:
        row = self._waiting(store, now)
        if row is None:
            return
        bulletin = unpacked(row.content or "")
        try:
            # A second attempt is the very same message, with the time of the first.
            told_at = (row.tried_at if row.unsure else None) or now
            send = self.channel.prepare(bulletin, row.message_id, told_at)
        except TrackerError as error:
            store.note_error(row.kind, row.slot, str(error))
            raise
        sent = outbox.attempt(store, row, now, send)
        message = Message(row.kind, row.slot, confirmed=sent)
        store.note_told(self.channel.name, bulletin.lasting, bulletin.over, now, message)
        if sent:
            self.setting.journal.alarm_sent(self.channel.label, len(bulletin.items))
        if row.unsure:
            self.setting.journal.alarm_doubtful(self.channel.label)

    def _waiting(self, store: Store, now: datetime) -> OutboxRow | None:
        """The message to send: one that may have gone out as it was, else what is to be told now."""
        row = store.unsent(self._kind)
        if row and row.unsure:
            return row
        last = store.last_sent(self._kind)
        told = news(store.alarms(), store.told(self.channel.name), now, _repeat(self.setting))
        if not told:
            if row:
                store.withdraw(row.kind, row.slot)
            return None
        content = packed(replace(told, doubtful=last.tried_at if last and last.unsure else None))
        if row:
            store.rewrite(row.kind, row.slot, content)
            return replace(row, content=content)
        slot = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return store.reserve(self._kind, slot, self.channel.message_id(), now, content)

    def _tell_without(self, rows: list[AlarmRow], now: datetime) -> None:
        told = news(rows, self._without.told, now, _repeat(self.setting))
        if told:
            self.channel.prepare(told, self.channel.message_id(), now)(nobody_waits)
            self.setting.journal.alarm_sent(self.channel.label, len(told.items))
            self._without.note(told, now)


class WithoutStore:
    """The one alarm that no database can remember: that of the database itself.

    Attributes:
        told: when it was told; empty until then.
    """

    def __init__(self) -> None:
        self.told: dict[Key, datetime] = {}
        self._row: AlarmRow | None = None

    def trouble(self, error: DiskTrouble, now: datetime) -> list[AlarmRow]:
        """It cannot be used now."""
        since = self._row.raised_at if self._row else now
        alarm = Alarm("database", "", {"said": str(error)}, "urgent", since)
        self._row = AlarmRow(alarm, since)
        return [self._row]

    def recovered(self, now: datetime) -> list[AlarmRow]:
        """It can be used; what was told is over."""
        if self._row and not self.told:
            self._row = None
        if self._row is None:
            return []
        self._row = replace(self._row, over_at=now)
        return [self._row]

    def note(self, bulletin: Bulletin, now: datetime) -> None:
        """That was told."""
        self.told = dict.fromkeys(bulletin.lasting, now)
        if bulletin.over:
            self._row = None
