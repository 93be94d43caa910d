"""Questions on a terminal: with a default, checked, asked again; or answered by options alone."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from refundtracker.errors import WrongUsage
from refundtracker.formats import write_note
from refundtracker.words import one_line, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from refundtracker.words import Lang


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is asked, and how.

    Attributes:
        lang: the language of the questions.
        alone: nobody is there to answer: defaults are taken, and a question without one is an error.
    """

    lang: Lang
    alone: bool

    def tell(self, key: str, **values: str) -> None:
        """A sentence that asks nothing."""
        write_note(say(self.lang, key, **{name: one_line(value) for name, value in values.items()}))

    def text(
        self, key: str, option: str, default: str | None = None, *, check: Callable[[str], str] = str
    ) -> str:
        """One line.

        Args:
            key: of the question.
            option: that answers it too.
            default: what an empty answer means.
            check: gives the value, or raises ValueError with the end of a sentence about it.

        Raises:
            WrongUsage: nobody can be asked and there is no default, the default is wrong, or a script's
                answers have run out.
        """
        if self.alone:
            if default is None:
                raise WrongUsage(f"--yes asks nothing, so {option} is needed")
            return self._checked(option, default, check)
        while True:
            given = self._answer(key, option, default)
            try:
                return check(given)
            except ValueError as error:
                write_note(one_line(f"{error}"))

    def _answer(self, key: str, option: str, default: str | None) -> str:
        try:
            given = click.prompt(
                say(self.lang, key), default="" if default is None else default,
                show_default=bool(default), err=True,
            )  # fmt: skip
        except click.Abort:
            if sys.stdin.isatty():
                raise
            write_note("")
            raise WrongUsage(f"the input ended before {option} was told; --yes asks nothing") from None
        return str(given).strip()

    def secret(self, key: str, option: str) -> str:
        """One line that is not shown while it is typed."""
        if self.alone:
            raise WrongUsage(f"--yes asks nothing, so {option} is needed")
        return str(click.prompt(say(self.lang, key), hide_input=True, err=True))

    def agreed(self, key: str, *, default: bool, **values: str) -> bool:
        """Yes or no; the default when nobody can be asked."""
        if self.alone:
            return default
        shown = {name: one_line(value) for name, value in values.items()}
        return click.confirm(say(self.lang, key, **shown), default=default, err=True)

    @staticmethod
    def _checked(option: str, value: str, check: Callable[[str], str]) -> str:
        try:
            return check(value)
        except ValueError as error:
            raise WrongUsage(f"{option}: {error}") from None
