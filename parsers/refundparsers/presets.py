"""Whose Authentication-Results are believed where, for the great providers. Light to import."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Stands for the header of a provider that writes no id of its own (Microsoft).
NO_ID: Final = "(none)"
# Each writes one header; a fifth, bimi.icloud.com, stands on top and has no verdict.
_ICLOUD: Final = ("dmarc.icloud.com", "dkim-verifier.icloud.com", "spf.icloud.com", "arc.icloud.com")

#: IMAP host -> the ids its servers write into Authentication-Results, read in public samples.
#: Of Daum no sample is known, so nothing is believed there.
PRESETS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "imap.gmail.com": ("mx.google.com",),
        "imap.googlemail.com": ("mx.google.com",),
        "imap.naver.com": ("mx.naver.com",),
        "imap.daum.net": (),
        "outlook.office365.com": (NO_ID,),
        "imap-mail.outlook.com": (NO_ID,),
        "imap.mail.yahoo.com": ("atlas*.yahoo.com",),
        "imap.aol.com": ("atlas*.yahoo.com",),
        "imap.mail.me.com": _ICLOUD,
        "imap.fastmail.com": ("mx*.messagingengine.com",),
    }
)
