"""One mail from bytes to outcome: who speaks, which form fits, what it says, whether to believe it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Final

from refundparsers import checks
from refundparsers.agreement import Read
from refundparsers.assembly import Moment
from refundparsers.forms import shipped
from refundparsers.forwarded import passed_on, together
from refundparsers.letters import fit_letter, titled
from refundparsers.message import Body, UndecodableMail, open_mail
from refundparsers.notices import MailFacts, Reading
from refundparsers.patterns import Repeated
from refundparsers.relays import is_automatic, is_own_report, is_sent_by_phone, partly_relayed, relayed_at
from refundparsers.senders import SenderPolicy, identify
from refundparsers.texts import fit_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from refundparsers.forms import Library
    from refundparsers.forwarded import PassedOn
    from refundparsers.message import Envelope, Message
    from refundparsers.notices import Notice, Outcome, Source
    from refundparsers.senders import Speaker

# A wallet speaks by mail and in its own name; a text that only sounds like it is anybody's.
_TEXT_SOURCES: Final[tuple[Source, ...]] = ("card", "bank")
_BELIEVED: Final = ("verified", "allowed")
# Reasons why a whole stream of AliExpress mail does not matter; codes are not even kept.
_PASSED_OVER: Final = {
    "advert": ("an advert", False),
    "survey": ("a survey", False),
    "account": ("a mail about the account, such as a verification code; not kept", False),
}


def read(
    raw: bytes,
    *,
    senders: SenderPolicy | None = None,
    library: Library | None = None,
    zone: tzinfo = UTC,
    arrived: datetime | None = None,
    signed_by: tuple[str, ...] = (),
) -> Reading:
    """What one mail is, and the notices in it. Pure: no clock, no network, no disk but the forms.

    Args:
        raw: the mail as the server keeps it (RFC 5322).
        senders: whom the user allows, and whose verdicts are believed.
        library: the forms; the shipped ones unless given.
        zone: the reader's; the day of a mail is a day there.
        arrived: when the server received it; used when the mail has no usable date.
        signed_by: domains whose DKIM signature over these bytes the caller has verified; they count
            where the provider wrote no verdict.

    Returns:
        A reading with exactly one outcome. Never raises for any bytes.
    """
    policy = senders or SenderPolicy()
    try:
        opened = open_mail(raw, arrived=arrived)
        speaker = identify(opened.envelope, policy, signed_by)
        if passed_over := _passed_over(opened.envelope, speaker):
            return passed_over
        message = opened.message()
    except UndecodableMail as error:
        return _unparsable(raw, str(error))
    forms = library or shipped()
    if speaker.role == "user":
        inside = passed_on(message, speaker, policy, zone)
        found = together([_inside(each, forms, zone) for each in inside])
        return found if found.mail is message.facts else replace(found, mail=message.facts)
    return _spoken(message, speaker, forms, zone)


def _unparsable(raw: bytes, why: str) -> Reading:
    from hashlib import sha256

    return Reading(mail=MailFacts(sha256=sha256(raw).hexdigest()), outcome="unparsable", reason=why)


def _passed_over(envelope: Envelope, speaker: Speaker) -> Reading | None:
    """The outcome of a mail whose body says nothing to us, whatever it holds and however broken it is."""
    if speaker.role == "stranger":
        return Reading(mail=envelope.facts, outcome="not-ours", reason=speaker.why, keep=False)
    if is_own_report(envelope):
        return _reading(envelope, speaker, "ignored", "the tracker's own report", keep=False)
    if speaker.role == "user" and is_automatic(envelope):
        return _reading(
            envelope, speaker, "ignored", "a bounce, a receipt or an automatic answer", keep=False
        )
    return _of_no_matter(envelope, speaker)


def _of_no_matter(envelope: Envelope, speaker: Speaker) -> Reading | None:
    """The outcome of AliExpress mail of a stream that tells nothing of orders."""
    if speaker.role != "aliexpress" or speaker.stream not in _PASSED_OVER:
        return None
    reason, keep = _PASSED_OVER[speaker.stream]
    return _reading(envelope, speaker, "ignored", reason, keep=keep)


def _reading(
    message: Envelope,
    speaker: Speaker,
    outcome: Outcome,
    reason: str | None,
    notices: tuple[Notice, ...] = (),
    *,
    keep: bool = True,
) -> Reading:
    return Reading(
        mail=message.facts,
        outcome=outcome,
        reason=reason,
        trust=speaker.trust,
        proof=speaker.why,
        notices=notices,
        keep=keep,
    )


def _inside(mail: PassedOn, library: Library, zone: tzinfo) -> Reading:
    """What the user sent, or what is inside of it."""
    if mail.trouble:
        return _reading(mail.message, mail.speaker, "unread", mail.trouble)
    if is_sent_by_phone(mail.message):
        return _reading(mail.message, mail.speaker, "ignored", "a text that the phone sent", keep=False)
    found = _of_no_matter(mail.message, mail.speaker) or _spoken(mail.message, mail.speaker, library, zone)
    if mail.reply and found.outcome != "notice":
        return _reading(
            mail.message, mail.speaker, "ignored", "a reply; what it quotes came before", keep=False
        )
    return found


def _spoken(message: Message, speaker: Speaker, library: Library, zone: tzinfo) -> Reading:
    spoken = _from_aliexpress if speaker.role == "aliexpress" else _from_texts
    try:
        return spoken(message, speaker, library, zone)
    except Repeated as error:
        return _reading(message, speaker, "unread", str(error))


def _from_aliexpress(message: Message, speaker: Speaker, library: Library, zone: tzinfo) -> Reading:
    forms = titled(library, speaker.stream, message.facts.subject or "")
    sent = Moment(message.facts.date, zone)
    bodies = message.bodies or (Body("", html=False, charset="ascii", doubt=None),)
    tried = (fit_letter(message, body, forms, library, sent) for body in bodies)
    return _concluded(message, speaker, _first(tried), "no form fits this mail of AliExpress")


def _from_texts(message: Message, speaker: Speaker, library: Library, zone: tzinfo) -> Reading:
    forms = library.texts(("wallet",) if speaker.role == "wallet" else _TEXT_SOURCES)
    sent = Moment(relayed_at(message, zone) or message.facts.date, zone)
    tried = (fit_text(body, forms, sent, cut=partly_relayed(message, body.text)) for body in message.bodies)
    best = _first(tried)
    if best:
        return _concluded(message, speaker, best, "")
    if any(checks.speaks_of_refund(body.text) for body in message.bodies):
        return _concluded(
            message, speaker, best, "it speaks of a cancellation or refund and an amount, but no form fits"
        )
    return _reading(
        message, speaker, "ignored", "no word of cancelling or refunding with an amount", keep=False
    )


def _first(tried: Iterable[Read]) -> Read:
    """The first alternative that says anything: what people see speaks before what they do not."""
    return next(filter(None, tried), Read())


def _concluded(message: Message, speaker: Speaker, found: Read, otherwise: str) -> Reading:
    if found.trouble:
        return _reading(message, speaker, "unread", found.trouble)
    if found.ignored:
        return _reading(message, speaker, "ignored", found.ignored.ignore, keep=found.ignored.keep)
    if speaker.trust not in _BELIEVED and (found.notices or speaker.trust == "forged"):
        return _reading(message, speaker, "untrusted", speaker.why, found.notices)
    if found.notices:
        return _reading(message, speaker, "notice", None, found.notices)
    doubts = [body.doubt for body in message.bodies if body.doubt]
    return _reading(message, speaker, "unread", "; ".join([otherwise, *doubts]))
