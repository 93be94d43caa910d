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

#: Where anybody may have an address, so that `*@` before it would allow everybody.
PUBLIC: Final = frozenset(
    "gmail.com googlemail.com naver.com daum.net hanmail.net kakao.com nate.com outlook.com outlook.kr"
    " hotmail.com hotmail.co.uk hotmail.de hotmail.fr live.com live.co.uk msn.com yahoo.com yahoo.co.uk"
    " yahoo.co.jp yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.com.br ymail.com aol.com icloud.com me.com"
    " mac.com privaterelay.appleid.com fastmail.com proton.me protonmail.com pm.me gmx.de gmx.net"
    " gmx.com gmx.at gmx.ch web.de t-online.de freenet.de mail.ru bk.ru list.ru inbox.ru yandex.ru"
    " yandex.com ya.ru rambler.ru wp.pl o2.pl onet.pl interia.pl orange.fr free.fr laposte.net libero.it"
    " uol.com.br bol.com.br qq.com 163.com 126.com zoho.com mail.com tutanota.com docomo.ne.jp"
    " ezweb.ne.jp au.com softbank.ne.jp comcast.net verizon.net att.net".split()
)
