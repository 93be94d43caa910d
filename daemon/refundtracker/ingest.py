"""From a mail's bytes into the store: one mail, one transaction; then everything that is derived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refundparsers import read
from refundparsers.forms import BadForm, with_own
from refundparsers.notices import MailFacts, Reading
from refundparsers.senders import SenderPolicy
from refundtracker.derivation import Rules, derive
from refundtracker.errors import BadConfig
from refundtracker.records import Changes, Entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path

    from refundparsers.forms import Library
    from refundtracker.config import Config
    from refundtracker.rawmail import RawMail
    from refundtracker.store import Store


@dataclass(frozen=True, slots=True)
class Reader:
    """All that reading depends on besides the bytes.

    Attributes:
        senders: whom the user allows, whose verdicts are believed.
        library: the forms.
        zone: in which a mail's day is a day.
    """

    senders: SenderPolicy
    library: Library
    zone: tzinfo

    def read(self, raw: bytes, arrived: datetime | None = None) -> Reading:
        """What the mail is."""
        return read(raw, senders=self.senders, library=self.library, zone=self.zone, arrived=arrived)


def reader(
    config: Config, forms: Path | None, *, authserv: Sequence[str] | None = None, allowed: Sequence[str] = ()
) -> Reader:
    """The reader that a configuration describes.

    Args:
        config: for senders, zone, and the verdicts of all accounts when `authserv` is None.
        forms: the directory of the user's own forms, or None.
        authserv: whose verdicts are believed; those of one account, or from the command line.
        allowed: further addresses that may forward texts.

    Raises:
        BadConfig: one of the user's forms cannot be used.
    """
    if authserv is None:
        authserv = tuple(each for account in config.accounts for each in account.authserv)
    policy = SenderPolicy(
        allowed=frozenset(address.strip().lower() for address in (*config.senders.allowed, *allowed)),
        authserv=tuple(dict.fromkeys(authserv)),
        forwarders=config.senders.forwarders,
    )
    try:
        library = with_own(forms)
    except BadForm as error:
        raise BadConfig(str(forms), (str(error),)) from error
    return Reader(policy, library, config.region.timezone)


def entry(mail: RawMail, by: Reader) -> Entry:
    """What a mail from a server becomes: read, or left out with the reason."""
    if mail.raw is None:
        reading = _left_out(mail)
        return Entry(reading, None, mail.size, mail.arrived, mail.place)
    # Without UIDVALIDITY a UID means nothing tomorrow; the content is the only identity then.
    place = mail.place if mail.place.uidvalidity else None
    return Entry(by.read(mail.raw, mail.arrived), mail.raw, mail.size, mail.arrived, place)


def _left_out(mail: RawMail) -> Reading:
    nobody = MailFacts(sha256="")
    if mail.left_out == "not-ours":
        return Reading(mail=nobody, outcome="not-ours", reason="no sender we follow", keep=False)
    reason = f"{mail.size / 1_000_000:.0f} MB are more than max_mail_mb allows; not fetched"
    return Reading(mail=nobody, outcome="unparsable", reason=reason, keep=False)


def take(store: Store, mail: Entry, *, now: datetime) -> bool:
    """Record one mail, durably, with the place it was seen at; whether it was new."""
    return bool(store.record([mail], now=now).new)


def rules(config: Config) -> Rules:
    """Whose business days are counted."""
    region = config.region
    return Rules(region.country, frozenset(region.days_off), frozenset(region.days_on))


def bring_up_to_date(store: Store, by: Rules) -> Changes:
    """Derive all disputes anew when notices have changed since the last time.

    Another process may record mail meanwhile; then the store asks for another round.
    """
    changes = Changes()
    while store.pending_derivation():
        round_ = store.replace_derived(derive(store.notices(), by))
        changes = Changes(
            changes.added + round_.added, changes.changed + round_.changed, changes.removed + round_.removed
        )
    return changes
