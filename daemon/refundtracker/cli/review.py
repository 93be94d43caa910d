"""`refunds review`: money that waits for the user's word, and what speaks for each dispute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from refundtracker.cli.common import global_options, settings
from refundtracker.formats import write_json, write_line
from refundtracker.views import likely, money_json, speaks_said, worded
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refundtracker.disputes import Dispute
    from refundtracker.linking.claims import Candidate, Review
    from refundtracker.store import Store
    from refundtracker.words import Lang

# As `refunds link` counts: sums that may be the money of a dispute.
_MONEY: Final = ("card-cancelled", "refund-announced", "refund-sent")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One sum of money, as it is shown.

    Attributes:
        review: the money, why it waits, and the candidates.
        mail: the number of its mail.
        number: which sum of that mail it is, from 1; None when there is only one.
        disputes: the candidates, by their keys.
    """

    review: Review
    mail: int
    number: int | None
    disputes: Mapping[str, Dispute]

    def command(self, candidate: Candidate) -> str:
        """What to type when this candidate is the right one."""
        chosen = f" --notice {self.number}" if self.number else ""
        return f"refunds link {self.disputes[candidate.key].id} {self.mail}{chosen}"

    @property
    def candidates(self) -> Sequence[Candidate]:
        """Those that are stored as disputes."""
        return [each for each in self.review.candidates if each.key in self.disputes]


@click.command()
@global_options
@click.pass_context
def review(ctx: click.Context) -> None:
    """Money that waits for your word: what it may pay, and the command that says so."""
    from refundtracker.reasons import reasons

    given = settings(ctx)
    config = given.load()
    lang = given.language(config)
    with given.store(config) as store:
        disputes = {each.key: each for each in store.disputes()}
        weighed = reasons(store.notices(), store.decisions())
        found = [_waiting(store, each, disputes) for each in weighed.reviews]
    if given.json:
        write_json([_json(each, lang) for each in found])
        return
    _write([each for each in found if each.candidates], lang)
    _write_unplaced([each for each in found if not each.candidates], lang)


def _waiting(store: Store, review: Review, disputes: Mapping[str, Dispute]) -> _Waiting:
    mail = store.mail_with(review.credit.id)
    told = store.notices_of(mail)
    sums = [n for n, each in enumerate(told, 1) if each.notice.kind in _MONEY and each.notice.money]
    own = next(n for n, each in enumerate(told, 1) if each.id == review.credit.id)
    return _Waiting(review, mail, own if len(sums) > 1 else None, disputes)


def _write(found: Sequence[_Waiting], lang: Lang) -> None:
    if not found:
        write_line(say(lang, "review.nothing"))
        return
    write_line(say(lang, "heading.review"))
    for each in found:
        write_line()
        write_line(_money(each, lang))
        write_line(f"  {one_line(worded(each.review.why, lang))}")
        for candidate in likely(each.candidates):
            _write_candidate(each, candidate, lang)


def _write_candidate(waiting: _Waiting, candidate: Candidate, lang: Lang) -> None:
    dispute = waiting.disputes[candidate.key]
    named = say(lang, "review.candidate", dispute=str(dispute.id))
    about = [dispute.order or dispute.dispute, dispute.item, str(dispute.promised or "")]
    write_line(f"  - {named}  {one_line(' · '.join(part for part in about if part), 60)}")
    write_line(f"    {speaks_said(candidate.speaks, lang)}")
    write_line(f"    {waiting.command(candidate)}")


def _money(waiting: _Waiting, lang: Lang) -> str:
    notice = waiting.review.credit.notice
    where = [notice.issuer, notice.card, notice.merchant]
    mail = say(lang, "review.mail", mail=str(waiting.mail))
    return one_line(" · ".join([str(notice.on), str(notice.money), *(part for part in where if part), mail]))


def _write_unplaced(found: Sequence[_Waiting], lang: Lang) -> None:
    if found:
        write_line()
        write_line(say(lang, "review.unplaced"))
    for each in found:
        write_line(f"  {_money(each, lang)}: {one_line(worded(each.review.why, lang))}")


def _json(waiting: _Waiting, lang: Lang) -> dict[str, object]:
    notice = waiting.review.credit.notice
    return {
        "mail": waiting.mail,
        "notice": waiting.number,
        **(money_json(notice.money) or {"amount": None, "currency": None}),
        "on": notice.on.isoformat(),
        "issuer": notice.issuer,
        "card": notice.card,
        "merchant": notice.merchant,
        "why": worded(waiting.review.why, lang),
        "candidates": [
            {
                "dispute": waiting.disputes[each.key].id,
                "order": waiting.disputes[each.key].order,
                "promised": money_json(waiting.disputes[each.key].promised),
                "speaks": [worded(reason, lang) for reason in each.speaks],
                "command": waiting.command(each),
            }
            for each in waiting.candidates
        ],
    }
