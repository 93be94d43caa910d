"""What can go wrong, as a family: each error is a sentence and an exit status (sysexits.h)."""

from __future__ import annotations

from typing import ClassVar


class TrackerError(Exception):
    """Something the user can act on; its text is the whole message."""

    exit_status: ClassVar[int] = 1


class WrongUsage(TrackerError):
    """The command line asks for something that is not there."""

    exit_status = 2


class BadInput(TrackerError):
    """A file or a reference that cannot be read."""

    exit_status = 65


class Unreachable(TrackerError):
    """A server does not answer; trying again later may help."""

    exit_status = 69


class DiskTrouble(TrackerError):
    """The disk or the database refuses: full, read-only, locked, damaged or too new."""

    exit_status = 74


class Refused(TrackerError):
    """The server knows us and says no; trying again at once makes it worse."""

    exit_status = 77


class BadConfig(TrackerError):
    """The configuration has problems, all of them named, each with its key."""

    exit_status = 78

    def __init__(self, where: str, problems: tuple[str, ...]) -> None:
        self.where = where
        self.problems = problems
        listed = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{where}: {len(problems)} problem{'s' * (len(problems) != 1)}{listed}")
