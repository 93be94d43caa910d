"""Random values put into the forms come back as they went in, or the mail is unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refundparsers import read
from refundparsers.examples import POLICY, ZONE, written
from refundparsers.forms import shipped
from rigs.posting import forwarded
from rigs.rendering import MAILED, rendered

if TYPE_CHECKING:
    from refundparsers.forms import Form
    from refundparsers.notices import Notice, Reading
    from refundparsers.patterns import Pattern

TEXTS = [
    pytest.param(form, pattern, id=f"{form.name}-{number}")
    for form in shipped().of(("card", "bank", "wallet"))
    if form.kind
    for number, pattern in enumerate(form.text, start=1)
]
EXACT = ("amount", "currency")
GAPS = st.sampled_from(["\n", " ", ""])


def posted(form: Form, text: str) -> Reading:
    day = MAILED.isoformat()
    raw = written("service@paypal.com", "", text, day) if form.source == "wallet" else forwarded(text, day)
    return read(raw, senders=POLICY, zone=ZONE)


def said(notice: Notice, keys: tuple[str, ...], gives: dict[str, str]) -> dict[str, object]:
    return {key: notice.as_json()[key] for key in keys if key in gives}


@pytest.mark.parametrize(("form", "pattern"), TEXTS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_other_amount_is_ever_read(form: Form, pattern: Pattern, data: st.DataObject) -> None:
    """Whatever the shop is called and however the lines are joined, the sum is the printed one."""
    shown = data.draw(rendered(pattern.source, data.draw(GAPS)))
    found = posted(form, shown.text)

    expected = {key: shown.gives[key] for key in EXACT if key in shown.gives}
    assert [said(notice, EXACT, shown.gives) for notice in found.notices] in ([], [expected]), shown.text
    assert {notice.kind for notice in found.notices} <= {form.kind}


@pytest.mark.parametrize(("form", "pattern"), TEXTS)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whole_lines_are_read_whole(form: Form, pattern: Pattern, data: st.DataObject) -> None:
    """With its line breaks a text is read, day, card and sum."""
    keys = (*EXACT, "on", "card")
    shown = data.draw(rendered(pattern.source, "\n"))
    found = posted(form, shown.text)

    assert found.outcome == "notice", (found.reason, shown.text)
    expected = {key: shown.gives[key] for key in keys if key in shown.gives}
    assert [said(notice, keys, shown.gives) for notice in found.notices] == [expected], shown.text
