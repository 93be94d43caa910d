"""`refunds forms import`: a stranger's file is tried, shown, and refused for what it must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
import tomli_w

from rigs import sample
from rigs.commands import Home

if TYPE_CHECKING:
    from pathlib import Path

READING: Final = ("--allow", sample.ME, "--authserv", sample.AUTHSERV)
FORM: Final[dict[str, object]] = {
    "name": "shared.fertig",
    "kind": "dispute-finished",
    "source": "aliexpress",
    "evidence": "taught",
    "subject": "Neues zum Fall {order}",
    "text": "Alles ist vorbei",
    "find": ["Auszahlung {money}"],
    "example": [
        {
            "subject": "Neues zum Fall 8012345678901234",
            "text": "Alles ist vorbei\nAuszahlung US $5.20",
            "gives": {"order": "8012345678901234", "amount": "5.20", "currency": "USD"},
        }
    ],
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    user = Home(tmp_path)
    user.write_config()
    raw = sample.aliexpress(
        "Neues zum Fall 8012345678905555", "Alles ist vorbei\nAuszahlung US $9.99", "2026-05-12 04:22"
    )
    (tmp_path / "a.eml").write_bytes(raw)
    user.run("refunds", "import", tmp_path / "a.eml", *READING)
    return user


def written(home: Home, file: str = "theirs.toml", /, **changes: object) -> Path:
    """A file of one form, with changes."""
    path = home.place / file
    path.write_text(tomli_w.dumps({"form": [{**FORM, **changes}]}), encoding="utf-8")
    return path


def test_what_it_would_change_is_shown_before(home: Home) -> None:
    shown = home.run("refunds", "forms", "import", written(home), "--dry-run", "--json", *READING).json

    assert [(each["before"], each["after"]) for each in shown["effects"]] == [("unread", "notice")]
    assert ([form["name"] for form in shown["forms"]], shown["kept"]) == (["shared.fertig"], None)
    assert not (home.place / "forms").exists()


def test_nothing_is_kept_without_a_word(home: Home) -> None:
    said = home.run("refunds", "forms", "import", written(home), *READING, status=2).err

    assert "--yes" in said
    assert not (home.place / "forms").exists()


def test_kept_forms_are_listed_and_tested(home: Home) -> None:
    home.run("refunds", "forms", "import", written(home), "--yes", *READING)

    assert home.run("refunds", "forms", "test", "shared.fertig").out.startswith("1 of 1")
    assert "shared.fertig" in home.run("refunds", "forms").out


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "../../evil"}, "no name for a form"),
        ({"name": "own.\x1b[2J"}, "no name for a form"),
        ({"text": "Alles \x1b[31mist vorbei"}, "U+001B"),
        ({"text": "Alles \u202eist vorbei"}, "U+202E"),
        ({"text": "x" * 5000}, "more than 4000"),
        ({"example": []}, "no example"),
        ({"find": ["Auszahlung {nope}"]}, "{nope}"),
        ({"kind": "give-me-money"}, "give-me-money"),
        ({"find": ["Summe {money}"]}, "own example"),
        ({"name": "aliexpress.dispute-finished.en"}, "is there already"),
    ],
)  # fmt: skip
def test_what_a_stranger_must_not_do(home: Home, changes: dict[str, object], said: str) -> None:
    answer = home.run("refunds", "forms", "import", written(home, **changes), "--yes", *READING, status=65)

    assert said in answer.err
    assert "\x1b" not in answer.err
    assert not (home.place / "forms").exists()


def test_a_collision_names_both_forms(home: Home) -> None:
    home.run("refunds", "forms", "import", written(home), "--yes", *READING)
    other = written(home, "other.toml", name="shared.anders", kind="proposal")

    said = home.run("refunds", "forms", "import", other, "--yes", *READING, status=65).err

    assert "shared.fertig" in said
    assert "shared.anders" in said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not = [toml", "theirs.toml"),
        (b"\xff\xfe", "theirs.toml"),
        (b"", "[[form]]"),
        (b"form = []", "holds 0 forms"),
        (b"[[label]]\nname = 'order'", "nothing else"),
        (b"#" * (2 << 20), "larger than"),
    ],
    ids=["broken", "binary", "empty", "none", "labels", "huge"],
)
def test_what_is_no_file_of_forms(home: Home, data: bytes, said: str) -> None:
    path = home.place / "theirs.toml"
    path.write_bytes(data)

    assert said in home.run("refunds", "forms", "import", path, "--yes", *READING, status=65).err
