"""Who speaks in a mail: the address, never the display name; the provider's word, never the sender's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundparsers.message import decode
from refundparsers.presets import PRESETS
from refundparsers.senders import (
    STREAMS,
    WALLETS,
    SenderPolicy,
    Speaker,
    follows,
    identify,
    search_terms,
)

if TYPE_CHECKING:
    from refundparsers.notices import Trust
    from refundparsers.senders import Role, Stream

ALIEXPRESS = "transaction@notice.aliexpress.com"
RELAYED = "transaction_at_notice_aliexpress_com_9x2k4n8v7d_0a1b2c3d@privaterelay.appleid.com"
ME = "me@naver.com"
GMAIL = SenderPolicy(allowed=frozenset({ME}), authserv=("mx.google.com",))


def mail(sender: str, *headers: str, policy: SenderPolicy = GMAIL) -> Speaker:
    """The speaker of a mail with one From header and others above it."""
    lines = [*headers, f"From: {sender}", "Date: Tue, 12 May 2026 04:22:00 +0000", "Subject: s", "", "b", ""]
    return identify(decode("\r\n".join(lines).encode()), policy)


def passed(domain: str, by: str = "mx.google.com") -> str:
    return f"Authentication-Results: {by};\r\n dmarc=pass (p=NONE) header.from={domain}"


def failed(domain: str) -> str:
    return f"Authentication-Results: mx.google.com; dmarc=fail header.from={domain}"


ADDRESSES: list[tuple[str, Role, Stream]] = [
    (ALIEXPRESS, "aliexpress", "transaction"),
    ("Transaction@Notice.AliExpress.COM", "aliexpress", "transaction"),
    ("transaction@notice.aliexpress.com.", "aliexpress", "transaction"),
    ("message@notice.aliexpress.com", "aliexpress", "message"),
    ("notice@info.aliexpress.com", "aliexpress", "message"),
    ("account@notice.aliexpress.com", "aliexpress", "account"),
    ("aliexpress@notice.aliexpress.com", "aliexpress", "survey"),
    ("anything@deals.aliexpress.com", "aliexpress", "advert"),
    ("anything@mail.aliexpress.com", "aliexpress", "advert"),
    ("anything@selections.aliexpress.com", "aliexpress", "advert"),
    ("anything@newarrival.aliexpress.com", "aliexpress", "advert"),
    ("promotion@aliexpress.com", "aliexpress", "advert"),
    ("promotion@notice.aliexpress.com", "aliexpress", "advert"),
    ("transaction_seller@notice.aliexpress.com", "aliexpress", "other"),
    ("transaction@aliexpress.com", "aliexpress", "other"),
    ("transaction@new.notice.aliexpress.com", "aliexpress", "other"),
    (RELAYED, "aliexpress", "transaction"),
    (RELAYED.upper(), "aliexpress", "transaction"),
    ("notice_at_info_aliexpress_com_a1_b2@privaterelay.appleid.com", "aliexpress", "message"),
    ("transaction_seller_at_notice_aliexpress_com_a1_b2@privaterelay.appleid.com", "aliexpress", "other"),
    ("x_at_deals_aliexpress_com_a1_b2@privaterelay.appleid.com", "aliexpress", "advert"),
    ("service@paypal.com", "wallet", "transaction"),
    ("Service@Intl.PayPal.com", "wallet", "transaction"),
    ("service@paypal.de", "wallet", "transaction"),
    (ME, "user", "other"),
    ("ME@Naver.COM", "user", "other"),
    # Look-alikes and neighbours
    ("transaction@aliexpress.com.evil.example", "stranger", "other"),
    ("transaction@notice.aliexpress.com.evil", "stranger", "other"),
    ("transaction@notaliexpress.com", "stranger", "other"),
    ("transaction@evil-aliexpress.com", "stranger", "other"),
    ("transaction@notice-aliexpress.com", "stranger", "other"),
    ("transaction@notice.aliexpress.co", "stranger", "other"),
    ("transaction@aliexpress.xn--com-aoa", "stranger", "other"),
    ("transaction@notice.xn--aliexpess-8ig.com", "stranger", "other"),
    ("transaction@notice.аliexpress.com", "stranger", "other"),
    ("notice.aliexpress.com@evil.example", "stranger", "other"),
    ("x_at_aliexpress_com_evil_example_a1_b2@privaterelay.appleid.com", "stranger", "other"),
    ("x_at_aliexpress_com_de_a1_b2@privaterelay.appleid.com", "stranger", "other"),
    ("x_at_notaliexpress_com_a1_b2@privaterelay.appleid.com", "stranger", "other"),
    ("x_at_not-aliexpress_com_a1_b2@privaterelay.appleid.com", "stranger", "other"),
    ("x_at_evil_example_a1_b2@privaterelay.appleid.com", "stranger", "other"),
    ("a_at_aliexpress_com_a1_b2_at_evil_example_c3_d4@privaterelay.appleid.com", "stranger", "other"),
    ("transaction_at_notice_aliexpress_com_a1_b2@appleid.com", "stranger", "other"),
    ("transaction_at_notice_aliexpress_com_a1_b2@evil.privaterelay.appleid.com", "stranger", "other"),
    ("service@paypal.com.evil.example", "stranger", "other"),
    ("service@paypal.evil", "stranger", "other"),
    ("services@paypal.com", "stranger", "other"),
    ("me+tag@naver.com", "stranger", "other"),
    ("notme@naver.com", "stranger", "other"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "role", "stream"), ADDRESSES)
def test_an_address_has_one_role_and_one_stream(address: str, role: Role, stream: Stream) -> None:
    actual = mail(f"AliExpress <{address}>")

    assert (actual.role, actual.stream) == (role, stream)
    assert actual.issuer == ("paypal" if role == "wallet" else None)
    assert (actual.trust is None) == (role == "stranger")


@pytest.mark.parametrize(("address", "role", "_stream"), ADDRESSES)
def test_follows_and_identify_agree_and_the_search_finds_what_they_follow(
    address: str, role: Role, _stream: Stream
) -> None:
    assert follows(address, GMAIL) == (role != "stranger")
    if role != "stranger":
        assert any(term in address.lower() for term in search_terms(GMAIL))


NO_ADDRESSES = [
    "", "@", "aliexpress.com", "@aliexpress.com", "a@b@aliexpress.com", "a b@aliexpress.com",
    "a@.aliexpress.com", "a@\x1b[2J.aliexpress.com", "a\r\nb@aliexpress.com", "a@aliexpress.com.x",
    "\udcff@aliexpress.com", "\udcff" + RELAYED,
]  # fmt: skip


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_plain_address_is_not_followed(address: str) -> None:
    assert not follows(address, GMAIL)


class TestDisplayNames:
    """What a mail program shows largest proves least."""

    @pytest.mark.parametrize(
        "sender",
        [
            f'"{ALIEXPRESS}" <x@evil.example>',
            f'"AliExpress <{ALIEXPRESS}>" <x@evil.example>',
            f"AliExpress ({ALIEXPRESS}) <x@evil.example>",
            "=?utf-8?q?AliExpress_=3Ctransaction=40notice=2Ealiexpress=2Ecom=3E?= <x@evil.example>",
        ],
    )
    def test_a_brand_in_the_name_is_a_stranger(self, sender: str) -> None:
        assert mail(sender, passed("evil.example")).role == "stranger"


class TestSeveralSenders:
    """Programs differ in which sender they check and which they show, so none is proven."""

    @pytest.mark.parametrize(
        "sender",
        [
            f"{ALIEXPRESS}, x@evil.example",
            f"x@evil.example, {ALIEXPRESS}",
            f"x@evil.example\r\nFrom: {ALIEXPRESS}",
            f"{ALIEXPRESS}\r\nFrom: x@evil.example",
            f"{ALIEXPRESS}\r\nFrom: {ALIEXPRESS}",
        ],
    )
    def test_one_of_them_is_followed(self, sender: str) -> None:
        actual = mail(sender, passed("notice.aliexpress.com"))

        assert actual == Speaker(
            role="aliexpress",
            address=ALIEXPRESS,
            stream="transaction",
            issuer=None,
            trust="forged",
            why="The mail names two senders or more, so none of them is proven.",
        )

    def test_none_of_them_is_followed(self) -> None:
        assert mail("a@evil.example, b@evil.example").role == "stranger"

    def test_no_sender_at_all(self) -> None:
        assert mail("undisclosed-senders:;").role == "stranger"

    def test_a_from_that_can_be_read_in_two_ways(self) -> None:
        actual = mail(f'"AliExpress <{ALIEXPRESS}>', passed("notice.aliexpress.com"))

        assert (actual.role, actual.trust) == ("aliexpress", "forged")
        assert actual.why == "The From header is damaged or there twice, so it proves nobody."


class TestProof:
    @pytest.mark.parametrize(
        ("address", "domain"),
        [
            (ALIEXPRESS, "notice.aliexpress.com"),
            (RELAYED, "privaterelay.appleid.com"),
            ("service@intl.paypal.com", "intl.paypal.com"),
            ("service@paypal.de", "paypal.de"),
        ],
    )
    def test_the_providers_word_decides(self, address: str, domain: str) -> None:
        assert mail(address, passed(domain)).trust == "verified"
        assert mail(address, failed(domain)).trust == "forged"
        assert mail(address, failed(domain), passed(domain)).trust == "forged"
        assert mail(address, passed("evil.example")).trust == "unproven"
        assert mail(address, passed(domain, by="evil.example")).trust == "unproven"
        assert mail(address).trust == "unproven"

    @pytest.mark.parametrize(
        ("address", "signer", "trust"),
        [
            (ALIEXPRESS, "aliexpress.com", "verified"),
            (ALIEXPRESS, "notice.aliexpress.com", "verified"),
            (ALIEXPRESS, "aliexpress.com.evil.example", "unproven"),
            (ALIEXPRESS, "paypal.com", "unproven"),
            ("service@intl.paypal.com", "paypal.com", "verified"),
            ("service@paypal.de", "paypal.com", "unproven"),
            (RELAYED, "privaterelay.appleid.com", "verified"),
            (RELAYED, "aliexpress.com", "unproven"),
            # Whatever an iCloud user writes is signed so.
            (RELAYED, "icloud.com", "unproven"),
        ],
    )
    def test_a_signature_must_be_of_the_owner(self, address: str, signer: str, trust: str) -> None:
        header = f"Authentication-Results: mx.google.com; dkim=pass header.d={signer}"
        assert mail(address, header).trust == trust

    def test_nobody_is_believed_where_nothing_is_configured(self) -> None:
        actual = mail(ALIEXPRESS, passed("notice.aliexpress.com"), policy=SenderPolicy())

        assert actual.trust == "unproven"
        assert actual.why == "Nobody's Authentication-Results are believed: `authserv` is empty."

    @pytest.mark.parametrize(
        ("forwarders", "trust"),
        [((), "unproven"), (("other.example",), "unproven"), (("Forwarder.example",), "verified")],
    )
    def test_a_forwarder_is_believed_when_named(self, forwarders: tuple[str, ...], trust: str) -> None:
        seal = "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=forwarder.example; s=s; b=x"
        verdict = (
            "Authentication-Results: mx.google.com; arc=pass (i=1 dmarc=pass\r\n"
            " fromdomain=notice.aliexpress.com);\r\n dmarc=fail header.from=notice.aliexpress.com"
        )
        policy = SenderPolicy(authserv=("mx.google.com",), forwarders=forwarders)
        actual = mail(ALIEXPRESS, seal, verdict, policy=policy)

        assert actual.trust == trust
        assert "forwarder" in actual.why


class TestAllowed:
    """An address the user named may speak until the provider contradicts it."""

    def test_without_a_verdict(self) -> None:
        actual = mail(ME)

        assert actual.trust == "allowed"
        assert actual.why == "The user allows this address, and the provider does not contradict it."

    def test_with_a_verdict(self) -> None:
        assert mail(ME, passed("naver.com")).trust == "allowed"
        assert mail(ME, failed("naver.com")).trust == "forged"
        assert mail(ME, failed("naver.com").replace("google", "evil")).trust == "allowed"

    def test_a_seal_of_an_unnamed_forwarder_does_not_help(self) -> None:
        header = (
            "Authentication-Results: mx.google.com; arc=pass (i=1 dmarc=pass fromdomain=naver.com);"
            " dmarc=fail header.from=naver.com"
        )
        assert mail(ME, header).trust == "forged"

    def test_aliexpress_keeps_its_role(self) -> None:
        policy = SenderPolicy(allowed=frozenset({ALIEXPRESS.upper()}), authserv=("mx.google.com",))
        domain = "notice.aliexpress.com"

        assert mail(ALIEXPRESS, policy=policy).role == "aliexpress"
        assert mail(ALIEXPRESS, policy=policy).trust == "allowed"
        assert mail(ALIEXPRESS, passed(domain), policy=policy).trust == "verified"
        assert mail(ALIEXPRESS, failed(domain), policy=policy).trust == "forged"


class TestPatterns:
    """`*@domain` is for gateways whose senders are numbers; it takes nobody's word for the domain."""

    GATEWAY = SenderPolicy(
        allowed=frozenset({"*@sms.example.net", "*@gmail.com"}), authserv=("mx.google.com",)
    )

    def trust(self, sender: str, *headers: str) -> tuple[Role, Trust | None]:
        found = mail(sender, *headers, policy=self.GATEWAY)
        return found.role, found.trust

    def test_a_proven_number_of_the_gateway_is_allowed(self) -> None:
        assert self.trust("01012345678@sms.example.net", passed("sms.example.net")) == ("user", "allowed")
        assert self.trust("15447200@SMS.Example.net", passed("sms.example.net")) == ("user", "allowed")

    def test_an_unproven_one_is_not(self) -> None:
        """An address that the user named may be believed on silence; one that anybody can make up may not."""
        assert self.trust("01012345678@sms.example.net") == ("user", "unproven")
        assert self.trust("01012345678@sms.example.net", passed("example.net")) == ("user", "unproven")
        assert self.trust("01012345678@sms.example.net", failed("sms.example.net")) == ("user", "forged")
        assert self.trust("1@sms.example.net", passed("sms.example.net", by="mx.evil")) == (
            "user",
            "unproven",
        )

    def test_a_sender_called_like_the_pattern_is_not_named_by_it(self) -> None:
        assert self.trust("*@sms.example.net") == ("user", "unproven")

    @pytest.mark.parametrize(
        "sender",
        [
            "1@sub.sms.example.net",
            "1@example.net",
            "1@sms.example.net.evil.example",
            "1@evil-sms.example.net",
            "1@smsxexample.net",
            "someone@gmail.com",
            "*@gmail.com",
            '"1@sms.example.net" <x@evil.example>',
            "x@*",
        ],
    )
    def test_it_is_exactly_the_domain_and_none_that_is_open_to_all(self, sender: str) -> None:
        assert (
            mail(sender, passed(sender.rpartition("@")[2].strip(">")), policy=self.GATEWAY).role == "stranger"
        )

    def test_the_server_is_asked_for_the_domain(self) -> None:
        assert "sms.example.net" in search_terms(self.GATEWAY)


class TestSearchTerms:
    def test_they_are_ascii_and_none_contains_another(self) -> None:
        actual = search_terms(GMAIL)

        assert {"aliexpress.com", "aliexpress_com", "service@paypal.com", ME} <= set(actual)
        assert all(term.isascii() and term for term in actual)
        assert not [(a, b) for a in actual for b in actual if a != b and a in b]

    def test_an_address_in_letters_a_server_cannot_search_is_found_by_the_rest_of_it(self) -> None:
        policy = SenderPolicy(allowed=frozenset({"홍길동@naver.com"}))
        assert "@naver.com" in search_terms(policy)

    def test_an_empty_entry_asks_for_nothing(self) -> None:
        assert search_terms(SenderPolicy(allowed=frozenset({"", " ", "."}))) == search_terms(SenderPolicy())

    @settings(deadline=None)
    @given(st.frozensets(st.text(max_size=12) | st.emails(), max_size=5))
    def test_they_find_every_address_that_is_followed(self, allowed: frozenset[str]) -> None:
        policy = SenderPolicy(allowed=allowed)
        terms = search_terms(policy)

        assert "" not in terms
        for address in policy.allowed | WALLETS.keys():
            assert follows(address, policy)
            assert any(term in address for term in terms) or "@" not in address


def test_every_stream_of_the_table_can_be_reached() -> None:
    """A row that an earlier row hides would be a mistake in the table."""
    for local, domain, stream in STREAMS:
        address = f"{local.replace('*', 'x')}@{domain.replace('*', 'aliexpress.com')}"
        assert mail(address).stream == stream


def test_every_preset_believes_its_provider_and_nobody_else() -> None:
    samples = {
        "mx.google.com": "mx.google.com; ",
        "mx.naver.com": "mx.naver.com; ",
        "(none)": "",
        "atlas*.yahoo.com": "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com; ",
        "mx*.messagingengine.com": "mx6.messagingengine.com; ",
        "dmarc.icloud.com": "dmarc.icloud.com; ",
    }
    domain = "notice.aliexpress.com"
    for authserv in filter(None, PRESETS.values()):
        policy = SenderPolicy(authserv=authserv)
        trusts = {
            known: mail(ALIEXPRESS, passed(domain).replace("mx.google.com;\r\n ", head), policy=policy).trust
            for known, head in samples.items()
        }
        expected = {known: "verified" if known in authserv else "unproven" for known in samples}
        assert trusts == expected


HEADER_NAMES = st.sampled_from(["Authentication-Results", "ARC-Seal", "From", "Sender", "Received"])
WORDS = st.sampled_from([
    ALIEXPRESS, ME, "x@evil.example", "evil.example; ", "dmarc=pass ", "dkim=pass ", "arc=pass ",
    "header.d=aliexpress.com ", "header.from=notice.aliexpress.com ",
    "(", ")", '"', ";", "\\", "\r\n ", "<", ">", ",", "\0", "é",
])  # fmt: skip
LINES = st.lists(st.tuples(HEADER_NAMES, st.lists(WORDS, max_size=9).map("".join)), max_size=5)


@settings(deadline=None)
@given(LINES)
def test_no_header_verifies_anybody_without_a_believed_id(lines: list[tuple[str, str]]) -> None:
    above = "".join(f"{name}: {value}\r\n" for name, value in lines)
    message = decode(f"{above}From: {ALIEXPRESS}\r\nSubject: s\r\n\r\nb".encode())

    assert identify(message, GMAIL).trust != "verified"
    assert identify(message, SenderPolicy()).trust in {None, "unproven", "forged"}
