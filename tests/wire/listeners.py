"""Ears of a websocket: everything a person's connection gets, byte for byte and message by message."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgpack
from aiohttp import ClientSession, WSMsgType

from tests.wire.houses import HouseUnderTest


class Ears:
    """What came in by one connection, all of it. `replies` are the answers to the joins, by channel."""

    def __init__(self) -> None:
        self.raw = bytearray()
        self.messages: list[dict[str, Any]] = []
        self._more = asyncio.Event()

    async def answered(self, count: int) -> None:
        """Wait until that many commands have got their reply."""
        while len({message["id"] for message in self.messages if message.get("id")}) < count:
            self._more.clear()
            await self._more.wait()

    def take(self, data: bytes) -> None:
        self._more.set()
        self.raw += data
        unpacker = msgpack.Unpacker(strict_map_key=False)
        unpacker.feed(data)
        self.messages += list(unpacker)

    def pushes(self) -> list[tuple[str, dict[str, Any]]]:
        """Channel and body of every push, also of those a join brought along."""
        found = []
        for message in self.messages:
            if message["t"] == "push":
                found.append((message["channel"], _body(message["body"])))
            if message["t"] == "joined":
                found += [(message["channel"], _body(entry["body"])) for entry in message.get("entries", ())]
        return found

    def joined(self) -> set[str]:
        """The channels this connection was let into."""
        return {message["channel"] for message in self.messages if message["t"] == "joined"}


def _body(body: Any) -> dict[str, Any]:
    found = msgpack.unpackb(body) if isinstance(body, bytes) else body
    assert isinstance(found, dict)
    return found


@contextlib.asynccontextmanager
async def listening(house: HouseUnderTest, token: str, *channels: str) -> AsyncIterator[Ears]:
    """A connection that asks for all these channels, whoever it is, and hears what comes."""
    ears = Ears()
    async with ClientSession() as http, http.ws_connect(house.ws_url) as socket:
        await socket.send_bytes(msgpack.packb({"t": "hello", "id": 1, "version": 1, "token": token}))
        for number, channel in enumerate(channels, 2):
            await socket.send_bytes(msgpack.packb({"t": "join", "id": number, "channel": channel}))

        async def hear() -> None:
            async for message in socket:
                if message.type is WSMsgType.BINARY:
                    before = len(ears.messages)
                    ears.take(message.data)
                    if any(one["t"] == "ping" for one in ears.messages[before:]):
                        await socket.send_bytes(msgpack.packb({"t": "pong"}))

        hearing = asyncio.create_task(hear())
        try:
            async with asyncio.timeout(10):
                await ears.answered(len(channels) + 1)
            yield ears
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
