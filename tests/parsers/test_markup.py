"""HTML as people see it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.charsets import plain
from refundparsers.links import ink, printed_links
from refundparsers.markup import seen


def text(html: str) -> str:
    """The normalised text of some HTML."""
    return plain(seen(html).text)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p><p>b</p>", "a\nb"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<div>a</div>b", "a\nb"),
        ("a<div>b</div>c", "a\nb\nc"),
        ("<span><div>a</div></span>b", "a\nb"),
        ("<h1>a</h1>b<ul><li>c</li><li>d</li></ul>e", "a\nb\nc\nd\ne"),
        ("<div>a<br></div><div>b</div>", "a\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("a<br><br>b", "a\n\nb"),
        ("<p>US $<b>12</b>.<i>34</i></p>", "US $12.34"),
        ("<p>a\n  b\r\n c</p>", "a b c"),
        ("<p>a&nbsp;&amp;&lt;b&gt; &#8361;7,000 &euro;</p>", "a &<b> ₩7,000 €"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ('<div style="white-space: pre-wrap">a\nb</div>', "a\nb"),
        ('<span style="display:block">a</span><span style="display: block">b</span>c', "a\nb\nc"),
        ('<a style="display:inline-block">a</a><a style="display:inline-block">b</a>', "a b"),
        ("<body>a<!-- hidden -->b</body>", "ab"),
        ("a<p>b<p>c", "a\nb\nc"),
    ],
)
def test_lines(html: str, expected: str) -> None:
    assert text(html) == expected


def rows(*html: str) -> str:
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in html) + "</table>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (rows("<td>a</td><td>b</td>", "<th>c</th><td>d</td>"), "a b\nc d"),
        (rows("<td><p>Order</p></td> <td><p>12</p></td>"), "Order 12"),
        (rows("<td>a</td><td></td>", "<td>b</td>"), "a\nb"),
        (rows("<td></td><td>a</td>"), "a"),
        (rows(f"<td>{rows('<td>a</td>')}</td><td>{rows('<td>b</td>')}</td>", "<td>c</td>"), "a b\nc"),
        (rows("<td>a<br>b</td><td>c</td>"), "a\nb c"),
        ("x" + rows("<td>a</td>") + "y", "x\na\ny"),
        (rows("<td>a</td>\n  <td>b</td>\n"), "a b"),
    ],
)
def test_cells_of_a_row_stand_on_one_line(html: str, expected: str) -> None:
    assert text(html) == expected


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">x</div>',
        '<div style="DISPLAY : NONE !important">x</div>',
        '<span style="color:red; display:none;">x<b>y</b></span>',
        '<div style="visibility:hidden">x</div>',
        '<div style="font-size:0">x</div>',
        '<div style="font-size: 0px; line-height:0">x</div>',
        '<div style="font-size:1px;color:#fff">x</div>',
        '<div style="max-height:0;overflow:hidden">x</div>',
        '<div style="max-height:0px">x</div>',
        '<div style="opacity:0">x</div>',
        '<div style="opacity:0.0">x</div>',
        '<div style="mso-hide:all">x</div>',
        '<div style="height:0;overflow:hidden">x</div>',
        "<div hidden>x</div>",
        '<p hidden="">x</p>',
        "<script>x</script>",
        "<style>.x{}</style>",
        "<template>x</template>",
        "<iframe>x</iframe>",
        "<svg><text>x</text></svg>",
        "<title>x</title>",
        '<img alt="x" src="x.png">',
    ],
)
def test_what_people_do_not_see_is_dropped(hidden: str) -> None:
    assert text(f"<html><head><title>t</title></head><body>a{hidden}<p>b</p></body></html>") == "a\nb"


@pytest.mark.parametrize(
    "shown",
    [
        '<div style="font-size:0"><div style="font-size:14px">x</div></div>',
        '<td style="font-size:0px"><div><p style="font:14px Arial">x</p></div></td>',
        '<div style="display:block">x</div>',
        '<div style="display:none;display:block">x</div>',
        '<div style="display:block!important;display:none">x</div>',
        '<div style="opacity:0.9">x</div>',
        '<div style="max-height:100px">x</div>',
        '<div style="font-size:10px">x</div>',
        '<div style="height:0">x</div>',
        '<div style="text-decoration:none;border:0">x</div>',
        '<div title="display:none">x</div>',
    ],
)
def test_what_people_see_is_kept(shown: str) -> None:
    assert text(f"<html><body>a<table>{shown}</table></body></html>").replace("\n", "") in ("ax", "xa")


def test_hidden_elements_inside_each_other() -> None:
    html = "<html><body>a" + '<div hidden><p style="display:none"><script>x</script>' * 20 + "</body></html>"

    assert text(html) == "a"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("15447200<br>a<b 5,000원<br>end", "15447200\na<b 5,000원\nend"),
        ("<홍길동>님<br>x", "<홍길동>님\nx"),
        ("to <AliExpress> now", "to <AliExpress> now"),
        ("USD <12.30>", "USD <12.30>"),
        ("R&D &amp; AT&T", "R&D & AT&T"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("https://x.kr/?a=1&copy=2&reg=3", "https://x.kr/?a=1&copy=2&reg=3"),
        ("line 1\nline 2", "line 1\nline 2"),
        ("a<br>\nb", "a\nb"),
        ('see <a href="https://x.kr/">here</a> <b>now</b>', "see here now"),
        ("<o:p>a</o:p>", "a"),
    ],
)
def test_text_that_was_put_into_html_unescaped(html: str, expected: str) -> None:
    """Forwarding apps write the text of a message into a text/html part as it is."""
    assert text(html) == expected


def test_documents_are_read_as_every_mail_program_reads_them() -> None:
    assert text("<html><body>a <unknown>b</unknown> c</body></html>") == "a b c"


def test_images_speak_only_when_there_is_nothing_else() -> None:
    assert text('<img alt="Dispute Finished"><img alt="">') == "Dispute Finished"
    assert text('<img alt="logo">Text') == "Text"


def test_links() -> None:
    html = (
        '<a href="https://x.kr/?a=1&amp;tradeOrderId=8012345678901234">a</a><a href=" HTTP://Y.kr/\n?b">b</a>'
        '<a href="https://x.kr/?a=1&amp;tradeOrderId=8012345678901234">again</a>'
        '<a href="javascript:x()">c</a>'
        '<a href="mailto:a@b.c">d</a><a href="#top">e</a><a>f</a><area href="https://z.kr/%2C">'
        '<div style="display:none"><a href="https://hidden.kr/">g</a></div>'
    )

    assert tuple(link.address for link in seen(html).links) == (
        "https://x.kr/?a=1&tradeOrderId=8012345678901234",
        "HTTP://Y.kr/?b",
        "https://z.kr/%2C",
    )


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("see https://x.kr/a?b=1&amp;c=2.", ("https://x.kr/a?b=1&c=2",)),
        ("(https://x.kr/a) <https://y.kr/b>, https://x.kr/a", ("https://x.kr/a", "https://y.kr/b")),
        ("https://x.kr/주문", ("https://x.kr/",)),
        ("x.kr and ftp://x.kr", ()),
    ],
)
def test_addresses_printed_in_text(printed: str, expected: tuple[str, ...]) -> None:
    assert tuple(link.address for link in printed_links(printed)) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "x",
        "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x",
        "<b><div>" * 20_000 + "x",
    ],
    ids=["deep", "attributes", "misnested"],
)
def test_html_that_would_keep_the_parser_busy_is_read_plainly_and_doubted(html: str) -> None:
    found = seen(html)

    assert found.doubt == "the HTML has too many tags to be laid out"
    assert found.text.strip() == "x"


def test_an_ordinary_long_mail_is_no_trouble() -> None:
    html = rows(*(f'<td style="padding:0">Item {n}</td><td>US ${n}.00</td>' for n in range(1_000)))

    found = seen(html)

    assert found.doubt is None
    assert plain(found.text).splitlines()[999] == "Item 999 US $999.00"


TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<td>",
        "<tr>",
        "<table>",
        "</table>",
        "<br>",
        "<div hidden>",
        '<p style="display:none">',
        "</div>",
        "<pre>",
        "</pre>",
        "<script>",
        "</script>",
        "<svg>",
        "<template>",
        "<select>",
        "<a href='http://x'>",
        "</a>",
        "<!--",
        "-->",
        "<body>",
        "</html>",
        "<frameset>",
        '<span style="display:block">',
        "<b",
        "&",
        "\x1c\x1d\x1e\x1f",
    ]
)


@given(st.lists(st.one_of(TAGS, st.text(max_size=10))))
def test_any_text_can_be_laid_out(pieces: list[str]) -> None:
    found = seen("".join(pieces))

    assert isinstance(found.text, str)
    assert all(link.address.lower().startswith("http") for link in found.links)
    assert all(link.ahead is None or link.ahead <= len(ink(plain(found.text))) for link in found.links)


@given(
    st.lists(
        st.sampled_from(["a", " ", "\n", "\r\n", "\t", "\x0c", "\x85", "\u00a0", "환불", "<br>", "<BR />"])
    )
)
def test_line_breaks_alone_are_read_as_the_parser_reads_them(pieces: list[str]) -> None:
    """A text without other markup takes no parser; an entity that shows nothing sends it there."""
    html = "".join(pieces) + "<br>"

    assert plain(seen(html).text) == plain(seen(html + "&zwnj;").text)


@given(st.text(alphabet=st.characters(exclude_characters="<&", exclude_categories=["Cs"])))
def test_text_without_markup_survives(printed: str) -> None:
    assert plain(seen(printed).text) == plain(printed.replace("\0", ""))
