"""A viewer that stops reading is let go without delaying anybody, and is made whole when it comes back
(promises 12, 13). The times are measured in `bench/`; here stand the bounds and the order."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from websockets.frames import Frame
from websockets.protocol import Protocol, Side

from server.core.model import Channel, Epoch, Since
from server.core.protocol import Ping, Say, decode_server, encode
from server.hub.settings import HubSettings
from tests.wire.hubs import HOST, Running, eventually, go_live, key, running, token
from tests.wire.sleepers import asleep

pytestmark = pytest.mark.usefixtures("blockbuster")

TIGHT = HubSettings(outbox_bytes=64 * 1024, stuck_after_s=0.5, ping_every_s=60.0)


@pytest_asyncio.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, settings=TIGHT) as hub:
        yield hub


async def test_a_sleeper_leaves_and_the_others_never_wait(hub: Running) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as awake:
        await go_live(host)
        await awake.join("stage/S01")
        sleepers = [await asleep(hub.port, token(f"s{n}"), "stage/S01") for n in range(5)]
        room = hub.hub.rooms.get(Channel("stage/S01"))
        assert room is not None
        await eventually(lambda: len(room.lanes.members) == 6)
        fattest = 0
        number = 0
        while len(room.lanes.members) > 1:
            number += 1
            assert number < 5_000, "the sleepers were never let go"
            await hub.show(number)
            for member in room.lanes.members:
                fattest = max(fattest, member.transport.get_write_buffer_size())
            if number % 200 == 0:
                await asyncio.sleep(0.1)
        # One message more than the bound may have been written before the bound was seen.
        assert fattest <= TIGHT.outbox_bytes + 2_048
        assert await awake.offsets("stage/S01", number + 1) == list(range(2, number + 2))
        assert hub.hub.counts.left_slow == 5
        await eventually(lambda: hub.hub.counts.connections == 2)
        for sleeper in sleepers:
            sleeper.close()


async def test_bytes_that_do_not_move_end_it_even_when_nothing_more_is_sent(hub: Running) -> None:
    async with hub.line("host", HOST) as host:
        await go_live(host)
        sleeper = await asleep(hub.port, token("s1"), "stage/S01")
        await eventually(
            lambda: (r := hub.hub.rooms.get(Channel("stage/S01"))) is not None and len(r.lanes.members) == 1
        )
        room = hub.hub.rooms.get(Channel("stage/S01"))
        assert room is not None
        (member,) = room.lanes.members
        number = 0
        while not member.transport.get_write_buffer_size():
            number += 1
            await hub.show(number)
        await eventually(lambda: member.gone, 10.0)
        sleeper.close()


async def test_the_batched_lane_is_what_a_slow_viewer_loses_first(tmp_path: Path) -> None:
    patient = msgspec.structs.replace(TIGHT, stuck_after_s=60.0, outbox_bytes=10_000_000)
    async with running(tmp_path, settings=patient) as hub, hub.line("host", HOST) as host:
        await go_live(host)
        sleeper = await asleep(hub.port, token("s1"), "chat/S01")
        room = None
        await eventually(
            lambda: (r := hub.hub.rooms.get(Channel("chat/S01"))) is not None and len(r.lanes.members) == 1
        )
        room = hub.hub.rooms.get(Channel("chat/S01"))
        assert room is not None
        (member,) = room.lanes.members
        for _ in range(60):
            await asyncio.gather(*(hub.do(Say(session="S01", text="字" * 190, key=key())) for _ in range(50)))
            if hub.hub.counts.skipped:
                break
        assert hub.hub.counts.skipped > 0
        assert not member.gone
        sleeper.close()


class Drowsy:
    """Reads now and then, and notes the moments of the pings it got."""

    def __init__(self, sleeper: socket.socket) -> None:
        self._sleeper = sleeper
        self._protocol = Protocol(Side.CLIENT)
        self.seen: list[int] = []

    def read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := self._sleeper.recv(65536):
                self._protocol.receive_data(data)
        for frame in self._protocol.events_received():
            assert isinstance(frame, Frame)
            self.seen += [m.at_ms for m in decode_server(bytes(frame.data)) if isinstance(m, Ping)]


@pytest.mark.parametrize("viewers", [1, 4])
async def test_who_reads_again_in_time_gets_each_message_once_and_in_order(tmp_path: Path, viewers: int) -> None:
    """The kernel takes a part of a frame, then nothing, then all again: what is put to it must not overtake what waits
    in the transport, which is told later than the loop's next turn that there is room. Nor must one who takes nothing
    cost the others a message."""
    patient = msgspec.structs.replace(TIGHT, stuck_after_s=60.0, outbox_bytes=10_000_000)
    stage = Channel("stage/S01")
    async with running(tmp_path, settings=patient) as hub:
        sleepers = [await asleep(hub.port, token(f"s{n}"), stage) for n in range(viewers)]
        await eventually(lambda: (r := hub.hub.rooms.get(stage)) is not None and len(r.lanes.members) == viewers)
        room = hub.hub.rooms.get(stage)
        assert room is not None
        members = list(room.lanes.members)
        readers = [Drowsy(sleeper) for sleeper in sleepers]
        number, waited = 0, 0
        while waited < 200 * viewers:
            number += 1
            assert number < 100_000
            hub.hub.fan_out.urgent(room.lanes, encode(Ping(at_ms=number, tops={"x" * number: 1})))
            await asyncio.sleep(0)
            for pace, (member, reader) in enumerate(zip(members, readers, strict=True), 7):
                waited += member.behind
                if member.behind and number % pace == 0:
                    reader.read()
        for reader in readers:
            while not reader.seen or reader.seen[-1] < number:
                reader.read()
                await asyncio.sleep(0)
            assert reader.seen == list(range(1, number + 1))
        assert not any(member.gone for member in members)
        for sleeper in sleepers:
            sleeper.close()


async def test_who_was_let_go_comes_back_whole(hub: Running) -> None:
    async with hub.line("host", HOST) as host:
        await go_live(host)
        async with hub.line("s1", receive_bytes=4096) as line:
            joined = await line.join("stage/S01")
            line.ws.transport.pause_reading()
            number = 0
            while hub.hub.counts.left_slow == 0:
                number += 1
                assert number < 20_000
                await hub.show(number)
            line.ws.transport.abort()
        async with hub.line("s1") as line:
            back = await line.join("stage/S01", Since(Epoch(joined.epoch), joined.offset))
            if back.recovered:
                assert [entry.offset for entry in back.entries] == list(range(joined.offset + 1, number + 2))
            else:
                assert back.snapshot is not None
            await hub.show(number + 1)
            assert await line.offsets("stage/S01", number + 2) == [number + 2]
