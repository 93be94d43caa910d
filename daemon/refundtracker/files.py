"""Mails on disk: .eml files, mbox, Maildir, and directories of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from refundtracker.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

# In a directory only these are taken for mail; a file that is named is always read.
_MAIL: Final = (".eml", ".msg822", ".mail")
_MBOX: Final = (".mbox", ".mbx")
_ENVELOPE: Final = b"From "


@dataclass(frozen=True, slots=True)
class MailFile:
    """One mail from a file.

    Attributes:
        path: the file; with `#3` behind it for the third mail of an mbox.
        raw: its bytes.
    """

    path: str
    raw: bytes


def mails(paths: Iterable[Path]) -> Iterator[MailFile]:
    """All mails under the paths, one at a time; `-` is one mail on standard input.

    Raises:
        BadInput: a path that is not there or cannot be read.
    """
    for path in paths:
        if str(path) == "-":
            yield MailFile("-", sys.stdin.buffer.read())
        elif path.is_dir():
            yield from _directory(path)
        else:
            yield from _file(path)


def _directory(path: Path) -> Iterator[MailFile]:
    if (path / "cur").is_dir() and (path / "new").is_dir():
        yield from _maildir(path)
        return
    for below in _listed(path):
        if below.is_dir():
            yield from _directory(below)
        elif below.suffix.lower() in (*_MAIL, *_MBOX) or (not below.suffix and _is_mbox(below)):
            yield from _file(below)


def _maildir(path: Path) -> Iterator[MailFile]:
    for part in ("new", "cur"):
        for mail in _listed(path / part):
            if mail.is_file():
                yield MailFile(str(mail), _bytes(mail))
    for below in _listed(path):
        if below.name.startswith(".") and below.is_dir():
            yield from _directory(below)


def _listed(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error


def _file(path: Path) -> Iterator[MailFile]:
    if _is_mbox(path):
        yield from _mbox(path)
    else:
        yield MailFile(str(path), _bytes(path))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error


def _is_mbox(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_ENVELOPE)) == _ENVELOPE
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error


def _mbox(path: Path) -> Iterator[MailFile]:
    with path.open("rb") as file:
        for number, raw in enumerate(_split(file), start=1):
            yield MailFile(f"{path}#{number}", raw)


def _split(file: BinaryIO) -> Iterator[bytes]:
    """The mails of an mbox, without envelope lines, `>From ` unquoted (mboxrd).

    A line that starts with `From ` begins a mail only behind an empty line, as in RFC 4155.
    """
    lines: list[bytes] = []
    empty_before = True
    started = False
    for line in file:
        if line.startswith(_ENVELOPE) and empty_before:
            if started:
                yield _joined(lines)
            lines, started = [], True
        else:
            lines.append(line[1:] if line.lstrip(b">").startswith(_ENVELOPE) and line[:1] == b">" else line)
        empty_before = not line.strip(b"\r\n")
    if started:
        yield _joined(lines)


def _joined(lines: list[bytes]) -> bytes:
    """The mail without the empty line that mbox puts behind it."""
    return b"".join(lines[:-1] if lines and not lines[-1].strip(b"\r\n") else lines)
