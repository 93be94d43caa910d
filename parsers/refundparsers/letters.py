"""A mail of AliExpress: one subject, one body, one notice (or one for each order)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from refundparsers import orders
from refundparsers.agreement import Read, agreed, disagree
from refundparsers.assembly import Malformed, assemble
from refundparsers.patterns import capped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from refundparsers.assembly import Moment
    from refundparsers.forms import Form, Library
    from refundparsers.message import Body, Message
    from refundparsers.notices import Notice
    from refundparsers.senders import Stream

T = TypeVar("T")
Values = dict[str, tuple[str, ...]]


def titled(library: Library, stream: Stream, subject: str) -> list[tuple[Form, Values]]:
    """The forms that take a subject, with what it gives, and those that ask for none."""
    found: dict[str, tuple[Form, Values]] = {}
    for form, pattern in library.letters(stream).among(subject.casefold()):
        if form.name in found:
            continue
        if pattern is None:
            found[form.name] = form, {}
        elif whole := pattern.whole(subject):
            found[form.name] = form, whole.values
    return list(found.values())


def fit_letter(
    message: Message, body: Body, forms: Sequence[tuple[Form, Values]], library: Library, sent: Moment
) -> Read:
    """What a body says under the subject.

    Args:
        message: the mail.
        body: one of its alternatives.
        forms: those that take the subject, with what it gives.
        library: of the labels.
        sent: when it was sent.

    Raises:
        Repeated: it holds too much of one thing.
    """
    if not forms:
        return Read()
    text = library.labels.before_adverts(body.text)
    folded = text.casefold()
    fitting = [
        (form, values) for form, given in forms if (values := _fit(form, given, text, folded)) is not None
    ]
    fitting = _foremost(fitting)
    if not fitting:
        return Read()
    ignoring = [form for form, _ in fitting if form.ignore]
    if ignoring and len(ignoring) < len(fitting):
        return Read(trouble=disagree(form.name for form, _ in fitting))
    if ignoring:
        return Read(ignored=ignoring[0])
    doubt = body.doubt or message.subject_doubt
    if doubt:
        return Read(trouble=doubt)

    def before_adverts(whole: str) -> str:
        return text if whole is body.text else library.labels.before_adverts(whole)

    links = orders.usable(message.bodies, before_adverts)
    read_by: list[tuple[str, tuple[Notice, ...]]] = []
    for form, values in fitting:
        try:
            told = orders.told(form, values, text, links, library.labels)
            read_by.append((form.name, tuple(assemble(form, printed, sent) for printed in told)))
        except Malformed as error:
            return Read(trouble=f"{form.name}: {error}")
    return agreed(read_by, sent)


def _fit(form: Form, given: Values, text: str, folded: str) -> Values | None:
    """The values of subject and body, or None when the form does not fit the body."""
    if form.until:
        text = _until(text, form.until)
        folded = text.casefold()
    values = given
    texts = [[fit for each in form.text for fit in capped(each.find(text, folded))]] if form.text else []
    for fits in (*texts, *([*capped(each.find(text, folded))] for each in form.find)):
        if not fits:
            return None
        values = _merged(values, *(fit.values for fit in fits))
    return values


def _foremost(fitting: list[tuple[Form, T]]) -> list[tuple[Form, T]]:
    """Last resorts give way to all others, and our guesses to what the user taught."""
    taught = any(form.evidence == "taught" for form, _ in fitting)
    kept = [each for each in fitting if not (taught and each[0].evidence == "guess")]
    sure = [each for each in kept if not each[0].fallback]
    return sure or kept


def _until(text: str, lines: Iterable[str]) -> str:
    ends = {line.casefold() for line in lines}
    kept: list[str] = []
    for line in text.split("\n"):
        if line.strip().casefold() in ends:
            break
        kept.append(line)
    return "\n".join(kept)


def _merged(*parts: Mapping[str, tuple[str, ...]]) -> Values:
    names = dict.fromkeys(name for part in parts for name in part)
    return {
        name: tuple(dict.fromkeys(text for part in parts for text in part.get(name, ()))) for name in names
    }
