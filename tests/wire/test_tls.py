"""TLS by the hub itself: what a connection costs while it is there, and that nothing of it stays."""

import asyncio
import contextlib
import gc
import logging
import socket
import ssl
import time
from asyncio import sslproto
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from clients.python.frames import client_frame
from server.config import Config, Limits
from server.core.limits import PROTOCOL_VERSION
from server.core.model import Channel
from server.core.protocol import Hello, encode
from server.hub.lanes import Lanes
from server.web.tls_porch import READ_BYTES
from tests.wire.houses import WITHIN_S, HouseUnderTest, make_config, serving
from tests.wire.hubs import eventually
from tests.wire.test_cli import make_certificate

log = logging.getLogger(__name__)
GET = b"GET /api/setup HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
WEBSOCKET = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make_certificate(certificate, key)
    plain = make_config(tmp_path)
    return msgspec.structs.replace(
        plain, server=msgspec.structs.replace(plain.server, tls_cert=str(certificate), tls_key=str(key))
    )


@pytest_asyncio.fixture
async def house(config: Config) -> AsyncIterator[HouseUnderTest]:
    async with serving(config) as server:
        yield server


def asked(port: int, data: bytes, answer: bytes) -> ssl.SSLSocket:
    """A connection that got that answer. Blocks; its own side has nothing of asyncio's TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    link = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S))
    link.sendall(data)
    if answer:
        assert link.recv(len(answer)) == answer
    return link


def protocols() -> list[sslproto.SSLProtocol]:
    return [one for one in gc.get_objects() if isinstance(one, sslproto.SSLProtocol)]


@pytest.mark.parametrize(
    ("data", "answer"), [(GET, b"HTTP/1.1 200"), (WEBSOCKET, b"HTTP/1.1 101"), (b"", b""), (b"GET / HT", b"")]
)
async def test_of_a_connection_that_is_over_nothing_waits_for_the_search_for_garbage(
    house: HouseUnderTest, data: bytes, answer: bytes
) -> None:
    """A hub searches in full once an hour: 200 MB stayed of every 800 that came and went."""
    gc.collect()
    gc.disable()
    try:
        links = [await asyncio.to_thread(asked, house.port, data, answer) for _ in range(5)]
        await eventually(lambda: len(protocols()) == 5)
        for link in links:
            link.close()
        await eventually(lambda: not protocols())
    finally:
        gc.enable()


async def test_a_connection_has_a_buffer_of_one_record(house: HouseUnderTest) -> None:
    link = await asyncio.to_thread(asked, house.port, WEBSOCKET, b"HTTP/1.1 101")
    (protocol,) = protocols()
    assert len(protocol.get_buffer(-1)) == READ_BYTES
    link.close()


async def test_a_whole_record_and_more_come_through(house: HouseUnderTest) -> None:
    """One write of 16 KiB is one record; the buffer is hardly longer."""
    body = b'{"t":"' + b"x" * 16_000 + b'"}'
    head = b"POST /api/join/look HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    link = await asyncio.to_thread(asked, house.port, head + body, b"HTTP/1.1 400")
    link.close()


def _none_after_a_small_search() -> bool:
    gc.collect(1)
    return not protocols()


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"])
async def test_of_who_never_gets_through_the_handshake_nothing_waits_either(config: Config, data: bytes) -> None:
    """asyncio leaves a ring behind an error of the handshake; it is young, so a small search finds it."""
    hasty = msgspec.structs.replace(config, limits=Limits(request_s=0.3))
    async with serving(hasty) as house:
        gc.collect()
        gc.disable()
        try:
            links = [await asyncio.to_thread(house.plain_socket) for _ in range(5)]
            for link in links:
                link.sendall(data)
            await asyncio.sleep(0.1)
            await eventually(_none_after_a_small_search)
            for link in links:
                link.close()
        finally:
            gc.enable()


def client_hello() -> bytes:
    """What begins a handshake."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
    return outgoing.read()


SILENCES = {"no bytes": b"", "half a hello": client_hello()[:40], "a hello and nothing more": client_hello()}


@pytest.mark.parametrize("what", SILENCES)
async def test_the_oldest_that_does_not_get_on_with_its_tls_makes_room(config: Config, what: str) -> None:
    async with serving(msgspec.structs.replace(config, limits=Limits(request_s=30.0))) as house:
        house.house.guard.strangers_limit = 3
        silent = []
        for n in range(3):
            silent.append(await asyncio.to_thread(house.plain_socket))
            silent[-1].sendall(SILENCES[what])
            await eventually(lambda n=n: house.house.guard.strangers == n + 1)  # type: ignore[misc]
        link = await asyncio.to_thread(asked, house.port, GET, b"HTTP/1.1 200")
        assert await asyncio.to_thread(until_cut, silent[0])
        assert house.house.guard.strangers == 2
        assert house.house.guard.cut == 1
        for sock in (link, *silent):
            sock.close()
        await eventually(lambda: house.house.guard.open == 0)


def until_cut(sock: socket.socket) -> bool:
    """Blocks until the other side has ended it. Raises `TimeoutError`."""
    try:
        while sock.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


@pytest.mark.real_numbers
@pytest.mark.timeout(180)
async def test_five_thousand_that_do_not_get_on_with_their_tls(config: Config) -> None:
    """Row 22 with its own numbers: 15 s later none is left, and a visitor meanwhile waits 0.5 s at the most (p99)."""
    async with serving(config) as house:
        began_s = time.monotonic()
        silent = []
        for n in range(5_000):
            silent.append(socket.create_connection(("127.0.0.1", house.port)))
            silent[-1].sendall([*SILENCES.values()][n % 3])
            if n % 50 == 0:
                await asyncio.sleep(0)
        waits_s = []
        while time.monotonic() - began_s < 15.0:
            asked_s = time.monotonic()
            link = await asyncio.to_thread(asked, house.port, GET, b"HTTP/1.1 200")
            waits_s.append(time.monotonic() - asked_s)
            link.close()
            await asyncio.sleep(0.02)
            assert house.house.guard.open <= house.house.guard.strangers_limit + 1
        log.warning("%d visitors waited %.3f s (p99)", len(waits_s), sorted(waits_s)[int(len(waits_s) * 0.99)])
        assert sorted(waits_s)[int(len(waits_s) * 0.99)] <= 0.5
        await eventually(lambda: house.house.guard.strangers == 0)
        for sock in silent:
            assert until_cut(sock)
            sock.close()


async def test_who_stops_reading_under_tls_is_seen_to_be_behind_and_let_go(house: HouseUnderTest) -> None:
    """The transport tells it, and TLS has a transport of its own."""
    link = await asyncio.to_thread(asked, house.port, WEBSOCKET, b"HTTP/1.1 101")
    hello = encode(Hello(id=1, version=PROTOCOL_VERSION, token=house.tokens["guest"]))
    await asyncio.to_thread(link.sendall, client_frame(hello))
    await eventually(lambda: house.hub.counts.connections == 1)
    (connection,) = house.hub._connections
    lanes = Lanes(Channel("stage/S01"))
    lanes.add(connection)
    fan_out = house.hub.fan_out
    fan_out.urgent(lanes, b"x" * 100)
    await asyncio.sleep(0.05)
    assert not connection.behind, "what the kernel takes at once waits nowhere"
    sent = 0
    while not connection.gone:
        sent += 60_000
        assert sent < 2**28, "whoever does not read was never let go"
        fan_out.urgent(lanes, b"x" * 60_000)
        await asyncio.sleep(0)
    assert connection.behind
    assert house.hub.counts.left_slow == 1
    link.close()
