"""The line to a mail server: every command goes through it, and once it breaks it is never used again."""

from __future__ import annotations

import imaplib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from refundtracker.errors import Unreachable
from refundtracker.imap.signin import ODD, clean, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refundtracker.imap.signin import Server

_FAREWELL: Final = 2.0


class SaidNoError(Exception):
    """The server refused a command or answered nonsense; the line itself is in order."""


class Line:
    """A logged-in connection and whether it can still be trusted.

    Attributes:
        client: the `IMAPClient`.
        where: account and host, for sentences.
    """

    def __init__(self, client: Any, account: Server) -> None:
        self.client = client
        self.where = f"{account.name} ({account.host})"
        self._alive = True

    @property
    def imap(self) -> Any:
        """The standard library's connection below `imapclient`, which has no public way to it."""
        return self.client._imap  # noqa: SLF001

    @contextmanager
    def asking(self, doing: str, *, may_refuse: bool = True) -> Iterator[None]:
        """Talk to the server.

        Args:
            doing: for the sentence.
            may_refuse: whether a refusal leaves the line in use.

        Raises:
            SaidNoError: the answer is a refusal or cannot be read, but it is complete.
            Unreachable: the line broke or fell out of step; it is closed now.
        """
        if not self._alive:
            raise Unreachable(f"{self.where}: {doing}: this connection is closed")
        try:
            yield
        except (OSError, imaplib.IMAP4.error, *ODD) as error:
            if may_refuse and self._in_step(error):
                raise SaidNoError(clean(str(error))) from error
            self._give_up()
            raise Unreachable(f"{self.where}: {doing}: {reason(error)}") from error
        except BaseException:
            # Stopped in the middle of an answer: its rest would be read as the next one.
            self._give_up()
            raise

    def told_of_mail(self) -> bool:
        """Whether the server announced mail since `forget`, in the answer to any command."""
        return "EXISTS" in self.imap.untagged_responses

    def forget(self) -> None:
        """Drop what the server said unasked; it would pile up, and EXISTS must be news."""
        self.imap.untagged_responses.clear()

    def close(self) -> None:
        """Say goodbye if the line still lives, and leave nothing open. Never fails."""
        if self._alive:
            self._alive = False
            with suppress(OSError, imaplib.IMAP4.error, *ODD):  # an unanswered goodbye is one, too
                self.client.socket().settimeout(_FAREWELL)
                self.client.logout()
        hang_up(self.client)

    def _in_step(self, error: Exception) -> bool:
        """Whether the answer was read to its end, so that the next command gets its own."""
        broken = isinstance(error, (OSError, imaplib.IMAP4.abort))
        return not broken and not self.imap.tagged_commands

    def _give_up(self) -> None:
        self._alive = False
        hang_up(self.client)


def hang_up(client: Any) -> None:
    """Close the socket without a word."""
    with suppress(OSError):  # closed already, by us or by the other side
        client.shutdown()
