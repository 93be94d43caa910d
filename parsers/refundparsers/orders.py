"""Which orders a mail of AliExpress is about, and which of its values belong to which of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import re2

from refundparsers import checks
from refundparsers.assembly import Malformed
from refundparsers.labels import label_numbers
from refundparsers.links import ink
from refundparsers.money import parse_money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from refundparsers.forms import Form
    from refundparsers.labels import Labels
    from refundparsers.message import Body

Printed = dict[str, tuple[str, ...]]

# Kinds of one order's way; a mail may tell several. Everything about a dispute is told of one order.
_WAY: Final = ("order-paid", "order-shipped", "order-delivered", "order-closing", "order-closed")
# What a seller writes is no record: numbers in it neither add to the subject nor contradict it.
_CHAT: Final = "seller-message"
# Links of products and shops, which adverts are made of; and pages of one's own orders.
# `re` is safe in both: no part can match in two ways, and the addresses are short.
_GOODS: Final = re.compile(r"(?i)https?://[^/?#]+/+(?:item|i|store|product|p/(?:product|promotion))/")
_OWN_PAGES: Final = re.compile(
    r"(?i)https?://[^/?#]+/[^?#]*(?:order|trade|track|logistic|dispute|issue|refund)"
)
# Confirmations of several orders print a running number in front, glued to the order number.
_SIDE_BY_SIDE: Final = re2.compile(r"\b(\d{14,20})\s?[,;/&+]\s?(\d{14,20})\b")
_GLUED: Final = re2.compile(r"[1-9]\d?((?:30|11|8\d)\d{14})")


def usable(bodies: Iterable[Body], before_adverts: Callable[[str], str]) -> tuple[str, ...]:
    """The links that may tell the reader's own order, each once.

    Links to goods never count. In a body with adverts only those to pages of orders, parcels and
    disputes do, and none that stands behind the point where the adverts start.

    Args:
        bodies: of the mail.
        before_adverts: gives the text of a body without the adverts behind it.
    """
    return tuple(
        dict.fromkeys(address for body in bodies if body.links for address in _own(body, before_adverts))
    )


def _own(body: Body, before_adverts: Callable[[str], str]) -> Iterator[str]:
    kept = before_adverts(body.text)
    adverts = len(kept) < len(body.text)
    end = len(ink(kept)) if adverts else None
    for link in body.links:
        address = link.address
        if _GOODS.match(address) or (adverts and not _OWN_PAGES.match(address)):
            continue
        if end is None or link.ahead is None or link.ahead <= end:
            yield address


def told(
    form: Form, values: Mapping[str, tuple[str, ...]], text: str, links: Sequence[str], labels: Labels
) -> list[Printed]:
    """The printed values of each notice: one, or one for each order of a mail about an order's way.

    Args:
        form: the one that fits.
        values: what its patterns gave.
        text: of the body, without adverts.
        links: those that may tell an order.
        labels: of the library.

    Raises:
        Malformed: a value that stands there cannot be read, or two orders cannot be told apart.
    """
    together = _labelled(form, values, text, links, labels)
    if form.kind == "order-paid" and "order" in together:
        known = {*values.get("order", ()), *label_numbers(labels.by_name["order"], links)}
        together["order"] = tuple(dict.fromkeys(_unglued(order, known) for order in together["order"]))
    for field in ("item", "seller"):  # of several, none is the one
        if len(together.get(field, ())) > 1:
            del together[field]
    orders = together.get("order", ())
    if form.kind in _WAY and len(orders) > 1:
        return list(_apart(form, orders, together, text, labels))
    if form.kind not in (*_WAY, _CHAT):
        _require_one(orders, text)
    return [_with_sum(form, together, text)]


def _labelled(
    form: Form, values: Mapping[str, tuple[str, ...]], text: str, links: Sequence[str], labels: Labels
) -> Printed:
    """What the form's patterns and the labels say together.

    In mails about disputes a label may contradict the subject, and must be heard.
    """
    missing = [name for name in form.takes if labels.by_name[name].field not in values]
    heard = form.kind not in (*_WAY, _CHAT)
    given = [name for name in form.takes if name not in missing and (heard or labels.by_name[name].adds)]
    together: Printed = dict(values)
    for found in (labels.read(given, text, ()), labels.read(missing, text, links)):
        if found.malformed:
            raise Malformed(f"the value behind a label could not be read: {found.malformed[0]!r}")
        for field, printed in found.values.items():
            together[field] = tuple(dict.fromkeys((*together.get(field, ()), *printed)))
    return together


def _unglued(order: str, known: set[str]) -> str:
    """The order number without a running number in front.

    Raises:
        Malformed: neither reading of the digits stands in the subject or in a link as well.
    """
    found = _GLUED.fullmatch(order)
    if found is None or order in known:
        return order
    if found.group(1) in known:
        return str(found.group(1))
    raise Malformed(f"{order} may be an order number with a running number in front")


def _apart(
    form: Form, orders: Sequence[str], together: Printed, text: str, labels: Labels
) -> Iterator[Printed]:
    """Each order with the values of its own part of the text, or with none when the parts do not fit."""
    shared = {
        field: printed for field, printed in together.items() if field not in ("item", "seller", "money")
    }
    names = [name for name in form.takes if labels.by_name[name].field in ("item", "seller", "money")]
    own = [labels.read(names, part, ()).values for part in _parts(orders, text)]
    certain = (
        {field for field in own[0] if all(len(each.get(field, ())) == 1 for each in own)} if own else set()
    )
    for at, order in enumerate(orders):
        yield {**shared, "order": (order,), **{field: own[at][field] for field in sorted(certain)}}


def _parts(orders: Sequence[str], text: str) -> list[str]:
    """The text of each order, from its number to the next one; none unless every number stands there."""
    starts = {order: text.find(order) for order in orders}
    if min(starts.values()) < 0:
        return []
    ordered = sorted(starts.values())
    ends = dict(zip(ordered, [*ordered[1:], len(text)], strict=True))
    return [text[starts[order] : ends[starts[order]]] for order in orders]


def _with_sum(form: Form, together: Printed, text: str) -> Printed:
    """The values, unless the text prints a refund that cannot be read.

    Raises:
        Malformed: a sum without its currency stands beside a word of refunding.
    """
    rejected = together.get("result") == ("rejected",) or form.fixed.get("result") == "rejected"
    if rejected and all(_is_nothing(printed) for printed in together.get("money", ())):
        return {field: printed for field, printed in together.items() if field != "money"}
    if "refund" in form.takes and "money" not in together and checks.unclear_sum(text):
        raise Malformed("a sum stands beside a word of refunding, but its currency is not certain")
    doubtful = [printed for printed in together.get("money", ()) if checks.doubtful_sum(text, printed)]
    if doubtful and "refund" in form.takes and not rejected:
        raise Malformed(f"the sum {doubtful[0]!r} stands in a line that does not promise it")
    return together


def _require_one(orders: Sequence[str], text: str) -> None:
    """A label tells one number; behind it another one may stand, and both are meant.

    Raises:
        Malformed: a second order number stands beside the first.
    """
    for first, second in _SIDE_BY_SIDE.findall(text):
        if first in orders and first != second:
            raise Malformed(f"two orders stand side by side, {first} and {second}")


def _is_nothing(printed: str) -> bool:
    """Whether it is a sum of zero, as mails about refused refunds print it."""
    money = parse_money(printed)
    return money is not None and money.minor == 0
