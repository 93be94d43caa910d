"""The inverse of reading: one mail and the values in it give a form.

The values are found wherever and however they are printed; what stands around them becomes the
form, and what changes from mail to mail (names, numbers, days) is generalised. The form must read
its own sample, and give exactly the values that were named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from refundparsers import marking
from refundparsers.anonymous import Veiled, veil
from refundparsers.changing import Found, generalised, greeted, respaced
from refundparsers.dates import TIME
from refundparsers.grammar import escape
from refundparsers.headers import decode_words
from refundparsers.marking import IN_LINKS, LITERAL, CannotTeach
from refundparsers.telling import adverts_after, block_around, headlines
from refundparsers.wordings import Page, contexts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from refundparsers.labels import Labels
    from refundparsers.message import Message
    from refundparsers.money import Money
    from refundparsers.notices import Kind, Source

__all__ = ["FIELDS", "CannotTeach", "Lesson", "page_of", "teach"]

#: Values that are said of every mail of the form, not looked for.
_SAID: Final = ("result", "issuer")
FIELDS: Final = (*LITERAL, *_SAID, "amount", "currency", "on", "act_by")
_GREETED_LINES: Final = 8
_FREE: Final = ("item", "seller")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the user says of a mail.

    Attributes:
        kind: of the notice, or None to teach that such mails do not matter.
        values: JSON keys and values; `amount` goes with `currency`.
        name: of the form.
        source: who speaks: `aliexpress`, or `card`, `bank`, `wallet` for texts.
        money: `amount` and `currency` together, or None.
        on: the day named, or None.
        act_by: the deadline named, or None.
    """

    kind: Kind | None
    values: Mapping[str, str]
    name: str
    source: Source
    money: Money | None
    on: date | None
    act_by: date | None


def teach(message: Message, lesson: Lesson, mailed_on: date, labels: Labels) -> dict[str, Any]:
    """The form, as the table of a TOML file, its example the sample without what is private.

    Args:
        message: the sample, decoded.
        lesson: what it says.
        mailed_on: the day of the mail in the reader's zone.
        labels: know where adverts start.

    Raises:
        CannotTeach: a value does not stand in the mail, or nothing around it tells it apart.
    """
    if not message.bodies and not message.facts.subject:
        raise CannotTeach("the mail has neither a subject nor a text")
    page = page_of(message, labels if lesson.source == "aliexpress" else None)
    if lesson.kind is None:
        return _ignoring(page, lesson)
    places = list(_places(page, lesson, mailed_on))
    form: dict[str, Any] = {
        "name": lesson.name,
        "kind": lesson.kind,
        "source": lesson.source,
        "evidence": "taught",
    }
    form |= {key: lesson.values[key] for key in _SAID if key in lesson.values}
    unit = next((place.unit for place in places if place.unit), None)
    if unit:
        form["currency"] = unit
    if lesson.source == "aliexpress":
        form |= _letter_form(page, places, message, lesson)
    else:
        page = _block(page, places)
        form |= {"text": _text_form(page, places)}
    return {**form, "example": [_example(page, lesson, mailed_on, places, form.get("takes", ()))]}


def page_of(message: Message, labels: Labels | None) -> Page:
    """What a person sees of a mail, up to its adverts when the labels know where they start."""
    text = message.bodies[0].text if message.bodies else ""
    text = labels.before_adverts(text) if labels else text
    return Page(message.facts.subject or "", text, _names(message, text))


def _names(message: Message, text: str) -> tuple[str, ...]:
    """The reader's name, whole and in words: of the header, and of the greeting. It changes."""
    to, _ = decode_words((message.first("To") or "").encode("utf-8", "replace"))
    shown = to.partition("<")[0].strip(" \"'") if "<" in to else ""
    hailed = [name for line in text.splitlines()[:_GREETED_LINES] if (name := greeted(line.strip()))]
    words = [word for name in (shown, *hailed) for word in re.split(r"[<>\"'(),;@\s]+", name)]
    known = (shown, *hailed, *(word for word in words if "." not in word))
    return tuple(dict.fromkeys(word for word in known if len(word) > 1))


def _places(page: Page, lesson: Lesson, mailed_on: date) -> Iterator[Found]:
    """Where the values stand; those of links are left out."""
    for field in LITERAL:
        printed = lesson.values.get(field)
        found = marking.literal(page, field, printed) if printed else None
        if found:
            yield found
        elif printed and field not in IN_LINKS:
            raise marking.missing(page, field, printed)
    if lesson.money:
        yield marking.money(page, lesson.money)
    for field, day in (("on", lesson.on), ("act_by", lesson.act_by)):
        found = marking.day(page, field, day, mailed_on) if day else None
        if found:
            yield found
        elif day and (field == "act_by" or day != mailed_on):  # the mail's own day need not be printed
            raise _no_day(page, field, day, mailed_on)


def _no_day(page: Page, field: str, day: date, mailed_on: date) -> CannotTeach:
    seen = list(
        dict.fromkeys(f"{read} ({printed})" for printed, read in marking.days_seen(page, field, mailed_on))
    )
    return CannotTeach(
        f"{field}={day} does not stand in the mail in any form known; leave it out;"
        f" days seen there: {', '.join(seen[:5]) or 'none'}"
    )


# --- the form of a letter ---------------------------------------------------------------------------


def _letter_form(page: Page, places: Sequence[Found], message: Message, lesson: Lesson) -> dict[str, Any]:
    """Subject, the lines that tell the kind, and each value with the words next to it."""
    form: dict[str, Any] = {}
    ends = adverts_after(page, places)
    lines = headlines(page, places)
    subject = _subject(page, places, lines)
    if subject:
        form["subject"] = subject
    if lines:
        form["text"] = lines[0]
    find = []
    for place in places:
        if f"{{{place.slot}}}" in subject:
            continue
        found = contexts_of(place, places, page, ends)
        if not found:
            raise CannotTeach(_nothing_near(place))
        find += [pattern for pattern in found if pattern not in find]
    find += [line for line in lines[1:] if not any(line in pattern for pattern in find)]
    if find:
        form["find"] = find
    if ends:
        form["until"] = ends
    takes = [
        field
        for field in IN_LINKS
        if field in lesson.values and all(place.field != field for place in places)
    ]
    for field in takes:
        if not any(lesson.values[field] in link for link in message.links):
            raise marking.missing(page, field, lesson.values[field])
    return form | ({"takes": takes} if takes else {})


def _nothing_near(place: Found) -> str:
    """What to do when a value cannot be told apart."""
    given = "amount and currency" if place.field == "money" else place.field
    said = "" if place.field in ("item", "seller", "dispute", "on") else ", or take another mail of the kind"
    return (
        f"nothing stands near {place.field} that would tell it apart in another mail; leave {given} out{said}"
    )


def _subject(page: Page, places: Sequence[Found], lines: Sequence[str]) -> str:
    """The subject as a pattern.

    What is free text is taken from the body if it stands there: subjects cut it short. Where the
    subject repeats a headline, what stands around it (a name, a product) changes.
    """
    kept = [replace(place, slot="any") if place.field in _FREE and place.spans else place for place in places]
    subject = respaced(page.subject, page.text)
    whole = generalised(subject, kept, page.names)
    head = next((line for line in lines if "{" not in line and line in subject), None)
    if head is None:
        return whole
    before, _, behind = subject.partition(head)
    parts = [_around(before, kept, page), escape(head), _around(behind, kept, page)]
    return " ".join(part for part in parts if part)


def _around(text: str, places: Sequence[Found], page: Page) -> str:
    """What stands beside a headline in a subject: kept if it holds a value, else whatever it is."""
    pattern = generalised(text, places, page.names)
    holds = any(f"{{{place.slot}}}" in pattern for place in places if place.slot != "any")
    return pattern if holds or not text.strip() else "{any}"


# --- the form of a text -----------------------------------------------------------------------------


def _text_form(page: Page, places: Sequence[Found]) -> str:
    """The lines of the notice, whole: card companies' texts are short and always the same."""
    clock = re.search(TIME, page.text)
    if clock and any(place.field == "on" for place in places):
        places = (*places, Found("time", "time", clock.group(0), (), frozenset({clock.group(0)})))
    return generalised(page.text, places, page.names)


def _block(page: Page, places: Sequence[Found]) -> Page:
    """The page cut down to the lines of the notice."""
    block = block_around(page.text, places)
    if block is None:
        raise CannotTeach("name at least one value that stands in the text, such as amount and currency")
    return replace(page, text=block)


# --- what does not matter ---------------------------------------------------------------------------


def _ignoring(page: Page, lesson: Lesson) -> dict[str, Any]:
    form: dict[str, Any] = {
        "name": lesson.name,
        "ignore": "taught to be irrelevant",
        "source": lesson.source,
        "evidence": "taught",
    }
    if lesson.source == "aliexpress":
        subject = generalised(page.subject, (), page.names)
        if not subject.replace("{any}", "").replace("{number}", "").strip():
            raise CannotTeach("the subject has no words of its own, so such mails cannot be told apart")
        lines = headlines(page, ())
        form |= {"subject": subject, **({"text": lines[0]} if lines else {})}
    else:
        page = _block(page, ())
        form["text"] = generalised(page.text, (), page.names)
    return {**form, "example": [_shown(veil(page.subject, page.text, {}, page.names))]}


# --- the example ------------------------------------------------------------------------------------


def _example(
    page: Page, lesson: Lesson, mailed_on: date, places: Sequence[Found], takes: Sequence[str]
) -> dict[str, Any]:
    bare = {text for place in places if place.slot == "amount" for text in place.texts}
    hidden = veil(page.subject, page.text, lesson.values, page.names, bare)
    gives = {field: hidden.values[field] for field in lesson.values}
    shown = _shown(hidden)
    if takes:
        link = "&".join(f"{IN_LINKS[field]}={gives[field]}" for field in takes)
        shown["text"] = f"{shown.get('text', '')}\nhttps://www.aliexpress.com/x?{link}"
    return {**shown, "mailed": mailed_on.isoformat(), "gives": gives}


def _shown(hidden: Veiled) -> dict[str, Any]:
    return {key: value for key, value in (("subject", hidden.subject), ("text", hidden.text)) if value}
