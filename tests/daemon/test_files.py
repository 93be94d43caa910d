"""Mails on disk: single files, mbox, Maildir, directories of them."""

from __future__ import annotations

import mailbox
from typing import TYPE_CHECKING

import pytest

from refundtracker.errors import BadInput
from refundtracker.files import mails
from rigs import sample

if TYPE_CHECKING:
    from pathlib import Path


def found(*paths: Path) -> list[bytes]:
    return [each.raw for each in mails(paths)]


def test_a_named_file_is_a_mail_whatever_its_name(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(sample.PAID)

    assert found(file) == [sample.PAID]


def test_a_directory_is_searched_for_mail_only(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.eml").write_bytes(sample.PAID)
    (tmp_path / "answer.json").write_text("{}")
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8")

    assert found(tmp_path) == [sample.PAID]


def test_maildir_with_folders(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    box.add(_unix(sample.PAID))
    box.add_folder("SMS").add(_unix(sample.CANCELLED))

    assert sorted(found(tmp_path / "box")) == sorted([_unix(sample.PAID), _unix(sample.CANCELLED)])


def _unix(raw: bytes) -> bytes:
    """With the line ends that a mail has on a Unix disk."""
    return raw.replace(b"\r\n", b"\n")


def test_mbox(tmp_path: Path) -> None:
    """Envelope lines and their quoting are gone; the bytes of each mail are whole."""
    quoting = b"From: a@example.org\nSubject: x\n\nFrom here on\n>From there\nlast line\n"
    quoted = quoting.replace(b"\nFrom here", b"\n>From here").replace(b"\n>From there", b"\n>>From there")
    path = tmp_path / "archive"
    mbox = [_unix(sample.PAID), quoted, _unix(sample.CANCELLED)]
    path.write_bytes(b"".join(b"From - Tue May 12 04:22:00 2026\n" + raw + b"\n" for raw in mbox))

    assert found(path) == [_unix(sample.PAID), quoting, _unix(sample.CANCELLED)]
    assert [each.path for each in mails([path])] == [f"{path}#{number}" for number in (1, 2, 3)]
    assert found(tmp_path) == found(path)


def test_an_empty_mbox_and_an_empty_directory_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.mbox").write_bytes(b"")

    assert found(tmp_path) == [b""]  # an empty file is still an input, and gets an outcome


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="gone"):
        found(tmp_path / "gone")
