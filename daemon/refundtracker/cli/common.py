"""What all verbs share: the global options, before or after the verb, and the way out."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from refundtracker.errors import BadInput, DiskTrouble, TrackerError, WrongUsage
from refundtracker.formats import write_note
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from refundtracker.config import Config
    from refundtracker.decisions import Decision
    from refundtracker.disputes import Dispute
    from refundtracker.store import Store
    from refundtracker.words import Lang

F = TypeVar("F", bound="Callable[..., Any]")

SIGINT_STATUS: Final = 130


@dataclass(frozen=True, slots=True)
class Settings:
    """The global options as given; None where nothing was said.

    Attributes:
        db: the database file.
        config: the configuration file.
        forms: the directory of the user's own forms.
        as_of: the day to take for today.
        lang: the language to answer in.
        json: answer as JSON.
    """

    db: Path | None = None
    config: Path | None = None
    forms: Path | None = None
    as_of: date | None = None
    lang: Lang | None = None
    json: bool = False

    def load(self) -> Config:
        """The configuration that applies.

        Raises:
            BadConfig: with all problems at once.
        """
        from refundtracker.config import load_or_default

        return load_or_default(self.config, os.environ)

    def database(self, config: Config) -> Path:
        """The database file that applies."""
        from refundtracker import paths

        return paths.database(self.db, config, os.environ)

    def forms_directory(self, config: Config) -> Path | None:
        """The directory of the user's own forms, which need not exist."""
        from refundtracker import paths
        from refundtracker.errors import BadConfig

        try:
            return paths.forms(self.forms, config, os.environ)
        except BadConfig:
            if self.forms or config.path:
                raise
            return None  # no home directory and nothing configured: there are no own forms

    def store(self, config: Config) -> Store:
        """The database, for reading."""
        from refundtracker.store import Store

        return Store.open_readonly(self.database(config))

    def today(self, config: Config) -> date:
        """`--as-of`, else the day it is in the user's zone."""
        return self.as_of or datetime.now(UTC).astimezone(config.region.timezone).date()

    def language(self, config: Config) -> Lang:
        """`--lang`, the configuration, else the terminal's."""
        return self.lang or config.region.language or _of_terminal(os.environ)


def _of_terminal(environ: Mapping[str, str]) -> Lang:
    said = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "ko" if said.lower().startswith("ko") else "en"


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Keep a global option, whether it stood before or behind the verb; the one behind wins."""
    root = ctx.find_root()
    if root.obj is None:
        root.obj = Settings()
    if value is not None and value is not False:
        root.obj = replace(root.obj, **{str(param.name): value})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise click.BadParameter(f"{one_line(text, 40)!r} is no day; write it as 2026-05-21") from None


_FILE: Final = click.Path(path_type=Path, readable=False)  # whoever opens it says why it cannot be read
_GLOBAL: Final = (
    click.option("--db", type=_FILE, metavar="PATH", help="The database."),
    click.option("--config", type=_FILE, metavar="PATH", help="The configuration file."),
    click.option("--forms", type=_FILE, metavar="DIR", help="Your own forms."),
    click.option(
        "--as-of",
        type=_day,
        metavar="DATE",
        help="Answer as on this day, such as 2026-05-21.",
    ),
    click.option("--lang", type=click.Choice(["ko", "en"]), help="Language of the answer."),
    click.option("--json", is_flag=True, default=None, help="Answer as JSON."),
)

_READING: Final = (
    click.option(
        "--allow", "allowed", multiple=True, metavar="ADDRESS", help="Who may forward card texts; repeatable."
    ),
    click.option(
        "--authserv",
        multiple=True,
        metavar="ID",
        help="Whose Authentication-Results are believed; repeatable.",
    ),
)


verify_dkim = click.option(
    "--verify-dkim",
    is_flag=True,
    help="Verify signatures by DNS where no provider's verdict is believed; needs the extra dkim.",
)


def right_now() -> datetime:
    """The clock of the command line, in UTC."""
    return datetime.now(UTC)


def global_options(function: F) -> F:
    """The options that every verb takes, as `click` sees them."""
    for option in reversed(_GLOBAL):
        function = option(function)
    command = cast("Any", function)
    for parameter in command.__click_params__[-len(_GLOBAL) :]:
        parameter.expose_value = False
        parameter.is_eager = True
        parameter.callback = _remember
    return function


def reading_options(function: F) -> F:
    """Whom to believe, for the verbs that read mails; so they work without a configuration."""
    for option in reversed(_READING):
        function = option(function)
    return function


def found_disputes(store: Store, ref: str) -> list[Dispute]:
    """The disputes with this number, order or dispute number.

    Raises:
        BadInput: there is none.
    """
    found = store.find_disputes(ref)
    if not found:
        raise BadInput(f"there is no dispute {one_line(ref, 40)!r}; `refunds list` shows all of them")
    return found


def one_dispute(store: Store, ref: str) -> Dispute:
    """The only dispute with this number, order or dispute number.

    Raises:
        BadInput: there is none, or there are several.
    """
    found = found_disputes(store, ref)
    if len(found) > 1:
        numbers = ", ".join(str(each.id) for each in found)
        raise BadInput(
            f"{one_line(ref, 40)!r} is the order of several disputes; name one by its number: {numbers}"
        )
    return found[0]


def warn_of_adrift(adrift: Iterable[Decision], lang: Lang) -> None:
    """Words on stderr about decisions that move nothing any more; none is ever dropped in silence."""
    for each in adrift:
        write_note(say(lang, "decision.adrift", id=str(each.id)))


def settings(ctx: click.Context) -> Settings:
    """The global options of this call."""
    found = ctx.find_root().obj
    return found if isinstance(found, Settings) else Settings()


class ReaderGone(Exception):
    """Whoever read our output has enough, as `head` has; that is no failure."""


class LazyGroup(click.Group):
    """A group whose verbs are imported when they are used: `refunds list` must not pay for `read`."""

    def __init__(self, *args: Any, verbs: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All verbs, in the order of the table."""
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb, imported now."""
        if cmd_name not in self._verbs:
            return None
        module, name = self._verbs[cmd_name]
        return cast("click.Command", getattr(import_module(module), name))

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; `click` would make a failure of a broken pipe."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb of the command line; a mistyped one is answered with the nearest."""
        if args and args[0] not in self._verbs and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self._verbs, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(self._verbs)}"
            ctx.fail(f"there is no verb {one_line(args[0], 40)!r}{hint}")
        return super().resolve_command(ctx, args)


def run(command: click.Command, name: str, args: list[str] | None = None) -> int:
    """Run a command line; every error is a sentence on stderr and an exit status."""
    if sys.stdout is None:  # closed by whoever started us, as `>&-` does
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - until the end
    try:
        outcome = command.main(args, prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return WrongUsage.exit_status
    except (click.Abort, KeyboardInterrupt):
        return SIGINT_STATUS
    except TrackerError as error:
        _tell(name, str(error))
        return error.exit_status
    except (ReaderGone, BrokenPipeError):
        _drop_output()
        return 0
    except OSError as error:
        # Every other file is opened in a room that names it; what is left is the output itself.
        _drop_output()
        _tell(name, f"the answer cannot be written: {error.strerror or error}")
        return DiskTrouble.exit_status
    return outcome if isinstance(outcome, int) else 0


def _tell(name: str, said: str) -> None:
    """A sentence on stderr, its further lines indented; foreign text in it made harmless."""
    lines = (one_line(line) if line == line.lstrip() else f"  {one_line(line)}" for line in said.split("\n"))
    sys.stderr.write(f"{name}: " + "\n".join(lines) + "\n")


def _drop_output() -> None:
    """Send what is still to be flushed nowhere, or the interpreter complains about it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
