"""`refunds teach`: a sample and its values become a form that is tried on everything before it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from refundparsers.examples import failures, with_form
from refundparsers.forms import BadForm, read_forms
from refundparsers.message import UndecodableMail, decode
from refundparsers.money import parse_amount
from refundparsers.notices import Kind
from refundparsers.relays import relayed_at
from refundparsers.senders import identify
from refundparsers.teaching import FIELDS, CannotTeach, Lesson, teach
from refundtracker.errors import BadInput, DiskTrouble, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from refundparsers.forms import Form, Library
    from refundparsers.message import Message
    from refundparsers.money import Money
    from refundparsers.notices import Notice, Reading, Source
    from refundtracker.ingest import Reader
    from refundtracker.store import Store

_SOURCE_OF_ROLE: Final[Mapping[str, Source]] = {
    "aliexpress": "aliexpress",
    "user": "card",
    "wallet": "wallet",
}
#: What a form may be called; its file is named after it.
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a form, or a change of forms, makes of one stored mail.

    Attributes:
        mail_id: its number.
        subject: of the mail.
        before: its outcome until now.
        after: its outcome with the change.
        reading: the new reading.
    """

    mail_id: int
    subject: str | None
    before: str
    after: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Taught:
    """A form that was made and tried.

    Attributes:
        table: the form, as it is written to its file.
        reading: what the sample is read as now.
        effects: stored mails that would be read otherwise.
    """

    table: dict[str, Any]
    reading: Reading
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail that is taught from.

    Attributes:
        message: decoded.
        source: who speaks.
        mailed_on: its day in the reader's zone.
    """

    message: Message
    source: Source
    mailed_on: date


def learn(
    raw: bytes,
    by: Reader,
    *,
    kind: str | None,
    values: Mapping[str, str],
    name: str | None,
    store: Store | None,
) -> Taught:
    """Make a form of one mail and try it on its sample, on all examples, and on the stored mails.

    Args:
        raw: the sample.
        by: reads with the forms there are.
        kind: of the notice; None teaches that such mails do not matter.
        values: JSON keys and values that stand in the mail.
        name: of the form; made up from the kind when None.
        store: mails to try it on; None when there is no database.

    Raises:
        WrongUsage: an unknown field, or a value that is none.
        BadInput: the sample cannot be read, a value does not stand in it, or the form would collide.
    """
    sample = sample_of(raw, by)
    lesson = _lesson(sample, kind, values, name)
    try:
        table = teach(sample.message, lesson, sample.mailed_on, by.library.labels)
        forms = read_forms("taught", {"form": [table]})
    except (CannotTeach, BadForm) as error:
        raise BadInput(str(error)) from error
    trial = replace(by, library=with_form(by.library, forms))
    refuse_collisions(forms, by.library, trial.library)
    reading = trial.read(raw)
    _refuse_other_values(reading, lesson)
    return Taught(table, reading, tuple(effects(store, trial)) if store else ())


def sample_of(raw: bytes, by: Reader) -> Sample:
    """A mail to teach from.

    Raises:
        BadInput: it cannot be decoded, or nobody we follow sent it.
    """
    try:
        message = decode(raw)
    except UndecodableMail as error:
        raise BadInput(f"the sample cannot be decoded: {error}") from error
    speaker = identify(message, by.senders)
    source = _SOURCE_OF_ROLE.get(speaker.role)
    if source is None:
        raise BadInput(f"{speaker.why} Name the sender in [senders] allowed, or with --allow")
    sent = relayed_at(message, by.zone) or message.facts.date or datetime.now(UTC)
    return Sample(message, source, sent.astimezone(by.zone).date())


def _lesson(sample: Sample, kind: str | None, values: Mapping[str, str], name: str | None) -> Lesson:
    if kind is not None and kind not in get_args(Kind):
        raise WrongUsage(f"there is no kind {kind!r}; there are {', '.join(get_args(Kind))}")
    money = _money(values)
    printed = {**values, **({"amount": money.amount, "currency": money.currency} if money else {})}
    lesson = Lesson(
        kind=cast("Kind | None", kind),
        values=printed,
        name=name or f"own.{kind or 'ignored'}.{sample.message.facts.sha256[:6]}",
        source=sample.source,
        money=money,
        on=_day(values, "on"),
        act_by=_day(values, "act_by"),
    )
    if not NAME.fullmatch(lesson.name):
        raise WrongUsage(f"{lesson.name!r} is no name for a form; use small letters, digits, dots and dashes")
    return lesson


def _money(values: Mapping[str, str]) -> Money | None:
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        raise WrongUsage(f"there is no field {unknown[0]!r}; there are {', '.join(FIELDS)}")
    if ("amount" in values) != ("currency" in values):
        raise WrongUsage("amount and currency go together: --set amount=5.20 --set currency=USD")
    if "amount" not in values:
        return None
    money = parse_amount(values["amount"], values["currency"].upper())
    if money is None or not re.fullmatch(r"[A-Z]{3}", values["currency"].upper()):
        raise WrongUsage(
            f"amount={values['amount']} currency={values['currency']} is no amount; write 5.20 and USD"
        )
    return money


def _day(values: Mapping[str, str], field: str) -> date | None:
    if field not in values:
        return None
    try:
        return date.fromisoformat(values[field])
    except ValueError as error:
        raise WrongUsage(f"{field}={values[field]} is no day; write it as 2026-05-12") from error


def refuse_collisions(new: Sequence[Form], before: Library, after: Library) -> None:
    """Every example that was read until now must be read as before, and the new ones as they say.

    Raises:
        BadInput: naming the new form, and the one whose example it disturbs.
    """
    by_name = {form.name: form for form in before.forms}
    added = {form.name for form in new}
    for failure in failures(after.of(tuple({form.source for form in new})), after):
        if failure.form in added:
            raise BadInput(f"the form {failure.form} does not read its own example: {failure.why}")
        former = failures([by_name[failure.form]], before)
        if failure.number not in {each.number for each in former}:
            collision = f"example {failure.number} is {failure.why}"
            raise BadInput(f"the form {' or '.join(sorted(added))} collides with {failure.form}: {collision}")


def _refuse_other_values(reading: Reading, lesson: Lesson) -> None:
    if lesson.kind is None:
        if reading.outcome != "ignored":
            raise BadInput(f"the sample would still be {reading.outcome}: {reading.reason}")
        return
    if not reading.notices:
        raise BadInput(f"the sample would be {reading.outcome}: {reading.reason}")
    said = reading.notices[0].as_json()
    if reading.notices[0].form != lesson.name:
        raise BadInput(
            f"the form {reading.notices[0].form} reads this mail already; nothing needs to be taught"
        )
    for field, value in lesson.values.items():
        if said.get(field) != value:
            raise BadInput(f"{field} would be read as {said.get(field)!r}, not as {value!r}")


def effects(store: Store, by: Reader) -> Iterator[Effect]:
    """Stored mails that this reader reads otherwise than they were."""
    for row in store.mails():
        raw = store.raw(row.id) if row.kept else None
        if raw is None:
            continue
        reading = by.read(raw, row.arrived, was=row.trust)
        if reading.outcome != row.outcome or _differ(
            reading.notices, [each.notice for each in store.notices_of(row.id)]
        ):
            yield Effect(row.id, row.subject, row.outcome, reading.outcome, reading)


def _differ(new: Sequence[Notice], old: Sequence[Notice]) -> bool:
    return [notice.as_json() for notice in new] != [notice.as_json() for notice in old]


def keep(table: Mapping[str, Any], directory: Path) -> Path:
    """Write a form to a file of its own in the directory of the user's forms.

    Raises:
        BadInput: a form of that name is there.
        DiskTrouble: it cannot be written.
    """
    import tomli_w

    path = directory / f"{table['name']}.toml"
    if path.exists():
        raise BadInput(f"{path} is there already; give the form another name with --name")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as out:
            out.write(tomli_w.dumps({"form": [dict(table)]}, multiline_strings=True))
    except OSError as error:
        raise DiskTrouble(f"{path}: {error.strerror}") from error
    return path
