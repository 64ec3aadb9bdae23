"""`/replay/SESSION/…`: what was recorded, whole or from one moment to another (看讲解)."""

import asyncio
import re
from collections import OrderedDict
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import hdrs, web

from server.core.bodies import AnyBody, decode_body
from server.core.channels import Kind, channel
from server.core.chapters import Chapter, chapters
from server.core.model import ON_AIR, Session, SessionId, SessionState, is_rehearsal
from server.core.refusal import Code, Refusal
from server.media import archive, recordings
from server.store import catalogue_queries, log_queries
from server.store.store import Connection, Store
from server.web.answers import encode_json
from server.web.asked import asked_number
from server.web.fresh import Fresh
from server.web.static import ASK_AGAIN, file_answer

STAGE_MOST: Final = 20_000
"""Entries of a stage that are read for its chapters: a day of one card every four seconds."""
KNOWN_S: Final = 5.0
SESSIONS_KNOWN: Final = 200
SEEN: Final = ON_AIR | {SessionState.ENDED}
_FILE: Final = re.compile(r"[0-9a-f]{1,16}/g[0-9]{1,6}\.mp4")
_PREROLL_MS: Final = 1_500
"""A clip begins a little before the card: the host says the number, then presses the key."""


class Explained(Chapter, frozen=True, kw_only=True):
    """A chapter and the second of the replay it begins at."""

    second: float


class ReplayAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer of `GET /api/sessions/ID/replay`. Without a recording `duration_s` is 0 and there are no chapters."""

    duration_s: float
    from_ms: int | None = None
    to_ms: int | None = None
    chapters: tuple[Explained, ...] = ()


class ReplayDoor:
    """Handlers of the addresses."""

    def __init__(self, *, store: Store, root: Path) -> None:
        """`root`: the directory of recordings."""
        self._store = store
        self._root = root
        self._about: OrderedDict[SessionId, Fresh] = OrderedDict()
        self._known: OrderedDict[SessionId, tuple[float, tuple[recordings.Film, ...]]] = OrderedDict()

    async def about(self, request: web.Request) -> web.Response:
        """`GET /api/sessions/ID/replay`, at most KNOWN_S old."""
        session = SessionId(request.match_info["session"])
        fresh = self._about.get(session)
        if fresh is None:

            async def make() -> bytes:
                return encode_json(await self._make_about(session))

            fresh = self._about[session] = Fresh(make, KNOWN_S, asyncio.get_running_loop().time)
            while len(self._about) > SESSIONS_KNOWN:
                self._about.popitem(last=False)
        return file_answer(request, await fresh.get(), ASK_AGAIN)

    async def _make_about(self, session: SessionId) -> ReplayAnswer:
        found, entries = await self._store.read(_read, session)
        films = await self._films(session) if _may_be_seen(found) else ()
        if not films:
            return ReplayAnswer(duration_s=0)
        last = films[-1].pieces[-1]
        from_ms, to_ms = films[0].pieces[0].at_ms, last.at_ms + round(last.duration_s * 1000)
        explained = tuple(
            Explained(**msgspec.structs.asdict(one), second=recordings.second_of(films, one.from_ms - _PREROLL_MS))
            for one in chapters(entries, None if found.state in ON_AIR else to_ms)
            if recordings.between(films, one.from_ms, one.to_ms)
        )
        length_s = sum(piece.duration_s for film in films for piece in film.pieces)
        return ReplayAnswer(duration_s=length_s, from_ms=from_ms, to_ms=to_ms, chapters=explained)

    async def playlist(self, request: web.Request) -> web.Response:
        """`GET /replay/SESSION/index.m3u8`, `?from_ms=` and `?to_ms=` for a part of it."""
        session = SessionId(request.match_info["session"])
        films = await self._seen_films(session)
        from_ms, to_ms = (asked_number(request, name, digits=15, wants="milliseconds") for name in ("from_ms", "to_ms"))
        if from_ms is not None or to_ms is not None:
            films = recordings.between(films, (from_ms or 0) - _PREROLL_MS, to_ms or 2**53)
        if not films:
            raise Refusal(Code.NOT_FOUND, what="recording")
        return web.Response(
            body=recordings.playlist(films),
            content_type="application/vnd.apple.mpegurl",
            headers={hdrs.CACHE_CONTROL: "public, max-age=5"},
        )

    async def file(self, request: web.Request) -> web.StreamResponse:
        """`GET /replay/SESSION/TAKE/FILE`, with ranges."""
        session = SessionId(request.match_info["session"])
        name = f"{request.match_info['take']}/{request.match_info['file']}"
        films = await self._seen_films(session)
        if not _FILE.fullmatch(name) or all(film.file != name for film in films):
            raise Refusal(Code.NOT_FOUND, what="recording")
        path = self._root / archive.folder_of(session) / name
        return web.FileResponse(path, headers={hdrs.CACHE_CONTROL: "public, max-age=3600"})

    async def _seen_films(self, session: SessionId) -> tuple[recordings.Film, ...]:
        now_s = asyncio.get_running_loop().time()
        known = self._known.get(session)
        if known is not None and known[0] > now_s:
            return known[1]
        found = await self._store.read(catalogue_queries.session, session)
        films = await self._films(session) if _may_be_seen(found) else ()
        if films:
            self._known[session] = (now_s + KNOWN_S, films)
        while len(self._known) > SESSIONS_KNOWN:
            self._known.popitem(last=False)
        return films

    async def _films(self, session: SessionId) -> tuple[recordings.Film, ...]:
        return await asyncio.to_thread(recordings.read, self._root, session)


def _may_be_seen(session: Session) -> bool:
    """What an operator cut off is kept, for whom the law gives it to, and shown to nobody."""
    return session.state in SEEN and not session.cut_off and not is_rehearsal(session.id)


def _read(conn: Connection, session: SessionId) -> tuple[Session, list[tuple[int, AnyBody]]]:
    found = catalogue_queries.session(conn, session)
    stage = log_queries.entries(conn, channel(Kind.STAGE, session), 0, STAGE_MOST)
    return found, [(entry.at_ms, decode_body(entry.body)) for entry in stage]
