"""Bytes to text: labels lie, so the label is only the first guess, and damage is never hidden."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

import re2

# What senders write -> the codec that really fits. The larger code page of each family contains the
# smaller one: cp949 holds the 8,822 syllables that KS X 1001 lacks, gb18030 all of gb2312 and gbk.
_FAMILIES: Final = {
    "utf-8": "utf-8 utf8 utf-8-sig unicode-1-1-utf-8",
    "cp949": "cp949 euc-kr euckr x-euc-kr cseuckr ks-c-5601-1987 ks-c-5601-1989 ks-c-5601 ksc5601 ksc-5601"
    " ks-x-1001 korean windows-949 x-windows-949 ms949 x-ms949 uhc",
    "gb18030": "gb18030 gb2312 gb-2312 gb-2312-80 csgb2312 gbk x-gbk cp936 ms936 windows-936 euc-cn chinese",
    "big5hkscs": "big5 big5-hkscs big5hkscs big-5 x-x-big5 cn-big5 csbig5 cp950 windows-950",
    "cp932": "shift-jis shiftjis sjis x-sjis s-jis ms-kanji cp932 ms932 windows-31j cswindows31j",
    "cp1252": "us-ascii ascii ansi-x3.4-1968 iso-8859-1 iso8859-1 iso-88591 latin1 latin-1 l1 windows-1252"
    " cp1252 x-ansi ansi",
    "euc_jp": "euc-jp eucjp x-euc-jp",
    "euc_jis_2004": "euc-jis-2004",
    "iso2022_jp": "iso-2022-jp csiso2022jp",
    "iso2022_jp_ext": "iso-2022-jp-1 iso-2022-jp-3 iso-2022-jp-ext",
    "iso2022_jp_2": "iso-2022-jp-2",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
    "hz": "hz hz-gb-2312",
    "johab": "johab cp1361 ms1361",
    "koi8_r": "koi8-r koi8r koi8 cskoi8r",
    "koi8_u": "koi8-u koi8-ru",
    "cp874": "windows-874 cp874 tis-620 iso-8859-11",
    "utf-16": "utf-16 utf16 unicode ucs-2",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "mac_roman": "macintosh macroman x-mac-roman",
    **{f"cp{n}": f"windows-{n} cp{n} x-cp{n}" for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
    **{f"iso8859_{n}": f"iso-8859-{n} iso8859-{n}" for n in (*range(2, 11), 13, 14, 15, 16)},
    **{f"cp{n}": f"cp{n} ibm{n}" for n in (437, 850, 852, 855, 857, 858, 866)},
}
_CODECS: Final = {label: codec for codec, labels in _FAMILIES.items() for label in labels.split()}

_STATEFUL: Final = frozenset(
    {"iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_kr", "hz", "utf-16", "utf-16-le", "utf-16-be"}
)
_WIDE: Final = frozenset({"cp949", "gb18030", "big5hkscs", "cp932", "euc_jp", "euc_jis_2004", "johab"})

# A lead byte of three bytes or more in UTF-8: Hangul, Han, kana. Everything else is deleted to count them.
_NO_LEAD: Final = bytes(byte for byte in range(256) if not 0xE0 <= byte <= 0xF4)

# UTF-8 that was decoded once as Windows-1252 or Latin-1 and encoded again: "환불" arrives as "í™˜ë¶ˆ".
# A letter that may end a word ("CAFÉ »", "AMANHÃ…") is no proof before punctuation, so the marks that
# are printed behind words are left out of the class of trailing bytes.
_TRAIL: Final = "\u0080-\u009f\u00a1-\u00aa\u00ac-\u00b6\u00b8-\u00ba\u00bc-\u00bfŒœŠšŸŽžƒˆ˜‚„†‡‰‹›€™"
# EUC-KR that was read as Latin-1: pairs of KS X 1001 syllables, "환불" arrives as "È¯ºÒ".
_MOJIBAKE: Final = re2.compile(
    f"[ÃÐÑÕ][{_TRAIL}]|Â[\u0080-\u009f\u00a0-\u00aa\u00ac-\u00b6\u00b8-\u00ba\u00bc-\u00bf]|â[€‚„][{_TRAIL}œ“”’‘–—…•¦¬]"
    f"|[ã-í][{_TRAIL}][{_TRAIL}]|(?:[\u00b0-\u00c8][\u00a1-\u00fe]){{2}}"
)
# What one of the pairs above begins with. `re` is safe: one class, one character.
_MOJIBAKE_STARTS: Final = re.compile("[\u00b0-\u00ed]")
_HANGUL: Final = re2.compile(r"[\x{AC00}-\x{D7A3}]")
_HAN: Final = re2.compile(r"[\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}]")
_META: Final = re2.compile(rb"""(?i)<meta\s[^<>]*charset\s*=\s*["']?([a-z0-9_.:-]{2,40})""")
_NOT_BASE64: Final = bytes(
    byte for byte in range(256) if not (chr(byte).isascii() and chr(byte).isalnum()) and byte not in b"+/="
)
_SPACE: Final = b" \t\r\n\x0b\x0c"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and how sure we are of it.

    Attributes:
        text: what the bytes say.
        charset: the codec that won.
        doubt: why the text cannot be trusted; None when every byte was read.
    """

    text: str
    charset: str
    doubt: str | None = None


def codec(label: str | None) -> str | None:
    """The Python codec for a charset label, or None when the label is missing or unknown.

    Only codecs of this table are ever used: Python also has codecs that unpack,
    rotate or take quadratic time, and a mail may name any of them.
    """
    if not label:
        return None
    name = label.partition("*")[0].strip(" \t\r\n\"'").lower().replace("_", "-").replace(" ", "-")
    return _CODECS.get(name)


def decode_text(data: bytes, label: str | None = None) -> Decoded:
    """Read bytes by their label, and by the usual suspects when the label does not hold.

    Args:
        data: the bytes, transfer encoding already undone.
        label: the charset as the mail states it, in any spelling.

    Returns:
        The text. It carries a doubt as soon as one character had to be replaced
        or no codec of the chain fitted.
    """
    named = codec(label)
    if data.isascii() and named not in _STATEFUL and (named or b"\x1b$" not in data):
        return Decoded(data.decode("ascii"), named or "utf-8")
    for name in _chain(data, named):
        text = _strict(data, name)
        if text is not None and (name == named or name != "cp949" or _plausible(text)):
            return Decoded(text, name)
    return _damaged(data, label, named)


def _chain(data: bytes, named: str | None) -> list[str]:
    """The codecs to try strictly, in order."""
    first: list[str] = []
    if named and named != "utf-8" and named not in _STATEFUL and _is_utf8(data, named):
        first.append("utf-8")
    if named == "cp1252":  # Latin-1 is also what software writes that knows nothing
        first.append("cp949")
    if named:
        first.append(named)
    if named == "iso2022_jp":
        first.append("iso2022_jp_ext")
    if not named and b"\x1b$" in data:
        first += ["iso2022_kr" if b"\x1b$)C" in data else "iso2022_jp"]
    if not named and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        first.append("utf-16")
    return [*first, "utf-8", "cp949"]


def _is_utf8(data: bytes, named: str) -> bool:
    """Whether the bytes are UTF-8 for certain, whatever the label says.

    In a single-byte code page, valid UTF-8 does not happen by accident. In a
    double-byte one a few characters may fit both; four of three bytes do not.
    """
    if named in _WIDE and len(data.translate(None, _NO_LEAD)) < 4:
        return False
    return _strict(data, "utf-8") is not None


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 throughout."""
    return data.isascii() or _strict(data, "utf-8") is not None


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeError:
        return None


def _plausible(text: str) -> bool:
    """Whether text that nobody labelled Korean is Korean: mostly common syllables, hardly any Han.

    cp949 has a character for nearly every pair of bytes, so Shift_JIS, GBK and
    "Äpfel" decode too. Common syllables are those of KS X 1001 (euc-kr).
    """
    syllables = "".join(_HANGUL.findall(text)[:2_000])
    pairs = syllables.encode("cp949")
    common = sum(lead >= 0xB0 and trail >= 0xA1 for lead, trail in zip(pairs[::2], pairs[1::2], strict=True))
    return 0 < len(syllables) <= common * 2 and len(_HAN.findall(text)) * 5 <= len(syllables)


def _damaged(data: bytes, label: str | None, named: str | None) -> Decoded:
    """The best reading of bytes that fit nothing, with the damage counted."""
    for name in [named] if named else ["utf-8", "cp949"]:
        text = data.decode(name, "replace")
        lost = text.count("\ufffd")
        odd = sum(not char.isascii() for char in text[:100_000])
        if named or 0 < lost * 5 <= odd:
            stated = _printable(label) or name
            return Decoded(text, name, f"{_characters(lost)} could not be decoded from {stated}")
    stated = f"the charset {_printable(label)!r} is unknown" if label else "no charset is stated"
    return Decoded(data.decode("latin-1"), "latin-1", f"{stated} and the text is neither UTF-8 nor Korean")


def _printable(label: str | None) -> str:
    return "".join(char for char in (label or "")[:40] if char.isprintable())


def damage(text: str) -> str | None:
    """Why decoded text cannot be trusted although its bytes were: it was broken before it was sent.

    Args:
        text: decoded, before invisible characters are dropped.

    Returns:
        A clause for people, or None.
    """
    if text.isascii():
        return None
    if lost := text.count("\ufffd"):
        return f"{_characters(lost)} arrived damaged (U+FFFD)"
    if _MOJIBAKE_STARTS.search(text) and (found := _MOJIBAKE.search(text)):
        return f"the text was decoded with a wrong charset before it was sent ({found.group()!r})"
    return None


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count:,} characters"


def meta_label(html: bytes) -> str | None:
    """The charset that an HTML document states about itself, for parts without a label."""
    found = _META.search(html[:2048])
    return found.group(1).decode("ascii") if found else None


def unbase64(data: bytes) -> tuple[bytes, bool]:
    """Decode base64 as mail programs do: repair padding, pass over what is foreign.

    Returns:
        The bytes, and whether something was wrong beyond missing padding.
    """
    if not data:
        return b"", False
    try:
        done = binascii.a2b_base64(data)  # passes over foreign characters: the length tells
    except binascii.Error:
        done = b""
    if done and len(data) - data.count(b"\n") - data.count(b"\r") == (len(done) + 2) // 3 * 4:
        return done, False
    return _unbase64_damaged(data)


def _unbase64_damaged(data: bytes) -> tuple[bytes, bool]:
    packed = data.translate(None, _SPACE)
    body = packed.rstrip(b"=")
    whole = body.translate(None, _NOT_BASE64).partition(b"=")[0]
    cut = len(whole) % 4 == 1  # one character holds no byte
    if cut:
        whole = whole[:-1]
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4)), cut or len(whole) != len(body)


# --- Text as forms compare it ----------------------------------------------------------------------

# Characters that change: (first, last, what they become). Invisible ones vanish, also those that turn the
# direction of what a terminal prints; full-width ASCII becomes ASCII, and Arabic digits do.
_VANISHING: Final = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffc\U000e0000-\U000e0fff"
)
_BLANKS: Final = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_NEWLINES: Final = "\x0b\x0c\r\x85\u2028\u2029"
# Arabic and Persian digits, with the marks that stand between them: decimal and thousands.
_EASTERN: Final = "\u0660-\u0669\u066b\u066c\u06f0-\u06f9"
_BECOMES: Final = {
    **dict.fromkeys("\t\u00a0\u1680\u202f\u205f\u3000", " "),
    **{chr(code): " " for code in range(0x2000, 0x200B)},
    **dict.fromkeys(_NEWLINES, "\n"),
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict(zip("￠￡￢￤￥￦", "¢£¬¦¥₩", strict=True)),
    **{chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)},
    **dict(zip("\u066b\u066c", ".,", strict=True)),
    **{chr(code): "\ufffd" for code in range(0xD800, 0xE000)},
}
# `re` is safe here: one class, one character, nothing to backtrack into.
_ODD_CLASS: Final = f"{_VANISHING}{_BLANKS}{_NEWLINES}{_EASTERN}\uff01-\uff5e￠-￦"
_ODD: Final = re.compile(f"[{_ODD_CLASS}\ud800-\udfff]")
_ODD_FAST: Final = re2.compile(f"[{_ODD_CLASS}]")
_SHORT: Final = 200
_SPACES: Final = re.compile(" {2,}")
_EMPTY_LINES: Final = re.compile("\n{3,}")


def plain(text: str) -> str:
    r"""Normalise text so that only what people see is compared.

    Lines are kept and end with `\n`; every kind of space is one space, runs of
    them too; lines have no space at their ends, and at most one empty line
    stands between two. Invisible and control characters are gone, full-width
    ASCII is ASCII, Hangul is composed (NFC; Apple's devices take it apart).
    """
    text = text.replace("\r\n", "\n").replace("\u00a0", " ")
    if _has_odd(text):
        text = _ODD.sub(_visible, text)
    if not text.isascii():
        text = normalize("NFC", text)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    text = text.replace(" \n", "\n").replace("\n ", "\n")
    return (_EMPTY_LINES.sub("\n\n", text) if "\n\n\n" in text else text).strip(" \n")


def _has_odd(text: str) -> bool:
    """Whether anything has to change: in long texts re2 finds that several times faster than `re`."""
    if text.isascii():
        return not text.replace("\n", "").isprintable()
    if len(text) < _SHORT:
        return _ODD.search(text) is not None
    try:
        return _ODD_FAST.search(text) is not None
    except UnicodeEncodeError:  # half a surrogate pair, which re2 cannot take
        return True


def _visible(found: re.Match[str]) -> str:
    return _BECOMES.get(found.group(), "")
