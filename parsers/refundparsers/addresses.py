"""The addresses of a From header, read so that no name, comment or quotation passes for one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import re2

from refundparsers.charsets import decode_text
from refundparsers.headers import decode_words

# RFC 5322 section 3.4, without the obsolete forms: an address that two programs could read differently is
# no address (CVE-2023-27043).
_LONGEST: Final = 20_000
_ADDRESS: Final = re2.compile(
    r"""(?:[^\s<>()\[\]\\,;:@"\x00-\x20\x7f]+|"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*")"""
    r"""@(?:[^\s<>()\[\]\\,;:@"/\x00-\x20\x7f]*[^\s<>()\[\]\\,;:@"/.\x00-\x20\x7f]|\[[0-9A-Za-z.:]+\])"""
)
# Nearly every mail: ASCII words and one plain address. `re` is safe: what may follow a run cannot be in it,
# but for the last letter of the domain, one step back.
_PLAINLY: Final = rb"[A-Za-z0-9_.+=-]+@[A-Za-z0-9.-]*[A-Za-z0-9]"
_SIMPLE: Final = re.compile(rb"([A-Za-z0-9 .-]*)<(" + _PLAINLY + rb")>")
_BARE: Final = re.compile(_PLAINLY)
_LIKE_ADDRESS: Final = re2.compile(r"""[^\s<>()\[\]\\,;:@"]+@[^\s<>()\[\]\\,;:@"]+""")
_WORDS: Final = re.compile(r"""[^"(<,;]+""")
_MISLEADING: Final = re2.compile(r"[@][^@]*[)\]\\:>]|[)\]\\:>][^@]*[@]")


@dataclass(frozen=True, slots=True)
class Senders:
    """The mailboxes of one From header.

    Attributes:
        addresses: ASCII letters in lower case; also those that stand in a malformed header.
        name: what is printed beside the first address, decoded; None when nothing is.
        clean: whether the header is well-formed, so that every program reads the same.
    """

    addresses: tuple[str, ...]
    name: str | None
    clean: bool


class _MalformedError(ValueError):
    """The header can be read in two ways."""


def senders(data: bytes) -> Senders:
    """Read a From header: the address in angle brackets, or a bare one, never one in a name or comment.

    Args:
        data: the unfolded header.
    """
    if simple := _SIMPLE.fullmatch(data):
        return Senders(
            (simple.group(2).lower().decode(),), simple.group(1).strip().decode() or None, clean=True
        )
    if len(data) <= _LONGEST and _BARE.fullmatch(data):
        return Senders((data.lower().decode(),), None, clean=True)
    text = decode_text(data[:_LONGEST]).text
    try:
        found = [_mailbox(*part) for part in _split(text) if any(each.strip() for each in part)]
    except _MalformedError:
        likely = (_lower(match.group()) for match in _LIKE_ADDRESS.finditer(text))
        return Senders(tuple(dict.fromkeys(likely)), _name(text), clean=False)
    names = [name for _, name in found if name]
    return Senders(
        tuple(address for address, _ in found), names[0] if names else None, clean=len(data) <= _LONGEST
    )


def _split(text: str) -> list[tuple[str, str, str, str]]:
    """Each mailbox as its words, its comment, what is in angle brackets, and what stands behind them."""
    boxes = [["", "", "", ""]]
    at = 0
    while at < len(text):
        sign = text[at]
        box = boxes[-1]
        behind = 3 if box[2] else 0  # what follows an address in angle brackets is kept apart
        if sign in ",;":
            boxes.append(["", "", "", ""])
            at += 1
        elif sign == "(":
            end = _comment_end(text, at)
            box[1] += text[at + 1 : end - 1]
            box[behind] += " "
            at = end
        elif sign == "<":
            end = _angle_end(text, at)
            box[behind or 2] += text[at + 1 : end - 1] or " "
            at = end
        else:
            end = _quoted_end(text, at) if sign == '"' else _words_end(text, at)
            box[behind] += text[at:end]
            at = end
    return [(words, comment, angle, rest) for words, comment, angle, rest in boxes]


def _words_end(text: str, at: int) -> int:
    found = _WORDS.match(text, at)
    return found.end() if found else at + 1


def _quoted_end(text: str, at: int) -> int:
    """The index behind a quoted string that starts here."""
    at += 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    if at >= len(text):
        raise _MalformedError
    return at + 1


def _comment_end(text: str, at: int) -> int:
    """The index behind a comment that starts here; comments nest."""
    depth = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] in "()":
            depth += 1 if text[at] == "(" else -1
            if not depth:
                return at + 1
        at += 1
    raise _MalformedError


def _angle_end(text: str, at: int) -> int:
    """The index behind an angle address that starts here."""
    at += 1
    while at < len(text) and text[at] != ">":
        at = _quoted_end(text, at) if text[at] == '"' else at + 1
    if at >= len(text):
        raise _MalformedError
    return at + 1


def _mailbox(words: str, comment: str, angle: str, rest: str) -> tuple[str, str | None]:
    """Address and name of one mailbox."""
    address = (angle or words).strip()
    if rest.strip() or not _ADDRESS.fullmatch(address):
        raise _MalformedError
    if not angle:
        return _lower(address), _name(comment)
    if not words.lstrip().startswith('"') and _MISLEADING.search(words):
        raise _MalformedError
    return _lower(address), _name(words) or _name(comment)


def _name(words: str) -> str | None:
    name = words.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")
    return decode_words(name.encode("utf-8", "replace"))[0] or None


def _lower(address: str) -> str:
    """ASCII only: `str.lower` turns the Kelvin sign into a "k"."""
    return address.encode("utf-8", "replace").lower().decode("utf-8")
