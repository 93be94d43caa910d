"""Forms that somebody shared: a stranger's file, tried in memory before any of it is kept.

Forms are data, and patterns run in linear time. What is left to guard against is size, names that are
paths, characters that move a cursor, and forms that change what others read.
"""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from refundparsers.examples import with_form
from refundparsers.forms import BadForm, read_forms
from refundtracker.errors import BadInput, DiskTrouble
from refundtracker.lessons import NAME, effects, refuse_collisions
from refundtracker.words import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from refundparsers.forms import Form
    from refundtracker.ingest import Reader
    from refundtracker.lessons import Effect
    from refundtracker.store import Store

_MOST_BYTES: Final = 1 << 20
_MOST_FORMS: Final = 200
_MOST_EXAMPLES: Final = 50
_LONGEST_PATTERN: Final = 4_000
_LONGEST_EXAMPLE: Final = 20_000
_ALLOWED: Final = "\n\t"
# Direction marks stand in genuine mails of Arabic and Hebrew; all other invisible characters do not.
_HIDDEN: Final = {"Cc", "Co", "Cs"}
_OVERRIDES: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Shared:
    """Forms of a file that were tried and may be kept.

    Attributes:
        tables: as they will be written.
        forms: the same, read.
        target: where they will be written; nothing is there yet.
        effects: stored mails that would be read otherwise.
    """

    tables: tuple[dict[str, Any], ...]
    forms: tuple[Form, ...]
    target: Path
    effects: tuple[Effect, ...]


def tried(path: Path, directory: Path, by: Reader, store: Store | None) -> Shared:
    """Read a file of forms and try it on all examples and on the stored mails; nothing is written.

    Raises:
        BadInput: the file is no file of forms, too big, holds hidden characters, takes a name that
            is taken, or disturbs another form; the sentence names the form.
    """
    tables = _tables(path)
    forms = _forms(path, tables)
    taken = {form.name for form in by.library.forms} & {form.name for form in forms}
    if taken:
        raise BadInput(f"{path}: a form named {min(taken)} is there already")
    target = directory / _file_name(path, forms)
    if target.exists() or target.is_symlink():
        raise BadInput(f"{target} is there already; rename the file first")
    trial = replace(by, library=with_form(by.library, forms))
    refuse_collisions(forms, by.library, trial.library)
    return Shared(tuple(tables), tuple(forms), target, tuple(effects(store, trial)) if store else ())


def keep_shared(shared: Shared) -> Path:
    """Write the forms to a file of their own.

    Raises:
        DiskTrouble: it cannot be written, or something is there by now.
    """
    import tomli_w

    try:
        shared.target.parent.mkdir(parents=True, exist_ok=True)
        with shared.target.open("x", encoding="utf-8") as out:
            out.write(tomli_w.dumps({"form": list(shared.tables)}, multiline_strings=True))
    except OSError as error:
        raise DiskTrouble(f"{shared.target}: {error.strerror}") from error
    return shared.target


def _tables(path: Path) -> list[dict[str, Any]]:
    """The tables of the forms with the defaults put in; labels and other tables are not taken."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise BadInput(f"{path}: larger than {_MOST_BYTES // 1024} kB; forms are never that big")
        table = tomllib.loads(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"{path}: {one_line(str(error), 200)}") from error
    found, defaults = table.get("form"), table.get("defaults", {})
    if set(table) - {"form", "defaults"} or not isinstance(defaults, dict) or not isinstance(found, list):
        raise BadInput(f"{path}: a file of shared forms has [[form]] and [defaults], and nothing else")
    if not 0 < len(found) <= _MOST_FORMS or not all(isinstance(each, dict) for each in found):
        raise BadInput(
            f"{path}: holds {len(found)} forms; between 1 and {_MOST_FORMS} can be imported at once"
        )
    return [{**defaults, **each} for each in found]


def _forms(path: Path, tables: list[dict[str, Any]]) -> list[Form]:
    for table in tables:
        name = table.get("name")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            shown = one_line(str(name), 80)
            raise BadInput(
                f"{path}: {shown!r} is no name for a form; small letters, digits, dots and dashes are"
            )
        fault = _fault(table)
        if fault:
            raise BadInput(f"{path}: the form {name} {fault}")
    try:
        forms = read_forms(path.name, {"form": tables})
        for form in forms:
            for pattern in (*form.subject, *form.text, *form.find):
                pattern.compiled()
    except (BadForm, ValueError) as error:
        raise BadInput(f"{path}: {one_line(str(error), 300)}") from error
    without = next((form.name for form in forms if not form.examples), None)
    if without:
        raise BadInput(f"{path}: the form {without} has no example, so it cannot be tried")
    return forms


def _fault(table: dict[str, Any]) -> str | None:
    """What a stranger's form must not have, or None."""
    examples = table.get("example", [])
    if not isinstance(examples, list) or len(examples) > _MOST_EXAMPLES:
        return f"has more than {_MOST_EXAMPLES} examples"
    patterns = {key: value for key, value in table.items() if key != "example"}
    if any(len(text) > _LONGEST_PATTERN for text in _strings(patterns)):
        return f"has a text of more than {_LONGEST_PATTERN} characters"
    texts = list(_strings(table))
    if any(len(text) > _LONGEST_EXAMPLE for text in texts):
        return f"has an example of more than {_LONGEST_EXAMPLE} characters"
    hidden = next((char for text in texts for char in text if _is_hidden(char)), None)
    return f"holds the hidden character U+{ord(hidden):04X}" if hidden else None


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (str(key), *_strings(each))
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _is_hidden(char: str) -> bool:
    return char not in _ALLOWED and (unicodedata.category(char) in _HIDDEN or char in _OVERRIDES)


def _file_name(path: Path, forms: list[Form]) -> str:
    """After the file if that is a plain name, else after its first form."""
    stem = path.stem.lower()
    return f"{stem if NAME.fullmatch(stem) else forms[0].name}.toml"
