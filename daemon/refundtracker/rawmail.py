"""A mail as it came in, before anybody reads it: its bytes, and where it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from refundtracker.records import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMail:
    """A mail as the server has it.

    Attributes:
        place: where it lies; its UIDVALIDITY is 0 when the server tells none, and then the UID
            means something on this connection only.
        raw: its bytes; None exactly when it was left out.
        arrived: the server's INTERNALDATE in UTC; None when it cannot be read.
        size: bytes, as the server tells them.
        left_out: why its body was not fetched; None when it was.
    """

    place: Place
    raw: bytes | None
    arrived: datetime | None
    size: int
    left_out: Literal["not-ours", "too-large"] | None = None
