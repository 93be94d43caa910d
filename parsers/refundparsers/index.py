"""Which of many patterns may fit a text: each needs some words, and a text holds few of them all.

A library has hundreds of patterns, and RE2 is asked only about those whose words are there. The words
are folded: `str.casefold` of a text that fits holds `str.casefold` of the word, since whatever RE2 takes
for the same letter is folded to the same one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from refundparsers.grammar import WIDE, Choice, Word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from refundparsers.grammar import Node, Nodes

T = TypeVar("T")

#: One of these folded words must stand in a text.
Group = tuple[str, ...]
#: One word of each group must; the group that fewest texts are likely to hold comes first.
Needs = tuple[Group, ...]

# What has a wide form beside it may stand in a text as either.
_PLAIN: Final = re.compile(f"[^{re.escape(''.join(WIDE))}]+")


def needs(nodes: Nodes) -> Needs:
    """The words without which a form's text fits nowhere."""
    groups = dict.fromkeys(group for node in nodes for group in _groups(node))
    return tuple(sorted(groups, key=_strength, reverse=True))


def _groups(node: Node) -> list[Group]:
    if isinstance(node, Word):
        # what this Python has no letter for yet, RE2 may fold in a way of its own
        return [(piece.casefold(),) for piece in _PLAIN.findall(node.text) if piece.isprintable()]
    if not isinstance(node, Choice):
        return []
    branches = [needs(branch) for branch in node.branches]
    if not all(branches):
        return []
    return [tuple(dict.fromkeys(word for groups in branches for word in groups[0]))]


def _strength(group: Group) -> tuple[int, int]:
    """Long words are rare; in bytes, since two syllables of Korean tell as much as six letters."""
    return min(len(word.encode()) for word in group), -len(group)


def met(needed: Needs, folded: str) -> bool:
    """Whether a folded text holds a word of each group."""
    for group in needed:  # written out: it is asked hundreds of times for each mail
        for word in group:
            if word in folded:
                break
        else:
            return False
    return True


def spaced(folded: str) -> str:
    """A text with one blank for any white space, so that phrases of several words can be looked for."""
    return " ".join(folded.split())


def any_of(phrases: Iterable[str]) -> Group:
    """Phrases of which one stands, folded and `spaced`, wherever one of the given ones does."""
    kept: list[str] = []
    for phrase in sorted((spaced(phrase.casefold()) for phrase in phrases), key=len):
        if not any(shorter in phrase for shorter in kept):
            kept.append(phrase)
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Index(Generic[T]):
    """Things that need words, found by the first group of their needs.

    Attributes:
        entries: what each needs, and the thing.
        by_letter: words, by one letter of each, with the numbers of the entries that it may be enough
            for. A library has words of many scripts, and a text the letters of few.
        always: numbers of the entries that need no word.
    """

    entries: tuple[tuple[Needs, T], ...]
    by_letter: Mapping[str, tuple[tuple[str, tuple[int, ...]], ...]]
    always: tuple[int, ...]

    @classmethod
    def of(cls, entries: Iterable[tuple[Needs, T]]) -> Index[T]:
        """An index of things with their needs."""
        kept = tuple(entries)
        by_word: defaultdict[str, list[int]] = defaultdict(list)
        for number, (needed, _) in enumerate(kept):
            for word in needed[0] if needed else ():
                by_word[word].append(number)
        always = tuple(number for number, (needed, _) in enumerate(kept) if not needed)
        return cls(kept, _by_letter({word: tuple(numbers) for word, numbers in by_word.items()}), always)

    def among(self, folded: str, letters: Collection[str] = ()) -> list[T]:
        """The things whose needs a folded text meets, in their order.

        Args:
            folded: the text.
            letters: of it, each once, for who asks several times.
        """
        numbers = set(self.always)
        for letter in self.by_letter.keys() & (letters or set(folded)):
            for word, enough in self.by_letter[letter]:
                if word in folded:
                    numbers.update(enough)
        found = (self.entries[number] for number in sorted(numbers))
        return [thing for needed, thing in found if met(needed, folded)]


def _by_letter(words: Mapping[str, T]) -> dict[str, tuple[tuple[str, T], ...]]:
    """Words and what belongs to them, each by that of its letters which fewest words have."""
    often = Counter(letter for word in words for letter in set(word))
    found: defaultdict[str, list[tuple[str, T]]] = defaultdict(list)
    for word, value in words.items():
        found[min(sorted(word), key=lambda letter: often[letter])].append((word, value))
    return {letter: tuple(pairs) for letter, pairs in found.items()}
