"""Forms taught from leaflets: mails of a look that the teaching was not made for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, cast

import pytest

from refundparsers import read
from refundparsers.examples import POLICY, failures, with_form
from refundparsers.forms import read_forms, shipped
from refundparsers.message import decode
from refundparsers.money import parse_amount
from refundparsers.teaching import CannotTeach, Lesson, teach
from rigs.leaflets import KINDS, Facts, Leaflet, wordings

if TYPE_CHECKING:
    from refundparsers.forms import Library
    from refundparsers.notices import Kind, Notice

_NAME: Final = "own.leaflet"
SISTERS: Final = 3
LEAFLETS: Final = [Leaflet(language, seed) for language in wordings() for seed in range(len(KINDS))]
each_leaflet = pytest.mark.parametrize(
    "leaflet", LEAFLETS, ids=lambda it: f"{it.language}-{it.seed}-{it.told}"
)
# Two free texts side by side in one row of a table: nothing says where one ends.
UNTOLD: Final = {("en", 3)}


def lesson(leaflet: Leaflet, facts: Facts) -> Lesson:
    """What a person would say of the mail."""
    said = facts.fields
    money = parse_amount(said["amount"], said["currency"]) if "amount" in said else None
    days = {name: date.fromisoformat(said[name]) if name in said else None for name in ("on", "act_by")}
    return Lesson(cast("Kind", leaflet.kind), said, _NAME, "aliexpress", money, days["on"], days["act_by"])


def taught(leaflet: Leaflet) -> Library:
    """The shipped forms and one that is taught from the leaflet's first mail."""
    facts = leaflet.facts(0)
    table = teach(decode(leaflet.mail(facts)), lesson(leaflet, facts), facts.mailed.date(), shipped().labels)
    return with_form(shipped(), read_forms("own", {"form": [table]}))


def other_values(notice: Notice, leaflet: Leaflet, facts: Facts) -> dict[str, tuple[object, object]]:
    """What is read otherwise than it is meant."""
    said = notice.as_json()
    meant: dict[str, str | None] = {"kind": leaflet.kind, "amount": None, "act_by": None, "dispute": None}
    return {
        name: (said[name], value) for name, value in {**meant, **facts.fields}.items() if said[name] != value
    }


@each_leaflet
def test_one_mail_teaches_its_sisters_and_leaves_its_neighbours_alone(leaflet: Leaflet) -> None:
    """What is not read is unread; nothing is read wrongly, and nothing else is claimed."""
    if (leaflet.language, leaflet.seed) in UNTOLD:
        with pytest.raises(CannotTeach, match="; leave "):  # it says what to do
            taught(leaflet)
        return
    library = taught(leaflet)
    own = [form for form in library.forms if form.name == _NAME]
    mails = [(facts, leaflet.mail(facts)) for facts in map(leaflet.facts, range(SISTERS))]
    read_so = [(facts, read(raw, senders=POLICY, library=library)) for facts, raw in mails]

    assert list(failures(own, library)) == []
    assert [
        each for facts, found in read_so for each in found.notices if other_values(each, leaflet, facts)
    ] == []
    assert read_so[0][1].outcome == "notice"
    claimed = [
        told
        for told, raw in leaflet.neighbours(100)
        if any(notice.form == _NAME for notice in read(raw, senders=POLICY, library=library).notices)
    ]
    assert claimed == []


def test_nearly_all_sisters_are_read() -> None:
    """At least 95 of 100, over all languages; full refunds whose total reads the same are the rest."""
    outcomes = []
    for leaflet in LEAFLETS[::3]:
        if (leaflet.language, leaflet.seed) not in UNTOLD:
            library = taught(leaflet)
            mails = (leaflet.mail(leaflet.facts(seed)) for seed in range(1, 4))
            outcomes += [read(raw, senders=POLICY, library=library).outcome for raw in mails]

    assert outcomes.count("notice") >= 0.95 * len(outcomes)


@pytest.mark.parametrize("leaflet", LEAFLETS[::4], ids=lambda it: f"{it.language}-{it.seed}")
def test_an_example_tells_nothing_private(leaflet: Leaflet) -> None:
    """No order, dispute, sum, shop, product, name or address of the reader is left in what is shared."""
    facts = leaflet.facts(0)
    if (leaflet.language, leaflet.seed) in UNTOLD:
        return
    table = teach(decode(leaflet.mail(facts)), lesson(leaflet, facts), facts.mailed.date(), shipped().labels)
    shared = str(table)
    named = [facts.fields[name] for name in ("order", "dispute", "seller", "item") if name in facts.fields]
    sums = [facts.printed["money"]] if "amount" in facts.fields else []
    names = [] if leaflet.style.shy else [facts.name]

    assert [secret for secret in (*named, *sums, *names, "me@example.net") if secret in shared] == []
