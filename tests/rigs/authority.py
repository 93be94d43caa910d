"""A provider of sign-ins on loopback: real HTTP, codes, PKCE, rotating refresh tokens, faults on request."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

import trustme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLIENT = "refunds-test"
CLIENT_SECRET = "client-hunter2"

Fault = Literal["none", "503", "429", "html", "cut", "refuse", "no-token", "deny", "empty-400"]


@dataclass(slots=True)
class Authority:
    """What runs, and what it was asked.

    Attributes:
        url: where it is, without a stroke at the end.
        ca_file: PEM of its authority; None without TLS.
        mint: makes an access token.
        fault: what goes wrong from now on.
        refresh: the only refresh token that is good now.
        asked: the forms that were posted, oldest first.
        pending: how often a device code is still to be answered with "not yet".
        keep: whether a renewal leaves the refresh token as it is.
    """

    url: str
    ca_file: Path | None
    mint: Callable[[], str]
    fault: Fault = "none"
    refresh: str = "refresh-0"
    asked: list[dict[str, str]] = field(default_factory=list)
    pending: int = 0
    keep: bool = False
    challenge: str = ""
    _count: Any = field(default_factory=lambda: itertools.count(1))

    def consent(self, query: dict[str, str]) -> str:
        """Where the browser is sent after the user agreed, or did not."""
        self.challenge = query.get("code_challenge", "")
        assert query.get("code_challenge_method") == "S256"
        answer = {"error": "access_denied"} if self.fault == "deny" else {"code": "the-code"}
        return f"{query['redirect_uri']}?{urlencode({**answer, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """What a POST to the token address gets."""
        if form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client"}
        match form.get("grant_type"):
            case "authorization_code" if not self._proves(form.get("code_verifier", "")):
                return 400, {"error": "invalid_grant"}
            case "refresh_token" if form.get("refresh_token") != self.refresh or self.fault == "refuse":
                return 400, {
                    "error": "invalid_grant",
                    "error_description": "Token has been expired or revoked.",
                }
            case "urn:ietf:params:oauth:grant-type:device_code" if self.pending:
                self.pending -= 1
                return 400, {"error": "authorization_pending"}
        return 200, self._granted(renewal=form.get("grant_type") == "refresh_token")

    def _granted(self, *, renewal: bool) -> dict[str, object]:
        told: dict[str, object] = {"access_token": self.mint(), "token_type": "Bearer", "expires_in": 3600}
        if self.fault == "no-token":
            del told["access_token"]
        if not (renewal and self.keep):
            self.refresh = f"refresh-{next(self._count)}"
            told["refresh_token"] = self.refresh
        return told

    def _proves(self, verifier: str) -> bool:
        """PKCE, RFC 7636 section 4.6."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        return digest.decode().rstrip("=") == self.challenge


class _Server(ThreadingHTTPServer):
    """The server, with what it speaks for."""

    authority: Authority


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        authority, parts = self.server.authority, urlsplit(self.path)
        if parts.path == "/consent":
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", authority.consent(query))
            self.end_headers()
        elif parts.path.endswith("/.well-known/openid-configuration"):
            self._answer(200, _endpoints(authority.url))
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        authority = self.server.authority
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {key: values[0] for key, values in parse_qs(body).items()}
        scheme, _, told = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":  # the other way to name the client, RFC 6749 section 2.3.1
            form["client_id"] = base64.b64decode(told).decode().partition(":")[0]
        if self.path.endswith("/devicecode"):
            self._answer(200, _device(authority.url))
            return
        authority.asked.append(form)
        match authority.fault:
            case "cut":
                self.close_connection = True
            case "html":
                self._send(200, b"<html>Sign in to the hotel</html>")
            case "503" | "429":
                self._answer(int(authority.fault), {"error": "busy"})
            case "empty-400":
                self._answer(400, {})
            case _:
                self._answer(*authority.token(form))

    def _answer(self, status: int, told: dict[str, Any]) -> None:
        self._send(status, json.dumps(told).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a test looks at `asked`."""


def _endpoints(url: str) -> dict[str, str]:
    base = f"{url}/tenant/oauth2/v2.0"
    return {
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "device_authorization_endpoint": f"{base}/devicecode",
        "issuer": f"{url}/tenant/v2.0",
    }


def _device(url: str) -> dict[str, object]:
    return {
        "device_code": "the-device",
        "user_code": "ABCD-EFGH",
        "verification_uri": f"{url}/device",
        "expires_in": 60,
        "interval": 1,
        "message": "type the code",
    }


@contextmanager
def authority(mint: Callable[[], str] = lambda: "access", folder: Path | None = None) -> Iterator[Authority]:
    """Serve until the block ends; with TLS when there is a folder for the certificate."""
    context = None
    ca_file = None
    if folder is not None:
        maker, ca_file = trustme.CA(), folder / "provider-ca.pem"
        maker.cert_pem.write_to_path(str(ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        maker.issue_cert("localhost").configure_cert(context)
    found = Authority("", ca_file, mint)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.authority = found
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        found.url = f"{'https' if context else 'http'}://localhost:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
