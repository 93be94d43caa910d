"""A tiny IMAP server that plays dialogues from text files, for faults that no real server shows on demand.

A dialogue is read line by line:

    # a comment
    -- abilities IMAP4rev1 IDLE     answer to every CAPABILITY, at any time
    -- include signed-in.txt        another dialogue from the same directory
    C: . IDLE                       the client must say this; the dot stands for its tag
    C: . UID FETCH 1 ...            dots at the end: whatever follows
    C: DONE                         a line without a tag
    S: + idling                     the server says this; neighbouring lines go in one packet
    S: . OK done                    the dot stands for the tag of the last command
    -- half * 4 EXI                 say this without ending the line
    -- pause 0.2                    seconds, and a new packet
    -- silence                      say nothing more, keep the line open until the client leaves
    -- close                        close the line; so does the end of the file, for a client that stays
    S: . {answer}                   a word that the test gives

CAPABILITY and LOGOUT are answered wherever they come. Each connection plays the
dialogue from its beginning.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

_PATIENCE: Final = 20.0
_VERBS: Final = frozenset({"S:", "C:", "abilities", "half", "pause", "silence", "close"})


@dataclass(slots=True)
class _Turn:
    """One connection: where it is, and under which tag the client spoke last."""

    line: socket.socket
    reader: BinaryIO
    abilities: str = "IMAP4rev1"
    tag: str = "*"
    outbox: list[str] = field(default_factory=list)


class ScriptedImap:
    """Plays one dialogue on a loopback port; leaving the `with` block tells where the client strayed.

    Attributes:
        port: where it listens.
        strayed: what the client said instead of what was expected.
    """

    host = "localhost"

    def __init__(self, dialogue: Path, **words: str) -> None:
        self._steps = [(verb, _filled(said, words)) for verb, said in _steps(dialogue)]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.strayed: list[str] = []
        self._lines: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for line in (self._listener, *self._lines):
            _shut(line)
        for thread in self._threads:
            thread.join(_PATIENCE)
        if kind is None:
            assert self.strayed == []

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self._lines.append(line)
            thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(_PATIENCE)
        with line, line.makefile("rb") as reader:
            turn = _Turn(line, reader)
            try:
                for verb, words in self._steps:
                    self._play(turn, verb, words)
                _send(turn)
                self._hear(turn)
            except (_OverError, OSError):
                return

    def _play(self, turn: _Turn, verb: str, words: str) -> None:
        match verb:
            case "S:":
                turn.outbox.append(f"{turn.tag}{words[1:]}" if words.startswith(". ") else words)
            case "C:":
                _send(turn)
                self._expect(turn, words)
            case "abilities":
                turn.abilities = words
            case "half":
                _send(turn)
                turn.line.sendall(words.encode())
            case "pause":
                _send(turn)
                time.sleep(float(words))
            case "silence":
                _send(turn)
                while turn.reader.readline():
                    pass
                raise _OverError
            case "close":
                _send(turn)
                raise _OverError

    def _expect(self, turn: _Turn, words: str) -> None:
        said = self._hear(turn)
        if words.startswith(". "):
            turn.tag, _, said = said.partition(" ")
            words = words[2:]
        if said.upper() != words.upper() and not _begins(said, words):
            self.strayed.append(f"expected {words!r}, the client said {said!r}")
            raise _OverError

    def _hear(self, turn: _Turn) -> str:
        """The client's next line that is not answered by itself."""
        while True:
            heard = turn.reader.readline()
            if not heard:
                raise _OverError
            said = heard.decode("utf-8", "replace").rstrip("\r\n")
            tag, _, command = said.partition(" ")
            if command.upper() == "CAPABILITY":
                turn.line.sendall(f"* CAPABILITY {turn.abilities}\r\n{tag} OK done\r\n".encode())
            elif command.upper() == "LOGOUT":
                turn.line.sendall(f"* BYE bye\r\n{tag} OK done\r\n".encode())
                raise _OverError
            else:
                return said


class _OverError(Exception):
    """The dialogue has ended."""


def _begins(said: str, words: str) -> bool:
    return words.endswith("...") and said.upper().startswith(words[:-3].rstrip().upper())


def _send(turn: _Turn) -> None:
    if turn.outbox:
        turn.line.sendall("".join(f"{text}\r\n" for text in turn.outbox).encode())
        turn.outbox.clear()


def _steps(dialogue: Path) -> list[tuple[str, str]]:
    steps: list[tuple[str, str]] = []
    for line in dialogue.read_text(encoding="utf-8").splitlines():
        verb, _, words = line.partition(" ")
        if verb == "--":
            verb, _, words = words.partition(" ")
        if verb == "include":
            steps += _steps(dialogue.parent / words)
        elif verb and not verb.startswith("#"):
            assert verb in _VERBS, f"{dialogue.name}: {line}"
            steps.append((verb, words))
    return steps


def _filled(said: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        said = said.replace(f"{{{name}}}", word)
    return said


def _shut(line: socket.socket) -> None:
    """Wake whoever waits on this socket, then close it."""
    with line, suppress(OSError):  # the other side may have closed it
        line.shutdown(socket.SHUT_RDWR)
