"""`/live`: the websocket a session's picture goes out by, a second behind, to its host and the operators above it.

The same parts as LL-HLS has, as they come, for Media Source Extensions. A watcher that is slow misses parts and goes on
at the next key frame (`media/feed.py`); small buffers see to it that slowness is noticed at all: kernels and the
library would hide 40 s of a picture otherwise.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import WSMsgType, web

from server.core.limits import Close
from server.core.model import Principal, SessionId
from server.core.protocol import refused
from server.core.refusal import Code, Refusal
from server.core.rules import Duty
from server.media import live_talk, talk
from server.media.boxes import codecs_of
from server.media.broadcasts import Broadcasts
from server.media.feed import Feed, Moves, Opens
from server.web.answers import encode_json
from server.web.first_message import first_message
from server.web.media_door import CHECK_TOKEN_S, SHUT_WITHIN_S, STRANGERS, close_of

log = logging.getLogger(__name__)

PING_S: Final = 20.0
WATCHERS_MOST: Final = 200
"""Hosts, assistants and operators' walls; viewers read LL-HLS, which caches carry."""
SEND_BUFFER_BYTES: Final = 64 * 1024
LOOK_S: Final = 1.0
TELL_LOOKS: Final = 2

Allowed = Callable[[Principal, Duty, str], Awaitable[SessionId]]
"""The session, if the principal has that duty there; raises `Refusal`."""


class LiveDoor:
    """Handler of the address."""

    def __init__(
        self,
        *,
        broadcasts: Broadcasts,
        verify: Callable[[str], Principal],
        allowed: Allowed,
        clock_ms: Callable[[], int],
    ) -> None:
        self._broadcasts = broadcasts
        self._verify = verify
        self._allowed = allowed
        self._clock_ms = clock_ms
        self._strangers = 0
        self._watchers = 0

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Until the watcher leaves or may not go on."""
        if self._strangers >= STRANGERS or self._watchers >= WATCHERS_MOST:
            raise web.HTTPServiceUnavailable(headers={"retry-after": "5"})
        ws = web.WebSocketResponse(
            compress=False, heartbeat=PING_S, max_msg_size=live_talk.MESSAGE_LIMIT, timeout=SHUT_WITHIN_S
        )
        await ws.prepare(request)
        keep_little(request.transport)
        try:
            self._strangers += 1
            try:
                hello = await first_message(ws, live_talk.read, live_talk.Watch, "watch")
            finally:
                self._strangers -= 1
            principal = self._principal(hello.token, has_origin="Origin" in request.headers)
            session = await self._allowed(principal, Duty.MONITOR, hello.session)
            self._watchers += 1
            try:
                await self._serve(ws, principal, session, hello)
            finally:
                self._watchers -= 1
        except Refusal as refusal:
            with contextlib.suppress(ConnectionError, RuntimeError, TimeoutError):
                async with asyncio.timeout(SHUT_WITHIN_S):
                    await ws.send_str(encode_json(refused(refusal)).decode())
                    await ws.close(code=close_of(refusal))
        finally:
            if not ws.closed and request.transport is not None:
                request.transport.abort()  # it does not read: closing politely would wait for it
        return ws

    def _principal(self, token: str, *, has_origin: bool) -> Principal:
        principal = self._verify(token)
        if not has_origin and principal.kind != "client":
            raise Refusal(Code.FORBIDDEN, needs="origin")
        return principal

    async def _serve(
        self, ws: web.WebSocketResponse, principal: Principal, session: SessionId, hello: live_talk.Watch
    ) -> None:
        feed = Feed()
        if hello.picture:
            self._broadcasts.watch(session, feed)
        tasks = [
            asyncio.create_task(_show(ws, feed), name="live picture"),
            asyncio.create_task(self._tell(ws, session, feed, hello.token), name="live standing"),
            asyncio.create_task(self._listen(ws, principal, session), name="live watcher"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a refusal, if that was the end
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            if hello.picture:
                self._broadcasts.unwatch(session, feed)

    async def _listen(self, ws: web.WebSocketResponse, principal: Principal, session: SessionId) -> None:
        while True:
            message = await ws.receive()
            if message.type is not WSMsgType.TEXT:
                return
            if not isinstance(live_talk.read(message.data), live_talk.StopSource):
                raise Refusal(Code.OUT_OF_TURN, detail="watch came before")
            await self._allowed(principal, Duty.PICTURE, session)
            self._broadcasts.stop_source(session)

    async def _tell(self, ws: web.WebSocketResponse, session: SessionId, feed: Feed, token: str) -> None:
        clock_s = asyncio.get_running_loop().time
        check_s = clock_s() + CHECK_TOKEN_S
        told: live_talk.Standing | None = None
        looks = 0
        with contextlib.suppress(ConnectionError, RuntimeError):
            while True:
                standing = self._standing(session, feed)
                if told is None or looks % TELL_LOOKS == 0 or _who(standing) != _who(told):
                    await ws.send_str(talk.write(standing))
                    told = standing
                await asyncio.sleep(LOOK_S)
                looks += 1
                if clock_s() > check_s:
                    self._verify(token)
                    check_s = clock_s() + CHECK_TOKEN_S

    def _standing(self, session: SessionId, feed: Feed) -> live_talk.Standing:
        now_ms = self._clock_ms()
        broadcast = self._broadcasts.find(session)
        source = broadcast.source if broadcast is not None else None
        return live_talk.Standing(
            now_ms=now_ms,
            picture=broadcast.state.value if broadcast is not None and broadcast.generation else "",
            source=source.kind.value if source is not None else "",
            source_name=source.name if source is not None else "",
            since_ms=broadcast.source_since_ms if broadcast is not None and source is not None else 0,
            trouble=broadcast.trouble if broadcast is not None else talk.What.NOTHING,
            behind_ms=broadcast.behind_ms(now_ms) if broadcast is not None else None,
            watching=self._broadcasts.watching(session),
            kbit_s=broadcast.kbit_s() if broadcast is not None else 0,
            dropped=feed.dropped,
        )


def _who(standing: live_talk.Standing) -> tuple[str, ...]:
    return standing.picture, standing.source, standing.source_name, standing.trouble


def keep_little(transport: asyncio.Transport | None) -> None:
    """Little may wait on the way to a watcher, here and in the kernel."""
    if transport is None:
        return
    transport.set_write_buffer_limits(high=SEND_BUFFER_BYTES)
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)


async def _show(ws: web.WebSocketResponse, feed: Feed) -> None:
    """Everything of the feed, until it ends or the watcher is gone."""
    with contextlib.suppress(ConnectionError, RuntimeError):
        while True:
            item = await feed.next()
            if isinstance(item, Close):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SHUT_WITHIN_S):
                        await ws.close(code=item)
                return
            if isinstance(item, Opens):
                generation = item.generation
                opened = live_talk.Opened(
                    generation=generation.number,
                    codecs=codecs_of(generation.header),
                    base_ms=generation.base_ms,
                    from_s=item.from_s,
                )
                await ws.send_str(talk.write(opened))
                await ws.send_bytes(generation.header)
            elif isinstance(item, Moves):
                moved = live_talk.Moved(base_ms=item.generation.base_ms, from_s=item.from_s)
                await ws.send_str(talk.write(moved))
            else:
                await ws.send_bytes(item)
