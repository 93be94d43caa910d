"""Passwords: where they may be kept, what is refused, and that nothing shows them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from refundtracker.errors import BadConfig
from refundtracker.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = 'account[1] "home": password'
PASSWORD = "hunter2 ünd mehr"
ENVIRON = {"PATH": os.environ["PATH"]}


def read(value: object, environ: dict[str, str] | None = None, *, seconds: float = 20) -> str:
    return Secret.from_toml(value, KEY).read(ENVIRON if environ is None else environ, seconds=seconds)


def complaint(value: object, environ: dict[str, str] | None = None, *, seconds: float = 20) -> str:
    """The sentence about a secret that cannot be had; the traceback must not tell the password."""
    with pytest.raises(BadConfig) as caught:
        read(value, environ, seconds=seconds)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.where == KEY
    (problem,) = caught.value.problems
    return problem


def python(code: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Runs code in a process of its own."""
    words = [sys.executable, "-c", f"import sys; from refundtracker.secret import Secret; {code}"]
    environ = {"PYTHONPATH": ":".join(sys.path)}
    return subprocess.run(words, input=typed, env=environ, capture_output=True, text=True, check=False)


def private(path: Path, content: bytes) -> dict[str, str]:
    path.write_bytes(content)
    path.chmod(0o600)
    return {"file": str(path)}


class TestSetUp:
    """What is wrong with the configuration is told before anything is fetched."""

    @pytest.mark.parametrize(
        ("value", "problem"),
        [
            ("hunter2", "must not stand in this file itself; say where it is kept: { file ="),
            (7, "must name exactly one source: { file ="),
            ({}, "must name exactly one source: "),
            ({"file": "hunter2", "env": "hunter2"}, "must name exactly one source: "),
            ({"fiel": "hunter2"}, 'names an unknown source; did you mean "file"?'),
            ({"xyz": "hunter2"}, "names an unknown source; known are { file ="),
            ({"file": 7}, 'needs a path such as "imap-password" after file ='),
            ({"file": "hunter2\n"}, 'needs a path such as "imap-password" after file ='),
            ({"file": "~nobody-is-called-so/x"}, "the home directory behind ~ is not known"),
            ({"command": "echo hunter2"}, 'needs a list of words after command =, such as ["pass", "show"'),
            ({"command": []}, "needs a list of words after command ="),
            ({"command": ["echo", 7]}, "needs a list of words after command ="),
            ({"command": ["echo", "hunter2\0"]}, "needs a list of words after command ="),
            ({"command": ["\x1b[2J", "x"]}, "has a control character in the name of the program"),
            ({"env": "hunter2 = x"}, "needs the name of an environment variable"),
            ({"credential": "../hunter2"}, "needs the name given to LoadCredential= of systemd"),
            ({"credential": ".."}, "needs the name given to LoadCredential= of systemd"),
            ({"keyring": "hunter2"}, 'needs "service/user" after keyring ='),
            ({"keyring": "hunter2/"}, 'needs "service/user" after keyring ='),
            ({"keyring": ["hunter2"]}, 'needs a service, or "service/user", after keyring ='),
        ],
    )
    def test_refused(self, value: object, problem: str) -> None:
        assert complaint(value).startswith(problem)

    def test_relative_files_start_beside_the_configuration(self) -> None:
        secret = Secret.from_toml({"file": "x/y"}, KEY, base=Path("/etc/refundtracker"))

        assert secret.target == ("/etc/refundtracker/x/y",)

    def test_home_is_expanded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/me")

        assert Secret.from_toml({"file": "~/x"}, KEY, base=Path("/etc")).target == ("/home/me/x",)

    @pytest.mark.parametrize(
        ("name", "target"),
        [("mail", ("mail", "me")), ("mail/you", ("mail", "you")), ("imap://a.b/you", ("imap://a.b", "you"))],
    )
    def test_keyring_names(self, name: str, target: tuple[str, ...]) -> None:
        assert Secret.from_toml({"keyring": name}, KEY, user="me").target == target

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
        | st.dictionaries(
            st.sampled_from(["file", "command", "env", "credential", "keyring"]), st.text(), max_size=1
        )
    )
    def test_anything_is_a_secret_or_a_sentence(self, value: object) -> None:
        try:
            found: object = Secret.from_toml(value, KEY, user="me")
        except BadConfig as error:
            found = error.problems[0]

        assert isinstance(found, Secret) or str(found).isprintable()


class TestFile:
    @pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
    def test_line_ends_are_taken_off(self, tmp_path: Path, end: bytes) -> None:
        assert read(private(tmp_path / "p", PASSWORD.encode() + end)) == PASSWORD

    def test_other_spaces_belong_to_the_password(self, tmp_path: Path) -> None:
        assert read(private(tmp_path / "p", b" a b \n")) == " a b "

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o777])
    def test_open_to_others(self, tmp_path: Path, mode: int) -> None:
        value = private(tmp_path / "p", b"hunter2")
        (tmp_path / "p").chmod(mode)

        assert complaint(value) == (
            f"is open to others in {tmp_path}/p (mode {mode:04o}); run: chmod 600 {tmp_path}/p"
        )

    @pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
    def test_own_alone(self, tmp_path: Path, mode: int) -> None:
        value = private(tmp_path / "p", b"hunter2")
        (tmp_path / "p").chmod(mode)

        assert read(value) == "hunter2"

    def test_a_link_is_judged_by_what_it_leads_to(self, tmp_path: Path) -> None:
        """Secret stores of some systems are directories of links."""
        private(tmp_path / "p", b"hunter2")
        (tmp_path / "link").symlink_to(tmp_path / "p")
        assert read({"file": str(tmp_path / "link")}) == "hunter2"

        (tmp_path / "p").chmod(0o644)
        assert complaint({"file": str(tmp_path / "link")}).startswith("is open to others")

    def test_missing(self, tmp_path: Path) -> None:
        assert complaint({"file": str(tmp_path / "p")}) == (
            f"is not there: no file {tmp_path}/p; write the password into it and give it mode 600"
        )

    def test_below_a_file(self, tmp_path: Path) -> None:
        private(tmp_path / "p", b"x")

        assert (
            complaint({"file": str(tmp_path / "p/q")})
            == f"cannot be read from {tmp_path}/p/q: Not a directory"
        )

    def test_no_regular_file(self, tmp_path: Path) -> None:
        """A named pipe must not hold the service for ever."""
        os.mkfifo(tmp_path / "pipe", 0o600)

        assert complaint({"file": str(tmp_path / "pipe")}).startswith("must be in a regular file")
        assert complaint({"file": str(tmp_path)}).startswith("must be in a regular file")

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"", "is empty where it is kept; put the password there"),
            (b"\r\n\n", "is empty where it is kept; put the password there"),
            (b"hunter2\nurl: x\n", "must be one line without control characters where it is kept"),
            (b"hunter2\r\nA1 LOGOUT", "must be one line without control characters where it is kept"),
            (b"hunter2\0", "must be one line without control characters where it is kept"),
            (b"hunter2\xff", "is not UTF-8 text in "),
        ],
    )
    def test_what_cannot_be_a_password(self, tmp_path: Path, content: bytes, problem: str) -> None:
        assert complaint(private(tmp_path / "p", content)).startswith(problem)

    def test_a_byte_order_mark_is_no_part_of_it(self, tmp_path: Path) -> None:
        assert read(private(tmp_path / "p", b"\xef\xbb\xbfhunter2\r\n")) == "hunter2"


class TestCommand:
    def test_first_line(self) -> None:
        """As `pass show` prints it: the password, then notes."""
        assert read({"command": ["printf", "%s\\nurl: x\\n", PASSWORD]}) == PASSWORD

    def test_no_shell(self) -> None:
        assert read({"command": ["echo", "$HOME;", "`id`"]}) == "$HOME; `id`"

    def test_environment(self) -> None:
        assert read({"command": ["sh", "-c", 'echo "$X"']}, ENVIRON | {"X": "hunter2"}) == "hunter2"

    def test_it_cannot_read_our_input(self) -> None:
        code = "print(Secret.from_toml({'command': ['sh', '-c', 'read x; echo \"<$x>\"']}, 'x').read({}))"

        assert python(code, typed="hunter2\n").stdout == "<>\n"

    def test_failure(self) -> None:
        """The command's own words help, but may not command the terminal or flood the log."""
        flood = "$(head -c 999 /dev/zero | tr '\\0' x)"
        script = f"echo hunter2; printf 'no such \\033[31mentry\\n%s' {flood} >&2; exit 3"
        found = complaint({"command": ["sh", "-c", script]})

        assert found.startswith('was not given: the command "sh" ended with status 3: no such [31mentry xxx')
        assert found.isprintable()
        assert len(found) < 300

    @pytest.mark.parametrize(("script", "end"), [("exit 1", "status 1"), ("kill -9 $$", "signal 9")])
    def test_silent_failure(self, script: str, end: str) -> None:
        found = complaint({"command": ["sh", "-c", script]})

        assert found == f'was not given: the command "sh" ended with {end} and said nothing'

    def test_missing(self) -> None:
        assert complaint({"command": ["no-such-program", "hunter2"]}) == (
            'is to come from the command "no-such-program", which cannot run: No such file or directory'
        )

    def test_too_slow(self, tmp_path: Path) -> None:
        """What the command started is ended too, though it holds the pipe open."""
        script = f"sleep 60 & echo $! > {tmp_path}/child; wait"
        found = complaint({"command": ["sh", "-c", script]}, seconds=1)
        child = int((tmp_path / "child").read_text())

        assert found == 'was not given: the command "sh" took more than 1 seconds'
        assert ends(child)

    def test_no_text(self) -> None:
        found = complaint({"command": ["printf", "hunter2\\377"]})

        assert found == 'is not UTF-8 text in the output of "printf"; save it again as UTF-8'


def ends(process: int) -> bool:
    """Whether a process that was killed is soon gone; its end is not ours to wait for."""
    for _ in range(200):
        if not is_running(process):
            return True
        time.sleep(0.05)
    return False


def is_running(process: int) -> bool:
    """Whether a process still runs; one that ended but has no parent to say so does not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


class TestEnvironment:
    def test_variable(self) -> None:
        assert read({"env": "IMAP_PASSWORD"}, {"IMAP_PASSWORD": PASSWORD}) == PASSWORD

    def test_missing(self) -> None:
        assert complaint({"env": "IMAP_PASSWORD"}) == (
            "is to come from the environment variable IMAP_PASSWORD, which is not set"
        )

    def test_bytes_that_are_no_text(self) -> None:
        value = os.fsdecode(b"hunter2\xff")

        assert complaint({"env": "X"}, {"X": value}) == "is not UTF-8 text where it is kept"


class TestCredential:
    @pytest.mark.parametrize("mode", [0o400, 0o440])
    def test_systemd(self, tmp_path: Path, mode: int) -> None:
        """Newer versions of systemd let the group read; the directory is what guards."""
        private(tmp_path / "imap-password", b"hunter2\n")
        (tmp_path / "imap-password").chmod(mode)

        assert read({"credential": "imap-password"}, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == "hunter2"

    def test_outside_of_systemd(self) -> None:
        assert complaint({"credential": "x"}).startswith(
            'is the systemd credential "x", but CREDENTIALS_DIRECTORY is not set; add LoadCredential=x:/path'
        )

    def test_not_loaded(self, tmp_path: Path) -> None:
        assert complaint({"credential": "x"}, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == (
            'is the systemd credential "x", which the unit does not load; add LoadCredential=x:/path to it'
        )


class MemoryKeyring(KeyringBackend):
    """A keyring in memory; the service "locked" stays closed."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if service == "locked":
            raise KeyringLocked("hunter2")
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


@pytest.fixture
def memory_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    keyring.set_password("mail", "me", PASSWORD)
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("memory_keyring")
class TestKeyring:
    def test_entry(self) -> None:
        assert read({"keyring": "mail/me"}) == PASSWORD

    def test_no_entry(self) -> None:
        assert complaint({"keyring": "mail/you"}) == 'is not in the keyring; run: keyring set "mail" "you"'

    def test_locked(self) -> None:
        assert complaint({"keyring": "locked/me"}).startswith(
            "was refused by the keyring (KeyringLocked); unlock"
        )

    def test_a_server_has_none(self) -> None:
        keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]

        assert complaint({"keyring": "mail/me"}).startswith("finds no keyring on this machine")

    def test_without_the_extra(self) -> None:
        """The package is an extra; without it the sentence says how to get it."""
        code = "sys.modules['keyring'] = None; Secret.from_toml({'keyring': 'mail/me'}, 'x').read({})"
        found = python(code)

        assert 'needs the package keyring; run: pip install "refundtracker[keyring]"' in found.stderr
        assert "ImportError" not in found.stderr


class TestSilence:
    """Nothing that prints a Secret prints the password, nor what might be one by mistake."""

    @pytest.mark.parametrize(
        ("value", "origin"),
        [
            ({"command": ["echo", "hunter2"]}, 'command "echo"'),
            ({"env": "NAME"}, 'env "NAME"'),
            ({"file": "/x"}, 'file "/x"'),
            ({"keyring": "mail/me"}, 'keyring entry "mail" of "me"'),
        ],
    )
    def test_words(self, value: object, origin: str) -> None:
        secret = Secret.from_toml(value, KEY)
        shown = f"{secret!r} {secret} {secret.origin} {[secret]}"

        assert "hunter2" not in shown
        assert secret.origin == origin
        assert repr(secret) == f"<Secret {KEY}, from {secret.source}>"

    def test_a_secret_holds_no_password(self, tmp_path: Path) -> None:
        secret = Secret.from_toml(private(tmp_path / "p", b"hunter2"), KEY)
        secret.read({})

        assert "hunter2" not in str([getattr(secret, name) for name in Secret.__slots__])
