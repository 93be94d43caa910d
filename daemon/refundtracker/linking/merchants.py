"""Who AliExpress is in the words of card issuers: cut, squeezed, with city and country around it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_NAME: Final = "ALIEXPRESS"
_SHORTEST: Final = 6
_KOREAN: Final = "알리익스프레스"
_KOREAN_SHORTEST: Final = 4


@lru_cache(maxsize=4096)
def is_aliexpress(merchant: str | None) -> bool:
    """Whether an issuer's merchant name is AliExpress.

    Bare `ALIPAY` is not enough: Alibaba Cloud and others are charged under it, too.
    """
    if not merchant:
        return False
    squeezed = _squeezed(merchant)
    if squeezed == "YM*AE" or _is_cut(squeezed, _KOREAN, shortest=_KOREAN_SHORTEST):
        return True
    return _is_cut(squeezed, _NAME, shortest=_SHORTEST)


@lru_cache(maxsize=4096)
def may_be_aliexpress(merchant: str | None) -> bool:
    """Whether the name leaves it open: none is printed, or it is the payment service behind the shop."""
    return not merchant or is_aliexpress(merchant) or "ALIPAY" in _squeezed(merchant)


def _squeezed(merchant: str) -> str:
    return re.sub(r"[^0-9A-Z*가-힣]", "", merchant.upper())


def _is_cut(squeezed: str, name: str, *, shortest: int) -> bool:
    """Whether the name stands in the text whole, or cut off by its end."""
    if name in squeezed:
        return True
    return any(squeezed.endswith(name[:length]) for length in range(shortest, len(name)))
