"""The user's own word, which outlives every reading of the mail. Pure.

A decision is about a dispute and often about the money in one mail. It names both by what stays when
the mails are read again: order and dispute number, the sha256 of the mail. What it names may be gone
afterwards; then the decision is shown with a warning and moves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from refundparsers.money import Money
    from refundtracker.disputes import Dispute

Verb = Literal["link", "unlink", "confirm", "write-off", "note", "method", "card"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing the user said.

    Attributes:
        id: the number people type; None before it is stored.
        made_at: when it was said (UTC).
        verb: what was said.
        key: of the dispute, as it was then.
        order: number of its order, or None.
        dispute: its own number, or None.
        mail: sha256 of the mail with the money (`link`, `unlink`), else None.
        n: which notice of that mail, from 0.
        mail_id: the number of that mail today; None when it is not there.
        notice_id: the stored notice that mail and n lead to today; None when there is none.
        money: what was seen (`confirm`); None there means all that was missing.
        on: the day it was seen, or of the writing-off.
        issuer: of the card (`card`), such as `kr.shinhan`.
        card: its last digits (`card`).
        text: of the note; the name of the method.
        undone_at: when it was taken back (UTC), or None.
    """

    id: int | None = None
    made_at: datetime
    verb: Verb
    key: str
    order: str | None = None
    dispute: str | None = None
    mail: str | None = None
    n: int | None = None
    mail_id: int | None = None
    notice_id: int | None = None
    money: Money | None = None
    on: date | None = None
    issuer: str | None = None
    card: str | None = None
    text: str | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What the user's decisions come to for one dispute; a later one takes the place of an earlier one.

    Attributes:
        linked: the notices that pay it.
        parted: the notices that do not.
        confirmed: money seen on a statement, in the order in which it was told.
        written_off: the day the user gave it up, or None.
        method: how the order was paid, or None.
        issuer: of the card it was paid with, or None.
        card: last digits of that card, or None.
    """

    linked: frozenset[int] = frozenset()
    parted: frozenset[int] = frozenset()
    confirmed: tuple[Decision, ...] = ()
    written_off: date | None = None
    method: str | None = None
    issuer: str | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """All decisions in force, each with its dispute.

    Attributes:
        by_key: what they come to, by the key of the dispute.
        told: the decisions themselves, oldest first, by the key of the dispute.
        adrift: those whose dispute or notice is not there any more, or not any more the only one.
    """

    by_key: Mapping[str, Word] = field(default_factory=dict)
    told: Mapping[str, Sequence[Decision]] = field(default_factory=dict)
    adrift: tuple[Decision, ...] = ()

    def of(self, key: str) -> Word:
        """What was said about a dispute; nothing at all when nothing was."""
        return self.by_key.get(key, Word())


NOTHING_SAID: Final = Words()


def words(decisions: Iterable[Decision], disputes: Iterable[Dispute]) -> Words:
    """Find the dispute of each decision, and what they come to."""
    known = _Known(disputes)
    told: dict[str, list[Decision]] = defaultdict(list)
    adrift: list[Decision] = []
    for decision in sorted(decisions, key=lambda each: (each.made_at, each.id or 0)):
        if decision.undone_at is not None:
            continue
        key = known.key_of(decision)
        if key is not None:
            told[key].append(decision)
        if key is None or (decision.mail is not None and decision.notice_id is None):
            adrift.append(decision)
    return Words({key: _word(said) for key, said in told.items()}, dict(told), tuple(adrift))


class _Known:
    """The disputes of today, by all that a decision may know them by."""

    def __init__(self, disputes: Iterable[Dispute]) -> None:
        self._keys: set[str] = set()
        self._by_order: dict[str | None, list[str]] = defaultdict(list)
        self._by_dispute: dict[str | None, list[str]] = defaultdict(list)
        for each in disputes:
            self._keys.add(each.key)
            self._by_order[each.order].append(each.key)
            self._by_dispute[each.dispute].append(each.key)

    def key_of(self, decision: Decision) -> str | None:
        """The dispute that is meant: the key of one grows when its order or a second line becomes known."""
        if decision.key in self._keys:
            return decision.key
        for number, by_number in ((decision.dispute, self._by_dispute), (decision.order, self._by_order)):
            keys = by_number.get(number, []) if number is not None else []
            if len(keys) == 1:
                return keys[0]
        return None


def _word(said: Sequence[Decision]) -> Word:
    pairs = {each.notice_id: each.verb for each in said if each.verb in ("link", "unlink")}
    written_off = [each for each in said if each.verb == "write-off"]
    methods = [each.text for each in said if each.verb == "method"]
    cards = [each for each in said if each.verb == "card"]
    return Word(
        linked=frozenset(notice for notice, verb in pairs.items() if notice and verb == "link"),
        parted=frozenset(notice for notice, verb in pairs.items() if notice and verb == "unlink"),
        confirmed=tuple(each for each in said if each.verb == "confirm"),
        written_off=(written_off[-1].on or written_off[-1].made_at.date()) if written_off else None,
        method=methods[-1] if methods else None,
        issuer=cards[-1].issuer if cards else None,
        card=cards[-1].card if cards else None,
    )
