"""Bare sockets of the hub behind a port of their own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from server.hub.socket import Socket


class Kept(Socket):
    """Notes when it is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = asyncio.Event()

    def on_message(self, message: bytes | str) -> None:
        raise AssertionError("nobody speaks here")

    def on_lost(self) -> None:
        self.lost.set()


@contextlib.asynccontextmanager
async def listening(made: list[Kept], kind: Callable[[], Kept] = Kept) -> AsyncIterator[int]:
    """The port; `made` are those who came."""

    def make() -> Kept:
        made.append(kind())
        return made[-1]

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
