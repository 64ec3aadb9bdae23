"""`/media`: the websocket a host's picture comes in by. Bytes are handed on as they are, unseen."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from server.core.bucket import Bucket
from server.core.limits import Close
from server.core.model import SessionId
from server.core.protocol import refused
from server.core.refusal import Code, Refusal
from server.media import talk
from server.media.broadcast import KBIT_S_MOST, Broadcast
from server.media.broadcasts import Broadcasts
from server.media.pipe import Container
from server.media.source import Recording, Source
from server.web.answers import encode_json
from server.web.first_message import first_message
from server.web.picture_right import PictureRights, kind_of
from server.web.probing import PROBES_BURST, PROBES_PER_S, Probes
from server.web.rationing import Ration

log = logging.getLogger(__name__)

PING_S: Final = 10.0
SHUT_WITHIN_S: Final = 2.0
WAITING: Final = 32
STRANGERS: Final = 200
"""Connections whose first message has not come: each may send a whole MiB."""
BYTES_PER_S: Final = KBIT_S_MOST * 1000 // 8
BURST_BYTES: Final = 4 * talk.MESSAGE_LIMIT
MESSAGES_PER_S: Final = 100.0
"""A recorder gives five pieces a second; thousands of tiny ones would cost the hub its loop."""
MESSAGES_BURST: Final = 2_000
CHECK_TOKEN_S: Final = 5.0
_CONTAINERS: Final = {"video/webm": Container.WEBM, "video/mp4": Container.MP4}
_CLOSE: Final = {
    Code.NOT_SIGNED_IN: Close.WHO_ARE_YOU,
    Code.TOKEN_EXPIRED: Close.RENEW,
    Code.FORBIDDEN: Close.FORBIDDEN,
    Code.TOO_MANY: Close.TOO_MANY,
    Code.PICTURE_TAKEN: Close.TAKEN_OVER,
    Code.SESSION_NOT_LIVE: Close.FORBIDDEN,
    Code.SESSION_ENDED: Close.FORBIDDEN,
    Code.SESSION_CUT_OFF: Close.FORBIDDEN,
    Code.NOT_FOUND: Close.FORBIDDEN,
}


class MediaDoor:
    """Handler of the address."""

    def __init__(self, *, broadcasts: Broadcasts, rights: PictureRights, clock_ms: Callable[[], int]) -> None:
        self._broadcasts = broadcasts
        self._rights = rights
        self._clock_ms = clock_ms
        self._probes = Probes()
        self._rations = Ration(PROBES_PER_S, PROBES_BURST, lambda: clock_ms() / 1000)
        self._strangers = 0

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Until the host leaves, is replaced, or may not go on."""
        if self._strangers >= STRANGERS:
            raise web.HTTPServiceUnavailable(headers={"retry-after": "5"})
        ws = web.WebSocketResponse(
            compress=False, heartbeat=PING_S, max_msg_size=talk.MESSAGE_LIMIT, timeout=SHUT_WITHIN_S
        )
        await ws.prepare(request)
        conversation = _Conversation(self._broadcasts, self._clock_ms, ws)
        has_origin = "Origin" in request.headers
        try:
            self._strangers += 1
            try:
                hello = await conversation.hello()
            finally:
                self._strangers -= 1
            person = await self._rights.require(hello, has_origin=has_origin)
            if hello.probe:
                self._rations.take(person)
                await ws.send_str(talk.write(await self._probes.measure(ws)))
                await ws.close()
            else:
                await conversation.run(hello, lambda: self._rights.require(hello, has_origin=has_origin))
        except Refusal as refusal:
            with contextlib.suppress(ConnectionError, RuntimeError, TimeoutError):
                async with asyncio.timeout(SHUT_WITHIN_S):
                    await ws.send_str(encode_json(refused(refusal)).decode())
                    await ws.close(code=close_of(refusal))
        return ws


def close_of(refusal: Refusal) -> Close:
    """The close code that follows a refusal."""
    if refusal.temporary:
        return Close.RESTART
    return _CLOSE.get(refusal.code, Close.BAD_PROTOCOL)


async def _still_may(still: Callable[[], Awaitable[object]]) -> None:
    """Raises `Refusal` when the right is gone. While the store is away nobody knows, and who broadcasts goes on."""
    try:
        await still()
    except Refusal as refusal:
        if refusal.code is not Code.UNAVAILABLE:
            raise


class _Conversation:
    """One host's connection. What is said to it goes through a short queue, so that nothing waits for a slow host."""

    def __init__(self, broadcasts: Broadcasts, clock_ms: Callable[[], int], ws: web.WebSocketResponse) -> None:
        self._broadcasts = broadcasts
        self._clock_ms = clock_ms
        self._ws = ws
        self._saying: asyncio.Queue[talk.ToHost | Close] = asyncio.Queue(WAITING)
        self._left = False

    async def run(self, hello: talk.Broadcasting, still: Callable[[], Awaitable[object]]) -> None:
        """`still` raises `Refusal` when the right is gone: it is told, then the connection is closed."""
        session = SessionId(hello.session)
        source = Source(hello.source, kind_of(hello), self._say, self._leave)
        broadcast = await self._broadcasts.enter(session, source, take_over=hello.take_over)
        speaking = asyncio.create_task(self._speak(), name="to a host")
        try:
            self._say(talk.Ready(now_ms=self._clock_ms()))
            await self._listen(broadcast, source, still)
        finally:
            if self._left:  # what it is told last, although it goes on sending
                await asyncio.wait({speaking}, timeout=SHUT_WITHIN_S)
            speaking.cancel()
            await broadcast.leave(source, lost=not self._left and self._ws.close_code != WSCloseCode.OK)

    async def hello(self) -> talk.Broadcasting:
        """The first message. Raises `Refusal`."""
        return await first_message(self._ws, talk.read, talk.Broadcasting, "broadcast")

    async def _listen(self, broadcast: Broadcast, source: Source, still: Callable[[], Awaitable[object]]) -> None:
        clock_s = asyncio.get_running_loop().time
        bucket = Bucket(BYTES_PER_S, BURST_BYTES, clock_s())
        messages = Bucket(MESSAGES_PER_S, MESSAGES_BURST, clock_s())
        check_s = clock_s() + CHECK_TOKEN_S
        while not self._left:
            message = await self._ws.receive()
            if messages.take(clock_s()) > 0:
                raise Refusal(Code.TOO_MANY, retry_ms=10_000)
            if clock_s() > check_s:
                await _still_may(still)
                check_s = clock_s() + CHECK_TOKEN_S
            if message.type is WSMsgType.BINARY:
                if bucket.take(clock_s(), len(message.data)) > 0:
                    raise Refusal(Code.TOO_MANY, retry_ms=10_000)
                await broadcast.feed(source, message.data)
            elif message.type is WSMsgType.TEXT:
                await self._do(talk.read(message.data), broadcast, source)
            else:
                return

    async def _do(self, message: talk.FromHost, broadcast: Broadcast, source: Source) -> None:
        match message:
            case talk.Begin():
                container = _CONTAINERS.get(message.mime.partition(";")[0].strip().lower())
                if container is None:
                    raise Refusal(Code.BAD_MESSAGE, detail="wants video/webm or video/mp4")
                transcode = "vp8" in message.mime
                if transcode and not self._broadcasts.may_transcode(broadcast):
                    raise Refusal(Code.UNAVAILABLE, what="transcoding")
                try:
                    recording = Recording(started_at_ms=message.started_at_ms, container=container, transcode=transcode)
                    await broadcast.begin(source, recording, self._clock_ms())
                except OSError:
                    raise Refusal(Code.UNAVAILABLE, temporary=True, what="video") from None
            case talk.Pause():
                broadcast.paused = message.paused
            case talk.Trouble():
                broadcast.trouble = message.what
            case _:
                raise Refusal(Code.OUT_OF_TURN, detail="broadcast came before")

    def _say(self, message: talk.ToHost | Close) -> None:
        if not self._saying.full():
            self._saying.put_nowait(message)

    def _leave(self, code: Close) -> None:
        self._left = True
        if self._saying.full():
            self._saying.get_nowait()
        self._saying.put_nowait(code)

    async def _speak(self) -> None:
        try:
            while True:
                message = await self._saying.get()
                if isinstance(message, Close):
                    await self._ws.close(code=message)
                    return
                await self._ws.send_str(talk.write(message))
        except (ConnectionError, RuntimeError):
            log.debug("a host went away")
