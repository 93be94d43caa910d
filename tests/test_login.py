"""`refundd login` as a user types it: real processes, a provider and a mail server on loopback."""

from __future__ import annotations

import json
import ssl
import subprocess
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, build_opener

import pytest

from rigs.authority import CLIENT, CLIENT_SECRET, authority
from rigs.commands import Home
from rigs.signed import SignedDovecot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPMessage
    from pathlib import Path
    from urllib.request import Request

    from rigs.authority import Authority


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedDovecot]:
    with SignedDovecot(tmp_path_factory.mktemp("signed")) as server:
        server.maildir()
        yield server


@pytest.fixture
def provider(signing: SignedDovecot, tmp_path: Path) -> Iterator[Authority]:
    with authority(signing.token, tmp_path) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def configure(home: Home, server: SignedDovecot, oauth: str, more: str = "") -> None:
    home.config.write_text(f"""
[region]
language = "en"

[[account]]
name = "home"
host = "{server.host}"
port = {server.port_tls}
user = "{server.user}"
oauth = "{oauth}"
ca_file = "{server.ca_file}"
{more}
""")


def client_file(home: Home, provider: Authority) -> Path:
    """What Google's console lets its users download."""
    path = home.place / "client.json"
    told = {
        "client_id": CLIENT,
        "client_secret": CLIENT_SECRET,
        "auth_uri": f"{provider.url}/consent",
        "token_uri": f"{provider.url}/token",
    }
    path.write_text(json.dumps({"installed": told}))
    return path


class Login:
    """A running `refundd login`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stderr is not None
        assert process.stdin is not None
        self.err: IO[str] = process.stderr
        self.typing: IO[str] = process.stdin

    def address(self) -> str:
        """The address it asks the user to open."""
        for line in self.err:
            if line.startswith("  http"):
                return line.strip()
        raise AssertionError("no address was shown")

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@contextmanager
def logging_in(home: Home, provider: Authority, *words: str | Path) -> Iterator[Login]:
    environment = {
        **home.environment(),
        "REQUESTS_CA_BUNDLE": str(provider.ca_file),
        "SSL_CERT_FILE": str(provider.ca_file),
    }
    with subprocess.Popen(
        home.argv("refundd", "login", *words), env=environment, cwd=home.place, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield Login(process)
        finally:
            process.kill()


class _Stay(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def browse(url: str, provider: Authority, *, follow: bool) -> str:
    """What a browser does with the address; the place to which it is sent."""
    context = ssl.create_default_context(cafile=provider.ca_file)
    opener = build_opener(HTTPSHandler(context=context), *([] if follow else [_Stay()]))
    try:
        with opener.open(url, timeout=20) as page:
            assert "close this page" in page.read().decode()
            return str(page.url)
    except HTTPError as error:
        with error:
            return str(error.headers["Location"])


def token_file(home: Home) -> Path:
    return home.place / ".local/state/refundtracker/oauth-home.json"


def test_google_in_a_browser_of_this_machine(home: Home, provider: Authority, signing: SignedDovecot) -> None:
    configure(home, signing, "google")
    with logging_in(home, provider, "--client", client_file(home, provider)) as login:
        browse(login.address(), provider, follow=True)
        status, out, err = login.end()

    assert status == 0, err
    assert out.startswith(f"{signing.user} is signed in; kept in {token_file(home)}\n")
    assert token_file(home).stat().st_mode & 0o777 == 0o600
    (exchange,) = provider.asked
    assert exchange["grant_type"] == "authorization_code"
    assert exchange["code_verifier"]
    # The service goes on with it: a sweep, and a renewal when the hour is over.
    kept = json.loads(token_file(home).read_text())
    token_file(home).write_text(json.dumps({**kept, "expires_at": "2020-01-01T00:00:00+00:00"}))
    environment = {**home.environment(), "SSL_CERT_FILE": str(provider.ca_file)}
    swept = subprocess.run(
        home.argv("refundd", "run", "--once"), env=environment, capture_output=True, text=True, check=True
    )
    assert swept.stdout == "home: 0 new mails\n"
    assert provider.asked[-1]["grant_type"] == "refresh_token"


def test_google_in_a_browser_elsewhere(home: Home, provider: Authority, signing: SignedDovecot) -> None:
    """On a server without a desktop the user pastes the address at which the browser ended."""
    configure(home, signing, "google")
    with logging_in(home, provider, "--client", client_file(home, provider)) as login:
        ended = browse(login.address(), provider, follow=False)
        login.typing.write(f"what?\nhttp://127.0.0.1/?state=forged&code=x\n{ended}\n")
        login.typing.flush()
        status, out, _ = login.end()

    assert status == 0
    assert "is signed in" in out


def test_google_when_the_user_says_no(home: Home, provider: Authority, signing: SignedDovecot) -> None:
    configure(home, signing, "google")
    provider.fault = "deny"
    with logging_in(home, provider, "--client", client_file(home, provider)) as login:
        browse(login.address(), provider, follow=True)
        status, _, err = login.end()

    assert status == 77
    assert err.splitlines()[-1] == "refundd: google refuses the sign-in: access_denied"
    assert not token_file(home).exists()


def test_microsoft_with_a_code(home: Home, provider: Authority, signing: SignedDovecot) -> None:
    configure(home, signing, "microsoft", f'client_id = "{CLIENT}"')
    provider.pending = 1
    with logging_in(home, provider, "--authority", f"{provider.url}/tenant") as login:
        status, out, err = login.end()

    assert "type the code ABCD-EFGH" in err
    assert status == 0, err
    assert out.startswith(f"{signing.user} is signed in")
    kept = json.loads(token_file(home).read_text())
    assert kept["token_url"] == f"{provider.url}/tenant/oauth2/v2.0/token"
    assert kept["refresh_token"] == provider.refresh
    assert "offline_access" in kept["scope"]


def test_microsoft_that_does_not_know_us(home: Home, provider: Authority, signing: SignedDovecot) -> None:
    configure(home, signing, "microsoft", 'client_id = "other"')
    with logging_in(home, provider, "--authority", f"{provider.url}/tenant") as login:
        status, _, err = login.end()

    assert status == 77
    assert "microsoft refuses the sign-in: invalid_client" in err


def test_a_provider_that_is_away(home: Home, provider: Authority, signing: SignedDovecot) -> None:
    configure(home, signing, "microsoft", f'client_id = "{CLIENT}"')
    with logging_in(home, provider, "--authority", "https://localhost:9/tenant") as login:
        status, _, err = login.end()

    assert status == 69
    assert "microsoft does not answer" in err


@pytest.mark.parametrize(
    ("config", "words", "status", "said"),
    [
        ('oauth = "google"', (), 65, "this program must be registered at google first"),
        ('oauth = "google"', ("work",), 2, "which account is to sign in? With oauth there are: home"),
        ('password = { env = "X" }', (), 78, 'no [[account]] has oauth = "google" or oauth = "microsoft"'),
        ('oauth = "google"', ("--client", "nothing.json"), 65, "nothing.json cannot be read: No such file"),
        ('oauth = "google"', ("--client", "config.toml"), 65, "is not the JSON file of a client"),
    ],
)
def test_what_is_missing_is_told(
    home: Home, config: str, words: tuple[str, ...], status: int, said: str
) -> None:
    home.config.write_text(f'[[account]]\nname = "home"\nhost = "h.test"\nuser = "me@h.test"\n{config}\n')

    assert said in home.run("refundd", "login", *words, status=status).err


def test_without_the_extra_the_way_to_it_is_told(home: Home, signing: SignedDovecot) -> None:
    configure(home, signing, "microsoft", f'client_id = "{CLIENT}"')
    code = "import sys; sys.modules['msal'] = None; from refundtracker.cli.refundd import main; main()"
    words = [home.argv("refundd")[0], "-c", code, "login"]
    done = subprocess.run(words, env=home.environment(), capture_output=True, text=True, check=False)

    assert done.returncode == 65
    assert done.stderr == (
        'refundd: signing in at microsoft needs the extra "oauth"; run: pip install "refundtracker[oauth]"\n'
    )
