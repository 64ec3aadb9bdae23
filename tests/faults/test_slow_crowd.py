"""50 viewers of 2,000 stop reading (promise 12 with its own numbers): they are let go, nobody else misses, doubles or
waits for anything, and the hub's memory stays within their outboxes. Delays are logged, not asserted."""

import asyncio
import logging
import re
import socket
import urllib.request
from pathlib import Path

import pytest

from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import Hello, Join, encode
from tests.faults.flowing import Flow
from tests.faults.processes import HubProcess, hub_process
from tests.wire.hubs import eventually

pytestmark = pytest.mark.faults

log = logging.getLogger(__name__)
SLOW = 50
OUTBOX_BYTES = 256 * 1024 + 64 * 1024


async def asleep(hub: HubProcess, token: str) -> socket.socket:
    """A viewer on a bare socket with a small window that joins and never reads again."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", hub.port))
    await loop.sock_sendall(
        sock,
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{hub.port}\r\nOrigin: {hub.url}\r\n".encode()
        + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    )
    assert b"101" in (await loop.sock_recv(sock, 4096)).split(b"\r\n")[0]
    for message in (Hello(id=1, version=PROTOCOL_VERSION, token=token), Join(id=2, channel="stage/S01")):
        payload = encode(message)
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        await loop.sock_sendall(sock, b"\x82" + size + b"\0\0\0\0" + payload)
    return sock


def metric(hub: HubProcess, name: str) -> float:
    """A number of `/metrics`."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{hub.url}/metrics", timeout=10) as answer:
        found = re.search(rf"^{name} (\S+)$", answer.read().decode(), re.MULTILINE)
    assert found is not None, name
    return float(found[1])


@pytest.mark.parametrize("viewers", [pytest.param(2_000, marks=[pytest.mark.real_numbers, pytest.mark.timeout(600)])])
async def test_fifty_that_sleep_delay_nobody(tmp_path: Path, viewers: int) -> None:
    with hub_process(tmp_path / "var") as hub:
        await hub.start()
        flow = Flow(hub.url)
        await flow.begin(viewers=viewers)
        async with flow.flowing(cards_every_s=0.25, applicants=2):
            await asyncio.sleep(10.0)
            log.warning("without them: %s", flow.figures())
            before = metric(hub, "process_resident_memory_bytes")
            sleepers = [await asleep(hub, (await flow.doors.guest()).token) for _ in range(SLOW)]
            # By bytes that do not move, or by a pong that does not come (33 s), whichever is noticed first.
            async with asyncio.timeout(120):
                while metric(hub, "daigang_connections") > viewers:  # noqa: ASYNC110
                    await asyncio.sleep(1.0)
            slow = metric(hub, "daigang_left_slow_total")
            log.warning("with them: %s; %d let go as slow", flow.figures(), slow)
            grown = metric(hub, "process_resident_memory_bytes") - before
        await flow.whole(60.0)
        log.warning("memory grew by %d kB", grown // 1024)
        assert grown < SLOW * OUTBOX_BYTES + 64 * 1024 * 1024
        for sleeper in sleepers:
            sleeper.close()
        await flow.end()
        await eventually(lambda: metric(hub, "daigang_connections") == 0.0, 60.0)
