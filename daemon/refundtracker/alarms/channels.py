"""The ways in which people hear of alarms: mail, and what Apprise reaches. Its only import is here."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol

from refundtracker.errors import BadConfig, Unreachable
from refundtracker.jobs import delivery
from refundtracker.reports import alarm as wording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from apprise import Apprise

    from refundtracker.alarms.alerting import Bulletin
    from refundtracker.alarms.urls import AlarmUrl
    from refundtracker.config import Config
    from refundtracker.jobs.outbox import Sending
    from refundtracker.words import Lang

MAIL: Final = "mail"


class Channel(Protocol):
    """One way to tell people."""

    @property
    def name(self) -> str:
        """What the store remembers it by; tells nothing that is secret."""

    @property
    def label(self) -> str:
        """What people call it."""

    def message_id(self) -> str:
        """The name of a new message; empty where messages have none."""

    def prepare(self, bulletin: Bulletin, message_id: str, now: datetime) -> Sending:
        """Everything that can fail before a message leaves; what is returned sends it.

        Args:
            bulletin: what to tell.
            message_id: the same at every attempt.
            now: the moment of the bulletin, the same at every attempt.

        Raises:
            TrackerError: it cannot be sent; so does what is returned.
        """


class MailChannel:
    """Alarms as mail, by the server of [smtp].

    Attributes:
        name: `mail`.
        label: with the address.
    """

    name = MAIL

    def __init__(
        self, config: Config, to: str, environ: Mapping[str, str], directory: Path, lang: Lang
    ) -> None:
        """Keeps all that; `directory` is that of the database, where sign-ins are."""
        self.label = f"mail to {to}"
        self._config, self._to, self._lang = config, to, lang
        self._environ, self._directory = environ, directory

    def message_id(self) -> str:
        """In the domain that sends."""
        return delivery.named(self._sender())

    def _sender(self) -> str:
        server = self._config.smtp
        return (server.sender if server else None) or self._to

    def prepare(self, bulletin: Bulletin, message_id: str, now: datetime) -> Sending:
        """The mail, composed, and the password, fetched."""
        mail = wording.compose(
            bulletin,
            zone=self._config.region.timezone,
            lang=self._lang,
            sender=self._sender(),
            to=self._to,
            message_id=message_id,
            now=now,
        )
        secret = delivery.secret_of(self._config, self._environ, self._directory, now)
        return lambda leaving: delivery.hand_over(self._config, mail, secret, leaving)


class UrlChannel:
    """Alarms by one address of Apprise.

    Attributes:
        name: a digest of the address.
        label: its place in the configuration.
    """

    def __init__(self, url: AlarmUrl, config: Config, environ: Mapping[str, str], lang: Lang) -> None:
        self.name = url.name
        self.label = url.label
        self._url, self._config, self._environ, self._lang = url, config, environ, lang

    def message_id(self) -> str:
        """Such messages have none."""
        return ""

    def prepare(self, bulletin: Bulletin, message_id: str, now: datetime) -> Sending:  # noqa: ARG002 - see above
        """The words, and the address, fetched."""
        zone = self._config.region.timezone
        subject = wording.subject(bulletin, now.astimezone(zone).date(), self._lang)
        text = wording.render_text(bulletin, now, zone, self._lang)
        service = _service(self.label, self._url.read(self._environ))
        return lambda leaving: _notify(self.label, service, subject, text, leaving)


def _service(label: str, address: str) -> Apprise:
    """The service behind an address; nothing is sent.

    Raises:
        BadConfig: Apprise is not installed, or does not know such an address.
    """
    try:
        from apprise import Apprise, AppriseAsset
    except ImportError:
        advice = "needs Apprise; install it: pip install 'refundtracker[alarms]'"
        raise BadConfig(label, (advice,)) from None
    _silence()
    service = Apprise(asset=AppriseAsset(app_id="refundtracker", async_mode=False))
    if not service.add(address):
        raise BadConfig(label, ("is no address that Apprise knows; see appriseit.com",))
    return service


def _notify(label: str, service: Apprise, subject: str, text: str, leaving: Callable[[], None]) -> None:
    """Hand a message to a service.

    Raises:
        Unreachable: it did not take it.
    """
    leaving()
    try:
        taken = service.notify(title=subject, body=text)
    except Exception as error:  # noqa: BLE001 - a hundred services, each with a library of its own
        raise Unreachable(f"{label}: not delivered ({type(error).__name__})") from None
    if not taken:
        raise Unreachable(f"{label}: not delivered; what the service says: apprise -vv -b test ADDRESS")


def _silence() -> None:
    """Apprise and its web library write whole addresses, secrets and all, into their logs."""
    for name in ("apprise", "urllib3"):
        log = logging.getLogger(name)
        log.propagate = False
        if not log.handlers:
            log.addHandler(logging.NullHandler())


def channels(config: Config, environ: Mapping[str, str], directory: Path, lang: Lang) -> tuple[Channel, ...]:
    """Every way that the configuration names, each once."""
    to = config.alarm_mail_to
    mail = (MailChannel(config, to, environ, directory, lang),) if to else ()
    urls = {url.name: UrlChannel(url, config, environ, lang) for url in config.alarms.urls}
    return (*mail, *urls.values())
