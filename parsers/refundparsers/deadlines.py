"""Days until which one must act, as mails print them in fourteen languages.

The result is ISO text (`2026-05-14`), or month and day (`05/14`) where no year is printed. A day that
could be read in two ways is none: `05/06/2026` is May 6 to some and June 5 to others.

A deadline with a time in "PST" or "PDT" is read as its printed day. For a reader in Asia it often ends
in the afternoon of the next one: the printed day errs to the early side.
"""

from __future__ import annotations

import re
from typing import Final

# Names and short forms of the twelve months; no word means two months.
_NAMES: Final = (
    (
        "january januar januari janvier janv enero ene janeiro gennaio gen stycznia январь января янв "
        "ocak يناير ינואר jan"
    ),
    (
        "february februar februari février févr fév febrero fevereiro fev febbraio lutego февраль "
        "февраля фев şubat فبراير פברואר feb"
    ),
    "march märz mär maart mrt mars marzo março marca март марта mart مارس מרץ mar",
    "april avril avr abril abr aprile kwietnia апрель апреля апр nisan أبريل ابريل אפריל apr",
    "may mai mei mayo maio maggio mag maja май мая mayıs مايو מאי",
    "june juni juin junio junho giugno giu czerwca июнь июня haziran يونيو יוני jun",
    "july juli juillet juil julio julho luglio lug lipca июль июля temmuz يوليو יולי jul",
    "august augustus août agosto ago sierpnia август августа авг ağustos أغسطس אוגוסט aug",
    (
        "september septembre septiembre setembro settembre sept set września сентябрь сентября сен eylül "
        "سبتمبر ספטמבר sep"
    ),
    (
        "october oktober octobre octubre outubro ottobre out ott października октябрь октября окт ekim "
        "أكتوبر אוקטובר okt oct"
    ),
    "november novembre noviembre novembro listopada ноябрь ноября ноя kasım نوفمبر נובמבר nov",
    (
        "december dezember décembre déc diciembre dezembro dicembre dic grudnia декабрь декабря дек "
        "aralık ديسمبر דצמבר dez dec"
    ),
)
_MONTHS: Final = {name: month for month, names in enumerate(_NAMES, start=1) for name in names.split()}
_MONTH: Final = "(?:" + "|".join(sorted(_MONTHS, key=lambda name: (-len(name), name))) + ")"
_NUMBERED: Final = (
    r"20\d\d\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]20\d\d|\d{1,2}[/.]\d{1,2}[/.]\d\d\b"
)
_DAY_FIRST: Final = (
    rf"\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s*(?:de\s+|d'|ב)?{_MONTH}\.?(?:,?\s*(?:de\s+)?20\d\d)?"
)
_MONTH_FIRST: Final = rf"{_MONTH}\.?\s*\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s*20\d\d)?"
_SIGNED: Final = r"(?:20\d\d\s*[년年]\s*)?\d{1,2}\s*[월月]\s*\d{1,2}\s*[일日]"

#: RE2 without groups, to be used without regard to case.
PRINTED: Final = rf"(?:{_NUMBERED}|{_SIGNED}|{_DAY_FIRST}|{_MONTH_FIRST})"

_WORD: Final = re.compile(_MONTH)


def iso(printed: str, *, day_first: bool) -> str | None:
    """A printed day as ISO text, or as `MM/DD` when its year is not printed.

    Args:
        printed: what `PRINTED` matched.
        day_first: whether `05/06/2026` stands behind words of a language that prints the day first.

    Returns:
        None for a day that can be read in two ways. Whether the day exists is not asked here.
    """
    numbers = [int(number) for number in re.findall(r"\d+", printed)]
    named = _WORD.search(printed.casefold())
    if named:
        day, *year = numbers
        return _written(_MONTHS[named[0]], day, year)
    if len(numbers) == 2:
        return _written(numbers[0], numbers[1], [])
    if numbers[0] > 31:
        return _written(numbers[1], numbers[2], numbers[:1])
    if numbers[2] < 100:
        numbers[2] += 2000
    if "." in printed or day_first or numbers[0] > 12 or numbers[0] == numbers[1]:
        return _written(numbers[1], numbers[0], numbers[2:])
    return _written(numbers[0], numbers[1], numbers[2:]) if numbers[1] > 12 else None


def _written(month: int, day: int, year: list[int]) -> str:
    return f"{year[0]}-{month:02d}-{day:02d}" if year else f"{month:02d}/{day:02d}"
