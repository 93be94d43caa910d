"""Finding the mail servers of a domain that the table does not know. Asks the network; only when told to.

Two ways, both of which the domain itself offers: the file that mail programs read
(`autoconfig`, https only) and DNS (SRV, RFC 6186). A third asks Mozilla's public list and tells
it the domain; that is the user's to allow.
"""

from __future__ import annotations

from http.client import HTTPException
from typing import TYPE_CHECKING, Final
from urllib.error import URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, build_opener

from refundtracker.imap.signin import tls_context
from refundtracker.kinds import HOST
from refundtracker.setup import srv
from refundtracker.setup.providers import Endpoint, Provider, domain_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPMessage
    from pathlib import Path
    from typing import IO
    from urllib.request import Request
    from xml.etree.ElementTree import Element

    from refundtracker.setup.providers import Tls

MOZILLA: Final = "https://autoconfig.thunderbird.net/v1.1/{domain}"
_OWN: Final = (
    "https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}",
    "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
)
_SOCKETS: Final[dict[str, Tls]] = {"SSL": "tls", "STARTTLS": "starttls"}
_SRV: Final[tuple[tuple[str, Tls], ...]] = (("_imaps._tcp", "tls"), ("_imap._tcp", "starttls"))
_SRV_SMTP: Final[tuple[tuple[str, Tls], ...]] = (
    ("_submissions._tcp", "tls"), ("_submission._tcp", "starttls"),
)  # fmt: skip
_SECONDS: Final = 6.0
_LARGEST: Final = 256 * 1024


def discover(address: str, *, ask_mozilla: bool = False) -> Provider | None:
    """What the network says about an address; None when it says nothing that can be used.

    Args:
        address: whose domain is asked.
        ask_mozilla: whether Mozilla's public list may be asked as well, which is told the domain.
    """
    domain = domain_of(address)
    own = next(_from_files(_OWN, address), None) or by_dns(domain)
    if own or not ask_mozilla:
        return own
    return next(_from_files((MOZILLA,), address), None)


def _from_files(places: tuple[str, ...], address: str) -> Iterator[Provider]:
    domain = domain_of(address)
    for place in places:
        url = place.format(domain=domain, address=quote(address))
        told = fetched(url)
        found = read(told, address, urlsplit(url).netloc) if told else None
        if found:
            yield found


def fetched(url: str, ca_file: Path | None = None) -> bytes | None:
    """A file over https, redirections to https included; None when it is not to be had.

    Args:
        url: where it is.
        ca_file: PEM file of an own authority.
    """
    opener = build_opener(HTTPSHandler(context=tls_context(ca_file)), _OnlyHttps())
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            told: bytes = answer.read(_LARGEST)
            return told
    except (OSError, HTTPException, ValueError):  # ValueError: an address or an answer that is none
        return None


class _OnlyHttps(HTTPRedirectHandler):
    """A line that can be listened to is not followed: who forges the answer gets the password."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != "https":
            raise URLError("a redirection leads away from https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def read(told: bytes, address: str, source: str) -> Provider | None:
    """The servers in an autoconfig file; None when it names no IMAP server with encryption.

    The format is Mozilla's `clientConfig` (wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat).

    Args:
        told: the file.
        address: for the placeholders in it.
        source: whose file it is, for `Provider.checked`.
    """
    from xml.etree import ElementTree

    if b"<!" in told.replace(b"<!--", b""):  # no entities: a few bytes of them can fill the memory
        return None
    try:
        # The only dangers of this parser are entities, which are refused above.
        root = ElementTree.fromstring(told)  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    imap = _best(root, "incomingServer", "imap", address)
    if imap is None:
        return None
    server, user = imap
    smtp = _best(root, "outgoingServer", "smtp", address)
    name = (root.findtext(".//displayShortName") or root.findtext(".//displayName") or "").strip()
    return Provider(
        name=name[:40] or domain_of(address),
        imap=server,
        smtp=smtp[0] if smtp else None,
        user=None if user == address else user,
        checked=source,
    )


def _best(root: Element, tag: str, kind: str, address: str) -> tuple[Endpoint, str] | None:
    """The first server of a kind that encrypts, TLS from the first byte before STARTTLS."""
    servers = [_server(each, address) for each in root.iter(tag) if each.get("type") == kind]
    found = [each for each in servers if each]
    return min(found, key=lambda each: each[0].tls != "tls", default=None)


def _server(element: Element, address: str) -> tuple[Endpoint, str] | None:
    local, _, domain = address.rpartition("@")

    def filled(tag: str) -> str:
        text = (element.findtext(tag) or "").strip()
        for mark, value in (
            ("%EMAILADDRESS%", address),
            ("%EMAILLOCALPART%", local),
            ("%EMAILDOMAIN%", domain),
        ):
            text = text.replace(mark, value)
        return text

    tls, port = _SOCKETS.get(filled("socketType")), filled("port")
    endpoint = _endpoint(
        filled("hostname"), int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0, tls
    )
    user = filled("username")
    return (endpoint, user if user.isprintable() and user else address) if endpoint else None


def _endpoint(host: str, port: int, tls: Tls | None) -> Endpoint | None:
    """A server, if what was told can be one."""
    try:
        name = str(HOST.read(host))
    except ValueError:
        return None
    return Endpoint(host=name, port=port, tls=tls) if tls and 0 < port < 65536 else None


def by_dns(domain: str, servers: tuple[tuple[str, int], ...] | None = None) -> Provider | None:
    """The servers that DNS names for a domain.

    Args:
        domain: of the mail address.
        servers: the name servers to ask; those of this machine when None.
    """
    imap = _by_srv(domain, _SRV, servers)
    if imap is None:
        return None
    smtp = _by_srv(domain, _SRV_SMTP, servers)
    return Provider(name=domain, imap=imap, smtp=smtp, checked="DNS")


def _by_srv(
    domain: str, kinds: tuple[tuple[str, Tls], ...], servers: tuple[tuple[str, int], ...] | None
) -> Endpoint | None:
    for kind, tls in kinds:
        for service in srv.look_up(f"{kind}.{domain}", servers):
            found = _endpoint(service.host, service.port, tls)
            if found:
                return found
    return None


def is_at_home(host: str, address: str) -> bool:
    """Whether a server carries the name of the mail domain; DNS alone may have been forged (RFC 6186, 6)."""
    domain = domain_of(address)
    return host == domain or host.endswith(f".{domain}")
