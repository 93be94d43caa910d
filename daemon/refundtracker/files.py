"""Mails on disk: .eml files, mbox, Maildir, and directories of them."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from refundtracker.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from io import BufferedReader
    from pathlib import Path

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


def _refuse(sentence: str) -> None:
    raise BadInput(sentence)


def mails(paths: Iterable[Path], skipped: Callable[[str], None] = _refuse) -> Iterator[MailFile]:
    """All mails under the paths, one at a time; `-` is one mail on standard input.

    Args:
        paths: files and directories.
        skipped: hears a sentence for each file below a directory that cannot be read; unless
            given, the first of them ends the reading.

    Raises:
        BadInput: one of the paths itself is not there or cannot be read.
    """
    for path in paths:
        if str(path) == "-":
            yield MailFile("-", sys.stdin.buffer.read())
        elif path.is_dir():
            yield from _directory(path, skipped)
        else:
            yield from _file(path)


def _directory(top: Path, skipped: Callable[[str], None]) -> Iterator[MailFile]:
    for path in _below(top, skipped, set()):
        try:
            yield from _file(path)
        except BadInput as error:
            skipped(str(error))


def _below(path: Path, skipped: Callable[[str], None], been: set[Path]) -> Iterator[Path]:
    """The files that may hold mail, in the order of their names; links that lead in a circle end."""
    real = path.resolve()
    if real in been:
        return
    been.add(real)
    try:
        listed = sorted(path.iterdir())
    except OSError as error:
        skipped(f"{path}: {error.strerror}")
        return
    is_maildir = {"cur", "new"} <= {each.name for each in listed}
    for below in listed:
        if below.is_dir():
            if not (is_maildir and below.name == "tmp"):
                yield from _below(below, skipped, been)
        elif _may_be_mail(below):
            yield below


def _may_be_mail(path: Path) -> bool:
    """By its place, its name, or its first line; never a pipe or a device.

    What cannot be read is taken for mail as well, so that it is told.
    """
    if path.exists() and not path.is_file():
        return False
    in_maildir = path.parent.name in {"cur", "new"} and (path.parent.parent / "cur").is_dir()
    if in_maildir or path.suffix.lower() in (*_MAIL, *_MBOX):
        return True
    return not path.suffix and (not os.access(path, os.R_OK) or _begins_as_mbox(path))


def _begins_as_mbox(path: Path) -> bool:
    with _opened(path) as file:
        return file.read(len(_ENVELOPE)) == _ENVELOPE


def _file(path: Path) -> Iterator[MailFile]:
    """The mails of one file, which is opened once: a pipe gives its bytes only once."""
    with _opened(path) as file:
        if file.peek(len(_ENVELOPE)).startswith(_ENVELOPE):
            for number, raw in enumerate(_split(file), start=1):
                yield MailFile(f"{path}#{number}", raw)
        else:
            yield MailFile(str(path), file.read())


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error


def _split(file: Iterable[bytes]) -> Iterator[bytes]:
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
