"""Mail bytes in, notices out: a library of its own, without clock, network, database or log."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refundparsers.reading import read

__all__ = ["read"]


def __getattr__(name: str) -> Any:
    """`read` is imported when it is asked for: who only wants `money` must not pay for mail."""
    if name != "read":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from refundparsers.reading import read

    return read
