"""The language of forms is documented whole, and its example works."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from refundparsers.examples import failures, with_form
from refundparsers.forms import read_forms, shipped
from refundparsers.notices import Notice
from refundparsers.slots import SLOTS

README = (Path(__file__).parents[2] / "parsers" / "README.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[str]:
    """The rows of the table under a heading."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


def test_the_table_of_slots_is_that_of_the_code() -> None:
    told = [
        f"| `{{{name}}}` | {slot.field.partition(':')[0] if slot.field else ''} | {slot.about} |"
        for name, slot in SLOTS.items()
    ]

    assert rows("Slots") == told


def test_what_slots_fill_is_known_to_notices() -> None:
    fields = {slot.field.partition(":")[0] for slot in SLOTS.values() if slot.field}

    assert fields - set(Notice.__slots__) == {"amount", "currency", "time"}


def test_every_key_of_a_form_is_told() -> None:
    told = {key for row in rows("A form") for key in re.findall(r"`([a-z]+)`", row.split("|")[1])}
    used = {key for path in _files() for form in _forms(path) for key in form}

    assert used - told == set()


def test_the_example_is_a_form_that_reads_its_example() -> None:
    block = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert block
    forms = read_forms("README.md", tomllib.loads(block[1]))

    assert list(failures(forms, with_form(shipped(), forms))) == []


def test_every_module_has_its_place_in_the_story() -> None:
    package = Path(__file__).parents[2] / "parsers" / "refundparsers"
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    told = set(re.findall(r"`([a-z]+)`", README.partition("## From bytes to notice")[2]))

    assert modules - told == set()


def _files() -> list[Path]:
    return sorted((Path(__file__).parents[2] / "parsers" / "refundparsers" / "library").rglob("*.toml"))


def _forms(path: Path) -> list[dict[str, object]]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return [table.get("defaults", {}), *table.get("form", [])]
