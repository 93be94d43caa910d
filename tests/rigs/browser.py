"""A page as a real browser draws it: Chromium without a window, and the picture it makes."""

from __future__ import annotations

import re
import struct
import subprocess
import zlib
from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from rigs.real import real_part

if TYPE_CHECKING:
    from pathlib import Path

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# Truecolour without and with transparency (PNG specification, colour types 2 and 6).
_BYTES_A_PIXEL: Final = {2: 3, 6: 4}


@dataclass(frozen=True, slots=True)
class Picture:
    """What was drawn.

    Attributes:
        path: the PNG file.
        width: in pixels.
        height: in pixels.
        colours: how many pixels have each colour (red, green, blue).
    """

    path: Path
    width: int
    height: int
    colours: Counter[tuple[int, int, int]]

    @property
    def ground(self) -> tuple[int, int, int]:
        """The commonest colour."""
        return self.colours.most_common(1)[0][0]

    @property
    def ink(self) -> float:
        """The share of pixels that are not the ground."""
        return 1 - self.colours[self.ground] / (self.width * self.height)


def draw(html: str, folder: Path, *, width: int, height: int = 600, dark: bool = False) -> Picture:
    """The top of a page, as a window of this size shows it.

    Skips or fails the test when Chromium is missing.
    """
    target = folder / f"page-{width}{'-dark' if dark else ''}.png"
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    size = f"--window-size={width},{height}"
    _chromium(html, folder, "--hide-scrollbars", size, f"--screenshot={target}", *scheme)
    return read_png(target)


def overhang(html: str, folder: Path, *, width: int) -> int:
    """By how many pixels the page is wider than a frame of this width; 0 when it fits."""
    outer = (
        f'<body><iframe width={width} height=900 frameborder=0 srcdoc="{escape(html)}"></iframe><script>'
        "onload = () => {const page = frames[0].document.documentElement;"
        "document.body.dataset.overhang = page.scrollWidth - page.clientWidth}</script>"
    )
    told = re.search(r'data-overhang="(\d+)"', _chromium(outer, folder, "--dump-dom"))
    assert told
    return int(told[1])


def _chromium(html: str, folder: Path, *orders: str) -> str:
    page = folder / "page.html"
    page.write_text(html, encoding="utf-8")
    command = [
        real_part("chromium"),
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        f"--user-data-dir={folder / 'profile'}",
        *orders,
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    return done.stdout


def read_png(path: Path) -> Picture:
    """Decode what Chromium writes: eight bits, truecolour, not interlaced."""
    data = path.read_bytes()
    assert data.startswith(_SIGNATURE)
    chunks = _chunks(data)
    width, height, depth, kind, *_, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, kind in _BYTES_A_PIXEL, interlaced) == (8, True, 0)
    step = _BYTES_A_PIXEL[kind]
    rows = _rows(zlib.decompress(chunks[b"IDAT"]), width * step, step)
    colours: Counter[tuple[int, int, int]] = Counter()
    for row in rows:
        colours.update(zip(row[0::step], row[1::step], row[2::step], strict=True))
    return Picture(path, width, height, colours)


def _chunks(data: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = len(_SIGNATURE)
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        found[name] = found.get(name, b"") + data[at + 8 : at + 8 + size]
        at += size + 12
    return found


def _rows(packed: bytes, length: int, step: int) -> list[bytearray]:
    """Undo the five filters of PNG, row by row."""
    rows: list[bytearray] = []
    above = bytearray(length)
    for at in range(0, len(packed), length + 1):
        row = bytearray(packed[at + 1 : at + 1 + length])
        _unfilter(packed[at], row, above, step)
        rows.append(row)
        above = row
    return rows


def _unfilter(kind: int, row: bytearray, above: bytearray, step: int) -> None:
    """Add to each byte the guess of the row's filter (PNG specification, 9.2)."""
    if kind == 2:
        row[:] = bytes((delta + up) & 0xFF for delta, up in zip(row, above, strict=True))
        return
    padded = bytes(step) + above
    for at in range(len(row) if kind else 0):
        left = row[at - step] if at >= step else 0
        if kind == 1:
            guess = left
        elif kind == 3:
            guess = (left + above[at]) // 2
        else:
            guess = _paeth(left, above[at], padded[at])
        row[at] = (row[at] + guess) & 0xFF


def _paeth(left: int, up: int, corner: int) -> int:
    """The neighbour that is nearest to left + up - corner (PNG specification, 9.4)."""
    if left == corner:
        return up
    if up == corner:
        return left
    guess = left + up - corner
    return min((left, up, corner), key=lambda near: abs(guess - near))
