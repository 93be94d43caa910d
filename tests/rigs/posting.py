"""Examples of forms as mails; the texts of card companies the way a phone forwards them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refundparsers import examples

if TYPE_CHECKING:
    from refundparsers.forms import Example, Form


def posted(form: Form, example: Example) -> bytes:
    """An example as a real mail: proven AliExpress or PayPal mail, or a forwarded text."""
    if form.source in ("aliexpress", "wallet"):
        return examples.posted(form, example)
    return forwarded(example.text or "", example.mailed)


def forwarded(text: str, day: str) -> bytes:
    """A text as SmsForwarder mails it: unescaped HTML, the text's own time on a line near the end."""
    stamp = f"{day} 23:30:00"
    lines = ["15440000", *text.split("\n"), "SIM1_01000000000", "SubId：1", stamp, "SM-S911N"]
    return examples.mail([f"From: {examples.ME}"], "15440000", "<br>".join(lines), "html", stamp)
