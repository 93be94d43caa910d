"""The table of options: one source for loading, example and documentation."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker import config, options
from refundtracker.config import Account, Config, Region, Senders, Smtp, SummaryPlan

ACCOUNT = """
[[account]]
name = "home"
host = "imap.example.com"
user = "me"
password = { file = "x" }
authserv = []
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def loaded(file: Path, text: str) -> Config:
    file.write_text(text, encoding="utf-8")
    return config.load(file)


@pytest.mark.parametrize(
    ("section", "made"),
    [
        (options.REGION, Region),
        (options.ACCOUNT, Account),
        (options.SENDERS, Senders),
        (options.SUMMARY, SummaryPlan),
        (options.SMTP, Smtp),
    ],
)
def test_an_option_is_an_attribute(section: options.Section, made: type[Any]) -> None:
    fields = dataclasses.fields(made)

    assert sorted(section.keys) == sorted(field.name for field in fields)


def test_defaults_of_the_classes_are_those_of_the_table(file: Path) -> None:
    found = loaded(file, ACCOUNT + "[smtp]\nhost = 'a.b'\n[summary]\nto = 'a@b.c'\n")
    (account,) = found.accounts

    assert account == Account(name="home", host="imap.example.com", user="me", password=account.password)
    assert found == Config(
        path=file,
        accounts=(account,),
        summary=SummaryPlan("a@b.c"),
        smtp=Smtp(host="a.b", sender="a@b.c"),
    )


def test_the_example_loads(file: Path) -> None:
    text = config.example().replace("# authserv", "authserv")
    found = loaded(file, text)

    assert [account.name for account in found.accounts] == ["home"]
    assert found.smtp is not None


def test_every_commented_line_of_the_example_may_be_used(file: Path) -> None:
    text = config.example().replace('password = { file = "imap-password" }', "")
    text = text.replace('password = { file = "smtp-password" }', "")
    lines = [
        line.removeprefix("# ")
        if line.startswith("# ") and " = " in line and not line.endswith(".")
        else line
        for line in text.splitlines()
    ]
    found = loaded(file, "\n".join(lines))

    assert found.accounts[0].oauth == "google"
    assert found.database == Path("/srv/refunds/refunds.db")


def test_the_example_and_the_reference_tell_every_option() -> None:
    example = config.example().replace("# ", "")
    rows = config.reference().splitlines()[2:]

    for section in options.SECTIONS:
        assert section.header in example.splitlines()
        for option in section.options:
            assert f"\n{option.help}\n{option.key} = " in example
            row = rows.pop(0)
            assert row.startswith(f"| `{section.header}` `{option.key}` | ")
            assert row.replace("\\|", "").count("|") == 5
    assert rows == []


@given(st.text(st.characters(codec="utf-8")))
def test_a_literal_is_toml(text: str) -> None:
    assert tomllib.loads(f"x = {options.literal({'y': [text, 7]})}") == {"x": {"y": [text, 7]}}
