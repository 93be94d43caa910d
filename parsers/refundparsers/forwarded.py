"""Mails that the user forwarded by hand: what is inside, in whose words, and when it was sent.

A forwarded mail proves nothing about AliExpress. It is the word of who forwarded it: `allowed` when
the user allows that address, and no proof printed or attached inside makes it more than that.

Two things are never taken for a forwarded mail. What a reply quotes was in the mailbox before. And
what looks like a header inside a mail is one only when the subject around it names the same mail, as
every mail program writes it: so the text of a stranger, relayed by the phone, cannot pretend to be one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import re2

from refundparsers.headings import addresses_in, find_attribution, find_heading, is_quoted
from refundparsers.message import UndecodableMail, decode
from refundparsers.notices import once
from refundparsers.relays import is_automatic, is_from_phone, is_own_report
from refundparsers.senders import vouched
from refundparsers.stamps import printed_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from refundparsers.headings import Heading
    from refundparsers.message import Message
    from refundparsers.notices import Reading
    from refundparsers.senders import SenderPolicy, Speaker

_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False

# What mail programs put in front of a subject, by language.
_COUNT: Final = r"\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*"
_FORWARD: Final = re2.compile(
    rf"\s*[\[(]?(?:fwd?|fw|forward(?:ed)?|wg|weiterleitung|tr|rv|renv|enc|i|pd|doorst|[iİ]̇?lt|vb|vl|пересл|전달|転送|转发|轉寄)"
    rf"(?:[\])]\s*|{_COUNT})",
    _OPTIONS,
)
_REPLY: Final = re2.compile(
    rf"\s*(?:re|aw|antw|antwort|sv|vs|odp|r|rif|res|ref|ynt|отв|ответ|답장|회신|返信|回复|回覆){_COUNT}",
    _OPTIONS,
)
_ENDS_OF_PREFIX: Final = frozenset(":：])")
# `Am 12.05.26 um 13:22 schrieb AliExpress:`: a line that introduces a quotation.
_SAID: Final = re2.compile(
    r"^[^\n]{0,20}\d[^\n]{4,150}\b(?:wrote|schrieb\b.*|a écrit|escribió|escreveu|ha scritto|napisał(?:\(a\))?"
    r"|pisze|schreef\b.*|şunu yazdı|yazdı|написала?(?:\(а\))?|пишет|님이 작성|작성)\s*:$",
    _OPTIONS,
)
_FOLLOWED: Final = ("aliexpress", "wallet")
# A forward of a forward is common; more than a few are not made by people.
_DEEPEST: Final = 4
_LONGEST_PREFIX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """A mail inside one that the user sent, or that mail itself.

    Attributes:
        message: as if it had come by itself: its own subject, date and text.
        speaker: whose words it holds; the trust is that of who passed it on.
        trouble: why it cannot be read with certainty; None when it can.
        reply: whether it is a reply; what it quotes is left out.
    """

    message: Message
    speaker: Speaker
    trouble: str | None = None
    reply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One header printed in a text.

    Attributes:
        heading: what was found.
        speaker: whom it names.
        subject: of the mail below it.
        sent: when that was sent, as far as it can be read; else when the mail around it was.
        trouble: why it may not be the header of a forwarded mail; None when it is one.
    """

    heading: Heading
    speaker: Speaker
    subject: str
    sent: datetime | None
    trouble: str | None


def passed_on(message: Message, speaker: Speaker, policy: SenderPolicy, zone: tzinfo) -> tuple[PassedOn, ...]:
    """What a mail of the user holds: mails attached to it, the one in its text, or only its own text.

    Args:
        message: the mail.
        speaker: who sent it, as `identify` says.
        policy: whom the user trusts.
        zone: of the reader; for printed times without a zone.

    Returns:
        At least one. A comment above a forwarded mail of AliExpress or of a wallet is left out.
    """
    return _passed_on(message, speaker, policy, zone, _DEEPEST)


def together(readings: Sequence[Reading]) -> Reading:
    """One reading of all mails inside one: what could not be read or believed is never hidden by the rest."""
    for outcome in ("untrusted", "unread", "notice"):
        of_it = [reading for reading in readings if reading.outcome == outcome]
        if of_it:
            every = () if outcome == "unread" else (each for reading in readings for each in reading.notices)
            notices = once(every)
            return of_it[0] if of_it[0].notices == notices else replace(of_it[0], notices=notices)
    keep = all(reading.keep for reading in readings)
    return readings[0] if readings[0].keep == keep else replace(readings[0], keep=keep)


def _passed_on(
    message: Message, speaker: Speaker, policy: SenderPolicy, zone: tzinfo, depth: int
) -> tuple[PassedOn, ...]:
    if _is_reply(message):
        return (PassedOn(message=_without_quotations(message), speaker=speaker, reply=True),)
    attached = tuple(_attached(message, speaker, policy, zone, depth)) if depth else ()
    walks = [tuple(_steps(body.text, message, speaker, policy, zone)) for body in message.bodies]
    inline = _inline(message, walks)
    if inline:
        return (inline, *attached)
    if any(each.speaker.role in _FOLLOWED for each in attached):
        return attached
    return (PassedOn(message=_as_text(message, walks), speaker=speaker), *attached)


# --- Attached --------------------------------------------------------------------------------------


def _attached(
    message: Message, by: Speaker, policy: SenderPolicy, zone: tzinfo, depth: int
) -> Iterator[PassedOn]:
    for raw in message.attached:
        try:
            inner = decode(raw, arrived=message.facts.date)
        except UndecodableMail as error:
            if b"aliexpress" in raw[:100_000].lower():
                yield PassedOn(message=message, speaker=by, trouble=f"a mail attached to it: {error}")
            continue
        inner = _not_ahead(inner, message.facts.date)
        speaker = vouched(inner.facts.sender, by, policy)
        if speaker.role in _FOLLOWED:
            yield PassedOn(message=inner, speaker=speaker)
        elif not (is_own_report(inner) or is_automatic(inner)):
            yield from _passed_on(inner, speaker, policy, zone, depth - 1)


def _not_ahead(inner: Message, latest: datetime | None) -> Message:
    """A mail cannot be younger than the one it is attached to."""
    sent = inner.facts.date
    if sent and latest and sent > latest:
        return replace(inner, facts=replace(inner.facts, date=latest))
    return inner


# --- In the text ----------------------------------------------------------------------------------


def _steps(
    text: str, message: Message, speaker: Speaker, policy: SenderPolicy, zone: tzinfo
) -> Iterator[_Step]:
    """The headers printed one inside the other, the outermost first."""
    subject, sent, by = message.facts.subject or "", message.facts.date, speaker
    if is_from_phone(message) and not _forwards(subject):
        return
    for _ in range(_DEEPEST):
        heading = find_heading(text) or _attributed(text, subject)
        if heading is None:
            return
        by = vouched(heading.sender, by, policy)
        sent = printed_moment(heading.date or "", zone, sent) or sent
        trouble = _trouble(heading, subject, policy)
        subject = heading.subject or _FORWARD.sub("", subject, count=1)
        yield _Step(heading=heading, speaker=by, subject=subject, sent=sent, trouble=trouble)
        if _answers(subject) or by.role in _FOLLOWED:
            return
        text = heading.below


def _attributed(text: str, subject: str) -> Heading | None:
    """A header of one line, as Yandex prints it below a rule; elsewhere such a line begins a quotation."""
    heading = find_attribution(text) if _forwards(subject) else None
    return heading if heading and heading.above.rstrip().endswith("---") else None


def _forwards(subject: str) -> bool:
    """Whether a subject begins as those of forwarded mails do; it has one of four signs then."""
    return not _ENDS_OF_PREFIX.isdisjoint(subject) and bool(_FORWARD.match(subject))


def _answers(subject: str) -> bool:
    """Whether a subject begins as those of replies do."""
    return not _ENDS_OF_PREFIX.isdisjoint(subject) and bool(_REPLY.match(subject))


def _trouble(heading: Heading, around: str, policy: SenderPolicy) -> str | None:
    if heading.sender is None:
        return "a forwarded mail that names AliExpress, but not by exactly one address"
    if not _is_named(around, heading.subject):
        return "it holds the header of another mail, but its subject does not say that it forwards that mail"
    if any(address not in policy.allowed for address in addresses_in(heading.above)):
        return "it holds the header of another mail, but above it stands an address that you do not allow"
    return None


def _is_named(around: str, subject: str | None) -> bool:
    """Whether a subject is the one inside with a prefix of a mail program before it, such as `Fwd:`."""
    if subject is None:
        return _forwards(around)
    outside, inside = ("".join(each.casefold().split()) for each in (around, subject))
    prefix = outside.partition(inside)[0] if inside in outside else ""
    return 0 < len(prefix) <= _LONGEST_PREFIX and prefix[-1] in _ENDS_OF_PREFIX


def _inline(message: Message, walks: Sequence[tuple[_Step, ...]]) -> PassedOn | None:
    """The mail of somebody we follow in the text of a mail; its alternatives as far as they agree."""
    ends = [(body, walk[-1]) for body, walk in zip(message.bodies, walks, strict=True) if walk]
    ends = [(body, step) for body, step in ends if _claims(step)]
    if not ends:
        return None
    step = ends[0][1]
    same = [body.only(each.heading.below) for body, each in ends if _identity(each) == _identity(step)]
    facts = replace(message.facts, sender=step.heading.sender, subject=step.subject, date=step.sent)
    inner = replace(message, facts=facts, bodies=tuple(same), attached=())
    return PassedOn(message=inner, speaker=step.speaker, trouble=step.trouble)


def _claims(step: _Step) -> bool:
    return step.speaker.role in _FOLLOWED or (
        step.heading.sender is None and "aliexpress" in step.heading.named.casefold()
    )


def _identity(step: _Step) -> tuple[str | None, str]:
    return step.heading.sender, step.subject


def _as_text(message: Message, walks: Sequence[tuple[_Step, ...]]) -> Message:
    """The mail without the headers printed in it, dated by the innermost of them that can be read."""
    if not any(walks):
        return message
    bodies = tuple(
        body.only("\n\n".join([*(step.heading.above for step in walk), walk[-1].heading.below]))
        if walk
        else body
        for body, walk in zip(message.bodies, walks, strict=True)
    )
    sent = next((walk[-1].sent for walk in walks if walk), message.facts.date)
    return replace(message, bodies=bodies, facts=replace(message.facts, date=sent))


# --- Replies --------------------------------------------------------------------------------------


def _is_reply(message: Message) -> bool:
    """Whether the mail answers another one and quotes it."""
    subject = message.facts.subject or ""
    if _forwards(subject):
        return False
    if _answers(subject):
        return any(_above_quotation(body.text) != body.text for body in message.bodies)
    answers = message.first("In-Reply-To") is not None
    return answers and any(is_quoted(line) for body in message.bodies for line in body.text.split("\n"))


def _without_quotations(message: Message) -> Message:
    bodies = tuple(body.only(_above_quotation(body.text)) for body in message.bodies)
    return replace(message, bodies=bodies, attached=())


def _above_quotation(text: str) -> str:
    """What a reply says itself: no quoted lines, and nothing behind the header of what it answers."""
    for heading in (find_heading(text), find_attribution(text)):
        if heading and len(heading.above) < len(text):
            text = heading.above
    lines = text.split("\n")
    end = next((at for at, line in enumerate(lines) if _SAID.match(line[:300])), len(lines))
    return "\n".join(line for line in lines[:end] if not is_quoted(line))
