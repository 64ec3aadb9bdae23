"""A QR code is read by another program than the one that made it, in every form in which it leaves the house."""

import importlib
import importlib.util
import os
import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.wire.houses import HouseUnderTest

FOUND = importlib.util.find_spec("zxingcpp") is not None
SCALE, QUIET = 3, 4
pytestmark = pytest.mark.skipif(not FOUND and os.environ.get("CI") != "true", reason="zxing-cpp is not installed")


def read(rows: list[str]) -> str:
    """What a scanner reads of these modules (1 is dark) with the quiet zone around them."""
    scanner: Any = importlib.import_module("zxingcpp")
    side = (len(rows) + 2 * QUIET) * SCALE
    picture = bytearray(b"\xff" * side * side)
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            if module == "1":
                for line in range(SCALE):
                    start = ((y + QUIET) * SCALE + line) * side + (x + QUIET) * SCALE
                    picture[start : start + SCALE] = b"\0" * SCALE
    (found,) = scanner.read_barcodes(memoryview(picture).cast("B", (side, side)))
    return str(found.text)


def modules_of(svg: str) -> list[str]:
    """The modules of an SVG whose path draws each run of dark ones as a line."""
    box = re.search(r'viewBox="0 0 (\d+) \d+"', svg)
    path = re.search(r'<path[^>]*stroke="#000"[^>]* d="([^"]+)"|<path[^>]* d="([^"]+)"[^>]*stroke="#000"', svg)
    assert box is not None, svg[:300]
    assert path is not None, svg[:300]
    side = int(box[1])
    dark = [[False] * side for _ in range(side)]
    x = y = 0.0
    for step, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path[1] or path[2]):
        if step == "M":
            x, y = float(first), float(second)
        elif step == "m":
            x, y = x + float(first), y + float(second)
        else:
            for column in range(round(x), round(x + float(first))):
                dark[int(y)][column] = True
            x += float(first)
    inner = range(QUIET, side - QUIET)
    return ["".join("1" if dark[row][column] else "0" for column in inner) for row in inner]


@pytest.mark.parametrize(("to", "source"), [("/V01/1", "paper-P010"), ("/room/S01", ""), ("/position/P010", "a" * 24)])
async def test_a_code_says_the_address_it_stands_for(hub_server: HouseUnderTest, to: str, source: str) -> None:
    path = f"/api/qr?to={quote(to, safe='')}&from={source}"
    address = hub_server.url + to + (f"?from={source}" if source else "")
    assert read((await hub_server.call("GET", f"{path}&as=modules")).json["rows"]) == address
    assert read(modules_of((await hub_server.call("GET", path)).body.decode())) == address


async def test_the_code_on_a_sheet_of_paper_leads_to_its_position(hub_server: HouseUnderTest) -> None:
    sheet = (await hub_server.call("GET", "/print/position/P010")).body.decode()
    image = re.search(r'<img src="([^"]+)"', sheet)
    assert image is not None
    code = await hub_server.call("GET", image[1].replace("&amp;", "&"))
    address = read(modules_of(code.body.decode()))
    assert address == f"{hub_server.url}/V01/1?from=paper-P010"
    opened = await hub_server.call("GET", address.removeprefix(hub_server.url))
    assert opened.status == 200
    assert "焊工0" in opened.body.decode()
