"""Options of these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden` writes the expected answers beside the sample mails anew."""
    parser.addoption("--golden", action="store_true", help="write the answers beside the sample mails anew")
