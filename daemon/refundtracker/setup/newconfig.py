"""Writing the first configuration file: short, commented, checked by reading it before it is put in place."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from refundtracker import config, options
from refundtracker.errors import DiskTrouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refundtracker.options import Section
    from refundtracker.setup.providers import Endpoint

SECRET_NAME: Final = "imap-password"  # noqa: S105 - the name of a file
_MOST_NAMES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answers:
    """What the user was asked.

    Attributes:
        name: of the account.
        imap: where mail is read.
        user: login name.
        password: to be kept in a file of its own; None when `password_from` or `oauth` is there. Not shown.
        password_from: where the password already is, as the option takes it.
        oauth: the provider of a sign-in.
        folders: to read.
        authserv: whose verdicts are believed; empty for what the program knows of the host.
        allowed: addresses that may forward card texts.
        country: whose business days are counted.
        timezone: name of the zone.
        language: of summary and answers.
        to: who gets the weekly mail; None for none.
        smtp: where mail is sent.
        ca_file: PEM file of an own authority, absolute.
    """

    name: str
    imap: Endpoint
    user: str
    password: str | None = None
    password_from: Mapping[str, object] | None = None
    oauth: str | None = None
    folders: tuple[str, ...] = ("INBOX",)
    authserv: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    country: str
    timezone: str
    language: str
    to: str | None = None
    smtp: Endpoint | None = None
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"<Answers for {self.user}>"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        config: the configuration file.
        secret: the file of the password, if one was made.
        former: where the configuration is now that was there before.
    """

    config: Path
    secret: Path | None
    former: Path | None


def text(answers: Answers, secret: Mapping[str, object] | None) -> str:
    """The configuration: only what was answered, each line with what it means.

    Args:
        answers: of the user.
        secret: where the password is kept, as the option takes it; None with `oauth`.
    """
    head = "# Configuration of the refund tracker, written by `refundd setup`. Every option: README.md.\n"
    sections: list[tuple[Section, Mapping[str, object]]] = [
        (options.REGION, _region(answers)),
        (options.ACCOUNT, _account(answers, secret)),
        (options.SENDERS, {"allowed": list(answers.allowed)}),
    ]
    if answers.to and answers.smtp:
        sections += [
            (options.SUMMARY, {"to": answers.to, "day": "monday", "time": "08:00"}),
            (options.SMTP, _smtp(answers, answers.smtp, secret)),
        ]
    return "\n".join([head, *(_section(section, values) for section, values in sections)])


def _region(answers: Answers) -> dict[str, object]:
    return {"country": answers.country, "timezone": answers.timezone, "language": answers.language}


def _account(answers: Answers, secret: Mapping[str, object] | None) -> dict[str, object]:
    found = {
        "name": answers.name, **_line(answers.imap, answers),
        "password": dict(secret or {}), "oauth": answers.oauth,
        "folders": list(answers.folders), "authserv": list(answers.authserv),
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def _smtp(answers: Answers, server: Endpoint, secret: Mapping[str, object] | None) -> dict[str, object]:
    found = {**_line(server, answers), "password": dict(secret or {}), "oauth": answers.oauth}
    if "@" not in answers.user:
        found["sender"] = answers.to
    return {key: value for key, value in found.items() if value}


def _line(server: Endpoint, answers: Answers) -> dict[str, object]:
    return {
        "host": server.host, "port": server.port, "tls": server.tls, "user": answers.user,
        "ca_file": str(answers.ca_file) if answers.ca_file else None,
    }  # fmt: skip


def _section(section: Section, values: Mapping[str, object]) -> str:
    lines = [f"# {section.help}", section.header]
    for option in section.options:
        if option.key in values:
            lines += [f"# {option.help}", f"{option.key} = {options.literal(values[option.key])}"]
    return "\n".join(lines) + "\n"


def write(path: Path, answers: Answers) -> Written:
    """Puts configuration and password in place, both for the user alone (0600); a former file is kept.

    Nothing is there until everything is known to be good: the new file is read as the program
    reads it before it gets its name.

    Args:
        path: of the configuration.
        answers: of the user.

    Raises:
        DiskTrouble: the place cannot be written.
        BadConfig: an answer that no configuration can hold.
    """
    secret: Path | None = None
    drafts: list[Path] = []
    done = False
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if answers.password is not None:
            secret = _free_name(path.parent)
        kept = {"file": secret.name} if secret else answers.password_from
        drafts.append(_draft(path, text(answers, None if answers.oauth else kept)))
        config.load(drafts[0])
        if secret and answers.password is not None:
            drafts.append(_draft(secret, answers.password + "\n"))
            drafts[1].replace(secret)
        former = _set_aside(path)
        drafts[0].replace(path)
        done = True
    except OSError as error:
        raise DiskTrouble(f"{error.filename or path} cannot be written: {error.strerror}") from error
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
        if secret and not done:
            secret.unlink(missing_ok=True)
    return Written(path, secret, former)


def _draft(path: Path, content: str) -> Path:
    """A finished file beside the place where it belongs, mode 0600."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _free_name(directory: Path) -> Path:
    """A name for the password that is not taken: a file that is there may hold another one."""
    names = [SECRET_NAME, *(f"{SECRET_NAME}-{number}" for number in range(2, _MOST_NAMES))]
    return next(place for name in names if not (place := directory / name).exists())


def _set_aside(path: Path) -> Path | None:
    """Gives a former configuration another name."""
    former = path.with_name(f"{path.name}.old")
    with suppress(FileNotFoundError):
        path.replace(former)
        return former
    return None
