"""Answers for people and programs; text from mail can do no harm in any of them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker.formats import write_csv, write_json, write_table

HOSTILE = "\x1b[31mred\x1b[0m \x07\u202egnp.exe [bold]x[/bold] :smile:"


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", " =1"])
def test_a_spreadsheet_runs_no_cell(cell: str) -> None:
    out = io.StringIO()
    write_csv(["a"], [[cell]], out)

    assert list(csv.reader(io.StringIO(out.getvalue())))[1][0].startswith("'")


def test_csv_keeps_plain_values() -> None:
    out = io.StringIO()
    write_csv(["id", "item", "sum"], [[1, 'bolt "M3", 18', None]], out)

    assert out.getvalue() == 'id,item,sum\n1,"bolt ""M3"", 18",\n'


@given(st.text(st.characters(codec=None), max_size=50))
def test_json_takes_any_text(text: str) -> None:
    """Lone surrogates included: the output is UTF-8 and gives the text back."""
    out = io.StringIO()
    write_json({"text": text}, out)

    assert json.loads(out.getvalue().encode()) == {"text": text}


def test_a_table_obeys_no_escape_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(["item"], [[HOSTILE]])
    shown = capsys.readouterr().out

    assert not set("\x1b\x07\u202e") & set(shown)
    assert "[bold]x[/bold] :smile:" in shown


def test_no_colour_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(["state"], [["overdue"]], styles={0: "red"})

    assert "\x1b" not in capsys.readouterr().out


def test_a_narrow_terminal_cuts_titles_and_breaks_no_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order number is copied from the table; each dispute keeps to its line."""
    monkeypatch.setenv("COLUMNS", "40")
    title = "18 stainless bolts [bold]M3[/bold] with nuts and washers"
    write_table(["order", "item"], [["8012345678901234", title]], whole=(0,), cut=(1,))
    heading, _, *lines = (line.rstrip() for line in capsys.readouterr().out.splitlines())

    assert heading.split() == ["order", "item"]
    assert lines == ["8012345678901234  18 stainless bolts [b…"]
