"""`GET /api/wall?region=CODE`: how the pictures of a branch look, for its operators (画面墙)."""

from typing import Final

import msgspec
from aiohttp import web

from server.core.model import ON_AIR, RegionCode, Session, SessionId, SessionState, is_rehearsal
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.media.looks import Alarm, heard_look
from server.store import catalogue_queries, picture_queries
from server.store.store import Connection, Store
from server.web.answers import json_answer
from server.web.branch_asked import branch_asked

GRACE_MS: Final = 20_000
"""A host goes live first and starts the camera then."""


class WallTile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One room on air. `picture`: `on`, `paused`, `gone`, or empty for a room that has none here. `still`: number
    of the newest one, 0 for none."""

    session: SessionId
    title: str
    region: RegionCode
    state: SessionState
    picture: str = ""
    still: int = 0
    alarms: tuple[Alarm, ...] = ()


class WallAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/wall`."""

    at_ms: int
    tiles: tuple[WallTile, ...]


class WallDoor:
    """Handler of the address."""

    def __init__(self, *, hub: Hub, store: Store, tree: RegionTree) -> None:
        self._hub = hub
        self._store = store
        self._tree = tree

    async def get(self, request: web.Request) -> web.Response:
        """Rooms on air of the branch that have, had or should have a picture here. Raises `Refusal`."""
        region = branch_asked(request, self._hub, self._tree)
        sessions, not_here = await self._store.read(_read, region)
        pictures, looks = self._hub.pulse.pictures.all(), self._hub.pulse.looks.all()
        now_ms = self._hub.clock_ms()
        tiles = []
        for session in sessions:
            if is_rehearsal(session.id):
                continue
            still, alarms = heard_look(looks.get(session.id, ""))
            since_ms = session.live_at_ms or now_ms
            if session.id not in pictures and session.id not in not_here and now_ms - since_ms > GRACE_MS:
                alarms = (Alarm(what="none", since_ms=since_ms),)
            tiles.append(
                WallTile(
                    session=session.id,
                    title=session.venue_name or session.title,
                    region=session.region,
                    state=session.state,
                    picture=pictures.get(session.id, ""),
                    still=still,
                    alarms=alarms,
                )
            )
        return json_answer(WallAnswer(at_ms=now_ms, tiles=tuple(tiles)))


def _read(conn: Connection, region: RegionCode) -> tuple[tuple[Session, ...], frozenset[SessionId]]:
    sessions = tuple(session for session in catalogue_queries.sessions(conn, region) if session.state in ON_AIR)
    return sessions, picture_queries.not_here(conn, [session.id for session in sessions])
