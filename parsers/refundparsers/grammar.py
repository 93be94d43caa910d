r"""The text of a form as a tree: words, white space, `{slots}` and `{one|another}`.

White space stands for any white space or none. `{slot?}` may be absent, `{a|b}` takes either, and
both nest. `\{`, `\}`, `\|` and `\\` stand for themselves; a `|` outside braces is a plain character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from refundparsers.slots import SLOTS

_SLOT: Final = re.compile(r"([a-z_]+(?::[a-z]+)?)(\?)?\}")
_WORD: Final = re.compile(r"[^\s{}|\\]+")
#: Korean keyboards have the wide forms next to the narrow ones: a narrow one in a form stands for both.
WIDE: Final = dict(zip("()[]:,|!.", "（）［］：，｜！．", strict=True))


class BadPattern(ValueError):
    """A form's text that cannot be compiled; the sentence says where."""


@dataclass(frozen=True, slots=True)
class Word:
    """Characters that stand in the message as they stand in the form."""

    text: str


@dataclass(frozen=True, slots=True)
class Space:
    """Any white space, or none."""


@dataclass(frozen=True, slots=True)
class Place:
    """A slot; `optional` when it may be absent."""

    name: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several texts; an empty one makes the others optional."""

    branches: tuple[Nodes, ...]


Node = Word | Space | Place | Choice
Nodes = tuple[Node, ...]


def escape(text: str) -> str:
    """The text as it must be written in a form to stand for itself."""
    return re.sub(r"([{}|\\])", r"\\\1", text)


def parse(source: str) -> Nodes:
    """The tree of a form's text.

    Raises:
        BadPattern: a brace that is never closed or opened, or a slot that is not known.
    """
    return _Parser(source.strip()).whole()


class _Parser:
    """Reads a form's text from left to right."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def whole(self) -> Nodes:
        nodes = self._sequence(depth=0)
        if self.at < len(self.source):
            raise BadPattern(f"{self.source!r}: a }} without its {{ at character {self.at}")
        return nodes

    def _sequence(self, depth: int) -> Nodes:
        nodes: list[Node] = []
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "\\":
                nodes.append(self._word(self.source[self.at + 1 : self.at + 2] or char, 2))
            elif char == "{":
                nodes.append(self._braces(depth))
            elif char == "}" or (char == "|" and depth):
                break
            elif char.isspace():
                nodes.append(self._space())
            else:
                word = _WORD.match(self.source, self.at)
                nodes.append(self._word(word[0] if word else char))
        return tuple(nodes)

    def _word(self, text: str, length: int | None = None) -> Word:
        self.at += length or len(text)
        return Word(text)

    def _space(self) -> Space:
        while self.at < len(self.source) and self.source[self.at].isspace():
            self.at += 1
        return Space()

    def _braces(self, depth: int) -> Node:
        self.at += 1
        slot = _SLOT.match(self.source, self.at)
        if slot:
            self.at = slot.end()
            return _place(self.source, slot[1], optional=bool(slot[2]))
        opened = self.at
        branches = [self._sequence(depth + 1)]
        while self.source[self.at : self.at + 1] == "|":
            self.at += 1
            branches.append(self._sequence(depth + 1))
        if self.source[self.at : self.at + 1] != "}":
            raise BadPattern(f"{self.source!r}: the {{ at character {opened - 1} is never closed")
        self.at += 1
        if len(branches) == 1:
            inside = self.source[opened : self.at - 1]
            raise BadPattern(f"{self.source!r}: {{{inside}}} is neither a slot nor alternatives")
        return Choice(tuple(branches))


def _place(source: str, name: str, *, optional: bool) -> Place:
    if name not in SLOTS:
        raise BadPattern(f"{source!r}: there is no slot {{{name}}}; known are {', '.join(sorted(SLOTS))}")
    return Place(name, optional)
