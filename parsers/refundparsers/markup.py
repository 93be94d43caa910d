"""HTML as people see it: lines stay lines, cells stay apart, hidden text is dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Final

import re2
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from refundparsers.links import MOST_LINKS, Link, once, placed, printed_links, target
from refundparsers.styles import style_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from selectolax.lexbor import LexborNode

# Marks put into the tree where the layout separates text, and where a link stands.
_BR: Final = "\x1c"
_ROW: Final = "\x1d"  # the end of a table row
_LINE: Final = "\x1e"  # the start or end of a block
_CELL: Final = "\x1f"  # between two cells of a row
_LINK: Final = "\x01"  # `plain` drops it, should one remain
_OURS: Final = (_BR + _ROW + _LINE + _CELL + _LINK + "\0").encode()
_SOFT: Final = " \t\n" + _LINE
_BREAKS: Final = _SOFT + _ROW
# Blocks; elements that show no text of their own; and all others that HTML knows.
_LINE_TAGS: Final = (
    "address article aside blockquote caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol optgroup option p pre section"
    " summary table textarea ul"
).split()
_UNSEEN_TAGS: Final = (
    "script style head title template iframe noembed noframes xmp plaintext object svg math audio video"
    " datalist"
).split()
_OTHER_TAGS: Final = (
    "a abbr acronym area b base bdi bdo big body button cite code col colgroup del dfn em font html i img"
    " input ins kbd label link map mark meta noscript picture q s samp select small source span strike strong"
    " sub sup tbody td tfoot th thead tt u var wbr"
).split()
_KINDS: Final = {
    **dict.fromkeys(_LINE_TAGS, _LINE),
    **dict.fromkeys(_UNSEEN_TAGS, ""),
    "tr": _ROW,
    "br": _BR,
}
_KNOWN: Final = "|".join(sorted({*_KINDS, *_OTHER_TAGS, r"[a-z]+:[a-z]+", "!doctype"}))

# `re` is safe where it stands: a match is a few signs behind a "<" or "&".
# Documents are read as every mail program reads them. A fragment may be bare text that a forwarding app put
# into a text/html part without escaping it, so there a "<" that opens no real tag is text.
_DOCUMENT: Final = re.compile(r"(?i)<(?:html|body|table|!doctype|head)\b")
# A text without any markup but line breaks, as phones forward them, needs no parser.
_MOST_BREAKS: Final = 100
_LINE_BREAK: Final = re.compile(r"(?i)<br\s?/?>")
_SIGNS: Final = ("&", *_OURS.decode())
_FRAGMENT_LIMIT: Final = 32_768
_VALUE: Final = r"""(?:"[^"]*"|'[^']*'|[^\s"'<>=`]+)"""
_ATTRIBUTES: Final = rf"(?:[\s/]+[a-z_:@][a-z0-9_.:@-]*(?:\s*=\s*{_VALUE})?)*[\s/]*"
_MARKUP: Final = re2.compile(
    rf"(?i)<!--(?s:.*?)-->|</?(?:{_KNOWN}){_ATTRIBUTES}>"
    r"|&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});|[<&]"
)
# What a fragment mostly consists of; where there is nothing else, nothing needs to be escaped.
_ORDINARY: Final = re.compile(r"(?i)</?(?:br|b|p|div|span)\s?/?>|&(?:nbsp|amp|lt|gt|quot|#[0-9]{1,7});")
_LAYOUT: Final = re.compile(rf"(?i)<(?:{'|'.join((*_LINE_TAGS, 'br', 'tr', 'td', 'th'))})\b")

# The parser takes quadratic time for very deep trees and for tags with thousands of attributes.
_SURELY_SMALL: Final = 40_000
_MOST_TAGS: Final = 15_000
_MOST_SPACES: Final = 4_000
_FEW: Final = 8
_TOO_HEAVY: Final = "the HTML has too many tags to be laid out"
_ANY_TAG: Final = re.compile(r"<[^<>]*>")  # safe: a match ends at the next bracket of either kind


@dataclass(frozen=True, slots=True)
class Seen:
    """What people see of a piece of HTML.

    Attributes:
        text: the visible text; lines kept, white space not yet normalised.
        links: targets of its links, in order, each once; web addresses only.
        doubt: why the text may differ from what people see; None when it does not.
    """

    text: str
    links: tuple[Link, ...]
    doubt: str | None = None


def seen(html: str) -> Seen:
    """Turn HTML into the text that people see.

    Args:
        html: a document or a fragment, also a broken one.

    Returns:
        Text and links. Never raises for any text.
    """
    if _too_heavy(html):
        text = unescape(_ANY_TAG.sub("\n", html))
        return Seen(text, placed([each.address for each in printed_links(html)], ()), _TOO_HEAVY)
    if _is_broken_text(html):
        return Seen(_written(_LINE_BREAK.sub(_BR, html), plain_lines=False), ())
    document = "<html" in html[:512].lower() or _DOCUMENT.search(html) is not None
    if not document and len(html) <= _FRAGMENT_LIMIT:
        html = _escape_text(html)
    plain_lines = not document and _LAYOUT.search(html) is None
    tree = LexborHTMLParser(
        _without_marks(html.encode("utf-8", "replace")), options=LexborDocumentOptions.WO_EVENTS
    )
    body = tree.body
    if body is None:
        return Seen("", ())
    unseen = _mark_layout(tree, body)
    _drop([*unseen, *_apply_styles(tree)])
    addresses = _mark_links(tree)
    text = body.text()
    links = once(placed(addresses, text.split(_LINK))) if addresses else ()
    text = _written(text.replace(_LINK, ""), plain_lines=plain_lines)
    if text.strip():
        return Seen(text, links)
    return Seen(_alternatives(tree), tuple(Link(link.address) for link in links))


def _is_broken_text(html: str) -> bool:
    """Whether the only markup is line breaks."""
    first = html.find("<")
    if first < 0 or not _LINE_BREAK.match(html, first):
        return False
    breaks = html.count("<")
    if breaks > _MOST_BREAKS or any(sign in html for sign in _SIGNS):
        return False
    return len(_LINE_BREAK.findall(html)) == breaks


def _without_marks(data: bytes) -> bytes:
    """The source may hold our marks too; in UTF-8 they are single bytes, and looking for them is free."""
    return data.translate(None, _OURS) if any(mark in data for mark in _OURS) else data


def _too_heavy(html: str) -> bool:
    """Whether the parser could need seconds: cheap to tell, and never true for an ordinary mail."""
    if len(html) <= _SURELY_SMALL:
        return False
    if html.count("<") > _MOST_TAGS:
        return True
    tags = (tag.partition(">")[0] for tag in html.split("<") if len(tag) > _MOST_SPACES)
    return any(len(tag.split()) > _MOST_SPACES for tag in tags)


def _escape_text(html: str) -> str:
    """Escape each "<" and "&" that starts neither a tag nor an entity: `<홍길동>`, `a<b 5,000원`."""
    if len(_ORDINARY.findall(html)) == html.count("<") + html.count("&"):
        return html
    pieces: list[str] = []
    at = 0
    for found in _MARKUP.finditer(html):
        start, end = found.span()
        if end - start == 1:
            pieces += [html[at:start], "&lt;" if html[start] == "<" else "&amp;"]
            at = end
    return "".join([*pieces, html[at:]]) if pieces else html


# --- Styles -------------------------------------------------------------------------------------


def _apply_styles(tree: LexborHTMLParser) -> list[LexborNode]:
    """Mark what style attributes set apart or keep in lines, and find what they hide.

    Returns:
        The hidden elements. They are still in the tree.
    """
    nodes = tree.css("[style]")
    telling = [(node, style) for node in nodes if (style := style_of(node.attrs["style"] or "")) is not None]
    hidden = tree.css("[hidden]") + [node for node, style in telling if style.hidden]
    tiny = [node for node, style in telling if style.tiny]
    if tiny:
        hidden += _without_sizes(tiny, [node for node, style in telling if style.sized])
    for node, style in telling:
        if style.apart == "line" or (style.apart and node.next is not None):
            _set_apart(node, _LINE if style.apart == "line" else " ")
    _preserve([node for node, style in telling if style.preserved])
    return hidden


def _without_sizes(tiny: list[LexborNode], sized: list[LexborNode]) -> list[LexborNode]:
    """Those in which no element sets a font size again.

    Mail builders write `font-size:0` around columns to close the gaps between them.
    """
    if len(tiny) <= _FEW:
        setting = {node.mem_id for node in sized}
        return [node for node in tiny if not any(child.mem_id in setting for child in node.traverse())]
    around: set[int] = set()
    for node in sized:
        outer = node.parent
        while outer is not None and outer.mem_id not in around:
            around.add(outer.mem_id)
            outer = outer.parent
    return [node for node in tiny if node.mem_id not in around]


def _drop(nodes: Iterable[LexborNode]) -> None:
    """Remove elements; what is inside a removed one must not be touched again."""
    inside: set[int] = set()
    outermost: list[LexborNode] = []
    for node in nodes:
        if node.mem_id not in inside and node.tag not in ("body", "html"):
            inside.update(child.mem_id for child in node.traverse(include_text=False))
            outermost.append(node)
    for node in outermost:  # one that lies in another stands before it, and goes before it
        node.decompose()


def _preserve(nodes: Iterable[LexborNode]) -> None:
    """Keep the line breaks in the text of elements that show them."""
    done: set[int] = set()
    for node in nodes:
        inside = [] if node.mem_id in done else list(node.traverse(include_text=True))
        done.update(child.mem_id for child in inside)
        for child in inside:
            if child.tag == "-text" and "\n" in (text := child.text_content or ""):
                child.replace_with(text.replace("\n", _BR))


# --- Layout -------------------------------------------------------------------------------------


def _numbered(tags: Iterable[str]) -> dict[str, int]:
    """The parser's number of each tag; asking a node for it is much cheaper than asking for its name."""
    tree = LexborHTMLParser("")
    return {tag: tree.create_node(tag).tag_id for tag in tags}


_KIND_OF: Final = {number: _KINDS[tag] for tag, number in _numbered(_KINDS).items()}


def _mark_layout(tree: LexborHTMLParser, body: LexborNode) -> list[LexborNode]:
    """Put marks where the layout starts a new line or cell.

    Returns:
        The elements that show no text of their own. They are still in the tree.
    """
    kinds = [(kind, node) for node in body.traverse() if (kind := _KIND_OF.get(node.tag_id)) is not None]
    for kind, node in kinds:
        if kind in (_ROW, _BR):
            node.insert_after(kind)
        elif kind == _LINE:
            _set_apart(node, _LINE)
    for node in tree.css("td+td,td+th,th+td,th+th"):
        node.insert_before(_CELL)
    _preserve([*tree.tags("pre"), *tree.tags("textarea")])
    return [node for kind, node in kinds if not kind]


def _set_apart(node: LexborNode, mark: str) -> None:
    node.insert_before(mark)
    node.insert_after(mark)


def _written(text: str, *, plain_lines: bool) -> str:
    """Marks to lines. Line breaks of the source are spaces, as in every browser; so are runs of marks one."""
    if not plain_lines:
        text = text.replace("\r", " ").replace("\n", " ")
    text = text.replace(_BR, "\n")
    if _CELL in text:
        text = _rows(text)
    blocks = [block.strip(" \t") for block in text.replace(_ROW, _LINE).split(_LINE)]
    return "\n".join([block.removesuffix("\n") for block in blocks if block])


def _rows(text: str) -> str:
    """Cells of one row with a space between, whatever blocks are inside them.

    A break before the first text of a cell is dropped, and so is one after its
    last; a row that ends before any text is the cell's own: the cell is empty.
    """
    first, *rest = text.split(_CELL)
    cells = [first, *[cell.lstrip(_SOFT) for cell in rest]]
    return " ".join([*[cell.rstrip(_BREAKS) for cell in cells[:-1]], cells[-1]])


def _alternatives(tree: LexborHTMLParser) -> str:
    """What stands for the images of a mail that is nothing but images."""
    texts = (node.attrs.get("alt") or "" for node in tree.tags("img"))
    return "\n".join(text for text in texts if text.strip())


# --- Links --------------------------------------------------------------------------------------


def _mark_links(tree: LexborHTMLParser) -> list[str]:
    """Put a mark before each link to a web address.

    Returns:
        Their addresses, in the order of the text.
    """
    addresses: list[str] = []
    nodes = tree.css("a,area") if tree.tags("area") else tree.tags("a")
    for node in nodes[:MOST_LINKS]:
        address = target(node.attrs.get("href") or "")
        if address:
            node.insert_before(_LINK)
            addresses.append(address)
    return addresses
