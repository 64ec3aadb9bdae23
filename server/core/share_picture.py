"""A position's picture for a shared link: what it pays, large, on the house's blue; 600 x 600, a PNG of some kilobytes.

Its words are few and known, so they were drawn beforehand (`share_glyphs`); the title stands beside the picture
wherever a link is shared. Pure: the standard library's zlib writes the PNG.
"""

import zlib
from base64 import b85decode
from functools import cache
from struct import pack
from typing import Final

from server.core.model import PayUnit, Position
from server.core.share_glyphs import BIG, SMALL, Drawn

SIZE: Final = 600
_SHADES: Final = 16
_BLUE: Final = (10, 75, 171)
_EDGE: Final = 24
_UNITS: Final = {PayUnit.MONTH: "元/月", PayUnit.HOUR: "元/小时", PayUnit.PIECE: "元/月·计件"}

Rows = list[bytearray]


def share_picture(position: Position, number: int = 0) -> bytes:
    """The picture of that position; `number` is the one it is called by in its hall, 0 for none."""
    rows: Rows = [bytearray(SIZE) for _ in range(SIZE)]
    _write(rows, f"直播带岗·{number}号" if number else "直播带岗", SMALL, 56)
    _write(rows, "综合月薪", SMALL, 178)
    pay = _pay(position)
    _write(rows, pay or ("面议" if position.pay_negotiable else "未填写"), BIG, 246)
    if pay:
        _write(rows, _UNITS[position.pay_unit], SMALL, 366)
    if position.base_yuan is not None:
        _write(rows, f"底薪{position.base_yuan:,}元", SMALL, 436)
    _write(rows, "看现场·听讲解·直接投递", SMALL, 524)
    return _png(rows)


def _pay(position: Position) -> str:
    """The band; empty where none is said."""
    low, high = position.pay_min_yuan, position.pay_max_yuan
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"{low:,}起" if low is not None else f"至{high:,}"
    return f"{low:,}–{high:,}" if low != high else f"{low:,}"


def _write(rows: Rows, text: str, drawn: Drawn, top: int) -> None:
    """In the middle. What has no room in the larger characters goes without its commas, else in the smaller ones."""
    glyphs = _glyphs(drawn)
    known = [glyphs[character] for character in text if character in glyphs]
    wide = sum(width for width, _ in known)
    if drawn is BIG and (wide > SIZE - 2 * _EDGE or len(known) < len(text)):
        if "," in text:
            _write(rows, text.replace(",", ""), BIG, top)
        else:
            _write(rows, text, SMALL, top + (BIG.high - SMALL.high) // 2)
        return
    left = max(0, (SIZE - wide) // 2)
    for width, shades in known:
        room = min(width, SIZE - left)
        for y in range(min(drawn.high, SIZE - top)):
            rows[top + y][left : left + room] = shades[y * width : y * width + room]
        left += width
        if left >= SIZE:
            break


@cache
def _glyphs(drawn: Drawn) -> dict[str, tuple[int, bytes]]:
    """Each character with its width and a byte for each pixel."""
    raw = zlib.decompress(b85decode(drawn.packed))
    found: dict[str, tuple[int, bytes]] = {}
    at = 0
    for character, width in zip(drawn.characters, drawn.widths, strict=True):
        pixels = width * drawn.high
        packed = raw[at : at + (pixels + 1) // 2]
        at += len(packed)
        found[character] = width, bytes(shade for pair in packed for shade in (pair >> 4, pair & 15))[:pixels]
    return found


def _png(rows: Rows) -> bytes:
    palette = bytes(
        component + (255 - component) * shade // (_SHADES - 1) for shade in range(_SHADES) for component in _BLUE
    )
    lines = b"".join(b"\0" + bytes(row) for row in rows)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", pack(">IIBBBBB", SIZE, SIZE, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"IDAT", zlib.compress(lines, 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))
