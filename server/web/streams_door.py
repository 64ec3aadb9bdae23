"""`GET /api/streaming?region=CODE`: who of a branch may stream with an encoder, and who does, for operators (推流).

An encoder is known to the worker that has its session's picture; whichever is asked asks the others for theirs.
"""

from collections.abc import Iterable

import msgspec
from aiohttp import web

from server.core.model import RegionCode, Session, SessionId, SessionState
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.media.broadcasts import Broadcasts
from server.media.engines.inlets import Inlets, InletState
from server.store import catalogue_queries, streaming_rows
from server.store.store import Connection, Store
from server.web.answers import json_answer
from server.web.branch_asked import branch_asked
from server.web.issuing import bearer
from server.web.origin import through_inner_door
from server.web.passing import Passing


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """A session that has a key, or a picture here. `made_at_ms`: of its key, None without one; `encoder`: as the
    workers of this port know it; `picture`: `on`, `paused`, `gone` or empty, as all hubs tell; `here`: its picture is
    in one of these workers, so that `encoder` is all there is to know."""

    session: SessionId
    title: str
    region: RegionCode
    state: SessionState
    made_at_ms: int | None
    encoder: InletState
    picture: str
    here: bool
    kbit_s: int


class StreamsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of the address. `takes`: encoders have a door here; `recorded`: what they send is recorded here."""

    takes: bool
    recorded: bool
    streams: tuple[Stream, ...]


class StreamsDoor:
    """Handler of the address; a key is taken away by `POST /api/sessions/SESSION/streaming/revoke`."""

    def __init__(
        self,
        *,
        hub: Hub,
        store: Store,
        tree: RegionTree,
        inlets: Inlets,
        broadcasts: Broadcasts,
        passing: Passing | None = None,
    ) -> None:
        """`passing`: the way to the other workers, if there are any."""
        self._hub = hub
        self._store = store
        self._tree = tree
        self._inlets = inlets
        self._broadcasts = broadcasts
        self._passing = passing

    async def get(self, request: web.Request) -> web.Response:
        """Who sends now first. Raises `Refusal`."""
        region = branch_asked(request, self._hub, self._tree)
        sessions, made = await self._store.read(_read, region)
        pictures = self._hub.pulse.pictures.all()
        streams = [
            self._stream(session, made.get(session.id), pictures.get(session.id, ""))
            for session in sessions
            if session.id in made or session.id in pictures
        ]
        if self._passing is not None and not through_inner_door(request):
            streams = await _as_owners_say(request, self._passing, streams)
        streams.sort(key=lambda one: (not one.encoder.connected, not one.picture, one.title))
        inlets = self._inlets
        return json_answer(StreamsAnswer(takes=inlets.takes, recorded=inlets.recorded, streams=tuple(streams)))

    def _stream(self, session: Session, made_at_ms: int | None, picture: str) -> Stream:
        broadcast = self._broadcasts.find(session.id)
        return Stream(
            session=session.id,
            title=session.venue_name or session.title,
            region=session.region,
            state=session.state,
            made_at_ms=made_at_ms,
            encoder=self._inlets.state(session.id),
            picture=picture,
            here=broadcast is not None,
            kbit_s=broadcast.kbit_s() if broadcast is not None else 0,
        )


async def _as_owners_say(request: web.Request, passing: Passing, streams: Iterable[Stream]) -> list[Stream]:
    """Each row as the worker tells it that has the session's picture; of one that is away, as it looks from here."""
    told: dict[SessionId, Stream] = {}
    for number, body in (await passing.of_others(request.rel_url.raw_path_qs, bearer(request))).items():
        theirs = msgspec.json.decode(body, type=StreamsAnswer).streams if body is not None else ()
        told |= {one.session: one for one in theirs if passing.owner(one.session) == number}
    return [told.pop(one.session, one) for one in streams] + list(told.values())


def _read(conn: Connection, region: RegionCode) -> tuple[tuple[Session, ...], dict[SessionId, int]]:
    return catalogue_queries.sessions(conn, region), streaming_rows.keys_made(conn)
