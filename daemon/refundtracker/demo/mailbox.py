"""The sample mailbox: what a buyer's mailbox looks like after a few months of disputes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refundtracker.demo import clutter, stories

if TYPE_CHECKING:
    from datetime import date

    from refundtracker.demo.letters import Mail


def sample(today: date) -> list[Mail]:
    """All mails of the sample, the oldest first.

    Args:
        today: the day on which the sample is looked at; nothing in it is younger.
    """
    parts = (*stories.ALL, *clutter.ALL)
    mails = [mail for part in parts for mail in part(today)]
    return sorted(mails, key=lambda mail: (mail.arrived, mail.raw))
