"""The MIME tree of a mail: which parts are text that people see, which are alternatives, which are mails."""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field, replace
from email.generator import BytesGenerator
from email.policy import Compat32
from io import BytesIO
from typing import TYPE_CHECKING, Final, cast

from refundparsers.charsets import damage, decode_text, meta_label, plain, unbase64
from refundparsers.links import joined, once, printed_links, within
from refundparsers.markup import seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import Message as Part

    from refundparsers.links import Link

_MOST_PARTS: Final = 500
_MOST_TEXT: Final = 2_000_000
_MOST_ATTACHED: Final = 20
_LONGEST_LINE: Final = 10_000
_TEXTS: Final = ("text/plain", "text/html")
_MAILS: Final = ("message/rfc822", "message/global")
_ASCII_ENCODINGS: Final = ("base64", "quoted-printable")


@dataclass(frozen=True, slots=True)
class Body:
    """The text of a mail in one of its alternatives.

    Attributes:
        text: as people see it, normalised by `plain`, lines kept.
        html: whether it was made from HTML.
        charset: the codec that won, not the label.
        doubt: why the text cannot be trusted; None when it can.
        links: web addresses in it, links of HTML before printed ones, each once.
    """

    text: str
    html: bool
    charset: str
    doubt: str | None = None
    links: tuple[Link, ...] = ()

    def only(self, text: str) -> Body:
        """The same body with a part of its text, and the links of that part."""
        if text == self.text:
            return self
        return replace(self, text=text, links=within(self.links, self.text, text))


@dataclass(slots=True)
class _Container:
    """A multipart whose children are being read."""

    alternative: bool
    children: Iterator[Part]
    results: list[list[Body]] = field(default_factory=list)

    def combined(self) -> list[Body]:
        """The alternatives that the children leave: all of them, or all children joined."""
        if self.alternative:
            every = [body for bodies in self.results for body in bodies]
            return sorted(every, key=lambda body: not body.html)
        if len(self.results) < 2:
            return self.results[0] if self.results else []
        longest = max(map(len, self.results))
        rows = ([bodies[min(at, len(bodies) - 1)] for bodies in self.results] for at in range(longest))
        return [_joined(row) for row in rows]


def _joined(bodies: Sequence[Body]) -> Body:
    """Parts that follow each other, such as a text and its footer."""
    return Body(
        text="\n".join(body.text for body in bodies if body.text),
        html=any(body.html for body in bodies),
        charset=bodies[0].charset,
        doubt="; ".join(dict.fromkeys(body.doubt for body in bodies if body.doubt)) or None,
        links=once(joined((body.text, body.links) for body in bodies)),
    )


class Walk:
    """Reads the text of one mail. Nothing here recurses, so depth costs nothing.

    Attributes:
        attached: mails that are attached, as raw bytes. They are never part of the text.
        cut: whether the mail has more parts than are read.
    """

    def __init__(self, linesep: str) -> None:
        """Start.

        Args:
            linesep: the line end of the mail, for mails attached to it.
        """
        self.attached: list[bytes] = []
        self.cut = False
        self._linesep = linesep
        self._walked = 0
        self._room = _MOST_TEXT
        self._has_text = False

    def read(self, mail: Part) -> list[Body]:
        """The alternatives of the mail's text, the one that people see first."""
        containers = [_Container(alternative=False, children=iter([mail]))]
        while True:
            part = None if self.cut else next(containers[-1].children, None)
            if part is None:
                bodies = containers.pop().combined()
                if not containers:
                    return self._with_doubt(bodies)
                if bodies:
                    containers[-1].results.append(bodies)
            else:
                self._walked += 1
                self.cut = self._walked > _MOST_PARTS
                self._visit(part, containers)

    def _visit(self, part: Part, containers: list[_Container]) -> None:
        kind = part.get_content_type()
        if kind in _MAILS:
            self._attach(part)
        elif part.get_content_disposition() == "attachment":
            self._attach_file(part)
        elif kind.startswith("multipart/") and part.is_multipart():
            children = iter(cast("list[Part]", part.get_payload()))
            containers.append(_Container(kind == "multipart/alternative", children))
        elif kind in _TEXTS or kind.startswith("multipart/"):
            if not (self._has_text and part.get_filename()):
                self._has_text = True
                containers[-1].results.append([self._body(part, kind)])
        elif not part.is_multipart():
            self._attach_file(part)

    def _with_doubt(self, bodies: list[Body]) -> list[Body]:
        if not self.cut:
            return bodies
        more = f"only the first {_MOST_PARTS} parts were read"
        return [replace(body, doubt="; ".join(filter(None, [body.doubt, more]))) for body in bodies]

    def _body(self, part: Part, kind: str) -> Body:
        """One text part, decoded. A multipart without parts is shown as the text that it is."""
        label = part.get_content_charset()
        data, doubts = self._octets(part)
        html = kind == "text/html"
        if kind not in _TEXTS:
            doubts.append("the mail states several parts and has none")
        decoded = decode_text(data, label or (meta_label(data) if html else None))
        text = decoded.text
        links: tuple[Link, ...] = ()
        if html:
            view = seen(text)
            text, links = view.text, view.links
            doubts += [view.doubt] if view.doubt else []
        doubts += [doubt for doubt in [decoded.doubt or damage(text)] if doubt]
        text = plain(text)
        return Body(
            text=text,
            html=html,
            charset=decoded.charset,
            doubt="; ".join(doubts) or None,
            links=once((*links, *printed_links(text))),
        )

    def _octets(self, part: Part) -> tuple[bytes, list[str]]:
        """The bytes of a text part without their transfer encoding, and what was wrong with it."""
        coded, encoding = _payload(part)
        most = self._room * 3
        data, damaged = _transferred(coded[:most], encoding)
        doubts = ["its transfer encoding is damaged"] if damaged and len(coded) <= most else []
        if len(coded) > most or len(data) > self._room:
            doubts.append(f"cut after {_MOST_TEXT:,} bytes of text")
            data = _cut(data, self._room)
        self._room -= len(data)
        return data, doubts

    def _attach(self, part: Part) -> None:
        """Keep an attached mail as the parser kept it: only the space behind header names may differ."""
        inner = part.get_payload()
        if len(self.attached) >= _MOST_ATTACHED or not isinstance(inner, list) or not inner:
            return
        out = BytesIO()
        policy = _AsItCame(linesep=self._linesep)
        BytesGenerator(out, mangle_from_=False, policy=policy).flatten(cast("Part", inner[0]))
        data, _ = _transferred(out.getvalue(), _encoding(part))
        self.attached.append(data.lstrip(b"\r\n"))

    def _attach_file(self, part: Part) -> None:
        """Keep an attached file only when it is a mail by its name; others are not even decoded."""
        name = part.get_filename() or ""
        if name.lower().endswith(".eml") and len(self.attached) < _MOST_ATTACHED and not part.is_multipart():
            self.attached.append(_transferred(*_payload(part))[0])


class _AsItCame(Compat32):
    """Writes headers as they were read; the standard policy folds them anew."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}{self.linesep}".encode("utf-8", "surrogateescape")


def _encoding(part: Part) -> str:
    """The transfer encoding of a part, without the comments and signs that some senders add."""
    stated = str(part.get("content-transfer-encoding", "")).replace(";", " ").split()
    return stated[0].lower() if stated else ""


def _payload(part: Part) -> tuple[bytes, str]:
    """The encoded bytes of a part, and how they are encoded.

    The email package gives bytes only together with its own decoding, which
    hides damage and does not know `base64 ` with a space. Without the header it
    gives what came.
    """
    encoding = _encoding(part)
    if encoding in _ASCII_ENCODINGS and isinstance(text := part.get_payload(), str) and text.isascii():
        return text.encode("ascii"), encoding  # the same, five times faster
    stated = part.get_all("content-transfer-encoding", []) if encoding in _ASCII_ENCODINGS else []
    if stated:
        del part["content-transfer-encoding"]
    data = part.get_payload(decode=True)
    for each in stated:  # the part is left as it was
        part["content-transfer-encoding"] = each
    return data if isinstance(data, bytes) else b"", encoding


def _transferred(data: bytes, encoding: str) -> tuple[bytes, bool]:
    if encoding == "base64":
        return unbase64(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data), False
    return data, False


def _cut(data: bytes, room: int) -> bytes:
    """The beginning of a long text, whole lines where there are lines."""
    kept = data[:room]
    end = kept.rfind(b"\n", max(0, room - _LONGEST_LINE))
    return kept[: end + 1] if end >= 0 else kept
