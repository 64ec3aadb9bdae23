"""A room of real connections, of which some take a part of what they are sent, or nothing."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from server.core.limits import Close
from server.core.model import Channel, PersonId, Principal
from server.hub.connection import Connection
from server.hub.counts import Counts
from server.hub.fanout import FanOut
from server.hub.frames import frames
from server.hub.lanes import Lanes
from server.hub.settings import HubSettings
from server.hub.tasks import Tasks
from tests.hub.listening import Kept, listening
from tests.wire.hubs import WITHIN_S, eventually

NOBODY = Principal(person=PersonId("g1"), token_id="t", issued_at_ms=0, until_ms=2**60)


class Full(Kept):
    """The kernel takes nothing."""

    @property
    def put(self) -> Callable[[bytes], int]:
        def nothing(_data: bytes) -> int:
            raise BlockingIOError

        return nothing


class Nearly(Kept):
    """It takes three bytes."""

    @property
    def put(self) -> Callable[[bytes], int]:
        put = super().put
        return lambda data: put(data[:3])


class Room:
    """So many members, and the sockets of their clients."""

    def __init__(self, clients: list[socket.socket], kept: list[Kept]) -> None:
        self.clients = clients
        self.members = [Connection(one, NOBODY, 0.0) for one in kept]
        self.lanes = Lanes(Channel("stage/S01"))
        self.counts = Counts()
        self.left: list[Connection] = []
        self._fan_out = FanOut(HubSettings(), self.counts, Tasks(), self._leave)

    def _leave(self, member: Connection, _code: Close) -> None:
        self.left.append(member)

    def say(self, message: bytes) -> None:
        self._fan_out.urgent(self.lanes, message)

    async def written(self) -> None:
        while self.lanes.writing:  # noqa: ASYNC110 - the turns of the loop are what is waited for
            await asyncio.sleep(0)

    async def got(self, index: int, size: int) -> bytes:
        """So many bytes, and none after them."""
        client, data = self.clients[index], b""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(WITHIN_S):
            while len(data) < size:
                data += await loop.sock_recv(client, 4096)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        return data


@contextlib.asynccontextmanager
async def a_room(*kinds: type[Kept]) -> AsyncIterator[Room]:
    made: list[Kept] = []
    coming = iter(kinds)
    async with listening(made, lambda: next(coming)()) as port, contextlib.AsyncExitStack() as stack:
        clients: list[socket.socket] = []
        for _ in kinds:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.setblocking(False)
            clients.append(client)
            await eventually(lambda: len(made) == len(clients) and hasattr(made[-1], "transport"))
        yield Room(clients, made)


@pytest.mark.parametrize("first", [0, 2, 4])
@pytest.mark.parametrize("second", [1, 3])
async def test_who_takes_a_part_or_nothing_costs_nobody_a_byte(first: int, second: int) -> None:
    kinds = [Kept] * 5
    kinds[first], kinds[second] = Full, Nearly
    async with a_room(*kinds) as room:
        for member in room.members:
            room.lanes.add(member)
        for message in (b"one", b"two"):
            room.say(message)
            await room.written()
        expected = frames([b"one"]) + frames([b"two"])
        for index in range(5):
            assert await room.got(index, len(expected)) == expected
        assert room.counts.deliveries == 10
        assert not room.left


async def test_who_comes_gets_the_next_one_and_who_goes_none() -> None:
    async with a_room(Kept, Kept, Kept, Kept) as room:
        for member in room.members[:3]:
            room.lanes.add(member)
        room.say(b"one")
        await room.written()
        room.lanes.add(room.members[3])
        room.say(b"two")
        await room.written()
        room.lanes.remove(room.members[1])
        room.say(b"three")
        await room.written()
        expected = [[b"one", b"two", b"three"], [b"one", b"two"], [b"one", b"two", b"three"], [b"two", b"three"]]
        for index, messages in enumerate(expected):
            data = b"".join(frames([message]) for message in messages)
            assert await room.got(index, len(data)) == data
