"""`refundd run` with a clock that is set ahead: the process that the fault run kills.

    python -m faults.service WEEKS

It reads its configuration from `REFUNDS_CONFIG` as the command does.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from refundtracker import journal
from refundtracker.config import load_or_default
from refundtracker.errors import TrackerError
from refundtracker.notify import Notifier
from refundtracker.service import Service, setting_for

if TYPE_CHECKING:
    from refundtracker.service import Setting


def main() -> None:
    """Run until killed."""
    ahead = timedelta(weeks=int(sys.argv[1]))

    def setting() -> Setting:
        config = load_or_default(None, os.environ)
        made = setting_for(config, database=None, forms=None, lang="en")
        return replace(made, clock=lambda: datetime.now(UTC) + ahead)

    journal.to_stderr()
    try:
        Service(setting(), Notifier.from_environment(os.environ), reload=setting).run()
    except TrackerError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
