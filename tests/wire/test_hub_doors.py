"""What the websocket door owes in the odd cases: every reply under its own id, a price for every message, a word at the
end, and a connection that outlives a mistake of ours."""

import asyncio
import contextlib
import logging
import time
from pathlib import Path

import msgpack
import pytest
from sqlalchemy import update

from server.core.limits import COMMANDS_BURST, PROTOCOL_VERSION, Close
from server.core.protocol import CatchUp, CaughtUp, Hello, Join, Ping, Pong, Refused, Want, encode
from server.core.refusal import Code
from server.hub.settings import HubSettings
from server.store import tables
from tests.wire.gates import Gate
from tests.wire.hubs import Line, Running, running, token


async def test_who_waits_for_the_same_room_is_refused_under_an_id_of_its_own(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(hub.store, monkeypatch)
    async with contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(hub.line(f"g{n}")) for n in range(4)]
        ids = []
        for n, line in enumerate(lines[:3]):
            for _ in range(n):
                await line.call(Join(channel="nonsense"))
            ids.append(await line.send(Join(channel="stage/S99")))
            await asyncio.sleep(0.02)
        asking = await lines[3].send(CatchUp(wants=(Want(channel="stage/S99"),)))
        await asyncio.sleep(0.05)
        gate.open.set()
        for line, wanted in zip(lines, ids, strict=False):
            reply = await line.next()
            assert isinstance(reply, Refused)
            assert (reply.id, reply.code) == (wanted, Code.NOT_FOUND)
        polled = await lines[3].next()
        assert isinstance(polled, CaughtUp)
        (refused,) = polled.channels
        assert isinstance(refused, Refused)
        assert (polled.id, refused.id) == (asking, 0)


@pytest.mark.parametrize(
    "message", [msgpack.packb({"t": "no_such", "id": 7}), encode(Pong()), msgpack.packb({"t": "say", "id": 7})]
)
async def test_every_message_costs_something(hub: Running, message: bytes) -> None:
    """Also what is no command and what asks for nothing, or a flood of it would be free."""
    async with hub.line("g1") as rude:
        with contextlib.suppress(ConnectionError):
            for _ in range(COMMANDS_BURST * 5):
                await rude.ws.send(message)
        assert await rude.closed() == Close.TOO_MANY


async def test_a_mistake_of_ours_costs_one_command(hub: Running, caplog: pytest.LogCaptureFixture) -> None:
    """A row nobody can read: the reply says so, the connection stays, and the log holds no value."""
    await hub.store.transact(lambda conn: conn.execute(update(tables.sessions).values(state="13812345678")))
    async with hub.line("g1") as line:
        reply = await line.call(Join(channel="area/220000"))
        assert isinstance(reply, Refused)
        assert reply.code is Code.UNAVAILABLE
        await line.join("me/g1")
    assert "13812345678" not in caplog.text


async def test_everybody_is_told_when_the_hub_stops(hub: Running) -> None:
    async with hub.line("g1") as one, hub.line("g2") as other:
        await one.join("stage/S01")
        closing = asyncio.create_task(hub.hub.close(spread_s=0.0))
        assert await one.closed() == Close.RESTART
        assert await other.closed() == Close.RESTART
        await closing


async def test_hello_to_a_hub_that_stops_is_told_to_come_back(hub: Running) -> None:
    async with hub.raw() as stranger:
        hub.hub.ready = False  # as in the moments before `close` has come to everybody
        await stranger.ws.send(encode(Hello(id=1, version=PROTOCOL_VERSION, token=token("g3"))))
        assert await stranger.closed() == Close.RESTART


async def test_a_hub_that_stops_tells_strangers_too(hub: Running) -> None:
    async with hub.line("g1") as member, hub.line("g2"), hub.raw() as stranger:
        closing = asyncio.create_task(hub.hub.close(spread_s=1.0))
        assert await member.closed() == Close.RESTART
        assert await stranger.closed() == Close.RESTART
        await closing
        assert (hub.hub.counts.connections, hub.hub.counts.strangers) == (0, 0)


async def until_ping(line: Line) -> None:
    await line.until(lambda message: isinstance(message, Ping))


async def test_a_hub_that_stood_still_does_not_blame_its_viewers(tmp_path: Path) -> None:
    """Its pongs were there in time, nobody read them: as after SIGSTOP, or a laptop that slept."""
    short = HubSettings(ping_every_s=0.4, pong_within_s=0.6)
    async with running(tmp_path, settings=short) as hub, hub.line("g1") as line:
        await until_ping(line)
        time.sleep(1.5)
        await line.ws.send(encode(Pong()))
        await until_ping(line)
        await line.ws.send(encode(Pong()))
        await line.join("stage/S01")


async def test_the_log_of_a_task_that_fails_holds_no_value(hub: Running, caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ValueError("13812345678")

    with caplog.at_level(logging.ERROR):
        hub.hub._tasks.start(fails(), name="fails")
        await asyncio.sleep(0.05)
    assert "ValueError" in caplog.text
    assert "13812345678" not in caplog.text
