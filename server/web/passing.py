"""Several workers behind one port: what only one of them can answer is passed on to it.

With SO_REUSEPORT the kernel chooses the worker, and it knows nothing of sessions. A picture is in the memory of one
process (the window of the last seconds, the packager's pipe), so is the dry run of an import, so are the wrong
passwords of an address and the exports made from it. Each of these has an owner by its name (`core/owning`), and a
worker that is asked for what is another's asks that one through its inner door, a socket file in a directory of this
user alone. Why not a second port for each worker, with nginx choosing: `docs/decisions.md`.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from aiohttp import (
    ClientError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    UnixConnector,
    WSMsgType,
    hdrs,
    web,
)
from yarl import URL

from server.core.owning import owner_of
from server.core.refusal import Code, Refusal
from server.media.talk import MESSAGE_LIMIT
from server.web.answers import Handler
from server.web.live_door import keep_little
from server.web.origin import Callers, through_inner_door

log = logging.getLogger(__name__)

CONNECT_WITHIN_S: Final = 2.0
SILENT_S: Final = 180.0
"""A large workbook is read for so long; a playlist that is asked for in advance waits 6 s."""
PIECE_BYTES: Final = 64 * 1024
PING_S: Final = 10.0
IDLE_S: Final = 5.0
"""Shorter than the other side keeps an idle connection."""
CONNECTIONS: Final = 512
IMPORTS: Final = "/api/import"
WEBSOCKETS: Final = frozenset({"/media", "/live"})
PART_BYTES: Final = 8 * 1024 * 1024
"""Largest message of a picture on its way out."""
_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade", "host")
)
"""Headers of one connection only (RFC 9110, 7.6.1); and the host, which is set anew."""
_OF_WEBSOCKET = frozenset(
    ("sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-accept")
)


def inner_door(directory: Path, number: int) -> Path:
    """The socket file of that worker."""
    return directory / f"{number}.sock"


_ENCODERS: Final = re.compile(r"/api/sessions/[^/]+/(?:streaming|restream)(?:/|$)")
_EXPORTS: Final = re.compile(r"/api/enterprises/[^/]+/export")


class Passing:
    """`number`: which of the `count` workers this is."""

    def __init__(self, *, number: int, count: int, directory: Path, callers: Callers) -> None:
        self.number = number
        self._count = count
        self._directory = directory
        self._callers = callers
        self._sessions: dict[int, ClientSession] = {}

    async def close(self) -> None:
        """Let go of the connections to the others."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def neighbour(self, number: int) -> ClientSession:
        """The way to another worker."""
        session = self._sessions.get(number)
        if session is None:
            path = str(inner_door(self._directory, number))
            session = self._sessions[number] = ClientSession(
                connector=UnixConnector(path, limit=CONNECTIONS, keepalive_timeout=IDLE_S),
                timeout=ClientTimeout(total=None, sock_connect=CONNECT_WITHIN_S, sock_read=SILENT_S),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return session

    @property
    def others(self) -> tuple[int, ...]:
        """The numbers of the other workers."""
        return tuple(number for number in range(self._count) if number != self.number)

    async def of_others(self, path_qs: str, token: str = "") -> dict[int, bytes | None]:
        """What each of `others` answers to a GET of that address; None for one that refuses or does not answer."""
        answers = await asyncio.gather(*(self._of(number, path_qs, token) for number in self.others))
        return dict(zip(self.others, answers, strict=True))

    async def _of(self, number: int, path_qs: str, token: str) -> bytes | None:
        headers = {hdrs.AUTHORIZATION: f"Bearer {token}"} if token else {}
        try:
            async with (
                asyncio.timeout(CONNECT_WITHIN_S),
                self.neighbour(number).get(_url(path_qs), headers=headers) as answer,
            ):
                return await answer.read() if answer.status == 200 else None
        except (ClientError, TimeoutError, OSError):
            return None

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer here, or let the owner answer. Raises `Refusal` UNAVAILABLE while the owner is away."""
        key = None if through_inner_door(request) else self._key(request)
        owner = self.number if key is None else owner_of(key, self._count)
        if owner == self.number:
            return await handler(request)
        try:
            if request.path in WEBSOCKETS:
                return await self._relay_websocket(request, owner)
            return await self._pass_on(request, owner)
        except (ClientError, TimeoutError, FileNotFoundError) as error:
            log.warning("worker %d does not answer: %s", owner, type(error).__name__)
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="worker") from None

    def _key(self, request: web.Request) -> str | None:
        """What decides who answers; None: everybody can."""
        path = request.path
        if path in WEBSOCKETS:
            if "session" not in request.query:
                raise Refusal(Code.BAD_MESSAGE, detail="wants ?session=ID")
            return f"picture {request.query['session']}"
        if path.startswith("/hls/") or _ENCODERS.match(path):
            return f"picture {request.match_info.get('session', '')}"
        if path.startswith(IMPORTS):
            return "imports"
        if path == "/api/sign-in" or _EXPORTS.fullmatch(path):
            return f"caller {self._callers.address(request)}"
        return None

    def owner(self, session: str) -> int:
        """The worker that has that session's picture, or would."""
        return owner_of(f"picture {session}", self._count)

    def owns(self, session: str) -> bool:
        """Whether that session's picture is here."""
        return self.owner(session) == self.number

    async def to_owner_of(self, request: web.Request, session: str) -> web.StreamResponse | None:
        """The answer of the worker that has the session's picture; None when this is the one."""
        owner = self.owner(session)
        if owner == self.number or through_inner_door(request):
            return None
        return await self._pass_on(request, owner)

    def _headers(self, request: web.Request) -> list[tuple[str, str]]:
        left_out = _HOP | _OF_WEBSOCKET
        kept = [(name, value) for name, value in request.headers.items() if name.lower() not in left_out]
        return [
            *kept,
            (hdrs.HOST, request.headers.get(hdrs.HOST, "")),
            (hdrs.X_FORWARDED_FOR, self._callers.address(request)),
        ]

    async def _pass_on(self, request: web.Request, owner: int) -> web.StreamResponse:
        data: bytes | AsyncIterator[bytes] | None = None
        if request.body_exists:
            data = request.content.iter_any() if request.path.startswith(IMPORTS) else await request.read()
        async with self.neighbour(owner).request(
            request.method,
            _url(request.rel_url.raw_path_qs),
            headers=self._headers(request),
            data=data,
            allow_redirects=False,
        ) as theirs:
            answer = web.StreamResponse(status=theirs.status, reason=theirs.reason)
            for name, value in theirs.headers.items():
                if name.lower() not in _HOP:
                    answer.headers.add(name, value)
            await answer.prepare(request)
            async for piece in theirs.content.iter_chunked(PIECE_BYTES):
                await answer.write(piece)
            await answer.write_eof()
        return answer

    async def _relay_websocket(self, request: web.Request, owner: int) -> web.StreamResponse:
        async with self.neighbour(owner).ws_connect(
            _url(request.rel_url.raw_path_qs), headers=self._headers(request), max_msg_size=PART_BYTES, compress=0
        ) as theirs:
            ours = web.WebSocketResponse(compress=False, heartbeat=PING_S, max_msg_size=MESSAGE_LIMIT, timeout=2.0)
            await ours.prepare(request)
            if request.path == "/live":
                keep_little(request.transport)
            ways = [asyncio.create_task(_relay(ours, theirs)), asyncio.create_task(_relay(theirs, ours))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
            with contextlib.suppress(ConnectionError, RuntimeError, TimeoutError):
                await ours.close(code=theirs.close_code or 1001)
        return ours


def _url(path_qs: str) -> URL:
    """That address of a worker; the host is for the form only, the way is the socket file."""
    return URL(f"http://worker{path_qs}", encoded=True)


Side = web.WebSocketResponse | ClientWebSocketResponse


async def _relay(here: Side, there: Side) -> None:
    """Hand on what comes from here until either side is closed."""
    with contextlib.suppress(ConnectionError, RuntimeError):
        while True:
            message = await here.receive()
            if message.type is WSMsgType.BINARY:
                await there.send_bytes(message.data)
            elif message.type is WSMsgType.TEXT:
                await there.send_str(message.data)
            else:
                return
