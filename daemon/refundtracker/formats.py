"""How answers look: tables on a terminal, JSON and CSV for programs. Foreign text is made harmless."""

from __future__ import annotations

import csv
import errno
import json
import os
import sys
from typing import TYPE_CHECKING, Final, Literal, NoReturn, TextIO

from refundtracker.words import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

# Spreadsheets run a cell that begins like this as a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDTH_OF_A_PIPE: Final = 160


def write_json(value: object, out: TextIO | None = None, *, indent: int | None = 2) -> None:
    """One JSON value. Escapes nothing but what JSON must, so Hangul stays readable."""
    stream = out or sys.stdout
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    # a lone surrogate has no UTF-8; JSON has an escape for it
    stream.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], out: TextIO | None = None) -> None:
    """Comma-separated values; a cell that a spreadsheet would run gets an apostrophe in front."""
    writer = csv.writer(out or sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if cell is None else _harmless(str(cell)) for cell in row])


def _harmless(cell: str) -> str:
    line = one_line(cell)
    return f"'{line}" if cell.startswith(_FORMULA) or line.startswith(_FORMULA) else line


def write_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    *,
    styles: Mapping[int, str] | None = None,
    right: Sequence[int] = (),
    whole: Sequence[int] = (),
    cut: Sequence[int] = (),
) -> None:
    """A table for people.

    Args:
        columns: their headings.
        rows: a cell for each column; foreign text is made harmless here.
        styles: colours of rows, by number.
        right: columns of numbers.
        whole: columns that are never broken, so that a number can be copied. The others are
            folded where the terminal is narrow.
        cut: columns that are cut there instead, by an ellipsis.
    """
    console = _console()
    table = _table(columns, right, whole)
    for number, row in enumerate(rows):
        cells = [_cell(cell, is_cut=column in cut) for column, cell in enumerate(row)]
        table.add_row(*cells, style=(styles or {}).get(number))
    console.print(table)


def _cell(text: str | None, *, is_cut: bool) -> str | Text:
    from rich.text import Text

    line = one_line(text or "")
    return Text(line, no_wrap=True, overflow="ellipsis") if is_cut else line


def _table(columns: Sequence[str], right: Sequence[int], whole: Sequence[int]) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False, show_edge=False, collapse_padding=True, header_style="bold")
    for number, column in enumerate(columns):
        justify: Literal["left", "right"] = "right" if number in right else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=number in whole)
    return table


def _console() -> Console:
    from rich.console import Console

    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else _WIDTH_OF_A_PIPE
    console = Console(file=sys.stdout, width=width, markup=False, highlight=False, emoji=False)
    # rich would end the process with status 1 when the reader of a pipe goes away
    console.on_broken_pipe = _broken_pipe  # type: ignore[method-assign]
    return console


def _broken_pipe() -> NoReturn:
    raise BrokenPipeError(errno.EPIPE, "the reader went away")


def write_line(text: str = "") -> None:
    """A line of ours on stdout; foreign values in it must have gone through `one_line`."""
    sys.stdout.write(text + "\n")


def write_note(text: str) -> None:
    """Words that are not data: stderr."""
    sys.stderr.write(text + "\n")
