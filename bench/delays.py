"""Lines with a length: whoever calls one end is put through to a port of this machine, and every byte takes so many ms
each way, however many are on their way.

    python -m bench.delays 8080:30 6379:5     prints the port of each end, in that order, on one line

A process of its own, so that what it costs is not the hub's nor the viewers'.
"""

import asyncio
import signal
import socket
import sys
from collections import deque
from collections.abc import Sequence

from bench import children

HOST = "127.0.0.1"
READY_WITHIN_S = 20.0
SLACK_S = 0.0005
"""Timers of the loop are no finer."""


class End(asyncio.Protocol):
    """One side of a call. Bytes it reads leave the other side `delay_s` later, in order."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._transport: asyncio.Transport | None = None
        self.other: End | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Small pieces go at once."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._waiting:
            self._loop.call_at(self._waiting[0][0], self._pass)

    def data_received(self, data: bytes) -> None:
        """It has a way to go."""
        assert self.other is not None
        self.other.take(self._loop.time() + self._delay_s, data)

    def take(self, at_s: float, data: bytes) -> None:
        """To be written here then."""
        self._waiting.append((at_s, data))
        if len(self._waiting) == 1 and self._transport is not None:
            self._loop.call_at(at_s, self._pass)

    def _pass(self) -> None:
        assert self._transport is not None
        now_s = self._loop.time() + SLACK_S
        while self._waiting and self._waiting[0][0] <= now_s:
            self._transport.write(self._waiting.popleft()[1])
        if self._waiting:
            self._loop.call_at(self._waiting[0][0], self._pass)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side hears of it after what is on its way."""
        if self.other is not None and self.other._transport is not None:
            self._loop.call_later(self._delay_s + SLACK_S, self.other._transport.close)


class Caller(End):
    """The side that called: calls the port it wants."""

    def __init__(self, port: int, delay_s: float) -> None:
        super().__init__(delay_s)
        self._port = port
        self._calling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Put through; what it says meanwhile waits."""
        super().connection_made(transport)
        self.other = End(self._delay_s)
        self.other.other = self
        self._calling = self._loop.create_task(self._call(self.other))

    async def _call(self, other: End) -> None:
        try:
            await self._loop.create_connection(lambda: other, HOST, self._port)
        except OSError:
            assert self._transport is not None
            self._transport.abort()


class Lines(children.Child):
    """Lines of (port, ms one way); `ports` are their near ends. Use with `async with`."""

    def __init__(self, lines: Sequence[tuple[int, int]], cores: tuple[int, ...] = ()) -> None:
        self._lines = lines
        self._cores = cores
        self.ports: tuple[int, ...] = ()

    async def _start(self) -> None:
        words = [f"{port}:{delay_ms}" for port, delay_ms in self._lines]
        self._process = await children.start([sys.executable, "-m", "bench.delays", *words], self._cores)
        assert self._process.stdout is not None
        said = await asyncio.wait_for(self._process.stdout.readline(), READY_WITHIN_S)
        self.ports = tuple(map(int, said.split()))

    async def _stop(self) -> None:
        await children.stop(self._process, signal.SIGTERM, READY_WITHIN_S)


async def serve(lines: Sequence[tuple[int, int]]) -> None:
    """Carry bytes until the process is ended."""
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda port=port, ms=ms: Caller(port, ms / 1000), HOST, 0, backlog=4096)  # type: ignore[misc]
        for port, ms in lines
    ]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve([(int(port), int(ms)) for port, _, ms in (word.partition(":") for word in sys.argv[1:])]))
