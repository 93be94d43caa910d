"""The sign-in of an account that has no password: kept on disk or in the keyring, renewed by one POST.

`refundd login` asks the user once and saves a refresh token here. From then on an access token,
good for about an hour, is fetched whenever a connection needs one. Providers may hand out a new
refresh token at each renewal and forget the old one, so the new one is on the disk before the
access token beside it is used.
"""

from __future__ import annotations

import fcntl
import json
import os
import ssl
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol
from urllib.parse import quote, urlencode, urlsplit

from refundtracker.errors import BadConfig, DiskTrouble, Refused, TrackerError, Unreachable
from refundtracker.imap.signin import clean, reason, untrusted
from refundtracker.kinds import is_loopback
from refundtracker.secret import Secret, keep_in_keyring

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYRING_SERVICE: Final = "refundtracker"

# A token that ends during a login is worse than a token fetched a little early.
_SPARE: Final = timedelta(minutes=5)
# RFC 6749 only recommends that a server says how long; this is what the great ones give.
_USUAL_SECONDS: Final = 3600
_LONGEST_SECONDS: Final = 30 * 86_400
_POST_SECONDS: Final = 30.0
_LARGEST_ANSWER: Final = 64 * 1024
_LOCK_TRIES: Final = 450  # of a tenth of a second: longer than one POST may take
# RFC 6749 section 5.2, and what Microsoft adds: only the user can help.
_NEEDS_THE_USER: Final = frozenset(
    {"invalid_grant", "interaction_required", "login_required", "consent_required", "access_denied"}
)


class Signed(Protocol):
    """What is needed of an account to find its sign-in; `config.Account` has it all."""

    @property
    def name(self) -> str: ...  # noqa: D102 - see config.Account
    @property
    def tokens(self) -> Literal["file", "keyring"]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SignIn:
    """What a provider gave us for one account.

    Attributes:
        provider: `google` or `microsoft`.
        user: whom it lets in.
        client_id: under which this program is registered at the provider.
        client_secret: of that registration; empty where there is none. Not shown.
        token_url: where the POST goes.
        scope: what is asked for at a renewal; empty means all that was granted.
        refresh_token: gets access tokens. Not shown.
        access_token: what the mail server takes; empty before the first renewal. Not shown.
        expires_at: until when the access token is good, UTC.
    """

    provider: str
    user: str
    client_id: str
    client_secret: str = ""
    token_url: str
    scope: str = ""
    refresh_token: str
    access_token: str = ""
    expires_at: datetime

    def __repr__(self) -> str:
        return f"<SignIn of {self.user} at {self.provider}>"

    def is_fresh(self, now: datetime) -> bool:
        """Whether the access token is good for a while."""
        return bool(self.access_token) and now + _SPARE < self.expires_at


def path_of(account: Signed, directory: Path) -> Path:
    """The file of an account's sign-in; a name may hold what a file name may not."""
    return directory / f"oauth-{quote(account.name, safe=' @+')}.json"


def load(account: Signed, directory: Path) -> SignIn:
    """The sign-in as it was saved last.

    Args:
        account: its name, and where its tokens are kept.
        directory: the directory of the database, where the service may write.

    Raises:
        Refused: there is none yet.
        BadConfig: it cannot be read, or others can read it.
    """
    key = f"sign-in of {account.name}"
    return _from_json(_kept(account, directory, key), key, account.name)


def _kept(account: Signed, directory: Path, key: str) -> str:
    """What was saved, as text."""
    advice = f'run: refundd login "{account.name}"'
    if account.tokens == "keyring":
        try:
            return Secret(key, "keyring", (KEYRING_SERVICE, account.name)).read({})
        except BadConfig as error:
            # The keyring's own advice is to type the secret, which nobody can here.
            said = error.problems[0].split("; ")[0]
        raise BadConfig(key, (f"{said}; {advice}",))
    path = path_of(account, directory)
    if not path.exists():
        raise Refused(f"{account.name} is not signed in; {advice}")
    return Secret(key, "file", (str(path),)).read({})


def save(account: Signed, directory: Path, signin: SignIn) -> None:
    """Keeps a sign-in, whole or not at all, readable for its owner alone.

    Raises:
        DiskTrouble: it cannot be written.
        BadConfig: the keyring refuses.
    """
    text = json.dumps({**asdict(signin), "expires_at": signin.expires_at.astimezone(UTC).isoformat()})
    if account.tokens == "keyring":
        keep_in_keyring(f"sign-in of {account.name}", KEYRING_SERVICE, account.name, text)
        return
    path = path_of(account, directory)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, text)
    except OSError as error:
        raise DiskTrouble(f"{path} cannot be written: {error.strerror}") from error


def access_token(account: Signed, directory: Path, now: datetime, *, refused: str = "") -> str:
    """A token that the mail server should take now, renewed when the last one is nearly over.

    Args:
        account: its name, and where its tokens are kept.
        directory: the directory of the database.
        now: the moment, UTC.
        refused: a token that the mail server did not take: renew though its time is not over.

    Raises:
        Refused: nobody has signed in, or the provider wants the user to do so again.
        Unreachable: the provider does not answer, or asks for patience.
        DiskTrouble: the renewed sign-in cannot be kept.
        BadConfig: the sign-in cannot be read.
    """
    signin = load(account, directory)
    if signin.is_fresh(now) and signin.access_token != refused:
        return signin.access_token
    with _alone(path_of(account, directory), account.name):
        # Whoever held the lock may have renewed it, and the refresh token that was ours is void.
        signin = load(account, directory)
        if not signin.is_fresh(now) or signin.access_token == refused:
            # A full disk shows itself before the provider forgets the old refresh token.
            save(account, directory, signin)
            signin = renewed(signin, account.name, now)
            save(account, directory, signin)
    return signin.access_token


def renewed(signin: SignIn, name: str, now: datetime) -> SignIn:
    """The sign-in with a new access token, and the new refresh token if the provider gave one.

    Args:
        signin: with the refresh token.
        name: of the account, for sentences.
        now: from when the lifetime of the token is counted, UTC.

    Raises:
        Refused: the provider does not take the refresh token or the client any more.
        Unreachable: no answer, or one that is no answer.
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": signin.client_id,
        "client_secret": signin.client_secret,
        "refresh_token": signin.refresh_token,
        "scope": signin.scope,
    }
    told = _post(signin.token_url, {key: value for key, value in form.items() if value}, name)
    token = told.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise Unreachable(f"{name}: {_host(signin.token_url)} answered without a token")
    refresh = told.get("refresh_token")
    return replace(
        signin,
        access_token=token,
        refresh_token=refresh if isinstance(refresh, str) and refresh else signin.refresh_token,
        expires_at=now + timedelta(seconds=_seconds(told.get("expires_in"))),
    )


def safe_url(url: str) -> bool:
    """Whether secrets may be sent there: TLS, or this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _seconds(told: object) -> int:
    try:
        seconds = int(str(told))
    except ValueError:
        return _USUAL_SECONDS
    return min(max(seconds, 0), _LONGEST_SECONDS)


def _post(url: str, form: dict[str, str], name: str) -> dict[str, Any]:
    """One POST of a form; its answer as JSON, an error of it as one of ours."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    if not safe_url(url):
        raise BadConfig(f"sign-in of {name}", (f"{clean(url)} is not https; a token is not sent there",))
    where = f"{name}: {_host(url)}"
    request = Request(url, urlencode(form).encode("ascii"), {"Accept": "application/json"})  # noqa: S310
    try:
        with urlopen(request, timeout=_POST_SECONDS) as answer:  # noqa: S310 - the scheme was checked
            return _told(answer.read(_LARGEST_ANSWER), where)
    except HTTPError as error:
        with error:
            status, said = error.code, _quiet(error)
        failed = _failed(where, name, status, said)
    except (OSError, HTTPException) as error:
        cause = getattr(error, "reason", None)
        failed = _broken(where, cause if isinstance(cause, BaseException) else error)
    raise failed  # out here, so that the library's error does not go along


def _quiet(error: Any) -> dict[str, Any]:
    """What an error answer says, as far as it can be read."""
    with suppress(OSError, Unreachable):
        return _told(error.read(_LARGEST_ANSWER), "")
    return {}


def _told(answer: bytes, where: str) -> dict[str, Any]:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Unreachable(f"{where} answered something that is no token")
    return told


def _failed(where: str, name: str, status: int, said: dict[str, Any]) -> TrackerError:
    """RFC 6749 section 5.2: 400 or 401 with a code; everything else is the server's own trouble."""
    code = clean(str(said.get("error", "")))
    if code in _NEEDS_THE_USER:
        return Refused(f'{where} does not renew the sign-in any more ({code}); run: refundd login "{name}"')
    if status in {400, 401, 403} and code:
        return Refused(
            f"{where} refuses this program ({code}): check client_id and client_secret, "
            f'then run: refundd login "{name}"'
        )
    return Unreachable(f"{where} cannot renew the sign-in just now: status {status}")


def _broken(where: str, error: BaseException) -> TrackerError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return untrusted(where, error)
    return Unreachable(f"{where}: renewing the sign-in: {reason(error)}")


def _host(url: str) -> str:
    return clean(urlsplit(url).netloc)


# --- the file ---------------------------------------------------------------------------------------


def _from_json(text: str, key: str, name: str) -> SignIn:
    try:
        told = json.loads(text)
        told["expires_at"] = datetime.fromisoformat(told["expires_at"])
        signin = SignIn(**told)
        sound = all(isinstance(value, str) for name, value in asdict(signin).items() if name != "expires_at")
    except (ValueError, TypeError, LookupError, RecursionError):
        sound = False
    if not sound or signin.expires_at.tzinfo is None:
        raise BadConfig(key, (f'is damaged where it is kept; run: refundd login "{name}"',))
    return signin


def _write(path: Path, text: str) -> None:
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            _give_to_owner(file.fileno(), path.parent)
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
        _sync(path.parent)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _sync(directory: Path) -> None:
    """Makes a new name survive a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _give_to_owner(handle: int, directory: Path) -> None:
    """What root writes into the service's directory belongs to the service's user."""
    if os.geteuid() == 0:
        owner = directory.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)


@contextmanager
def _alone(path: Path, name: str) -> Iterator[None]:
    """One renewal at a time: `refundd doctor` may run beside the service."""
    lock = path.with_name(path.name + ".lock")
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DiskTrouble(f"{lock}: {error.strerror}") from error
    try:
        _give_to_owner(handle, path.parent)
        _wait_for(handle, name)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, name: str) -> None:
    for _ in range(_LOCK_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.1)
    raise Unreachable(f"{name}: another program is renewing the sign-in and does not finish")
