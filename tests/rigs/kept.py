"""Notices in a database, each in a mail of its own, without any mail having been read."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from refundparsers.notices import MailFacts, Reading
from refundtracker.derivation import Rules
from refundtracker.ingest import bring_up_to_date
from refundtracker.records import Entry
from refundtracker.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rigs.facts import Told

_NOW = datetime(2026, 5, 20, tzinfo=UTC)
_KOREA = Rules("KR")


def keep(path: Path, facts: Iterable[Told], rules: Rules = _KOREA) -> None:
    """Record the notices in their order and derive the disputes; the mails get the numbers from 1."""
    with Store.open(path) as store:
        store.record([_entry(number, fact) for number, fact in enumerate(facts, 1)], now=_NOW)
        bring_up_to_date(store, rules)


def _entry(number: int, fact: Told) -> Entry:
    raw = f"mail {number}".encode()
    mail = MailFacts(
        sha256=sha256(raw).hexdigest(), sender="someone@example.net", subject="S", date=fact.mail_date
    )
    reading = Reading(mail=mail, outcome="notice", trust="verified", notices=(fact.notice,))
    return Entry(reading, raw, len(raw))
