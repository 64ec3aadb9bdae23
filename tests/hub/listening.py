"""Bare sockets of the hub behind a port of their own, and waiting for what the kernel does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from server.hub.socket import Socket

WITHIN_S = 5.0


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
async def listening(made: list[Kept]) -> AsyncIterator[int]:
    def make() -> Kept:
        made.append(Kept())
        return made[-1]

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def until(true: Callable[[], bool]) -> None:
    """Wait until it holds, WITHIN_S at most."""
    async with asyncio.timeout(WITHIN_S):
        while not true():  # noqa: ASYNC110 - there is no event of the kernel's to wait for
            await asyncio.sleep(0.01)
