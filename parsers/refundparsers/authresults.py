"""What the reader's own mail provider says about a mail: Authentication-Results (RFC 8601).

Every receiving server writes its checks on top of the mail, so of two headers the upper one is
the younger. A sender can write such a header too, in the provider's name, but only further down.
Hence: only headers of the ids the user believes count, and of those, for each method, the topmost
header that has the method.

That alone would let a sender add what the provider left out: a `dmarc=pass` below a genuine
header that has only `spf`. But checks are made in the order spf, dkim, dmarc, each with what came
before, and each header goes on top. So below a header that stops at an earlier check, a later
check of the same provider is not believed to have passed.

What this cannot see: a provider that writes no such header on a mail leaves the sender's own on
top. An id may only be believed after the mailbox was seen to carry it on every mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import authres
import re2
from authres import arc, dmarc

from refundparsers.presets import NO_ID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence


UNREADABLE: Final = "unreadable"
"""The word of a result that is there and cannot be read; it is never a pass."""

# Genuine headers stay below 5 kB and a mail carries a handful; more is somebody's attempt to be slow.
_MOST_HEADERS: Final = 40
_LONGEST_HEADER: Final = 16_384
_MOST_TEXT: Final = 4 * _LONGEST_HEADER
_LONGEST_CLAUSE: Final = 2_048

_CHECKS: Final = ("spf", "dkim", "dmarc")  # in the order in which a server makes them
_METHODS: Final = frozenset({*_CHECKS, "arc"})
_WORDS: Final = frozenset(
    {"pass", "fail", "hardfail", "softfail", "none", "neutral", "policy", "temperror", "permerror"}
    | {"bestguesspass", "unknown"}  # Microsoft; Yahoo
)
_DOMAIN_OF: Final = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i")}
_CONTEXT: Final = authres.FeatureContext(dmarc, arc)
# `re` is safe in these: what may follow a run cannot be in it, or the run is never given back (`++`). For
# texts as short as these it is several times faster than re2.
_PIECES: Final = re.compile(r'\\.?|["();]|[^\\"();]+')
_METHOD: Final = re.compile(r"[a-z0-9-]+")
_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
# What nearly every clause is made of: `dmarc=pass`, then `header.from=shop.example` or `action=none`.
_VERDICT: Final = re.compile(r"([a-z0-9-]++)=([a-z]++)", re.IGNORECASE | re.ASCII)
_PROPERTY: Final = re.compile(
    r"((?!reason)[a-z0-9-]++(?:\.[a-z0-9-]++)*+)"
    r"=(@[a-z0-9_-]++(?:\.[a-z0-9_-]++)*+|[a-z0-9!#$%&'*+/=?^_`{|}~.-][a-z0-9!#$%&'*+/=?^_`{|}~.@-]*+)",
    re.IGNORECASE | re.ASCII,
)
# Those that have a second name behind a dot; other properties are not in the standard and mean nothing.
_TYPES: Final = ("smtp", "header", "body", "policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One result of one method.

    Attributes:
        method: `dmarc`, `dkim`, `spf` or `arc`.
        word: `pass`, `fail`, `none` ..., or `unreadable`.
        domain: lower case; of dmarc the From domain that was checked, of dkim the one that signed.
            None when not told, or told twice differently.
        by: the id that says so, `(none)` for a header without one.
        note: the comments of the result; only Gmail's remark on ARC is ever read from them.
        place: which header it stands in, counted from the top.
    """

    method: str
    word: str
    domain: str | None = None
    by: str = NO_ID
    note: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class _Clause:
    """One `;`-separated part of a header: its text without comments, and the comments."""

    text: str
    note: str


@dataclass(frozen=True, slots=True)
class _Result:
    """What a clause says: method and word, and its properties as `type.name` and value."""

    method: str
    word: str
    properties: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Header:
    """A header's id and results; `clauses` is None when it cannot be taken apart."""

    by: str
    place: int
    clauses: tuple[_Clause, ...] | None


def read_findings(headers: Iterable[str], authserv: Sequence[str]) -> tuple[Finding, ...]:
    """The results that count, of each method those of one header only.

    Args:
        headers: the unfolded Authentication-Results headers, top to bottom.
        authserv: the ids to believe: exact, with `*`, or `(none)`. A header without an id counts
            only as the topmost of all, and nothing below it counts: Microsoft writes one header.

    Returns:
        Findings of at most four methods. A believed header that cannot be taken apart hides
        unknown results, so the methods not found above it come back as `unreadable`.
    """
    found: dict[str, tuple[Finding, ...]] = {}
    reached: dict[str, int] = {}
    for header in _opened(headers):
        believed = _believed_as(header, authserv)
        if believed is None:
            continue
        said = _of_header(header, found.keys())
        limit = reached.get(believed, len(_CHECKS))
        found |= {name: _up_to(limit, name, findings) for name, findings in said.items()}
        reached[believed] = min([limit, *(_CHECKS.index(name) for name in said if name in _CHECKS)])
        if believed == NO_ID or found.keys() >= _METHODS:
            break
    return tuple(finding for findings in found.values() for finding in findings)


def ids(headers: Iterable[str]) -> tuple[str, ...]:
    """Who wrote the headers, top to bottom, lower case; `(none)` for one without an id. Believes nobody.

    Args:
        headers: the unfolded Authentication-Results headers, top to bottom.
    """
    return tuple(header.by for header in _opened(headers))


def is_host(domain: str) -> bool:
    """Whether a domain is plain: lower-case ASCII labels, safe to compare and to print."""
    return len(domain) <= 253 and domain.isascii() and _HOST.fullmatch(domain) is not None


def _opened(headers: Iterable[str]) -> Iterator[_Header]:
    """The headers from the top, as many as we care to look at."""
    budget = _MOST_TEXT
    for place, value in enumerate(islice(headers, _MOST_HEADERS)):
        budget -= min(len(value), _LONGEST_HEADER)
        if budget < 0:
            return
        yield _open(value, place)


def _believed_as(header: _Header, authserv: Sequence[str]) -> str | None:
    """The entry of the user's list that believes the header, or None."""
    if header.by == NO_ID:
        return NO_ID if header.place == 0 and NO_ID in authserv else None
    named = (entry for entry in authserv if entry != NO_ID)
    return next((entry for entry in named if _is_named(header.by, entry.lower())), None)


def _is_named(by: str, believed: str) -> bool:
    return bool(_matcher(believed).fullmatch(by)) if "*" in believed else by == believed


def _up_to(limit: int, method: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Without the passes of a check that must stand higher than where this provider began."""
    if method not in _CHECKS or _CHECKS.index(method) <= limit:
        return findings
    return tuple(finding for finding in findings if finding.word != "pass")


@cache
def _matcher(believed: str) -> Any:
    """A pattern of the whole id; `*` stands for letters, digits, dots, hyphens and underscores."""
    return re2.compile("[a-z0-9._-]*".join(re2.escape(part) for part in believed.split("*")))


def _of_header(header: _Header, known: Collection[str]) -> dict[str, tuple[Finding, ...]]:
    """What one header says, by method, of the methods that no header above it has."""
    wanted = _METHODS.difference(known)
    if header.clauses is None:
        return {name: (_unreadable(name, header),) for name in sorted(wanted)}
    said: dict[str, tuple[Finding, ...]] = {}
    for clause in header.clauses:
        named = _METHOD.match(clause.text.lower())
        if named and (method := named.group()) in wanted:
            said[method] = (*said.get(method, ()), _finding(clause, method, header))
    return said


def _finding(clause: _Clause, method: str, header: _Header) -> Finding:
    """One result; whatever the library refuses is `unreadable`, never skipped.

    A skipped `dmarc=fail` would let a forged `dmarc=pass` further down speak in its place.
    """
    result = _plainly(clause.text) or _parsed(clause.text)
    if result is None or result.method != method or result.word not in _WORDS:
        return _unreadable(method, header)
    return Finding(
        method=method,
        word=result.word,
        domain=_domain(result),
        by=header.by,
        note=clause.note,
        place=header.place,
    )


def _unreadable(method: str, header: _Header) -> Finding:
    return Finding(method=method, word=UNREADABLE, by=header.by, place=header.place)


def _plainly(text: str) -> _Result | None:
    """The result in an ordinary clause, in one pass; None for what only the library can tell.

    It says the same as `_parsed` wherever it says something.
    """
    if len(text) > _LONGEST_CLAUSE:
        return None
    verdict, *others = text.split(" ")
    said = _VERDICT.fullmatch(verdict)
    if said is None or said.group(1).lower() not in _METHODS:
        return None
    properties: list[tuple[str, str]] = []
    for other in others:
        found = _PROPERTY.fullmatch(other)
        if found is None:
            return None
        name, value = found.group(1).lower(), found.group(2)
        kind, dot, _ = name.partition(".")
        if kind in _TYPES:
            if not dot:
                return None
            properties.append((name, value))
    return _Result(said.group(1).lower(), said.group(2).lower(), tuple(properties))


def _parsed(text: str) -> _Result | None:
    """The result in one clause, by authres, or None when it is not exactly one.

    The library is quadratic in length, recursive in comments, and loses the whole header over one
    value it does not know (an IPv6 address, a link). So it gets single short clauses, no comments.
    """
    if len(text) > _LONGEST_CLAUSE:
        return None
    try:
        results = _CONTEXT.parse(f"Authentication-Results: {NO_ID[1:-1]}; {text}").results
    except (authres.AuthResError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    if len(results) != 1:
        return None
    properties = tuple((f"{each.type}.{each.name}", str(each.value)) for each in results[0].properties)
    return _Result(results[0].method, results[0].result, properties)


def _domain(result: _Result) -> str | None:
    """The domain a result is about; None when not told, not plain, or told twice differently."""
    for wanted in _DOMAIN_OF.get(result.method, ()):
        values = [value.lower() for name, value in result.properties if name == wanted]
        domains = {value.rpartition("@")[2].removesuffix(".") for value in values}
        if domains:
            domain = domains.pop()
            return domain if not domains and is_host(domain) else None
    return None


def _open(value: str, place: int) -> _Header:
    """Take a header apart: `id [version] ; result ; result`, or the results alone."""
    # Raw bytes may stand in a header; none of them may be part of what is believed.
    text = " ".join(value[:_LONGEST_HEADER].encode("ascii", "replace").decode().split())
    clauses = _Splitter().split(text) if len(value) <= _LONGEST_HEADER else None
    if clauses is None:
        return _Header(_id_of(text.partition(";")[0].partition("(")[0]), place, None)
    by = _id_of(clauses[0].text)
    if by == NO_ID:
        return _Header(by, place, clauses)
    has_known_version = clauses[0].text.split()[1:] in ([], ["1"])
    return _Header(by, place, clauses[1:] if has_known_version else None)


def _id_of(head: str) -> str:
    """The id in what stands before the first `;`. Where that is a result, there is no id."""
    return NO_ID if "=" in head else (head.lower().split() or [""])[0]


class _Splitter:
    """Cuts a header at its `;` outside of comments and quotes, in one pass over it.

    Providers copy the sender's own words (envelope address, HELO) into values and comments, some
    without escaping. So what strict grammar does not foresee makes the whole header unreadable:
    a backslash outside of quotes, a quote inside of a word, a comment that cuts a quote in two.
    """

    def __init__(self) -> None:
        self._clauses: list[_Clause] = []
        self._text: list[str] = []
        self._note: list[str] = []
        self._depth = 0
        self._quoted = False
        self._odd_quotes = False

    def split(self, text: str) -> tuple[_Clause, ...] | None:
        """The clauses; None when the header is not well-formed. A trailing `;` ends the last one."""
        if not any(sign in text for sign in '\\"()'):
            return tuple(_Clause(" ".join(part.split()), "") for part in text.split(";"))
        for piece in _PIECES.findall(text):
            if self._quoted:
                self._in_quotes(piece)
            elif self._depth:
                self._in_comment(piece)
            elif not self._outside(piece):
                return None
            if self._odd_quotes and not self._depth:
                return None
        if self._quoted or self._depth:
            return None
        self._cut()
        return tuple(self._clauses)

    def _in_quotes(self, piece: str) -> None:
        self._text.append(piece)
        self._quoted = piece != '"'

    def _in_comment(self, piece: str) -> None:
        self._depth += (piece == "(") - (piece == ")")
        self._odd_quotes ^= piece == '"'
        self._note.append(piece if self._depth else " ")

    def _outside(self, piece: str) -> bool:
        """Take a piece outside of comments and quotes; False when it must not stand there."""
        if piece == ";":
            self._cut()
        elif piece == "(":
            self._depth = 1
            self._text.append(" ")
        elif piece == '"':
            self._quoted = True
            before = self._text[-1][-1] if self._text else " "
            self._text.append(piece)
            return before in "= "
        else:
            self._text.append(piece)
        return piece != ")" and not piece.startswith("\\")

    def _cut(self) -> None:
        text, note = (" ".join("".join(parts).split()) for parts in (self._text, self._note))
        self._clauses.append(_Clause(text, note))
        self._text, self._note = [], []
