"""Signing in: which lines, certificates, passwords and tokens are taken, and what a refusal means."""

from __future__ import annotations

import logging
import ssl
from typing import TYPE_CHECKING

import pytest

from refundtracker.config import Account, Tls
from refundtracker.errors import BadConfig, Refused, TrackerError, Unreachable
from refundtracker.imap import signin
from refundtracker.imap.mailbox import Mailbox
from rigs.fault_proxy import FaultProxy
from rigs.mailboxes import LONG_AGO, account, at, connected, dialogue, follows, mail, opened, scripted

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.dovecot import Dovecot


class TestSigningIn:
    @pytest.mark.parametrize("tls", ["tls", "starttls", "none"])
    def test_each_kind_of_line(self, dovecot: Dovecot, tls: Tls) -> None:
        with connected(dovecot, tls=tls) as mailbox:
            assert mailbox.open("INBOX") > 0
            assert mailbox.mode == "idle"
            assert "MOVE" in mailbox.capabilities

    @pytest.mark.parametrize("tls", ["tls", "starttls"])
    def test_an_unknown_authority_is_refused_in_words(self, dovecot: Dovecot, tls: Tls) -> None:
        mine = account(dovecot, tls)
        stranger = Account(name="home", host=mine.host, port=mine.port, tls=tls, user=mine.user)
        with pytest.raises(Refused, match=r"localhost shows a certificate that is not trusted: .*ca_file"):
            Mailbox.connect(stranger, "pw", follows=follows, terms=())

    def test_a_certificate_for_another_name_is_refused_in_words(self, dovecot: Dovecot) -> None:
        with FaultProxy(dovecot.port_tls, "127.0.0.2") as proxy:
            elsewhere = Account(
                name="home", host="127.0.0.2", port=proxy.port, user="me", ca_file=dovecot.ca_file
            )
            with pytest.raises(Refused, match=r"127\.0\.0\.2 shows a certificate.*Check the host name"):
                Mailbox.connect(elsewhere, "pw", follows=follows, terms=())

    def test_a_wrong_password_is_refused_and_not_told(self, dovecot: Dovecot) -> None:
        with pytest.raises(
            Refused, match=r"localhost refuses the login of buyer.*AUTHENTICATIONFAILED"
        ) as error:
            Mailbox.connect(account(dovecot), "hunter-2", follows=follows, terms=())

        assert "hunter-2" not in str(error.value)

    def test_a_token_instead_of_a_password(self, dovecot: Dovecot) -> None:
        mine = account(dovecot)
        with_token = Account(
            name="home", host=mine.host, port=mine.port, user=mine.user, ca_file=mine.ca_file, oauth="google"
        )
        with Mailbox.connect(with_token, dovecot.password, follows=follows, terms=()) as mailbox:
            assert mailbox.open("INBOX") > 0
        with pytest.raises(Refused, match="refuses the login"):
            Mailbox.connect(with_token, "stale-token", follows=follows, terms=())

    def test_why_a_token_is_refused_is_told(self) -> None:
        with dialogue("token-refused") as server:
            mine = Account(
                name="home",
                host=server.host,
                port=server.port,
                tls="none",
                user="buyer@example.org",
                oauth="google",
            )
            with pytest.raises(Refused, match="AUTHENTICATE failed 401"):
                Mailbox.connect(mine, "token", follows=follows, terms=())

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            ("NO [AUTHENTICATIONFAILED] invalid credentials", Refused),
            ("NO [AUTHORIZATIONFAILED] not your mailbox", Refused),
            ("NO [EXPIRED] the password has expired", Refused),
            ("NO [PRIVACYREQUIRED] encrypt first", Refused),
            ("NO [ALERT] Application-specific password required", Refused),
            ("NO LOGIN failed.", Refused),
            ("BAD [AUTHENTICATIONFAILED] invalid credentials", Refused),
            ("NO [UNAVAILABLE] backend is away", Unreachable),
            ("NO [INUSE] mailbox is locked", Unreachable),
            ("NO [LIMIT] too many sessions", Unreachable),
            ("NO [SERVERBUG] oops", Unreachable),
            ("BAD User is authenticated but not connected.", Unreachable),
        ],
    )
    def test_what_a_no_means(self, answer: str, kind: type[TrackerError]) -> None:
        """RFC 5530: some refusals are for the human, some for later. Exit status and patience hang on it."""
        with dialogue("login-answer", answer=answer) as server, pytest.raises(TrackerError) as error:
            at(server)

        assert type(error.value) is kind
        assert answer.rsplit("] ", maxsplit=1)[-1].removeprefix("NO ").removeprefix("BAD ") in str(
            error.value
        )

    def test_a_line_that_is_cut_is_no_refusal(self) -> None:
        with (
            dialogue("login-cut") as server,
            pytest.raises(Unreachable, match="the server closed the connection"),
        ):
            at(server)

    def test_letters_beyond_ascii_in_the_password(self) -> None:
        with dialogue("login-plain") as server:
            at(server, secret="비밀").close()

    def test_letters_beyond_ascii_where_only_login_is_offered(self) -> None:
        with dialogue("login-without-plain") as server, pytest.raises(Refused, match="only ASCII letters"):
            at(server, secret="비밀")

    def test_a_server_that_forbids_passwords(self) -> None:
        with (
            dialogue("login-disabled") as server,
            pytest.raises(Refused, match="takes no password on this line"),
        ):
            at(server)

    def test_abilities_are_those_after_the_login(self) -> None:
        with dialogue("idle-after-login") as server, at(server) as mailbox:
            assert mailbox.mode == "idle"

    def test_starttls_is_never_silently_plain(self) -> None:
        """Whoever strips the offer gets no password."""
        with dialogue("no-starttls") as server, pytest.raises(Refused, match="offers no STARTTLS"):
            Mailbox.connect(scripted(server, tls="starttls"), "pw", follows=follows, terms=())

    @pytest.mark.parametrize("name", ["preauth-instead-of-starttls", "starttls-refused"])
    def test_a_line_that_stays_open_is_given_up(self, name: str) -> None:
        """Whoever sits in between may greet as if we were logged in, or refuse to encrypt."""
        with dialogue(name) as server, pytest.raises((Refused, Unreachable)) as error:
            Mailbox.connect(scripted(server, tls="starttls"), "hunter2", follows=follows, terms=())

        assert "hunter2" not in str(error.value)

    def test_no_password_in_the_open_to_another_machine(self) -> None:
        mine = Account(name="home", host="imap.example.org", port=143, tls="none", user="me")
        with pytest.raises(Refused, match="a password is not sent in the open"):
            Mailbox.connect(mine, "pw", follows=follows, terms=())

    def test_an_authority_that_cannot_be_read(self, tmp_path: Path) -> None:
        mine = Account(name="home", host="localhost", user="me", ca_file=tmp_path / "none.pem")
        with pytest.raises(BadConfig, match="ca_file"):
            Mailbox.connect(mine, "pw", follows=follows, terms=())

    def test_tls_settings_are_built_once(self, dovecot: Dovecot) -> None:
        first = signin.tls_context(dovecot.ca_file)

        assert signin.tls_context(dovecot.ca_file) is first
        assert first.verify_mode == ssl.CERT_REQUIRED
        assert first.check_hostname

    def test_neither_mail_nor_password_reaches_the_log(
        self, dovecot: Dovecot, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        dovecot.deliver(mail(body=b"private words"))
        with opened(dovecot) as mailbox:
            assert len(list(mailbox.fetch(mailbox.search(LONG_AGO)))) == 1

        assert "private words" not in caplog.text
        assert dovecot.password not in caplog.text
