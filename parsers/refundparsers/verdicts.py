"""Whether a From domain is proven, judged by what the provider found.

The rules are those of DMARC (RFC 7489): the domain of the From must itself have been checked, or
a passing signature must belong to the same owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from refundparsers.authresults import UNREADABLE, Finding, is_host

if TYPE_CHECKING:
    from collections.abc import Sequence

_FAILED: Final = frozenset({"fail", "hardfail"})
# RFC 8617 allows fifty sets of ARC headers; a mail to be trusted for its first seal has few.
_MOST_SEALS: Final = 50
_LONGEST_SEAL: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """What is needed to judge a mail that a forwarder changed and vouches for (RFC 8617).

    Attributes:
        seals: the ARC-Seal headers of the mail.
        trusted: domains of the forwarders the user named, lower case.
    """

    seals: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether a From domain is proven.

    Attributes:
        word: `pass` proven; `fail` contradicted; `forwarded` contradicted, but a forwarder whom
            the user did not name vouches for it; `silent` neither.
        why: what it rests on, an English sentence.
    """

    word: Literal["pass", "fail", "forwarded", "silent"]
    why: str


def under(domain: str, parent: str) -> bool:
    """Whether a domain is the parent or a dot-separated sub-domain of it; both lower case."""
    return domain == parent or domain.endswith("." + parent)


def prove(findings: Sequence[Finding], domain: str, owner: str, forwarding: Forwarding) -> Proof:
    """Judge a From domain by what the provider found.

    `dmarc=pass` for exactly this domain proves it, and so does a `dkim=pass` of an aligned domain
    when dmarc does not speak. A passing signature does not outweigh `dmarc=fail`: DMARC passes
    when any aligned signature does, so the two together mean that one of them was not written
    about this From. SPF proves the envelope, not the From.

    Args:
        findings: from `read_findings`.
        domain: of the From address, lower case.
        owner: the domain that the brand holds; a signer must lie in it.
        forwarding: the seals of the mail and whom the user trusts.
    """
    checked = [finding for finding in findings if finding.method == "dmarc"]
    if any(finding.word in _FAILED for finding in checked):
        return _forwarded(findings, domain, forwarding) or Proof(
            word="fail", why=f"{checked[0].by} says dmarc=fail for a mail that claims {domain}."
        )
    if checked and all(finding.word == "pass" and finding.domain == domain for finding in checked):
        return Proof(word="pass", why=f"{checked[0].by} says dmarc=pass for {domain}.")
    if any(_is_off_topic(finding, domain) for finding in checked):
        return Proof(word="silent", why=f"The dmarc result of {checked[0].by} is not one for {domain}.")
    for finding in findings:
        if _is_aligned(finding, domain, owner):
            return Proof(word="pass", why=f"{finding.by} says dkim=pass, signed by {finding.domain}.")
    return Proof(word="silent", why=_why_silent(findings, domain))


def prove_signed(
    findings: Sequence[Finding], domain: str, owner: str, signed_by: Sequence[str]
) -> Proof | None:
    """Judge a From domain by signatures that the caller verified itself, or None when they prove nothing.

    They count only where the provider is silent. One that found anything by dkim or dmarc saw the
    mail as it came, and so it knows better than who looks at it later.

    Args:
        findings: from `read_findings`.
        domain: of the From address, lower case.
        owner: the domain that the brand holds; a signer must lie in it.
        signed_by: the `d=` of each signature that holds.
    """
    if any(finding.method in {"dkim", "dmarc"} for finding in findings):
        return None
    for signer in (each.lower() for each in signed_by):
        if is_host(signer) and under(signer, owner) and under(domain, signer):
            return Proof(word="pass", why=f"Its signature by {signer} was verified here; no provider spoke.")
    return None


def failed_dmarc(findings: Sequence[Finding]) -> bool:
    """Whether the provider says that the From is not genuine."""
    return any(finding.method == "dmarc" and finding.word in _FAILED for finding in findings)


def _is_off_topic(finding: Finding, domain: str) -> bool:
    """A dmarc result that keeps dkim from speaking: unreadable, or about another From."""
    other = finding.domain is not None and finding.domain != domain
    return finding.word == UNREADABLE or (finding.word == "pass" and other)


def _is_aligned(finding: Finding, domain: str, owner: str) -> bool:
    signer = finding.domain
    if finding.method != "dkim" or finding.word != "pass" or signer is None:
        return False
    return under(signer, owner) and (under(signer, domain) or under(domain, signer))


def _why_silent(findings: Sequence[Finding], domain: str) -> str:
    if not findings:
        return f"No believed provider says anything about {domain}."
    said = ", ".join(sorted({f"{finding.method}={finding.word}" for finding in findings}))
    return f"{findings[0].by} says {said}; none of it proves {domain}."


def _forwarded(findings: Sequence[Finding], domain: str, forwarding: Forwarding) -> Proof | None:
    """The word of a forwarder over `dmarc=fail`, or None when nobody vouches.

    The chain must be judged in the very header that has the dmarc result: a provider that does
    not look at ARC would leave that place to the sender.
    """
    chains = [finding for finding in findings if finding.method == "arc"]
    places = {finding.place for finding in findings if finding.method in {"arc", "dmarc"}}
    if len(chains) != 1 or len(places) != 1:
        return None
    if chains[0].word != "pass" or not _vouches(chains[0].note, domain):
        return None
    sealer = _first_sealer(forwarding.seals)
    if sealer and any(under(sealer, trusted) for trusted in forwarding.trusted):
        return Proof(word="pass", why=f"The trusted forwarder {sealer} found dmarc=pass for {domain}.")
    return Proof(
        word="forwarded",
        why=f"dmarc=fail after forwarding; {sealer or 'an unnamed forwarder'} vouches for {domain}, "
        "but is not among the forwarders you trust.",
    )


def _vouches(note: str, domain: str) -> bool:
    """Gmail's remark, `i=1 spf=pass ... dmarc=pass fromdomain=X`: one seal, and what it found."""
    told = [word for word in note.lower().split() if word.startswith(("i=", "dmarc=", "fromdomain="))]
    return sorted(told) == ["dmarc=pass", f"fromdomain={domain}", "i=1"]


def _first_sealer(seals: Sequence[str]) -> str | None:
    """The domain of the only seal numbered 1, which is the forwarder's."""
    tags = [_tags(seal) for seal in islice(seals, _MOST_SEALS)]
    first = [told for told in tags if ("i", "1") in told]
    domains = [value for name, value in first[0] if name == "d"] if len(first) == 1 else []
    return domains[0] if len(domains) == 1 and is_host(domains[0]) else None


def _tags(seal: str) -> list[tuple[str, str]]:
    """A DKIM tag list (RFC 6376, 3.2) as pairs of name and value, lower case."""
    parts = (part.partition("=") for part in seal[:_LONGEST_SEAL].lower().split(";"))
    return [(name.strip(), value.strip()) for name, _, value in parts]
