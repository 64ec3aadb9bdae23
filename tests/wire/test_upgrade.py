"""The handshake of a websocket (RFC 6455 4.2), and that afterwards aiohttp holds nothing of it."""

import asyncio
import base64
import gc

import pytest
from aiohttp import web

from server.core.limits import Close
from tests.wire.hubs import Running

KEY = base64.b64encode(bytes(16)).decode()
GOOD = {
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


async def answer(hub: Running, headers: dict[str, str], version: str = "1.1") -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"GET /ws HTTP/{version}\r\nHost: 127.0.0.1:{hub.port}\r\n{lines}\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    return head.decode()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Upgrade": "h2c"}, 400),
        ({"Connection": "keep-alive"}, 400),
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Key": base64.b64encode(bytes(15)).decode()}, 400),
        ({"Sec-WebSocket-Key": ""}, 400),
    ],
)
async def test_what_is_no_handshake(hub: Running, change: dict[str, str], status: int) -> None:
    head = await answer(hub, GOOD | change)
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert status != 426 or "Sec-WebSocket-Version: 13" in head


async def test_http_1_0_knows_no_websocket(hub: Running) -> None:
    """RFC 6455 4.1: 1.1 or higher."""
    head = await answer(hub, GOOD, version="1.0")
    assert " 400 " in head.splitlines()[0]


async def test_the_answer_to_the_key_is_that_of_the_standard(hub: Running) -> None:
    # RFC 6455 1.3 gives this pair.
    head = await answer(hub, GOOD | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    assert head.startswith("HTTP/1.1 101 ")
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head


OF_AIOHTTP = (web.RequestHandler, web.Request)


def of_aiohttp() -> list[object]:
    return [one for one in gc.get_objects() if isinstance(one, OF_AIOHTTP)]


async def test_aiohttp_keeps_nothing_of_a_viewer(hub: Running) -> None:
    gc.collect()
    before = set(map(id, of_aiohttp()))  # of other tests in this process
    async with hub.line("g1"), hub.line("g2"), hub.raw():
        await asyncio.sleep(0.05)
        gc.collect()
        assert [kept for kept in of_aiohttp() if id(kept) not in before] == []
        assert (hub.hub.counts.connections, hub.hub.counts.strangers) == (2, 1)


async def test_frames_before_the_answer_do_not_garble_those_after_it(hub: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    lines = "".join(f"{name}: {value}\r\n" for name, value in GOOD.items())
    hasty = b"\x82\x81\0\0\0\0\xc1"  # RFC 6455 4.1 forbids it; it must not hang the door or come through half
    writer.write(f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{hub.port}\r\n{lines}\r\n".encode() + hasty)
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.write(hasty)
    await asyncio.wait_for(reader.readuntil(b"\x88\x02" + Close.BAD_PROTOCOL.to_bytes(2, "big")), 5)
    writer.close()
