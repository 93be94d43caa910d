"""The log: one method an event, its words written once. Mail text never appears here."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from refundtracker.words import one_line

if TYPE_CHECKING:
    from refundtracker.sweep import Swept

_NAME: Final = "refundtracker"


def to_stderr() -> None:
    """Write the log to stderr, where systemd and people read it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger(_NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def counted(number: int, thing: str) -> str:
    """`1 mail`, `2 mails`."""
    return f"{number} {thing}{'s' * (number != 1)}"


@dataclass(frozen=True, slots=True)
class Journal:
    """What the service has to say to its keeper."""

    log: logging.Logger = field(default_factory=lambda: logging.getLogger(_NAME))

    def started(self, accounts: int, database: str) -> None:
        """The service is up."""
        self.log.info("started: %s, database %s", counted(accounts, "account"), one_line(database))

    def stopping(self) -> None:
        """Somebody asked for the end."""
        self.log.info("stopping")

    def reloaded(self, accounts: int) -> None:
        """A new configuration is in force."""
        self.log.info("configuration read again: %s", counted(accounts, "account"))

    def not_reloaded(self, problems: str) -> None:
        """The new configuration is bad; the old one stays."""
        self.log.warning("configuration not taken, the former one stays in force: %s", one_line(problems))

    def connected(self, account: str, mode: str) -> None:
        """A login worked."""
        self.log.info("%s: logged in, waiting by %s", account, mode)

    def swept(self, account: str, swept: Swept) -> None:
        """A sweep ended; silent when it found nothing."""
        if swept.new:
            self.log.info("%s: %s", account, counted(swept.new, "new mail"))

    def trouble(self, account: str, sentence: str, again_in: float) -> None:
        """An account is in trouble and will be tried again."""
        self.log.warning("%s: %s; trying again in %.0f s", account, one_line(sentence), again_in)

    def folder_trouble(self, account: str, sentence: str) -> None:
        """One folder is in trouble."""
        self.log.warning("%s: %s", account, one_line(sentence))

    def recovered(self, account: str) -> None:
        """What was wrong works again."""
        self.log.info("%s: recovered", account)

    def changed(self, added: int, changed: int) -> None:
        """Disputes are other than before."""
        self.log.info("disputes: %d new, %d changed", added, changed)

    def counted_anew(self, windows: int) -> None:
        """Refund windows moved: the holiday table or the user's days are others than before."""
        self.log.info("refund windows counted anew with another holiday table or rule: %d", windows)

    def failed(self, job: str, sentence: str) -> None:
        """A job of the service failed; it comes round again."""
        self.log.warning("%s: %s", job, one_line(sentence))

    def other_database(self, wanted: str, used: str) -> None:
        """The new configuration names another database."""
        self.log.warning(
            "the database stays %s until a restart; the configuration now names %s",
            one_line(used),
            one_line(wanted),
        )

    def summary_sent(self, slot: str, to: str) -> None:
        """The weekly summary is out."""
        self.log.info("summary %s sent to %s", slot, one_line(to))

    def summary_failed(self, slot: str, sentence: str) -> None:
        """The weekly summary could not be sent."""
        self.log.warning("summary %s not sent, it stays due: %s", slot, one_line(sentence))

    def summary_unsure(self, slot: str, sentence: str) -> None:
        """The weekly summary was handed over, and the answer was not heard."""
        self.log.warning(
            "summary %s may have been delivered, it is sent once more with the same Message-ID: %s",
            slot,
            one_line(sentence),
        )

    def summary_doubtful(self, slot: str) -> None:
        """The weekly summary was handed over twice, and one of the answers was never heard."""
        self.log.warning(
            "summary %s may have come twice, with the same Message-ID; it is not sent again", slot
        )

    def alarm(self, sentence: str) -> None:
        """Something is wrong, or wrong no more; told once, daily while it lasts, and when it is over."""
        self.log.warning("alarm: %s", one_line(sentence))

    def alarm_sent(self, channel: str, alarms: int) -> None:
        """A channel took a message."""
        self.log.info("alarm: %s told by %s", counted(alarms, "change"), one_line(channel))

    def alarm_doubtful(self, channel: str) -> None:
        """A message of alarms was handed over twice, and one of the answers was never heard."""
        self.log.warning(
            "alarm: a message by %s may have come twice; it is not sent again", one_line(channel)
        )

    def unexpected(self, where: str, error: BaseException) -> None:
        """A fault of ours; the work goes on, and this line asks for a report."""
        self.log.error("%s: unexpected %s", where, type(error).__name__, exc_info=error)
