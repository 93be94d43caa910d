"""What `refundd doctor` looks at. Each check stands alone: one that fails, or trips, hides no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from refundtracker.disputes import Reason
from refundtracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Level = Literal["ok", "note", "warn", "bad"]
Values = Mapping[str, str]

NOTHING: Final[Values] = MappingProxyType({})

UNEXPECTED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the doctor's answer.

    Attributes:
        name: what was looked at: `config`, `login` ...; its word is `doctor.NAME`.
        level: `ok`; `note`, nothing to do; `warn`, should be mended; `bad`, keeps it from working.
        finding: what was found.
        fix: what to do about it; None when there is nothing to do.
        account: the account it is about, or empty.
        status: the exit status of its family when it is bad, 0 otherwise.
    """

    name: str
    level: Level
    finding: Reason
    fix: Reason | None = None
    account: str = ""
    status: int = 0


def check(  # noqa: PLR0913 - one argument for each part of a line
    name: str,
    level: Level,
    code: str,
    values: Values = NOTHING,
    *,
    fix: str = "",
    account: str = "",
    status: int = 0,
) -> Check:
    """A check from the codes of its sentences; both may mention the values."""
    told = dict(values)
    return Check(
        name=name, level=level, finding=Reason(f"doctor.{code}", told), account=account, status=status,
        fix=Reason(f"doctor.{fix}", told) if fix else None,
    )  # fmt: skip


def failed(name: str, error: TrackerError, *, fix: str = "", account: str = "") -> Check:
    """A check whose finding is one of our errors."""
    said = {"error": " ".join(str(error).split())}
    return check(name, "bad", "error", said, fix=fix, account=account, status=error.exit_status)


def guarded(name: str, work: Callable[[], Iterable[Check]], account: str = "") -> Iterator[Check]:
    """The checks of one function; whatever stops it becomes a check of its own."""
    try:
        yield from work()
    except TrackerError as error:
        yield failed(name, error, account=account)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not hide what the others find
        said = {"error": f"{type(error).__name__}: {error}"}
        yield check(name, "bad", "unexpected", said, fix="unexpected.fix", account=account, status=UNEXPECTED)


def exit_status(checks: Iterable[Check]) -> int:
    """0 when nothing is bad, else the status of the first that is."""
    return next((each.status or UNEXPECTED for each in checks if each.level == "bad"), 0)
