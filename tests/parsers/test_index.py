"""Which patterns are tried: none that fits is ever left out, and hardly any other is asked."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from refundparsers import read
from refundparsers.examples import POLICY, ZONE
from refundparsers.forms import shipped
from refundparsers.grammar import WIDE, parse
from refundparsers.index import Index, any_of, met, needs
from refundparsers.message import UndecodableMail, decode
from refundparsers.patterns import compile_lines, compile_whole
from rigs.sample import aliexpress, card_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refundparsers.forms import Form
    from refundparsers.patterns import Pattern

LIBRARY = shipped()
SUBJECTS = [(form, each) for form in LIBRARY.of(("aliexpress",)) for each in form.subject]
TEXTS = [(form, each) for form in LIBRARY.of(("card", "bank", "wallet")) for each in form.text]
MAILS = sorted((Path(__file__).parent.parent / "mails").rglob("*.eml"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Dispute Finished", (("finished",), ("dispute",))),
        ("취소 {won} 완료되었습니다", (("완료되었습니다",), ("취소",))),
        ("Order {order}: {shipped|sent}", (("order",), ("shipped", "sent"))),
        ("{refund|} {money?}", ()),
        ("{refund sent|{money} back}", (("refund", "back"),)),
        ("a(b)c", (("a",), ("b",), ("c",))),
        ("Straße", (("strasse",),)),
    ],
)
def test_what_a_text_needs(source: str, expected: tuple[tuple[str, ...], ...]) -> None:
    """Words between blanks, slots and signs that have a wide form; of alternatives one word each."""
    assert needs(parse(source)) == expected


def test_phrases_of_which_one_is_always_there() -> None:
    assert any_of(["order number", "order", "No. of order", "주문  번호"]) == ("order", "주문 번호")
    assert any_of([]) == ()


def test_things_come_in_their_order_and_only_when_all_they_need_is_there() -> None:
    index = Index.of(
        [((("late",), ("x", "y")), "first"), ((), "second"), ((("y", "late"),), "third")],
    )

    assert index.among("late y") == ["first", "second", "third"]
    assert index.among("late") == ["second", "third"]
    assert index.among("x y") == ["second", "third"]
    assert index.among("") == ["second"]


def changed(text: str, random: Random) -> str:
    """The text as another sender would write it."""
    for _ in range(random.randrange(4)):
        at = random.randrange(len(text) + 1)
        text = random.choice(
            [
                text.upper(),
                text.lower(),
                text.title(),
                text.replace("s", "\u017f").replace("k", "\u212a"),
                text.translate({ord(narrow): wide for narrow, wide in WIDE.items()}),
                text.replace(" ", random.choice(["", "\n", "\u00a0", " \u200b"])),
                text[:at] + random.choice("İıß\u0307 a1취원") + text[at:],
                text[:at] + text[at + 1 :],
            ]
        )
    return text


def mailed() -> Iterator[tuple[str, str]]:
    """Subjects and texts: of the sample mails, and of the forms, as they are and changed."""
    for path in MAILS:
        try:
            message = decode(path.read_bytes())
        except UndecodableMail:
            continue
        for body in message.bodies:
            yield message.facts.subject or "", body.text
    random = Random(7)
    for form in LIBRARY.forms:
        for example in form.examples:
            subject, text = example.subject or "", example.text or ""
            yield subject, text
            yield changed(subject, random), changed(text, random)


def named(pattern: Pattern, among: list[tuple[Form, Pattern]]) -> bool:
    return any(each is pattern for _, each in among)


def test_no_text_that_fits_is_left_out() -> None:
    """Every text pattern is asked about every body, whatever its words; the index must name all that fit."""
    index = LIBRARY.texts(("card", "bank", "wallet"))
    fitting = 0
    for _, text in mailed():
        among = index.among(text.casefold())
        for form, pattern in TEXTS:
            if pattern.compiled().search(text):
                fitting += 1
                assert named(pattern, among), (form.name, text)
    assert fitting > len(TEXTS)


def test_no_subject_that_fits_is_left_out() -> None:
    """The same for subjects; one form for each language is enough to see a wrong fold."""
    index = Index.of((pattern.needs, (form, pattern)) for form, pattern in SUBJECTS)
    fitting = 0
    for subject in dict.fromkeys(subject for subject, _ in mailed()):
        among = index.among(subject.casefold())
        for form, pattern in SUBJECTS[:: 1 if len(subject) < 20 else 3]:
            if pattern.compiled().fullmatch(subject):
                fitting += 1
                assert named(pattern, among), (form.name, subject)
    assert fitting > len(SUBJECTS) // 3


LETTERS = st.text("abksſKİıßçΣςé(.:취소 ", min_size=1, max_size=6)
SOURCES = st.recursive(
    LETTERS,
    lambda inner: st.lists(inner, min_size=2, max_size=3).map(lambda each: "{" + "|".join(each) + "}"),
    max_leaves=6,
)


@given(st.lists(SOURCES, min_size=1, max_size=4).map(" ".join), st.text(), st.randoms(use_true_random=False))
def test_a_text_that_fits_has_what_its_form_needs(source: str, tail: str, random: Random) -> None:
    """For any form: one of its texts, however it is written, holds the words as soon as RE2 takes it."""
    pattern = compile_lines(source, glued=True)
    text = changed(written(source, random), random) + tail

    if pattern.compiled().search(text):
        assert met(pattern.needs, text.casefold())


def written(source: str, random: Random) -> str:
    """A text of a form: of each choice one branch."""
    while "{" in source:
        end = source.index("}")
        start = source.rindex("{", 0, end)
        source = source[:start] + random.choice(source[start + 1 : end].split("|")) + source[end + 1 :]
    return source


def test_letters_are_folded_as_the_engine_folds_them() -> None:
    """Whatever RE2 takes for a letter of a shipped form, Python folds to the same one."""
    words = {word for _, pattern in (*SUBJECTS, *TEXTS) for group in pattern.needs for word in group}
    options = re2.Options()
    options.case_sensitive = False
    every = "".join(map(chr, [*range(32, 0xD800), *range(0xE000, 0x20000)]))
    letters = {char for char in "".join(words) if char.isalpha() and char.upper() != char}

    assert letters
    for letter in sorted(letters):
        taken = [found.group(0) for found in re2.compile(letter, options).finditer(every)]
        assert {each.casefold() for each in taken} == {letter}


def test_few_patterns_are_asked() -> None:
    """A notice asks a handful of the hundreds of subjects, and a friend's mail none of the card texts."""
    finished = LIBRARY.letters("transaction").among("dispute finished")
    friendly = LIBRARY.texts(("card", "bank", "wallet")).among("see you on sunday.")

    assert 0 < len([form for form, subject in finished if subject]) < len(SUBJECTS) // 20
    assert len(friendly) <= len(TEXTS) // 20


def test_a_library_keeps_its_own_index() -> None:
    """A form that is added later is found, and the library before knows nothing of it."""
    from refundparsers.examples import with_form
    from refundparsers.forms import read_forms

    LIBRARY.texts(("card",))
    table = {"name": "own", "kind": "card-cancelled", "evidence": "taught", "source": "card"}
    own = read_forms("own.toml", {"form": [{**table, "text": "Zurückgebucht {money}"}]})
    library = with_form(LIBRARY, own)

    assert [form.name for form, _ in library.texts(("card",)).among("zurückgebucht 5 eur")] == ["own"]
    assert LIBRARY.texts(("card",)).among("zurückgebucht 5 eur") == []
    assert library.letters("message") is library.letters("message")


def test_the_empty_subject_and_the_empty_text_stop_nothing() -> None:
    assert needs(()) == ()
    assert compile_whole("{any}").whole("") is not None


# --- a mail of one thing over and over -------------------------------------------------------------

CANCELLED = "신한카드(1234)취소 홍*동\n{number:,}원(일시불)\n05/19 10:01\nAliExpress\n"
TOO_OFTEN = ("unread", "it repeats itself too often to be read", ())


def test_many_texts_in_one_mail_are_read() -> None:
    """People forward whole conversations with their bank."""
    text = "".join(CANCELLED.format(number=number) for number in range(1001, 1101))

    found = read(card_text(text, "2026-05-19 01:02"), senders=POLICY, zone=ZONE)

    assert (found.outcome, len(found.notices)) == ("notice", 100)


def test_more_than_a_mail_holds_is_not_read() -> None:
    text = "".join(CANCELLED.format(number=number) for number in range(1001, 1301))

    found = read(card_text(text, "2026-05-19 01:02"), senders=POLICY, zone=ZONE)

    assert (found.outcome, found.reason, found.notices) == TOO_OFTEN


@pytest.mark.parametrize("line", ["Order number: 8012345678901234", "Refund amount: x", "A refund in $"])
def test_more_labels_than_a_mail_holds_are_not_read(line: str) -> None:
    mail = aliexpress("Dispute Finished", f"{line}\n" * 300, "2026-05-12 04:22")

    found = read(mail, senders=POLICY, zone=ZONE)

    assert (found.outcome, found.reason, found.notices) == TOO_OFTEN
