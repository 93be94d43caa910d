"""The configuration: what a file says, and where it is looked for."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from refundtracker import config
from refundtracker.config import Account, Config, Region, Senders, Smtp, SummaryPlan
from refundtracker.errors import BadConfig
from refundtracker.paths import SYSTEM_CONFIG

FULL = """
[region]
country = "KR"
timezone = "Asia/Seoul"
language = "ko"
days_off = ["2026-06-03", 2026-07-17]
days_on = ["2026-02-14"]

[[account]]
name = "home"
host = "IMAP.naver.com"
port = 993
tls = "tls"
user = "me@naver.com"
password = { file = "secrets/imap" }
folders = ["INBOX", "SMS", "INBOX"]
authserv = ["mx.naver.com"]
lookback_days = 90
poll_minutes = 5
max_mail_mb = 10
ca_file = "ca.pem"

[[account]]
name = "work"
host = "127.0.0.1"
tls = "none"
user = "me"
oauth = "google"
authserv = []

[senders]
allowed = ["Me@Naver.com", "phone@example.com", "me@naver.com"]
forwarders = ["Example.ORG"]

[summary]
to = "Me@naver.com"
day = "Friday"
time = 07:30:00

[smtp]
host = "smtp.naver.com"
user = "me@naver.com"
password = { env = "SMTP_PASSWORD" }

[storage]
database = "/srv/refunds.db"
forms = "my-forms"
"""

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


class TestWhatIsRead:
    def test_region(self, file: Path) -> None:
        found = loaded(file, FULL).region

        assert found == Region(
            "KR",
            ZoneInfo("Asia/Seoul"),
            "ko",
            frozenset({dt.date(2026, 6, 3), dt.date(2026, 7, 17)}),
            frozenset({dt.date(2026, 2, 14)}),
        )

    def test_accounts(self, file: Path) -> None:
        """Names are compared in lower case, repetitions fall away, paths start beside the file."""
        home, work = loaded(file, FULL).accounts

        assert home.password is not None
        assert home.password.target == (str(file.parent / "secrets/imap"),)
        assert home == Account(
            name="home",
            host="imap.naver.com",
            user="me@naver.com",
            password=home.password,
            folders=("INBOX", "SMS"),
            authserv=("mx.naver.com",),
            lookback_days=90,
            poll_minutes=5,
            max_mail_mb=10,
            ca_file=file.parent / "ca.pem",
        )
        assert work == Account(name="work", host="127.0.0.1", port=143, tls="none", user="me", oauth="google")

    def test_mail(self, file: Path) -> None:
        found = loaded(file, FULL)

        assert found.senders == Senders(("me@naver.com", "phone@example.com"), ("example.org",))
        assert found.summary == SummaryPlan("Me@naver.com", "friday", dt.time(7, 30))
        assert found.smtp is not None
        assert found.smtp == Smtp(
            host="smtp.naver.com", user="me@naver.com", password=found.smtp.password, sender="me@naver.com"
        )

    def test_places(self, file: Path) -> None:
        found = loaded(file, FULL)

        assert (found.path, found.database) == (file, Path("/srv/refunds.db"))
        assert found.forms_dir == file.parent / "my-forms"

    def test_an_empty_file_is_the_default(self, file: Path) -> None:
        assert loaded(file, "") == Config(path=file)

    def test_a_relative_file_is_found_again_from_elsewhere(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file.write_text(FULL, encoding="utf-8")
        monkeypatch.chdir(file.parent)

        assert config.load(Path(file.name)) == config.load(file)

    def test_a_file_with_a_byte_order_mark(self, file: Path) -> None:
        """Editors on Windows write one."""
        file.write_bytes(b"\xef\xbb\xbf" + FULL.encode())

        assert len(config.load(file).accounts) == 2

    def test_home_is_expanded(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/me")

        assert loaded(file, '[storage]\ndatabase = "~/r.db"').database == Path("/home/me/r.db")

    @pytest.mark.parametrize(
        ("country", "zone"), [("KR", "Asia/Seoul"), ("ru", "Europe/Moscow"), ("AQ", "UTC")]
    )
    def test_the_zone_follows_the_country(self, file: Path, country: str, zone: str) -> None:
        assert loaded(file, f'[region]\ncountry = "{country}"').region.timezone == ZoneInfo(zone)

    @pytest.mark.parametrize(("tls", "port"), [("tls", 993), ("starttls", 143)])
    def test_the_port_follows_the_encryption(self, file: Path, tls: str, port: int) -> None:
        assert loaded(file, f'{ACCOUNT}\ntls = "{tls}"').accounts[0].port == port

    @pytest.mark.parametrize(("tls", "port"), [("tls", 465), ("starttls", 587), ("none", 25)])
    def test_the_port_of_sending_follows_the_encryption(self, file: Path, tls: str, port: int) -> None:
        found = loaded(file, f'[smtp]\nhost = "localhost"\ntls = "{tls}"').smtp

        assert found == Smtp(host="localhost", port=port, tls=tls)  # type: ignore[arg-type]

    def test_a_login_name_is_no_sender(self, file: Path) -> None:
        """The From line then carries the address the summary goes to."""
        text = '[summary]\nto = "me@a.b"\n[smtp]\nhost = "a.b"\nuser = "me"\npassword = { env = "P" }'
        found = loaded(file, text).smtp

        assert found is not None
        assert found.sender == "me@a.b"

    def test_a_known_provider_brings_its_ids(self, file: Path) -> None:
        from refundparsers.presets import PRESETS

        host, ids = next(iter(PRESETS.items()))
        text = ACCOUNT.replace("authserv = []", "").replace("imap.example.com", host.upper())

        assert loaded(file, text).accounts[0].authserv == tuple(ids)

    def test_an_unknown_provider_has_none(self, file: Path) -> None:
        assert loaded(file, ACCOUNT.replace("authserv = []", "")).accounts[0].authserv == ()


class TestUnreadableFiles:
    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"[region]\ncountry = KR\n", "the file is not valid TOML: Invalid value (at line 2, column 11)"),
            (b"[region]\nx = '\xff'", "the file is not UTF-8 text (at byte 14); save it again as UTF-8"),
            (b"x = " + b"[" * 9999, "the file is nested too deeply to be a configuration"),
            (b"x = " + b"9" * 9999, "the file is not valid TOML: "),
        ],
    )
    def test_no_toml(self, file: Path, content: bytes, problem: str) -> None:
        file.write_bytes(content)
        with pytest.raises(BadConfig) as caught:
            config.load(file)

        (found,) = caught.value.problems
        assert found.startswith(problem)

    def test_a_directory(self, tmp_path: Path) -> None:
        with pytest.raises(BadConfig, match="the file cannot be read: Is a directory"):
            config.load(tmp_path)

    def test_a_missing_file(self, file: Path) -> None:
        with pytest.raises(BadConfig, match="the file cannot be read: No such file or directory"):
            config.load(file)


class TestFinding:
    def test_order(self, tmp_path: Path) -> None:
        """The option comes before the variable, the variable before the user's own directory."""
        option, variable, own = (
            tmp_path / name for name in ("a.toml", "b.toml", "refundtracker/config.toml")
        )
        own.parent.mkdir()
        for path in (option, variable, own):
            path.touch()
        environ = {"XDG_CONFIG_HOME": str(tmp_path), "REFUNDS_CONFIG": str(variable)}

        assert config.find(option, environ) == option
        assert config.find(None, environ) == variable
        assert config.find(None, environ | {"REFUNDS_CONFIG": ""}) == own

    def test_home(self, tmp_path: Path) -> None:
        own = tmp_path / ".config/refundtracker/config.toml"
        own.parent.mkdir(parents=True)
        own.touch()

        assert config.find(None, {"HOME": str(tmp_path)}) == own

    @pytest.mark.parametrize("explicit", [True, False])
    def test_a_named_file_that_is_missing(self, tmp_path: Path, explicit: bool) -> None:  # noqa: FBT001
        """Silently taking another file would hide the mistake."""
        missing = tmp_path / "no.toml"
        environ = {} if explicit else {"REFUNDS_CONFIG": str(missing)}

        with pytest.raises(BadConfig, match=r"no\.toml: 1 problem\n  there is no such file"):
            config.find(missing if explicit else None, environ)

    @pytest.mark.skipif(SYSTEM_CONFIG.exists(), reason="this machine has a system-wide configuration")
    def test_without_any_file(self, tmp_path: Path) -> None:
        """`refunds read` works on a machine that has no configuration."""
        environ = {"HOME": str(tmp_path)}

        assert config.find(None, environ) is None
        assert config.load_or_default(None, environ) == Config()

    def test_load_or_default_loads(self, file: Path) -> None:
        file.write_text(FULL, encoding="utf-8")

        assert config.load_or_default(file, {}) == config.load(file)


def test_the_import_is_light() -> None:
    """`refunds list` pays for it on each call."""
    code = """
import sys
from pathlib import Path
import tomllib, dataclasses, zoneinfo
before = set(sys.modules)
from refundtracker import config
config.load(Path(sys.argv[1]))
print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))
"""
    found = subprocess.run(
        [sys.executable, "-c", code, "/dev/null"],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {
        "refundparsers",
        "subprocess",
        "difflib",
        "json",
        "ipaddress",
        "keyring",
        "ssl",
        "socket",
        "logging",
    }

    assert set(found.stdout.split()) & heavy == set()


def test_windows_keep_only_what_is_other_than_shipped(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[windows]\nmethod = "check-card"\ncard = [7, 10, 20]\ncheck-card = [2, 4, 8]\n')
    plan = config.load(file).windows

    assert (plan.method, list(plan.own)) == ("check-card", ["check-card"])
    assert plan.own["check-card"].source == "user"
    assert [getattr(plan.own["check-card"], name) for name in ("due", "overdue", "escalate")] == [2, 4, 8]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("card = [7, 10]", "card must be three rising numbers of business days"),
        ("card = [10, 7, 20]", "each is at least the one before it"),
        ("card = [0, 7, 20]", "card must be three rising numbers"),
        ('card = ["7", 10, 20]', "card must be three rising numbers"),
        ("paypall = [1, 2, 3]", 'did you mean "paypal"?'),
        ('method = "cheque"', "method must be"),
    ],
)
def test_wrong_windows_are_told_with_their_key(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[windows]\n{line}\n")
    with pytest.raises(BadConfig) as caught:
        config.load(file)

    assert said in str(caught.value)
    assert "windows: " in str(caught.value)
