"""DKIM verified here: mails signed with real keys, a DNS of our own, and every way to cheat that we know."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from refundparsers import read
from refundparsers.forms import shipped
from refundparsers.senders import SenderPolicy
from refundtracker.ingest import Reader
from refundtracker.signatures import DnsSilent, Signatures, second_opinion
from rigs.commands import Home

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)
SENDER = "transaction@notice.aliexpress.com"
OWNER = "aliexpress.com"
HEADERS = (b"from", b"to", b"subject", b"date")
MAIL = b"""From: AliExpress <transaction@notice.aliexpress.com>\r
To: me@example.net\r
Subject: Dispute Finished\r
Date: Tue, 12 May 2026 04:22:00 +0000\r
Message-ID: <9f3c1a@notice.aliexpress.com>\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
\r
Your dispute has come to an end.\r
Order number: 8012345678901234\r
Refund amount: US $5.20\r
"""


# Libraries make no keys as short as this one any more; it protects nothing.
SMALL_PRIVATE = b"""-----BEGIN RSA PRIVATE KEY-----
MIIBOgIBAAJBAOOhzBbvEfLJBSK+E3sqkbRUeT2LZXoDnxDKzr74DE+sM99aBAnB
6WC2MhJ/zbwylzp5Ti4GrxHzjPWbVemqodsCAwEAAQJAKvG/WyRHMpKSEXfinP3u
9yJorR+7SUWdoMFiN8z8JZtwCTRqmgBGqEgFe0Y0ZiOUEuhg+C6QBLoywpfBwtzJ
oQIhAP4ovHLiwBeh9IHn1t0NM7G+z3ytSlxOHZ+TdFklHEnFAiEA5Uff0/BeURzJ
MDj+lX2NTYmml0SeAbKlUmiknqD5Fx8CIQCyDSe39FJOPA9m0lwcEBue8eW5mkz1
zWPDXzGrIexnYQIgOd5bKuXnGDfYu5gXAWoP6PsOFe3Wp30MZvFMY1EjrWcCIHIQ
Knbk2Ro5cSKsfawK0/5Afqf2nWUxBUWs2gvIpWIu
-----END RSA PRIVATE KEY-----"""
SMALL_RECORD = (
    b"v=DKIM1; k=rsa; p="
    b"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAOOhzBbvEfLJBSK+E3sqkbRUeT2LZXoDnxDKzr74DE+sM99aBAnB6WC2MhJ/zbwylzp5Ti4GrxHzjPWbVemqodsCAwEAAQ=="
)


@cache
def keys(bits: int) -> tuple[bytes, bytes]:
    """A private key as PEM, and the TXT record of its public half."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, b"v=DKIM1; k=rsa; p=" + b64encode(public)


@dataclass
class Dns:
    """The records of a zone; a silent one answers nothing.

    Attributes:
        records: TXT records by name.
        silent: whether nobody answers.
        asked: the names that were asked for.
    """

    records: dict[str, bytes] = field(default_factory=dict)
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> bytes | None:
        self.asked.append(name)
        if self.silent:
            raise DnsSilent(name)
        return self.records.get(name)


def zone(domain: str = OWNER, record: bytes | None = None) -> Dns:
    return Dns({f"s1._domainkey.{domain}": record or keys(2048)[1]})


def signed(mail: bytes = MAIL, domain: str = OWNER, *, bits: int = 2048, **how: object) -> bytes:
    how = {"include_headers": list(HEADERS), **how}
    return bytes(dkim.sign(mail, b"s1", domain.encode(), keys(bits)[0], **how)) + mail


def signatures(dns: Dns, clock: datetime = NOW) -> Signatures:
    return Signatures(dns, lambda: clock)


def signed_with_tag(tag: bytes) -> bytes:
    """Signed with a tag that the library does not write by itself."""
    signer = dkim.DKIM(MAIL)
    real = signer.gen_header

    def with_tag(fields: list[tuple[bytes, bytes]], *rest: object, **named: object) -> object:
        name, _, value = tag.partition(b"=")
        return real([*fields[:-1], (name, value), fields[-1]], *rest, **named)

    signer.gen_header = with_tag
    header = signer.sign(b"s1", OWNER.encode(), keys(2048)[0], include_headers=list(HEADERS))
    return bytes(header) + MAIL


@pytest.mark.parametrize("domain", [OWNER, "notice.aliexpress.com"])
def test_a_signature_of_the_owner_proves_the_mail(domain: str) -> None:
    opinion = signatures(zone(domain)).opinion(signed(domain=domain), SENDER)

    assert opinion.proven == (domain,)
    assert opinion.why == ()


@pytest.mark.parametrize(
    "domain", ["deals.aliexpress.com", "aliexpress.com.example", "example.net", "xaliexpress.com"]
)
def test_a_signature_of_somebody_else_is_not_even_looked_at(domain: str) -> None:
    dns = zone(domain)
    opinion = signatures(dns).opinion(signed(domain=domain), SENDER)

    assert opinion.proven == ()
    assert dns.asked == []


def test_a_changed_mail_is_not_proven() -> None:
    dns = zone()
    for old, new in (
        (b"5.20", b"5000.20"),
        (b"Subject: Dispute", b"Subject: Refund"),
        (b"transaction@", b"t@"),
    ):
        opinion = signatures(dns).opinion(signed().replace(old, new), SENDER)

        assert (opinion.proven, opinion.open) == ((), ())


def test_text_added_under_a_length_is_not_believed() -> None:
    """`l=` lets anybody write on below the signed part, and the signature still holds."""
    mail = signed(length=True) + b"Refund amount: US $5000.00\r\n"

    assert dkim.verify(mail, dnsfunc=lambda name, timeout=5: keys(2048)[1])
    assert signatures(zone()).opinion(mail, SENDER).why == (
        "the signature by aliexpress.com covers only a part of the text (l=)",
    )


@pytest.mark.parametrize(("left_out", "named"), [(b"from", "From"), (b"subject", "Subject")])
def test_what_is_read_must_be_signed(left_out: bytes, named: str) -> None:
    tag = re.compile(rb"\bh=[^;]*;", re.DOTALL)
    kept = b" : ".join(name for name in HEADERS if name != left_out)
    mail = tag.sub(b"h=" + kept + b";", signed(), count=1)

    assert signatures(zone()).opinion(mail, SENDER).why == (
        f"the signature by aliexpress.com does not cover the {named} (h=)",
    )


def test_an_old_method_is_refused() -> None:
    mail = signed(signature_algorithm=b"rsa-sha1")

    assert "method that can be forged" in signatures(zone()).opinion(mail, SENDER).why[0]


def test_a_short_key_is_refused() -> None:
    """RFC 8301: keys below 1024 bits must not be taken."""
    dns = zone(record=SMALL_RECORD)
    header = dkim.sign(MAIL, b"s1", OWNER.encode(), SMALL_PRIVATE, include_headers=list(HEADERS))
    mail = bytes(header) + MAIL
    opinion = signatures(dns).opinion(mail, SENDER)

    assert opinion.proven == ()
    assert opinion.why == ("the signature by aliexpress.com does not hold (KeyFormatError)",)


def test_an_expired_signature_is_refused() -> None:
    until = int((NOW + timedelta(days=5)).timestamp())
    mail = signed_with_tag(b"x=%d" % until)

    assert signatures(zone()).opinion(mail, SENDER).proven == (OWNER,)
    assert signatures(zone(), NOW + timedelta(days=6)).opinion(mail, SENDER).why == (
        "the signature by aliexpress.com has expired (x=)",
    )


def test_a_key_that_is_only_a_test_proves_nothing() -> None:
    dns = zone(record=keys(2048)[1] + b"; t=s:y")

    assert "only a test" in signatures(dns).opinion(signed(), SENDER).why[0]


def test_another_key_proves_nothing() -> None:
    dns = zone(record=keys(1024)[1])
    opinion = signatures(dns).opinion(signed(), SENDER)

    assert (opinion.proven, opinion.open) == ((), ())
    assert "was not made over this mail" in opinion.why[0]


@pytest.mark.parametrize("dns", [Dns(), Dns(silent=True)], ids=["no key", "no answer"])
def test_without_a_key_nothing_is_known(dns: Dns) -> None:
    opinion = signatures(dns).opinion(signed(), SENDER)

    assert (opinion.proven, opinion.open, opinion.why) == ((), (OWNER,), ())


def test_a_silent_dns_is_left_alone_for_a_while() -> None:
    """A mailbox full of forged mail must not wait five seconds for each."""
    dns = zone()
    dns.silent = True
    clock = [NOW]
    by = Signatures(dns, lambda: clock[0])
    for _ in range(20):
        by.opinion(signed(), SENDER)
    waited = len(dns.asked)
    dns.silent = False
    clock[0] = NOW + timedelta(minutes=11)

    assert waited == 1
    assert by.opinion(signed(), SENDER).proven == (OWNER,)


def test_of_several_signatures_the_good_one_counts() -> None:
    mail = signed(signed(), domain="example.net")

    assert signatures(zone()).opinion(mail, SENDER).proven == (OWNER,)


@pytest.mark.parametrize(
    "mail",
    [
        MAIL,
        b"DKIM-Signature: nonsense\r\n" + MAIL,
        b"DKIM-Signature: v=1; d=aliexpress.com; a=rsa-sha256; h=from:subject; b=; bh=; s=\xff\r\n" + MAIL,
        b"DKIM-Signature: v=1; d=aliexpress.com; a=rsa-sha256; h=from:subject; b=AA==; bh=x; s=s1; c=?\r\n"
        + MAIL,
        b"dkim-signature",
        b"\x00dkim-signature: \xff\xfe",
    ],
)
def test_nonsense_proves_nothing_and_harms_nobody(mail: bytes) -> None:
    assert signatures(zone()).opinion(mail, SENDER).proven == ()


# --- What a reader makes of it ---------------------------------------------------------------------


def reading_by(dns: Dns | None, policy: SenderPolicy | None = None) -> Reader:
    opinions = signatures(dns) if dns else None
    return Reader(policy or SenderPolicy(), shipped(), ZoneInfo("Asia/Seoul"), opinions)


def test_a_verified_signature_makes_a_notice_where_the_provider_is_silent() -> None:
    found = reading_by(zone()).read(signed())

    assert (found.outcome, found.trust) == ("notice", "verified")
    assert found.proof == "Its signature by aliexpress.com was verified here; no provider spoke."
    assert [str(notice.money) for notice in found.notices] == ["5.20 USD"]


@pytest.mark.parametrize("dns", [None, Dns(), Dns(silent=True), zone(record=keys(1024)[1])])
def test_without_proof_the_mail_is_untrusted_never_forged(dns: Dns | None) -> None:
    found = reading_by(dns).read(signed())

    assert (found.outcome, found.trust) == ("untrusted", "unproven")


def test_the_reason_names_the_fault_of_the_signature() -> None:
    found = reading_by(zone()).read(signed(length=True))

    assert found.reason is not None
    assert found.reason.endswith("And the signature by aliexpress.com covers only a part of the text (l=).")


@pytest.mark.parametrize(
    "said", ["dmarc=fail header.from=notice.aliexpress.com", "dkim=fail header.d=aliexpress.com"]
)
def test_the_word_of_the_provider_stands_above_ours(said: str) -> None:
    """It saw the mail as it came; a signature that holds now does not outweigh it."""
    mail = f"Authentication-Results: mx.example.net; {said}\r\n".encode() + signed()
    found = reading_by(zone(), SenderPolicy(authserv=("mx.example.net",))).read(mail)

    assert found.outcome == "untrusted"


def test_a_provider_that_tells_only_spf_leaves_the_word_to_us() -> None:
    mail = b"Authentication-Results: mx.naver.com; spf=pass smtp.mailfrom=x@example.org\r\n" + signed()
    found = reading_by(zone(), SenderPolicy(authserv=("mx.naver.com",))).read(mail)

    assert (found.outcome, found.trust) == ("notice", "verified")


def test_nobody_is_asked_about_mails_that_concern_no_brand() -> None:
    dns = zone("example.net")
    policy = SenderPolicy(allowed=frozenset({"me@example.net"}))
    mail = MAIL.replace(b"AliExpress <transaction@notice.aliexpress.com>", b"me@example.net")
    for sender in (mail, mail.replace(b"me@", b"stranger@")):
        reading_by(dns, policy).read(signed(sender, domain="example.net"))

    assert dns.asked == []


def test_a_key_that_left_dns_takes_back_nothing_that_was_proven() -> None:
    """Keys are changed every few months, and the record is read again for years."""
    by = reading_by(Dns())
    mail = signed()

    assert by.read(mail, was="verified").trust == "verified"
    assert by.read(mail, was="unproven").trust == "unproven"
    assert by.read(mail.replace(b"h=", b"l=3; h=", 1), was="verified").trust == "unproven"


def test_domains_that_do_not_own_the_brand_prove_nothing_whatever_the_caller_says() -> None:
    for signer in ("example.net", "com", "", "notice.aliexpress.com.example.net", "deals.aliexpress.com"):
        assert read(MAIL, signed_by=(signer,)).trust == "unproven"
    assert read(MAIL, signed_by=("aliexpress.com",)).trust == "verified"


def test_a_reader_without_opinions_asks_nobody() -> None:
    assert second_opinion(wanted=False, clock=lambda: NOW) is None
    assert isinstance(second_opinion(wanted=True, clock=lambda: NOW), Signatures)
    assert isinstance(second_opinion(wanted=None, clock=lambda: NOW), Signatures)
    assert reading_by(None).signatures is None


def test_files_are_verified_on_request(tmp_path: Path) -> None:
    """Without the option nobody asks DNS; with it the reason says what the signature is worth."""
    home = Home(tmp_path)
    mail = tmp_path / "x.eml"
    mail.write_bytes(MAIL)
    home.config.write_text("")

    plain = home.run("refunds", "read", mail, "--json").json
    asked = home.run("refunds", "read", mail, "--json", "--verify-dkim").json

    assert plain["reason"] == "Nobody's Authentication-Results are believed: `authserv` is empty."
    assert asked["reason"] == plain["reason"] + " And it is not signed."
