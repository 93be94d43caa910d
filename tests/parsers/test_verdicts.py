"""The provider's verdict: what its headers say, and what a sender cannot make them say."""

from __future__ import annotations

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from refundparsers.authresults import UNREADABLE, Finding, _open, _parsed, _plainly, is_host, read_findings
from refundparsers.presets import NO_ID
from refundparsers.verdicts import Forwarding, Proof, prove, under

FROM = "notice.aliexpress.com"
OWNER = "aliexpress.com"
GMAIL = ("mx.google.com",)
NAVER = ("mx.naver.com",)
OUTLOOK = (NO_ID,)
YAHOO = ("atlas*.yahoo.com",)
ICLOUD = ("dmarc.icloud.com", "dkim-verifier.icloud.com", "spf.icloud.com", "arc.icloud.com")
FASTMAIL = ("mx*.messagingengine.com",)

G = "mx.google.com; "
OK = f"dmarc=pass header.from={FROM}"
BAD = f"dmarc=fail header.from={FROM}"
PASS = G + OK
FAIL = f"{G}dmarc=fail (p=QUARANTINE) header.from={FROM}"
SPF = f"{G}spf=pass smtp.mailfrom=bounce@{FROM}"
SIGNED = f"{G}dkim=pass header.i=@{FROM} header.s=s1024 header.b=Ab/Cd=="
CHAIN = f"""arc=pass (i=1 spf=pass spfdomain={FROM} dkim=pass dkdomain={OWNER}
 dkim=pass dkdomain=x.example dmarc=pass fromdomain={FROM})"""
VOUCHED = f"{G}{CHAIN}; {BAD}"
SEAL = "i=1; a=rsa-sha256; t=1; cv=none; d=forwarder.example; s=arc; b=AbC=="
OWN_SEAL = "i=2; a=rsa-sha256; t=2; cv=pass; d=google.com; s=arc; b=AbC=="


def judge(
    headers: list[str],
    authserv: tuple[str, ...] = GMAIL,
    seals: tuple[str, ...] = (),
    trusted: tuple[str, ...] = (),
) -> Proof:
    findings = read_findings(headers, authserv)
    return prove(findings, FROM, OWNER, Forwarding(seals=seals, trusted=trusted))


# In the shape each provider is known to write; the values are made up.
GENUINE: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "gmail": (GMAIL, [f"""mx.google.com;
       dkim=pass header.i=@{FROM} header.s=s1024 header.b=x;
       spf=pass (google.com: domain of b@{FROM} designates 192.0.2.1 as permitted sender)
       smtp.mailfrom=b@{FROM}; dmarc=pass (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from={FROM}"""]),
    "naver, its form of dkim assumed": (NAVER, [f"""mx.naver.com; spf=pass (mx.naver.com: domain of
       b@{FROM} designates 192.0.2.1 as permitted sender) smtp.mailfrom=b@{FROM};
       dkim=pass header.i=@aliexpress.com"""]),
    "outlook writes no id": (OUTLOOK, [f"""spf=pass (sender IP is 192.0.2.1) smtp.mailfrom={FROM};
       dkim=pass (signature was verified) header.d=aliexpress.com;dmarc=pass action=none
       header.from={FROM};compauth=pass reason=100"""]),
    "older outlook interleaves a domain": (OUTLOOK, [f"""spf=pass (sender IP is 192.0.2.1)
       smtp.mailfrom={FROM}; hotmail.com; dkim=pass (signature was verified)
       header.d={FROM};hotmail.com; dmarc=pass action=none header.from={FROM};"""]),
    "yahoo ends with a semicolon": (YAHOO, [f"""atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;
       dkim=unknown; dkim=pass header.i=@{FROM} header.s=s1024; spf=pass smtp.mailfrom={FROM};
       dmarc=pass(p=QUARANTINE) header.from={FROM};"""]),
    "icloud writes one header a method, a picture on top": (ICLOUD, [
        'bimi.icloud.com; bimi=skipped reason="insufficient dmarc"',
        "arc.icloud.com; arc=none",
        f"dmarc.icloud.com; {OK}",
        f"dkim-verifier.icloud.com; dkim=pass (1024-bit key) header.d={FROM} header.b=x",
        f"spf.icloud.com; spf=pass (spf.icloud.com: domain of b@{FROM}) smtp.mailfrom=b@{FROM}",
    ]),
    "fastmail splits, and names an IPv6 address": (FASTMAIL, [
        "mx6.messagingengine.com; bimi=skipped (DMARC Policy is not at enforcement)",
        "mx6.messagingengine.com; arc=none (no signatures found)",
        f"""mx6.messagingengine.com; dkim=pass (1024-bit rsa key sha256) header.d={OWNER}
       header.i=@{OWNER} header.b=x header.a=rsa-sha256 header.s=s x-bits=1024; dmarc=pass
       policy.published-domain-policy=quarantine policy.applied-disposition=none (p=quarantine)
       header.from={FROM}; iprev=pass smtp.remote-ip=2001:db8::1 (a.example); x-ptr=pass x-ptr-helo=a""",
    ]),
    "own server: opendmarc over opendkim over a policy daemon": (("mail.home.example",), [
        f"mail.home.example; dmarc=pass (p=none dis=none) header.from={FROM}",
        f'mail.home.example; dkim=pass (1024-bit key; unprotected) header.d={OWNER} header.b="a/b"',
        f"mail.home.example; spf=pass (mailfrom) smtp.mailfrom={FROM}",
    ]),
    "signature only": (GMAIL, [SIGNED]),
    "signature of the parent, dmarc=none": (GMAIL, [f"{G}dkim=pass header.d={OWNER}; dmarc=none"]),
    "signature, dmarc=none of the parent": (
        GMAIL,
        [f"{G}dkim=pass header.d={FROM}; dmarc=none header.from={OWNER}"],
    ),
    "signature of a sub-domain": (GMAIL, [f"{G}dkim=pass header.d=a.{FROM}"]),
    "one of two signatures": (GMAIL, [f"{G}dkim=pass header.d=r.example; dkim=pass header.d={FROM}"]),
    "a broken signature beside": (GMAIL, [f"{G}dkim=fail header.d=a.example; dkim=pass header.d={FROM}"]),
    "headers of others between": (GMAIL, [f"list.example; {BAD}", PASS]),
    "upper case": (GMAIL, [PASS.upper()]),
    "the dot that may end a domain": (GMAIL, [PASS + "."]),
    "versions": (GMAIL, [f"mx.google.com 1; dmarc/1=pass header.from={FROM}"]),
    "blanks and comments everywhere": (
        GMAIL,
        [f" mx.google.com (a;b) ;\tdmarc = (x) pass (y(z\\))) header.from = {FROM} "],
    ),
    "lines that were not unfolded": (GMAIL, [f"mx.google.com;\r\n\tdmarc=pass\r\n header.from={FROM}"]),
    "an address for a domain": (GMAIL, [f"{G}dmarc=pass header.from=transaction@{FROM}"]),
    "raw bytes in a comment": (GMAIL, [f"{G}spf=none (홍 \udcff) smtp.helo=\xe9; {OK}"]),
}  # fmt: skip


@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_mail_is_proven_at_every_provider(name: str) -> None:
    authserv, headers = GENUINE[name]
    assert judge(headers, authserv).word == "pass"


FORGED = {
    "fails": [FAIL],
    "fails above a forged pass": [FAIL, PASS],
    "fails, and a signature of somebody passes": [FAIL, SIGNED],
    "fails beside an aligned signature": [f"{FAIL}; dkim=pass header.d={FROM}"],
    "two results in one header": [f"{G}{OK}; {BAD}"],
    "pass stands in a comment": [f"{G}dmarc=fail ({OK})"],
    "pass stands in a nested comment": [f"{G}dmarc=fail (a (b); {OK}) header.from={FROM}"],
    "pass stands in quotes": [f'{G}spf=pass smtp.mailfrom="a; {OK}; x"@e.example; {BAD}'],
    "an unquoted address ends the comment": [f"{G}spf=pass (domain of a); {OK}; x=y (b@e.example ok); {BAD}"],
    "hard": [f"{G}dmarc=hardfail header.from={FROM}"],
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_failed_check_is_never_outweighed(name: str) -> None:
    assert judge(FORGED[name]).word == "fail"


UNPROVEN = {
    "nothing": [],
    "empty": [""],
    "none": [f"{G}none"],
    "spf alone": [SPF],
    "a forged pass below spf alone": [SPF, PASS],
    "a forged signature below spf alone": [SPF, SIGNED],
    "a forged pass below a foreign signature": [f"{G}dkim=pass header.d=evil.example", PASS],
    "another's word": [f"evil.example; {OK}"],
    "an id that begins like ours": [f"mx.google.com.evil.example; {OK}"],
    "an id that ends like ours": [f"evil-{G}{OK}"],
    "an id whose dot is a letter": [f"mxxgoogle.com; {OK}"],
    "our id in a comment": [f"(mx.google.com) evil.example; {OK}"],
    "our id as a second word": [f"evil.example {G}{OK}"],
    "our id in quotes": [f'"mx.google.com"; {OK}'],
    "no id where ours writes one": [OK],
    "the word for no id as an id": [f"(none); {OK}"],
    "unknown version": [f"mx.google.com 2; {OK}"],
    "about another domain": [f"{G}dmarc=pass header.from=evil.example", SIGNED],
    "about the parent": [f"{G}dmarc=pass header.from={OWNER}"],
    "about nobody": [f"{G}dmarc=pass"],
    "about two": [f"{G}{OK} header.from=evil.example"],
    "about two in two results": [f"{G}{OK}; dmarc=pass header.from=e.example"],
    "a domain that only begins so": [f"{G}{OK}.evil.example"],
    "signed by another": [f"{G}dkim=pass header.i=@evil.example"],
    "signed by a look-alike": [f"{G}dkim=pass header.d=notaliexpress.com"],
    "signed by a longer name": [f"{G}dkim=pass header.d={FROM}.evil.example"],
    "signed by a top-level domain": [f"{G}dkim=pass header.d=com"],
    "signed by another branch": [f"{G}dkim=pass header.d=deals.aliexpress.com"],
    "signed by nobody": [f"{G}dkim=pass"],
    "d counts, not i": [f"{G}dkim=pass header.d=evil.example header.i=@{FROM}"],
    "two d, then i": [f"{G}dkim=pass header.d={FROM} header.d=e.example header.i=@{FROM}"],
    "signature broken": [f"{G}dkim=fail header.d={FROM}"],
    "key gone": [f"{G}dkim=permerror header.d={FROM}; dmarc=permerror header.from={FROM}"],
    "an unknown word": [f"{G}dmarc=passed header.from={FROM}; dkim=pass header.d={FROM}"],
    "a longer method": [f"{G}dmarc-x=pass header.from={FROM}; dmarc.x=pass header.from={FROM}"],
    "a method in front of a comment": [f"{G}x-dmarc(dmarc)=pass header.from={FROM}"],
    "a method cut by a comment": [f"{G}dm(x)arc=pass header.from={FROM}"],
    "a signer that is no host": [f'{G}dkim=pass header.d="a b.{FROM}"'],
    "quotes never close": [f'{G}x=y policy.z="a; {BAD}', PASS],
    "a comment never closes": [f"{G}x=y (a; {BAD}", PASS],
    "a comment closes twice": [f"{G}x=y (a)); {BAD}", PASS],
    "an address cuts a comment": [f'{G}x=y (of "a); {OK}; x=y (b"@e.example)'],
    "a quote inside of a word": [f'{G}x=y policy.z=a"b; {BAD}; x=c"', PASS],
    "a backslash before the end": [f"{G}x=y policy.z=a\\; {BAD}", PASS],
    "the first result is unreadable": [f"{G}dmarc=;;dkim=pass header.d={FROM}", PASS],
    "a very long header": [f"{G}x=y (" + "a" * 1_000_000 + f"); {BAD}", PASS],
    "a long header that could be cut": [G + "x=y; " * 4_000 + BAD, PASS],
    "a very long result": [f"{G}dmarc=fail reason=" + "a" * 9_000, PASS],
    "deep comments": [f"{G}dmarc=fail " + "(" * 8_000, PASS],
    "beyond the headers we look at": [*["x.example; none"] * 1_000, PASS],
    "beyond the text we look at": [*[f"x.example; {'x=y; ' * 3_000}"] * 8, PASS],
    "a sealed mail, dmarc not checked": [VOUCHED.replace("dmarc=fail", "dmarc=none")],
}  # fmt: skip


@pytest.mark.parametrize("name", UNPROVEN)
def test_what_proves_nothing(name: str) -> None:
    assert judge(UNPROVEN[name]).word == "silent"


def test_where_no_id_is_written_only_the_topmost_header_counts() -> None:
    unnamed = f"dmarc=pass header.from={FROM}"
    assert judge([unnamed], OUTLOOK).word == "pass"
    assert judge(["spf=fail smtp.mailfrom=e.example", unnamed], OUTLOOK).word == "silent"
    assert judge(["list.example; spf=pass", unnamed], OUTLOOK).word == "silent"
    assert judge(["", unnamed], OUTLOOK).word == "silent"
    assert judge(["spf=fail (never closed", unnamed], OUTLOOK).word == "silent"
    assert judge([PASS], OUTLOOK).word == "silent"


def test_below_a_header_without_id_nothing_counts_even_of_another_believed_id() -> None:
    assert judge(["spf=pass smtp.mailfrom=e.example", PASS], (NO_ID, *GMAIL)).word == "silent"


def test_a_star_in_an_id_stands_for_the_letters_of_a_host_name_only() -> None:
    def believes(host: str) -> bool:
        return judge([f"{host}; dmarc=pass header.from={FROM}"], FASTMAIL).word == "pass"

    assert believes("mx12.messagingengine.com")
    assert believes("mx.messagingengine.com")
    assert not believes("mx1.messagingengine.com.evil.example")
    assert not believes("mx1/evil.messagingengine.com")
    assert not believes("mx1.messagingengine-com")


class TestForwarding:
    def test_a_forwarder_the_user_named_outweighs_the_failure(self) -> None:
        proof = judge([VOUCHED], seals=(OWN_SEAL, SEAL), trusted=("forwarder.example",))
        assert proof == Proof(
            word="pass",
            why="The trusted forwarder forwarder.example found dmarc=pass for notice.aliexpress.com.",
        )

    def test_another_forwarder_is_named_in_the_sentence_and_proves_nothing(self) -> None:
        proof = judge([VOUCHED], seals=(SEAL,), trusted=("other.example",))
        assert proof.word == "forwarded"
        assert "forwarder.example vouches" in proof.why

    @pytest.mark.parametrize(
        "seals",
        [
            (),
            (SEAL, SEAL.replace("forwarder", "evil")),
            (SEAL.replace("forwarder.example", "notforwarder.example"),),
            (SEAL.replace("d=", "d=evil.example; d="),),
            (SEAL.replace("i=1", "i=2"),),
            (SEAL.replace("d=", "d=\x1b[2J."),),
            ("i=1;" + " " * 1_000_000 + "d=forwarder.example",),
        ],
    )
    def test_a_seal_that_is_not_the_trusted_forwarders_own_counts_for_nothing(
        self, seals: tuple[str, ...]
    ) -> None:
        assert judge([VOUCHED], seals=seals, trusted=("forwarder.example",)).word == "forwarded"

    @pytest.mark.parametrize(
        "header",
        [
            VOUCHED.replace("arc=pass", "arc=fail", 1),
            VOUCHED.replace("; dmarc=fail", "; arc=fail; dmarc=fail"),
            VOUCHED.replace("i=1", "i=2"),
            VOUCHED.replace("dmarc=pass fromdomain", "dmarc=fail fromdomain"),
            VOUCHED.replace(f"fromdomain={FROM}", "fromdomain=evil.example"),
            VOUCHED.replace(f"fromdomain={FROM}", f"fromdomain=evil.example fromdomain={FROM}"),
            VOUCHED.replace("arc=pass", "arc=pass (i=1); arc=pass", 1),
        ],
    )
    def test_a_chain_that_says_less_leaves_the_failure(self, header: str) -> None:
        assert judge([header], seals=(SEAL,), trusted=("forwarder.example",)).word == "fail"

    def test_the_chain_counts_only_in_the_header_that_has_the_failure(self) -> None:
        """A provider that does not look at ARC would leave that result to the sender."""
        assert judge([FAIL, VOUCHED], seals=(SEAL,), trusted=("forwarder.example",)).word == "fail"


def test_each_verdict_says_what_it_rests_on() -> None:
    assert judge([PASS]).why == "mx.google.com says dmarc=pass for notice.aliexpress.com."
    assert judge([FAIL]).why == "mx.google.com says dmarc=fail for a mail that claims notice.aliexpress.com."
    assert judge([SIGNED]).why == "mx.google.com says dkim=pass, signed by notice.aliexpress.com."
    assert judge([SPF]).why == "mx.google.com says spf=pass; none of it proves notice.aliexpress.com."
    assert judge([]).why == "No believed provider says anything about notice.aliexpress.com."


def test_findings_name_method_word_domain_and_who_says_so() -> None:
    actual = read_findings(
        ["list.example; spf=pass", "mx.google.com; dkim=pass (good) header.i=a@X.example"], GMAIL
    )

    assert actual == (
        Finding(method="dkim", word="pass", domain="x.example", by="mx.google.com", note="good", place=1),
    )


def test_a_method_is_what_the_whole_word_says() -> None:
    assert [finding.word for finding in read_findings([f"{G}dkim.x=pass header.d={FROM}"], GMAIL)] == [
        UNREADABLE
    ]


def test_a_believed_header_that_cannot_be_read_may_hide_anything() -> None:
    actual = read_findings([SIGNED, "mx.google.com; spf=pass (", PASS], GMAIL)

    assert {finding.method: finding.word for finding in actual} == {
        "dkim": "pass",
        "arc": UNREADABLE,
        "dmarc": UNREADABLE,
        "spf": UNREADABLE,
    }


@pytest.mark.parametrize(
    ("domain", "parent", "expected"),
    [
        ("aliexpress.com", "aliexpress.com", True),
        ("a.b.aliexpress.com", "aliexpress.com", True),
        ("notaliexpress.com", "aliexpress.com", False),
        ("aliexpress.com.evil", "aliexpress.com", False),
        ("com", "aliexpress.com", False),
    ],
)
def test_a_sub_domain_is_separated_by_a_dot(domain: str, parent: str, expected: bool) -> None:  # noqa: FBT001
    assert under(domain, parent) is expected


@pytest.mark.parametrize(
    "domain", ["", ".", "a..b", ".a", "a.", "A", "а.com", "a b", "a\x1b[2J.com", "a\udcff", "a\n", "a" * 254]
)
def test_a_domain_that_is_not_plain_is_no_host(domain: str) -> None:
    assert not is_host(domain)


PIECES = st.sampled_from(
    "dmarc=pass dkim=fail DKIM=Pass spf=none arc=pass dmarc spf = =pass pass fail none header.from=a.kr"
    " Header.D=A.kr header.i=@a.kr header.i=b@a.kr header.i=@a..kr header.i=@ smtp.mailfrom=b@a.kr policy=x"
    " policy. policy.x=y body.b=1 x-bits=1024 action=none unknown.z=1 a.b.c=d reason=x reasonable=x =@a.kr @"
    " .. . /1 / ' ` { q== ~ + ? ! : , [ é header.from= header.from=a.kr. = header.b=Ab/Cd=="
    ' "q" header.b="a/b"'.split(" ")
)
CLAUSES = st.lists(st.tuples(st.sampled_from(["", " ", " ", " "]), PIECES), max_size=7).map(
    lambda parts: "".join(gap + piece for gap, piece in parts).strip()
)


@settings(max_examples=2_000)
@given(st.sampled_from(["dmarc=pass", "dkim=fail", "spf=none", "Arc=Pass", ""]), CLAUSES)
def test_an_ordinary_clause_says_what_the_library_reads_in_it(verdict: str, rest: str) -> None:
    """The short way may give up, but never say anything else than authres does."""
    text = f"{verdict} {rest}".strip()

    quick = _plainly(text)

    event("ordinary" if quick else "not ordinary")
    assert quick in (None, _parsed(text))


@pytest.mark.parametrize("name", ["gmail", "outlook writes no id", "yahoo ends with a semicolon"])
def test_what_great_providers_write_is_ordinary(name: str) -> None:
    header = _open(GENUINE[name][1][0], 0)

    assert header.clauses is not None
    wanted = [clause for clause in header.clauses if clause.text.startswith(("dmarc", "dkim", "spf"))]
    assert len(wanted) >= 3
    assert all(_plainly(clause.text) for clause in wanted)
