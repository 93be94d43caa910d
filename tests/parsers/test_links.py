"""Web addresses and their places: a link in an advert never tells the reader's own order."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers import read
from refundparsers.charsets import plain
from refundparsers.links import Link, ink, placed, printed_links, within
from refundparsers.markup import seen
from refundparsers.message import Body, decode
from refundparsers.orders import usable
from refundparsers.senders import SenderPolicy
from rigs.sample import AUTHSERV, PROVEN, TRANSACTION

POLICY = SenderPolicy(authserv=(AUTHSERV,))
ORDER = "8012345678901234"
OTHER = "8099999999999999"
PAGE = "https://trade.aliexpress.com/order_detail.htm?orderId="
ADVERTS = "<h2>You may also like</h2>"


def finished(html: str, plain_text: str | None = None) -> bytes:
    """A mail of AliExpress that ends a dispute."""
    mail = EmailMessage(policy=SMTP)
    mail["Authentication-Results"] = PROVEN + TRANSACTION.rpartition("@")[2]
    mail["From"] = TRANSACTION
    mail["Subject"] = "Dispute Finished"
    mail["Date"] = "Tue, 12 May 2026 04:22:00 +0000"
    page = f"<html><body>{html}</body></html>"
    if plain_text is None:
        mail.set_content(page, subtype="html")
    else:
        mail.set_content(plain_text)
        mail.add_alternative(page, subtype="html")
    return mail.as_bytes()


def button(order: str) -> str:
    return f'<p><a href="{PAGE}{order}">View details</a></p>'


RESULT = "<p>Result: refund</p><p>Refund amount: US $5.20</p>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (button(ORDER) + RESULT, ORDER),
        (RESULT + button(ORDER) + ADVERTS, ORDER),
        (RESULT + button(ORDER) + ADVERTS + button(OTHER), ORDER),
        (RESULT + button(ORDER) + ADVERTS + button(ORDER), ORDER),
        (RESULT + ADVERTS + button(OTHER), None),
        (RESULT + ADVERTS + f"<p>{PAGE}{OTHER}</p>", None),
    ],
)
def test_an_order_is_told_by_a_link_before_the_adverts_only(html: str, expected: str | None) -> None:
    found = read(finished(html), senders=POLICY)

    assert [notice.order for notice in found.notices] == ([expected] if expected else [])


def test_a_link_in_the_adverts_of_one_alternative_counts_where_another_has_it_in_front() -> None:
    html = RESULT + ADVERTS + button(ORDER)

    found = read(finished(html, f"Result: refund\nRefund amount: US $5.20\n{PAGE}{ORDER}\n"), senders=POLICY)

    assert [notice.order for notice in found.notices] == [ORDER]


def test_links_of_a_body_without_adverts_count_wherever_they_stand() -> None:
    body = Body("ab", html=True, charset="utf-8", links=(Link("https://x.kr/1", 2), Link("https://x.kr/2")))

    assert usable([body], lambda text: text) == ("https://x.kr/1", "https://x.kr/2")


def test_a_link_whose_place_is_not_known_counts_when_it_leads_to_a_page_of_orders() -> None:
    body = Body(
        "ab", html=True, charset="utf-8", links=(Link(PAGE), Link("https://x.kr/click"), Link(PAGE, 2))
    )

    assert usable([body], lambda text: text[:1]) == (PAGE,)


def test_links_to_goods_never_count() -> None:
    body = Body(
        "a", html=True, charset="utf-8", links=(Link(f"https://x.kr/item/1.html?orderId={ORDER}", 0),)
    )

    assert usable([body], lambda text: text) == ()


# --- Places ------------------------------------------------------------------------------------------


def test_the_place_of_a_link_is_the_text_before_it() -> None:
    html = '<table><tr><td>a&zwnj; b</td><td><a href="http://x.kr">c</a></td></tr></table>ＤＥ<a href="http://y.kr">'

    assert seen(html).links == (Link("http://x.kr", 2), Link("http://y.kr", 5))


def test_of_the_same_address_twice_the_first_place_counts() -> None:
    html = '<p>a<a href="http://x.kr">b</a>c<a href="http://x.kr">d</a></p>'

    assert seen(html).links == (Link("http://x.kr", 1),)
    assert printed_links("a http://x.kr b http://x.kr") == (Link("http://x.kr", 1),)


def test_parts_that_follow_each_other_move_their_links() -> None:
    raw = (
        b"From: a@b.c\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b'--b\r\nContent-Type: text/html\r\n\r\nab <a href="http://x.kr">c</a>\r\n'
        b"--b\r\n\r\nd e\r\nhttp://y.kr\r\n--b--\r\n"
    )

    assert decode(raw).bodies[0].links == (Link("http://x.kr", 2), Link("http://y.kr", 5))


def test_a_mark_that_the_sender_wrote_moves_no_link() -> None:
    html = '<p>a\x01b&#1;<a href="http://x.kr">c</a></p>'

    assert seen(html).links == (Link("http://x.kr"),)
    assert plain(seen(html).text) == "abc"


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6))
def test_places_are_counted_in_the_text_that_people_see(pieces: list[str]) -> None:
    addresses = [f"http://x.kr/{at}" for at in range(len(pieces) - 1)]
    found = placed(addresses, pieces)

    assert [link.address for link in found] == addresses
    places = [link.ahead for link in found]
    assert None not in places
    assert places == sorted(place for place in places if place is not None)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("ab\nc", (Link("http://1", 1), Link("http://0"))),
        ("c d e", (Link("http://2", 2), Link("http://0"))),
        ("e", (Link("http://2", 0), Link("http://0"))),
        ("a e", (Link("http://1"), Link("http://2"), Link("http://0"))),
    ],
)
def test_the_links_of_a_part(part: str, expected: tuple[Link, ...]) -> None:
    """Those of the beginning or the end of a text are known; of any other text nothing is."""
    links = (Link("http://1", 1), Link("http://2", 4), Link("http://0"))

    assert within(links, "ab c d e", part) == expected


@given(st.text(), st.text())
def test_the_end_of_a_text_keeps_the_links_in_it(above: str, below: str) -> None:
    part = "\u2603" + below
    whole = "!" + above + part
    links = (Link("http://start.kr", 0), Link("http://end.kr", len(ink(whole))))

    assert within(links, whole, part) == (Link("http://end.kr", len(ink(part))),)
