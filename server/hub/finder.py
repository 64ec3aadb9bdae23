"""The search index of a hub, kept as fresh as the store: made in small pieces beside everything else, then followed.

Every hub has its own. It asks the store what changed, so that it does not matter which hub, import or reviewer changed
it, and no message can be lost. Between two pieces the loop is free: a piece is under 3 ms, a position 0.1 ms.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from server.core.days import day_of
from server.core.model import PositionId, SessionId
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.search import Found, Index, Query, search
from server.hub.tasks import Tasks
from server.store import finding_queries
from server.store.finding_queries import Changed
from server.store.store import Store

POLL_S: Final = 1.0
"""How old what a search says of halls and positions may be."""
LATE_MS: Final = 15_000
"""A transaction that began this long ago may still bring a change with its own time."""
LOOK_BACK_EVERY: Final = 5
"""Polls between two looks at what came late."""
READ_AT_ONCE: Final = 100
PUT_AT_ONCE: Final = 20
CHANGED_AT_ONCE: Final = 2_000
DEAD_LIMIT: Final = 2_000


class Finder:
    """The index of the store's positions. `ready` once everything was put in for the first time."""

    def __init__(self, store: Store, tree: RegionTree, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._tree = tree
        self._clock_ms = clock_ms
        self._index = Index(tree)
        self._known: dict[PositionId, int] = {}
        self._shelves: dict[SessionId, int] = {}
        self._seen: tuple[int, str] = (-1, "")
        self._polls = 0
        self._day = day_of(clock_ms())
        self.ready = False

    def start(self, tasks: Tasks) -> None:
        """Fill the index and follow the store, in the background."""
        tasks.start(self._begin(tasks), name="finder fills")

    def search(self, query: Query) -> Found:
        """What is found now. Raises `Refusal`: UNAVAILABLE (temporary) until the index is filled, TEXT_TOO_LONG."""
        if not self.ready:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="search")
        return search(self._index, query)

    @property
    def size(self) -> int:
        """How many positions seekers may see."""
        return len(self._index)

    def ids(self, start: int, number: int) -> list[PositionId]:
        """So many of them, from that one on, in no order anybody should rely on."""
        return self._index.ids(start, number)

    async def refresh(self) -> None:
        """Bring the index up to what the store says now. Raises `Refusal` when it does not answer; what was there
        stays."""
        self._polls += 1
        today = day_of(self._clock_ms())
        if today != self._day:
            # What was valid until yesterday goes. No row changed, so everything is asked again.
            self._day = today
            await self._make_anew()
        await self._follow_positions(look_back=self._polls % LOOK_BACK_EVERY == 0)
        await self._follow_halls(self._index, self._shelves)
        if self._index.dead > max(DEAD_LIMIT, len(self._index)):
            await self._make_anew()
        self.ready = True

    async def _begin(self, tasks: Tasks) -> None:
        """At once, then again and again, whatever comes of the first time."""
        try:
            await self.refresh()
        except Refusal:
            pass
        finally:
            tasks.every(POLL_S, self.refresh, name="finder follows")

    async def _follow_positions(self, *, look_back: bool) -> None:
        at_ms, after = self._seen
        if look_back and (late := self._clock_ms() - LATE_MS) < at_ms:
            at_ms, after = late, ""
        while True:
            rows = await self._store.read(finding_queries.changed, at_ms, after, CHANGED_AT_ONCE)
            fresh = [row for row in rows if self._known.get(row.id) != row.changed_at_ms]
            for start in range(0, len(fresh), READ_AT_ONCE):
                await self._put(self._index, fresh[start : start + READ_AT_ONCE])
            if rows:
                at_ms, after = rows[-1].changed_at_ms, rows[-1].id
                self._seen = max(self._seen, (at_ms, str(after)))
            if len(rows) < CHANGED_AT_ONCE:
                return

    async def _put(self, index: Index, rows: list[Changed]) -> None:
        """These positions as they are now; those nobody may see any more go."""
        changed = {row.id: row.changed_at_ms for row in rows}
        positions = await self._store.read(finding_queries.shown, changed.keys(), self._day)
        for gone in changed.keys() - {position.id for position in positions}:
            index.drop(gone)
        positions.sort(key=lambda position: (changed[position.id], position.id))
        for n, position in enumerate(positions):
            index.put(position, changed[position.id])
            if n % PUT_AT_ONCE == PUT_AT_ONCE - 1:
                await asyncio.sleep(0)
        self._known.update(changed)

    async def _follow_halls(self, index: Index, shelves: dict[SessionId, int]) -> None:
        for row in await self._store.read(finding_queries.halls):
            session = row.hall.session
            if shelves.get(session) != row.shelf_revision:
                index.shelf(session, await self._store.read(finding_queries.numbers, session))
                shelves[session] = row.shelf_revision
            index.hall(row.hall)

    async def _make_anew(self) -> None:
        """After many changes most places are dead: a fresh index takes over when it is whole."""
        index, shelves = Index(self._tree), dict[SessionId, int]()
        rows = sorted((changed_at_ms, id) for id, changed_at_ms in self._known.items())
        for start in range(0, len(rows), READ_AT_ONCE):
            await self._put(index, [Changed(id, at) for at, id in rows[start : start + READ_AT_ONCE]])
        await self._follow_halls(index, shelves)
        self._index, self._shelves = index, shelves
