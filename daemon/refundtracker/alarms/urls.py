"""Where alarms go besides mail: addresses of notification services, which hold secrets themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refundtracker.errors import BadConfig
from refundtracker.kinds import is_clean
from refundtracker.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, repr=False)
class AlarmUrl:
    """One address, or where it is kept. Its text is in no repr, no sentence and no log.

    Attributes:
        label: how people are told which one it is: `[alarms] urls[1]`.
    """

    label: str
    _text: str | None = None
    _secret: Secret | None = None

    @classmethod
    def from_toml(cls, value: object, label: str, *, base: Path | None = None) -> AlarmUrl:
        """Reads one entry of the list; fetches nothing.

        Raises:
            BadConfig: it is neither an address nor the place of one.
        """
        if isinstance(value, str):
            return cls(label, _text=_address(value, label))
        return cls(label, _secret=Secret.from_toml(value, label, base=base))

    def read(self, environ: Mapping[str, str]) -> str:
        """The address itself.

        Raises:
            BadConfig: the place where it is kept gives none.
        """
        if self._secret is None:
            return self._text or ""
        return _address(self._secret.read(environ), self.label)

    @property
    def name(self) -> str:
        """A name that stays when the list is put in another order, and tells nothing."""
        from hashlib import sha256  # only the service asks for it

        target = self._secret.target if self._secret else (self._text or "",)
        return "url-" + sha256("\0".join(target).encode("utf-8", "surrogateescape")).hexdigest()[:12]

    def __repr__(self) -> str:
        return f"<AlarmUrl {self.label}>"


def _address(text: str, label: str) -> str:
    scheme, mark, rest = text.partition("://")
    if not (scheme.strip() and mark and rest.strip()) or not is_clean(text):
        raise BadConfig(label, ('must be an address such as "ntfys://ntfy.sh/my-topic"; see appriseit.com',))
    return text
