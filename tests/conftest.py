"""Fixtures that tests in several places share."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rigs.dovecot import Dovecot

_USERS = count(1)


@pytest.fixture(scope="session")
def dovecot_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """One Dovecot for all tests of this process; use `dovecot`."""
    from rigs.dovecot import Dovecot

    with Dovecot(tmp_path_factory.mktemp("dovecot")) as server:
        yield server


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    """A running Dovecot whose `user` has an empty mailbox of their own."""
    if not dovecot_server.running:
        dovecot_server.start()
    dovecot_server.user = f"buyer{next(_USERS)}@example.org"
    dovecot_server.maildir()
    return dovecot_server
