"""The configuration file: how its mistakes are told."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundtracker import config, options
from refundtracker.config import Config
from refundtracker.errors import BadConfig

if TYPE_CHECKING:
    from pathlib import Path

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


def problems_of(file: Path, text: str) -> tuple[str, ...]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadConfig) as caught:
        config.load(file)
    return caught.value.problems


def loaded(file: Path, text: str) -> Config:
    file.write_text(text, encoding="utf-8")
    return config.load(file)


class TestProblems:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("country = 'KOR'", 'country must be a country code of two letters such as "KR", not "KOR"'),
            ("country = 82", 'country must be a country code of two letters such as "KR", not 82'),
            (
                "timezone = 'Asia/Soeul'",
                'such as "Asia/Seoul", not "Asia/Soeul"; did you mean "Asia/Seoul"?',
            ),
            ("timezone = '../../etc/passwd'", 'timezone must be a time zone such as "Asia/Seoul"'),
            ("timezone = 'Asia'", 'timezone must be a time zone such as "Asia/Seoul", not "Asia"'),
            ("language = 'de'", 'language must be "ko" or "en", not "de"'),
            ("days_off = '2026-06-03'", "write it in square brackets"),
            ("days_off = ['2026-02-30']", '"2026-02-30" in it is wrong (there is no such day)'),
            ("days_off = ['3 June']", '"3 June" in it is wrong'),
            ("days_off = [2026-06-03T00:00:00]", "2026-06-03 00:00:00 in it is wrong"),
            (
                "days_off = ['2026-06-03']\ndays_on = [2026-06-03]",
                "2026-06-03 is in days_off and in days_on; take it out of one of them",
            ),
            ("contry = 'KR'", 'unknown key "contry"; did you mean "country"?'),
            ("poll_minutes = 5", 'unknown key "poll_minutes"; it belongs to [[account]]'),
            ("colour = 5", 'unknown key "colour"; known are country, timezone, language, days_off, days_on'),
        ],
    )
    def test_region(self, file: Path, text: str, problem: str) -> None:
        (found,) = problems_of(file, f"[region]\n{text}")

        assert found.startswith("region: ")
        assert problem in found

    @pytest.mark.parametrize(
        ("key", "value", "problem"),
        [
            ("port", "'993'", 'port must be a whole number from 1 to 65535, not "993"'),
            ("port", "true", "port must be a whole number from 1 to 65535, not true"),
            ("port", "99.3", "port must be a whole number from 1 to 65535, not 99.3"),
            (
                "port",
                "0x" + "f" * 9999,
                "port must be a whole number from 1 to 65535, not a very large number",
            ),
            ("tls", "'ssl'", 'tls must be "tls", "starttls" or "none", not "ssl"'),
            ("tls", "'none'", 'tls = "none" would send the password in the clear to another machine; '),
            ("host", "'imaps://imap.example.com'", "leave out the scheme and the port"),
            ("host", "'imap.example.com:993'", "leave out the scheme and the port"),
            ("host", "'imap..example.com'", "host must be a host name"),
            ("host", "'" + "a" * 64 + ".com'", 'aaaa"...'),
            ("host", "''", 'not ""; it is empty'),
            (
                "host",
                '"a.b\\r\\nX: y"',
                'not "a.b\\r\\nX: y"; it has a line break or another control character',
            ),
            ("user", '"me\\u001b[2J"', 'not "me\\x1b[2J"; it has a line break or another control character'),
            ("user", "['me']", "user must be a text, not a list"),
            ("folders", "[]", "it needs at least 1"),
            ("folders", "'INBOX'", "write it in square brackets"),
            ("folders", "[1]", "1 in it is wrong"),
            ("lookback_days", "0", "lookback_days must be a whole number from 1 to 3650, not 0"),
            ("ca_file", "{}", "ca_file must be a path; a relative one starts at the directory of this file"),
            ("oauth", "'google'", "password and oauth are both set; keep the one you sign in with"),
            ("prot", "993", 'unknown key "prot"; did you mean "port"?'),
            ("password", "'hunter2'", "password must not stand in this file itself; say where it is kept: "),
        ],
    )
    def test_account(self, file: Path, key: str, value: str, problem: str) -> None:
        lines = [line for line in ACCOUNT.splitlines() if not line.startswith(f"{key} =")]
        (found,) = problems_of(file, "\n".join([*lines, f"{key} = {value}"]))

        assert found.startswith('account[1] "home": ')
        assert problem in found

    @pytest.mark.parametrize(
        ("key", "problem"),
        [
            ("name", 'account[1]: name is missing; write name = "home"'),
            ("host", 'account[1] "home": host is missing; write host = "imap.example.com"'),
            ("user", 'account[1] "home": user is missing; write user = "me@example.com"'),
            (
                "password",
                'account[1] "home": password is missing; write password = { file = "imap-password" }, or',
            ),
        ],
    )
    def test_what_an_account_needs(self, file: Path, key: str, problem: str) -> None:
        lines = [line for line in ACCOUNT.splitlines() if not line.startswith(f"{key} =")]
        (found,) = problems_of(file, "\n".join(lines))

        assert found.startswith(problem)

    def test_names_are_unique(self, file: Path) -> None:
        assert problems_of(file, ACCOUNT + ACCOUNT) == (
            'account: the name "home" is used twice; give each mailbox its own',
        )

    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1"])
    def test_plain_text_to_this_machine(self, file: Path, host: str) -> None:
        text = ACCOUNT.replace("imap.example.com", host) + 'tls = "none"'

        assert loaded(file, text).accounts[0].tls == "none"

    @pytest.mark.parametrize("host", ["localhost.example.com", "128.0.0.1", "10.0.0.1", "::2", "a.localhost"])
    def test_no_plain_text_to_others(self, file: Path, host: str) -> None:
        """A password is never sent in the clear over a network."""
        (account,) = problems_of(file, ACCOUNT.replace("imap.example.com", host) + 'tls = "none"')
        (smtp,) = problems_of(file, f'[smtp]\nhost = "{host}"\ntls = "none"')

        assert account.startswith('account[1] "home": tls = "none" would send')
        assert smtp.startswith('smtp: tls = "none" would send')

    @pytest.mark.parametrize(
        "address",
        [
            "me",
            "me@",
            "@a.b",
            "a@b@c",
            "Me <me@a.b>",
            "me@a..b",
            "a b@c.d",
            "me@a.b\\nBcc: x@y.z",
            "a\\u202e@b.c",
        ],
    )
    def test_addresses(self, file: Path, address: str) -> None:
        (allowed,) = problems_of(file, f'[senders]\nallowed = ["{address}"]')
        (to,) = problems_of(file, f'[summary]\nto = "{address}"\n[smtp]\nhost = "a.b"')

        assert allowed.startswith(
            'senders: allowed must be a list of mail addresses such as ["me@example.com"]'
        )
        assert to.startswith('summary: to must be a mail address such as "me@example.com"')

    def test_a_pattern_stands_for_a_whole_domain_that_is_not_open_to_all(self, file: Path) -> None:
        found = loaded(file, '[senders]\nallowed = ["*@sms.example.net", "*@unknown.email"]')
        (part,) = problems_of(file, '[senders]\nallowed = ["010*@sms.example.net"]')
        (everybody,) = problems_of(file, '[senders]\nallowed = ["*@Gmail.com"]')

        assert found.senders.allowed == ("*@sms.example.net", "*@unknown.email")
        assert part.endswith("(a * stands for all that is before the @, or not at all)")
        assert everybody.endswith("(anybody may have an address at gmail.com; name yours)")

    def test_forwarders_are_domains(self, file: Path) -> None:
        (found,) = problems_of(file, '[senders]\nforwarders = ["me@a.b"]')

        assert found.endswith('"me@a.b" in it is wrong (write only what stands behind the @)')

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("day = 'mon'", "day must be"),
            ("time = '8:00'", 'time must be a time of day such as "08:00", not "8:00"'),
            ("time = '24:00'", "time must be a time of day"),
            ("time = 08:00:01", "time must be a time of day"),
            ("time = 2026-01-01T08:00:00", "time must be a time of day"),
        ],
    )
    def test_summary(self, file: Path, text: str, problem: str) -> None:
        (found,) = problems_of(file, f'[summary]\nto = "a@b.c"\n{text}\n[smtp]\nhost = "a.b"')

        assert found.startswith(f"summary: {problem}")

    def test_a_summary_needs_smtp(self, file: Path) -> None:
        assert problems_of(file, '[summary]\nto = "a@b.c"') == (
            "summary: needs the section [smtp], which says how mail is sent",
        )

    def test_user_and_password_of_smtp_come_together(self, file: Path) -> None:
        (one,) = problems_of(file, '[smtp]\nhost = "a.b"\nuser = "me"')
        (other,) = problems_of(file, '[smtp]\nhost = "a.b"\npassword = { env = "P" }')

        assert one.startswith("smtp: password is missing for this user")
        assert other.startswith("smtp: user is missing for this password")

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[acount]\nname = 'x'", 'unknown section "acount"; did you mean "account"?'),
            (
                "[xyz]",
                'unknown section "xyz"; known are [region], [[account]], [senders], [summary], [smtp]',
            ),
            ("country = 'KR'", 'the key "country" stands outside of all sections; it belongs below [region]'),
            ("colour = 'red'", 'the key "colour" stands outside of all sections'),
            ("region = 'KR'", "region: must be a section; write [region] on a line of its own"),
            ("[[senders]]", "senders: must be a section; write [senders] on a line of its own"),
            (
                ACCOUNT.replace("[[account]]", "[account]"),
                "account: must be a section; write [[account]] on a",
            ),
            ("account = [1]", "account: must be a section; write [[account]] on a line of its own"),
        ],
    )
    def test_layout(self, file: Path, text: str, problem: str) -> None:
        (found,) = problems_of(file, text)

        assert found.startswith(problem)

    def test_all_problems_at_once(self, file: Path) -> None:
        """One look at the message is enough to mend the whole file."""
        text = """
            [region]
            country = 1
            [[account]]
            name = "a"
            port = 0
            password = { fiel = "x" }
            [[account]]
            name = "a"
            host = "example.com"
            user = "me"
            tls = "none"
            [summary]
            [smpt]
        """
        starts = [problem.split(";")[0].split(",")[0] for problem in problems_of(file, text)]

        assert starts == [
            'unknown section "smpt"',
            'region: country must be a country code of two letters such as "KR"',
            'account[1] "a": host is missing',
            'account[1] "a": port must be a whole number from 1 to 65535',
            'account[1] "a": user is missing',
            'account[1] "a": password names an unknown source',
            'account[2] "a": tls = "none" would send the password in the clear to another machine',
            'account[2] "a": password is missing',
            'account: the name "a" is used twice',
            "summary: to is missing",
            "summary: needs the section [smtp]",
        ]

    def test_the_message_names_the_file_and_ends_with_78(self, file: Path) -> None:
        file.write_text("[xyz]\n[region]\nlanguage = 1", encoding="utf-8")
        with pytest.raises(BadConfig) as caught:
            config.load(file)

        assert str(caught.value).startswith(f"{file}: 2 problems\n  unknown section")
        assert caught.value.exit_status == 78

    def test_values_of_unknown_keys_are_not_repeated(self, file: Path) -> None:
        """Who mistypes `password` has perhaps written it there."""
        problems = problems_of(file, ACCOUNT + "pasword = 'hunter2'\n[smtp]\nhost = 'a.b'\npw = 'hunter2'")

        assert "hunter2" not in str(problems)


# --- anything at all ------------------------------------------------------------------------------

KEYS = sorted({key for section in options.SECTIONS for key in section.keys})
SCALARS = (
    st.sampled_from(
        ["tls", "none", "localhost", "a@b.c", "KR", "08:00", "~", "~nobody-here/x", "/", "..", "INBOX"]
    )
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.times()
    | st.datetimes()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["file", "command", "env", "credential", "keyring"]) | st.text(max_size=5),
            inner,
            max_size=2,
        )
    ),
    max_leaves=4,
)
TABLES = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), VALUES, max_size=8)
FILES = st.dictionaries(
    st.sampled_from([section.name for section in options.SECTIONS]) | st.text(max_size=8),
    TABLES | st.lists(TABLES, max_size=2) | VALUES,
    max_size=4,
)


def toml(value: Any) -> str:
    """A value as TOML, without the code under test."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(each)}" for key, each in value.items()) + "}"
    return str(value)


@pytest.fixture(scope="module")
def shared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "config.toml"


def judged(file: Path, content: bytes) -> Config | BadConfig:
    file.write_bytes(content)
    try:
        return config.load(file)
    except BadConfig as error:
        return error


@given(content=st.binary() | st.text(st.characters(codec="utf-8")).map(str.encode))
def test_any_bytes_are_a_configuration_or_a_sentence(shared_file: Path, content: bytes) -> None:
    assert isinstance(judged(shared_file, content), Config | BadConfig)


@given(data=FILES)
def test_any_tables_are_a_configuration_or_sentences(shared_file: Path, data: dict[str, Any]) -> None:
    """Whatever is wrong is told in printable lines, and nothing but BadConfig comes out."""
    text = "\n".join(f"{toml(key)} = {toml(value)}" for key, value in data.items())
    found = judged(shared_file, text.encode("utf-8", "replace"))

    if isinstance(found, BadConfig):
        assert found.problems
        assert all(problem.isprintable() for problem in found.problems)


class TestAlarms:
    """[alarms]: who is told, and that no address is told to anybody else."""

    SMTP = "[smtp]\nhost = 'a.b'\nsender = 'from@b.c'\n"

    @pytest.mark.parametrize(
        ("text", "to"),
        [
            ("", None),
            (SMTP, "from@b.c"),
            (SMTP + "[summary]\nto = 'me@b.c'\n", "me@b.c"),
            (SMTP + "[summary]\nto = 'me@b.c'\n[alarms]\nto = 'you@b.c'\n", "you@b.c"),
            (SMTP + "[alarms]\nmail = false\nto = 'you@b.c'\n", None),
            ("[alarms]\nto = 'you@b.c'\n", None),
        ],
    )
    def test_who_gets_the_mails(self, file: Path, text: str, to: str | None) -> None:
        assert loaded(file, ACCOUNT + text).alarm_mail_to == to

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("mail = 'yes'", 'mail must be true or false, not "yes"'),
            ("mail = true", "mail = true needs the section [smtp]"),
            ("urls = 'ntfy://x'", "write it in square brackets"),
            ("urls = ['t0psecret']", "urls[1] must be an address such as"),
            ("urls = ['ntfy://a', 5]", "urls[2] must name exactly one source"),
            ("urls = [{ fiel = 't0psecret' }]", "urls[1] names an unknown source"),
            ("repeat_days = 0", "repeat_days must be a whole number from 1 to 30, not 0"),
        ],
    )
    def test_mistakes_are_told_without_the_address(self, file: Path, text: str, problem: str) -> None:
        (told,) = problems_of(file, f"{ACCOUNT}[alarms]\n{text}\n")

        assert told.startswith("alarms: ")
        assert problem in told
        assert "t0psecret" not in told

    def test_an_address_is_in_no_repr_of_the_configuration(self, file: Path) -> None:
        found = loaded(file, ACCOUNT + "[alarms]\nurls = ['ntfy://t0psecret', { env = 'NTFY' }]\n")

        assert [url.read({"NTFY": "tgram://b/c"}) for url in found.alarms.urls] == [
            "ntfy://t0psecret", "tgram://b/c",
        ]  # fmt: skip
        assert "t0psecret" not in repr(found)
