"""Bodies of mails as they come: plain, listed, bounced, signed, encrypted, invited, and broken."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


@dataclass(frozen=True, slots=True)
class Part:
    """Header lines of a body, and its bytes."""

    headers: list[str]
    body: bytes


# A mail that a stranger wrote, for those that hold another one.
_LURE: Final = (
    b"From: AliExpress <info@lures.example>\r\nSubject: Dispute Finished\r\n"
    b"Date: Tue, 12 May 2026 04:22:00 +0000\r\n\r\nOrder number: 8012345678901234\r\n"
)


def _plain(lines: list[str], rng: Random) -> Part:
    return Part(["Content-Type: text/plain; charset=utf-8"], "\r\n".join(lines).encode())


def _html(lines: list[str], rng: Random) -> Part:
    rows = "".join(f"<tr><td>{escape(line)}</td></tr>" for line in lines)
    page = f"<html><body><table>{rows * rng.randint(1, 40)}</table></body></html>"
    head = ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64"]
    return Part(head, encodebytes(page.encode()))


def _multipart(kind: str, parts: list[bytes], boundary: str, more: str = "") -> Part:
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return Part(
        [f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}'],
        body + f"--{boundary}--\r\n".encode(),
    )


def _inner(part: Part) -> bytes:
    return "\r\n".join(part.headers).encode() + b"\r\n\r\n" + part.body


def _file(kind: str, data: bytes) -> bytes:
    head = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", "Content-Disposition: attachment"]
    return _inner(Part(head, encodebytes(data)))


def _alternative(lines: list[str], rng: Random) -> Part:
    return _multipart(
        "alternative", [_inner(_plain(lines, rng)), _inner(_html(lines, rng))], f"b{rng.getrandbits(60):x}"
    )


def _list(lines: list[str], rng: Random) -> Part:
    made = _plain([*lines, "-- ", "To unsubscribe or cancel: list-request@lists.example"], rng)
    return Part(["List-Id: <refunds.lists.example>", "Precedence: list", *made.headers], made.body)


def _bounce(lines: list[str], rng: Random) -> Part:
    status = (
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\nStatus: 5.1.1\r\n"
    )
    original = b"Content-Type: message/rfc822\r\n\r\n" + _LURE + b"Refund amount: US $5.20\r\n"
    parts = [_inner(_plain(["Delivery failed.", *lines], rng)), status, original]
    return _multipart("report", parts, f"r{rng.getrandbits(60):x}", "; report-type=delivery-status")


def _signed(lines: list[str], rng: Random) -> Part:
    signature = _file('application/pkcs7-signature; name="smime.p7s"', rng.randbytes(600))
    return _multipart(
        "signed", [_inner(_plain(lines, rng)), signature], f"s{rng.getrandbits(60):x}", "; micalg=sha-256"
    )


def _encrypted(lines: list[str], rng: Random) -> Part:
    version = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    text = _file('application/octet-stream; name="encrypted.asc"', rng.randbytes(900))
    return _multipart("encrypted", [version, text], f"e{rng.getrandbits(60):x}")


def _invite(lines: list[str], rng: Random) -> Part:
    event = [
        "BEGIN:VCALENDAR",
        "METHOD:CANCEL",
        "BEGIN:VEVENT",
        f"SUMMARY:{lines[0]}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    calendar = _inner(
        Part(["Content-Type: text/calendar; method=CANCEL; charset=utf-8"], "\r\n".join(event).encode())
    )
    return _multipart("alternative", [_inner(_plain(lines, rng)), calendar], f"c{rng.getrandbits(60):x}")


def _winmail(lines: list[str], rng: Random) -> Part:
    tnef = _file('application/ms-tnef; name="winmail.dat"', b"\x78\x9f\x3e\x22" + rng.randbytes(800))
    return _multipart("mixed", [_inner(_plain(lines, rng)), tnef], f"w{rng.getrandbits(60):x}")


def _deep(lines: list[str], rng: Random) -> Part:
    part = _plain(lines, rng)
    for level in range(rng.choice((5, 30, 90, 300))):
        part = _multipart(rng.choice(("mixed", "related", "alternative")), [_inner(part)], f"d{level}")
    return part


def _matryoshka(lines: list[str], rng: Random) -> Part:
    body = _LURE + "\r\n".join(lines).encode()
    for _ in range(rng.choice((1, 5, 40))):
        body = b"From: a@example.org\r\nContent-Type: message/rfc822\r\n\r\n" + body
    return Part(["Content-Type: message/rfc822"], body)


def _charset(lines: list[str], rng: Random) -> Part:
    said = rng.choice(("utf-8", "euc-kr", "iso-2022-jp", "utf-16", "x-unknown", "utf-7", "idna", "hex", '""'))
    used = rng.choice(("cp949", "utf-8", "utf-16", "latin-1", "koi8-r", "shift_jis"))
    return Part([f"Content-Type: text/plain; charset={said}"], "\r\n".join(lines).encode(used, "replace"))


def _boundary(lines: list[str], rng: Random) -> Part:
    part = _alternative(lines, rng)
    boundary = rng.choice(("", "never-there", "b" * 400, "a b\tc", "=?utf-8?q?x?="))
    kinds = (f'mixed; boundary="{boundary}"', "mixed", f"alternative; boundary={boundary}")
    stated = f"multipart/{rng.choice(kinds)}"
    return Part([f"Content-Type: {stated}"], part.body[: rng.randint(0, len(part.body))])


def _encoding(lines: list[str], rng: Random) -> Part:
    said = rng.choice(("base64", "quoted-printable", "x-uuencode", "8bit", "binary", "base64;", "nonsense"))
    data = bytearray(encodebytes("\r\n".join(lines).encode()))
    for _ in range(rng.randint(0, 12)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return Part(["Content-Type: text/html; charset=utf-8", f"Content-Transfer-Encoding: {said}"], bytes(data))


def _markup(lines: list[str], rng: Random) -> Part:
    page = "".join(rng.choice(_TAGS) + rng.choice(lines) for _ in range(rng.randint(1, 120)))
    return Part(["Content-Type: text/html"], page.encode())


def _garbage(lines: list[str], rng: Random) -> Part:
    head = [f"X-{rng.getrandbits(24):x}: " + "a" * rng.choice((1, 990, 9_000))]
    return Part(head, rng.randbytes(rng.choice((0, 10, 5_000))))


def _long(lines: list[str], rng: Random) -> Part:
    fillers = (" ", "\u200c\u00a0", "취소 ", "1,", "환불 1,000원\n", "USD 1.00 ", "[", "8012345678901234 ")
    return _plain([rng.choice(fillers) * rng.choice((100, 3_000)), *lines], rng)


_TAGS: Final = (
    "<div style='display:none'>", "</table>", "<table><tr><td>", "<!--", "-->", "<b ", ">", "&#0;",
    "&amp;&lt", "<svg><style>", "]]>", "<span style=font-size:0>",
)  # fmt: skip
#: How a body may be, by name.
BODIES: Final[dict[str, Callable[[list[str], Random], Part]]] = {
    "plain": _plain,
    "html": _html,
    "alternative": _alternative,
    "list": _list,
    "bounce": _bounce,
    "signed": _signed,
    "encrypted": _encrypted,
    "invite": _invite,
    "winmail": _winmail,
    "deep": _deep,
    "matryoshka": _matryoshka,
    "charset": _charset,
    "boundary": _boundary,
    "encoding": _encoding,
    "markup": _markup,
    "garbage": _garbage,
    "long": _long,
}
