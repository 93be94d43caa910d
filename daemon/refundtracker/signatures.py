"""DKIM signatures verified here, where the user's provider writes no verdict (RFC 6376; the extra `dkim`).

A second opinion, and a strict one. Of a mail that claims somebody we follow, only a signature of the very
domain of its From, or of a parent of that, is looked at; what could be added or changed under a valid
signature (`l=`, an unsigned From or Subject) makes it worth nothing. A key that cannot be fetched proves
nothing and disproves nothing. The only room of dkimpy and of dnspython.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from refundparsers.verdicts import under
from refundtracker.errors import BadConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Lookup = Callable[[str], bytes | None]

# A mail has two or three signatures; more is somebody's attempt to be slow.
_MOST_SIGNATURES: Final = 8
_LARGEST: Final = 30_000_000
_SMALLEST_KEY: Final = 1024  # RFC 8301
_SECONDS: Final = 5.0
# While DNS does not answer, every mail would wait for it.
_PAUSE: Final = timedelta(minutes=10)
_MUST_BE_SIGNED: Final = (b"from", b"subject")


class DnsSilent(Exception):
    """DNS gave no answer; whether there is a key is not known."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the signatures of one mail are worth.

    Attributes:
        proven: domains whose signature holds.
        open: domains of sound signatures whose key could not be fetched, or is there no longer.
        why: a sentence for each signature that was looked at and does not hold.
    """

    proven: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


class _Worthless(ValueError):
    """A signature that proves nothing; the sentence says why."""


@dataclass(slots=True)
class Signatures:
    """Verifies signatures, and rests while DNS is silent.

    Attributes:
        lookup: the TXT record of a name, or None when there is none; raises DnsSilent.
        clock: for signatures that expire.
    """

    lookup: Lookup
    clock: Callable[[], datetime]
    _rests_until: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    def opinion(self, raw: bytes, sender: str) -> Opinion:
        """What the signatures in a mail say about the domain of its only sender.

        Args:
            raw: the mail as the server keeps it.
            sender: the address of its From.
        """
        domain = sender.rpartition("@")[2].lower()
        if b"dkim-signature" not in raw[:1_000_000].lower() or len(raw) > _LARGEST:
            return Opinion(why=("it is not signed",))
        proven: list[str] = []
        unknown: list[str] = []
        why: list[str] = []
        for number, signature in enumerate(_signatures(raw)):
            signer = _text(signature.get(b"d", b""))
            if not under(domain, signer):
                continue
            try:
                _require_sound(signature, self.clock())
                (proven if self._holds(raw, number) else unknown).append(signer)
            except _Worthless as worthless:
                why.append(f"the signature by {signer} {worthless}")
        return Opinion(tuple(dict.fromkeys(proven)), tuple(dict.fromkeys(unknown)), tuple(why))

    def _holds(self, raw: bytes, number: int) -> bool:
        """Whether a signature holds; False when its key is not to be had.

        Raises:
            _Worthless: it was not made over this mail, or its key is no good.
        """
        import dkim

        fetched: list[bytes | None] = []

        def dns(name: bytes, timeout: float = _SECONDS) -> bytes | None:  # noqa: ARG001 - dkimpy's protocol
            fetched.append(self._fetched(name.decode("ascii", "replace").rstrip(".")))
            return fetched[-1]

        try:
            holds = dkim.DKIM(raw, minkey=_SMALLEST_KEY).verify(idx=number, dnsfunc=dns)
        except DnsSilent:
            return False
        except (
            dkim.DKIMException,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            ArithmeticError,
        ) as bad:
            raise _Worthless(f"does not hold ({type(bad).__name__})") from bad
        key = fetched[-1] if fetched else None
        if key is None:
            return False
        if not holds:
            raise _Worthless("was not made over this mail with the key in DNS")
        _require_serious(key)
        return True

    def _fetched(self, name: str) -> bytes | None:
        if self.clock() < self._rests_until:
            raise DnsSilent("DNS did not answer a moment ago")
        try:
            return self.lookup(name)
        except DnsSilent:
            self._rests_until = self.clock() + _PAUSE
            raise


def second_opinion(*, wanted: bool | None, clock: Callable[[], datetime]) -> Signatures | None:
    """What verifies signatures by the system's DNS, or None when nothing does.

    Args:
        wanted: `verify_dkim` as configured; None means: where the extra is installed.
        clock: the time in UTC.

    Raises:
        BadConfig: it is wanted, and the extra is not installed.
    """
    if wanted is False:
        return None
    missing = [name for name in ("dkim", "dns") if find_spec(name) is None]
    if not missing:
        return Signatures(system_dns, clock)
    if wanted is None:
        return None
    raise BadConfig(
        "verify_dkim", ("needs the extra dkim; install it with: pip install 'refundtracker[dkim]'",)
    )


def system_dns(name: str) -> bytes | None:
    """The TXT record of a name, by the resolvers of the system; None when there is none.

    Raises:
        DnsSilent: no resolver is known, or none answers.
    """
    import dns.exception
    import dns.resolver

    try:
        found = dns.resolver.resolve(name, "TXT", lifetime=_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except (dns.exception.DNSException, OSError) as error:
        raise DnsSilent(f"DNS did not answer for {name}: {error}") from error
    texts = [b"".join(record.strings) for record in found]
    # Of several records at one name the receiver may take any (RFC 6376, 3.6.2.2); we take none.
    return texts[0] if len(texts) == 1 else None


def _signatures(raw: bytes) -> Iterator[dict[bytes, bytes]]:
    """The tags of each DKIM-Signature header, from the top; without tags where it is malformed."""
    import dkim
    from dkim.util import InvalidTagValueList, parse_tag_value

    try:
        headers: list[Any] = dkim.DKIM(raw).headers
    except (dkim.DKIMException, ValueError, IndexError):
        return
    values = [value for name, value in headers if name.lower() == b"dkim-signature"]
    for value in values[:_MOST_SIGNATURES]:
        try:
            yield parse_tag_value(value)
        except InvalidTagValueList:
            yield {}


def _require_sound(signature: dict[bytes, bytes], now: datetime) -> None:
    """Refuse what leaves room for forgery, whatever the key says."""
    if b"l" in signature:
        raise _Worthless("covers only a part of the text (l=)")
    if signature.get(b"a", b"").strip().lower() not in (b"rsa-sha256", b"ed25519-sha256"):
        raise _Worthless("is made by a method that can be forged today (a=)")
    signed = [name.strip().lower() for name in signature.get(b"h", b"").split(b":")]
    for header in _MUST_BE_SIGNED:
        if header not in signed:
            raise _Worthless(f"does not cover the {_text(header).title()} (h=)")
    expires = signature.get(b"x", b"").strip()
    if expires and not (expires.isdigit() and int(expires[:15]) >= now.timestamp()):
        raise _Worthless("has expired (x=)")


def _require_serious(key: bytes) -> None:
    """A key that is marked as a test proves nothing (RFC 6376, 3.6.1)."""
    from dkim.util import parse_tag_value

    flags = [flag.strip() for flag in parse_tag_value(key).get(b"t", b"").split(b":")]
    if b"y" in flags:
        raise _Worthless("is made with a key that is only a test (t=y)")


def _text(value: bytes) -> str:
    return "".join(value.decode("ascii", "replace").split()).lower()
