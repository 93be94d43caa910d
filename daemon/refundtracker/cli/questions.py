"""The questions of `refundd setup`, in their order; each answer is tried before the next question."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from refundtracker import kinds, options
from refundtracker.config import Account
from refundtracker.errors import Refused, TrackerError, Unreachable, WrongUsage
from refundtracker.formats import write_note
from refundtracker.setup import providers
from refundtracker.setup.newconfig import Answers
from refundtracker.setup.providers import Endpoint, Provider
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refundtracker.cli.asking import Asker
    from refundtracker.secret import Secret
    from refundtracker.setup.providers import Tls

_TRIES: Final = 3
_SMTP_TLS: Final[dict[int, Tls]] = {465: "tls", 587: "starttls", 25: "starttls"}


class Interview:
    """One setup.

    Attributes:
        ask: who is asked.
        chosen: the options of the command line, by name.
    """

    def __init__(self, ask: Asker, chosen: Mapping[str, object]) -> None:
        self.ask = ask
        self.chosen = cast("Mapping[str, Any]", chosen)

    def held(self) -> Answers:
        """All answers; nothing was written.

        Raises:
            WrongUsage: a needed option is missing, or one is wrong.
            BadInput: the file of the password cannot be used.
            Refused: the server does not take the login, and the user gave up.
            Unreachable: the same for a server that does not answer.
        """
        address = self._text("setup.address", "--address", check=_reader(kinds.ADDRESS))
        provider = self._provider(address)
        self._advise(provider)
        answers = self._server(address, provider)
        answers, offered = self._signed_in(answers)
        answers = replace(answers, folders=self._folders(offered), allowed=self._allowed(address))
        return self._region(self._summary(answers, address, provider))

    def _text(self, key: str, option: str, default: str | None = None, *, check: Any = str) -> str:
        """An option of the command line, else a question."""
        given = self.chosen[option.removeprefix("--").replace("-", "_")]
        if given is None:
            return self.ask.text(key, option, default, check=check)
        try:
            return str(check(str(given)))
        except ValueError as error:
            raise WrongUsage(f"{option} {error}") from None

    # the server

    def _provider(self, address: str) -> Provider:
        """What is known of the address: by the table, the network, the options, or the user."""
        known = None if self.chosen["host"] else providers.of(address) or self._discovered(address)
        if known is None:
            return self._named(address)
        port, tls = self.chosen["port"] or known.imap.port, self.chosen["tls"] or known.imap.tls
        return replace(known, imap=replace(known.imap, port=port, tls=tls))

    def _discovered(self, address: str) -> Provider | None:
        from refundtracker.setup.discovery import discover, is_at_home

        if self.chosen["no_discovery"]:
            return None
        domain = providers.domain_of(address)
        self.ask.tell("setup.looking", domain=domain)
        found = discover(address, ask_mozilla=bool(self.chosen["ask_mozilla"]))
        if (
            found is None
            and not self.ask.alone
            and self.ask.agreed("setup.mozilla", default=False, domain=domain)
        ):
            found = discover(address, ask_mozilla=True)
        if found is None:
            return None
        self.ask.tell("setup.found", host=found.imap.host, source=found.checked)
        # A name server's answer can be forged, and the password would go there.
        doubtful = found.checked == "DNS" and not is_at_home(found.imap.host, address)
        if doubtful and not self.ask.agreed("setup.trust", default=False, host=found.imap.host):
            return None
        return found

    def _named(self, address: str) -> Provider:
        """A server that the user names."""
        guess = f"imap.{providers.domain_of(address)}"
        default = None if self.ask.alone else guess
        host = self._text("setup.host", "--host", default, check=_reader(kinds.HOST))
        plain = self.chosen["port"] == options.IMAP_PORTS["starttls"]
        tls: Tls = self.chosen["tls"] or ("starttls" if plain else "tls")
        port = self.chosen["port"] or options.IMAP_PORTS[tls]
        return Provider(name=host, imap=Endpoint(host=host, port=port, tls=tls), checked="you")

    def _advise(self, provider: Provider) -> None:
        """What the user has to do at the provider first."""
        if provider.checked == "you":
            return
        values = {"provider": provider.name, "page": provider.page or "", "host": provider.imap.host}
        self.ask.tell("setup.provider", **values)
        if provider.switch_on:
            self.ask.tell("setup.switch-on", **values)
        if provider.takes == "app" and not self.chosen["oauth"]:
            self.ask.tell("setup.app-password", **values)
        if provider.takes == "oauth":
            self.ask.tell("setup.no-password", **values)
        if provider.own_certificate and not self.chosen["ca_file"]:
            self.ask.tell("setup.certificate", **values)

    def _server(self, address: str, provider: Provider) -> Answers:
        ca_file = self.chosen["ca_file"]
        oauth = self.chosen["oauth"] or (provider.oauth if provider.takes == "oauth" else None)
        return Answers(
            name=self.chosen["name"],
            imap=provider.imap,
            user=self.chosen["user"] or provider.user or address,
            password_from=self._password_file(),
            oauth=oauth,
            country="KR",
            timezone="Asia/Seoul",
            language=self.ask.lang,
            ca_file=ca_file.absolute() if ca_file else None,
        )

    def _password_file(self) -> dict[str, str] | None:
        path = self.chosen["password_file"]
        return {"file": str(path.absolute())} if path else None

    # signing in

    def _signed_in(self, answers: Answers) -> tuple[Answers, tuple[str, ...]]:
        """The answers with a password that the server takes, and the folders that are there."""
        if answers.oauth:
            if self.chosen["oauth"]:
                self.ask.tell("setup.oauth", name=answers.name)
            return answers, ()
        for attempt in range(1, _TRIES + 1):
            answers, secret = self._secret(answers)
            if self.chosen["no_test"]:
                return answers, ()
            try:
                self.ask.tell("setup.testing", host=answers.imap.host)
                return answers, _folders_of(answers, secret)
            except (Refused, Unreachable) as error:
                if self.ask.alone or attempt == _TRIES or answers.password_from:
                    raise
                write_note(one_line(str(error)))
                if isinstance(error, Unreachable):
                    answers = replace(answers, imap=self._other_server(answers.imap))
        raise AssertionError("the last attempt raises or returns")

    def _secret(self, answers: Answers) -> tuple[Answers, str]:
        if answers.password_from:
            kept = _secret_of(answers.password_from)
            return answers, kept.read(os.environ)
        typed = self.ask.secret("setup.password", "--password-file")
        # Providers show app passwords in groups; the spaces between them are for the eye.
        groups = typed.split(" ")
        if len(groups) > 1 and {len(group) for group in groups} == {4}:
            typed = "".join(groups)
        return replace(answers, password=typed), typed

    def _other_server(self, server: Endpoint) -> Endpoint:
        host = self.ask.text("setup.host", "--host", server.host, check=_reader(kinds.HOST))
        port = int(self.ask.text("setup.port", "--port", str(server.port), check=_port))
        tls = "starttls" if port == options.IMAP_PORTS["starttls"] else server.tls
        return Endpoint(host=host, port=port, tls=tls)

    def _folders(self, offered: tuple[str, ...]) -> tuple[str, ...]:
        chosen: tuple[str, ...] = self.chosen["folders"]
        if chosen:
            return chosen
        likely = providers.proposed(offered)
        if offered and not self.ask.alone:
            self.ask.tell("setup.offered", folders=", ".join(offered[:40]))
        said = self.ask.text("setup.folders", "--folder", ", ".join(likely))
        return tuple(dict.fromkeys(name.strip() for name in said.split(",") if name.strip())) or likely

    def _allowed(self, address: str) -> tuple[str, ...]:
        chosen: tuple[str, ...] = self.chosen["allowed"]
        said = ", ".join(chosen) or self.ask.text(
            "setup.allowed", "--allow", address, check=lambda text: ", ".join(_addresses(text))
        )
        try:
            return _addresses(said)
        except ValueError as error:
            raise WrongUsage(f"--allow {error}") from None

    # the weekly mail

    def _summary(self, answers: Answers, address: str, provider: Provider) -> Answers:
        if self.chosen["no_summary"]:
            return answers
        if not self.chosen["to"] and not self.ask.agreed("setup.summary", default=True):
            return answers
        to = self._text("setup.to", "--to", address, check=_reader(kinds.ADDRESS))
        smtp = self._smtp(provider)
        if smtp is None:
            self.ask.tell("setup.no-smtp")
            return answers
        answers = replace(answers, to=to, smtp=smtp)
        return answers if self._sends(answers, smtp) else replace(answers, to=None, smtp=None)

    def _smtp(self, provider: Provider) -> Endpoint | None:
        known = provider.smtp
        host = self.chosen["smtp_host"] or (known.host if known else "")
        if not host and not self.ask.alone:
            host = self.ask.text("setup.smtp", "--smtp-host", "")
        if not host:
            return None
        port = self.chosen["smtp_port"] or (known.port if known and known.host == host else 465)
        tls = self.chosen["smtp_tls"] or (
            known.tls if known and known.port == port else _SMTP_TLS.get(port, "tls")
        )
        return Endpoint(host=host, port=port, tls=tls)

    def _sends(self, answers: Answers, server: Endpoint) -> bool:
        """Whether the server takes the login, or the user wants it written all the same."""
        if self.chosen["no_test"] or answers.oauth:
            return True
        from refundtracker.reports import smtp

        secret = answers.password or _secret_of(answers.password_from or {}).read(os.environ)
        line: dict[str, Any] = {
            "host": server.host, "port": server.port, "tls": server.tls, "user": answers.user,
            "password": secret, "ca_file": answers.ca_file,
        }  # fmt: skip
        try:
            self.ask.tell("setup.testing", host=server.host)
            smtp.try_login(**line)
            if self.chosen["test_mail"] or self.ask.agreed(
                "setup.test-mail", default=False, to=answers.to or ""
            ):
                smtp.send(_test_mail(answers, self.ask), **line)
                self.ask.tell("setup.test-mail.sent", to=answers.to or "")
        except TrackerError as error:
            if self.ask.alone:
                raise
            write_note(one_line(str(error)))
            return self.ask.agreed("setup.smtp.anyway", default=False)
        return True

    # where the user lives

    def _region(self, answers: Answers) -> Answers:
        country = self._text("setup.country", "--country", _home(os.environ), check=_country)
        zone = self.chosen["timezone"] or options.HOME_ZONES.get(country) or _zone_of_machine()
        try:
            kinds.ZONE.read(zone)
        except ValueError as error:
            raise WrongUsage(f"--timezone {error}") from None
        return replace(answers, country=country, timezone=zone)


def _reader(kind: kinds.Kind) -> Any:
    """A check by the kind of the option that the answer becomes."""
    return lambda text: str(kind.read(text))


def _port(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) < 65536:
        raise ValueError("must be a port, a number from 1 to 65535")
    return text


def _addresses(text: str) -> tuple[str, ...]:
    kind = next(option.kind for option in options.SENDERS.options if option.key == "allowed")
    found = kind.read([part.strip() for part in text.split(",") if part.strip()])
    return cast("tuple[str, ...]", found)


def _country(text: str) -> str:
    """A country whose holidays are known."""
    from refundtracker.calendars import calendar_of

    return calendar_of(str(kinds.COUNTRY.read(text))).country


def _home(environ: Mapping[str, str]) -> str:
    """The country of the terminal's language, `ko_KR.UTF-8`; else Korea, where most users are."""
    said = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    country = said.partition(".")[0].partition("_")[2].upper()
    return country if country in options.HOME_ZONES else "KR"


def _zone_of_machine() -> str:
    """The zone this machine is set to; UTC when it does not say."""
    linked = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2]
    return linked or "UTC"


def _secret_of(place: Mapping[str, object]) -> Secret:
    from refundtracker.secret import Secret

    return Secret.from_toml(dict(place), "--password-file")


def _folders_of(answers: Answers, secret: str) -> tuple[str, ...]:
    """Logs in and lists the folders."""
    from refundtracker.imap.mailbox import Mailbox

    server = answers.imap
    account = Account(
        name=answers.name, host=server.host, port=server.port, tls=server.tls, user=answers.user,
        ca_file=answers.ca_file,
    )  # fmt: skip
    with Mailbox.connect(account, secret, follows=lambda _: False, terms=()) as mailbox:
        mailbox.folders()
        return mailbox.offered


def _test_mail(answers: Answers, ask: Asker) -> Any:
    from email.utils import make_msgid
    from html import escape

    from refundtracker.reports.letter import letter

    to = str(answers.to)
    sender = answers.user if "@" in answers.user else to
    body = say(ask.lang, "setup.mail.body")
    return letter(
        say(ask.lang, "setup.mail.subject"), body + "\n", f"<p>{escape(body)}</p>", sender=sender, to=to,
        message_id=make_msgid("refundtracker", sender.rpartition("@")[2]), now=datetime.now(UTC),
        marker="test",
    )  # fmt: skip
