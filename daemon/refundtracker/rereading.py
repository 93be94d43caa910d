"""Reading the record again after forms have changed, and what that changes."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from refundtracker.ingest import bring_up_to_date
from refundtracker.lessons import effects
from refundtracker.store import Store

if TYPE_CHECKING:
    from refundtracker.derivation import Rules
    from refundtracker.disputes import Dispute
    from refundtracker.ingest import Reader
    from refundtracker.lessons import Effect


@dataclass(frozen=True, slots=True)
class Difference:
    """What reading again changes.

    Attributes:
        mails: those that are read otherwise.
        before: disputes as they were, by key; only those that change.
        after: disputes as they become, by key; only those that change.
    """

    mails: tuple[Effect, ...]
    before: dict[str, Dispute]
    after: dict[str, Dispute]


def preview(store: Store, by: Reader, rules: Rules) -> Difference:
    """The difference, worked out on a copy: exactly what `apply` will do."""
    with tempfile.TemporaryDirectory(prefix="refunds-") as place:
        copy = Path(place) / "copy.db"
        store.copy_to(copy)
        with Store.open(copy) as trial:
            return apply(trial, by, rules)


def apply(store: Store, by: Reader, rules: Rules) -> Difference:
    """Read every kept mail again and derive the disputes anew; the user's own words are untouched."""
    before = {dispute.key: dispute for dispute in store.disputes()}
    changed = tuple(effects(store, by))
    for effect in changed:
        store.reread(effect.mail_id, effect.reading)
    bring_up_to_date(store, rules)
    after = {dispute.key: dispute for dispute in store.disputes()}
    moved = [key for key in (*before, *after) if before.get(key) != after.get(key)]
    return Difference(
        changed,
        {key: before[key] for key in moved if key in before},
        {key: after[key] for key in moved if key in after},
    )
