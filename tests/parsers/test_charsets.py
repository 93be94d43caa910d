"""Bytes to text: labels lie, and damage is never silent."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundparsers.charsets import Decoded, codec, damage, decode_text, meta_label, plain, unbase64

KOREAN = "똠방 환불 완료, 펲시 12,000원"  # 똠 and 펲 are not in KS X 1001


@pytest.mark.parametrize(
    "label",
    [
        "euc-kr",
        "EUC-KR",
        "ks_c_5601-1987",
        "KS_C_5601-1987",
        "ksc5601",
        "x-windows-949",
        "cp949",
        '"euc-kr"',
        "ms949",
    ],
)
def test_korean_labels_mean_the_larger_code_page(label: str) -> None:
    """The 8,822 syllables that euc-kr lacks arrive under every Korean label."""
    assert decode_text(KOREAN.encode("cp949"), label) == Decoded(KOREAN, "cp949")


@pytest.mark.parametrize(
    ("label", "encoding", "expected", "text"),
    [
        ("gb2312", "gb18030", "gb18030", "退款已完成，镕"),
        ("GBK", "gbk", "gb18030", "退款已完成"),
        ("big5", "big5hkscs", "big5hkscs", "退款已完成 峯"),
        ("shift_jis", "cp932", "cp932", "返金①髙"),
        ("Shift-JIS", "cp932", "cp932", "返金が完了"),
        ("iso-2022-jp", "iso2022_jp", "iso2022_jp", "返金が完了しました"),
        ("euc-jp", "euc_jp", "euc_jp", "返金が完了"),
        ("koi8-r", "koi8_r", "koi8_r", "Отмена покупки"),
        ("windows-1251", "cp1251", "cp1251", "возврат покупки"),
        ("windows-1254", "cp1254", "cp1254", "İade tamamlandı ğş"),
        ("iso-8859-9", "iso8859_9", "iso8859_9", "İade tamamlandı"),
        ("iso-8859-1", "cp1252", "cp1252", "Rückerstattung 3,57 € – „ok“"),
        ("iso-8859-2", "iso8859_2", "iso8859_2", "zwrot środków"),
        ("utf-8", "utf-8", "utf-8", "환불 ₩7,000 😀"),
        ("utf-16", "utf-16", "utf-16", "환불"),
    ],
)
def test_labels_that_hold(label: str, encoding: str, expected: str, text: str) -> None:
    assert decode_text(text.encode(encoding), label) == Decoded(text, expected)


@pytest.mark.parametrize(
    "label",
    [
        "iso-8859-1",
        "us-ascii",
        "windows-1252",
        "koi8-r",
        "windows-1251",
        "euc-kr",
        "gb2312",
        "big5",
        "shift_jis",
    ],
)
def test_utf8_under_another_label_is_utf8(label: str) -> None:
    text = "환불이 완료되었습니다"

    assert decode_text(text.encode(), label) == Decoded(text, "utf-8")


@pytest.mark.parametrize("text", ["für 3,57 €", "café", "возврат"])
@pytest.mark.parametrize("label", ["iso-8859-1", "us-ascii"])
def test_utf8_in_latin_disguise(text: str, label: str) -> None:
    assert decode_text(text.encode(), label) == Decoded(text, "utf-8")


@pytest.mark.parametrize("text", ["짜", "환불", "취소 12,000원", "짜짜짜"])
def test_short_korean_under_its_label_is_not_taken_for_utf8(text: str) -> None:
    """The bytes of 짜 are valid UTF-8 too; there the label decides."""
    assert decode_text(text.encode("cp949"), "euc-kr") == Decoded(text, "cp949")


@pytest.mark.parametrize("label", [None, "", "x-unknown", "undefined", "base64", "idna", "\x00", "é"])
def test_unknown_label_utf8_then_korean(label: str | None) -> None:
    assert decode_text(KOREAN.encode(), label) == Decoded(KOREAN, "utf-8")
    assert decode_text(KOREAN.encode("cp949"), label) == Decoded(KOREAN, "cp949")


@pytest.mark.parametrize("label", ["us-ascii", "iso-8859-1"])
def test_korean_under_the_label_of_software_that_knows_nothing(label: str) -> None:
    assert decode_text(KOREAN.encode("cp949"), label) == Decoded(KOREAN, "cp949")


@pytest.mark.parametrize(
    "data",
    [
        "Äpfel für Ömer".encode("latin-1"),  # "Äp" would be a rare syllable of cp949
        "返金完了".encode("cp932"),
        "退款成功了".encode("gbk"),
        b"\xff\xfe\xfd\xfc\xfb",
    ],
)
def test_unlabelled_text_that_is_neither_has_a_doubt(data: bytes) -> None:
    """cp949 decodes nearly every pair of bytes; what is not Korean must not pass for it."""
    decoded = decode_text(data)

    assert decoded.charset == "latin-1"
    assert decoded.doubt == "no charset is stated and the text is neither UTF-8 nor Korean"


def test_unlabelled_japanese_escapes_are_recognised() -> None:
    assert decode_text("返金完了".encode("iso2022_jp")) == Decoded("返金完了", "iso2022_jp")


@pytest.mark.parametrize(
    ("data", "label", "text", "doubt"),
    [
        ("환불".encode()[:-1], "utf-8", "환\ufffd", "1 character could not be decoded from utf-8"),
        (
            "환불 완료".encode("cp949") + b"\xff\xff",
            "euc-kr",
            "환불 완료\ufffd\ufffd",
            "2 characters could not be decoded from euc-kr",
        ),
        (
            "환불이 완료되었습니다".encode()[:-1],
            None,
            "환불이 완료되었습니\ufffd",
            "1 character could not be decoded from utf-8",
        ),
    ],
)
def test_what_cannot_be_decoded_is_counted(data: bytes, label: str | None, text: str, doubt: str) -> None:
    decoded = decode_text(data, label)

    assert decoded.text == text
    assert decoded.doubt == doubt


def test_a_label_that_fails_gives_way_to_what_fits() -> None:
    assert decode_text(KOREAN.encode("cp949"), "utf-8") == Decoded(KOREAN, "cp949")
    assert decode_text("Отмена покупки".encode(), "iso-2022-jp") == Decoded("Отмена покупки", "utf-8")


@pytest.mark.parametrize(
    "label", ["base64", "rot13", "zlib", "undefined", "idna", "punycode", "unicode_escape", "utf-7", "hex"]
)
def test_no_codec_outside_the_table_is_ever_used(label: str) -> None:
    assert codec(label) is None


@pytest.mark.parametrize(
    "text",
    [
        "환불 완료".encode().decode("cp1252", "replace").replace("\ufffd", ""),
        "í™˜ë¶ˆ ì™„ë£Œ",
        "환불 완료".encode().decode("latin-1"),
        "RÃ¼ckerstattung",
        "3,57 â‚¬",
        "cafÃ©",
        "Ð²Ð¾Ð·Ð²ÑÐ°Ñ",
        "È¯ºÒ ¿Ï·á",
        "환불 \ufffd\ufffd",
    ],
)
def test_text_damaged_before_it_was_sent_has_a_doubt(text: str) -> None:
    assert damage(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "plain ASCII",
        KOREAN,
        "RÉSUMÉ\u00a0: QUANTITÉ\u00a0» « voilà… » «\u00a0é\u00a0»",
        "NÃO, AMANHÃ… IRMÃ – MAÇÃ”",
        "À l'été, ça coûte 12,00\u00a0€",
        "25\u00a0°C ±2 ½ ¾ £5 §3 ©2026 ®",
        "Größe: ÄÖÜäöüß",
        "возврат ₽ 12",
        "zażółć gęślą jaźń",
        "İADE ÂLÂ",
        "退款 返金 ①",
    ],
)
def test_sound_text_has_no_doubt(text: str) -> None:
    assert damage(text) is None


def test_meta_label() -> None:
    assert meta_label(b'<html><head><meta charset="euc-kr">') == "euc-kr"
    assert (
        meta_label(b"<META http-equiv=Content-Type content='text/html; charset=KS_C_5601-1987'>")
        == "KS_C_5601-1987"
    )
    assert meta_label(b"<p>charset=euc-kr</p>") is None


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        (b"7ZmY67aI", ("환불".encode(), False)),
        (b"7ZmY\r\n67aI\r\n", ("환불".encode(), False)),
        (b"YQ==", (b"a", False)),
        (b"YQ", (b"a", False)),
        (b"7ZmY 67aI\t\r\n", ("환불".encode(), False)),
        (b"7ZmY!67aI", ("환불".encode(), True)),
        (b"7ZmY67aIA", ("환불".encode(), True)),
        (b"YQ==\r\n-- footer", (b"a", True)),
        (b"", (b"", False)),
    ],
)
def test_base64_is_repaired_and_damage_told(packed: bytes, expected: tuple[bytes, bool]) -> None:
    assert unbase64(packed) == expected


@given(st.binary())
def test_base64_round_trip(data: bytes) -> None:
    assert unbase64(base64.encodebytes(data)) == (data, False)


@given(
    st.binary(),
    st.one_of(
        st.none(), st.text(max_size=20), st.sampled_from(["euc-kr", "utf-8", "gb2312", "hz", "utf-16"])
    ),
)
def test_any_bytes_give_text(data: bytes, label: str | None) -> None:
    decoded = decode_text(data, label)

    assert decoded.text.encode("utf-8", "surrogatepass") is not None
    assert (
        decoded.doubt is not None
        or "\ufffd" not in decoded.text
        or b"\xef\xbf\xbd" in data
        or decoded.charset != "utf-8"
    )


@given(st.text())
def test_utf8_is_read_exactly(text: str) -> None:
    data = text.encode("utf-8", "ignore")

    assert decode_text(data, "utf-8") == Decoded(data.decode(), "utf-8")


@given(st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1))
def test_every_syllable_survives_its_label(text: str) -> None:
    assert decode_text(text.encode("cp949"), "ks_c_5601-1987").text == text


# --- plain -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u00a0\u2003\u3000\tb", "a b"),
        ("ＵＳＤ　－１２．３４ （원）", "USD -12.34 (원)"),
        ("￦7,000", "₩7,000"),
        ("환\u200b불\u200c\u200d\u2060\ufeff\u00ad", "환불"),
        ("\u202eabc\u202c\u2066d\u2069", "abcd"),
        ("\x1b[31mred\x1b[0m\x07\x00\x9b1m", "[31mred[0m1m"),
        ("  a  b  \n   c   ", "a b\nc"),
        ("a\n\n\n\n b\n \nc", "a\n\nb\n\nc"),
        ("a\u2028b\u2029c\x0bd\x85e", "a\nb\nc\nd\ne"),
        ("\u1112\u116a\u11ab\u1107\u116e\u11af", "환불"),
        ("한\u3164글\u034f", "한글"),
        ("\ud800x", "\ufffdx"),
        ("⭐\ufe0f ok", "⭐ ok"),
        ("a \u200b b", "a b"),
        ("", ""),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text())
def test_plain_is_stable_and_safe(text: str) -> None:
    """Normalising twice changes nothing, and nothing is left that a terminal obeys."""
    once = plain(text)

    assert plain(once) == once
    assert not any((ord(sign) < 32 and sign != "\n") or 0x7F <= ord(sign) < 0xA0 for sign in once)
    assert "  " not in once
    assert "\n\n\n" not in once
