"""From one sample to a form: taught, tried on everything, applied to the past, shared."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from rigs import sample
from rigs.commands import Home

if TYPE_CHECKING:
    from pathlib import Path

READING = ("--allow", sample.ME, "--authserv", sample.AUTHSERV)
ORDERS = {"8012345678901234": "US $5.20", "8012345678907777": "US $11.05", "8012345678908888": "US $0.99"}
SAID = (
    *("--kind", "dispute-finished", "--set", "order=8012345678901234"),
    *("--set", "amount=5.20", "--set", "currency=USD", "--set", "item=ESP32 Board"),
)


def finished(order: str, amount: str, item: str = "ESP32 Board") -> bytes:
    """A wording that no shipped form knows."""
    text = (
        f"Hallo Kim,\nIhr Streitfall wurde beendet und das Geld ist unterwegs.\nArtikel: {item}\n"
        f"Auszahlung an Sie\n{amount}\nDas könnte Ihnen gefallen\nUSB-Kabel US $1.20"
    )
    return sample.aliexpress(f"Neuigkeiten zum Streitfall {order}", text, "2026-05-12 04:22", number=order)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose database holds three mails that nobody can read yet."""
    user = Home(tmp_path)
    user.write_config()
    for order, amount in ORDERS.items():
        (tmp_path / f"{order}.eml").write_bytes(finished(order, amount))
    user.run("refunds", "import", *tmp_path.glob("*.eml"), *READING)
    return user


def states(home: Home) -> dict[str, str]:
    return {each["order"]: each["promised"]["amount"] for each in home.run("refunds", "list", "--json").json}


def test_one_sample_reads_the_rest(home: Home) -> None:
    assert states(home) == {}

    taught = home.run("refunds", "teach", "8012345678901234.eml", *SAID, "--yes", "--json", *READING).json
    assert [(effect["before"], effect["after"]) for effect in taught["effects"]] == [("unread", "notice")] * 3
    home.run("refunds", "reread", "--yes", *READING)

    assert states(home) == {
        "8012345678901234": "5.20",
        "8012345678907777": "11.05",
        "8012345678908888": "0.99",
    }


def test_a_mail_of_the_database_can_be_the_sample(home: Home) -> None:
    unread = home.run("refunds", "mail", "--outcome", "unread", "--json").json
    number = next(mail["id"] for mail in unread if "8012345678901234" in mail["subject"])

    home.run("refunds", "teach", str(number), *SAID, "--yes", "--name", "own.fertig", *READING)

    assert (home.place / "forms" / "own.fertig.toml").exists()


def test_dry_run_keeps_nothing(home: Home) -> None:
    home.run("refunds", "teach", "8012345678901234.eml", *SAID, "--dry-run", *READING)

    assert not (home.place / "forms").exists()


def test_reread_shows_before_it_changes(home: Home) -> None:
    home.run("refunds", "teach", "8012345678901234.eml", *SAID, "--yes", *READING)

    shown = home.run("refunds", "reread", "--dry-run", "--json", *READING).json

    assert (len(shown["mails"]), len(shown["after"]), shown["applied"]) == (3, 3, False)
    assert states(home) == {}


def test_the_example_tells_nothing_private(home: Home) -> None:
    home.run("refunds", "teach", "8012345678901234.eml", *SAID, "--yes", "--name", "own.fertig", *READING)
    kept = (home.place / "forms" / "own.fertig.toml").read_text()

    assert not [secret for secret in ("8012345678901234", "ESP32", sample.ME) if secret in kept]
    assert home.run("refunds", "forms", "test", "own.fertig").out.startswith("1 of 1")


def test_forms_are_shared(home: Home, tmp_path: Path) -> None:
    home.run("refunds", "teach", "8012345678901234.eml", *SAID, "--yes", "--name", "own.fertig", *READING)
    home.run("refunds", "forms", "export", "own.fertig", "-o", "shared.toml")
    other = Home(tmp_path / "other")
    other.place.mkdir()
    other.write_config()

    other.run("refunds", "forms", "import", home.place / "shared.toml", "--yes")
    again = other.run("refunds", "forms", "import", home.place / "shared.toml", "--yes", status=65)

    assert "own.fertig" in [form["name"] for form in other.run("refunds", "forms", "--json").json]
    assert "own.fertig" in again.err
    assert tomllib.loads((other.place / "forms/shared.toml").read_text())["form"][0]["evidence"] == "taught"


def test_taught_to_be_ignored(home: Home) -> None:
    home.run("refunds", "teach", "8012345678901234.eml", "--ignore", "--yes", *READING)
    home.run("refunds", "reread", "--yes", *READING)

    assert {mail["outcome"] for mail in home.run("refunds", "mail", "--json").json} == {"ignored"}


def test_a_text_of_an_unknown_issuer(home: Home) -> None:
    text = (
        "[Web발신]\n새마을카드(5*6*)결제취소 안내\n홍*동님\n12,300원\n05/19 10:01\nALIEXPRESS\n잔액 1,234원"
    )
    other = text.replace("12,300", "9,990").replace("05/19 10:01", "06/02 23:59").replace("5*6*", "1*2*")
    (home.place / "a.eml").write_bytes(sample.card_text(text, "2026-05-19 01:02"))
    (home.place / "b.eml").write_bytes(sample.card_text(other, "2026-06-02 15:00"))
    said = (
        "amount=12300",
        "currency=KRW",
        "on=2026-05-19",
        "merchant=ALIEXPRESS",
        "card=5*6*",
        "issuer=kr.saemaul",
    )
    words = [word for value in said for word in ("--set", value)]

    home.run("refunds", "teach", "a.eml", "--kind", "card-cancelled", *words, "--yes", *READING)
    (notice,) = home.run("refunds", "read", "b.eml", "--json", *READING).json["notices"]

    assert {key: notice[key] for key in ("amount", "card", "on", "at", "merchant", "issuer")} == {
        "amount": "9990",
        "card": "1*2*",
        "on": "2026-06-02",
        "at": "2026-06-02T14:59:00Z",
        "merchant": "ALIEXPRESS",
        "issuer": "kr.saemaul",
    }


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--kind", "dispute-finished", "--set", "amount=7.77", "--set", "currency=USD"), 65, "US $5.20"),
        (("--kind", "dispute-finished", "--set", "amount=5.20"), 2, "currency"),
        (("--kind", "dispute-finished", "--set", "amout=5.20"), 2, "amout"),
        (("--kind", "dispute-finished", "--set", "item=Something else"), 65, "item"),
        (("--kind", "dispute-finished", "--set", "on=soon"), 2, "2026-05-12"),
        (("--kind", "dispute-done",), 2, "dispute-done"),
        ((), 2, "--kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_taught_is_said(home: Home, words: tuple[str, ...], status: int, said: str) -> None:
    answer = home.run("refunds", "teach", "8012345678901234.eml", *words, "--yes", *READING, status=status)

    assert said in answer.err
    assert not (home.place / "forms").exists()


def test_a_collision_names_both(home: Home) -> None:
    """The same wording taught as two kinds of notice."""
    home.run("refunds", "teach", "8012345678901234.eml", *SAID, "--yes", "--name", "own.first", *READING)
    second = ("--kind", "proposal", *SAID[2:], "--yes", "--name", "own.second", *READING)

    said = home.run("refunds", "teach", "8012345678907777.eml", *second, status=65).err
    both = home.run("refunds", "teach", "8012345678901234.eml", *second, status=65).err

    assert "5.20" in said
    assert "own.first" in both
    assert "own.second" in both


def test_what_is_read_already_needs_no_teaching(home: Home) -> None:
    (home.place / "known.eml").write_bytes(sample.FINISHED)
    words = ("--kind", "dispute-finished", "--set", "amount=7000", "--set", "currency=KRW", "--yes")

    said = home.run("refunds", "teach", "known.eml", *words, *READING, status=65).err

    assert "aliexpress.dispute-finished.en" in said
