"""Finding mail servers: the table, the files of a domain, DNS. Every answer of the network is hostile."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.presets import PRESETS
from refundtracker import kinds
from refundtracker.setup import discovery, providers, srv
from refundtracker.setup.providers import Endpoint, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ME = "me@example.org"


def config_file(servers: str, more: str = "") -> bytes:
    return f"""<?xml version="1.0"?>{more}
<clientConfig version="1.1"><emailProvider id="example.org"><displayShortName>Example</displayShortName>
{servers}</emailProvider></clientConfig>""".encode()


def server(
    kind: str = "imap", host: str = "imap.%EMAILDOMAIN%", port: str = "993", socket_type: str = "SSL",
    user: str = "%EMAILADDRESS%", tag: str = "incomingServer",
) -> str:  # fmt: skip
    return (
        f'<{tag} type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{socket_type}</socketType><username>{user}</username></{tag}>"
    )


class TestTable:
    def test_every_host_is_a_host_and_every_page_is_https(self) -> None:
        for domain, provider in providers.table().items():
            assert kinds.HOST.read(domain) == domain
            assert provider.smtp is not None
            for endpoint in (provider.imap, provider.smtp):
                assert kinds.HOST.read(endpoint.host) == endpoint.host
                assert endpoint.tls != "none"
            assert provider.page is not None
            assert provider.page.startswith("https://")
            assert provider.checked

    def test_every_provider_whose_verdicts_are_known_is_in_it(self) -> None:
        """Both tables name the same servers; an alias of a host needs no row of its own."""
        aliases = {"imap.googlemail.com", "imap-mail.outlook.com"}
        hosts = {provider.imap.host for provider in providers.table().values()}

        assert set(PRESETS) - aliases - hosts == set()

    @pytest.mark.parametrize(
        ("address", "name"),
        [
            ("A@Gmail.COM", "Gmail"),
            ("me@hanmail.net", "Daum"),
            ("me@hotmail.com", "Outlook"),
            ("me@naver.com", "Naver"),
        ],
    )
    def test_by_address(self, address: str, name: str) -> None:
        found = providers.of(address)

        assert found is not None
        assert found.name == name

    def test_an_unknown_one(self) -> None:
        assert providers.of("me@naver.com.evil.test") is None

    @pytest.mark.parametrize(
        ("offered", "expected"),
        [
            (("INBOX", "Sent", "[Gmail]/Spam", "SMS"), ("INBOX", "[Gmail]/Spam", "SMS")),
            (("INBOX", "스팸메일함", "휴지통"), ("INBOX", "스팸메일함")),
            (("Inbox", "Junk E-mail", "Spammers"), ("INBOX", "Junk E-mail")),
            ((), ("INBOX",)),
        ],
    )
    def test_folders_that_matter(self, offered: tuple[str, ...], expected: tuple[str, ...]) -> None:
        assert providers.proposed(offered) == expected


class TestFile:
    def test_servers_and_placeholders(self) -> None:
        told = config_file(
            server("pop3", "pop.example.org", "995")
            + server(user="%EMAILLOCALPART%")
            + server("smtp", "smtp.example.org", "587", "STARTTLS", tag="outgoingServer")
        )

        assert discovery.read(told, ME, "example.org") == Provider(
            name="Example",
            imap=Endpoint(host="imap.example.org", port=993, tls="tls"),
            smtp=Endpoint(host="smtp.example.org", port=587, tls="starttls"),
            user="me",
            checked="example.org",
        )

    def test_tls_from_the_first_byte_is_preferred(self) -> None:
        told = config_file(server(port="143", socket_type="STARTTLS") + server())
        found = discovery.read(told, ME, "x")

        assert found is not None
        assert found.imap.port == 993
        assert found.user is None

    @pytest.mark.parametrize(
        "servers",
        [
            "",
            server(socket_type="plain"),
            server(port="0"),
            server(port="99999"),
            server(port="9" * 5000),
            server(host="bad host"),
            server(host="evil.test/path"),
            server("pop3"),
        ],
    )
    def test_nothing_that_can_be_used(self, servers: str) -> None:
        """A line in the open is none: whoever wrote the file would get the password."""
        assert discovery.read(config_file(servers), ME, "x") is None

    def test_entities_are_not_expanded(self) -> None:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'

        assert discovery.read(config_file(server(), bomb), ME, "x") is None

    @given(st.binary(max_size=300))
    def test_any_bytes(self, told: bytes) -> None:
        assert discovery.read(told, ME, "x") is None


@contextmanager
def website(place: Path, answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, Path]]:
    """A web server with TLS; its address and its authority."""
    maker, ca_file = trustme.CA(), place / "web-ca.pem"
    maker.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    maker.issue_cert("localhost").configure_cert(context)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"https://localhost:{running.server_port}/mail/config-v1.1.xml", ca_file
        finally:
            running.shutdown()
            thread.join()


class TestWeb:
    def test_a_file_over_https(self, tmp_path: Path) -> None:
        def answer(visit: BaseHTTPRequestHandler) -> None:
            visit.send_response(200)
            visit.end_headers()
            visit.wfile.write(b"told")

        with website(tmp_path, answer) as (url, ca_file):
            assert discovery.fetched(url, ca_file) == b"told"
            assert discovery.fetched(url) is None  # an authority nobody knows

    def test_it_is_not_led_away_from_https(self, tmp_path: Path) -> None:
        def answer(visit: BaseHTTPRequestHandler) -> None:
            visit.send_response(302)
            visit.send_header("Location", "http://localhost:9/x")
            visit.end_headers()

        with website(tmp_path, answer) as (url, ca_file):
            assert discovery.fetched(url, ca_file) is None

    def test_nobody_is_there(self) -> None:
        assert discovery.fetched("https://localhost:9/x") is None


def packed(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def record(priority: int, port: int, target: str, weight: int = 0) -> bytes:
    """An SRV record whose name points back to the question."""
    content = struct.pack("!3H", priority, weight, port) + (packed(target) if target else b"\0")
    return b"\xc0\x0c" + struct.pack("!HHIH", 33, 1, 300, len(content)) + content


@contextmanager
def name_server(answer: Callable[[bytes], bytes]) -> Iterator[tuple[tuple[str, int], ...]]:
    """A name server that gives one kind of answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    asked, who = line.recvfrom(4096)
                except TimeoutError:
                    continue
                line.sendto(answer(asked), who)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield (line.getsockname(),)
        finally:
            stop.set()
            thread.join()


def answered(*records: bytes) -> Callable[[bytes], bytes]:
    return lambda asked: (
        asked[:2]
        + b"\x81\x80\0\x01"
        + struct.pack("!3H", len(records), 0, 0)
        + asked[12:]
        + b"".join(records)
    )


class TestDns:
    def test_the_first_choice_first(self) -> None:
        with name_server(
            answered(record(20, 993, "b.example.org"), record(10, 1993, "a.example.org"))
        ) as servers:
            found = srv.look_up("_imaps._tcp.example.org", servers)

        assert [(each.host, each.port) for each in found] == [("a.example.org", 1993), ("b.example.org", 993)]

    def test_a_domain_that_offers_nothing_says_so_with_a_dot(self) -> None:
        with name_server(answered(record(0, 0, ""))) as servers:
            assert srv.look_up("_imaps._tcp.example.org", servers) == []

    def test_servers_of_a_domain(self) -> None:
        def by_name(asked: bytes) -> bytes:
            port = 465 if b"submissions" in asked else 993
            return answered(record(0, port, "mail.example.org"))(asked)

        with name_server(by_name) as servers:
            assert discovery.by_dns("example.org", servers) == Provider(
                name="example.org",
                imap=Endpoint(host="mail.example.org", port=993, tls="tls"),
                smtp=Endpoint(host="mail.example.org", port=465, tls="tls"),
                checked="DNS",
            )

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda told: b"\0\0" + told[2:] if told[:2] != b"\0\0" else b"\1\1" + told[2:],
            lambda told: told[:2] + b"\0" + told[3:],  # a question, no answer
            lambda told: told.replace(b"example", b"exbmple", 1),
            lambda told: told[:11],
            lambda told: b"",
        ],
        ids=["number", "no answer", "another question", "short", "empty"],
    )
    def test_an_answer_to_something_else_is_none(self, spoil: Callable[[bytes], bytes]) -> None:
        good = answered(record(0, 993, "a.example.org"))
        with name_server(lambda asked: spoil(good(asked))) as servers:
            assert srv.look_up("_imaps._tcp.example.org", servers, seconds=0.3) == []

    def test_names_that_point_at_themselves_end(self) -> None:
        loop = b"\xc0\x0c" + struct.pack("!HHIH", 33, 1, 300, 8) + struct.pack("!3H", 0, 0, 993)
        with name_server(
            lambda asked: answered(loop + struct.pack("!H", 0xC000 | (len(asked) + 18)))(asked)
        ) as servers:
            assert srv.look_up("_imaps._tcp.example.org", servers, seconds=0.3) == []

    @given(st.binary(max_size=120))
    def test_any_records(self, junk: bytes) -> None:
        with name_server(answered(junk)) as servers:
            for service in srv.look_up("_imaps._tcp.example.org", servers, seconds=0.3):
                assert isinstance(service.host, str)

    def test_nobody_answers(self) -> None:
        assert srv.look_up("_imaps._tcp.example.org", (("127.0.0.1", 9),), seconds=0.3) == []

    @pytest.mark.parametrize("name", ["", "a..b", "x" * 64 + ".org", "집.org"])
    def test_a_name_that_cannot_be_asked(self, name: str) -> None:
        assert srv.look_up(name, (("127.0.0.1", 9),)) == []

    def test_the_name_servers_of_this_machine(self, tmp_path: Path) -> None:
        file = tmp_path / "resolv.conf"
        file.write_text("# x\nnameserver 192.0.2.1\nsearch x\nnameserver  2001:db8::1 \nnameserver\n")

        assert srv.resolvers(file) == (("192.0.2.1", 53), ("2001:db8::1", 53))
        assert srv.resolvers(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.org", True),
        ("imap.example.org", True),
        ("notexample.org", False),
        ("example.org.evil.test", False),
    ],
)
def test_a_host_of_the_domain_itself(host: str, expected: object) -> None:
    assert discovery.is_at_home(host, ME) is expected
