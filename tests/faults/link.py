"""A TCP link with faults that can be switched while it runs: between a client and a hub, or a hub and its Redis.

async with FaultLink("127.0.0.1", port) as link:
    client connects to link.port
    link.fault = Fault.BLACKHOLE     from now on every byte is swallowed, both ways, and nobody is told
    link.reset()                     every connection is cut with RST
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from enum import Enum, auto

CHUNK_BYTES = 4096


class Fault(Enum):
    """What the link does with bytes. It holds for connections that are open and for new ones."""

    PASS = auto()
    DELAY = auto()  # each chunk waits `delay_s`
    THROTTLE = auto()  # at most `bytes_per_s` each way
    BLACKHOLE = auto()  # read and thrown away
    HOLD = auto()  # not read any more: the sender's buffers fill, as towards a peer that stopped reading
    REFUSE = auto()  # new connections are cut at once, open ones go on


class FaultLink:
    """Listens on `port` (chosen by the system) of 127.0.0.1 and carries bytes to the target."""

    def __init__(self, host: str, port: int) -> None:
        self.upward = Fault.PASS
        self.downward = Fault.PASS
        self.target = (host, port)  # of connections to come
        self.delay_s = 0.05
        self.bytes_per_s = 64 * 1024
        self.port = 0
        self.accepted = 0
        self.carried_bytes = 0
        self._server: asyncio.Server | None = None
        self._pairs: dict[asyncio.Task[None], tuple[asyncio.StreamWriter, ...]] = {}

    async def __aenter__(self) -> "FaultLink":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.reset()
        if self._pairs:
            await asyncio.wait(self._pairs, timeout=5)

    @property
    def fault(self) -> Fault:
        """What is done to bytes of both ways (`upward` is towards the target); asking is for when both are the same."""
        assert self.upward is self.downward
        return self.upward

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.upward = self.downward = fault

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return len(self._pairs)

    def reset(self) -> None:
        """Cut every connection with RST, both ways."""
        for task, writers in list(self._pairs.items()):
            for writer in writers:
                _abort(writer)
            task.cancel()

    def half_close(self) -> None:
        """Send FIN to the clients; their bytes still pass to the target."""
        for client, _ in list(self._pairs.values()):
            if client.can_write_eof():
                client.write_eof()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        try:
            if self.upward is Fault.REFUSE:
                return
            target_reader, target_writer = await asyncio.open_connection(*self.target)
            self._pairs[task] = (writer, target_writer)
            await asyncio.gather(self._up(reader, target_writer), self._down(target_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass  # the target is not there, or `reset`
        finally:
            for one in self._pairs.pop(task, (writer,)):
                _abort(one)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._carry(reader, writer, lambda: self.upward)

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._carry(reader, writer, lambda: self.downward)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Callable[[], Fault]
    ) -> None:
        while True:
            data = await reader.read(CHUNK_BYTES)
            while fault() is Fault.HOLD:  # noqa: ASYNC110 (a tool of tests may look every 10 ms)
                await asyncio.sleep(0.01)
            if fault() is Fault.DELAY:
                await asyncio.sleep(self.delay_s)
            elif fault() is Fault.THROTTLE:
                await asyncio.sleep(len(data) / self.bytes_per_s)
            if fault() is Fault.BLACKHOLE:
                if data:
                    continue
                await asyncio.Event().wait()  # the end of one side is swallowed too
            if not data:
                if writer.can_write_eof() and not writer.is_closing():
                    writer.write_eof()
                return
            writer.write(data)
            await writer.drain()
            self.carried_bytes += len(data)


def _abort(writer: asyncio.StreamWriter) -> None:
    """End with RST where the socket is still there: linger of 0 s."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
