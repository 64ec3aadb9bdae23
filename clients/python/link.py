"""One websocket to a hub, from `hello` until it ends. It does not come back by itself: that is the session's work."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from clients.python.comeback import LOST, Lost
from clients.python.hub_clock import HubClock
from server.core.limits import COMMANDS_BURST, COMMANDS_PER_S, PROTOCOL_VERSION
from server.core.protocol import (
    MAX_SERVER_BYTES,
    Command,
    Hello,
    Ping,
    Pong,
    Refused,
    ServerMessage,
    Welcome,
    decode_server,
    encode,
    refusal_of,
)
from server.core.refusal import Code, Refusal

OPEN_WITHIN_S = 10.0
"""From the first SYN to `welcome`."""
CLOSE_WITHIN_S = 1.0

BURST = COMMANDS_BURST // 2
PER_S = 0.9 * COMMANDS_PER_S
"""A hub counts commands as they arrive, and a network bunches them: keep well below what it allows."""


Greeting = tuple[Welcome, list[ServerMessage]]
"""The welcome, and what came in one websocket message with it."""


class Link:
    """An open link. `send` never waits; what is sent leaves at the pace the hub allows."""

    def __init__(
        self,
        ws: ClientConnection,
        greeting: Greeting,
        silent_after_s: float,
        clock: HubClock,
    ) -> None:
        self.welcome, self._early = greeting
        self._clock = clock
        self._ponged_ms = 0.0
        self._ws = ws
        self._silent_after_s = silent_after_s
        self._waiting: deque[bytes] = deque()  # bounded by the session: its calls and its channels
        self._more = asyncio.Event()

    def send(self, command: Command) -> None:
        """Put a command behind those that wait."""
        self._waiting.append(encode(command))
        self._more.set()

    def abort(self) -> None:
        """Hang up at once, without a closing handshake."""
        self._ws.transport.abort()

    async def messages(self) -> AsyncIterator[ServerMessage]:
        """Everything that arrives, in order; pings are answered first. Raises `Lost` at the end."""
        for message in self._early:
            yield message
        while True:
            for message in await self._receive():
                if isinstance(message, Ping):
                    self._learn(message)
                    await self._pong()
                yield message

    async def write(self) -> None:
        """Send what waits, until cancelled or the link has ended (`messages` tells how)."""
        clock = asyncio.get_running_loop().time
        level, at_s = float(BURST), clock()
        while True:
            while not self._waiting:
                self._more.clear()
                await self._more.wait()
            now_s = clock()
            level, at_s = min(float(BURST), level + (now_s - at_s) * PER_S), now_s
            if level < 1.0:
                await asyncio.sleep((1.0 - level) / PER_S)
                continue
            level -= 1.0
            try:
                await self._ws.send(self._waiting.popleft())
            except ConnectionClosed:
                return

    async def _receive(self) -> list[ServerMessage]:
        try:
            async with asyncio.timeout(self._silent_after_s):
                return _messages_in(await self._ws.recv())
        except TimeoutError:
            self._ws.transport.abort()  # a closing handshake would wait for a peer that is not there
            raise Lost(LOST) from None
        except ConnectionClosed as closed:
            raise Lost(_code_of(closed)) from None

    def _learn(self, ping: Ping) -> None:
        now_ms = _now_ms()
        if self._ponged_ms and ping.pong_at_ms:
            self._clock.answered(self._ponged_ms, ping.pong_at_ms, self._ponged_ms)
        self._clock.stamped(ping.at_ms, now_ms)
        self._ponged_ms = now_ms

    async def _pong(self) -> None:
        """Past the waiting commands: the hub gives a pong 8 s, and a paced command may wait longer."""
        try:
            async with asyncio.timeout(self._silent_after_s):
                await self._ws.send(encode(Pong()))
        except TimeoutError:
            self._ws.transport.abort()
            raise Lost(LOST) from None
        except ConnectionClosed as closed:
            raise Lost(_code_of(closed)) from None


@asynccontextmanager
async def open_link(
    url: str, token: str, *, origin: str | None, silent_after_s: float, clock: HubClock | None = None
) -> AsyncIterator[Link]:
    """A link that has been welcomed; it is closed at the end. `clock` learns from what the hub stamps.

    Raises `Refusal` when the hub does not want this client (temporary: it may later), `Lost`, `OSError` or
    `TimeoutError` when nothing could be opened.
    """
    ws: ClientConnection | None = None
    try:
        async with asyncio.timeout(OPEN_WITHIN_S):
            ws = await _opened(url, origin)
            said_ms = _now_ms()
            greeting = await _greeted(ws, token)
            heard_ms = _now_ms()
        clock = clock or HubClock()
        clock.answered(said_ms, greeting[0].now_ms, heard_ms)
        clock.stamped(greeting[0].now_ms, heard_ms)
        yield Link(ws, greeting, silent_after_s, clock)
    finally:
        if ws is not None:
            await _closed(ws)


async def _opened(url: str, origin: str | None) -> ClientConnection:
    headers = {"Origin": origin} if origin else {}
    try:
        return await connect(
            url,
            additional_headers=headers,
            compression=None,
            proxy=None,
            ping_interval=None,  # the protocol has its own pings
            open_timeout=OPEN_WITHIN_S,
            close_timeout=CLOSE_WITHIN_S,
            max_size=MAX_SERVER_BYTES,
        )
    except InvalidStatus as answer:
        status = answer.response.status_code
        if status in (401, 403, 404):
            raise Refusal(Code.FORBIDDEN, needs="origin" if status == 403 else "address") from None
        raise Lost(LOST) from None


async def _greeted(ws: ClientConnection, token: str) -> Greeting:
    try:
        await ws.send(encode(Hello(id=0, version=PROTOCOL_VERSION, token=token)))
        messages = _messages_in(await ws.recv())
    except ConnectionClosed as closed:
        raise Lost(_code_of(closed)) from None
    match messages:
        case [Welcome() as welcome, *early]:
            return welcome, early
        case [Refused() as refused, *_]:
            raise refusal_of(refused)
        case _:
            raise Lost(LOST)


async def _closed(ws: ClientConnection) -> None:
    try:
        async with asyncio.timeout(2 * CLOSE_WITHIN_S):
            await ws.close()
    except TimeoutError:
        ws.transport.abort()


def _messages_in(data: str | bytes) -> list[ServerMessage]:
    """The messages of one websocket message. What is not of this protocol ends the link: a hub never sends it."""
    if isinstance(data, str):
        raise Lost(LOST)
    try:
        return decode_server(data)
    except Refusal:
        raise Lost(LOST) from None


def _code_of(closed: ConnectionClosed) -> int:
    return closed.rcvd.code if closed.rcvd is not None else LOST


def _now_ms() -> float:
    return time.time() * 1000


def origin_of(url: str) -> str:
    """The origin a page of that hub has: the hub takes tokens of kind `browser` only with one of its own."""
    parts = urlsplit(url)
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"
