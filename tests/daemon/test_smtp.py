"""Sending one mail, against a real server that also knows how to fail."""

from __future__ import annotations

import base64
import email
import email.policy
import socket
import traceback
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from refundtracker.errors import BadConfig, BadInput, Refused, TrackerError, Unreachable
from refundtracker.reports.smtp import Ambiguous, send, try_login
from rigs.smtp import PASSWORD, USER, Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path) as running:
        yield running


def a_mail(body: str = "환불 현황\n", to: str = "나 <me@shop.test>") -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP.clone(cte_type="7bit"))
    message["From"] = "Refunds <refunds@shop.test>"
    message["To"] = to
    message["Subject"] = "환불 현황"
    message["Message-ID"] = "<slot-1@shop.test>"
    message.set_content(body)
    return message


def parsed(content: bytes) -> EmailMessage:
    read = email.message_from_bytes(content.replace(b"\r\n", b"\n"), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


def send_to(server: Receiver, message: EmailMessage | None = None, **changed: Any) -> None:
    given: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "tls": "starttls",
        "user": USER,
        "password": PASSWORD,
        "ca_file": server.ca_file,
        "timeout": 20,
    }
    send(message or a_mail(), **given | changed)


def test_mail_arrives_whole_over_starttls_with_a_login(server: Receiver) -> None:
    send_to(server)

    (got,) = server.received
    read = parsed(got.content)
    assert (got.sender, got.recipients) == ("refunds@shop.test", ["me@shop.test"])
    assert (read["Subject"], read["Message-ID"]) == ("환불 현황", "<slot-1@shop.test>")
    assert read.get_content() == "환불 현황\r\n"
    assert server.logins == 1


def test_what_goes_over_the_wire_is_ascii_in_short_lines(server: Receiver) -> None:
    """A server without 8BITMIME takes it as well."""
    send_to(server, a_mail("한" * 5000))

    content = server.received[0].content
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998


@pytest.mark.parametrize("body", [".\n", "..two\n.one\n", "a\n.\nb\n", "no end", "", "\n\n"])
def test_lines_of_dots_do_not_end_the_mail(server: Receiver, body: str) -> None:
    send_to(server, a_mail(body))

    assert parsed(server.received[0].content).get_content().rstrip("\n") == body.rstrip("\n")


def test_every_recipient_gets_it(server: Receiver) -> None:
    send_to(server, a_mail(to="me@shop.test, Other <you@shop.test>"))

    assert server.received[0].recipients == ["me@shop.test", "you@shop.test"]


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    with receiver(tmp_path, tls="tls") as server:
        send_to(server, tls="tls")

        assert len(server.received) == 1


def test_plain_text_to_this_machine_needs_no_login(tmp_path: Path) -> None:
    with receiver(tmp_path, tls="none") as server:
        send_to(server, tls="none", user=None, password=None)

        assert (len(server.received), server.logins) == (1, 0)


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
def test_a_password_beyond_ascii_is_taken(tmp_path: Path, mechanisms: str) -> None:
    with receiver(tmp_path, mechanisms=mechanisms) as server:
        server.password = "비밀 번호"
        send_to(server, password="비밀 번호")

        assert len(server.received) == 1


@pytest.mark.parametrize("host", ["mail.shop.test", "192.0.2.1", "127.0.0.1.shop.test", "::2"])
def test_plain_text_to_another_machine_is_refused_before_any_connection(host: str) -> None:
    with pytest.raises(BadConfig, match="only for this machine"):
        send(a_mail(), host=host, port=25, tls="none", user=None, password=None)


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
def test_a_wrong_password_is_tried_once_and_quotes_the_answer(tmp_path: Path, mechanisms: str) -> None:
    """Accounts are locked after a few failures, so no second mechanism is tried."""
    with receiver(tmp_path, mechanisms=mechanisms) as server:
        with pytest.raises(Refused) as caught:
            send_to(server, password="swordfish")

        assert str(caught.value) == (
            f"localhost:{server.port}: logging in as me@shop.test failed: the server answered"
            " 535 5.7.8 not you (many providers want an app password here, not the one of the web site)"
        )
        assert (server.logins, server.received) == (1, [])


def test_an_access_token_instead_of_a_password(tmp_path: Path) -> None:
    with receiver(tmp_path, mechanisms="PLAIN XOAUTH2") as server:
        send_to(server, oauth=True)
        with pytest.raises(Refused, match=r"535 5\.7\.8 token not accepted") as error:
            send_to(server, oauth=True, password="stale-token")

    assert "stale-token" not in str(error.value)
    assert len(server.received) == 1
    assert server.logins == 2


def test_an_access_token_is_never_sent_as_a_password(tmp_path: Path) -> None:
    with (
        receiver(tmp_path, mechanisms="PLAIN") as server,
        pytest.raises(Refused, match=r"offers no login with a sign-in \(XOAUTH2\)"),
    ):
        send_to(server, oauth=True)

    assert server.logins == 0


def test_a_login_can_be_tried_without_a_mail(server: Receiver) -> None:
    line: dict[str, Any] = {
        "host": server.host, "port": server.port, "tls": "starttls", "user": USER, "ca_file": server.ca_file
    }  # fmt: skip
    try_login(**line, password=PASSWORD)
    with pytest.raises(Refused, match="535"):
        try_login(**line, password="wrong")

    assert server.received == []


def test_a_login_that_is_not_offered_is_refused(tmp_path: Path) -> None:
    with (
        receiver(tmp_path, mechanisms="") as server,
        pytest.raises(Refused, match=r"of PLAIN and LOGIN the server offers none"),
    ):
        send_to(server)


@pytest.mark.parametrize("secret", ["swordfish", "s word", "x" * 280])
def test_no_error_ever_holds_the_password(server: Receiver, secret: str) -> None:
    server.fault = "echo"
    with pytest.raises(Refused) as caught:
        send_to(server, password=secret)

    told = "".join(traceback.format_exception(caught.value))
    assert base64.b64encode(secret.encode()).decode() not in told
    assert f"you said {secret}" not in told
    assert "you said ***" in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("451", Unreachable, "handing over the mail failed: the server answered 451 4.3.0 try again later"),
        (
            "550",
            Refused,
            "naming the recipient me@shop.test failed: the server answered 550 5.1.1 no such user here",
        ),
        (
            "452-sender",
            Unreachable,
            "naming the sender refunds@shop.test failed: the server answered 452 4.3.1 out of storage",
        ),
        ("drop-early", Unreachable, "naming sender and recipients failed: "),
    ],
)
def test_the_first_digit_decides(server: Receiver, fault: Any, kind: type[TrackerError], words: str) -> None:
    """4xx and a broken line are tried again, 5xx wants a person; both quote the server."""
    server.fault = fault
    with pytest.raises(kind) as caught:
        send_to(server)

    assert type(caught.value) is kind
    assert str(caught.value).startswith(f"localhost:{server.port}: {words}")
    assert server.received == []


@pytest.mark.parametrize(("fault", "timeout"), [("drop", 20), ("silent", 0.5)])
def test_a_lost_answer_is_ambiguous_because_the_mail_may_be_there(
    server: Receiver, fault: Any, timeout: float
) -> None:
    server.fault = fault
    with pytest.raises(Ambiguous, match="may have been delivered"):
        send_to(server, timeout=timeout)

    assert len(server.received) == 1


def test_the_next_mail_goes_through_after_a_fault(server: Receiver) -> None:
    server.fault = "451"
    with pytest.raises(Unreachable):
        send_to(server)
    server.fault = "none"
    send_to(server)

    assert len(server.received) == 1


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_an_unknown_authority_is_refused_before_the_login(tmp_path: Path, tls: Any) -> None:
    with receiver(tmp_path, tls=tls) as server:
        with pytest.raises(Refused, match="certificate is not proven"):
            send_to(server, tls=tls, ca_file=None)

        assert server.logins == 0


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_certificate_of_another_name_is_refused(tmp_path: Path, tls: Any) -> None:
    with (
        receiver(tmp_path, tls=tls) as server,
        pytest.raises(Refused, match=r"certificate is not proven: .*127\.0\.0\.1"),
    ):
        send_to(server, tls=tls, host="127.0.0.1")


def test_a_server_without_starttls_gets_no_password(tmp_path: Path) -> None:
    with receiver(tmp_path, tls="none") as server:
        with pytest.raises(Refused, match="offers no STARTTLS"):
            send_to(server)

        assert server.logins == 0


def test_the_wrong_kind_of_tls_asks_about_the_port(tmp_path: Path) -> None:
    with (
        receiver(tmp_path) as server,
        pytest.raises(Unreachable, match=r'is tls = "tls" right for this port\?'),
    ):
        send_to(server, tls="tls")


def test_nobody_listening_is_unreachable(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(Unreachable, match=rf"^localhost:{port}: connecting failed: .*refused"):
            send(a_mail(), host="localhost", port=port, tls="none", user=None, password=None)


@pytest.mark.parametrize(
    "greeting", [b"554 5.7.1 go away\r\n", b"421 4.7.0 busy\r\n", b"HTTP/1.1 400\r\n", b""]
)
def test_a_greeting_that_is_none(greeting: bytes) -> None:
    """5xx is a refusal; anything else that is no greeting may pass."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = _greeted(listener, greeting)
        with pytest.raises(Refused if greeting.startswith(b"5") else Unreachable) as caught:
            client()

    assert "connecting failed: " in str(caught.value)


def _greeted(listener: socket.socket, greeting: bytes) -> Any:
    import threading

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(greeting)

    def client() -> None:
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            port = listener.getsockname()[1]
            send(a_mail(), host="localhost", port=port, tls="none", user=None, password=None, timeout=20)
        finally:
            thread.join()

    return client


def test_a_ca_file_that_is_none_is_a_question_of_configuration(server: Receiver, tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    for path in (junk, tmp_path / "missing.pem"):
        with pytest.raises(BadConfig, match=path.name):
            send_to(server, ca_file=path)


def test_a_host_that_cannot_be_one_is_a_question_of_configuration() -> None:
    with pytest.raises(BadConfig, match="cannot be a host"):
        send(a_mail(), host="a" * 64 + ".test", port=25, tls="starttls", user=None, password=None)


@pytest.mark.parametrize("to", ["", "nobody", "홍길동@shop.test"])
def test_a_mail_without_a_usable_address_is_not_sent(server: Receiver, to: str) -> None:
    with pytest.raises(BadInput, match="its To has no address"):
        send_to(server, a_mail(to=to))
    assert server.logins == 0
