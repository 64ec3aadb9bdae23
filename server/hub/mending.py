"""What a room lacks is read: from the bus's shelf, else from the store. What cannot be continued begins afresh, and the
members are told (second promise)."""

import asyncio
import contextlib
from collections.abc import Callable

from server.bus.bus import Bus
from server.core.limits import RING_ENTRIES
from server.core.model import Channel, Entry, Epoch, Head
from server.core.protocol import Restart
from server.core.refusal import Refusal
from server.hub.counts import Counts
from server.hub.far import far_can_continue, read_far_start
from server.hub.openroom import OpenRoom
from server.hub.reading import RoomStart, read_after, read_start
from server.hub.tasks import Tasks
from server.store.store import Store

READ_ENTRIES = 1_000
TRIES = 8


class Mending:
    """One reader per room. `offer` takes what was read, `began` hears of each room that begins."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        counts: Counts,
        tasks: Tasks,
        offer: Callable[[Channel, Epoch, Entry], None],
        began: Callable[[OpenRoom, RoomStart], None],
    ) -> None:
        self._store = store
        self._bus = bus
        self._counts = counts
        self._tasks = tasks
        self._offer = offer
        self._began = began

    def ticked(self, room: OpenRoom, head: Head, *, chat_too: bool) -> None:
        """Another hub, or the store, says how far the log is."""
        late_chat = chat_too and not room.delivery.complete and head.offset > room.order.top
        if room.order.behind(head.epoch, head.offset) or late_chat:
            self.mend(room, patience_s=0.0)

    def mend(self, room: OpenRoom, *, patience_s: float) -> None:
        """Read what the room lacks, after a little patience."""
        if room.mending is None or room.mending.done():
            room.mending = self._tasks.start(self._mend(room, patience_s), name=f"mend {room.kind}")

    async def _mend(self, room: OpenRoom, patience_s: float) -> None:
        await asyncio.sleep(patience_s)
        if patience_s and room.order.hole is None:
            return  # the missing one came by itself
        answered = False
        for attempt in range(TRIES):
            top = room.order.top
            try:
                if await self._read_on(room):
                    return
                answered = True
            except Refusal:
                await asyncio.sleep(min(2.0, 0.1 * 2**attempt))  # the store is away: keep what we have
                continue
            if room.order.top == top:
                await asyncio.sleep(0.05 * 2**attempt)
        # Only a store that answered, and did not have it, proves that the log cannot be continued. Otherwise the next
        # entry, tick or look at the heads tries again.
        if answered and room.order.hole is not None:
            with contextlib.suppress(Refusal):
                await self._start_afresh(room)

    async def _read_on(self, room: OpenRoom) -> bool:
        """Read once from where the room stands. True: the room is at the end of the log."""
        order = room.order
        if room.home:
            if not await far_can_continue(self._bus, room, self._offer):
                await self._start_afresh(room)
            return True
        if room.delivery.complete and order.hole is not None:
            entries = await self._shelf(room)
            for entry in entries:
                self._offer(room.name, order.epoch, entry)
            if entries and room.order.hole is None:
                return True
        top = order.top  # it may move while the store is read, past the end of what is read
        head, entries = await self._store.read(read_after, room.name, top, READ_ENTRIES)
        self._counts.store_fills += 1
        if head.epoch != order.epoch or head.offset < top:
            await self._start_afresh(room)
            return True
        for entry in entries:
            self._offer(room.name, head.epoch, entry)
        return order.top >= head.offset and order.hole is None

    async def _shelf(self, room: OpenRoom) -> tuple[Entry, ...]:
        order = room.order
        try:
            return await self._bus.history(room.name, order.epoch, order.top, READ_ENTRIES)
        except Refusal:
            return ()

    async def _start_afresh(self, room: OpenRoom) -> None:
        """Members are told to join again, and the room begins where the log is now."""
        if room.home:
            start = await read_far_start(self._bus, room.name)
        else:
            start = await self._store.read(read_start, room.name, RING_ENTRIES)
        self._counts.restarts += 1
        members = room.empty()
        self._began(room, start)
        message = Restart(channel=room.name)
        for member in members:
            member.channels.discard(room.name)
            member.send(message)
