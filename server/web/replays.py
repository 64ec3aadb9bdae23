"""What may be seen of recordings, and known of them: films, chapters, gaps, for all doors that show some."""

import asyncio
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Final

import msgspec

from server.core.bodies import AnyBody, decode_body
from server.core.channels import Kind, channel
from server.core.chapters import Chapter, chapters
from server.core.model import ON_AIR, Session, SessionId, SessionState, is_rehearsal
from server.media import recordings
from server.store import catalogue_queries, log_queries, recording_rows
from server.store.store import Connection, Store

STAGE_MOST: Final = 20_000
"""Entries of a stage that are read for its chapters: a day of one card every four seconds."""
KNOWN_S: Final = 5.0
ABOUT_S: Final = 2.0
SESSIONS_KNOWN: Final = 200
SEEN: Final = ON_AIR | {SessionState.ENDED}
PREROLL_MS: Final = 1_500
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
    holes: tuple[recordings.Hole, ...] = ()


NOTHING: Final = ReplayAnswer(duration_s=0)


class Replays:
    """Reads the directory of recordings and the log beside it."""

    def __init__(self, *, store: Store, root: Path) -> None:
        """`root`: the directory of recordings."""
        self.root = root
        self._store = store
        self._known: OrderedDict[SessionId, tuple[float, tuple[recordings.Film, ...]]] = OrderedDict()
        self._stamped: OrderedDict[SessionId, tuple[object, tuple[recordings.Film, ...]]] = OrderedDict()
        self._turns: Counter[SessionId] = Counter()
        self._abouts: OrderedDict[SessionId, tuple[float, ReplayAnswer]] = OrderedDict()
        self._one = asyncio.Lock()

    async def films(self, session: SessionId) -> tuple[recordings.Film, ...]:
        """What viewers may see of it, at most KNOWN_S old; nothing where they may see nothing. Raises `Refusal`."""
        now_s = asyncio.get_running_loop().time()
        known = self._known.get(session)
        if known is not None and known[0] > now_s:
            return known[1]
        turn = self._turns[session]
        films = await self._read_films(session) if await self._store.read(_may_be_seen, session) else ()
        if turn != self._turns[session]:  # hidden, or shown again, while it was read
            return await self._read_films(session) if await self._store.read(_may_be_seen, session) else ()
        if films:
            self._known[session] = (now_s + KNOWN_S, films)
        while len(self._known) > SESSIONS_KNOWN:
            self._known.popitem(last=False)
        return films

    def forget(self, session: SessionId) -> None:
        """It was hidden, or shown again."""
        self._known.pop(session, None)
        self._abouts.pop(session, None)
        self._turns[session] += 1

    def turn(self, session: SessionId) -> int:
        """Grows when what was answered about it is true no more."""
        return self._turns[session]

    async def about(self, session: SessionId) -> ReplayAnswer:
        """Length, chapters and holes of it, at most ABOUT_S old. Raises `Refusal`."""
        async with self._one:  # many ask for clips of one session at once; the log of its stage is read once
            now_s = asyncio.get_running_loop().time()
            known = self._abouts.get(session)
            if known is None or known[0] < now_s:
                turn = self._turns[session]
                known = (now_s + ABOUT_S, await self._make_about(session))
                if turn == self._turns[session]:
                    self._abouts[session] = known
                while len(self._abouts) > SESSIONS_KNOWN:
                    self._abouts.popitem(last=False)
            return known[1]

    async def _make_about(self, session: SessionId) -> ReplayAnswer:
        found, seen, entries = await self._store.read(_read, session)
        films = await self._read_films(session) if seen else ()
        if not films:
            return NOTHING
        gaps = await asyncio.to_thread(recordings.read_gaps, self.root, session)
        last = films[-1].pieces[-1]
        from_ms, to_ms = films[0].pieces[0].at_ms, last.at_ms + round(last.duration_s * 1000)
        explained = tuple(
            Explained(**msgspec.structs.asdict(one), second=recordings.second_of(films, one.from_ms - PREROLL_MS))
            for one in chapters(entries, None if found.state in ON_AIR else to_ms)
            if recordings.between(films, one.from_ms, one.to_ms)
        )
        return ReplayAnswer(
            duration_s=sum(piece.duration_s for film in films for piece in film.pieces),
            from_ms=from_ms,
            to_ms=to_ms,
            chapters=explained,
            holes=recordings.holes(films, gaps),
        )

    async def _read_films(self, session: SessionId) -> tuple[recordings.Film, ...]:
        """The index of a day takes 10 ms to read: once, until it grows."""
        stamp = await asyncio.to_thread(recordings.stamp, self.root, session)
        kept = self._stamped.get(session)
        if kept is None or kept[0] != stamp:
            kept = self._stamped[session] = (stamp, await asyncio.to_thread(recordings.read, self.root, session))
            while len(self._stamped) > SESSIONS_KNOWN:
                self._stamped.popitem(last=False)
        return kept[1]


def _may_be_seen(conn: Connection, session: SessionId) -> bool:
    return _seen(conn, catalogue_queries.session(conn, session))


def _seen(conn: Connection, session: Session) -> bool:
    """What an operator cut off or hid is kept, for whom the law gives it to, and shown to nobody."""
    open_to_all = session.state in SEEN and not session.cut_off and not is_rehearsal(session.id)
    return open_to_all and not recording_rows.is_hidden(conn, session.id)


def _read(conn: Connection, session: SessionId) -> tuple[Session, bool, list[tuple[int, AnyBody]]]:
    found = catalogue_queries.session(conn, session)
    stage = log_queries.entries(conn, channel(Kind.STAGE, session), 0, STAGE_MOST)
    return found, _seen(conn, found), [(entry.at_ms, decode_body(entry.body)) for entry in stage]
