"""Signing in to a mail server: whose certificate is believed, which login is tried, what a NO means.

Imports no IMAP library but the standard one's errors; `mailbox` is the room that dials.
"""

from __future__ import annotations

import imaplib
import json
import socket
import ssl
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

import re2

from refundtracker.errors import BadConfig, Refused, TrackerError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The server is in trouble, not the login: RFC 5530, and the two words of large providers.
_LATER: Final = frozenset(
    {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CORRUPTION", "THROTTLED", "OVERQUOTA"}
)
# The login is wrong whatever the rest of the answer says: RFC 5530.
_NEVER: Final = frozenset({"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED"})
_CODE: Final = re2.compile(r"\[([A-Z][A-Z0-9-]*)[ \]]")

_LONGEST_QUOTE: Final = 200

# What a library may raise over an answer that is not IMAP.
ODD: Final = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError,
)  # fmt: skip


class Server(Protocol):
    """What the mailbox needs to know of an account; `config.Account` has it all."""

    @property
    def name(self) -> str: ...  # noqa: D102 - see config.Account
    @property
    def host(self) -> str: ...  # noqa: D102
    @property
    def port(self) -> int: ...  # noqa: D102
    @property
    def tls(self) -> str: ...  # noqa: D102
    @property
    def user(self) -> str: ...  # noqa: D102
    @property
    def folders(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def max_mail_mb(self) -> float: ...  # noqa: D102
    @property
    def ca_file(self) -> Path | None: ...  # noqa: D102
    @property
    def oauth(self) -> str | None: ...  # noqa: D102


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """The TLS settings of this process: certificates and host names are always checked.

    Building one reads every certificate of the system, so each is kept; a
    renewed `ca_file` is read again.

    Args:
        ca_file: the only authorities to believe, PEM; None for those of the system.

    Raises:
        BadConfig: the file cannot be read or holds no certificate.
    """
    if ca_file is None:
        return _context(None, 0)
    try:
        return _context(str(ca_file), ca_file.stat().st_mtime_ns)
    except OSError as error:
        problem = f"ca_file: {clean(str(error))}; name a PEM file with the server's authority"
        raise BadConfig(str(ca_file), (problem,)) from error


@lru_cache(maxsize=8)
def _context(ca_file: str | None, _version: int) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def secure(client: Any, account: Server) -> None:
    """Set up a fresh connection, and encrypt it where STARTTLS is configured: never without.

    Args:
        client: a connected `IMAPClient`, not logged in.
        account: tells about TLS.

    Raises:
        Refused: the server has no STARTTLS.
        OSError, imaplib.IMAP4.error: the connection broke.
    """
    client.normalise_times = False
    client.folder_encode = False  # the server's own bytes name a folder best
    client._imap.debug = 0  # noqa: SLF001 - each line would be formatted, whether or not it is logged
    client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if account.tls != "starttls":
        return
    if not client.has_capability("STARTTLS"):
        raise Refused(f'{account.host}:{account.port} offers no STARTTLS; try tls = "tls" with port 993')
    client.starttls(tls_context(account.ca_file))


def log_in(client: Any, account: Server, secret: str) -> None:
    """Log in with the first way that server and secret both allow.

    Args:
        client: a connected `IMAPClient`.
        account: whose user name is sent.
        secret: the password, or the access token when `account.oauth` is set.

    Raises:
        Refused, Unreachable: as `refusal` tells them apart.
        OSError, imaplib.IMAP4.abort: the connection broke.
    """
    abilities = {bytes(word).decode("ascii", "replace") for word in client.capabilities()}
    token: BearerToken | None = None
    try:
        if account.oauth:
            mechanism = _token_mechanism(account, abilities)
            token = BearerToken(mechanism, account.user, secret)
            client.sasl_login(mechanism, token)
        elif _plain_needed(account, secret, abilities):
            client.plain_login(account.user, secret)
        else:
            client.login(_quoted(account.user), secret)
    except imaplib.IMAP4.error as error:
        if client._imap.tagged_commands:  # noqa: SLF001 - the answer never came to its end
            raise Unreachable(f"{account.host}: logging in: {reason(_cause(error))}") from error
        raise _login_failed(account, _cause(error), token.complaint if token else "") from error


def _token_mechanism(account: Server, abilities: set[str]) -> str:
    for mechanism in ("XOAUTH2", "OAUTHBEARER"):
        if f"AUTH={mechanism}" in abilities:
            return mechanism
    raise Refused(f"{account.host} offers no login with OAuth; use a password for account {account.name}")


def _plain_needed(account: Server, secret: str, abilities: set[str]) -> bool:
    """Whether to use AUTHENTICATE PLAIN, which carries any letters, instead of LOGIN."""
    forbidden = "LOGINDISABLED" in abilities
    if not forbidden and _ordinary(account.user) and _ordinary(secret):
        return False
    if "AUTH=PLAIN" in abilities:
        return True
    if forbidden:
        raise Refused(f'{account.host} takes no password on this line; set tls = "tls" or "starttls"')
    raise Refused(
        f"{account.host} takes only ASCII letters in user and password; "
        f"give account {account.name} an app password of such letters"
    )


def _ordinary(text: str) -> bool:
    """Whether the LOGIN command can carry it: printable ASCII (RFC 3501, quoted strings)."""
    return text.isascii() and text.isprintable()


def _quoted(user: str) -> str:
    """The user name as a quoted string; the library quotes the password only."""
    escaped = user.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _cause(error: BaseException) -> BaseException:
    """What really happened: the library wraps it and leaves it behind as the context."""
    return error.__context__ or error


def _login_failed(account: Server, cause: BaseException, complaint: str) -> TrackerError:
    """What a complete answer other than OK means."""
    first = cause.args[0] if cause.args else ""
    answer = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    if " command error: BAD " in answer and not set(_CODE.findall(answer)) & _NEVER:
        return Unreachable(f"{account.host} does not understand the login: {clean(answer)}")
    return refusal(account.host, account.user, f"{answer} {complaint}".strip())


@contextmanager
def in_words(account: Server, doing: str) -> Iterator[None]:
    """Whatever breaks while connecting, as a sentence."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise untrusted(account.host, error) from error
    except (OSError, imaplib.IMAP4.error, *ODD) as error:
        where = f"{account.host}:{account.port}"
        raise Unreachable(f"{where}: {doing}: {reason(error)}") from error


def refusal(host: str, user: str, answer: str) -> TrackerError:
    """What a server's NO to a login means.

    Args:
        host: as configured.
        user: as configured.
        answer: the text behind NO, with its response code if it has one (RFC 5530).

    Returns:
        `Unreachable` when the server asks for patience, else `Refused`: trying
        the same login again soon only locks the account.
    """
    codes = set(_CODE.findall(answer))
    said = clean(answer) or "no reason given"
    if codes & _LATER and not codes & _NEVER:
        return Unreachable(f"{host} cannot log {user} in just now: {said}")
    if "PRIVACYREQUIRED" in codes:
        return Refused(
            f'{host} wants an encrypted line before a login: {said}. Set tls = "tls" or "starttls"'
        )
    return Refused(
        f"{host} refuses the login of {user}: {said}. Check user and secret; many providers "
        "want an app password, and IMAP switched on in their mail settings"
    )


def untrusted(host: str, error: ssl.SSLCertVerificationError) -> Refused:
    """A certificate that does not verify: nothing was sent, and trying again changes nothing."""
    return Refused(
        f"{host} shows a certificate that is not trusted: {clean(error.verify_message)}. "
        "Check the host name; for a server of your own, name its authority in ca_file"
    )


def reason(error: BaseException) -> str:
    """Why a line broke, in words for the end of a sentence."""
    text = clean(str(error))
    match error:
        case TimeoutError():
            return "no answer in time"
        case socket.gaierror():
            return "the name cannot be looked up"
        case ConnectionRefusedError():
            return "the connection was refused"
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER"):
            return 'this port does not begin with TLS; is it one for tls = "starttls"?'
        case ConnectionError():
            return "the server closed the connection"
        case _ if "EOF" in text:  # imaplib's and TLS's word for the same
            return "the server closed the connection"
    return text or type(error).__name__


def clean(text: str) -> str:
    """A stranger's words, fit for a log line and a terminal: one line, no controls, not long."""
    plain = "".join(mark if mark.isprintable() else " " for mark in text)
    return " ".join(plain.split())[:_LONGEST_QUOTE]


class BearerToken:
    """The client's side of XOAUTH2 and OAUTHBEARER (RFC 7628).

    Attributes:
        complaint: what the server said about the token, empty when it said nothing.
    """

    def __init__(self, mechanism: str, user: str, token: str) -> None:
        self.complaint = ""
        if mechanism == "XOAUTH2":
            opening = f"user={user}\1"
            self._consent = b""
        else:
            name = user.replace("=", "=3D").replace(",", "=2C")
            opening = f"n,a={name},\1"
            self._consent = b"\1"
        self._first = f"{opening}auth=Bearer {token}\1\1".encode()

    def __call__(self, challenge: bytes) -> bytes:
        """The answer to a challenge: the token, then the word that lets the server finish its refusal."""
        if not challenge:
            return self._first
        self.complaint = _complaint(challenge)
        return self._consent


def _complaint(challenge: bytes) -> str:
    """The status in the server's JSON: `401`, `invalid_token`; the text itself when it is none."""
    text = challenge.decode("utf-8", "replace")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return clean(text)
    return clean(str(told.get("status", text))) if isinstance(told, dict) else clean(text)
