"""Heads: the hub tells the bus how far its logs are, and asks the store now and then how far they really are.

So a province with several hubs stays whole without Redis (DESIGN 7), and what was committed but never announced (an
import by another process, a hub that died between commit and announcement) reaches the rooms all the same.
"""

import asyncio

from server.bus.bus import Bus
from server.core.channels import Kind
from server.core.model import Channel
from server.hub.rooms import Rooms
from server.hub.settings import HubSettings
from server.hub.tasks import Tasks
from server.store import log_queries
from server.store.store import Store

CHANNELS_PER_READ = 500
"""me/ channels asked for at once: there may be one per viewer, so they take turns."""
LOOK_S = 0.05
"""How soon channels that may have missed something are compared with the store: many come at once."""
SHARED = (Kind.STAGE, Kind.CHAT, Kind.DESK, Kind.FIRM, Kind.AREA, Kind.WATCH, Kind.HOUSE)


class HeadWatch:
    """`silent` is set while the bus has no link to its peers."""

    def __init__(self, store: Store, bus: Bus, rooms: Rooms, settings: HubSettings) -> None:
        self._store = store
        self._bus = bus
        self._rooms = rooms
        self._settings = settings
        self._turn = 0
        self._polled_s = 0.0
        self.silent = False

    def start(self, tasks: Tasks) -> None:
        """Watch until the tasks are closed."""
        tasks.every(LOOK_S, self.doubts, name="a look at the heads in doubt")
        tasks.every(self._settings.poll_silent_s, self._poll_when_due, name="a look at the heads")

    async def _poll_when_due(self) -> None:
        now_s = asyncio.get_running_loop().time()
        every_s = self._settings.poll_silent_s if self.silent else self._settings.poll_heads_s
        if now_s - self._polled_s >= every_s - LOOK_S:
            self._polled_s = now_s
            await self.poll()

    async def poll(self) -> None:
        """Ask the store for the heads of the live channels once. Raises `Refusal` when it does not answer."""
        self._bus.set_tops(self._rooms.tops())
        asked = [room.name for room in self._rooms.of(*SHARED)]
        persons = [room.name for room in self._rooms.of(Kind.ME)]
        if persons:
            start = self._turn % len(persons)
            asked += (persons[start:] + persons[:start])[:CHANNELS_PER_READ]
            self._turn = start + CHANNELS_PER_READ
        await self._compare(asked)

    async def doubts(self) -> None:
        """The same for the channels that may have missed something. Raises `Refusal`."""
        doubtful = self._rooms.doubtful
        ready = [name for name in doubtful if self._rooms.get(name) is not None][:CHANNELS_PER_READ]
        doubtful.difference_update(ready)
        try:
            await self._compare(ready)
        except BaseException:
            doubtful.update(ready)
            raise
        if not ready:
            doubtful.intersection_update(self._rooms.names())  # what was closed meanwhile is not in doubt any more

    async def _compare(self, names: list[Channel]) -> None:
        if names:
            self._rooms.ticked(await self._store.read(log_queries.heads, names), chat_too=True)
