"""Heads: the hub tells the bus how far its logs are, and asks the store now and then how far they really are.

So a province with several hubs stays whole without Redis (DESIGN 7), and what was committed but never announced (an
import by another process, a hub that died between commit and announcement) reaches the rooms all the same.
"""

import asyncio
import logging

from server.bus.bus import Bus
from server.core.channels import Kind
from server.core.refusal import Refusal
from server.hub.rooms import Rooms
from server.hub.settings import HubSettings
from server.store import log_queries
from server.store.store import Store

log = logging.getLogger(__name__)

PERSONS_PER_POLL = 500
"""me/ channels asked for at once: there may be one per viewer, so they take turns."""


class HeadWatch:
    """`silent` is set while the bus has no link to its peers."""

    def __init__(self, store: Store, bus: Bus, rooms: Rooms, settings: HubSettings) -> None:
        self._store = store
        self._bus = bus
        self._rooms = rooms
        self._settings = settings
        self._turn = 0
        self.silent = False

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            every_s = self._settings.poll_silent_s if self.silent else self._settings.poll_heads_s
            await asyncio.sleep(every_s)
            self._bus.set_tops(self._rooms.tops())
            try:
                await self.poll()
            except Refusal:
                log.warning("heads are late: the store does not answer")

    async def poll(self) -> None:
        """Ask the store once. Raises `Refusal` when it does not answer."""
        rooms = [room for room in self._rooms.all() if room.delivery.logged]
        asked = [room.name for room in rooms if room.kind is not Kind.ME]
        persons = [room.name for room in rooms if room.kind is Kind.ME]
        if persons:
            start = self._turn % len(persons)
            asked += (persons + persons)[start : start + min(PERSONS_PER_POLL, len(persons))]
            self._turn = start + PERSONS_PER_POLL
        if asked:
            self._rooms.ticked(await self._store.read(log_queries.heads, asked), chat_too=True)
