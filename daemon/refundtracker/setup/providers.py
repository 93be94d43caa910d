"""The table of mail providers, `providers.toml`, and what it says about an address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

Tls = Literal["tls", "starttls", "none"]

_TABLE: Final = Path(__file__).with_name("providers.toml")
_SMTP_TLS: Final[dict[int, Tls]] = {465: "tls", 587: "starttls"}
# Names of junk folders as great providers give them, lower case; a refund mail may lie there.
_JUNK: Final = frozenset(
    {
        "spam", "junk", "junk email", "junk e-mail", "junk mail", "bulk", "bulk mail", "bulkmail",
        "indésirables", "courrier indésirable", "spamverdacht", "unerwünscht", "correo no deseado",
        "posta indesiderata",
        "спам", "스팸", "스팸함", "스팸메일함", "스팸편지함", "정크 메일", "迷惑メール", "垃圾邮件",
    }
)  # fmt: skip
# Where apps that copy texts into a mailbox put them: SMS Backup+ takes `SMS`.
_TEXTS: Final = frozenset({"sms", "문자", "text messages"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server and how it is spoken to."""

    host: str
    port: int
    tls: Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider.

    Attributes:
        name: as its users call it.
        imap: where mail is read.
        smtp: where mail is sent; None when not known.
        takes: what its users log in with: an `app` password, that of the `account`, or only `oauth`.
        page: where an app password is made or IMAP is switched on; None when not known.
        oauth: the sign-in it offers.
        switch_on: whether IMAP has to be switched on first.
        own_certificate: whether its certificate is its own, so that `ca_file` is needed.
        user: the login name; None means the mail address.
        checked: how well the facts are known: `unverified 2025`, or how they were found.
    """

    name: str
    imap: Endpoint
    smtp: Endpoint | None = None
    takes: Literal["app", "account", "oauth"] = "account"
    page: str | None = None
    oauth: Literal["google", "microsoft"] | None = None
    switch_on: bool = False
    own_certificate: bool = False
    user: str | None = None
    checked: str = "unverified"


def domain_of(address: str) -> str:
    """The domain of a mail address, lower case."""
    return address.rpartition("@")[2].lower()


def of(address: str) -> Provider | None:
    """The provider of an address, if the table knows its domain."""
    return table().get(domain_of(address))


@cache
def table() -> dict[str, Provider]:
    """Every known domain, lower case, and its provider."""
    import tomllib

    entries = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["provider"]
    return {domain: _provider(entry) for entry in entries for domain in entry["domains"]}


def _provider(entry: dict[str, Any]) -> Provider:
    port = entry.get("smtp_port", 465)
    return Provider(
        name=entry["name"],
        imap=Endpoint(host=entry["host"], port=entry.get("port", 993), tls=entry.get("tls", "tls")),
        smtp=Endpoint(host=entry["smtp"], port=port, tls=entry.get("smtp_tls") or _SMTP_TLS[port]),
        takes=entry["secret"],
        page=entry["page"],
        oauth=entry.get("oauth"),
        switch_on=entry.get("switch_on", False),
        own_certificate=entry.get("own_certificate", False),
        checked=entry["checked"],
    )


def proposed(folders: tuple[str, ...]) -> tuple[str, ...]:
    """Of all folders those that may get mail that concerns us: the inbox, junk, and forwarded texts.

    Args:
        folders: names as people read them, `/` between levels.
    """
    wanted = [name for name in folders if name.rpartition("/")[2].lower() in _JUNK | _TEXTS]
    return ("INBOX", *(name for name in wanted if name.upper() != "INBOX"))
