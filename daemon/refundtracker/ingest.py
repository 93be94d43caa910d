"""From a mail's bytes into the store, never half a mail; then everything that is derived."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from refundparsers import read
from refundparsers.forms import BadForm, with_own
from refundparsers.notices import MailFacts, Reading
from refundparsers.senders import SenderPolicy, follows
from refundtracker.derivation import Rules, derive
from refundtracker.errors import BadConfig, BadInput
from refundtracker.records import Changes, Entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path

    from refundparsers.forms import Library
    from refundparsers.notices import Trust
    from refundtracker.config import Config
    from refundtracker.rawmail import RawMail
    from refundtracker.records import Place
    from refundtracker.signatures import Signatures
    from refundtracker.store import Store


@dataclass(frozen=True, slots=True)
class Reader:
    """All that reading depends on besides the bytes.

    Attributes:
        senders: whom the user allows, whose verdicts are believed.
        library: the forms.
        zone: in which a mail's day is a day.
        signatures: verifies DKIM signatures where the provider is silent; None when nobody does.
    """

    senders: SenderPolicy
    library: Library
    zone: tzinfo
    signatures: Signatures | None = None

    def read(self, raw: bytes, arrived: datetime | None = None, *, was: Trust | None = None) -> Reading:
        """What the mail is; one that trips our own code is told as such, and holds up no other.

        Args:
            raw: the mail.
            arrived: when the server received it.
            was: what the record says of its sender; a key that has left DNS since takes nothing back.
        """
        try:
            return self._read(raw, arrived, was)
        except Exception as error:  # noqa: BLE001 - a fault of ours; the mail is kept for the repair
            reason = f"this program stumbled over it ({type(error).__name__}); please report that"
            facts = MailFacts(sha256=sha256(raw).hexdigest())
            return Reading(mail=facts, outcome="unparsable", reason=reason)

    def _read(self, raw: bytes, arrived: datetime | None, was: Trust | None) -> Reading:
        reading = read(raw, senders=self.senders, library=self.library, zone=self.zone, arrived=arrived)
        sender = reading.mail.sender
        if self.signatures is None or reading.trust != "unproven" or reading.outcome == "ignored":
            return reading
        if sender is None or not follows(sender, SenderPolicy()):  # what users send is not signed for them
            return reading
        opinion = self.signatures.opinion(raw, sender)
        signed_by = opinion.proven or (opinion.open if was == "verified" else ())
        if signed_by:
            return read(
                raw,
                senders=self.senders,
                library=self.library,
                zone=self.zone,
                arrived=arrived,
                signed_by=signed_by,
            )
        if reading.outcome == "untrusted" and opinion.why:
            return replace(reading, reason=f"{reading.reason} And {', and '.join(opinion.why)}.")
        return reading


def reader(
    config: Config,
    forms: Path | None,
    *,
    authserv: Sequence[str] | None = None,
    allowed: Sequence[str] = (),
    signatures: Signatures | None = None,
) -> Reader:
    """The reader that a configuration describes.

    Args:
        config: for senders, zone, and the verdicts of all accounts when `authserv` is None.
        forms: the directory of the user's own forms, or None.
        authserv: whose verdicts are believed; those of one account, or from the command line.
        allowed: further addresses that may forward texts.
        signatures: a second opinion where the provider is silent.

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
    return Reader(policy, library, config.region.timezone, signatures)


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


def not_handed_over(place: Place, attempts: int, why: str) -> Entry:
    """What becomes of a mail that the server has and never hands over."""
    reason = f"the server did not hand it over in {attempts} attempts: {why}"
    reading = Reading(mail=MailFacts(sha256=""), outcome="unparsable", reason=reason, keep=False)
    return Entry(reading, None, 0, None, place)


def take(store: Store, mails: Sequence[Entry], *, now: datetime) -> int:
    """Record mails, durably, with the places they were seen at; how many were new.

    All of them in one transaction, or none. A mail that the store can never take is recorded as
    such; it holds up no other.
    """
    try:
        return store.record(mails, now=now).new
    except BadInput as error:
        if len(mails) > 1:
            return sum(take(store, [mail], now=now) for mail in mails)
        (mail,) = mails
        reading = replace(mail.reading, outcome="unparsable", reason=str(error), notices=())
        return store.record([replace(mail, reading=reading)], now=now).new


def rules(config: Config) -> Rules:
    """Whose business days are counted, and how many."""
    region, plan = config.region, config.windows
    return Rules(region.country, frozenset(region.days_off), frozenset(region.days_on), plan.method, plan.own)


def bring_up_to_date(store: Store, by: Rules, *, anew: bool = False) -> Changes:
    """Derive all disputes anew when notices have changed since the last time.

    Another process may record mail meanwhile; then the store asks for another round.

    Args:
        store: open for writing.
        by: whose business days are counted.
        anew: also when no notice has changed, because the rules may have.
    """
    changes = Changes()
    while anew or store.pending_derivation():
        anew = False
        derived = derive(store.notices(), by, store.decisions())
        waiting = sum(bool(each.candidates) for each in derived.reviews)
        round_ = store.replace_derived(derived.disputes, waiting=waiting)
        changes = Changes(
            changes.added + round_.added,
            changes.changed + round_.changed,
            changes.removed + round_.removed,
            changes.moved + round_.moved,
        )
    return changes
