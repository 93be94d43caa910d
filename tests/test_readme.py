"""What the two README files promise is there: commands, options, keys and files."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from refundtracker import options
from refundtracker.cli.refundd import refundd
from refundtracker.cli.refunds import refunds
from refundtracker.config import load

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
KOREAN = (ROOT / "README.ko.md").read_text(encoding="utf-8")
GROUPS: dict[str, click.Group] = {"refunds": refunds, "refundd": refundd}
# `refunds why 1` and `refunds mail --outcome unread`, in code of any kind.
CALLS = re.compile(r"(?<![\w/`-])`?(refundd|refunds) +([a-z]+(?:-[a-z]+)*)\b((?: +[^\s`|#]+)*)")
BLOCKS = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def code(text: str, language: str) -> list[str]:
    return [body for name, body in BLOCKS.findall(text) if name == language]


def shown(text: str) -> str:
    """What is marked as code, inline or in a block of the shell."""
    inline = re.findall(r"`([^`\n]+)`", BLOCKS.sub("", text))
    return "\n".join([*code(text, "sh"), *inline])


def verb(command: str, name: str) -> click.Command | None:
    return GROUPS[command].get_command(click.Context(GROUPS[command]), name)


def rows() -> list[list[str]]:
    """The rows of the table of commands: cell by cell."""
    table = ENGLISH.split("| command | does |", 1)[1].split("\n\n", 1)[0]
    return [re.split(r"(?<!\\)\|", line.strip("|")) for line in table.splitlines()[2:]]


def test_the_options_are_those_of_the_program() -> None:
    said = ENGLISH.split("<!-- options -->\n", 1)[1].split("<!-- /options -->", 1)[0]

    assert said == options.reference()


def test_every_verb_of_the_table_exists() -> None:
    named = {call for row in rows() for call in re.findall(r"`(refundd?s?) ([a-z-]+)", row[0])}

    assert len(named) > 8
    assert [call for call in sorted(named) if verb(*call) is None] == []


def test_the_options_in_the_table_are_taken() -> None:
    checked = 0
    for row in rows():
        command, name = re.findall(r"`(refundd?s?) ([a-z-]+)", row[0])[-1]
        for option in re.findall(r"`(--[a-z-]+)", row[1]):
            assert option in _taken(command, name), (command, name, option)
            checked += 1

    assert checked > 5


def _taken(command: str, name: str) -> set[str]:
    found = verb(command, name)
    assert found is not None, (command, name)
    return {option for parameter in found.params for option in parameter.opts}


@pytest.mark.parametrize("text", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_every_call_that_is_shown_exists(text: str) -> None:
    calls = CALLS.findall(shown(text.partition("<!-- options -->")[0]))
    for command, name, words in calls:
        for option in re.findall(r"--[a-z-]+", words):
            assert option in _taken(command, name), (command, name, option)
        assert verb(command, name) is not None, (command, name)

    assert len(calls) > 3


@pytest.mark.parametrize("command", GROUPS)
def test_global_options_are_taken_before_and_after_every_verb(command: str) -> None:
    said = ENGLISH.split("Before and after every verb:", 1)[1].split(".\n", 1)[0]
    wanted = set(re.findall(r"`(--[a-z-]+)", said))
    group = GROUPS[command]

    assert wanted == {"--db", "--config", "--forms", "--as-of", "--lang", "--json"}
    assert wanted <= {option for parameter in group.params for option in parameter.opts}
    for name in group.list_commands(click.Context(group)):
        assert wanted <= _taken(command, name), name


@pytest.mark.parametrize("text", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_every_sample_configuration_loads(text: str, tmp_path: Path) -> None:
    """One after the other, each with an account in front where it shows none."""
    blocks = code(text, "toml")
    account = next(block for block in blocks if "[[account]]" in block)
    for number, block in enumerate(blocks):
        file = tmp_path / f"{number}.toml"
        (tmp_path / "imap-password").write_text("secret\n")
        (tmp_path / "imap-password").chmod(0o600)
        file.write_text(block if "[[account]]" in block else account + "\n" + block, encoding="utf-8")

        assert load(file).accounts[0].name == "home"
    assert len(blocks) >= 3


def test_both_name_keys_that_exist() -> None:
    known = {(section.name, option.key) for section in options.SECTIONS for option in section.options}

    for text in (ENGLISH, KOREAN):
        assert set(_keys(text)) <= known
    assert {section for section, _ in _keys(KOREAN)} == {section for section, _ in _keys(ENGLISH)}
    for key in ("authserv", "allowed", "folders"):
        assert key in KOREAN


def _keys(text: str) -> Iterator[tuple[str, str]]:
    for block in code(text, "toml"):
        for section, value in tomllib.loads(block).items():
            tables = value if isinstance(value, list) else [value]
            yield from ((section, key) for table in tables for key in table)


@pytest.mark.parametrize("text", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_every_link_leads_to_a_file(text: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).is_file(), target


@pytest.mark.parametrize("text", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_every_make_target_exists(text: str) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert set(re.findall(r"^make ([a-z]+)", "\n".join(code(text, "sh")), re.MULTILINE)) <= set(targets)
