"""What changes from one mail to its sisters: names, sums, days, numbers, quotations, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import re2

from refundparsers import deadlines
from refundparsers.dates import DATES, TIME
from refundparsers.grammar import escape
from refundparsers.money import MONEY, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OPTIONS: Final = re2.Options()
_OPTIONS.case_sensitive = False

#: Names of the days of the week, as they stand beside a date.
WEEKDAYS: Final = (
    "monday tuesday wednesday thursday friday saturday sunday"
    " montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag"
    " lunes martes miércoles jueves viernes sábado domingo"
    " lundi mardi mercredi jeudi vendredi samedi dimanche"
    " poniedziałek wtorek środa czwartek piątek sobota niedziela"
    " segunda-feira terça-feira quarta-feira quinta-feira sexta-feira segunda terça quarta quinta sexta"
    " lunedì martedì mercoledì giovedì venerdì sabato domenica"
    " maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"
    " понедельник вторник среда четверг пятница суббота воскресенье"
    " pazartesi salı çarşamba perşembe cuma cumartesi pazar"
    " الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"
    " 월요일 화요일 수요일 목요일 금요일 토요일 일요일 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日"
).split()
# These mean something else, too, unless a comma or a point and a date follow.
_SHORT: Final = (
    "mon tue tues wed thu thur thurs fri sat sun mo di mi do fr sa so lun mar mié jue vie sáb dom"
    " mer jeu ven sam dim pon pn wt śr czw pt sob nd seg ter qua qui sex gio ma wo vr za zo"
    " пн вт ср чт пт сб вс pzt sal çar per cum cmt paz שני שלישי רביעי חמישי שישי שבת ראשון"
).split()
_WEEKDAY: Final = rf"(?<!\w)(?:{'|'.join(map(re.escape, WEEKDAYS))})(?!\w)"
_BEFORE_DAY: Final = re.compile(
    rf"(?i)(?:{_WEEKDAY}[.,،]?|(?<!\w)(?:{'|'.join(_SHORT)})[.,،]?|[(（][월화수목금토일月火水木金土][)）])\s*$"
)
# What changes from mail to mail, the more telling kinds first, and the slot that stands for it.
_CHANGING: Final = tuple(
    (pattern if isinstance(pattern, re.Pattern) else re2.compile(pattern, _OPTIONS), slot)
    for pattern, slot in (
        (r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.]+", "{any}"),
        (r"„[^“”\n]+[“”]|“[^”\n]+”|«[^»\n]+»|「[^」\n]+」|『[^』\n]+』", "{any}"),
        (MONEY, "{any}"),
        (deadlines.PRINTED, "{any}"),
        (DATES[""], "{day}"),
        (re.compile(f"(?i){_WEEKDAY}"), "{any}"),
        (TIME, "{any}"),
        (r"\p{Hangul}{1,2}[*○]{1,2}\p{Hangul}{0,2}", "{holder}"),
        (r"[A-Z0-9_-]*\d[A-Z0-9_-]*[A-Z][A-Z0-9_-]*|[A-Z]+[A-Z0-9_-]*\d[A-Z0-9_-]*", "{any}"),
        (NUMBER, "{number}"),
    )
)
# Names of things are cut in subjects: `Refund for ESP32-C3 bo...`.
_CUT: Final = re.compile(r"\s*(?:\.{2,3}|…)")
_SHORTEST_CUT: Final = 6
_FREE: Final = ("item", "seller", "merchant")

_HELLO: Final = (
    r"hi|hello|hey|dear|good (?:morning|day|evening)|hallo|guten (?:tag|morgen|abend)"
    r"|liebe(?:r|/r|\(r\))?|lieber|sehr geehrte\S*"
    r"|hola|estimad\S*|querid\S*|bonjour|bonsoir|salut|cher(?:/ch[èe]re|\(e\))?|ch[èe]re"
    r"|cześć|witaj|dzień dobry|drog[ia]|szanown\S*"
    r"|oi|olá|ola|prezad\S*|car[oa](?:\([oa]\))?|ciao|salve|gentile|buongiorno|hoi|beste|geachte"
    r"|здравствуйте|привет|уважаем\S*|добрый день|merhaba(?:lar)?|sayın|selam|değerli|sevgili"
    r"|こんにちは|안녕하세요|مرحب[اً]\S*|أهلا\S*|عزيز\S*|السلام عليكم|שלום|היי|הי|לכבוד"
)
_CALLED: Final = re.compile(
    rf"(?i)^[¡\s]*(?:{_HELLO})(?:[\s,،、:]+(?P<name>[^,!،、:;。?\n]{{1,60}}?))?\s*(?:[,!،、:;。]|$)"
)
_TITLE: Final = r"\s*(?:고객)?(?:님|様|さま|さん)"
_TITLED: Final = re.compile(rf"^(?P<name>[^,!、。:\n]{{1,40}}?){_TITLE}(?!\w)")
_MOST_NAMES: Final = 4
_NOBODY: Final = frozenset(
    "customer buyer user friend client member there kunde kundin kundinnen käufer cliente"
    " comprador compradora"
    " acheteur kliencie klient klientko kupujący klant koper acquirente"
    " покупатель клиент müşteri müşterimiz kullanıcı 고객 お客 عميل"
    " عميلنا לקוח".split()
)
_LONGEST_HELLO: Final = 90


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and where it stands.

    Attributes:
        field: of the notice.
        slot: what stands for it in a form.
        printed: as the user gave it.
        spans: offsets in the body; empty when only the subject has it.
        texts: how it is printed, folded, wherever it stands.
        unit: the currency that the form must name, when the mail prints a bare number.
    """

    field: str
    slot: str
    printed: str
    spans: tuple[tuple[int, int], ...]
    texts: frozenset[str]
    unit: str | None = None


def folded(text: str) -> str:
    """Equal for texts that differ in white space and case only."""
    return " ".join(text.casefold().split())


def occurrences(text: str, printed: str) -> list[tuple[int, int]]:
    """Where a printed text stands, white space and case aside; a number never as part of a longer one."""
    words = [re2.escape(word) for word in printed.split()]
    if not words:
        return []
    edge = r"\b" if printed.strip().isdigit() else ""
    pattern = re2.compile(edge + r"\s+".join(words) + edge, _OPTIONS)
    return [found.span() for found in pattern.finditer(text)]


def generalised(text: str, places: Sequence[Found], names: Sequence[str]) -> str:
    """The text as a pattern: values become slots, what changes from mail to mail is passed over."""
    out: list[str] = []
    at = 0
    for start, end, slot in changing(text, places, names):
        out += [escape(text[at:start]), slot]
        at = end
    out.append(escape(text[at:]))
    return re.sub(r"(\{any\}\s*){2,}", "{any} ", " ".join("".join(out).split())).strip()


def changing(text: str, places: Sequence[Found], names: Sequence[str]) -> list[tuple[int, int, str]]:
    """The changing pieces from left to right, none overlapping; named values come first."""
    taken: list[tuple[int, int, str]] = []
    for start, end, slot in _pieces(text, places, names):
        if end > start and all(end <= other[0] or other[1] <= start for other in taken):
            taken.append((start, end, slot))
    return sorted(taken)


def respaced(subject: str, text: str) -> str:
    """The subject with the blanks that its encoding lost, where a line of the body has the same letters."""
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and len(line) > _SHORTEST_CUT and line.strip() not in subject:
            found = re.search(r"\s*".join(map(re.escape, words)), subject)
            subject = subject[: found.start()] + line.strip() + subject[found.end() :] if found else subject
    return subject


def before_day(text: str) -> str:
    """The text in front of a day, without the name of the day of the week."""
    return _BEFORE_DAY.sub("", text)


def greeted(line: str) -> str | None:
    """The name that a line greets; empty when it greets nobody by name, None when it greets nobody.

    A name changes from user to user: `Dear Anna,`, `Hallo!`, `김하늘 님, 안녕하세요`.
    """
    if len(line) > _LONGEST_HELLO:
        return None
    found = _TITLED.match(line) or _CALLED.match(line)
    if found is None:
        return None
    name = re.sub(rf"{_TITLE}$", "", found["name"] or "").strip()
    called = _CALLED.match(name)
    name = (called["name"] or "").strip() if called else name
    if len(name.split()) > _MOST_NAMES:
        return None
    return "" if name.casefold() in _NOBODY else name


def _pieces(text: str, places: Sequence[Found], names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for place in sorted(places, key=lambda place: -max(map(len, place.texts), default=0)):
        for printed in place.texts:
            yield from ((start, end, f"{{{place.slot}}}") for start, end in occurrences(text, printed))
        if place.field in _FREE:
            yield from ((start, end, "{any}") for start, end in _cut_short(text, place.printed))
    for name in names:
        yield from ((start, end, "{any}") for start, end in whole_words(text, name))
    for pattern, slot in _CHANGING:
        for found in pattern.finditer(text):
            yield (*_trimmed(text, *found.span()), slot)


def _cut_short(text: str, printed: str) -> Iterator[tuple[int, int]]:
    """Where only the start of a name stands, with dots behind it."""
    for dots in _CUT.finditer(text):
        for length in range(min(len(printed) - 1, dots.start()), _SHORTEST_CUT - 1, -1):
            if text[: dots.start()].casefold().endswith(printed[:length].casefold()):
                yield dots.start() - length, dots.end()
                break


def whole_words(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Where a name stands as a word, also with what Korean and Japanese glue to it: `shopper77님`."""
    edge = r"[A-Za-z0-9_]" if word.isascii() else r"\w"
    glued = "" if word.isascii() else "|(?=님|様|さ|씨|고객)"
    for found in re.finditer(rf"(?<!{edge}){re.escape(word)}(?:(?!{edge}){glued})", text):
        yield found.span()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
