"""Publishes to a peer: `POST /pub/ROOM` over one kept connection, several on their way at once."""

import asyncio
from collections import deque

ANSWER_WITHIN_S = 60.0
_ANSWER = b"HTTP/1.1 "


class PublisherError(Exception):
    """The peer did not take a message."""


class Publisher(asyncio.Protocol):
    """Invariant: each request without an answer has a future in `_waiting`, in the order of writing."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._held = b""

    async def open(self) -> None:
        """Connect. Raises `OSError`."""
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, *self._address)
        self._transport = transport

    async def publish(self, room: int, text: bytes) -> None:
        """Answered. Raises `PublisherError` or `TimeoutError`."""
        if self._transport is None or self._transport.is_closing():
            raise PublisherError("the connection ended")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        head = (
            f"POST /pub/{room} HTTP/1.1\r\nHost: {self._address[0]}\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(text)}\r\n\r\n"
        )
        self._transport.write(head.encode("ascii") + text)
        await asyncio.wait_for(future, ANSWER_WITHIN_S)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answers are told apart by their first line; what follows it is nothing to anybody."""
        data = self._held + data
        at = data.find(_ANSWER)
        while at >= 0 and len(data) >= at + len(_ANSWER) + 3:
            status = data[at + len(_ANSWER) :][:3]
            future = self._waiting.popleft()
            if not future.done():
                if status[:1] == b"2":
                    future.set_result(None)
                else:
                    future.set_exception(PublisherError(f"status {status.decode('latin-1')}"))
            data = data[at + len(_ANSWER) + 3 :]
            at = data.find(_ANSWER)
        self._held = data[at:] if at >= 0 else data[-len(_ANSWER) :]

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for ever."""
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(PublisherError(f"connection lost ({exc or 'closed'})"))
                future.exception()  # heard, even when nobody waits any more
