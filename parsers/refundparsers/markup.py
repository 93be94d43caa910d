"""HTML as people see it: lines stay lines, cells stay apart, hidden text is dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING, Final

import re2
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from selectolax.lexbor import LexborNode

# Marks put into the tree where the layout separates text.
_BR: Final = "\x1c"
_ROW: Final = "\x1d"  # the end of a table row
_LINE: Final = "\x1e"  # the start or end of a block
_CELL: Final = "\x1f"  # between two cells of a row
_OURS: Final = (_BR + _ROW + _LINE + _CELL + "\0").encode()
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

# Documents are read as every mail program reads them. A fragment may be bare text that a forwarding app put
# into a text/html part without escaping it, so there a "<" that opens no real tag is text.
_DOCUMENT: Final = re2.compile(r"(?i)<(?:html|body|table|!doctype|head)\b")
_FRAGMENT_LIMIT: Final = 32_768
_VALUE: Final = r"""(?:"[^"]*"|'[^']*'|[^\s"'<>=`]+)"""
_ATTRIBUTES: Final = rf"(?:[\s/]+[a-z_:@][a-z0-9_.:@-]*(?:\s*=\s*{_VALUE})?)*[\s/]*"
_MARKUP: Final = re2.compile(
    rf"(?i)<!--(?s:.*?)-->|</?(?:{_KNOWN}){_ATTRIBUTES}>"
    r"|&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});|[<&]"
)
_LAYOUT: Final = re2.compile(rf"(?i)<(?:{'|'.join((*_LINE_TAGS, 'br', 'tr', 'td', 'th'))})\b")

# The parser takes quadratic time for very deep trees and for tags with thousands of attributes.
_SURELY_SMALL: Final = 40_000
_MOST_TAGS: Final = 15_000
_MOST_SPACES: Final = 4_000
_ANY_TAG: Final = re.compile(r"<[^<>]*>")  # safe: a match ends at the next bracket of either kind

_LENGTH: Final = re2.compile(r"\+?([0-9]*\.?[0-9]+)\.?\s*(px|pt|em|rem|ex|ch|%|vw|vh|pc|cm|mm|in)?")
_TINY: Final = {"": 1.0, "px": 1.0, "pt": 1.0, "%": 5.0}
_URL: Final = re2.compile(r"(?i)\bhttps?://[!#-;=?-~]+")
_WEB: Final = ("http://", "https://")
_MOST_LINKS: Final = 2_000
_LONGEST_LINK: Final = 4_096


@dataclass(frozen=True, slots=True)
class Seen:
    """What people see of a piece of HTML.

    Attributes:
        text: the visible text; lines kept, white space not yet normalised.
        links: targets of its links, in order; web addresses only.
        doubt: why the text may differ from what people see; None when it does not.
    """

    text: str
    links: tuple[str, ...]
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class _Style:
    """What a style attribute does to the text of its element."""

    hidden: bool = False
    tiny: bool = False
    sized: bool = False
    apart: str = ""
    preserved: bool = False


def seen(html: str) -> Seen:
    """Turn HTML into the text that people see.

    Args:
        html: a document or a fragment, also a broken one.

    Returns:
        Text and links. Never raises for any text.
    """
    if _too_heavy(html):
        text = unescape(_ANY_TAG.sub("\n", html))
        return Seen(text, addresses_in(html), "the HTML has too many tags to be laid out")
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
    text = _written(body.text(), plain_lines=plain_lines)
    return Seen(text if text.strip() else _alternatives(tree), _targets(tree))


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
    printed = [node.attrs.get("style") or "" for node in nodes]
    styles = {each: style for each in set(printed) if (style := _style(each)) is not None}
    telling = [(node, styles[each]) for node, each in zip(nodes, printed, strict=True) if each in styles]
    hidden = tree.css("[hidden]") + [node for node, style in telling if style.hidden]
    tiny = [node for node, style in telling if style.tiny]
    if tiny:
        hidden += _without_sizes(tiny, [node for node, style in telling if style.sized])
    for node, style in telling:
        if style.apart == _LINE or (style.apart and node.next is not None):
            _set_apart(node, style.apart)
    _preserve([node for node, style in telling if style.preserved])
    return hidden


def _without_sizes(tiny: list[LexborNode], sized: list[LexborNode]) -> list[LexborNode]:
    """Those in which no element sets a font size again.

    Mail builders write `font-size:0` around columns to close the gaps between them.
    """
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


@lru_cache(maxsize=1024)
def _style(text: str) -> _Style | None:
    """What a style attribute does to text; None when nothing. The same few styles fill a whole mail."""
    given = _declarations(text.lower())
    clipped = given.get("overflow", "").startswith("hidden")
    size = given.get("font-size", "")
    tiny = bool(size) and _is_small(size)
    style = _Style(
        hidden=given.get("display") == "none"
        or given.get("visibility") in ("hidden", "collapse")
        or given.get("mso-hide") == "all"
        or _is_zero(given.get("opacity"))
        or _is_zero(given.get("max-height"))
        or (clipped and (_is_zero(given.get("height")) or _is_zero(given.get("max-width")))),
        tiny=tiny,
        sized=(bool(size) and not tiny) or "font" in given,
        apart=_apart(given.get("display", "")),
        preserved=given.get("white-space", "") in ("pre", "pre-wrap", "pre-line", "break-spaces"),
    )
    return None if style == _Style() else style


def _declarations(style: str) -> dict[str, str]:
    """Property to value; the last one wins, unless an earlier one is important."""
    given: dict[str, str] = {}
    important: set[str] = set()
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        value, _, mark = value.partition("!")
        name = name.strip()
        if mark.strip() == "important":
            important.add(name)
        elif name in important:
            continue
        given[name] = value.strip()
    return given


def _apart(display: str) -> str:
    if display.startswith("inline-"):
        return " "
    return _LINE if display in ("block", "table", "flex", "grid", "list-item", "table-row") else ""


def _number(value: str) -> tuple[float, str] | None:
    found = _LENGTH.fullmatch(value[:20])
    return (float(found.group(1)), found.group(2) or "") if found else None


def _is_zero(value: str | None) -> bool:
    number = _number(value) if value else None
    return number is not None and number[0] < 0.01


def _is_small(value: str) -> bool:
    number = _number(value)
    return number is not None and number[0] <= _TINY.get(number[1], 0.05)


# --- Layout -------------------------------------------------------------------------------------


def _mark_layout(tree: LexborHTMLParser, body: LexborNode) -> list[LexborNode]:
    """Put marks where the layout starts a new line or cell.

    Returns:
        The elements that show no text of their own. They are still in the tree.
    """
    kinds = [(kind, node) for node in body.traverse() if (kind := _KINDS.get(node.tag or "")) is not None]
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


def _targets(tree: LexborHTMLParser) -> tuple[str, ...]:
    links = [*tree.tags("a")[:_MOST_LINKS], *tree.tags("area")[:_MOST_LINKS]]
    found = dict.fromkeys([node.attrs.get("href") or "" for node in links])
    tidy = ["".join(target.split()) for target in found if len(target) <= _LONGEST_LINK]
    return tuple(dict.fromkeys([target for target in tidy if target[:8].lower().startswith(_WEB)]))


def addresses_in(text: str) -> tuple[str, ...]:
    """Web addresses printed in text, in order, without the punctuation behind them.

    `&amp;` is resolved: programs that make text from HTML forget to.
    """
    if "://" not in text:
        return ()
    found = (match.group().rstrip(".,;:!?)]}'*_").replace("&amp;", "&") for match in _URL.finditer(text))
    fitting = (url for url in found if len(url) <= _LONGEST_LINK)
    return tuple(dict.fromkeys(islice(fitting, _MOST_LINKS)))
