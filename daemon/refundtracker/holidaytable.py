"""One country of the `holidays` package, without the two hundred others.

Asked in the usual way, the package loads the modules of all its countries as soon as one is named:
8 MB and 60 ms, which a service on a small machine and a `refunds list` can do without.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from holidays.holiday_base import HolidayBase


@cache
def country_table(code: str) -> type[HolidayBase] | None:
    """The table of a country; None when there is none.

    Args:
        code: two letters of ISO 3166, upper case; also "UK".
    """
    from holidays.registry import COUNTRIES

    for name, (table, *codes) in COUNTRIES.items():
        if code in codes:
            found: type[HolidayBase] = getattr(_module(name), table)
            return found
    return None


def _module(name: str) -> ModuleType:
    """A module of the package by its file: a plain import would load its neighbours first."""
    import holidays

    whole = f"holidays.countries.{name}"
    if whole in sys.modules:
        return sys.modules[whole]
    spec = spec_from_file_location(whole, Path(holidays.__path__[0], "countries", f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(f"{whole} cannot be loaded")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
