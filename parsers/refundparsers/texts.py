"""Texts of card companies, banks and wallets: any number of notices, anywhere in a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from refundparsers import checks
from refundparsers.agreement import Read, agreed, disagree
from refundparsers.assembly import Malformed, assemble
from refundparsers.index import met
from refundparsers.notices import once
from refundparsers.patterns import capped
from refundparsers.relays import set_apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refundparsers.assembly import Moment
    from refundparsers.forms import Form
    from refundparsers.index import Index
    from refundparsers.message import Body
    from refundparsers.notices import Notice
    from refundparsers.patterns import Fit, Pattern

_LONGEST_REMARK: Final = 40
_LONGEST_SENTENCE: Final = 160
_SENTENCE_ENDS: Final = ".!?\n"


def fit_text(body: Body, forms: Index[tuple[Form, Pattern]], sent: Moment, *, cut: bool) -> Read:
    """The notices in a text.

    Args:
        body: one of the alternatives of a mail.
        forms: those of the sources that may speak.
        sent: when it was sent.
        cut: whether it may be cut short; then the last value of a notice is never the last there is.

    Raises:
        Repeated: it holds too much of one thing.
    """
    text = set_apart(body.text)
    fits = _fits(text, forms)
    notices: list[Notice] = []
    for group in _overlapping(fits):
        found = _read_group(group, text, sent)
        if found.trouble:
            return found
        notices += found.notices
    return _concluded(text, fits, notices, body.doubt, cut=cut)


def _concluded(
    text: str, fits: Sequence[tuple[Form, Fit]], notices: Sequence[Notice], doubt: str | None, *, cut: bool
) -> Read:
    """What the fits say, unless something in the text speaks against them."""
    if notices and doubt:
        return Read(trouble=doubt)
    rest = _unclaimed(text, [fit for _, fit in fits])
    if cut and ((notices and not rest[-1].strip(".… \n")) or (not fits and checks.names_refund(text))):
        return Read(trouble="its forwarder cut the text short, and a value may be among what is missing")
    if not fits:
        return Read()
    unread = checks.any_speaks_of_refund(rest)
    if notices and unread:
        return Read(trouble=f"besides {notices[0].form} the text speaks of a cancellation that no form reads")
    if notices:
        return Read(notices=once(notices))
    return Read() if unread else Read(ignored=fits[0][0])


def _fits(text: str, forms: Index[tuple[Form, Pattern]]) -> list[tuple[Form, Fit]]:
    """Where forms fit; last resorts only where no other does."""
    folded = text.casefold()
    among = forms.among(folded)
    sure = [
        (form, fit) for form, each in among if not form.fallback for fit in capped(each.find(text, folded))
    ]
    claimed = [fit for _, fit in sure]
    # most texts are claimed whole, and what is left has none of the words of a last resort
    left = "\n".join(_unclaimed(text, claimed)).casefold() if claimed else folded
    return sure + [
        (form, fit)
        for form, each in among
        if form.fallback and met(each.needs, left)
        for fit in capped(each.find(text, folded))
        if not any(fit.start < other.end and other.start < fit.end for other in claimed)
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
        return Read(trouble=disagree(form.name for form, _ in group))
    read_by: list[tuple[str, tuple[Notice, ...]]] = []
    for form, fit in group:
        doubt = _doubt(form, fit, text)
        if doubt:
            return Read(trouble=f"{form.name} fits, but {doubt}")
        try:
            read_by.append((form.name, (assemble(form, fit.values, sent),)))
        except Malformed as error:
            return Read(trouble=f"{form.name}: {error}")
    return agreed(read_by, sent)


def _doubt(form: Form, fit: Fit, text: str) -> str | None:
    """What stands in a notice or around it that makes it another one."""
    taken = text[fit.start : fit.end]
    if form.kind == "card-cancelled" and checks.spares_the_payment(taken):
        return "what was cancelled is no payment"
    # who taught a text has seen what its words mean
    doubted = form.kind == "card-cancelled" and form.evidence != "taught"
    if doubted and checks.undone(taken, _sentence(text, fit)):
        return "around it stands that it has not happened, or not in money"
    if checks.refused(f"{taken} {_remark(text, fit.end)}"):
        return "the text speaks of a refusal"
    return None


def _sentence(text: str, fit: Fit) -> str:
    """What a form takes, from the start of its sentence to the end of it."""
    before = text[max(0, fit.start - _LONGEST_SENTENCE) : fit.start]
    behind = text[fit.end : fit.end + _LONGEST_SENTENCE]
    start = max(before.rfind(mark) for mark in _SENTENCE_ENDS) + 1
    ends = [at for mark in _SENTENCE_ENDS if (at := behind.find(mark)) >= 0]
    return before[start:] + text[fit.start : fit.end] + behind[: min(ends, default=len(behind))]


def _remark(text: str, end: int) -> str:
    """A short line below a notice that belongs to it: `한도초과로 거절`; not the next text's first."""
    line = text[end : end + 80].removeprefix("\n").partition("\n")[0]
    return "" if len(line) > _LONGEST_REMARK or "카드" in line or "발신" in line else line


def _unclaimed(text: str, fits: Sequence[Fit]) -> list[str]:
    """The paragraphs that no form claimed, so that half a mail is never passed over."""
    rest: list[str] = []
    at = 0
    for fit in sorted(fits, key=lambda fit: fit.start):
        rest.append(text[at : max(at, fit.start)])
        at = max(at, fit.end)
    rest.append(text[at:])
    return [part for piece in rest for part in piece.replace("[Web발신]", "\n\n").split("\n\n")]
