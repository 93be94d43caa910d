"""Forms: notices with their values replaced by slots, kept as data and checked when loaded.

A form file holds `[defaults]` for all its forms and one `[[form]]` for each wording. See
`parsers/README.md` for the language and CONTRIBUTING.md for how to add one.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args
from zoneinfo import ZoneInfo

from refundparsers.index import Index
from refundparsers.labels import Labels
from refundparsers.notices import Kind, Result, Source
from refundparsers.patterns import BadPattern, Pattern, compile_lines, compile_whole
from refundparsers.senders import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

Evidence = Literal["seen", "reported", "shape", "guess", "taught"]


class BadForm(ValueError):
    """A form that cannot be used; the sentence names the file, the form and the key."""


@dataclass(frozen=True, slots=True)
class Example:
    """A message the form reads, and what it gives.

    Attributes:
        subject: of the mail, or None.
        text: of the body, or None.
        gives: JSON keys of the notice with their values; for a form that ignores, empty.
        mailed: the day of the mail that carries it, ISO; decides the year that is not printed.
    """

    subject: str | None
    text: str | None
    gives: Mapping[str, object]
    mailed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One wording of one notice.

    Attributes:
        name: unique; `issuer.kind.language` by custom.
        kind: of the notice, or None for a form that ignores.
        ignore: why such a mail does not matter, or None.
        evidence: `seen` in a real mail, `reported` by a user, `shape` of a rule made from real
            mails, `guess`, or `taught` by the user's own sample.
        source: who speaks.
        subject: any of these must take the whole subject; empty when the subject does not matter.
        text: any of these must stand in the body; empty when the subject says it all.
        find: each of these must stand somewhere in the body, too; values apart from each other.
        until: lines behind which nothing is read; adverts start there.
        takes: names of labelled values to look for in the body.
        streams: AliExpress senders the form is for.
        fixed: values that every such notice has: issuer, result, currency.
        zone: of the printed times, or None for the reader's.
        fallback: fits only when no other form does.
        keep: whether an ignored mail may be stored.
    """

    name: str
    kind: Kind | None
    ignore: str | None
    evidence: Evidence
    source: Source
    subject: tuple[Pattern, ...] = ()
    text: tuple[Pattern, ...] = ()
    find: tuple[Pattern, ...] = ()
    until: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    streams: tuple[Stream, ...] = ("transaction", "message", "other")
    fixed: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    fallback: bool = False
    keep: bool = True
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """All forms in use, and the labels they share.

    Attributes:
        forms: shipped ones first, then the user's own.
        labels: words that stand before a value in AliExpress mails.
    """

    forms: tuple[Form, ...]
    labels: Labels
    # made when a mail first asks for them; they say nothing that the forms do not
    _letters: dict[Stream, Index[tuple[Form, Pattern | None]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _texts: dict[tuple[Source, ...], Index[tuple[Form, Pattern]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, sources: Sequence[Source]) -> tuple[Form, ...]:
        """The forms of some sources."""
        return tuple(form for form in self.forms if form.source in sources)

    def letters(self, stream: Stream) -> Index[tuple[Form, Pattern | None]]:
        """The forms for a stream of AliExpress by the words of each subject; None where none is asked for."""
        if stream not in self._letters:
            forms = [form for form in self.of(("aliexpress",)) if stream in form.streams]
            self._letters[stream] = Index.of(
                (subject.needs if subject else (), (form, subject))
                for form in forms
                for subject in form.subject or (None,)
            )
        return self._letters[stream]

    def texts(self, sources: tuple[Source, ...]) -> Index[tuple[Form, Pattern]]:
        """The forms of some sources by the words of each text."""
        if sources not in self._texts:
            self._texts[sources] = Index.of(
                (text.needs, (form, text)) for form in self.of(sources) for text in form.text
            )
        return self._texts[sources]


_KEYS: Final = frozenset(
    "name kind ignore evidence source issuer result currency zone subject text find until takes streams"
    " fallback keep example".split()
)
_FIXED: Final = ("issuer", "result", "currency")


@cache
def shipped() -> Library:
    """The library that comes with the program."""
    return _library(_walk(resources.files("refundparsers") / "library"))


def with_own(directory: Path | None) -> Library:
    """The shipped library and the user's own forms.

    Raises:
        BadForm: a file of the directory that is not a form file, or a name that is taken.
    """
    if directory is None or not directory.is_dir():
        return shipped()
    own = _library((path.name, path.read_bytes()) for path in sorted(directory.glob("*.toml")))
    _try_patterns(own.forms)
    return Library(_unique((*shipped().forms, *own.forms)), shipped().labels)


def _try_patterns(forms: Iterable[Form]) -> None:
    """Compile now what the shipped forms compile when it is needed: a mistake must not wait for a mail."""
    for form in forms:
        try:
            for pattern in (*form.subject, *form.text, *form.find):
                pattern.compiled()
        except BadPattern as error:
            raise BadForm(f"form {form.name!r}: {error}") from error


def _walk(place: Traversable) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from ((f"{entry.name}/{name}", data) for name, data in _walk(entry))
        elif entry.name.endswith(".toml"):
            yield entry.name, entry.read_bytes()


def _library(files: Iterable[tuple[str, bytes]]) -> Library:
    forms: list[Form] = []
    labels: list[Mapping[str, Any]] = []
    for name, data in files:
        table = _parsed(name, data)
        labels += table.get("label", [])
        forms += read_forms(name, table)
    return Library(_unique(forms), Labels.from_tables(labels))


def _parsed(name: str, data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadForm(f"{name}: not TOML: {error}") from error


def _unique(forms: Iterable[Form]) -> tuple[Form, ...]:
    by_name: dict[str, Form] = {}
    for form in forms:
        if form.name in by_name:
            raise BadForm(f"two forms are named {form.name!r}; rename one of them")
        by_name[form.name] = form
    return tuple(by_name.values())


def read_forms(name: str, table: Mapping[str, Any]) -> list[Form]:
    """The forms of one parsed file.

    Raises:
        BadForm: naming the file, the form and what is wrong with it.
    """
    unknown = set(table) - {"defaults", "form", "label"}
    if unknown:
        raise BadForm(f"{name}: unknown table {min(unknown)!r}; a form file has [defaults] and [[form]]")
    defaults = table.get("defaults", {})
    return [_form(name, {**defaults, **entry}) for entry in table.get("form", [])]


def _form(file: str, entry: Mapping[str, Any]) -> Form:
    where = f"{file}: form {entry.get('name', '?')!r}"
    try:
        return _built(entry)
    except (BadPattern, KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"the key {error} is missing" if isinstance(error, KeyError) else str(error)
        raise BadForm(f"{where}: {said}") from error


def _built(entry: Mapping[str, Any]) -> Form:
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")
    source = cast("Source", _one_of("source", entry["source"], get_args(Source)))
    subject, text = _texts(entry.get("subject")), _texts(entry.get("text"))
    if not subject and not text:
        raise ValueError("needs a subject or a text")
    if ("kind" in entry) == ("ignore" in entry):
        raise ValueError("needs either a kind or ignore = the reason")
    if "result" in entry:
        _one_of("result", entry["result"], get_args(Result))
    streams = entry.get("streams", ("transaction", "message", "other"))
    return Form(
        name=entry["name"],
        kind=cast("Kind", _one_of("kind", entry["kind"], get_args(Kind))) if "kind" in entry else None,
        ignore=entry.get("ignore"),
        evidence=cast("Evidence", _one_of("evidence", entry["evidence"], get_args(Evidence))),
        source=source,
        subject=tuple(compile_whole(each) for each in subject),
        text=tuple(compile_lines(each, glued=source != "aliexpress") for each in text),
        find=tuple(compile_lines(each, glued=True) for each in entry.get("find", ())),
        until=tuple(entry.get("until", ())),
        takes=tuple(entry.get("takes", ())),
        streams=tuple(cast("Stream", _one_of("streams", each, get_args(Stream))) for each in streams),
        fixed={key: entry[key] for key in _FIXED if key in entry},
        zone=ZoneInfo(entry["zone"]) if "zone" in entry else None,
        fallback=bool(entry.get("fallback", False)),
        keep=bool(entry.get("keep", True)),
        examples=tuple(_example(each) for each in entry.get("example", ())),
    )


def _texts(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _one_of(key: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise ValueError(f"{key} = {value!r} is not one of {', '.join(known)}")
    return value


def _example(entry: Mapping[str, Any]) -> Example:
    return Example(
        entry.get("subject"), entry.get("text"), entry.get("gives", {}), entry.get("mailed", "2026-05-12")
    )
