"""Web addresses of a mail, each with its place in the text."""

from __future__ import annotations

from itertools import accumulate, islice
from typing import TYPE_CHECKING, Final, NamedTuple

import re2

from refundparsers.charsets import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_URL: Final = re2.compile(r"(?i)\bhttps?://[!#-;=?-~]+")
_WEB: Final = ("http://", "https://")
#: Of one text; more are not looked at.
MOST_LINKS: Final = 2_000
_LONGEST: Final = 4_096


class Link(NamedTuple):
    """A web address.

    Attributes:
        address: as it is written, entities resolved, without white space.
        ahead: how many characters of the text stand before it, blanks not counted, so that the
            place holds whatever becomes of blanks; None when it is not known.
    """

    address: str
    ahead: int | None = None


def ink(text: str) -> str:
    """A text without its blanks and line ends."""
    return "".join(text.split())


def once(links: Iterable[Link]) -> tuple[Link, ...]:
    """The links, of each address the first."""
    found: dict[str, Link] = {}
    for link in links:
        found.setdefault(link.address, link)
    return tuple(found.values())


def target(href: str) -> str | None:
    """The web address that a link of an HTML page leads to; None when it is no such address."""
    if len(href) > _LONGEST:
        return None
    tidy = "".join(href.split())
    return tidy if tidy[:8].lower().startswith(_WEB) else None


def placed(addresses: Sequence[str], pieces: Sequence[str]) -> tuple[Link, ...]:
    """Addresses with their places.

    Args:
        addresses: in the order of the text.
        pieces: the text, cut where the addresses stand; one piece more than addresses.
    """
    if len(pieces) != len(addresses) + 1:
        return tuple(map(Link, addresses))
    # Each on a line of its own that is never empty, so that all can be made plain at once.
    lines = plain("\n".join([ink(piece) + "." for piece in pieces[:-1]])).split("\n")
    if len(lines) != len(addresses):
        return tuple(map(Link, addresses))
    return tuple(map(Link, addresses, accumulate([len(line) - 1 for line in lines])))


def printed_links(text: str) -> tuple[Link, ...]:
    """Web addresses printed in text, in order, each once, without the punctuation behind them.

    `&amp;` is resolved: programs that make text from HTML forget to.
    """
    if "://" not in text:
        return ()
    found: list[Link] = []
    ahead = at = 0
    for match in islice(_URL.finditer(text), MOST_LINKS):
        ahead += len(ink(text[at : match.start()]))
        at = match.start()
        found.append(Link(match.group().rstrip(".,;:!?)]}'*_").replace("&amp;", "&"), ahead))
    return once(link for link in found if len(link.address) <= _LONGEST)


def within(links: Iterable[Link], whole: str, part: str) -> tuple[Link, ...]:
    """The links of a text that stand in a part of it.

    Args:
        links: of the whole text.
        whole: the text.
        part: its beginning or its end. Of any other text the links are kept, without a place.
    """
    all_ink, own_ink = ink(whole), ink(part)
    if all_ink.startswith(own_ink):
        skipped = 0
    elif all_ink.endswith(own_ink):
        skipped = len(all_ink) - len(own_ink)
    else:
        return tuple(Link(link.address) for link in links)
    return tuple(_moved(links, -skipped, len(own_ink)))


def _moved(links: Iterable[Link], by: int, end: int) -> Iterator[Link]:
    for link in links:
        if link.ahead is None:
            yield link
        elif 0 <= link.ahead + by <= end:
            yield Link(link.address, link.ahead + by)


def joined(parts: Iterable[tuple[str, Sequence[Link]]]) -> tuple[Link, ...]:
    """The links of texts that are put one behind the other.

    Args:
        parts: each text with its own links.
    """
    links: list[Link] = []
    start = 0
    for text, own in parts:
        links += [link if link.ahead is None else Link(link.address, start + link.ahead) for link in own]
        start += len(ink(text))
    return tuple(links)
