"""The HTML of leaflets: Outlook conditionals, hidden preheaders, zero-width filler, cards, buttons."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from random import Random
from typing import Final, Literal, Self

Block = Literal["cards", "pairs", "dl", "breaks", "below", "columns", "bullets", "dots", "prose", "tiles"]
_BLOCKS: Final[tuple[Block, ...]] = (
    "cards", "pairs", "dl", "breaks", "below", "columns", "bullets", "dots", "prose", "tiles",
)  # fmt: skip
_FILL: Final = ("&#847;&zwnj;&nbsp;&#8199;&shy;", "&zwnj;&nbsp;", "&#8203;", "&#65279;&#8204;")
_HIDE: Final = (
    "display:none;max-height:0px;overflow:hidden",
    "display:none !important;visibility:hidden;mso-hide:all;font-size:1px;color:#ffffff;opacity:0",
    "font-size:0;line-height:0;max-height:0;overflow:hidden;mso-hide:all",
)
_INK: Final = "margin:0;Margin:0;mso-line-height-rule:exactly;font-size:16px;font-family:arial,sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flyer:
    """What one mail says; rows are (field, label, value)."""

    hi: str
    head: str
    says: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]
    order: str
    order_label: str
    history: tuple[str, ...]
    banner: str | None
    more: str | None
    prices: tuple[str, ...]
    foot: str
    leave: str
    button: str
    pre: str
    tail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a leaflet looks.

    Attributes:
        block: how its values stand.
        order: where the order number stands: with the other rows, behind `#`, in a link, in the subject.
        colon: behind labels.
        split: whether amounts are spread over several elements.
        hide: style of the hidden preheader; None without one.
        fill: what fills it.
        plain: the text alternative: none, the same words, or a line that says nothing.
        encoding: of the body.
        adverts: whether adverts may stand below.
        banner_first: whether the line that comes and goes stands on top.
        history: whether earlier steps are listed below, in the words of other kinds.
        greets_last: whether the headline stands above the greeting.
        shy: whether the mail's header keeps the buyer's name to itself.
        rtl: whether it is written from right to left.
    """

    block: Block
    order: Literal["row", "hash", "link", "subject"]
    colon: str
    split: bool
    hide: str | None
    fill: str
    plain: Literal["none", "same", "empty"]
    encoding: str
    adverts: bool
    banner_first: bool
    history: bool
    greets_last: bool
    shy: bool
    rtl: bool

    @classmethod
    def drawn(cls, rng: Random, *, rtl: bool) -> Self:
        """A style by chance."""
        block = rng.choice(_BLOCKS)
        return cls(
            block=block,
            order="row" if block == "prose" else rng.choice(("row", "row", "hash", "link", "subject")),
            colon=rng.choice((":", ": ", " : ", "", " - ")),
            split=rng.random() < 0.4,
            hide=rng.choice((None, *_HIDE)),
            fill=rng.choice(_FILL),
            plain=rng.choice(("none", "none", "same", "empty")),
            encoding=rng.choice(("quoted-printable", "base64")),
            adverts=rng.random() < 0.8,
            banner_first=rng.random() < 0.5,
            history=rng.random() < 0.25,
            greets_last=rng.random() < 0.5,
            shy=rng.random() < 0.4,
            rtl=rtl,
        )


def html_flyer(flyer: Flyer, style: Style) -> str:
    """The whole document."""
    hi, head = _p(escape(flyer.hi)), f'<h1 style="{_INK};font-size:30px">{escape(flyer.head)}</h1>'
    top = [head, hi] if style.greets_last else [hi, head]
    banner = _p(f"<b>{escape(flyer.banner)}</b>") if flyer.banner else ""
    if style.order == "hash":
        top.append(_p(f"{escape(flyer.order_label)} <a href='{_link(flyer)}'>#{flyer.order}</a>"))
    inner = [
        *top,
        *(_p(escape(said, quote=False)) for said in flyer.says),
        _values(flyer, style),
        _button(flyer),
    ]
    inner += [_p(escape(line)) for line in flyer.history]
    inner = [banner, *inner] if style.banner_first else [*inner, banner]
    return _document("".join(inner) + _adverts(flyer) + _foot(flyer), flyer, style)


def plain_flyer(flyer: Flyer, style: Style) -> str:
    """The text alternative."""
    if style.plain == "empty":
        return f"{flyer.button}: https://www.aliexpress.com/\n"
    lines = [flyer.hi, flyer.head, *flyer.says]
    if style.order == "hash":
        lines.append(f"{flyer.order_label} #{flyer.order}")
    return "\n".join(
        [*lines, *(f"{label}: {value}" for _, label, value in _shown(flyer, style)), "", flyer.foot, ""]
    )


def _shown(flyer: Flyer, style: Style) -> list[tuple[str, str, str]]:
    return [row for row in flyer.rows if row[0] != "order" or style.order == "row"]


def _values(flyer: Flyer, style: Style) -> str:
    rows = [(escape(label), _value(name, value, style)) for name, label, value in _shown(flyer, style)]
    if not rows:
        return ""
    writers = {
        "cards": _cards, "pairs": _pairs, "dl": _dl, "breaks": _breaks, "below": _below,
        "columns": _columns, "bullets": _bullets, "dots": _dots, "prose": _pairs, "tiles": _tiles,
    }  # fmt: skip
    return writers[style.block](rows, style.colon)


def _value(name: str, value: str, style: Style) -> str:
    shown = escape(value, quote=False)
    if style.split and name in ("money", "total", "asked"):
        cut = next((at for at, char in enumerate(value) if char.isdigit()), 0)
        return (
            f"<span style='font-size:14px'>{escape(value[:cut])}</span><span style='font-size:24px'>"
            f"{escape(value[cut : cut + 1])}</span><b>{escape(value[cut + 1 :])}</b>"
        )
    return f"<bdi>{shown}</bdi>" if style.rtl else shown


Rows = list[tuple[str, str]]


def _cards(rows: Rows, colon: str) -> str:
    cells = "".join(
        f'<table role="none" style="border-radius:8px;background:#fafafa">'
        f'<tr><td style="{_INK};color:#757575">'
        f"{label}</td></tr><tr><td style='{_INK}'><strong>{value}</strong></td></tr></table>"
        for label, value in rows
    )
    return f"<div>{cells}</div>"


def _pairs(rows: Rows, colon: str) -> str:
    cells = "".join(
        f"<tr><th align='left' style='{_INK}'>{label}{colon.strip()}</th>"
        f"<td>&nbsp;</td><td style='{_INK}'>{value}</td></tr>"
        for label, value in rows
    )
    return f"<table cellpadding='0' cellspacing='0' role='presentation'>{cells}</table>"


def _dl(rows: Rows, colon: str) -> str:
    return "<dl>" + "".join(f"<dt>{label}{colon}</dt>\n<dd>{value}</dd>\n" for label, value in rows) + "</dl>"


def _breaks(rows: Rows, colon: str) -> str:
    return _p("<br/>\n".join(f"<b>{label}</b>{colon or ' '}{value}" for label, value in rows))


def _below(rows: Rows, colon: str) -> str:
    """Big values with small labels below them."""
    return "".join(
        f"<div style='padding:12px'><div style='{_INK};font-size:22px'>{value}</div>"
        f"<div style='{_INK};font-size:12px;color:#999'>{label}</div></div>"
        for label, value in rows
    )


def _columns(rows: Rows, colon: str) -> str:
    """Labels side by side, their values side by side below."""
    pieces = [rows[at : at + 2] for at in range(0, len(rows), 2)]
    return "".join(
        "<table><tr>" + "".join(f"<td>{label}</td>" for label, _ in two) + "</tr><tr>"
        + "".join(f"<td><p>{value}</p></td>" for _, value in two) + "</tr></table>"
        for two in pieces
    )  # fmt: skip


def _bullets(rows: Rows, colon: str) -> str:
    return "<ul>" + "".join(f"<li>{label}{colon or ' '}{value}</li>" for label, value in rows) + "</ul>"


def _dots(rows: Rows, colon: str) -> str:
    return _p(" &middot; ".join(f"{label}{colon or ' '}{value}" for label, value in rows))


def _tiles(rows: Rows, colon: str) -> str:
    return "".join(
        f"<div style='display:inline-block;width:48%;vertical-align:top'><p style='{_INK}'>{label}</p>"
        f"<p style='{_INK}'>{value}</p></div>"
        for label, value in rows
    )


def _p(inner: str) -> str:
    return f'<p style="{_INK}">{inner}</p>\n'


def _link(flyer: Flyer) -> str:
    return (
        f"https://www.aliexpress.com/p/issue/detail.html?orderId={flyer.order}&amp;spm=a2g0o.{flyer.tail:x}"
    )


def _button(flyer: Flyer) -> str:
    label = escape(flyer.button)
    return (
        f'<!--[if mso]><v:roundrect href="{_link(flyer)}"><w:anchorlock/>'
        f"<center>{label}</center></v:roundrect><![endif]-->"
        f'<!--[if !mso]><!-- --><span style="background:#ff4747">'
        f'<a href="{_link(flyer)}" style="{_INK};color:#ffffff">'
        f"{label}</a></span><!--<![endif]-->"
    )


def _adverts(flyer: Flyer) -> str:
    if not flyer.more:
        return ""
    rng = Random(flyer.tail)
    cards = "".join(
        f"<td style='{_INK}'>"
        f"<img src='https://ae01.example/{rng.getrandbits(60):x}.png' width='120'><p>Gadget "
        f"{rng.randrange(900)} Pro</p><p><b>{escape(price)}</b></p>"
        f"<p>4.{rng.randrange(10)} ★ {rng.randrange(3000)}</p></td>" + ("</tr><tr>" if at % 2 else "")
        for at, price in enumerate(flyer.prices)
    )
    return f"<h3>{escape(flyer.more)}</h3><table><tr>{cards}</tr></table>"


def _foot(flyer: Flyer) -> str:
    leave = f"<a href='https://www.aliexpress.com/unsub?u={flyer.tail}'>{escape(flyer.leave)}</a>"
    return (
        f"<div style='font-size:11px;color:#aaa'>{escape(flyer.foot)}<br>"
        f"{leave} | © 2010-2026 AliExpress.com</div>"
    )


def _document(inner: str, flyer: Flyer, style: Style) -> str:
    pre = f'<span style="{style.hide}">{escape(flyer.pre)}{style.fill * 60}</span>' if style.hide else ""
    way = ' dir="rtl"' if style.rtl else ""
    return (
        f'<!doctype html><html{way} xmlns:o="urn:schemas-microsoft-com:office:office">'
        f'<head><meta charset="UTF-8">'
        "<meta name='x-apple-disable-message-reformatting'><title>"
        "</title><!--[if mso]><style>a{text-decoration:none}"
        "</style><![endif]--><style>"
        "#outlook a{padding:0}.es-button{mso-style-priority:100!important}</style></head>"
        f"<body>{pre}<table width='100%'><tr><td align='center'>"
        f"<!--[if mso]><table width='600'><tr><td><![endif]-->"
        f"<div style='max-width:600px'>{inner}</div><!--[if mso]>"
        f"</td></tr></table><![endif]--></td></tr></table>"
        f"<img src='https://t.example/o?m={flyer.tail:x}' width='1' height='1' alt=''></body></html>"
    )
