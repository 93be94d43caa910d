"""The examples of forms as real mails, so that a form is tried the way it will be used."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from refundparsers.forms import Library
from refundparsers.reading import read
from refundparsers.senders import SenderPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from refundparsers.forms import Example, Form
    from refundparsers.notices import Reading

#: Who sends and proves the mails of examples.
ME: Final = "me@example.net"
POLICY: Final = SenderPolicy(allowed=frozenset({ME}), authserv=("mx.example.net",))
ZONE: Final = ZoneInfo("Asia/Seoul")

_PROVEN: Final = "Authentication-Results: mx.example.net; dmarc=pass header.from="
_STREAMS: Final = {
    "transaction": "transaction@notice.aliexpress.com",
    "message": "message@notice.aliexpress.com",
    "other": "someone@notice.aliexpress.com",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that is not read as its form says.

    Attributes:
        form: whose example.
        number: which one, from 1.
        why: a sentence.
    """

    form: str
    number: int
    why: str


def posted(form: Form, example: Example) -> bytes:
    """An example as a mail: proven AliExpress or PayPal mail, or a text from an allowed address."""
    text = example.text or "Hello,"  # a subject may say it all, but no mail is empty
    if form.source == "aliexpress":
        return written(
            _STREAMS.get(form.streams[0], _STREAMS["transaction"]),
            example.subject or "",
            text,
            example.mailed,
        )
    if form.source == "wallet":
        return written("service@paypal.com", example.subject or "", text, example.mailed)
    return mail([f"From: {ME}"], example.subject or "text", text, "plain", f"{example.mailed} 12:00:00")


def written(sender: str, subject: str, text: str, day: str) -> bytes:
    """A mail whose sender the provider has proven."""
    domain = sender.partition("@")[2]
    return mail([_PROVEN + domain, f"From: {sender}"], subject, text, "plain", f"{day} 12:00:00")


def mail(headers: list[str], subject: str, body: str, subtype: str, stamp: str) -> bytes:
    """A mail with one text part; `stamp` is a time in Seoul."""
    sent = datetime.fromisoformat(stamp).replace(tzinfo=ZONE)
    head = [
        *headers,
        f"To: {ME}",
        f"Subject: {Header(subject, 'utf-8').encode()}",
        f"Date: {format_datetime(sent.astimezone(UTC))}",
        f"Message-ID: <{stamp.replace(' ', '.').replace(':', '')}@example.net>",
        "MIME-Version: 1.0",
        f"Content-Type: text/{subtype}; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + encodebytes(body.encode()).replace(b"\n", b"\r\n")


def failures(forms: Iterable[Form], library: Library) -> Iterator[Failure]:
    """Every example of the forms that the library does not read as it says."""
    for form in forms:
        for number, example in enumerate(form.examples, start=1):
            found = read(posted(form, example), senders=POLICY, library=library, zone=ZONE)
            why = _fault(form, example, found)
            if why:
                yield Failure(form.name, number, why)


def _fault(form: Form, example: Example, found: Reading) -> str | None:
    if form.ignore:
        return None if found.outcome == "ignored" else f"{found.outcome}: {found.reason}"
    if found.outcome != "notice":
        return f"{found.outcome}: {found.reason}"
    said = found.notices[0].as_json()
    for key, value in example.gives.items():
        if said.get(key) != value:
            return f"{key} is read as {said.get(key)!r}, not as {value!r}"
    return None


def with_form(library: Library, forms: Iterable[Form]) -> Library:
    """A library with further forms; a form of the same name is replaced."""
    new = {form.name: form for form in forms}
    return Library((*(form for form in library.forms if form.name not in new), *new.values()), library.labels)
