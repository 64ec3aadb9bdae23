"""Plain handshakes are answered on the porch; nothing is decided there that the house would decide otherwise."""

import asyncio
import base64
import contextlib
from collections.abc import Iterable

import pytest
from aiohttp.http import HttpRequestParser, RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError
from hypothesis import given
from hypothesis import strategies as st

from server.web.handshake import LIMIT_BYTES, Handshake, handshake_in
from tests.wire.houses import HouseUnderTest
from tests.wire.hubs import WITHIN_S, eventually

HOST = "Host: 127.0.0.1"
UPGRADE = "Upgrade: websocket"
CONNECTION = "Connection: keep-alive, Upgrade"
VERSION = "Sec-WebSocket-Version: 13"
KEY = f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}"
LINES = (HOST, UPGRADE, CONNECTION, VERSION, KEY)
BROWSER = (
    *LINES,
    "Pragma: no-cache",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "Origin: http://127.0.0.1:8080",
    "Accept-Language: zh-CN,zh;q=0.9",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
)


def asking(lines: Iterable[str], first: str = "GET /ws HTTP/1.1") -> bytes:
    return "".join(f"{line}\r\n" for line in (first, *lines, "")).encode("latin-1")


def without(line: str) -> tuple[str, ...]:
    return tuple(other for other in LINES if other != line)


CHANGES = (b"", b"\r\n", b":", b" ", b"a", b"\t", b",", b"\n")

ODD = {
    "a query": asking(LINES, "GET /ws?a=1 HTTP/1.1"),
    "an older HTTP": asking(LINES, "GET /ws HTTP/1.0"),
    "another method": asking(LINES, "get /ws HTTP/1.1"),
    "the whole address": asking(LINES, "GET http://127.0.0.1/ws HTTP/1.1"),
    "another page": asking(LINES, "GET /wsx HTTP/1.1"),
    "two hosts": asking((*LINES, HOST)),
    "two keys": asking((*LINES, KEY)),
    "two upgrades": asking((*LINES, "upgrade: h2c")),
    "a folded line": asking((*LINES, "X-A: 1\r\n b")),
    "a name with a space": asking((*LINES, "X-A : 1")),
    "a line without a colon": asking((*LINES, "nothing")),
    "a name of nothing": asking((*LINES, ": 1")),
    "a bare line feed": asking(LINES).replace(b"\r\nUpgrade", b"\nUpgrade"),
    "a null byte": asking((*LINES, "X-A: \0")),
    "other letters": asking((*LINES, "X-A: \xe9")),
    "a body of nothing": asking((*LINES, "Content-Length: 0")),
    "a body": asking((*LINES, "Content-Length: 3")) + b"abc",
    "pieces": asking((*LINES, "Transfer-Encoding: chunked")) + b"0\r\n\r\n",
    "a question first": asking((*LINES, "Expect: 100-continue")),
    "another request behind it": asking(LINES) * 2,
    "a frame behind it": asking(LINES) + b"\x82\x80abcd",
    "not whole": asking(LINES)[:-2],
    "long": asking((*LINES, "X-A: " + "a" * LIMIT_BYTES)),
    "many lines": asking((*LINES, *(f"X-{n}: {n}" for n in range(1_000)))),
    **{f"no {line.partition(':')[0]}": asking(without(line)) for line in LINES},
    "version 8": asking((*without(VERSION), "Sec-WebSocket-Version: 8")),
    "a short key": asking((*without(KEY), "Sec-WebSocket-Key: short")),
    "no wish": asking((*without(CONNECTION), "Connection: keep-alive")),
}


def test_a_browsers_handshake_is_plain() -> None:
    asked = handshake_in(asking((*BROWSER, "x-forwarded-for: 10.0.0.1", "X-Forwarded-For:203.0.113.9 ")))
    assert asked == Handshake(b"ICX+Yqv66kxgM0FcWaLWlFLwTAI=", ("http://127.0.0.1:8080",), ("10.0.0.1", "203.0.113.9"))


@pytest.mark.parametrize("odd", ODD)
def test_what_is_not_plain_is_for_the_house(odd: str) -> None:
    assert handshake_in(ODD[odd]) is None


def as_aiohttp_reads(data: bytes) -> RawRequestMessage | None:
    class Nobody(asyncio.Protocol):
        _reading_paused = False

    loop = asyncio.new_event_loop()
    try:
        parser = HttpRequestParser(Nobody(), loop, 2**16)  # type: ignore[arg-type]
        messages, _, _ = parser.feed_data(data)
    except HttpProcessingError:
        return None
    finally:
        loop.close()
    return messages[0][0] if len(messages) == 1 else None


@given(st.data())
def test_what_the_porch_reads_aiohttp_reads_the_same(data: st.DataObject) -> None:
    """Bytes of a good handshake changed, taken away and put in: whatever the porch still takes for one says the same to
    aiohttp."""
    asked = bytearray(asking(BROWSER))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(asked) - 1))
        asked[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from((b"", b"\r\n", b":", b" ", b"a", b"\t", b",", b"\n"))
        )
    found = handshake_in(bytes(asked))
    if found is None:
        return
    read = as_aiohttp_reads(bytes(asked))
    assert read is not None
    assert (read.method, read.path, tuple(read.version)) == ("GET", "/ws", (1, 1))
    assert tuple(read.headers.getall("Origin", ())) == found.origins
    assert read.upgrade
    assert not read.chunked


@given(st.binary(max_size=300))
def test_any_bytes_are_a_handshake_or_not(data: bytes) -> None:
    assert handshake_in(data) is None
    handshake_in(b"GET /ws HTTP/1.1\r\n" + data + b"\r\n\r\n")


async def first_line(server: HouseUnderTest, *pieces: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)
    try:
        return await asyncio.wait_for(reader.readline(), WITHIN_S)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_the_house_answers_what_the_porch_does_not(hub_server: HouseUnderTest) -> None:
    """What is odd and still a handshake is let in by the house; what is none is refused by it, in its words."""
    whole, own = asking(LINES), f"Origin: {hub_server.url}"
    answers = {
        "in two pieces": await first_line(hub_server, whole[:40], whole[40:]),
        "byte after byte": await first_line(hub_server, *(whole[at : at + 1] for at in range(5)), whole[5:]),
        "plain": await first_line(hub_server, whole),
        "of our page": await first_line(hub_server, asking((*LINES, own))),
        "with a query": await first_line(hub_server, ODD["a query"]),
        "of another page": await first_line(hub_server, asking((*LINES, "Origin: http://elsewhere.example"))),
        "of two pages": await first_line(hub_server, asking((*LINES, own, "Origin: http://elsewhere.example"))),
        "of version 8": await first_line(hub_server, ODD["version 8"]),
        "without a key": await first_line(hub_server, ODD["no Sec-WebSocket-Key"]),
        "a page": await first_line(hub_server, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
        "nonsense": await first_line(hub_server, b"\x16\x03\x01nonsense\r\n\r\n"),
    }
    assert {what: answer.split(b" ")[1] for what, answer in answers.items()} == {
        "in two pieces": b"101",
        "byte after byte": b"101",
        "plain": b"101",
        "of our page": b"101",
        "with a query": b"101",
        "of another page": b"403",
        "of two pages": b"403",
        "of version 8": b"426",
        "without a key": b"400",
        "a page": b"200",
        "nonsense": b"400",
    }
    await eventually(lambda: hub_server.house.guard.open == 0)
    await eventually(lambda: hub_server.hub.counts.strangers == 0)


async def test_a_full_house_says_so(hub_server: HouseUnderTest) -> None:
    hub_server.hub.ready = False
    assert (await first_line(hub_server, asking(LINES))).startswith(b"HTTP/1.1 503 ")
    hub_server.hub.ready = True


async def test_who_stands_on_the_porch_goes_with_the_house(hub_server: HouseUnderTest) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hub_server.port)
    await eventually(lambda: hub_server.house.guard.strangers == 1)
    await hub_server.house.stop()
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), WITHIN_S) == b""
    writer.close()
