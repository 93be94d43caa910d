"""Moments as mail programs print them for people, in the languages of their users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.examples import ZONE
from refundparsers.stamps import printed_moment

LATEST = datetime(2026, 5, 14, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "printed",
    [
        "Tue, 12 May 2026 04:22:00 +0000", "2026-05-12T13:22:00+09:00",
        "2026-05-12 (화) 13:22:00 (GMT+09:00)",
        "Tue, May 12, 2026 at 1:22 PM", "Tue, 12 May 2026 at 13:22", "Tuesday, May 12, 2026 1:22 PM",
        "Tuesday, May 12, 2026 at 04:22:00 AM UTC", "May 12, 2026 at 1:22:00 PM GMT+9",
        "Tue 5/12/2026 1:22 PM",
        "May 11, 2026 9:22:00 PM PDT", "12 May 2026 at 13:22:00 KST", "5/12/26 13:22 (GMT+09:00)",
        "2026년 5월 12일 (화) 오후 1:22", "2026년 5월 12일 화요일, 13시 22분 00초 +0900",
        "2026. 5. 12. 오후 1:22",
        "Di., 12. Mai 2026 um 13:22 Uhr", "Dienstag, 12. Mai 2026 13:22", "12.05.2026 13:22",
        "mar, 12 may 2026 a las 13:22", "martes, 12 de mayo de 2026 13:22",
        "martes, 12 de mayo de 2026 1:22 p. m.",
        "mar. 12 mai 2026 à 13:22", "mardi 12 mai 2026 13:22", "mar. 12 mai 2026 à 13h22",
        "ter., 12 de mai. de 2026 às 13:22", "terça-feira, 12 de maio de 2026 13:22",
        "mar 12 mag 2026 alle ore 13:22", "martedì 12 maggio 2026 13:22", "wt., 12 maj 2026 o 13:22",
        "wtorek, 12 maja 2026 13:22", "di 12 mei 2026 om 13:22", "dinsdag 12 mei 2026 13:22",
        "вт, 12 мая 2026 г. в 13:22", "вторник, 12 мая 2026, 7:22 +03:00", "12 May 2026 Sal, 13:22",
        "12 Mayıs 2026 Salı 13:22", "2026年5月12日(火) 13:22", "2026年5月12日 午後1:22",
    ],
)  # fmt: skip
def test_a_moment_is_read_in_the_words_of_every_program(printed: str) -> None:
    expected = datetime(2026, 5, 12, 4, 22, tzinfo=UTC)

    assert printed_moment(printed, ZONE, LATEST) == expected


@pytest.mark.parametrize(
    "printed",
    ["", "yesterday", "May 12, 2026", "12:61", "31.02.2026 13:22", "12 Foo 2026 13:22", "5 2026 13:22",
     "04/05/2026 13:22", "Tue, 12 May 2076 04:22:00 +0000", "2026-06-12 13:22"],
)  # fmt: skip
def test_what_is_no_certain_moment_of_the_past_is_none(printed: str) -> None:
    """Day and month that may be either way round are not guessed, and no mail is older than its inside."""
    assert printed_moment(printed, ZONE, LATEST) is None


@pytest.mark.parametrize(("printed", "month"), [("13/05/2026 09:00", 5), ("05/13/2026 09:00", 5)])
def test_a_day_that_can_be_read_in_one_way_only_is_read(printed: str, month: int) -> None:
    found = printed_moment(printed, ZONE, LATEST)

    assert found is not None
    assert (found.month, found.day) == (month, 13)


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada"
    " grudnia",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
}


@pytest.mark.parametrize("language", MONTHS)
def test_every_month_of_every_language(language: str) -> None:
    names = MONTHS[language].split()

    found = [printed_moment(f"9 {name} 2025 13:22", ZONE, LATEST) for name in names]

    assert [moment.month for moment in found if moment] == list(range(1, 13))


@given(st.text(alphabet="0123456789:./- APMapm년월일시오후GMT+Mayde,()", max_size=60))
def test_nothing_raises_and_nothing_lies_ahead(printed: str) -> None:
    found = printed_moment(printed, ZONE, LATEST)

    assert found is None or found <= LATEST + timedelta(days=1)
