"""The text of a form, compiled: words, `{slots}` and `{one|another}` become one RE2 pattern.

White space in a form matches any white space or none, since senders lose and add line breaks.
See `grammar` for the notation and `slots` for what the slots match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

import re2

from refundparsers.grammar import WIDE, BadPattern, Choice, Place, Space, Word, parse
from refundparsers.index import met, needs
from refundparsers.slots import SLOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from refundparsers.grammar import Node, Nodes
    from refundparsers.index import Needs

__all__ = ["BadPattern", "Fit", "Pattern", "Repeated", "capped", "compile_lines", "compile_whole"]

T = TypeVar("T")

_TORN: Final = {
    "money": re.compile(r"[.,]\d[\d.,]*"),
    "amount": re.compile(r"[.,]\d[\d.,]*"),
    "on": re.compile(r"[/.-]\d[\d/.-]*"),
    "act_by": re.compile(r"[/.-]\d[\d/.-]*"),
}
_DAY_BEFORE: Final = re.compile(r"(?<!\d)\d{1,4}[/.-]\Z")
_TORN_BEFORE: Final = {
    "money": re.compile(r"\d[.,]\Z"),
    "amount": re.compile(r"\d[.,]\Z"),
    "on": _DAY_BEFORE,
    "act_by": _DAY_BEFORE,
}
# The slots that may leave something of a number, and the field that each fills.
_FIELD_OF: Final = {
    name: field for name, slot in SLOTS.items() if (field := (slot.field or "").partition(":")[0]) in _TORN
}
_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.log_errors = False
# RE2 allows 8 MB of automata for each pattern, and there are hundreds; ordinary mail needs far less.
_OPTIONS.max_mem = 1 << 20

_SPACE: Final = r"[\s\p{Z}\p{Cf}]*"
_LINE_END: Final = r"[ \t\p{Z}]*(?m:$)"
_LINE_START: Final = r"(?m:^)[ \t\p{Z}]*"
# What relays print in front of a text on the same line: a bracket, `RE:`, the sender's number.
_TEXT_START: Final = r"(?:(?m:^)|[\]］])[\s\p{Z}]*(?:(?:re|fw|fwd)\s*[:：]\s*)*(?:\+?\d[\d-]{6,14}\s+)?"
# A word of Latin letters starts where no other such word goes on; digits are sender numbers.
_WORD_START: Final = r"(?:\b|\d)"
_TWO_DIGITS: Final = re.compile(rb"\d\d")
# In UTF-8: what is less, and no ASCII, goes on with a character.
_FIRST_OF_SEVERAL: Final = 0xC0
# No mail holds so much of one thing; a body made of nothing else must not cost seconds.
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Fit:
    """One place where a pattern fits.

    Attributes:
        start: offset of the first character.
        end: offset behind the last one.
        values: printed text by slot name (`on:dmy` with its variant). A slot that stands in
            two branches is filled once; filled twice with different text it keeps both,
            so that the reader can refuse.
    """

    start: int
    end: int
    values: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled text.

    Attributes:
        source: as written in the form.
        needs: words that every fit contains, folded; a cheap filter before RE2.
        slots: names of the slots, in the order of the groups.
        written: RE2; compiled when a text first holds the words, since most never do.
    """

    source: str
    needs: Needs
    slots: tuple[str, ...]
    written: str

    def compiled(self) -> re2._Regexp:
        """The pattern as RE2, for the bytes of a text.

        Raises:
            BadPattern: RE2 takes none of that size.
        """
        return _compiled(self.written)

    def find(self, text: str, folded: str) -> Iterator[Fit]:
        """All places in the text, from left to right, none overlapping."""
        if not met(self.needs, folded):
            return
        data = text.encode()
        at = behind = 0  # the end of the last fit, in bytes and in characters
        for found in self.compiled().finditer(data):
            start, end = found.span()
            if start == end and data[start : start + 1] >= b"\x80" and data[start] < _FIRST_OF_SEVERAL:
                continue  # a fit of nothing, between the bytes of a character
            if self._cuts_a_number(found):
                continue
            fit = self._fit(found, text, behind + len(data[at:start].decode()))
            yield fit
            at, behind = end, fit.end

    def whole(self, text: str) -> Fit | None:
        """The fit that takes the whole text, white space around it aside."""
        found = self.compiled().fullmatch(text.encode())
        return self._fit(found, text, 0) if found and not self._cuts_a_number(found) else None

    def _cuts_a_number(self, found: re2._Match) -> bool:
        """Whether a card ends within a number: `101원` is no card 10 and 1 won."""
        data = found.string
        ends = [found.end(group) for group, name in enumerate(self.slots, start=1) if name == "card"]
        # two digits around the end; -1 is the end of a card that is not there
        return any(end > 0 and _TWO_DIGITS.match(data, end - 1) for end in ends)

    def _fit(self, found: re2._Match, text: str, start: int) -> Fit:
        """What was found in the bytes of a text, as a fit that starts at a character of it."""
        data = found.string
        first, last = found.span()
        values: dict[str, tuple[str, ...]] = {}
        for group, name in enumerate(self.slots, start=1):
            begin, end = found.span(group)
            if begin < 0:
                continue
            printed = data[begin:end].decode()
            if name in _FIELD_OF:
                place = start + len(data[first:begin].decode())
                before, behind = torn(name, text, place, place + len(printed))
                printed = before + printed + behind
            known = values.get(name, ())
            if printed not in known:
                values[name] = (*known, printed)
        return Fit(start, start + len(data[first:last].decode()), values)


class Repeated(ValueError):
    """A mail with so much of one thing that nobody wrote it for a reader."""


def capped(found: Iterable[T]) -> Iterator[T]:
    """What was found in a mail, as long as it is not too much.

    Raises:
        Repeated: there are more than a mail has.
    """
    for number, each in enumerate(found):
        if number == _MOST:
            raise Repeated("it repeats itself too often to be read")
        yield each


def torn(name: str, text: str, start: int, end: int) -> tuple[str, str]:
    """What a slot left of a number or a day before it and behind it.

    `5,2,0` must not be read as 5, nor `29/04/26` as the 26th of April: with its rest put back
    the value is refused by its reader.
    """
    field = _FIELD_OF.get(name)
    if field is None:
        return "", ""
    rest = _TORN[field]
    behind = rest.match(text, end) if text[end - 1 : end].isdigit() else None
    # a value that begins with its unit begins there: what ends before it was another sentence
    torn_in_front = text[start : start + 1].isdigit()
    before = _TORN_BEFORE[field].search(text, max(0, start - 6), start) if torn_in_front else None
    return before[0] if before else "", behind[0] if behind else ""


def compile_whole(source: str) -> Pattern:
    """A pattern for a whole text, such as a subject."""
    return _compile(source, lambda writer, nodes: f"{_SPACE}{writer.sequence(nodes)}{_SPACE}")


def compile_lines(source: str, *, glued: bool) -> Pattern:
    """A pattern that starts and ends with a line.

    With `glued` only a form that starts with a slot starts with a line, and only one that ends
    with an open slot, such as `{merchant}`, ends with one: the texts of card issuers reach the
    mailbox with their line breaks lost, and with other words before and behind.
    """
    if not glued:
        return _compile(source, lambda writer, nodes: f"{_LINE_START}{writer.sequence(nodes)}{_LINE_END}")
    return _compile(source, lambda writer, nodes: f"{_start(nodes)}{writer.ending(nodes)}")


def _compile(source: str, written: Callable[[_Writer, Nodes], str]) -> Pattern:
    nodes = parse(source)
    writer = _Writer()
    return Pattern(source, needs(nodes), written=written(writer, nodes), slots=tuple(writer.slots))


@cache
def _compiled(written: str) -> re2._Regexp:
    try:
        # in bytes: turning places in UTF-8 into those of a `str` takes re2 longer than finding them
        return re2.compile(written.encode(), _OPTIONS)
    except re2.error as error:
        raise BadPattern(f"{written!r} cannot be compiled: {error}") from error


def forget() -> None:
    """Let go of every compiled pattern: some 15 MB. They are compiled anew when a text needs them."""
    _compiled.cache_clear()
    re2.purge()


def _start(nodes: Nodes) -> str:
    heads = list(_heads(nodes))
    if any(isinstance(head, Place) for head in heads):
        return _TEXT_START
    first = "".join(head.text[0] for head in heads if isinstance(head, Word))
    return _WORD_START if first.isascii() and first.isalnum() else ""


def _heads(nodes: Nodes) -> Iterator[Node]:
    """The words and slots that a fit may begin with."""
    for node in nodes:
        if isinstance(node, Space):
            continue
        if isinstance(node, Choice):
            yield from (head for branch in node.branches for head in _heads(branch))
        else:
            yield node
        if not _may_be_absent(node):
            return


def _may_be_absent(node: Node) -> bool:
    if isinstance(node, Choice):
        return any(all(map(_may_be_absent, branch)) for branch in node.branches)
    return isinstance(node, Space) or (isinstance(node, Place) and node.optional)


def _ends_open(nodes: Nodes) -> bool:
    """Whether a fit may end with a slot that takes what it gets, so that the line must end it."""
    if not nodes:
        return False
    last = nodes[-1]
    if _may_be_absent(last) and _ends_open(nodes[:-1]):
        return True
    if isinstance(last, Choice):
        return any(_ends_open(branch) for branch in last.branches)
    return isinstance(last, Place) and SLOTS[last.name].open


class _Writer:
    """Writes a tree as RE2, and keeps the names of its groups."""

    def __init__(self) -> None:
        self.slots: list[str] = []

    def sequence(self, nodes: Nodes) -> str:
        return "".join(map(self._node, nodes))

    def ending(self, nodes: Nodes, *, behind_open: bool = False) -> str:
        """A sequence at the end of a form: each way to end with an open slot ends with the line."""
        if not nodes:
            return _LINE_END if behind_open else ""
        before, last = nodes[:-1], nodes[-1]
        was_open = _ends_open(before) or (behind_open and all(map(_may_be_absent, before)))
        return self.sequence(before) + self._last(last, was_open=was_open)

    def _last(self, node: Node, *, was_open: bool) -> str:
        if isinstance(node, Choice):
            return f"(?:{'|'.join(self.ending(branch, behind_open=was_open) for branch in node.branches)})"
        if isinstance(node, Place):
            there = self._group(node.name) + (_LINE_END if SLOTS[node.name].open else "")
            return f"(?:{there}|{_LINE_END if was_open else ''})" if node.optional else there
        return self._node(node) + (_LINE_END if was_open and isinstance(node, Space) else "")

    def _node(self, node: Node) -> str:
        if isinstance(node, Space):
            return _SPACE
        if isinstance(node, Word):
            return "".join(map(_letter, node.text))
        if isinstance(node, Choice):
            return f"(?:{'|'.join(map(self.sequence, node.branches))})"
        return self._group(node.name) + ("?" if node.optional else "")

    def _group(self, name: str) -> str:
        self.slots.append(name)
        return f"({SLOTS[name].pattern})"


def _letter(char: str) -> str:
    wide = WIDE.get(char)
    return f"[{re2.escape(char)}{wide}]" if wide else str(re2.escape(char))
