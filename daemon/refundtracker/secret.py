"""Where a password is kept, and how it is fetched at the moment it is needed.

The configuration only says where; a `Secret` never holds the password itself, so that no log,
no traceback and no `repr` can tell it.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from refundtracker.errors import BadConfig
from refundtracker.kinds import closest, is_clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from subprocess import Popen

COMMAND_SECONDS = 20.0
"""How long a command may take: long enough for a slow password store, not for a person at a prompt."""

_LARGEST = 64 * 1024
_LONGEST_COMPLAINT = 200
_OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_CREDENTIAL = r"[A-Za-z0-9_:@-][A-Za-z0-9_.:@-]*"

_WAYS = (
    '{ file = "imap-password" } (mode 600), { command = ["pass", "show", "mail"] }, '
    '{ credential = "imap-password" } (systemd), { env = "IMAP_PASSWORD" } or { keyring = "refunds/me" }'
)
_LITERAL = f"must not stand in this file itself; say where it is kept: {_WAYS}"


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """Where one password is kept.

    Attributes:
        key: the option that says so, as messages name it: `account[1] "home": password`.
        source: `file`, `command`, `env`, `credential` or `keyring`.
        target: the path, the words of the command, the name, or service and user.
    """

    key: str
    source: str
    target: tuple[str, ...]

    @classmethod
    def from_toml(
        cls, value: object, key: str, *, base: Path | None = None, user: str | None = None
    ) -> Secret:
        """Reads the inline table of the configuration; fetches nothing.

        Args:
            value: what `tomllib` made of it.
            key: the option, for messages.
            base: where a relative file path starts; the working directory without it.
            user: login name of the account, for a keyring entry that names only the service.

        Raises:
            BadConfig: not exactly one known source, or a source without a usable value.
        """
        source, target = _single_source(value, key)
        try:
            return cls(key, source, _TARGETS[source](target, base, user))
        except _SecretError as wrong:
            raise BadConfig(key, (str(wrong),)) from None

    def read(self, environ: Mapping[str, str], *, seconds: float = COMMAND_SECONDS) -> str:
        """Fetches the password now.

        Args:
            environ: environment for `env`, `credential` and the command.
            seconds: how long a command may take.

        Raises:
            BadConfig: the place is missing, open to others, empty or does not answer; says what to do.
        """
        try:
            return _usable(_READERS[self.source](self, environ, seconds))
        except _SecretError as wrong:
            problem = BadConfig(self.key, (str(wrong),))
        raise problem

    @property
    def origin(self) -> str:
        """The place in words; of a command only the program, its arguments may be private."""
        if self.source == "keyring":
            return f'keyring entry "{self.target[0]}" of "{self.target[1]}"'
        return f'{self.source} "{self.target[0]}"'

    def __repr__(self) -> str:
        return f"<Secret {self.key}, from {self.source}>"


class _SecretError(Exception):
    """The end of a sentence about a secret; leaves this module as `BadConfig`."""


def _single_source(value: object, key: str) -> tuple[str, object]:
    if isinstance(value, str):
        raise BadConfig(key, (_LITERAL,))
    if not isinstance(value, dict) or len(value) != 1:
        raise BadConfig(key, (f"must name exactly one source: {_WAYS}",))
    ((source, target),) = value.items()
    if source in _TARGETS:
        return source, target
    near = closest(source, list(_TARGETS))
    hint = f'did you mean "{near}"?' if near else f"known are {_WAYS}"
    raise BadConfig(key, (f"names an unknown source; {hint}",))


# --- what the configuration says ------------------------------------------------------------------
# These never show the value: who mistakes the key may have written the password there.


def _text(value: object, source: str, what: str) -> str:
    if not isinstance(value, str) or not value.strip() or not is_clean(value):
        raise _SecretError(f"needs {what} after {source} =")
    return value


def _file_target(value: object, base: Path | None, _user: str | None) -> tuple[str, ...]:
    text = _text(value, "file", 'a path such as "imap-password"')
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise _SecretError("the home directory behind ~ is not known; write the whole path") from None
    return (str(path if base is None else base / path),)


def _command_target(value: object, _base: Path | None, _user: str | None) -> tuple[str, ...]:
    words = value if isinstance(value, list) else []
    texts = tuple(word for word in words if isinstance(word, str) and "\0" not in word)
    if not texts or len(texts) != len(words) or not texts[0].strip():
        raise _SecretError('needs a list of words after command =, such as ["pass", "show", "mail"]')
    if not is_clean(texts[0]):
        raise _SecretError("has a control character in the name of the program after command =")
    return texts


def _env_target(value: object, _base: Path | None, _user: str | None) -> tuple[str, ...]:
    what = 'the name of an environment variable such as "IMAP_PASSWORD"'
    name = _text(value, "env", what)
    if not re.fullmatch(_VARIABLE, name):
        raise _SecretError(f"needs {what} after env =")
    return (name,)


def _credential_target(value: object, _base: Path | None, _user: str | None) -> tuple[str, ...]:
    what = 'the name given to LoadCredential= of systemd, such as "imap-password",'
    name = _text(value, "credential", what)
    if not re.fullmatch(_CREDENTIAL, name):
        raise _SecretError(f"needs {what} after credential =")
    return (name,)


def _keyring_target(value: object, _base: Path | None, user: str | None) -> tuple[str, ...]:
    text = _text(value, "keyring", 'a service, or "service/user",')
    # The last stroke divides: a service may be an address with strokes of its own.
    service, stroke, name = text.rpartition("/")
    if stroke and service and name:
        return service, name
    if stroke or user is None:
        raise _SecretError('needs "service/user" after keyring =')
    return text, user


_TARGETS: dict[str, Callable[[object, Path | None, str | None], tuple[str, ...]]] = {
    "file": _file_target,
    "command": _command_target,
    "env": _env_target,
    "credential": _credential_target,
    "keyring": _keyring_target,
}


# --- fetching -------------------------------------------------------------------------------------


def _usable(text: str) -> str:
    """Without the line end; refused when it could not be a password, or could end an IMAP command."""
    secret = text.rstrip("\r\n")
    if not secret:
        raise _SecretError("is empty where it is kept; put the password there")
    if not is_clean(secret):
        raise _SecretError("must be one line without control characters where it is kept")
    if any("\ud800" <= char <= "\udfff" for char in secret):
        # Python's way to carry bytes of the environment that are no text; no server takes them.
        raise _SecretError("is not UTF-8 text where it is kept")
    return secret


def _decoded(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        unreadable = _SecretError(f"is not UTF-8 text in {place}; save it again as UTF-8")
    raise unreadable  # out here, so that the bytes in the cause do not go along


def _from_file(secret: Secret, _environ: Mapping[str, str], _seconds: float) -> str:
    path = Path(secret.target[0])
    return _decoded(_file_bytes(path, private=True), str(path))


def _file_bytes(path: Path, *, private: bool) -> bytes:
    """The first bytes of a regular file; the mode is that of the very file that is read."""
    try:
        # Without O_NONBLOCK a named pipe would hold us for ever.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        _cannot_open(path, error)
    try:
        _check_mode(path, os.fstat(handle).st_mode, private=private)
        return os.read(handle, _LARGEST)
    finally:
        os.close(handle)


def _check_mode(path: Path, mode: int, *, private: bool) -> None:
    if not stat.S_ISREG(mode):
        raise _SecretError(f"must be in a regular file; {path} is none")
    if private and mode & _OPEN_TO_OTHERS:
        shown = f"{stat.S_IMODE(mode):04o}"
        raise _SecretError(f"is open to others in {path} (mode {shown}); run: chmod 600 {path}")


def _cannot_open(path: Path, error: OSError) -> NoReturn:
    if isinstance(error, FileNotFoundError):
        raise _SecretError(f"is not there: no file {path}; write the password into it and give it mode 600")
    raise _SecretError(f"cannot be read from {path}: {error.strerror}")


def _from_credential(secret: Secret, environ: Mapping[str, str], _seconds: float) -> str:
    name = secret.target[0]
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        raise _SecretError(
            f'is the systemd credential "{name}", but CREDENTIALS_DIRECTORY is not set; '
            f"add LoadCredential={name}:/path to the unit, or use {{ file }} outside of it"
        )
    path = Path(directory) / name
    if not os.access(path, os.R_OK):
        advice = f"add LoadCredential={name}:/path to it"
        raise _SecretError(f'is the systemd credential "{name}", which the unit does not load; {advice}')
    # systemd guards the directory; it gives the files mode 0440 from version 257 on.
    return _decoded(_file_bytes(path, private=False), f'the credential "{name}"')


def _from_env(secret: Secret, environ: Mapping[str, str], _seconds: float) -> str:
    name = secret.target[0]
    if name not in environ:
        raise _SecretError(f"is to come from the environment variable {name}, which is not set")
    return environ[name]


def _from_keyring(secret: Secret, _environ: Mapping[str, str], _seconds: float) -> str:
    service, user = secret.target
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError:
        raise _SecretError('needs the package keyring; run: pip install "refundtracker[keyring]"') from None
    try:
        found = keyring.get_password(service, user)
    except NoKeyringError:
        advice = "servers mostly have none; use { file } or { command } instead"
        raise _SecretError(f"finds no keyring on this machine; {advice}") from None
    except KeyringError as error:
        advice = "unlock it, or use { file } instead"
        raise _SecretError(f"was refused by the keyring ({type(error).__name__}); {advice}") from None
    if found is None:
        raise _SecretError(f'is not in the keyring; run: keyring set "{service}" "{user}"')
    return found


def keep_in_keyring(key: str, service: str, user: str, value: str) -> None:
    """Puts a secret into the keyring, in place of a former one.

    Args:
        key: what it is, for messages.
        service: together with `user` the name of the entry.
        user: see `service`.
        value: the secret.

    Raises:
        BadConfig: there is no keyring, or it refuses.
    """
    problem = 'needs the package keyring; run: pip install "refundtracker[keyring]"'
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise BadConfig(key, (problem,)) from None
    try:
        keyring.set_password(service, user, value)
        return
    except KeyringError as error:
        problem = f"cannot be kept in the keyring ({type(error).__name__}); keep it in a file instead"
    raise BadConfig(key, (problem,))


def _from_command(secret: Secret, environ: Mapping[str, str], seconds: float) -> str:
    program = secret.target[0]
    status, output, complaint = _run(secret.target, environ, seconds)
    if status:
        said = f": {complaint}" if complaint else " and said nothing"
        ended = f"status {status}" if status > 0 else f"signal {-status}"
        raise _SecretError(f'was not given: the command "{program}" ended with {ended}{said}')
    # The first line is the password, as with pass(1): further lines are notes.
    return _decoded(output, f'the output of "{program}"').split("\n", 1)[0]


def _run(words: tuple[str, ...], environ: Mapping[str, str], seconds: float) -> tuple[int, bytes, str]:
    """Runs a command without a shell, in a session of its own, so that all of it can be ended."""
    from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

    try:
        process = Popen(  # noqa: S603 - the words are the user's own configuration
            words, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=dict(environ), start_new_session=True
        )
    except OSError as error:
        cause = f'the command "{words[0]}", which cannot run: {error.strerror}'
        raise _SecretError(f"is to come from {cause}") from None
    with process:
        try:
            output, complaint = process.communicate(timeout=seconds)
        except TimeoutExpired:
            late = _SecretError(f'was not given: the command "{words[0]}" took more than {seconds:g} seconds')
        else:
            return process.returncode, output, _one_line(complaint)
        finally:
            if process.returncode is None:  # too slow, or we are being stopped ourselves
                _end(process)
    raise late


def _end(process: Popen[bytes]) -> None:
    """Ends the command and what it started; what it started would keep the pipes open."""
    import signal

    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _one_line(complaint: bytes) -> str:
    text = complaint[: 4 * _LONGEST_COMPLAINT].decode("utf-8", errors="replace")
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:_LONGEST_COMPLAINT]


_READERS: dict[str, Callable[[Secret, Mapping[str, str], float], str]] = {
    "file": _from_file,
    "command": _from_command,
    "env": _from_env,
    "credential": _from_credential,
    "keyring": _from_keyring,
}
