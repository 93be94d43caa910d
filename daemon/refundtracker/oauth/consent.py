"""Asking the user, once, to let this program into a mailbox: in a browser, at the provider.

Google wants the browser to come back to this machine (RFC 8252, with PKCE). Microsoft gives a
short code that may be typed on any device (RFC 8628). Both libraries belong to the extra
`oauth` and are imported here only; renewing a token later needs neither.
"""

from __future__ import annotations

import json
import select
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, Final, Self, TextIO
from urllib.parse import parse_qs, urlsplit

from refundtracker.errors import BadInput, Refused, TrackerError, Unreachable
from refundtracker.imap.signin import clean
from refundtracker.oauth.tokens import SignIn

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    Show = Callable[[str, str], None]

GOOGLE_SCOPE: Final = "https://mail.google.com/"
MICROSOFT_SCOPES: Final = (
    "https://outlook.office.com/IMAP.AccessAsUser.All",
    "https://outlook.office.com/SMTP.Send",
)
MICROSOFT_AUTHORITY: Final = "https://login.microsoftonline.com/common"

_LARGEST_CLIENT: Final = 64 * 1024
_WITHOUT: Final = 'needs the extra "oauth"; run: pip install "refundtracker[oauth]"'


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Client:
    """This program as it is registered at a provider, by the user.

    Attributes:
        id: public.
        secret: empty where there is none; not shown.
        consent_url: where the browser goes (Google).
        token_url: where codes become tokens (Google).
        authority: whose accounts may sign in (Microsoft).
    """

    id: str
    secret: str = ""
    consent_url: str = "https://accounts.google.com/o/oauth2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    authority: str = MICROSOFT_AUTHORITY

    def __repr__(self) -> str:
        return f"<Client {self.id}>"


def client_from(path: Path) -> Client:
    """The registration in the JSON file that Google's console lets you download.

    Raises:
        BadInput: it is no such file.
    """
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(_LARGEST_CLIENT))
        found = told.get("installed") or told["web"]
        return Client(
            id=found["client_id"],
            secret=found.get("client_secret", ""),
            consent_url=found["auth_uri"],
            token_url=found["token_uri"],
        )
    except OSError as error:
        said = f"cannot be read: {error.strerror}"
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        said = "is not the JSON file of a client of type desktop app"
    raise BadInput(f"{path} {said}")


def google(client: Client, user: str, now: datetime, show: Show, *, typed: TextIO, seconds: float) -> SignIn:
    """Sign in at Google: the browser comes back to a port of this machine.

    Args:
        client: of type "desktop app".
        user: the mail address to sign in.
        now: from when the lifetime of the token is counted, UTC.
        show: shows an address to open; its second argument is a code, here empty.
        typed: where the user may paste the address at which the browser ended, when that
            browser runs on another machine.
        seconds: how long to wait.

    Raises:
        Refused: the user or Google said no.
        Unreachable: no answer.
        BadInput: the extra is missing.
    """
    try:
        from google_auth_oauthlib.flow import Flow
    except ImportError:
        raise BadInput(f"signing in at google {_WITHOUT}") from None
    with _Landing() as landing:
        flow = Flow.from_client_config(
            {"installed": _google_config(client)}, [GOOGLE_SCOPE], redirect_uri=landing.url
        )
        # Without "consent" a second sign-in gets no refresh token.
        url, state = flow.authorization_url(access_type="offline", prompt="consent", login_hint=user)
        show(url, "")
        code = landing.code(state, typed, seconds)
    told = _exchanged(flow, code)
    if not told.get("refresh_token"):
        raise Refused("google gave no lasting sign-in (refresh token); the client must be a desktop app")
    return SignIn(
        provider="google", user=user, client_id=client.id, client_secret=client.secret,
        token_url=client.token_url, refresh_token=told["refresh_token"],
        access_token=told["access_token"], expires_at=_until(told, now),
    )  # fmt: skip


def _google_config(client: Client) -> dict[str, object]:
    return {
        "client_id": client.id,
        "client_secret": client.secret,
        "auth_uri": client.consent_url,
        "token_uri": client.token_url,
    }


def _exchanged(flow: Any, code: str) -> dict[str, Any]:
    """The tokens for a code."""
    from oauthlib.oauth2 import OAuth2Error
    from requests import RequestException

    try:
        told: dict[str, Any] = flow.fetch_token(code=code, timeout=30)
    except OAuth2Error as error:
        failed: TrackerError = Refused(f"google refuses the sign-in: {clean(str(error))}")
    except RequestException as error:
        failed = Unreachable(f"google does not answer: {type(error).__name__}")
    except Warning:  # oauthlib's way to say that other rights were granted than were asked for
        failed = Refused("google granted other rights than reading mail; tick the box for mail and try again")
    else:
        return told
    finally:
        flow.oauth2session.close()
    raise failed


def microsoft(client: Client, user: str, now: datetime, show: Show) -> SignIn:
    """Sign in at Microsoft: a code that the user types in any browser.

    Args:
        client: registered with "allow public client flows".
        user: the mail address to sign in.
        now: from when the lifetime of the token is counted, UTC.
        show: shows the address to open and the code to type there.

    Raises:
        Refused: the user or Microsoft said no, or the time is over.
        Unreachable: no answer.
        BadInput: the extra is missing.
    """
    try:
        import msal
        from requests import RequestException, Session
    except ImportError:
        raise BadInput(f"signing in at microsoft {_WITHOUT}") from None
    cache = msal.TokenCache()
    try:
        with Session() as http:
            app = msal.PublicClientApplication(
                client.id, authority=client.authority, instance_discovery=False,
                http_client=_Patient(http), token_cache=cache,
            )  # fmt: skip
            told = _by_code(app, show)
    except RequestException as error:
        raise Unreachable(f"microsoft does not answer: {type(error).__name__}") from None
    except ValueError as error:
        raise Refused(f"microsoft knows no such place to sign in: {clean(str(error))}") from None
    lasting = list(cache.search(msal.TokenCache.CredentialType.REFRESH_TOKEN))
    if not lasting:
        raise Refused("microsoft gave no lasting sign-in (refresh token)")
    return SignIn(
        provider="microsoft", user=user, client_id=client.id, token_url=app.authority.token_endpoint,
        scope=" ".join((*MICROSOFT_SCOPES, "offline_access")), refresh_token=lasting[-1]["secret"],
        access_token=told["access_token"], expires_at=_until(told, now),
    )  # fmt: skip


def _by_code(app: Any, show: Show) -> dict[str, Any]:
    flow = app.initiate_device_flow(list(MICROSOFT_SCOPES))
    if "user_code" not in flow:
        raise Refused(f"microsoft refuses this program: {_why(flow)}")
    show(flow["verification_uri"], flow["user_code"])
    told: dict[str, Any] = app.acquire_token_by_device_flow(flow)
    if "access_token" not in told:
        raise Refused(f"microsoft refuses the sign-in: {_why(told)}")
    return told


class _Patient:
    """The line to Microsoft with a time-out, which `requests` does not have by itself."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def get(self, url: str, **more: Any) -> Any:
        return self._session.get(url, **{"timeout": 30, **more})

    def post(self, url: str, **more: Any) -> Any:
        return self._session.post(url, **{"timeout": 30, **more})

    def close(self) -> None:
        self._session.close()


def _why(told: dict[str, Any]) -> str:
    return clean(str(told.get("error_description") or told.get("error") or "no reason given"))


def _until(told: dict[str, Any], now: datetime) -> datetime:
    try:
        return now + timedelta(seconds=min(max(int(told["expires_in"]), 0), 86_400))
    except (LookupError, ValueError, TypeError):
        return now  # renewed before its first use


# --- where the browser lands ------------------------------------------------------------------------


class _Landing:
    """A port of this machine, open for one answer.

    Attributes:
        url: where the provider sends the browser.
    """

    def __init__(self) -> None:
        self._server = HTTPServer(("127.0.0.1", 0), _Landed)
        self._server.timeout = 5
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def code(self, state: str, typed: TextIO, seconds: float) -> str:
        """The code that the provider gave the browser; pages that bring no answer are ignored.

        Raises:
            Refused: the provider says no, or nobody came.
        """
        from time import monotonic

        until = monotonic() + seconds
        waiting: list[Any] = [self._server.socket, typed]
        while (left := until - monotonic()) > 0:
            ready, _, _ = select.select(waiting, [], [], left)
            for source in ready:
                asked = self._visit() if source is self._server.socket else typed.readline()
                if source is typed and not asked:  # closed: a script, or the end of the terminal
                    waiting.remove(typed)
                if code := _code_in(asked, state):
                    return code
        raise Refused("nobody has signed in; run refundd login again")

    def _visit(self) -> str:
        _Landed.path_asked = ""
        self._server.handle_request()
        return _Landed.path_asked


class _Landed(BaseHTTPRequestHandler):
    """One visit of the browser."""

    path_asked = ""
    timeout = 5

    def do_GET(self) -> None:
        type(self).path_asked = self.path
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write("<p>refundd: you can close this page. / 이 창을 닫아도 돼요.</p>".encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: the address carries the code."""


def _code_in(asked: str, state: str) -> str:
    """The code in an address, when it belongs to what we asked for; empty otherwise."""
    told = {key: values[0] for key, values in parse_qs(urlsplit(asked.strip()).query).items()}
    if not compare_digest(told.get("state", "").encode(), state.encode()):
        return ""
    if "error" in told:
        raise Refused(f"google refuses the sign-in: {clean(told['error'])}")
    return told.get("code", "")
