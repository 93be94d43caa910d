"""Sign-ins without a password: kept, renewed, rotated, refused; and the mail server that takes the tokens."""

from __future__ import annotations

import json
import logging
import os
import re
import resource
import socket
import stat
import tempfile
import threading
import traceback
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend

from refundtracker.config import Account, Config, Smtp, load
from refundtracker.errors import BadConfig, DiskTrouble, Refused, TrackerError, Unreachable
from refundtracker.ingest import reader
from refundtracker.jobs.delivery import secret_of
from refundtracker.oauth import tokens as oauth
from refundtracker.oauth.tokens import SignIn
from refundtracker.reports.smtp import try_login
from refundtracker.watching import Setting, connected
from rigs.authority import CLIENT, CLIENT_SECRET, authority
from rigs.signed import SignedDovecot
from rigs.smtp import USER, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rigs.authority import Authority, Fault

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
ACCOUNT = Account(name="home", host="localhost", user="me@example.org", oauth="google")


@pytest.fixture
def provider() -> Iterator[Authority]:
    with authority() as running:
        yield running


def signed_in(provider: Authority, *, access: str = "", until: datetime = NOW) -> SignIn:
    return SignIn(
        provider="google",
        user="me@example.org",
        client_id=CLIENT,
        client_secret=CLIENT_SECRET,
        token_url=f"{provider.url}/token",
        refresh_token=provider.refresh,
        access_token=access,
        expires_at=until,
    )


def kept(provider: Authority, directory: Path, *, access: str = "", until: datetime = NOW) -> SignIn:
    signin = signed_in(provider, access=access, until=until)
    oauth.save(ACCOUNT, directory, signin)
    return signin


def complaint(directory: Path) -> TrackerError:
    """The error of a renewal; nothing of it may tell a secret."""
    with pytest.raises(TrackerError) as caught:
        oauth.access_token(ACCOUNT, directory, NOW)
    told = "".join(traceback.format_exception(caught.value))
    assert "refresh-" not in told
    assert CLIENT_SECRET not in told
    return caught.value


class TestKeeping:
    def test_what_was_saved_is_loaded(self, provider: Authority, tmp_path: Path) -> None:
        signin = kept(provider, tmp_path, access="now")

        assert oauth.load(ACCOUNT, tmp_path) == signin

    def test_only_the_owner_may_read_it(self, provider: Authority, tmp_path: Path) -> None:
        kept(provider, tmp_path / "new")
        path = oauth.path_of(ACCOUNT, tmp_path / "new")

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        path.chmod(0o640)
        with pytest.raises(BadConfig, match="is open to others"):
            oauth.load(ACCOUNT, tmp_path / "new")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_what_root_saves_belongs_to_the_owner_of_the_directory(
        self, provider: Authority, tmp_path: Path
    ) -> None:
        """A service with a user of its own must be able to renew what `sudo refundd login` saved."""
        os.chown(tmp_path, 65534, 65534)
        kept(provider, tmp_path)

        assert oauth.path_of(ACCOUNT, tmp_path).stat().st_uid == 65534
        oauth.access_token(ACCOUNT, tmp_path, NOW)
        assert {file.stat().st_uid for file in tmp_path.iterdir()} == {65534}

    @pytest.mark.parametrize("name", ["../../etc/x", "a/b", "집", ".", "x" * 60])
    def test_no_account_name_leaves_the_directory(
        self, provider: Authority, tmp_path: Path, name: str
    ) -> None:
        account = replace(ACCOUNT, name=name)
        oauth.save(account, tmp_path, signed_in(provider))

        assert [file.parent for file in tmp_path.iterdir()] == [tmp_path]
        assert oauth.load(account, tmp_path).user == "me@example.org"

    def test_nobody_has_signed_in(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match='home is not signed in; run: refundd login "home"'):
            oauth.access_token(ACCOUNT, tmp_path, NOW)

    @pytest.mark.parametrize(
        "content",
        [
            "[]",
            "7",
            "{}",
            "null",
            '{"expires_at": 7}',
            "not json",
            '{"expires_at": "2026-05-20"}',
            "[" * 50_000,
        ],
    )
    def test_a_damaged_file_is_told(self, tmp_path: Path, content: str) -> None:
        path = oauth.path_of(ACCOUNT, tmp_path)
        path.write_text(content)
        path.chmod(0o600)

        with pytest.raises(BadConfig, match="is damaged where it is kept; run: refundd login"):
            oauth.load(ACCOUNT, tmp_path)

    @pytest.mark.parametrize("field", ["refresh_token", "client_id", "token_url", "user", "access_token"])
    @pytest.mark.parametrize("value", [None, 7, ["x"]])
    def test_a_value_of_another_type_is_damage(
        self, provider: Authority, tmp_path: Path, field: str, value: object
    ) -> None:
        kept(provider, tmp_path)
        path = oauth.path_of(ACCOUNT, tmp_path)
        path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))

        with pytest.raises(BadConfig, match="is damaged"):
            oauth.load(ACCOUNT, tmp_path)

    def test_its_repr_tells_no_secret(self, provider: Authority) -> None:
        shown = f"{signed_in(provider, access='hunter2')!r}"

        assert shown == "<SignIn of me@example.org at google>"

    def test_a_directory_that_cannot_be_written(self, provider: Authority, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        with pytest.raises(DiskTrouble, match="cannot be written"):
            oauth.save(ACCOUNT, tmp_path / "file", signed_in(provider))


class MemoryKeyring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before, found = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


class TestKeyring:
    ACCOUNT = replace(ACCOUNT, tokens="keyring")

    def test_it_is_kept_there_alone(self, provider: Authority, memory: MemoryKeyring, tmp_path: Path) -> None:
        oauth.save(self.ACCOUNT, tmp_path, signed_in(provider))

        assert oauth.access_token(self.ACCOUNT, tmp_path, NOW) == "access"
        assert list(memory.entries) == [("refundtracker", "home")]
        assert [file.suffix for file in tmp_path.iterdir()] == [".lock"]

    @pytest.mark.usefixtures("memory")
    def test_without_an_entry_the_way_out_is_to_sign_in(self, tmp_path: Path) -> None:
        with pytest.raises(BadConfig, match='is not in the keyring; run: refundd login "home"'):
            oauth.load(self.ACCOUNT, tmp_path)


class TestRenewing:
    def test_a_token_that_is_good_is_used_again(self, provider: Authority, tmp_path: Path) -> None:
        kept(provider, tmp_path, access="old", until=NOW + timedelta(minutes=6))

        assert oauth.access_token(ACCOUNT, tmp_path, NOW) == "old"
        assert provider.asked == []

    @pytest.mark.parametrize("minutes", [-60, 0, 4])
    def test_one_that_is_nearly_over_is_renewed(
        self, provider: Authority, tmp_path: Path, minutes: int
    ) -> None:
        kept(provider, tmp_path, access="old", until=NOW + timedelta(minutes=minutes))

        assert oauth.access_token(ACCOUNT, tmp_path, NOW) == "access"
        assert provider.asked == [
            {
                "grant_type": "refresh_token",
                "client_id": CLIENT,
                "client_secret": CLIENT_SECRET,
                "refresh_token": "refresh-0",
            }
        ]
        assert oauth.load(ACCOUNT, tmp_path).expires_at == NOW + timedelta(hours=1)

    def test_the_new_refresh_token_is_kept(self, provider: Authority, tmp_path: Path) -> None:
        """Microsoft rotates them; with the old one the next renewal would be the last."""
        kept(provider, tmp_path)
        for hours in range(3):
            oauth.access_token(ACCOUNT, tmp_path, NOW + timedelta(hours=hours))

        assert [form["refresh_token"] for form in provider.asked] == ["refresh-0", "refresh-1", "refresh-2"]
        assert oauth.load(ACCOUNT, tmp_path).refresh_token == "refresh-3"

    def test_without_a_new_one_the_old_one_stays(self, provider: Authority, tmp_path: Path) -> None:
        """So does Google."""
        provider.keep = True
        kept(provider, tmp_path)
        oauth.access_token(ACCOUNT, tmp_path, NOW)

        assert oauth.load(ACCOUNT, tmp_path).refresh_token == "refresh-0"

    def test_a_token_the_server_refused_is_renewed_early(self, provider: Authority, tmp_path: Path) -> None:
        kept(provider, tmp_path, access="old", until=NOW + timedelta(hours=1))

        assert oauth.access_token(ACCOUNT, tmp_path, NOW, refused="old") == "access"
        assert oauth.access_token(ACCOUNT, tmp_path, NOW, refused="other") == "access"
        assert len(provider.asked) == 1

    def test_two_at_once_renew_once(self, provider: Authority, tmp_path: Path) -> None:
        """A second POST with a rotated token would end the sign-in at some providers."""
        kept(provider, tmp_path)
        found: list[str] = []
        threads = [
            threading.Thread(target=lambda: found.append(oauth.access_token(ACCOUNT, tmp_path, NOW)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert found == ["access"] * 8
        assert len(provider.asked) == 1

    def test_a_full_disk_shows_itself_before_the_old_token_is_gone(
        self, provider: Authority, tmp_path: Path
    ) -> None:
        """What cannot be saved must not be asked for."""
        kept(provider, tmp_path)
        with files_limited_to(16), pytest.raises(DiskTrouble, match="cannot be written"):
            oauth.access_token(ACCOUNT, tmp_path, NOW)

        assert provider.asked == []
        assert oauth.access_token(ACCOUNT, tmp_path, NOW) == "access"
        assert sorted(file.suffix for file in tmp_path.iterdir()) == [".json", ".lock"]

    @pytest.mark.parametrize(
        ("fault", "kind", "words"),
        [
            (
                "refuse",
                Refused,
                r'does not renew the sign-in any more \(invalid_grant\); run: refundd login "home"',
            ),
            ("503", Unreachable, "cannot renew the sign-in just now: status 503"),
            ("429", Unreachable, "cannot renew the sign-in just now: status 429"),
            ("empty-400", Unreachable, "cannot renew the sign-in just now: status 400"),
            ("html", Unreachable, "answered something that is no token"),
            ("no-token", Unreachable, "answered without a token"),
            ("cut", Unreachable, "renewing the sign-in: "),
        ],
    )
    def test_what_an_answer_means(
        self, provider: Authority, tmp_path: Path, fault: Fault, kind: type[TrackerError], words: str
    ) -> None:
        """Only what the user alone can mend is a refusal; a hotel's login page is an outage."""
        kept(provider, tmp_path)
        provider.fault = fault
        error = complaint(tmp_path)

        assert type(error) is kind
        assert re.search(words, str(error)), error
        assert len(provider.asked) == 1

    def test_a_client_that_is_not_known(self, provider: Authority, tmp_path: Path) -> None:
        oauth.save(ACCOUNT, tmp_path, replace(signed_in(provider), client_id="other"))
        error = complaint(tmp_path)

        assert type(error) is Refused
        assert "refuses this program (invalid_client): check client_id and client_secret" in str(error)

    def test_after_an_outage_the_same_refresh_token_works(self, provider: Authority, tmp_path: Path) -> None:
        kept(provider, tmp_path)
        provider.fault = "503"
        complaint(tmp_path)
        provider.fault = "none"

        assert oauth.access_token(ACCOUNT, tmp_path, NOW) == "access"

    def test_nobody_listens(self, provider: Authority, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        url = f"http://localhost:{port}/token"
        oauth.save(ACCOUNT, tmp_path, replace(signed_in(provider), token_url=url))

        assert "the connection was refused" in str(complaint(tmp_path))

    @pytest.mark.parametrize(
        "url", ["http://192.0.2.1/token", "ftp://localhost/token", "file:///etc/passwd", "x"]
    )
    def test_tokens_are_sent_over_tls_only(self, provider: Authority, tmp_path: Path, url: str) -> None:
        oauth.save(ACCOUNT, tmp_path, replace(signed_in(provider), token_url=url))
        error = complaint(tmp_path)

        assert type(error) is BadConfig
        assert "is not https; a token is not sent there" in str(error)

    def test_an_unknown_certificate_is_refused(self, tmp_path: Path) -> None:
        with authority(folder=tmp_path) as provider:
            kept(provider, tmp_path)
            error = complaint(tmp_path)

        assert type(error) is Refused
        assert "shows a certificate that is not trusted" in str(error)
        assert provider.asked == []

    @given(st.binary(max_size=200))
    def test_any_answer_is_a_token_or_a_sentence(self, answer: bytes) -> None:
        with answering(answer) as url, tempfile.TemporaryDirectory() as place:
            signin = SignIn(
                provider="google", user="u", client_id="c", token_url=url, refresh_token="r", expires_at=NOW
            )
            oauth.save(ACCOUNT, Path(place), signin)
            with pytest.raises((Unreachable, Refused)) as caught:
                oauth.access_token(ACCOUNT, Path(place), NOW)

        assert str(caught.value).isprintable()

    @pytest.mark.parametrize("told", ["x", None, -5, "99999999999999999999", [], 1e400])
    def test_a_strange_lifetime_is_bounded(self, told: object) -> None:
        answer = json.dumps({"access_token": "a", "expires_in": told}).encode()
        with answering(answer) as url:
            signin = SignIn(
                provider="google", user="u", client_id="c", token_url=url, refresh_token="r", expires_at=NOW
            )
            found = oauth.renewed(signin, "home", NOW)

        assert NOW <= found.expires_at <= NOW + timedelta(days=30)


class TestSending:
    def test_the_sign_in_of_the_mailbox_sends_too(self, provider: Authority, tmp_path: Path) -> None:
        account = replace(ACCOUNT, user=USER)
        oauth.save(account, tmp_path, signed_in(provider))
        config = Config(accounts=(account,), smtp=Smtp(host="localhost", user=USER, oauth="google"))
        secret = secret_of(config, {}, tmp_path, NOW)
        with receiver(tmp_path, mechanisms="XOAUTH2") as server:
            server.password = "access"
            try_login(
                host=server.host, port=server.port, tls="starttls", user=USER, password=secret, oauth=True,
                ca_file=server.ca_file,
            )  # fmt: skip

        assert server.logins == 1

    def test_a_sign_in_that_no_mailbox_has_is_a_question_of_configuration(self, tmp_path: Path) -> None:
        file = tmp_path / "config.toml"
        file.write_text(
            '[[account]]\nname = "a"\nhost = "h.test"\nuser = "me@h.test"\noauth = "google"\n'
            '[smtp]\nhost = "s.test"\nuser = "you@h.test"\noauth = "google"\n'
        )
        with pytest.raises(BadConfig) as error:
            load(file)

        assert error.value.problems == (
            'smtp: oauth = "google" needs an [[account]] with the same oauth and user',
        )


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def answering(body: bytes) -> Iterator[str]:
    """A server that gives one answer, whatever it is asked; the address of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                asked = b""
                while not asked.endswith(b"refresh_token=r"):  # unread bytes would end the line with a reset
                    asked += line.recv(65536)
                line.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + body)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://localhost:{server.getsockname()[1]}/token"
        thread.join()


# --- the mail server takes it ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedDovecot]:
    with SignedDovecot(tmp_path_factory.mktemp("signed")) as server:
        server.maildir()
        yield server


def mine(server: SignedDovecot) -> Account:
    return replace(ACCOUNT, host=server.host, port=server.port_tls, user=server.user, ca_file=server.ca_file)


def logged_in(server: SignedDovecot, directory: Path) -> str:
    """Logs in as the service does; the mode in which it would wait."""
    account = mine(server)
    setting = Setting(
        config=Config(accounts=(account,)), database=directory / "refunds.db", forms=None, clock=lambda: NOW
    )
    with connected(account, reader(setting.config, None), setting) as mailbox:
        mailbox.open("INBOX")
        return mailbox.mode


class TestMailServer:
    @pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
    def test_both_mechanisms(self, signing: SignedDovecot, tmp_path: Path, mechanism: str) -> None:
        signing.stop()
        signing.mechanisms = mechanism
        signing.start()
        with authority(signing.token) as provider:
            kept(provider, tmp_path)

            assert logged_in(signing, tmp_path) == "idle"
        signing.stop()
        signing.mechanisms = "xoauth2 oauthbearer"
        signing.start()

    def test_a_token_ended_early_is_renewed_once(self, signing: SignedDovecot, tmp_path: Path) -> None:
        """The clock says it is good, the server says it is not."""
        with authority(signing.token) as provider:
            kept(provider, tmp_path, access=signing.token(lifetime=-10), until=NOW + timedelta(hours=1))

            assert logged_in(signing, tmp_path) == "idle"
            assert len(provider.asked) == 1

    @pytest.mark.parametrize("wrong", ["user", "issuer", "expired"])
    def test_a_token_that_stays_wrong_is_refused_after_one_renewal(
        self, signing: SignedDovecot, tmp_path: Path, wrong: str
    ) -> None:
        def mint() -> str:
            match wrong:
                case "user":
                    return signing.token("other@example.org")
                case "issuer":
                    return signing.token(issuer="https://evil.test")
                case _:
                    return signing.token(lifetime=-10)

        with authority(mint) as provider:
            kept(provider, tmp_path, access=mint(), until=NOW + timedelta(hours=1))
            with pytest.raises(Refused, match=r"refuses the login of buyer@example\.org"):
                logged_in(signing, tmp_path)

            assert len(provider.asked) == 1

    def test_an_outage_of_the_provider_is_no_refusal(self, signing: SignedDovecot, tmp_path: Path) -> None:
        with authority(signing.token) as provider:
            kept(provider, tmp_path)
            provider.fault = "503"
            with pytest.raises(Unreachable, match="status 503"):
                logged_in(signing, tmp_path)

    def test_no_token_reaches_the_log(
        self, signing: SignedDovecot, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        token = signing.token()
        with authority(lambda: token) as provider:
            kept(provider, tmp_path)
            logged_in(signing, tmp_path)

        assert token not in caplog.text
        assert "refresh-" not in caplog.text
