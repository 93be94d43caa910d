"""The shipped forms: each reads its own examples, whole and damaged, and nothing else does."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest

from refundparsers import read
from refundparsers.examples import POLICY, ZONE
from refundparsers.forms import Evidence, shipped
from rigs.posting import posted

if TYPE_CHECKING:
    from refundparsers.forms import Example, Form
    from refundparsers.notices import Reading

FORMS = shipped().forms
EXAMPLES = [
    pytest.param(form, example, id=f"{form.name}-{number}")
    for form in FORMS
    for number, example in enumerate(form.examples, start=1)
]
# The texts of Korean card companies, which lose their line breaks on the way.
KOREAN = [param for param in EXAMPLES if param.values[0].name.startswith("kr.")]  # type: ignore[union-attr]


def reading(form: Form, example: Example, text: str | None = None) -> Reading:
    """What a mail with the example, or with another text in its place, is read as."""
    shown = example if text is None else replace(example, text=text)
    return read(posted(form, shown), senders=POLICY, zone=ZONE)


def given(found: Reading, example: Example) -> dict[str, object]:
    """What the first notice says of the values that the example names."""
    said = found.notices[0].as_json() if found.notices else {}
    return {key: said.get(key) for key in example.gives}


@pytest.mark.parametrize(("form", "example"), EXAMPLES)
def test_an_example_is_read_by_its_form_alone(form: Form, example: Example) -> None:
    """A mail with the example gives exactly what the form promises, through the whole library."""
    found = reading(form, example)

    if form.ignore:
        assert (found.outcome, found.reason, found.notices) == ("ignored", form.ignore, ())
        return
    assert (found.outcome, found.reason) == ("notice", None)
    assert {notice.form for notice in found.notices} == {form.name}
    assert given(found, example) == dict(example.gives)


@pytest.mark.parametrize(("form", "example"), KOREAN)
def test_lines_joined_by_blanks_change_nothing(form: Form, example: Example) -> None:
    """A phone's automation joins the lines; the values stay the same."""
    found = reading(form, example, re.sub(r"\n+", " ", example.text or ""))

    if form.ignore:
        assert found.outcome == "ignored"
        return
    assert given(found, example) == dict(example.gives)


@pytest.mark.parametrize(("form", "example"), KOREAN)
def test_lines_without_any_gap_are_read_alike_or_not_at_all(form: Form, example: Example) -> None:
    """Where nothing parts a shop's name from a sum, the mail is unread rather than read wrong."""
    found = reading(form, example, (example.text or "").replace("\n", ""))

    if form.ignore:
        assert found.notices == ()
        return
    same = {key: value for key, value in example.gives.items() if key != "merchant"}
    said = [{key: notice.as_json()[key] for key in same} for notice in found.notices]
    assert said in ([], [same])


@pytest.mark.parametrize(("form", "example"), KOREAN)
@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("RE: 15440000\n", ""),
        ("15440000 ", ""),
        ("[국제발신]\n", "\n\n▶ 이번 달 혜택을 확인하세요\nhttps://card.example/a"),
        ("RE: [Web발신] ", "\n(광고) 신규 회원 이벤트\n무료수신거부 080-000-0000"),
    ],
    ids=["reply", "number", "link behind", "advert behind"],
)
def test_what_stands_around_changes_nothing(form: Form, example: Example, before: str, behind: str) -> None:
    found = reading(form, example, f"{before}{example.text}{behind}")

    if form.ignore:
        assert found.outcome == "ignored"
        return
    assert given(found, example) == dict(example.gives)


@pytest.mark.parametrize(("form", "example"), KOREAN)
@pytest.mark.parametrize("joint", ["\n", " "], ids=["lines", "one line"])
def test_two_texts_in_one_mail_are_two_notices(form: Form, example: Example, joint: str) -> None:
    """A later text may repeat the conversation; each notice in it is read once."""
    first = "[Web발신]\n신한카드(2601)승인 홍*동 4,321원(일시불)01/02 03:04 가공상점 누적4,321원"
    text = re.sub(r"\n+", joint, f"{first}\n[Web발신]\n{example.text}")
    found = reading(form, example, text)

    forms = [] if form.ignore else [form.name]
    assert [notice.form for notice in found.notices] == ["kr.shinhan.charged", *forms]
    assert [notice.money and notice.money.minor for notice in found.notices][:1] == [4321]


@pytest.mark.parametrize(("form", "example"), KOREAN)
@pytest.mark.parametrize("word", ["거절", "실패"])
def test_a_refusal_is_never_a_notice(form: Form, example: Example, word: str) -> None:
    """A payment or cancellation that was declined moved no money."""
    refused = re.sub(r"(승인취소|취소완료|취소|승인)", rf"\1{word}", example.text or "")

    if refused != example.text:
        assert reading(form, example, refused).notices == ()


def test_names_are_unique_and_evidence_is_said() -> None:
    assert [name for name, times in Counter(form.name for form in FORMS).items() if times > 1] == []
    assert {form.evidence for form in FORMS} <= set(get_args(Evidence)) - {"taught"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_has_examples_and_knows_its_issuer(form: Form) -> None:
    assert form.examples
    if form.kind and form.source != "aliexpress":
        assert form.fixed.get("issuer") or form.fallback
        assert all({"amount", "on"} & set(example.gives) for example in form.examples)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_examples_are_no_copies_of_each_other(form: Form) -> None:
    texts = [(example.subject, example.text) for example in form.examples]

    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_pattern_compiles(form: Form) -> None:
    """Shipped patterns are compiled when a mail needs them, so nothing else would find a bad one."""
    for pattern in (*form.subject, *form.text, *form.find):
        assert pattern.compiled().groups == len(pattern.slots)
