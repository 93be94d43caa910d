"""The user's own word: `link`, `unlink`, `confirm`, `write-off`, `note`, `method`, `card` and `undo`."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from refundparsers.money import currency_code, parse_amount, parse_money
from refundtracker import decisions, tracking
from refundtracker.cli.common import global_options, one_dispute, settings, warn_of_adrift
from refundtracker.decisions import Decision
from refundtracker.errors import BadInput, WrongUsage
from refundtracker.formats import write_json, write_line, write_table
from refundtracker.views import decision_json, decision_said, dispute_json
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from refundparsers.money import Money
    from refundtracker.config import Config
    from refundtracker.decisions import Verb
    from refundtracker.disputes import Dispute
    from refundtracker.records import StoredNotice
    from refundtracker.store import Store
    from refundtracker.words import Lang

# What a user may call the money of a dispute; an announcement may be all that a bank ever sends.
_MONEY: Final = ("card-cancelled", "refund-announced", "refund-sent")
_LONGEST_NOTE: Final = 1000


class Desk:
    """The database, open for a decision: nothing is made where there is none.

    Attributes:
        given: the global options.
        config: the configuration.
        store: open for writing.
        today: the day it is for the user.
        lang: to speak.
    """

    def __init__(self, ctx: click.Context) -> None:
        from refundtracker.store import Store

        self.given = settings(ctx)
        self.config: Config = self.given.load()
        self.today = self.given.today(self.config)
        self.lang = self.given.language(self.config)
        self.given.store(self.config).close()
        self.store: Store = Store.open(self.given.database(self.config))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()

    def decide(self, decision: Decision) -> int:
        """Keep it, derive the disputes anew, and tell what that changed."""
        before = self._named(decision)
        number = self.store.decide(decision)
        self._derive()
        kept = next(each for each in self.store.decisions() if each.id == number)
        self._tell("decided", kept, before, self._named(decision))
        return 0

    def undo(self, number: int | None) -> int:
        """Take one back, and tell what that changed."""
        named = {each.key: each for each in self.store.disputes()}
        taken = self.store.undo(number, datetime.now(UTC))
        self._derive()
        self._tell("decided.undone", taken, named.get(taken.key), self._named(taken))
        return 0

    def _derive(self) -> None:
        from refundtracker.ingest import bring_up_to_date, rules

        bring_up_to_date(self.store, rules(self.config))

    def _named(self, decision: Decision) -> Dispute | None:
        found = self.store.disputes()
        by_key = decisions.words([decision], found).told
        return next((each for each in found if each.key in by_key), None)

    def _tell(self, code: str, decision: Decision, before: Dispute | None, now: Dispute | None) -> None:
        if self.given.json:
            shown = dispute_json(now, self.today, self.lang) if now else None
            write_json({"decision": decision_json(decision), "dispute": shown})
            return
        said = one_line(decision_said(decision, self.lang))
        write_line(say(self.lang, code, id=str(decision.id), said=said))
        if now is not None and decision.verb != "note":
            self._tell_state(before, now)

    def _tell_state(self, before: Dispute | None, now: Dispute) -> None:
        states = [tracking.state_on(each, self.today) for each in (before or now, now)]
        was, is_ = (say(self.lang, f"state.{state}") for state in states)
        code = "decided.state" if was == is_ else "decided.state.moved"
        write_line(say(self.lang, code, dispute=str(now.id), state=is_, before=was))

    def asked(self, question: str, *, yes: bool) -> None:
        """Ask what should not happen by mistake; without a terminal `--yes` is the answer.

        Raises:
            WrongUsage: nobody can be asked.
        """
        if yes:
            return
        if not sys.stdin.isatty():
            raise WrongUsage(f"{question} Answer with --yes")
        click.confirm(question, abort=True, err=True)


def _about(dispute: Dispute, verb: Verb) -> Decision:
    return Decision(
        made_at=datetime.now(UTC), verb=verb, key=dispute.key, order=dispute.order, dispute=dispute.dispute
    )


# --- money of a mail ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Credit:
    """Money in a stored mail.

    Attributes:
        sha256: of the mail.
        n: which of its notices, from 0.
        stored: the notice.
    """

    sha256: str
    n: int
    stored: StoredNotice


def _credit(store: Store, ref: str, number: int | None) -> _Credit:
    """The money that a mail tells of.

    Raises:
        BadInput: no such mail, no money in it, or several sums and no number to choose one.
    """
    mail = store.mail(ref)
    if mail is None or mail.sha256 is None:
        raise BadInput(
            f"there is no mail {one_line(ref, 40)!r}; `refunds mail` lists them with their numbers"
        )
    if mail.outcome != "notice":
        raise BadInput(
            f"mail {mail.id} is {mail.outcome}, so nothing is known of its money; see `refunds mail`"
        )
    sums = [
        _Credit(mail.sha256, n, each)
        for n, each in enumerate(store.notices_of(mail.id))
        if each.notice.kind in _MONEY and each.notice.money is not None
    ]
    if number is not None:
        sums = [each for each in sums if each.n == number - 1]
    if not sums:
        raise BadInput(f"mail {mail.id} tells of no money that came back")
    if len(sums) > 1:
        listed = ", ".join(f"{each.n + 1}: {each.stored.notice.money}" for each in sums)
        raise BadInput(f"mail {mail.id} tells of several sums; choose one by --notice ({listed})")
    return sums[0]


@click.command()
@click.argument("ref")
@click.argument("mail")
@click.option("--notice", type=click.IntRange(1), metavar="N", help="Which sum of the mail, from 1.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@global_options
@click.pass_context
def link(ctx: click.Context, ref: str, mail: str, notice: int | None, yes: bool) -> int:
    """The money in MAIL pays dispute REF.

    REF is as for `refunds show`; MAIL is the number that `refunds mail` shows.
    """
    with Desk(ctx) as desk:
        dispute = one_dispute(desk.store, ref)
        credit = _credit(desk.store, mail, notice)
        _require_sense(desk, dispute, credit, yes=yes)
        return desk.decide(_pair("link", dispute, credit))


def _require_sense(desk: Desk, dispute: Dispute, credit: _Credit, *, yes: bool) -> None:
    seen, promised = credit.stored.notice.money, dispute.promised
    for other in desk.store.disputes():
        if other.id != dispute.id and any(each.notice_id == credit.stored.id for each in other.received):
            desk.asked(say(desk.lang, "ask.link-taken", other=str(other.id)), yes=yes)
    if promised and seen and seen.currency == promised.currency and seen != promised:
        said = say(desk.lang, "ask.link-short", seen=str(seen), promised=str(promised))
        desk.asked(said, yes=yes)


def _pair(verb: Verb, dispute: Dispute, credit: _Credit) -> Decision:
    return replace(_about(dispute, verb), mail=credit.sha256, n=credit.n, notice_id=credit.stored.id)


@click.command()
@click.argument("ref")
@click.argument("mail")
@click.option("--notice", type=click.IntRange(1), metavar="N", help="Which sum of the mail, from 1.")
@global_options
@click.pass_context
def unlink(ctx: click.Context, ref: str, mail: str, notice: int | None) -> int:
    """The money in MAIL does not pay dispute REF, whatever the program thinks."""
    with Desk(ctx) as desk:
        dispute = one_dispute(desk.store, ref)
        return desk.decide(_pair("unlink", dispute, _credit(desk.store, mail, notice)))


# --- what only the user knows -------------------------------------------------------------------------


@click.command()
@click.argument("ref")
@click.option(
    "--amount", metavar="SUM", help="What came, such as 7000 or '5.20 USD'; all of it unless given."
)
@click.option("--currency", metavar="CODE", help="Of a bare --amount; the promise's unless given.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The day on the statement.")
@global_options
@click.pass_context
def confirm(
    ctx: click.Context, ref: str, amount: str | None, currency: str | None, on: datetime | None
) -> int:
    """You saw the money of dispute REF on your statement."""
    with Desk(ctx) as desk:
        dispute = one_dispute(desk.store, ref)
        money = _seen(dispute, amount, currency)
        day = on.date() if on else desk.today
        if day > desk.today:
            raise WrongUsage(f"--on {day} has not come yet")
        return desk.decide(replace(_about(dispute, "confirm"), money=money, on=day))


def _seen(dispute: Dispute, amount: str | None, currency: str | None) -> Money | None:
    if amount is None:
        if dispute.promised is None:
            raise WrongUsage("no mail told how much was promised, so say what came: --amount '5.20 USD'")
        return None
    code = currency_code(currency or (dispute.promised.currency if dispute.promised else ""))
    money = parse_money(amount) or (parse_amount(amount, code) if code else None)
    if money is None or not money.minor:
        raise WrongUsage(
            f"--amount {one_line(amount, 40)!r} is no sum; write it like '5.20 USD' or '7,000원'"
        )
    if currency and money.currency != code:
        raise WrongUsage(f"--amount {one_line(amount, 40)!r} is not in --currency {one_line(currency, 10)!r}")
    return money


@click.command("write-off")
@click.argument("ref")
@global_options
@click.pass_context
def write_off(ctx: click.Context, ref: str) -> int:
    """Give up what is missing of dispute REF; should it come after all, it still counts."""
    with Desk(ctx) as desk:
        dispute = one_dispute(desk.store, ref)
        return desk.decide(replace(_about(dispute, "write-off"), on=desk.today))


@click.command()
@click.argument("ref")
@click.argument("text")
@global_options
@click.pass_context
def note(ctx: click.Context, ref: str, text: str) -> int:
    """Keep a TEXT with dispute REF."""
    said = one_line(text, _LONGEST_NOTE)
    if not said:
        raise WrongUsage("the note is empty")
    with Desk(ctx) as desk:
        return desk.decide(replace(_about(one_dispute(desk.store, ref), "note"), text=said))


@click.command()
@click.argument("ref")
@click.argument("name", metavar="METHOD")
@global_options
@click.pass_context
def method(ctx: click.Context, ref: str, name: str) -> int:
    """Dispute REF was paid by METHOD, such as card, check-card, paypal or alipay."""
    from refundtracker.windows import METHODS

    if name not in METHODS:
        known = ", ".join(METHODS)
        raise WrongUsage(f"{one_line(name, 40)!r} is no payment method; there are {known}")
    with Desk(ctx) as desk:
        return desk.decide(replace(_about(one_dispute(desk.store, ref), "method"), text=name))


_CARD: Final = re.compile(r"(?:(?P<issuer>paypal|[a-z]{2}\.[a-z][a-z0-9-]*)(?::|$))?(?P<card>[0-9*]{2,8})?")


@click.command()
@click.argument("ref")
@click.argument("name", metavar="CARD")
@global_options
@click.pass_context
def card(ctx: click.Context, ref: str, name: str) -> int:
    """Dispute REF was paid with CARD: its last digits, its issuer, or both.

    1234, kr.shinhan or kr.shinhan:1234. The issuer decides whose business days count.
    """
    found = _CARD.fullmatch(name.strip().lower())
    if found is None or not any(found.groups()):
        raise WrongUsage(f"{one_line(name, 40)!r} is no card; write 1234, kr.shinhan or kr.shinhan:1234")
    with Desk(ctx) as desk:
        said = _about(one_dispute(desk.store, ref), "card")
        return desk.decide(replace(said, issuer=found["issuer"], card=found["card"]))


@click.command()
@click.argument("number", type=click.IntRange(1), required=False)
@global_options
@click.pass_context
def undo(ctx: click.Context, number: int | None) -> int:
    """Take back a decision: the one with this NUMBER, or the latest."""
    with Desk(ctx) as desk:
        return desk.undo(number)


@click.command("decisions")
@global_options
@click.pass_context
def list_decisions(ctx: click.Context) -> None:
    """All that you decided, also what you took back."""
    given = settings(ctx)
    config = given.load()
    lang = given.language(config)
    with given.store(config) as store:
        made = store.decisions()
        words = decisions.words(made, store.disputes() if made else ())
    if given.json:
        adrift = {each.id for each in words.adrift}
        write_json([{**decision_json(each), "adrift": each.id in adrift} for each in made])
    elif not made:
        write_line(say(lang, "decided.none"))
    else:
        columns = ("number", "date", "order", "decision")
        rows = [_decision_row(each, config, lang) for each in made]
        write_table([say(lang, f"column.{each}") for each in columns], rows, right=(0,), whole=(0, 1, 2))
        warn_of_adrift(words.adrift, lang)


def _decision_row(decision: Decision, config: Config, lang: Lang) -> tuple[str | None, ...]:
    day = decision.made_at.astimezone(config.region.timezone).date().isoformat()
    return str(decision.id), day, decision.order or decision.dispute, decision_said(decision, lang)
