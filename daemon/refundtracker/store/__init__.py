"""The store: the only rooms with SQL. `Store` is what the others work with."""

from __future__ import annotations

from refundtracker.store.core import Store

__all__ = ["Store"]
