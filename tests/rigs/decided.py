"""What a user said about the one order of the facts, written in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from refundtracker.decisions import Decision
from rigs.facts import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT = datetime(2026, 5, 20, 9, tzinfo=UTC)


def decided(method: str | None = None, issuer: str | None = None) -> list[Decision]:
    """The decisions: how the order was paid, and with whose card."""
    return list(_decided(method, issuer))


def _decided(method: str | None, issuer: str | None) -> Iterator[Decision]:
    key = f"order:{ORDER}"
    if method is not None:
        yield Decision(id=1, made_at=_AT, verb="method", key=key, order=ORDER, text=method)
    if issuer is not None:
        yield Decision(id=2, made_at=_AT, verb="card", key=key, order=ORDER, issuer=issuer)
