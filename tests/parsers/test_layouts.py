"""The invented dispute mails are what tests of teaching take them for."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import pytest

from refundparsers.dates import parse_day
from refundparsers.message import decode, plain
from refundparsers.money import parse_money
from rigs.layouts import KINDS, LANGUAGES, Layout, Values

if TYPE_CHECKING:
    from refundparsers.message import Message

LAYOUTS: Final = [Layout(language, seed) for language in LANGUAGES for seed in range(len(KINDS))]
each_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda it: f"{it.language}-{it.seed}-{it.kind}")


def shown(mail: Message) -> str:
    return "\n".join((mail.facts.subject or "", mail.bodies[0].text))


def test_there_are_many_layouts() -> None:
    pages = {decode(layout.mail(layout.values(1))).bodies[0].text for layout in LAYOUTS}

    assert len(pages) == len(LAYOUTS) == 70
    assert {layout.kind for layout in LAYOUTS} == set(KINDS)


@each_layout
def test_mails_decode_without_doubts(layout: Layout) -> None:
    mails = [layout.mail(layout.values(seed)) for seed in range(3)]
    mails += [neighbour.raw for neighbour in layout.neighbours(1)]
    decoded = [decode(raw) for raw in mails]

    assert [(body.doubt, mail.subject_doubt) for mail in decoded for body in mail.bodies if body.doubt] == []
    assert {mail.facts.sender for mail in decoded} == {"transaction@notice.aliexpress.com"}
    assert all(15_000 < len(raw) < 45_000 for raw in mails)


@each_layout
def test_every_field_stands_there_as_it_can_be_read(layout: Layout) -> None:
    for seed in range(3):
        _stands_there(layout, layout.values(seed))


def _stands_there(layout: Layout, values: Values) -> None:
    text = shown(decode(layout.mail(values)))
    printed = {field: plain(said) for field, said in values.printed.items()}

    assert values.fields().keys() - {"currency"} == {
        "amount" if field == "money" else field for field in layout.printed_fields
    }
    assert [field for field in layout.printed_fields if printed[field] not in text] == []
    if values.money:
        assert parse_money(printed["money"]) == values.money
    for field, day in (("on", values.on), ("act_by", values.act_by)):
        if day:
            read = (parse_day(printed[field], values.mailed.date(), variant) for variant in ("", "dmy"))
            assert day in read


@each_layout
def test_what_changes_changes_and_the_wording_stays(layout: Layout) -> None:
    one, other = (decode(layout.mail(layout.values(seed))).bodies[0].text.splitlines() for seed in (1, 2))
    common = set(one) & set(other)

    assert one != other
    assert len(common) > 3
    assert layout.values(1).order not in "\n".join(other)


@each_layout
def test_neighbours_look_alike_and_are_of_another_kind(layout: Layout) -> None:
    own = set(decode(layout.mail(layout.values(1))).bodies[0].text.splitlines())
    neighbours = layout.neighbours(1)

    assert [each.kind for each in neighbours] == [
        kind for kind in (*KINDS, "rejected", "reminder", "survey") if kind != layout.kind
    ]
    for neighbour in neighbours:
        assert len(own & set(decode(neighbour.raw).bodies[0].text.splitlines())) >= 3


_PRINT: Final = """
from hashlib import sha256
from rigs.layouts import LANGUAGES, Layout
for language in LANGUAGES:
    layout = Layout(language, 4)
    print(sha256(layout.mail(layout.values(7)) + layout.neighbours(3)[0].raw).hexdigest())
"""


def test_rendering_is_the_same_in_every_process() -> None:
    """What fails on one machine can be looked at on another."""
    found = subprocess.run(
        [sys.executable, "-c", _PRINT],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    layouts = [Layout(language, 4) for language in LANGUAGES]
    expected = [
        sha256(layout.mail(layout.values(7)) + layout.neighbours(3)[0].raw).hexdigest() for layout in layouts
    ]

    assert found.stdout.split() == expected
