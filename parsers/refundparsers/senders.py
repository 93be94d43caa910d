"""Who speaks in a mail, and whether it is proven.

A sender is judged by the one address of the one From header and by the verdict of the user's own
mail provider (`authresults`, `verdicts`). Display names never count. What may move money:
`verified` (the provider proved the domain) and `allowed` (the user named the address).

Addresses rest on mails seen in real mailboxes, except where a comment says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import re2

from refundparsers.authresults import is_host, read_findings
from refundparsers.presets import PUBLIC
from refundparsers.verdicts import Forwarding, failed_dmarc, prove, prove_signed, under

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refundparsers.message import Envelope
    from refundparsers.notices import Trust
    from refundparsers.verdicts import Proof

Stream = Literal["transaction", "message", "survey", "account", "advert", "other"]
Role = Literal["aliexpress", "wallet", "user", "stranger"]

#: What an address of AliExpress carries: local part, domain, stream. `*` is any; the first row wins.
STREAMS: Final[tuple[tuple[str, str, Stream], ...]] = (
    ("transaction", "notice.aliexpress.com", "transaction"),
    ("message", "notice.aliexpress.com", "message"),  # named in old scripts
    ("notice", "info.aliexpress.com", "message"),
    ("account", "notice.aliexpress.com", "account"),
    ("aliexpress", "notice.aliexpress.com", "survey"),
    ("*", "deals.aliexpress.com", "advert"),
    ("*", "mail.aliexpress.com", "advert"),
    ("*", "selections.aliexpress.com", "advert"),
    ("*", "newarrival.aliexpress.com", "advert"),
    ("promotion", "*", "advert"),
)

#: Wallets: address -> issuer, and the domain that owns it. Only service@paypal.com was seen in a
#: mail; the others are assumed, and an entry opens nothing until the provider proves its domain.
WALLETS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "service@paypal.com": ("paypal", "paypal.com"),
        "service@intl.paypal.com": ("paypal", "paypal.com"),
        "service@paypal.at": ("paypal", "paypal.at"),
        "service@paypal.be": ("paypal", "paypal.be"),
        "service@paypal.ch": ("paypal", "paypal.ch"),
        "service@paypal.co.uk": ("paypal", "paypal.co.uk"),
        "service@paypal.com.au": ("paypal", "paypal.com.au"),
        "service@paypal.de": ("paypal", "paypal.de"),
        "service@paypal.es": ("paypal", "paypal.es"),
        "service@paypal.fr": ("paypal", "paypal.fr"),
        "service@paypal.it": ("paypal", "paypal.it"),
        "service@paypal.nl": ("paypal", "paypal.nl"),
    }
)

_BRAND: Final = "aliexpress.com"
_RELAY: Final = "privaterelay.appleid.com"
# icloud.com is left out on purpose: it signs what every iCloud user writes.
_RELAY_OWNER: Final = "appleid.com"
# Apple's relay writes transaction@notice.aliexpress.com as transaction_at_notice_aliexpress_com_<id>_<id>.
# Exactly two ids: one word more, and the sender was at aliexpress.com.<something>.
_RELAYED: Final = re2.compile(r"([a-z0-9._+-]+)_at_((?:[a-z0-9-]+_)*aliexpress_com)_[a-z0-9]+_[a-z0-9]+")
_LOCAL: Final = re.compile(r"[a-z0-9._+=-]+")

#: In `allowed`: texts that SMS Backup+ on the user's phone writes as `<number>@unknown.email`.
ARCHIVED: Final = "*@unknown.email"
_ARCHIVE: Final = ARCHIVED.lstrip("*@")
# What a mail gets on its way. The phone writes into the folder itself, so its texts have none of it.
_TRACES: Final = ("Received", "Return-Path", "Delivered-To", "Authentication-Results", "ARC-Seal")
_WRITTEN_BY_PHONE: Final = ("X-smssync-id", "X-smssync-address")


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderPolicy:
    """Whom the user trusts.

    Attributes:
        allowed: addresses that may speak without proof. Case does not count, `+tags` do. An
            AliExpress or wallet address in it keeps its role and is `allowed` where the provider
            is silent; it is still `forged` when the provider says so. `*@sms.example.net` stands for
            every address of exactly that domain, such as a carrier's gateway whose senders are
            numbers; such a mail is believed only when the provider has proven the domain, and
            never where anybody may have an address (`presets.PUBLIC`). `*@unknown.email` stands
            for every number that SMS Backup+ writes as a sender; such a mail is believed only
            when nothing shows that it came over the network.
        authserv: whose Authentication-Results are believed: exact ids, ids with `*`
            (`mx*.messagingengine.com`), and `(none)` for Microsoft, which writes no id.
        forwarders: domains whose ARC seal over a mail they changed is believed.
    """

    allowed: frozenset[str] = frozenset()
    authserv: tuple[str, ...] = ()
    forwarders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        folded = {_folded(address) for address in self.allowed}
        object.__setattr__(self, "allowed", frozenset(folded - {""}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who a mail is from.

    Attributes:
        role: whose voice it is.
        address: of the From header, lower case; None when there is not exactly one and nobody we
            follow is among them.
        stream: what the address carries; `transaction` for wallets, `other` for users and strangers.
        issuer: of a wallet, `paypal`.
        trust: how sure it is; None for strangers, unless somebody else passed their words on.
        why: the verdict and what it rests on, an English sentence without the sender's own words.
    """

    role: Role
    address: str | None
    stream: Stream
    issuer: str | None
    trust: Trust | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """Whom an address claims to be, before any proof; `owner` is the domain its signer must be in."""

    role: Role
    address: str
    domain: str
    owner: str
    stream: Stream = "other"
    issuer: str | None = None


def identify(envelope: Envelope, policy: SenderPolicy, signed_by: Sequence[str] = ()) -> Speaker:
    """Say who speaks in a mail and how far that is proven.

    Args:
        envelope: of the mail, or the mail; From, Authentication-Results and ARC-Seal are read.
        policy: whom the user trusts.
        signed_by: domains whose signature over the mail the caller verified; they count where the
            provider is silent.

    Returns:
        The speaker. A mail with several senders or a malformed From is `forged` when it names
        anybody we follow: programs differ in which sender they check and which they show.
    """
    if envelope.facts.sender is None:
        return _without_one_sender(envelope, policy)
    claim = _claim(envelope.facts.sender, policy)
    if claim is None:
        return _stranger(envelope.facts.sender, "The sender is nobody we follow.")
    trust, why = _trust(envelope, claim, policy, signed_by)
    return _speaker(claim, trust, why)


def vouched(address: str | None, by: Speaker, policy: SenderPolicy) -> Speaker:
    """Who speaks in a mail that stands inside the mail of somebody else.

    It is as sure as the word of who passed it on, never surer: what such a mail says of its own
    proofs was written by whoever wrote the whole.

    Args:
        address: of the inner mail, as it stands there; None when there is none or more than one.
        by: whose mail it is inside; only a user whom the policy allows can vouch.
        policy: whom the user trusts.
    """
    trust = by.trust if by.role == "user" and by.trust else "unproven"
    why = by.why if by.role == "user" else "It was passed on by an address that you do not allow."
    claim = _claim(address, policy) if address else None
    if claim is None:
        return replace(_stranger(address, why), trust=trust)
    return _speaker(claim, trust, why)


def follows(address: str, policy: SenderPolicy) -> bool:
    """Whether a mail from this address concerns us; asked of headers before a body is fetched."""
    return _claim(address, policy) is not None


def search_terms(policy: SenderPolicy) -> tuple[str, ...]:
    """ASCII texts for `SEARCH FROM` which together find every address that `follows` accepts.

    A server compares them as parts of the From header and without case, so they find more than
    that; the headers are to be asked again. No term contains another.
    """
    named = {_longest_ascii(address.removeprefix("*@")) for address in policy.allowed}
    terms = {_BRAND, _BRAND.replace(".", "_"), *WALLETS, *named}
    return tuple(sorted(term for term in terms if not any(o in term for o in terms if o != term)))


def _folded(address: str) -> str:
    """Lower case, without the dot that may end a domain."""
    return address.lstrip().rstrip(". \t\r\n").lower()


def _longest_ascii(address: str) -> str:
    """The longest part that a server which only takes ASCII can look for."""
    parts = "".join(char if "!" <= char <= "~" else " " for char in address).split()
    return max(parts, key=len, default="@")


def _claim(address: str, policy: SenderPolicy) -> _Claim | None:
    """Whom an address claims to be, or None when we follow nobody of that address."""
    folded = _folded(address)
    return _aliexpress(folded) or _wallet(folded) or _user(folded, policy)


def _aliexpress(address: str) -> _Claim | None:
    local, _, domain = address.rpartition("@")
    if domain == _RELAY:
        return _relayed(address, local)
    # Plain characters only: a stray @, blank or control character is no address of AliExpress.
    if not (under(domain, _BRAND) and is_host(domain) and local.isascii() and _LOCAL.fullmatch(local)):
        return None
    stream = _stream(local, domain)
    return _Claim(role="aliexpress", address=address, domain=domain, owner=_BRAND, stream=stream)


def _relayed(address: str, local: str) -> _Claim | None:
    """AliExpress as Apple's relay writes it; the proof is then that the relay wrote it."""
    found = _RELAYED.fullmatch(local) if local.isascii() else None
    if not found:
        return None
    stream = _stream(found.group(1), found.group(2).replace("_", "."))
    return _Claim(role="aliexpress", address=address, domain=_RELAY, owner=_RELAY_OWNER, stream=stream)


def _stream(local: str, domain: str) -> Stream:
    for wanted_local, wanted_domain, stream in STREAMS:
        if wanted_local in {"*", local} and wanted_domain in {"*", domain}:
            return stream
    return "other"


def _wallet(address: str) -> _Claim | None:
    if address not in WALLETS:
        return None
    issuer, owner = WALLETS[address]
    domain = address.rpartition("@")[2]
    return _Claim(
        role="wallet", address=address, domain=domain, owner=owner, stream="transaction", issuer=issuer
    )


def _user(address: str, policy: SenderPolicy) -> _Claim | None:
    domain = address.rpartition("@")[2]
    if not _by_name(address, policy) and not _by_pattern(domain, policy):
        return None
    return _Claim(role="user", address=address, domain=domain, owner=domain)


def _by_name(address: str, policy: SenderPolicy) -> bool:
    """Whether the user allows this very address; a sender called `*` is none that anybody named."""
    return address in policy.allowed and not address.startswith("*@")


def _by_pattern(domain: str, policy: SenderPolicy) -> bool:
    """Whether the user allows every address of a domain."""
    return is_host(domain) and domain not in PUBLIC and f"*@{domain}" in policy.allowed


def _without_one_sender(envelope: Envelope, policy: SenderPolicy) -> Speaker:
    claims = (_claim(address, policy) for address in envelope.addresses)
    claim = next((claim for claim in claims if claim), None)
    if claim is None:
        return _stranger(None, "The mail does not have exactly one sender, and none whom we follow.")
    if len(envelope.addresses) > 1:
        return _speaker(claim, "forged", "The mail names two senders or more, so none of them is proven.")
    return _speaker(claim, "forged", "The From header is damaged or there twice, so it proves nobody.")


def _trust(
    envelope: Envelope, claim: _Claim, policy: SenderPolicy, signed_by: Sequence[str]
) -> tuple[Trust, str]:
    """What the provider's word, a signature verified here and the user's word come to."""
    if claim.domain == _ARCHIVE and claim.role == "user":
        return _archived(envelope)
    findings = read_findings(envelope.all("Authentication-Results"), policy.authserv)
    trusted = tuple(domain.lower() for domain in policy.forwarders)
    forwarding = Forwarding(seals=envelope.all("ARC-Seal"), trusted=trusted)
    proof = prove(findings, claim.domain, claim.owner, forwarding)
    if proof.word == "silent" and claim.role != "user":
        proof = prove_signed(findings, claim.domain, claim.owner, signed_by) or proof
    if _by_name(claim.address, policy):
        # A stranger can seal a forged mail too; only a seal the user trusts outweighs the failure.
        return _allowed(proof, claim, failed=failed_dmarc(findings))
    trust, why = _proven(proof, policy)
    # Whom only a pattern allows must be proven to be of its domain; the user does not know him by name.
    return ("allowed", why) if claim.role == "user" and trust == "verified" else (trust, why)


def _archived(envelope: Envelope) -> tuple[Trust, str]:
    """A text of SMS Backup+: the phone put it into the folder by IMAP APPEND, so it has no trace of a way.

    Nobody owns the senders that it makes up, so no provider can speak for or against them.
    """
    travelled = next((name for name in _TRACES if envelope.first(name) is not None), None)
    if travelled:
        return "unproven", f"It has a {travelled} header, so it is not a text that the phone itself stored."
    if any(envelope.first(name) is None for name in _WRITTEN_BY_PHONE):
        return "unproven", "It lacks the headers that SMS Backup+ gives to the texts it stores."
    return "allowed", "SMS Backup+ stored this text from the phone, and you allow that."


def _allowed(proof: Proof, claim: _Claim, *, failed: bool) -> tuple[Trust, str]:
    if proof.word == "pass":
        return "allowed" if claim.role == "user" else "verified", proof.why
    if failed:
        return "forged", proof.why
    return "allowed", "The user allows this address, and the provider does not contradict it."


def _proven(proof: Proof, policy: SenderPolicy) -> tuple[Trust, str]:
    if proof.word == "silent" and not policy.authserv:
        return "unproven", "Nobody's Authentication-Results are believed: `authserv` is empty."
    trusts: dict[str, Trust] = {"pass": "verified", "fail": "forged"}
    return trusts.get(proof.word, "unproven"), proof.why


def _speaker(claim: _Claim, trust: Trust, why: str) -> Speaker:
    return Speaker(
        role=claim.role,
        address=claim.address,
        stream=claim.stream,
        issuer=claim.issuer,
        trust=trust,
        why=why,
    )


def _stranger(address: str | None, why: str) -> Speaker:
    return Speaker(role="stranger", address=address, stream="other", issuer=None, trust=None, why=why)
