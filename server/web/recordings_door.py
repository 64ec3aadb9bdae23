"""`/api/recordings`: what was recorded in a branch, for its operators: hidden from viewers at once, deleted when the
law allows it."""

import asyncio
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from server.apart.clips import Clips
from server.core import rules
from server.core.model import RegionCode, Session, SessionId
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.media import clearing
from server.store import catalogue_queries, recording_rows
from server.store.retention import DAY_MS
from server.store.store import Connection, Store
from server.web.answers import json_answer
from server.web.branch_asked import branch_asked
from server.web.issuing import bearer
from server.web.replays import Replays

DELETIONS_SHOWN: Final = 50


class Recorded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All takes of a session. `until_ms`: when the house deletes the last of it; `least_ms`: before that nobody may."""

    session: SessionId
    title: str
    from_ms: int
    to_ms: int
    bytes: int
    until_ms: int
    least_ms: int
    hidden: bool = False
    deleting: bool = False


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """A deletion, in the words of the audit log."""

    at_ms: int
    session: SessionId
    words: str


class RecordingsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/recordings?region=CODE`."""

    recordings: tuple[Recorded, ...]
    deleted: tuple[Gone, ...]
    kept_days: int


class RecordingsDoor:
    """Handlers of the addresses."""

    def __init__(
        self, *, hub: Hub, store: Store, tree: RegionTree, replays: Replays, clips: Clips, kept_days: int
    ) -> None:
        self._hub = hub
        self._store = store
        self._tree = tree
        self._replays = replays
        self._clips = clips
        self._kept_days = kept_days

    async def all(self, request: web.Request) -> web.Response:
        """What this hub's directory holds of the branch, the newest first. Raises `Refusal`."""
        region = branch_asked(request, self._hub, self._tree)
        sessions, hidden, gone = await self._store.read(_read, region)
        takes = await asyncio.to_thread(_takes, self._replays.root)
        rows = [self._row(session, takes[id], hidden.get(id)) for id, session in sessions.items() if id in takes]
        rows.sort(key=lambda row: row.to_ms, reverse=True)
        deleted = (Gone(at_ms=at, session=SessionId(of), words=words) for at, of, words in gone if of in sessions)
        answer = RecordingsAnswer(recordings=tuple(rows), deleted=tuple(deleted), kept_days=self._kept_days)
        return json_answer(answer)

    def _row(self, session: Session, takes: list[clearing.Take], hidden: recording_rows.Hidden | None) -> Recorded:
        to_ms = max(take.to_ms for take in takes)
        deleting = hidden is not None and hidden.delete
        kept_ms = recording_rows.LEAST_MS if deleting else self._kept_days * DAY_MS
        return Recorded(
            session=session.id,
            title=session.venue_name or session.title,
            from_ms=min(take.from_ms for take in takes),
            to_ms=to_ms,
            bytes=sum(take.bytes for take in takes),
            until_ms=to_ms + kept_ms,
            least_ms=to_ms + recording_rows.LEAST_MS,
            hidden=hidden is not None,
            deleting=deleting,
        )

    async def decide(self, request: web.Request) -> web.Response:
        """`POST /api/recordings/SESSION/hide`, `show` or `delete`. Hiding takes effect at once; deleting hides at once
        and deletes when 60 days are over. Raises `Refusal`."""
        principal = self._hub.verify(bearer(request))
        session = SessionId(request.match_info["session"])
        found = await self._store.read(catalogue_queries.session, session)
        rules.require_operator(principal, self._tree.path(found.region))
        who = recording_rows.Deciding(by=principal.person, at_ms=self._hub.clock_ms())
        what = request.match_info["what"]
        if what == "show":
            await self._store.transact(recording_rows.show, session, who)
        else:
            await self._store.transact(recording_rows.hide, session, who, delete=what == "delete")
            await asyncio.to_thread(self._clips.forget, session)
        self._replays.forget(session)
        return json_answer({"session": session, "hidden": what != "show"})


def _takes(root: Path) -> dict[SessionId, list[clearing.Take]]:
    found: dict[SessionId, list[clearing.Take]] = {}
    for take in clearing.takes(root, growing=True):
        found.setdefault(take.session, []).append(take)
    return found


def _read(
    conn: Connection, region: RegionCode
) -> tuple[dict[SessionId, Session], dict[SessionId, recording_rows.Hidden], list[tuple[int, str, str]]]:
    sessions = {session.id: session for session in catalogue_queries.sessions(conn, region)}
    return sessions, recording_rows.hidden(conn), recording_rows.deletions(conn, DELETIONS_SHOWN)
