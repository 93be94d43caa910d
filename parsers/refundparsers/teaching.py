"""The inverse of reading: one mail and the values in it give a form.

The values are found wherever and however they are printed; what stands around them becomes the
form, and what changes from mail to mail (names, numbers, days) is generalised. The form must read
its own sample, and give exactly the values that were named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import re2

from refundparsers.anonymous import Veiled, veil
from refundparsers.dates import TIME, parse_day
from refundparsers.money import MONEY, NUMBER, parse_amount, parse_money
from refundparsers.patterns import torn
from refundparsers.slots import SLOTS
from refundparsers.wordings import (
    Found,
    Page,
    adverts_after,
    block_around,
    context_of,
    folded,
    generalised,
    headlines,
    occurrences,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from refundparsers.labels import Labels
    from refundparsers.message import Message
    from refundparsers.money import Money
    from refundparsers.notices import Kind, Source

#: Values that stand in a mail as they stand in the JSON.
_LITERAL: Final = ("order", "dispute", "card", "merchant", "item", "seller", "reference")
# Numbers that may stand in links only, and the parameter that carries them.
_IN_LINKS: Final = {"order": "orderId", "dispute": "disputeId"}
#: Values that are said of every mail of the form, not looked for.
_SAID: Final = ("result", "issuer")
FIELDS: Final = (*_LITERAL, *_SAID, "amount", "currency", "on", "act_by")


class CannotTeach(ValueError):
    """A form cannot be made of this sample; the sentence says why, and what to do."""


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
    text = message.bodies[0].text if message.bodies else ""
    if lesson.source == "aliexpress":
        text = labels.before_adverts(text)
    page = Page(message.facts.subject or "", text, _names(message))
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
    return {**form, "example": [_example(page, lesson, mailed_on, form.get("takes", ()))]}


def _names(message: Message) -> tuple[str, ...]:
    """The words of the addressee's display name; they greet, and change from user to user."""
    to = message.first("To") or ""
    shown = re.split(r"[<>\"'(),;@\s]+", to)
    return tuple(dict.fromkeys(word for word in shown if len(word) > 1 and "." not in word))


# --- where the values stand -------------------------------------------------------------------------


def _places(page: Page, lesson: Lesson, mailed_on: date) -> Iterator[Found]:
    for field, printed in lesson.values.items():
        if field in _LITERAL:
            found = _literal(page, field, printed)
            if found:
                yield found
            elif field not in _IN_LINKS:
                raise CannotTeach(
                    f"{field}={printed} does not stand in the mail; give it as it is printed there"
                )
    if lesson.money:
        yield _money(page, lesson.money)
    for field, day in (("on", lesson.on), ("act_by", lesson.act_by)):
        found = _day(page, field, day, mailed_on) if day else None
        if found:
            yield found
        elif day and (field == "act_by" or day != mailed_on):  # the mail's own day need not be printed
            raise CannotTeach(f"{field}={day} does not stand in the mail in any form known; leave it out")


def _literal(page: Page, field: str, printed: str) -> Found | None:
    spans = occurrences(page.text, printed)
    if not spans and not occurrences(page.subject, printed):
        return None
    return Found(field, field, printed, tuple(spans), frozenset({folded(printed)}))


def _money(page: Page, money: Money) -> Found:
    found = _printed(page, "money", "money", MONEY, lambda text: parse_money(text) == money)
    if found is None:
        bare = _printed(
            page, "money", "amount", NUMBER, lambda text: parse_amount(text, money.currency) == money
        )
        found = replace(bare, unit=money.currency) if bare else None
    if found is None:
        seen = [each.group(0).strip() for each in _compiled(MONEY).finditer(page.text)]
        raise CannotTeach(
            f"{money} does not stand in the mail; amounts seen there: {', '.join(seen[:5]) or 'none'}"
        )
    return found


def _day(page: Page, field: str, day: date, mailed_on: date) -> Found | None:
    found: list[Found] = []
    for slot in (name for name in SLOTS if name.partition(":")[0] == field):

        def reads(text: str, slot: str = slot) -> bool:
            written = SLOTS[slot].read(text)
            variant = "dmy" if slot.endswith(":dmy") else ""
            return (
                written is not None and parse_day(written, mailed_on, variant, ahead=field == "act_by") == day
            )

        place = _printed(page, field, slot, SLOTS[slot].pattern, reads)
        found += [place] if place else []
    if found and found[0].slot == f"{field}:dayfirst" and day.day == day.month and _numeric(found[0]):
        raise CannotTeach(
            f"{field}={day} could be meant day first or month first; leave it out, or take another mail"
        )
    return found[0] if found else None


def _numeric(place: Found) -> bool:
    """Whether it is printed with slashes or dashes only; a dot always puts the day first."""
    return all(re.fullmatch(r"[\d/ -]+", text) and not re.match(r"\d{4}", text) for text in place.texts)


def _printed(page: Page, field: str, slot: str, pattern: str, reads: Callable[[str], bool]) -> Found | None:
    """Every place where a value is printed in whatever form, in the body and in the subject."""
    compiled = _compiled(pattern)
    spans = [span for span in _whole(compiled, slot, page.text) if reads(page.text[slice(*span)])]
    titles = [page.subject[slice(*span)] for span in _whole(compiled, slot, page.subject)]
    titles = [text for text in titles if reads(text)]
    texts = {folded(page.text[start:end]) for start, end in spans} | {folded(text) for text in titles}
    return Found(field, slot, "", tuple(spans), frozenset(texts)) if texts else None


def _whole(compiled: re2._Regexp, slot: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the pattern fits and leaves nothing of a number or a day behind."""
    for found in compiled.finditer(text):
        if torn(slot, text, *found.span()) == ("", ""):
            yield found.span()


def _compiled(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.case_sensitive = False
    return re2.compile(pattern, options)


# --- the form of a letter ---------------------------------------------------------------------------


def _letter_form(page: Page, places: Sequence[Found], message: Message, lesson: Lesson) -> dict[str, Any]:
    """Subject, the lines that tell the kind, and each value with the words next to it."""
    form: dict[str, Any] = {}
    subject = generalised(page.subject, places, page.names)
    if subject:
        form["subject"] = subject
    ends = adverts_after(page, places)
    lines = headlines(page, places)
    if lines:
        form["text"] = lines[0]
    find = []
    for place in places:
        if f"{{{place.slot}}}" in subject:
            continue
        pattern = context_of(place, places, page, ends)
        if pattern is None:
            raise CannotTeach(f"nothing stands near {place.field} that would tell it apart in another mail")
        find.append(pattern)
    find += [line for line in lines[1:] if not any(line in pattern for pattern in find)]
    if find:
        form["find"] = find
    if ends:
        form["until"] = ends
    takes = [
        field
        for field in _IN_LINKS
        if field in lesson.values and all(place.field != field for place in places)
    ]
    for field in takes:
        if not any(lesson.values[field] in link for link in message.links):
            raise CannotTeach(f"{field}={lesson.values[field]} stands neither in the mail nor in its links")
    return form | ({"takes": takes} if takes else {})


# --- the form of a text -----------------------------------------------------------------------------


def _text_form(page: Page, places: Sequence[Found]) -> str:
    """The lines of the notice, whole: card companies' texts are short and always the same."""
    clock = _compiled(TIME).search(page.text)
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


def _example(page: Page, lesson: Lesson, mailed_on: date, takes: Sequence[str]) -> dict[str, Any]:
    hidden = veil(page.subject, page.text, lesson.values, page.names)
    gives = {field: hidden.values[field] for field in lesson.values}
    shown = _shown(hidden)
    if takes:
        link = "&".join(f"{_IN_LINKS[field]}={gives[field]}" for field in takes)
        shown["text"] = f"{shown.get('text', '')}\nhttps://www.aliexpress.com/x?{link}"
    return {**shown, "mailed": mailed_on.isoformat(), "gives": gives}


def _shown(hidden: Veiled) -> dict[str, Any]:
    return {key: value for key, value in (("subject", hidden.subject), ("text", hidden.text)) if value}
