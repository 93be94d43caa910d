"""`refunds` and `refundd` as people and scripts use them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from rigs import sample
from rigs.commands import Home

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.dovecot import Dovecot

READING = ("--allow", sample.ME, "--authserv", sample.AUTHSERV)
HOSTILE = {
    "empty": b"",
    "random": bytes(range(256)) * 64,
    "nested": b"From: transaction@notice.aliexpress.com\nMIME-Version: 1.0\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000))
    + b"\ntext\n",
    "charset": sample.FINISHED.replace(b'charset="utf-8"', b'charset="no-such-thing"'),
    "date": sample.FINISHED.replace(b"Date: ", b"Date: the day after "),
    "large": sample.FINISHED.replace(
        b"MIME-Version: 1.0", b"MIME-Version: 1.0\r\nX-Filler: " + b"\r\n ".join([b"A" * 70] * 430_000), 1
    ),
    "headers": b"From: transaction@notice.aliexpress.com\nFrom: x@evil.example\nSubject: \xff\xfe\n\n\x1b[2J",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    user = Home(tmp_path)
    user.write_config()
    return user


@pytest.fixture
def filled(home: Home) -> Home:
    """A home whose database holds the story and its surroundings."""
    box = home.place / "mails"
    box.mkdir()
    for number, raw in enumerate((*sample.STORY, *sample.OTHERS)):
        (box / f"{number}.eml").write_bytes(raw)
    home.run("refunds", "import", box, *READING)
    return home


def test_read_prints_the_contract(home: Home) -> None:
    (home.place / "x.eml").write_bytes(sample.FINISHED)

    (line,) = home.run("refunds", "read", "--json", "x.eml", *READING).out.splitlines()
    answer = json.loads(line)

    assert list(answer) == ["mail", "outcome", "reason", "trust", "notices"]
    assert answer["mail"] | {"sha256": ""} == {
        "path": "x.eml",
        "message_id": "2026-05-1204221@notice.aliexpress.com",
        "from": "transaction@notice.aliexpress.com",
        "subject": "Dispute Finished",
        "date": "2026-05-12T04:22:00Z",
        "sha256": "",
    }
    assert (answer["outcome"], answer["reason"], answer["trust"]) == ("notice", None, "verified")
    assert answer["notices"] == [
        {
            "kind": "dispute-finished",
            "source": "aliexpress",
            "form": "aliexpress.dispute-finished.en",
            "order": sample.ORDER,
            "dispute": None,
            "item": None,
            "seller": None,
            "result": None,
            "amount": "7000",
            "currency": "KRW",
            "issuer": None,
            "card": None,
            "merchant": None,
            "on": "2026-05-12",
            "at": "2026-05-12T04:22:00Z",
            "act_by": None,
            "reference": None,
        }
    ]


def test_read_takes_standard_input(home: Home) -> None:
    answer = home.run("refunds", "read", "-", "--json", *READING, stdin=sample.CANCELLED).json

    assert [notice["kind"] for notice in answer["notices"]] == ["card-cancelled"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_have_an_outcome(home: Home, name: str) -> None:
    (home.place / "x.eml").write_bytes(HOSTILE[name])

    answer = home.run("refunds", "read", "x.eml", "--json", *READING).json
    home.run("refunds", "import", "x.eml", *READING)
    shown = home.run("refunds", "read", "x.eml", *READING).out

    assert answer["outcome"] in ("notice", "ignored", "not-ours", "unread", "untrusted", "unparsable")
    assert "\x1b" not in shown


def test_import_twice_changes_nothing(filled: Home) -> None:
    before = filled.run("refunds", "list", "--json").out
    again = filled.run("refunds", "import", filled.place / "mails", *READING, "--json").json

    assert (again["new"], again["known"]) == (0, len(sample.STORY) + len(sample.OTHERS))
    assert filled.run("refunds", "list", "--json").out == before


def test_every_mail_has_one_outcome(filled: Home) -> None:
    outcomes: list[str] = [mail["outcome"] for mail in filled.run("refunds", "mail", "--json").json]

    assert sorted(outcomes) == ["ignored"] * 2 + ["not-ours"] * 2 + ["notice"] * 4 + ["untrusted"]
    assert [
        mail["outcome"] for mail in filled.run("refunds", "mail", "--outcome", "untrusted", "--json").json
    ] == ["untrusted"]


@pytest.mark.parametrize(
    "words",
    [
        ["--as-of", "2026-05-13", "list", "--json"],
        ["list", "--json", "--as-of", "2026-05-13"],
        ["--json", "--as-of", "2026-05-13"],
    ],
)
def test_global_options_before_and_after_the_verb(filled: Home, words: list[str]) -> None:
    assert [each["state"] for each in filled.run("refunds", *words).json] == ["paid"]


def test_state_filter_and_csv(filled: Home) -> None:
    assert filled.run("refunds", "list", "--state", "overdue", "--json").json == []
    assert filled.run("refunds", "list", "--csv").out.splitlines()[1].startswith(f"1,{sample.ORDER},")


@pytest.mark.parametrize("ref", ["1", sample.ORDER])
def test_show_and_why_by_any_name(filled: Home, ref: str) -> None:
    assert filled.run("refunds", "show", ref, "--json").json["id"] == 1
    why = filled.run("refunds", "why", ref, "--json").json

    assert [day["off"] for day in why["days"] if day["day"] == "2026-05-25"] != [None]
    assert [day["day"] for day in why["days"] if day["number"] == 7] == ["2026-05-21"]


def test_korean(filled: Home) -> None:
    assert "환불 완료" in filled.run("refunds", "--lang", "ko").out
    assert "환불" in filled.run("refunds", "summary", "--lang", "ko").out


def test_summary_as_html(filled: Home) -> None:
    filled.run("refunds", "summary", "--html", "summary.html", "--as-of", "2026-05-20")

    assert "M3 볼트 너트 세트" in (filled.place / "summary.html").read_text()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["show", "99"], 65, "no dispute '99'"),
        (["lst"], 2, "did you mean list?"),
        (["list", "--as-of", "yesterday"], 2, "'yesterday' is no day; write it as 2026-05-21"),
        (["read", "nowhere.eml"], 2, "nowhere.eml"),
        (["list", "--config", "nowhere.toml"], 78, "nowhere.toml"),
        (["--db", "nowhere.db"], 65, "refunds import"),
        (["summary", "--send"], 78, "[summary]"),
    ],
)
def test_errors_are_sentences(filled: Home, words: list[str], status: int, said: str) -> None:
    answer = filled.run("refunds", *words, status=status)

    assert said in answer.err
    assert answer.out == ""


def test_a_foreign_file_is_no_database(filled: Home) -> None:
    (filled.place / "text.db").write_text("this is not a database, only a text that is long enough\n" * 20)

    assert "text.db" in filled.run("refunds", "--db", "text.db", status=74).err


@pytest.mark.parametrize("verb", [[], ["list", "--json"], ["show", "1"], ["overdue"]])
def test_quick_verbs_import_nothing_heavy(filled: Home, verb: list[str]) -> None:
    """What a verb imports is its price: mail, holidays and servers are not the list's business."""
    code = (
        "import sys\nfrom refundtracker.cli.common import run\n"
        "from refundtracker.cli.refunds import refunds\n"
        f"run(refunds, 'refunds', {verb!r})\nprint(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=filled.environment(),
        cwd=filled.place,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.split())

    heavy: set[str] = {
        "sqlite_utils",
        "mailparser",
        "imapclient",
        "holidays",
        "schedule",
        "jinja2",
        "babel",
        "re2",
        "selectolax",
    }
    assert not heavy & loaded
    assert "rich" not in loaded or "--json" not in verb


def test_no_account_is_a_problem_of_the_configuration(home: Home) -> None:
    assert "[[account]]" in home.run("refundd", "run", "--once", status=78).err


def test_full_disk_is_told(home: Home) -> None:
    """/dev/full answers every write as a full disk does."""
    (home.place / "x.eml").write_bytes(sample.FINISHED)
    answer: Any = home.run("refunds", "import", "x.eml", "--db", "/dev/full", *READING, status=74)

    assert "/dev/full" in answer.err


def test_a_directory_without_mails_is_told(home: Home) -> None:
    """Silence would look as if all had been read."""
    (home.place / "empty").mkdir()

    for verb in ("read", "import"):
        assert "no mail was found in empty" in home.run("refunds", verb, "empty").err


def test_a_sweep_without_a_believed_server_warns(home: Home, dovecot: Dovecot) -> None:
    """Nobody's verdict counts, so no dispute will ever appear; that is said at once."""
    home.write_config(dovecot)
    home.config.write_text(home.config.read_text().replace('authserv = ["mx.example.net"]', ""))
    for raw in sample.STORY:
        dovecot.deliver(raw)
    told = home.run("refundd", "run", "--once")

    assert "home: mails of AliExpress count for nothing until authserv names the server" in told.err


def test_a_list_of_no_mails_is_a_sentence(home: Home) -> None:
    (home.place / "empty").mkdir()
    home.run("refunds", "import", "empty")

    assert home.run("refunds", "mail").out == "No mails yet.\n"
    assert home.run("refunds", "mail", "--lang", "ko").out == "아직 메일이 없어요.\n"


def test_reasons_in_korean(home: Home) -> None:
    (home.place / "letter.eml").write_bytes(b"From: Friend <friend@example.com>\n\nhello\n")

    assert "확인 대상이 아닌 발신자" in home.run("refunds", "read", "letter.eml", "--lang", "ko").out
