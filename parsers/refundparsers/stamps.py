"""Moments as programs print them for people: `May 12, 2026 at 1:22 PM`, `2026년 5월 12일 (화) 오후 1:22`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import re2

from refundparsers import headers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False

# The first letters of the months in English, German, Spanish, French, Polish, Portuguese, Italian, Dutch,
# Russian and Turkish. Days of the week that begin alike (`mar.`, `mardi`) never stand behind a number.
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen janv sty янв oca",
            "feb fév fev févr lut фев şub",
            "mar mär mrz mrt maa мар",
            "apr abr avr kwi апр nis",
            "may mai mei mag maj мая май",
            "jun juin giu cze июн haz",
            "jul juil lug lip июл tem",
            "aug ago aoû sie авг ağu",
            "sep set wrz сен eyl",
            "oct okt out ott paź окт eki",
            "nov lis ноя kas",
            "dec dez dic déc gru дек ara",
        ),
        start=1,
    )
    for name in names.split()
}
_YEAR: Final = r"(20\d\d)"
_NAME: Final = r"(\p{L}{3,12})\.?"
_YEAR_FIRST: Final = re2.compile(rf"{_YEAR}\s*[-/.年년]\s*(\d{{1,2}})\s*[-/.月월]\s*(\d{{1,2}})")
_DAY_FIRST: Final = re2.compile(
    rf"\b(\d{{1,2}})(?:\.|er|º|st|nd|rd|th)?[\s-]+(?:de\s+)?{_NAME},?[\s-]+(?:de\s+|del\s+)?{_YEAR}", _OPTIONS
)
_MONTH_FIRST: Final = re2.compile(rf"{_NAME}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}", _OPTIONS)
_NUMBERS: Final = re2.compile(r"\b(\d{1,2})([./-])(\d{1,2})[./-](20\d\d|\d\d)\b")
_CLOCK: Final = re2.compile(
    r"(?:^|[^\d:+-])(\d{1,2})\s?[:h시時]\s?(\d\d)(?:분|分)?(?:(?::|\s)(\d\d)(?:초|秒)?)?(?:\D|$)"
)
_HALF: Final = re2.compile(r"\b([ap])\.?\s?m\b|(오전|午前|\sÖÖ)|(오후|午後|\sÖS)", _OPTIONS)
_OFFSET: Final = re2.compile(r"(?:(?:GMT|UTC)\s?|\s)([+-])(\d{1,2})(?::?(\d\d))?(?:\D|$)")
_ZONE: Final = re2.compile(r"\d(?:\s?[AaPp]\.?[Mm]\.?)?\s+\(?([A-Z]{3,4})\)?\s*$")

_LONGEST: Final = 120
# Whoever printed it may have been in any zone, and clocks differ.
_SLACK: Final = timedelta(days=1)
_LONG_AGO: Final = timedelta(days=3 * 365)


def printed_moment(printed: str, zone: tzinfo, latest: datetime | None) -> datetime | None:
    """The moment that a printed date and time mean, in UTC.

    Args:
        printed: as it stands behind `Date:` or `Sent:`.
        zone: of the reader; for moments without a zone.
        latest: when the mail around it was sent; what lies more than a day behind is not believed.

    Returns:
        None unless day and time are certain. `05/06/2026` is certain only when one of its two
        readings lies ahead.
    """
    printed = printed[:_LONGEST]
    if exact := headers.moment(printed):
        return exact if _is_past(exact, latest) else None
    clock = _clock(printed)
    if clock is None:
        return None
    moments = {_moment(day, clock, printed, zone) for day in _days(printed)}
    fitting = [each for each in moments if each and _is_past(each, latest)]
    if len(fitting) > 1 and latest:
        # With a year of two digits one of the readings mostly lies many years back.
        fitting = [each for each in fitting if each > latest - _LONG_AGO]
    return fitting[0] if len(fitting) == 1 else None


def _is_past(moment: datetime, latest: datetime | None) -> bool:
    return latest is None or moment <= latest + _SLACK


def _days(printed: str) -> Iterator[tuple[int, int, int]]:
    """Year, month and day: one reading, or two where the order of day and month is not known."""
    if found := _YEAR_FIRST.search(printed):
        yield int(found.group(1)), int(found.group(2)), int(found.group(3))
    elif (found := _DAY_FIRST.search(printed)) and (month := _month(found.group(2))):
        yield int(found.group(3)), month, int(found.group(1))
    elif (found := _MONTH_FIRST.search(printed)) and (month := _month(found.group(1))):
        yield int(found.group(3)), month, int(found.group(2))
    elif found := _NUMBERS.search(printed):
        first, second, year = int(found.group(1)), int(found.group(3)), int(found.group(4)[-2:]) + 2000
        yield year, second, first
        if found.group(2) != ".":  # with dots the day always comes first
            yield year, first, second
        if len(found.group(4)) == 2:  # `26/5/12`, as phones in Korea print it
            yield first + 2000, second, int(found.group(4))


def _month(name: str) -> int | None:
    folded = name.casefold()
    return _MONTHS.get(folded[:4]) or _MONTHS.get(folded[:3])


def _clock(printed: str) -> tuple[int, int, int] | None:
    found = _CLOCK.search(printed)
    if not found:
        return None
    hour, minute, second = (int(group or 0) for group in found.groups())
    half = _HALF.search(printed)
    if half and not 1 <= hour <= 12:
        # Some programs print both: `오후 13:22`.
        return hour, minute, second
    if half:
        afternoon = half.group(3) or (half.group(1) or "").lower() == "p"
        hour = hour % 12 + (12 if afternoon else 0)
    return hour, minute, second


def _moment(
    day: tuple[int, int, int], clock: tuple[int, int, int], printed: str, zone: tzinfo
) -> datetime | None:
    """The moment in UTC; None for a day or time that does not exist."""
    try:
        local = datetime(*day, *clock, tzinfo=zone)
    except ValueError:
        return None
    zoned = headers.moment(f"{local:%Y-%m-%d %H:%M:%S} {_zone(printed)}") if _zone(printed) else None
    return zoned or headers.in_range(local)


def _zone(printed: str) -> str | None:
    """`+0900` or `KST`, as far as one is printed."""
    if found := _OFFSET.search(printed):
        return f"{found.group(1)}{found.group(2):0>2}{found.group(3) or '00'}"
    named = _ZONE.search(printed)
    return named.group(1) if named else None
