"""What keeps strangers from holding the door: deadlines that aiohttp does not have (PROMISES 1.7, row 22).

aiohttp gives a connection that never sends a byte, half a header or half a body all the time in the world, and waits
for ever for one that does not take its answer. Works by public means only: the server's `connection_made` and
`connection_lost`, and a middleware.
"""

import asyncio
from collections.abc import Hashable

from aiohttp import web

from server.core.refusal import Code, Refusal
from server.web.answers import Handler

DRAIN_BYTES = 4096
"""A peer that takes its answer more slowly than this many bytes per deadline is cut off."""


KEEPALIVE = 1.5
"""An idle connection is kept for the next request this many times as long as a request may take: 15 s usually, because
a page's requests come together."""


ASKED_BYTES = 16 * 1024
"""What is asked of a socket at a time where aiohttp reads; viewers are read into one buffer (hub/receiving). asyncio's
own 256 KiB are a block of memory for each read, cut to what came: among blocks that stay, each leaves a gap in which
the next does not fit, and a hub grew by 153 kB with every 400 who came and went."""


class _Watch:
    """The running deadline of one connection."""

    __slots__ = ("left_bytes", "timer", "transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.timer: asyncio.TimerHandle | None = None
        self.left_bytes = 0

    def stop(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Guard:
    """Cuts off connections that miss a deadline. Invariant: an open connection is either inside a handler or has a
    timer running."""

    def __init__(self, *, request_s: float, strangers: int, unread: frozenset[str] = frozenset()) -> None:
        """`strangers`: connections that may be waiting with their first request; the oldest makes room for one more,
        so that a flood of silent sockets never uses up the process's file descriptors. `unread`: paths whose handler
        takes the body itself, after it has looked at the token, with deadlines and a limit of its own."""
        self._request_s = request_s
        self._unread = unread
        self.keepalive_s = KEEPALIVE * request_s
        self.strangers_limit = strangers
        self._strangers: dict[_Watch, None] = {}  # oldest first
        self._watches: dict[Hashable, _Watch] = {}
        self.cut = 0

    @property
    def open(self) -> int:
        """Connections there are, without the viewers' websockets, which are in other hands."""
        return len(self._watches)

    @property
    def transports(self) -> list[asyncio.Transport]:
        """Of the connections there are."""
        return [watch.transport for watch in self._watches.values()]

    @property
    def strangers(self) -> int:
        """Connections whose first request has not come yet."""
        return len(self._strangers)

    def stand_at(self, server: web.Server) -> None:
        """Watch every connection of that server from now on."""
        made, lost = server.connection_made, server.connection_lost

        def connection_made(handler: web.RequestHandler, transport: asyncio.Transport) -> None:
            made(handler, transport)
            if handler not in self._watches:
                self.came(handler, transport)

        def connection_lost(handler: web.RequestHandler, exc: BaseException | None = None) -> None:
            self.went(handler)
            lost(handler, exc)

        server.connection_made = connection_made  # type: ignore[method-assign]
        server.connection_lost = connection_lost  # type: ignore[method-assign]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Outermost: the deadline runs until the body is in, stands still inside the handler, and runs again for the
        answer and the next request."""
        watch = self._watches.get(request.protocol)
        if request.body_exists and request.path not in self._unread and not await self._read(request):
            return web.Response(status=408)  # nobody is there to read it
        if watch is not None:
            self._strangers.pop(watch, None)
            watch.stop()
        try:
            return await handler(request)
        finally:
            if watch is not None and request.protocol in self._watches:
                watch.left_bytes = 0
                self._start(watch, self.keepalive_s + self._request_s)

    async def _read(self, request: web.Request) -> bool:
        """Whether the body came whole; it stays with the request. Raises `HTTPRequestEntityTooLarge`, `Refusal`."""
        try:
            async with asyncio.timeout(self._request_s):
                await request.read()
        except TimeoutError:
            self._abort(request.transport)
            return False
        except web.RequestPayloadError:
            # What says it is gzip and is not; where the peer has gone, nobody reads it.
            raise Refusal(Code.BAD_MESSAGE, detail="the body is not what its headers say") from None
        except ConnectionError:
            return False
        return True

    def came(self, key: Hashable, transport: asyncio.Transport) -> None:
        """A stranger is here; `key` is what stands for the connection. Known already, it got through TLS: it has the
        same time again, and another transport."""
        self.went(key)
        transport.max_size = ASKED_BYTES  # type: ignore[attr-defined]  # of asyncio's own transports; others have none
        if len(self._strangers) >= self.strangers_limit:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            oldest.stop()
            self._abort(oldest.transport)
        watch = self._watches[key] = _Watch(transport)
        self._strangers[watch] = None
        self._start(watch, self._request_s)

    def passed_on(self, key: Hashable, to: Hashable) -> None:
        """Something else stands for the connection from now on. Its deadline runs on, and it is no younger."""
        watch = self._watches.pop(key, None)
        if watch is not None:
            self._watches[to] = watch

    def went(self, key: Hashable) -> None:
        """The connection is over, or a viewer's; again changes nothing."""
        watch = self._watches.pop(key, None)
        if watch is not None:
            self._strangers.pop(watch, None)
            watch.stop()

    def _start(self, watch: _Watch, after_s: float) -> None:
        watch.stop()
        watch.timer = asyncio.get_running_loop().call_later(after_s, self._due, watch)

    def _due(self, watch: _Watch) -> None:
        watch.timer = None
        if watch.transport.is_closing():
            return
        left = watch.transport.get_write_buffer_size()
        if left and (watch.left_bytes == 0 or left <= watch.left_bytes - DRAIN_BYTES):
            watch.left_bytes = left
            self._start(watch, self._request_s)
            return
        self._abort(watch.transport)

    def _abort(self, transport: asyncio.BaseTransport | None) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self.cut += 1
            transport.abort()
