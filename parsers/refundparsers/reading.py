"""One mail from bytes to outcome: who speaks, which form fits, what it says, whether to believe it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Final, TypeVar

from refundparsers import checks, orders
from refundparsers.assembly import Malformed, Moment, assemble
from refundparsers.forms import shipped
from refundparsers.forwarded import passed_on, together
from refundparsers.message import Body, UndecodableMail, decode
from refundparsers.notices import MailFacts, Reading
from refundparsers.relays import is_own_report, is_sent_by_phone, partly_relayed, relayed_at, set_apart
from refundparsers.senders import SenderPolicy, identify

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, tzinfo

    from refundparsers.forms import Form, Library
    from refundparsers.forwarded import PassedOn
    from refundparsers.message import Message
    from refundparsers.notices import Notice, Outcome, Source
    from refundparsers.patterns import Fit
    from refundparsers.senders import Speaker

T = TypeVar("T")

_TEXT_SOURCES: Final[tuple[Source, ...]] = ("card", "bank", "wallet")
_BELIEVED: Final = ("verified", "allowed")
# Reasons why a whole stream of AliExpress mail does not matter; codes are not even kept.
_PASSED_OVER: Final = {
    "advert": ("an advert", False),
    "survey": ("a survey", False),
    "account": ("a mail about the account, such as a verification code; not kept", False),
}


@dataclass(frozen=True, slots=True)
class Read:
    """What the forms made of one body: notices, or why not."""

    notices: tuple[Notice, ...] = ()
    ignored: Form | None = None
    trouble: str | None = None


def read(
    raw: bytes,
    *,
    senders: SenderPolicy | None = None,
    library: Library | None = None,
    zone: tzinfo = UTC,
    arrived: datetime | None = None,
) -> Reading:
    """What one mail is, and the notices in it. Pure: no clock, no network, no disk but the forms.

    Args:
        raw: the mail as the server keeps it (RFC 5322).
        senders: whom the user allows, and whose verdicts are believed.
        library: the forms; the shipped ones unless given.
        zone: the reader's; the day of a mail is a day there.
        arrived: when the server received it; used when the mail has no usable date.

    Returns:
        A reading with exactly one outcome. Never raises for any bytes.
    """
    try:
        message = decode(raw, arrived=arrived)
    except UndecodableMail as error:
        return _unparsable(raw, str(error))
    policy = senders or SenderPolicy()
    speaker = identify(message, policy)
    if speaker.role == "stranger":
        return Reading(mail=message.facts, outcome="not-ours", reason=speaker.why, keep=False)
    if is_own_report(message):
        return _reading(message, speaker, "ignored", "the tracker's own report", keep=False)
    forms = library or shipped()
    if speaker.role == "user":
        inside = passed_on(message, speaker, policy, zone)
        return replace(together([_inside(each, forms, zone) for each in inside]), mail=message.facts)
    return _spoken(message, speaker, forms, zone)


def _unparsable(raw: bytes, why: str) -> Reading:
    from hashlib import sha256

    return Reading(mail=MailFacts(sha256=sha256(raw).hexdigest()), outcome="unparsable", reason=why)


def _reading(
    message: Message,
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
        notices=notices,
        keep=keep,
    )


def _inside(mail: PassedOn, library: Library, zone: tzinfo) -> Reading:
    """What the user sent, or what is inside of it."""
    if mail.trouble:
        return _reading(mail.message, mail.speaker, "unread", mail.trouble)
    if is_sent_by_phone(mail.message):
        return _reading(mail.message, mail.speaker, "ignored", "a text that the phone sent", keep=False)
    found = _spoken(mail.message, mail.speaker, library, zone)
    if mail.reply and found.outcome != "notice":
        return _reading(
            mail.message, mail.speaker, "ignored", "a reply; what it quotes came before", keep=False
        )
    return found


def _spoken(message: Message, speaker: Speaker, library: Library, zone: tzinfo) -> Reading:
    if speaker.role == "aliexpress":
        return _from_aliexpress(message, speaker, library, zone)
    return _from_texts(message, speaker, library, zone)


def _from_aliexpress(message: Message, speaker: Speaker, library: Library, zone: tzinfo) -> Reading:
    if speaker.stream in _PASSED_OVER:
        reason, keep = _PASSED_OVER[speaker.stream]
        return _reading(message, speaker, "ignored", reason, keep=keep)
    forms = [form for form in library.of(("aliexpress",)) if speaker.stream in form.streams]
    sent = Moment(message.facts.date, zone)
    bodies = message.bodies or (Body("", html=False, charset="ascii", doubt=None),)
    tried = [_fit_mail(message, body, forms, library, sent) for body in bodies]
    return _concluded(message, speaker, _first(tried), "no form fits this mail of AliExpress")


def _from_texts(message: Message, speaker: Speaker, library: Library, zone: tzinfo) -> Reading:
    forms = library.of(("wallet",) if speaker.role == "wallet" else _TEXT_SOURCES)
    sent = Moment(relayed_at(message, zone) or message.facts.date, zone)
    tried = [_fit_text(body, forms, sent, cut=partly_relayed(message, body.text)) for body in message.bodies]
    best = _first(tried)
    if best.notices or best.trouble or best.ignored:
        return _concluded(message, speaker, best, "")
    if any(checks.speaks_of_refund(body.text) for body in message.bodies):
        return _concluded(
            message, speaker, best, "it speaks of a cancellation or refund and an amount, but no form fits"
        )
    return _reading(
        message, speaker, "ignored", "no word of cancelling or refunding with an amount", keep=False
    )


def _first(tried: Sequence[Read]) -> Read:
    """The first alternative that says anything: what people see speaks before what they do not."""
    return next((each for each in tried if each.notices or each.ignored or each.trouble), Read())


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


# --- AliExpress: one subject, one body, one notice (or one for each order) -------------------------


def _fit_mail(message: Message, body: Body, forms: Sequence[Form], library: Library, sent: Moment) -> Read:
    subject = message.facts.subject or ""
    text = library.labels.before_adverts(body.text)
    folded = text.casefold()
    fitting = [(form, fit) for form in forms if (fit := _whole_fit(form, subject, text, folded)) is not None]
    fitting = _foremost(fitting)
    if not fitting:
        return Read()
    ignoring = [form for form, _ in fitting if form.ignore]
    if ignoring and len(ignoring) < len(fitting):
        return Read(trouble=_disagree(form.name for form, _ in fitting))
    if ignoring:
        return Read(ignored=ignoring[0])
    doubt = body.doubt or message.subject_doubt
    if doubt:
        return Read(trouble=doubt)
    links = orders.usable(message.links, adverts=len(text) < len(body.text))
    read_by: list[tuple[str, tuple[Notice, ...]]] = []
    for form, values in fitting:
        try:
            told = orders.told(form, values, text, links, library.labels)
            read_by.append((form.name, tuple(assemble(form, printed, sent) for printed in told)))
        except Malformed as error:
            return Read(trouble=f"{form.name}: {error}")
    return _agreed(read_by, sent)


def _foremost(fitting: list[tuple[Form, T]]) -> list[tuple[Form, T]]:
    """Last resorts give way to all others, and our guesses to what the user taught."""
    taught = any(form.evidence == "taught" for form, _ in fitting)
    kept = [each for each in fitting if not (taught and each[0].evidence == "guess")]
    sure = [each for each in kept if not each[0].fallback]
    return sure or kept


def _whole_fit(form: Form, subject: str, text: str, folded: str) -> dict[str, tuple[str, ...]] | None:
    if form.until:
        text = _until(text, form.until)
        folded = text.casefold()
    values: dict[str, tuple[str, ...]] = {}
    if form.subject:
        folded_subject = subject.casefold()
        tried = (each.whole(subject) for each in form.subject if each.token in folded_subject)
        whole = next((fit for fit in tried if fit), None)
        if whole is None:
            return None
        values = _merged(values, whole.values)
    texts = [[fit for each in form.text for fit in each.find(text, folded)]] if form.text else []
    for fits in (*texts, *([*each.find(text, folded)] for each in form.find)):
        if not fits:
            return None
        values = _merged(values, *(fit.values for fit in fits))
    return values


def _until(text: str, lines: Sequence[str]) -> str:
    ends = {line.casefold() for line in lines}
    kept: list[str] = []
    for line in text.split("\n"):
        if line.strip().casefold() in ends:
            break
        kept.append(line)
    return "\n".join(kept)


def _merged(*parts: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: tuple(dict.fromkeys(text for part in parts for text in part.get(name, ()))) for name in names
    }


# --- Card texts: any number of notices, anywhere in a body --------------------------------------------


def _fit_text(body: Body, forms: Sequence[Form], sent: Moment, *, cut: bool) -> Read:
    """The notices in a text; in one that may be cut short, none whose last value is the last there is."""
    text = set_apart(body.text)
    folded = text.casefold()
    fits = [(form, fit) for form in forms for each in form.text for fit in each.find(text, folded)]
    fits = _without_fallbacks(fits)
    notices: list[Notice] = []
    for group in _overlapping(fits):
        found = _read_group(group, text, sent)
        if found.trouble:
            return found
        notices += found.notices
    rest = _unclaimed(text, [fit for _, fit in fits])
    if notices and body.doubt:
        return Read(trouble=body.doubt)
    if cut and ((notices and not rest[-1].strip(".… \n")) or (not fits and checks.names_refund(text))):
        return Read(trouble="its forwarder cut the text short, and a value may be among what is missing")
    if notices and any(checks.speaks_of_refund(part) for part in rest):
        return Read(trouble=f"besides {notices[0].form} the text speaks of a cancellation that no form reads")
    if notices:
        return Read(notices=tuple(dict.fromkeys(notices)))
    if fits and not any(checks.speaks_of_refund(part) for part in rest):
        return Read(ignored=fits[0][0])
    return Read()


def _without_fallbacks(fits: Sequence[tuple[Form, Fit]]) -> list[tuple[Form, Fit]]:
    sure = [fit for form, fit in fits if not form.fallback]
    return [
        (form, fit)
        for form, fit in fits
        if not form.fallback or not any(fit.start < other.end and other.start < fit.end for other in sure)
    ]


def _overlapping(fits: Iterable[tuple[Form, Fit]]) -> list[list[tuple[Form, Fit]]]:
    """Fits that claim the same part of the text, together, from left to right."""
    groups: list[list[tuple[Form, Fit]]] = []
    end = -1
    for form, fit in sorted(fits, key=lambda each: (each[1].start, -each[1].end)):
        if groups and fit.start < end:
            groups[-1].append((form, fit))
        else:
            groups.append([(form, fit)])
        end = max(end, fit.end)
    return groups


def _read_group(group: Sequence[tuple[Form, Fit]], text: str, sent: Moment) -> Read:
    ignoring = [form for form, _ in group if form.ignore]
    if ignoring and len(ignoring) == len(group):
        return Read()
    if ignoring:
        return Read(trouble=_disagree(form.name for form, _ in group))
    read_by: list[tuple[str, tuple[Notice, ...]]] = []
    for form, fit in group:
        if form.kind == "card-cancelled" and checks.spares_the_payment(text[fit.start : fit.end]):
            return Read(trouble=f"{form.name} fits, but what was cancelled is no payment")
        if checks.refused(text[fit.start : fit.end]):
            return Read(trouble=f"{form.name} fits, but the text speaks of a refusal")
        try:
            read_by.append((form.name, (assemble(form, fit.values, sent),)))
        except Malformed as error:
            return Read(trouble=f"{form.name}: {error}")
    return _agreed(read_by, sent)


def _unclaimed(text: str, fits: Sequence[Fit]) -> list[str]:
    """The paragraphs that no form claimed, so that half a mail is never passed over."""
    rest: list[str] = []
    at = 0
    for fit in sorted(fits, key=lambda fit: fit.start):
        rest.append(text[at : max(at, fit.start)])
        at = max(at, fit.end)
    rest.append(text[at:])
    return [part for piece in rest for part in piece.replace("[Web발신]", "\n\n").split("\n\n")]


# --- Agreement ------------------------------------------------------------------------------------


def _agreed(read_by: Sequence[tuple[str, tuple[Notice, ...]]], sent: Moment) -> Read:
    """The reading that all fitting forms share; the one that says most speaks for them."""
    best = max((notices for _, notices in read_by), key=lambda notices: sum(map(_said, notices)))
    for name, notices in read_by:
        if len(notices) != len(best) or not all(map(_compatible, notices, best)):
            return Read(trouble=_disagree((name, best[0].form)))
    faults = [fault for notice in best if (fault := checks.fault(notice, sent.day()))]
    if faults:
        return Read(trouble=f"{best[0].form}: {faults[0]}")
    return Read(notices=best)


def _disagree(names: Iterable[str]) -> str:
    return f"two forms fit and disagree: {' and '.join(dict.fromkeys(names))}"


def _said(notice: Notice) -> int:
    return sum(value is not None for value in notice.as_json().values())


def _compatible(one: Notice, other: Notice) -> bool:
    """Whether one says nothing that the other denies."""
    same_form = replace(one, form=other.form).as_json()
    return all(
        mine is None or theirs is None or mine == theirs
        for mine, theirs in zip(same_form.values(), other.as_json().values(), strict=True)
    )
