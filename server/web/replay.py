"""`/replay/SESSION/…`: what was recorded, whole or from one moment to another (看讲解), and the chat beside it."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from aiohttp import hdrs, web

from server.core.model import SessionId
from server.core.refusal import Code, Refusal
from server.media import archive, recordings
from server.store import chat_replay
from server.store.store import Store
from server.web.answers import encode_json
from server.web.asked import asked_number
from server.web.fresh import Fresh
from server.web.hls import OPEN
from server.web.replays import KNOWN_S, PREROLL_MS, SESSIONS_KNOWN, Replays
from server.web.static import ASK_AGAIN, file_answer

CHAT_MS: Final = 120_000
"""One stretch of chat."""
STRETCHES_KNOWN: Final = 2_000
KEEP: Final = "public, max-age=60"
"""Short, so that what was hidden is gone from caches soon."""
_FILE: Final = re.compile(r"[0-9a-f]{1,16}/g[0-9]{1,6}\.mp4")


class SaidLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the chat of a replay."""

    offset: int
    at_ms: int
    author: str
    name: str
    text: str
    role: str = ""


class ReplayChat(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/sessions/ID/replay/chat/N`: the Nth two minutes from the beginning of the recording on."""

    from_ms: int
    to_ms: int
    lines: tuple[SaidLine, ...] = ()


class ReplayDoor:
    """Handlers of the addresses."""

    def __init__(self, *, store: Store, replays: Replays) -> None:
        self._store = store
        self._replays = replays
        self._fresh: OrderedDict[tuple[SessionId, int, int], Fresh] = OrderedDict()
        self._removed: OrderedDict[SessionId, tuple[float, frozenset[int]]] = OrderedDict()

    async def about(self, request: web.Request) -> web.Response:
        """`GET /api/sessions/ID/replay`, at most KNOWN_S old."""
        session = SessionId(request.match_info["session"])

        async def make() -> bytes:
            return encode_json(await self._replays.about(session))

        return await self._answer(request, (session, -1), make)

    async def chat(self, request: web.Request) -> web.Response:
        """`GET /api/sessions/ID/replay/chat/N`, at most KNOWN_S old."""
        session = SessionId(request.match_info["session"])
        number = int(request.match_info["n"])
        films = await self._seen_films(session)
        from_ms = films[0].pieces[0].at_ms + number * CHAT_MS

        async def make() -> bytes:
            return encode_json(await self._make_chat(session, from_ms))

        if from_ms > films[-1].pieces[-1].at_ms + CHAT_MS:
            raise _missing()
        return await self._answer(request, (session, number), make)

    async def _answer(
        self, request: web.Request, place: tuple[SessionId, int], make: Callable[[], Awaitable[bytes]]
    ) -> web.Response:
        key = (*place, self._replays.turn(place[0]))
        fresh = self._fresh.get(key)
        if fresh is None:
            fresh = self._fresh[key] = Fresh(make, KNOWN_S, asyncio.get_running_loop().time)
            while len(self._fresh) > STRETCHES_KNOWN:
                self._fresh.popitem(last=False)
        return file_answer(request, await fresh.get(), ASK_AGAIN)

    async def _make_chat(self, session: SessionId, from_ms: int) -> ReplayChat:
        removed = await self._removed_of(session)
        found = await self._store.read(chat_replay.stretch, session, from_ms, from_ms + CHAT_MS)
        return ReplayChat(
            from_ms=from_ms,
            to_ms=from_ms + CHAT_MS,
            lines=tuple(
                SaidLine(offset=offset, at_ms=at_ms, author=body.author, name=body.name, text=body.text, role=body.role)
                for offset, at_ms, body in found
                if offset not in removed
            ),
        )

    async def _removed_of(self, session: SessionId) -> frozenset[int]:
        now_s = asyncio.get_running_loop().time()
        known = self._removed.get(session)
        if known is None or known[0] < now_s:
            known = (now_s + KNOWN_S, await self._store.read(chat_replay.removed, session))
            self._removed[session] = known
            while len(self._removed) > SESSIONS_KNOWN:
                self._removed.popitem(last=False)
        return known[1]

    async def playlist(self, request: web.Request) -> web.Response:
        """`GET /replay/SESSION/index.m3u8`, `?from_ms=` and `?to_ms=` for a part of it."""
        films = await self._seen_films(SessionId(request.match_info["session"]))
        from_ms, to_ms = (asked_number(request, name, digits=15, wants="milliseconds") for name in ("from_ms", "to_ms"))
        if from_ms is not None or to_ms is not None:
            films = recordings.between(films, (from_ms or 0) - PREROLL_MS, to_ms or 2**53)
        if not films:
            raise _missing()
        return web.Response(
            body=recordings.playlist(films),
            content_type="application/vnd.apple.mpegurl",
            headers={hdrs.CACHE_CONTROL: "public, max-age=5", **OPEN},
        )

    async def file(self, request: web.Request) -> web.StreamResponse:
        """`GET /replay/SESSION/TAKE/FILE`, with ranges."""
        session = SessionId(request.match_info["session"])
        name = f"{request.match_info['take']}/{request.match_info['file']}"
        films = await self._seen_films(session)
        if not _FILE.fullmatch(name) or all(film.file != name for film in films):
            raise _missing()
        path = self._replays.root / archive.folder_of(session) / name
        return web.FileResponse(path, headers={hdrs.CACHE_CONTROL: KEEP, **OPEN})

    async def _seen_films(self, session: SessionId) -> tuple[recordings.Film, ...]:
        films = await self._replays.films(session)
        if not films:
            raise _missing()
        return films


def _missing() -> Refusal:
    return Refusal(Code.NOT_FOUND, what="recording")
