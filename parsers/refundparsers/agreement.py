"""What the forms made of one body, and whether all that fit say the same."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from refundparsers import checks
from refundparsers.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from refundparsers.assembly import Moment
    from refundparsers.forms import Form


# Everything that a notice says, whichever form read it.
_SAYS: Final[attrgetter[tuple[Any, ...]]] = attrgetter(
    *(each.name for each in fields(Notice) if each.name != "form")
)


@dataclass(frozen=True, slots=True)
class Read:
    """What the forms made of one body: notices, or why not.

    Attributes:
        notices: what it tells.
        ignored: the form that says that such a mail does not matter.
        trouble: why it cannot be read with certainty.
    """

    notices: tuple[Notice, ...] = ()
    ignored: Form | None = None
    trouble: str | None = None

    def __bool__(self) -> bool:
        return bool(self.notices or self.ignored or self.trouble)


def agreed(read_by: Sequence[tuple[str, tuple[Notice, ...]]], sent: Moment) -> Read:
    """The reading that all fitting forms share; the one that says most speaks for them."""
    best = read_by[0][1]
    if len(read_by) > 1:
        best = max((notices for _, notices in read_by), key=lambda notices: sum(map(_said, notices)))
    for name, notices in read_by:
        if notices is not best and (len(notices) != len(best) or not all(map(_compatible, notices, best))):
            return Read(trouble=disagree((name, best[0].form)))
    faults = [fault for notice in best if (fault := checks.fault(notice, sent.day()))]
    if faults:
        return Read(trouble=f"{best[0].form}: {faults[0]}")
    return Read(notices=best)


def disagree(names: Iterable[str]) -> str:
    """The sentence for two forms that cannot both be right."""
    return f"two forms fit and disagree: {' and '.join(dict.fromkeys(names))}"


def _said(notice: Notice) -> int:
    """How much a notice says; a sum is two things, its amount and its currency."""
    return sum(value is not None for value in _SAYS(notice)) + (notice.money is not None)


def _compatible(one: Notice, other: Notice) -> bool:
    """Whether one says nothing that the other denies."""
    return all(
        mine is None or theirs is None or mine == theirs
        for mine, theirs in zip(_SAYS(one), _SAYS(other), strict=True)
    )
