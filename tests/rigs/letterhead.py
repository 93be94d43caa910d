"""The HTML of invented notice mails: style sheets, nested tables, hidden preheaders, adverts below."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from random import Random
from typing import Final, Literal, Self

Block = Literal["line", "above", "cells", "nested", "list", "joined", "prose"]
_BLOCKS: Final[tuple[Block, ...]] = ("line", "above", "cells", "nested", "list", "joined", "prose")
_COLONS: Final = (": ", ":", " : ", "：")
_FILLERS: Final = ("", "&#8204;&nbsp;", "&zwnj;&nbsp;&#847;", " &nbsp; ")
_HIDDEN: Final = (
    "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden"
)
_FONT: Final = (
    "font-family:Open Sans,Helvetica,Arial,sans-serif;font-size:14px;line-height:22px;color:#333333"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A label with its value; `field` names it, `asked` and `extra` are no fields of a notice."""

    label: str
    value: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one mail says, from top to bottom.

    Attributes:
        hello: with the buyer's name.
        headline: what the mail is about.
        sentences: what follows it; values stand inside of them in prose.
        rows: labelled values.
        promo: a line that comes and goes, or None.
        adverts: heading of the advert tail.
        order_label: for the orders that adverts name.
        prices: of the adverts.
        order: for links.
        button: word on the button.
        footer: the small print, with the words dispute and refund in it.
        preheader: hidden text in front.
        tail: seed of what changes from mail to mail.
    """

    hello: str
    headline: str
    sentences: tuple[str, ...]
    rows: tuple[Row, ...]
    promo: str | None
    adverts: str
    order_label: str
    prices: tuple[str, ...]
    order: str
    button: str
    footer: str
    preheader: str
    tail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a layout looks.

    Attributes:
        block: how labelled values stand.
        colon: between label and value where they share a line.
        value: how values are dressed.
        tables: whether the page is made of tables, else of divs.
        filler: what fills the hidden preheader; None without one.
        plain_part: whether there is a text/plain alternative.
        base64: else quoted-printable.
        advert_orders: whether adverts print order numbers, too.
        footer_first: whether the footer stands before the adverts.
        direction: `ltr` or `rtl`.
    """

    block: Block
    colon: str
    value: Literal["plain", "bold", "font", "split", "link"]
    tables: bool
    filler: str | None
    plain_part: bool
    base64: bool
    advert_orders: bool
    footer_first: bool
    direction: str

    @classmethod
    def drawn(cls, rng: Random, direction: str) -> Self:
        """A look by chance."""
        return cls(
            block=rng.choice(_BLOCKS),
            colon=rng.choice(_COLONS),
            value=rng.choice(("plain", "bold", "font", "split", "link")),
            tables=rng.random() < 0.7,
            filler=rng.choice((None, *_FILLERS)),
            plain_part=rng.random() < 0.4,
            base64=rng.random() < 0.5,
            advert_orders=rng.random() < 0.3,
            footer_first=rng.random() < 0.5,
            direction=direction,
        )


def html_page(letter: Letter, look: Look) -> str:
    """The whole document, some 25 kB of it, as mass mailers write it."""
    rng = Random(letter.tail)
    parts = [
        _line(letter.hello, look),
        _line(f"<h2 style='{_FONT};font-size:24px'>{escape(letter.headline)}</h2>", look, raw=True),
        *(_line(sentence, look) for sentence in letter.sentences),
        _block(letter, look, rng),
        _line(letter.promo, look) if letter.promo else "",
        _line(
            f'<a href="{_link(letter.order, rng)}" style="{_FONT}">{escape(letter.button)}</a>',
            look,
            raw=True,
        ),
    ]
    below = [_line(letter.footer, look), _adverts(letter, look, rng)]
    parts += below if look.footer_first else below[::-1]
    body = _around("".join(parts), look)
    return (
        f'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"><html dir="{look.direction}"><head>'
        f'<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>AliExpress</title>'
        f'<style type="text/css">{_sheet()}</style></head><body style="margin:0;padding:0">'
        f"{_preheader(letter, look)}{body}"
        f'<img src="https://img.example/open.gif?t={rng.getrandbits(64):x}" width="1"></body></html>'
    )


def plain_page(letter: Letter, look: Look) -> str:
    """The same as text, values first, small print last."""
    lines = [letter.hello, "", letter.headline, *letter.sentences]
    lines += [f"{row.label}{look.colon}{row.value}" for row in letter.rows]
    lines += [letter.promo] if letter.promo else []
    return "\n".join([*lines, "", letter.footer, ""])


def _preheader(letter: Letter, look: Look) -> str:
    if look.filler is None:
        return ""
    return f'<div style="{_HIDDEN}">{escape(letter.preheader)}{look.filler * 90}</div>'


def _line(text: str, look: Look, *, raw: bool = False) -> str:
    inner = text if raw else escape(text, quote=False)
    if look.tables:
        return f'<tr><td align="left" valign="top" style="{_FONT};padding:6px 24px">{inner}</td></tr>\n'
    return f'<div style="{_FONT};margin:6px 24px">{inner}</div>\n'


def _block(letter: Letter, look: Look, rng: Random) -> str:
    if not letter.rows:
        return ""
    writers = {"above": _above, "cells": _cells, "nested": _nested, "list": _list, "joined": _joined}
    write = writers.get(look.block)
    if write is None:
        return "".join(_line(_pair(row, look, letter, rng), look, raw=True) for row in letter.rows)
    return _line(write(letter, look, rng), look, raw=True)


def _pair(row: Row, look: Look, letter: Letter, rng: Random) -> str:
    return f"{escape(row.label)}{look.colon}{_value(row, look, letter, rng)}"


def _above(letter: Letter, look: Look, rng: Random) -> str:
    return "".join(
        f'<p style="{_FONT};color:#999">{escape(row.label)}</p><p style="{_FONT}">'
        f"{_value(row, look, letter, rng)}</p>"
        for row in letter.rows
    )


def _cells(letter: Letter, look: Look, rng: Random) -> str:
    rows = "".join(
        f'<tr><td style="{_FONT};color:#999" width="40%">{escape(row.label)}{look.colon.strip()}</td>'
        f'<td style="{_FONT}" align="right">{_value(row, look, letter, rng)}</td></tr>\n'
        for row in letter.rows
    )
    return f'<table width="100%" border="0" cellspacing="0" cellpadding="4"><tbody>{rows}</tbody></table>'


def _nested(letter: Letter, look: Look, rng: Random) -> str:
    return "".join(
        f'<table width="100%"><tr><td><table align="left"><tr><td style="{_FONT}">{escape(row.label)}</td>'
        f'</tr></table></td><td><table align="right"><tr><td style="{_FONT}">{_value(row, look, letter, rng)}'
        "</td></tr></table></td></tr></table>\n"
        for row in letter.rows
    )


def _list(letter: Letter, look: Look, rng: Random) -> str:
    return f"<ul>{''.join(f'<li>{_pair(row, look, letter, rng)}</li>' for row in letter.rows)}</ul>"


def _joined(letter: Letter, look: Look, rng: Random) -> str:
    return " | ".join(_pair(row, look, letter, rng) for row in letter.rows)


def _value(row: Row, look: Look, letter: Letter, rng: Random) -> str:
    shown = escape(row.value, quote=False)
    if look.direction == "rtl":
        shown = f"&lrm;{shown}&lrm;"
    if look.value == "bold":
        return f"<strong>{shown}</strong>"
    if look.value == "font":
        return f'<font color="#ff4747" size="3"><b style="{_FONT}">{shown}</b></font>'
    if look.value == "split" and "&" not in shown:
        cut = len(shown) // 2
        return f'<span style="{_FONT}">{shown[:cut]}</span><span style="color:#e62e04">{shown[cut:]}</span>'
    if look.value == "link" and row.field == "order":
        return f'<a href="{_link(letter.order, rng)}" style="{_FONT}">{shown}</a>'
    return shown


def _link(order: str, rng: Random) -> str:
    return (
        f"https://www.aliexpress.com/p/order/detail.html?tradeOrderId={order}&amp;trackId={rng.getrandbits(96):x}"
        f"&amp;utm_source=edm&amp;tsp={rng.getrandbits(64):x}"
    )


def _adverts(letter: Letter, look: Look, rng: Random) -> str:
    products = "".join(_product(letter, look, rng, price) for price in letter.prices)
    return _line(f"<b>{escape(letter.adverts)}</b>", look, raw=True) + _line(
        f'<table width="100%">{products}</table>', look, raw=True
    )


def _product(letter: Letter, look: Look, rng: Random, price: str) -> str:
    other = f"{letter.order[:-3]}{rng.randrange(1000):03d}"
    link = (
        f"https://s.click.example/e/{rng.getrandbits(120):x}?orderId={other}&amp;pvid={rng.getrandbits(96):x}"
    )
    named = f"<br>{escape(letter.order_label)}: {other}" if look.advert_orders else ""
    cell = 'align="center" valign="top" bgcolor="#ffffff" class="mob-pad stack-column product-cell"'
    return (
        f'<tr><td {cell} style="{_FONT};padding:8px;border:1px solid #eeeeee;mso-line-height-rule:exactly">'
        f'<table role="presentation" border="0" cellspacing="0" cellpadding="0" width="100%"><tr><td {cell}>'
        f'<a href="{link}" target="_blank" style="{_FONT};text-decoration:none"><img width="180" height="180"'
        f' style="display:block;border:0;outline:none" alt="" src="https://ae01.example/kf/{rng.getrandbits(128):x}'
        f'.jpg_220x220.jpg"></a></td></tr><tr><td {cell} style="{_FONT};font-size:12px">'
        f'<a href="{link}" style="{_FONT}">Thing {rng.randrange(10_000)} for home, 2026 new</a></td></tr><tr>'
        f'<td {cell} style="{_FONT};font-weight:bold;color:#e62e04">{escape(price)}{named}</td></tr>'
        "</table></td></tr>\n"
    )


def _around(content: str, look: Look) -> str:
    logo = '<img alt="AliExpress" src="https://ae01.example/logo.png">'
    head = f'<a href="https://www.aliexpress.com" style="{_FONT}">{logo}</a>'
    if look.tables:
        rows = _line(head, look, raw=True) + content
        inner = f'<table width="600" class="container" align="center">{rows}</table>'
        return f'<table width="100%" bgcolor="#f2f2f2"><tr><td align="center">{inner}</td></tr></table>'
    return f'<div class="container" style="max-width:600px;margin:0 auto">{head}{content}</div>'


def _sheet() -> str:
    rules = (
        f".mob-{width}{{width:{width}px !important;max-width:100% !important;"
        f"padding:0 {width % 24}px !important;"
        "-webkit-text-size-adjust:100%;mso-table-lspace:0pt;mso-table-rspace:0pt}"
        for width in range(320, 360)
    )
    return f"body,table,td{{{_FONT}}}@media only screen and (max-width:480px){{{''.join(rules)}}}"
