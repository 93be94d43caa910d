"""A mail without the long texts of its parts, so that its tree is built from a few lines.

The email package looks at every line of a mail: it might be a boundary. A boundary starts with two dashes,
and what stands behind the first empty line below a line that does is the text of one part, or of none. So
such a stretch is taken out, the tree is built, and the stretch is put back where its place was left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import Message as Part

_EMPTY_LINES: Final = (b"\n\r\n", b"\n\n")
#: Shorter stretches are left where they are.
_SHORT: Final = 20
# Parts whose own text has headers: there an empty line is not the end of them.
_MAILS: Final = (b"message/", b"/digest")
# `re` is safe: digits end at the mark.
_PLACE: Final = re.compile("\0([0-9]+)\0")


def without_texts(raw: bytes) -> tuple[bytes, list[bytes]] | None:
    """A mail with a short mark in place of each long text, and these texts.

    Args:
        raw: a mail of several parts.

    Returns:
        None for a mail of which that cannot be told: it holds other mails, odd line ends, or odd bytes
        outside of the texts (the email package gives out none of a part that has any).
    """
    if b"\0" in raw or raw.count(b"\r") != raw.count(b"\r\n"):
        return None
    kept: list[bytes] = []
    texts: list[bytes] = []
    for section in raw.split(b"\n--"):
        start = _text_start(section)
        end = len(section.rstrip(b"\r\n"))  # the last line end may belong to the boundary behind it
        if end - start < _SHORT:
            kept.append(section)
            continue
        kept.append(b"%b\0%d\0%b" % (section[:start], len(texts), section[end:]))
        texts.append(section[start:end])
    skeleton = b"\n--".join(kept)
    folded = skeleton.lower()
    if not skeleton.isascii() or any(mail in folded for mail in _MAILS):
        return None
    return skeleton, texts


def put_back(mail: Part, texts: Sequence[bytes]) -> None:
    """Fill the parts of a mail `without_texts` with them; what stands before and behind parts is not read."""

    def text(place: re.Match[str]) -> str:
        return texts[int(place.group(1))].decode("ascii", "surrogateescape")

    for part in mail.walk():
        payload = part.get_payload()
        if isinstance(payload, str) and "\0" in payload:
            part.set_payload(_PLACE.sub(text, payload))


def _text_start(section: bytes) -> int:
    """The index behind the first empty line; that of the end when there is none."""
    found = [at + len(line) for line in _EMPTY_LINES if (at := section.find(line)) >= 0]
    return min(found, default=len(section))
