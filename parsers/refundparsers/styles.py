"""What style attributes do to text: hide it, set it apart, keep its lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import re2

Apart = Literal["line", "word", ""]

_LENGTH: Final = re2.compile(r"\+?([0-9]*\.?[0-9]+)\.?\s*(px|pt|em|rem|ex|ch|%|vw|vh|pc|cm|mm|in)?")
_TINY: Final = {"": 1.0, "px": 1.0, "pt": 1.0, "%": 5.0}


@dataclass(frozen=True, slots=True)
class Style:
    """What a style attribute does to the text of its element.

    Attributes:
        hidden: whether it is not shown.
        tiny: whether its letters are too small to be seen, unless an element inside sets another size.
        sized: whether it sets a size that can be seen.
        apart: whether it stands on lines of its own, or only apart from the words around it.
        preserved: whether its line breaks are shown.
    """

    hidden: bool = False
    tiny: bool = False
    sized: bool = False
    apart: Apart = ""
    preserved: bool = False


@lru_cache(maxsize=1024)
def style_of(text: str) -> Style | None:
    """What a style attribute does to text; None when nothing. The same few styles fill a whole mail."""
    given = _declarations(text.lower())
    clipped = given.get("overflow", "").startswith("hidden")
    size = given.get("font-size", "")
    tiny = bool(size) and _is_small(size)
    style = Style(
        hidden=given.get("display") == "none"
        or given.get("visibility") in ("hidden", "collapse")
        or given.get("mso-hide") == "all"
        or _is_zero(given.get("opacity"))
        or _is_zero(given.get("max-height"))
        or (clipped and (_is_zero(given.get("height")) or _is_zero(given.get("max-width")))),
        tiny=tiny,
        sized=(bool(size) and not tiny) or "font" in given,
        apart=_apart(given.get("display", "")),
        preserved=given.get("white-space", "") in ("pre", "pre-wrap", "pre-line", "break-spaces"),
    )
    return None if style == Style() else style


def _declarations(style: str) -> dict[str, str]:
    """Property to value; the last one wins, unless an earlier one is important."""
    given: dict[str, str] = {}
    important: set[str] = set()
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        value, _, mark = value.partition("!")
        name = name.strip()
        if mark.strip() == "important":
            important.add(name)
        elif name in important:
            continue
        given[name] = value.strip()
    return given


def _apart(display: str) -> Apart:
    if display.startswith("inline-"):
        return "word"
    return "line" if display in ("block", "table", "flex", "grid", "list-item", "table-row") else ""


def _number(value: str) -> tuple[float, str] | None:
    found = _LENGTH.fullmatch(value[:20])
    return (float(found.group(1)), found.group(2) or "") if found else None


def _is_zero(value: str | None) -> bool:
    number = _number(value) if value else None
    return number is not None and number[0] < 0.01


def _is_small(value: str) -> bool:
    number = _number(value)
    return number is not None and number[0] <= _TINY.get(number[1], 0.05)
