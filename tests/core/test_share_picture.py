"""The picture of a shared position: a PNG that holds what it says, whatever the pay."""

import zlib
from struct import unpack
from typing import Any

import msgspec
import pytest

from server.core.model import PayUnit
from server.core.samples import POSITION
from server.core.share_glyphs import BIG, SMALL
from server.core.share_picture import SIZE, share_picture


def pixels_of(png: bytes) -> list[bytes]:
    """The rows of the picture, each pixel its shade."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, found = 8, {}
    while at < len(png):
        (size,) = unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert unpack(">I", png[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + content)
        found[kind] = content
        at += 12 + size
    assert unpack(">II", found[b"IHDR"][:8]) == (SIZE, SIZE)
    raw = zlib.decompress(found[b"IDAT"])
    assert len(raw) == SIZE * (SIZE + 1)
    return [raw[y * (SIZE + 1) + 1 : (y + 1) * (SIZE + 1)] for y in range(SIZE)]


@pytest.mark.parametrize(
    ("facts", "number"),
    [
        ({"pay_min_yuan": 5_600, "pay_max_yuan": 7_000}, 12),
        ({"pay_min_yuan": 15_600, "pay_max_yuan": 17_000, "base_yuan": 12_500}, 0),
        ({"pay_min_yuan": 1_156_000, "pay_max_yuan": 1_700_000}, 999_999_999),
        ({"pay_min_yuan": None, "pay_max_yuan": 20, "pay_unit": PayUnit.HOUR}, 1),
        ({"pay_min_yuan": None, "pay_max_yuan": None, "pay_negotiable": True, "base_yuan": None}, 1),
        ({"pay_min_yuan": None, "pay_max_yuan": None, "pay_negotiable": False}, 1),
    ],
)
def test_it_is_a_png_with_something_on_it_and_nothing_over_the_edge(facts: dict[str, Any], number: int) -> None:
    rows = pixels_of(share_picture(msgspec.structs.replace(POSITION, **facts), number))
    lit = [y for y, row in enumerate(rows) if any(row)]
    assert lit[0] > 40
    assert lit[-1] < SIZE - 20
    assert not any(row[0] or row[-1] for row in rows)
    assert max(max(row) for row in rows) == 15


def test_another_pay_is_another_picture() -> None:
    one, other = (share_picture(msgspec.structs.replace(POSITION, pay_min_yuan=n, pay_max_yuan=9_000)) for n in (1, 2))
    assert one != other


def test_every_character_of_the_picture_was_drawn() -> None:
    assert set("直播带岗·号综合月薪元/小时计件底看现场听讲解接投递0123456789,–面议未填写起至") <= set(SMALL.characters)
    assert set("0123456789,–面议未填写起至") <= set(BIG.characters)
