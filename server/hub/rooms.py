"""The open rooms of this hub: every entry, wherever it comes from, passes `offer`, and leaves in order to the members.

What is missing is read: from the bus's shelf, else from the store. What cannot be continued is started afresh, and the
members are told (second promise).
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from msgspec import Raw

from server.bus.bus import Bus
from server.core.bodies import AnyBody, decode_body
from server.core.channels import Kind, Lane
from server.core.limits import CHAT_BACKLOG, HOLE_PATIENCE_S, RING_ENTRIES
from server.core.model import Channel, Entry, Epoch, Head, Publication, SessionId
from server.core.protocol import Push, Restart, encode
from server.core.refusal import Code, Refusal
from server.core.room import Room
from server.hub.announcing import Announcer
from server.hub.counts import Counts
from server.hub.fanout import FanOut
from server.hub.openroom import OpenRoom, Stage
from server.hub.reading import RoomStart, read_after, read_start
from server.hub.settings import HubSettings
from server.hub.tasks import Tasks
from server.store.store import Store

log = logging.getLogger(__name__)

MEND_READ_ENTRIES = 1_000
MEND_TRIES = 8
EARLY_WHILE_OPENING = 4_096


class Rooms:
    """Invariant: a room stands in `_rooms` from its first joiner on, and the bus is subscribed before the store is
    read, so nothing falls between the two."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        fan_out: FanOut,
        settings: HubSettings,
        counts: Counts,
        tasks: Tasks,
        on_house: Callable[[AnyBody], None],
    ) -> None:
        self._store = store
        self._bus = bus
        self._fan_out = fan_out
        self._settings = settings
        self._counts = counts
        self._tasks = tasks
        self._on_house = on_house
        self._rooms: dict[Channel, OpenRoom] = {}
        self._announcer = Announcer(bus)

    # ---- opening and closing -----------------------------------------------------------------------------------------

    def get(self, channel: Channel) -> OpenRoom | None:
        """The room, if it is open and ready."""
        room = self._rooms.get(channel)
        return room if room is not None and room.live else None

    def all(self) -> Iterable[OpenRoom]:
        """Every room that is ready."""
        return [room for room in self._rooms.values() if room.live]

    @contextlib.asynccontextmanager
    async def held(self, channel: Channel) -> AsyncIterator[OpenRoom]:
        """The room, open as long as it is held or has members; opened with one read of the store however many ask at
        once. Raises `Refusal`."""
        room = self._rooms.get(channel)
        if room is None:
            room = self._rooms[channel] = OpenRoom(channel)
            if room.delivery.logged:
                self._bus.subscribe(channel)
            self._tasks.start(self._open(room), name=f"open {room.kind}")
        room.holds += 1
        if room.closing is not None:
            room.closing.cancel()
            room.closing = None
        try:
            if not room.live:
                await asyncio.shield(room.ready)
            yield room
        finally:
            room.holds -= 1
            self.idle(room)

    async def _open(self, room: OpenRoom) -> None:
        room.reading = True
        try:
            backlog = RING_ENTRIES if room.kind is Kind.STAGE else CHAT_BACKLOG if room.kind is Kind.CHAT else 0
            start = await self._store.read(read_start, room.name, backlog)
        except BaseException as error:
            self._forget(room)
            if not room.ready.done():
                room.ready.set_exception(error if isinstance(error, Refusal) else _unavailable())
                room.ready.exception()  # heard, even when nobody waits any more
            if not isinstance(error, Refusal):
                raise
            return
        self._begin(room, start)
        early, room.early = room.early, []
        for epoch, entry in early:
            self.offer(room.name, epoch, entry)
        room.ready.set_result(None)
        if room.read_again:
            self.mend(room, patience_s=0.0)

    def _begin(self, room: OpenRoom, start: RoomStart) -> None:
        head = start.head
        first = start.backlog[0].offset - 1 if start.backlog else head.offset
        order = Room(room.name, head.epoch, first, complete=room.delivery.complete)
        for entry in start.backlog:
            order.offer(head.epoch, entry)
        room.log = order
        if start.session is not None:
            room.stage = Stage(start.session, start.stage)

    def idle(self, room: OpenRoom) -> None:
        """Close the room after its grace, unless somebody is in it or holds it."""
        if room.wanted or room.closing is not None or self._rooms.get(room.name) is not room:
            return
        grace_s = 0.0 if room.kind is Kind.ME else self._settings.room_grace_s
        room.closing = asyncio.get_running_loop().call_later(grace_s, self._close_idle, room)

    def _close_idle(self, room: OpenRoom) -> None:
        room.closing = None
        if not room.wanted:
            self._forget(room)

    def _forget(self, room: OpenRoom) -> None:
        if self._rooms.get(room.name) is room:
            del self._rooms[room.name]
            if room.delivery.logged:
                self._bus.unsubscribe(room.name)
        if room.mending is not None:
            room.mending.cancel()

    # ---- entries -----------------------------------------------------------------------------------------------------

    def publish(self, publications: Iterable[Publication]) -> None:
        """What was committed here: to the members of this hub and to the other hubs."""
        for publication in publications:
            self._counts.publications += 1
            self.offer(publication.channel, publication.epoch, publication.entry)
            self._announcer.announce(publication)

    def close(self) -> None:
        """Tell the bus what still waits to be told."""
        self._announcer.flush()

    def offer(self, channel: Channel, epoch: Epoch, entry: Entry) -> None:
        """An entry from any source. Offering one twice changes nothing."""
        room = self._rooms.get(channel)
        if room is None:
            return
        if room.log is None:
            if len(room.early) < EARLY_WHILE_OPENING:
                room.early.append((epoch, entry))
            return
        offered = room.log.offer(epoch, entry)
        if offered.deliver:
            self._deliver(room, offered.deliver)
        if offered.other_epoch:
            self.mend(room, patience_s=0.0)
        elif offered.hole is not None:
            self._counts.holes += 1
            self.mend(room, patience_s=HOLE_PATIENCE_S)

    def _deliver(self, room: OpenRoom, entries: Iterable[Entry]) -> None:
        epoch = room.order.epoch
        lane = self._fan_out.urgent if room.delivery.lane is Lane.URGENT else self._fan_out.batched
        for entry in entries:
            if room.stage is not None:
                room.stage.fold(decode_body(entry.body), entry.at_ms)
            if room.kind is Kind.HOUSE:
                self._on_house(decode_body(entry.body))
            for joiner in room.joiners:
                joiner.live.append(entry)
            if room.lanes.members:
                lane(room.lanes, encode(push_of(room.name, epoch, entry)))

    # ---- what is missing ---------------------------------------------------------------------------------------------

    def ticked(self, tops: Mapping[Channel, Head], *, chat_too: bool = False) -> None:
        """Another hub, or the store, says how far the logs are."""
        for channel, head in tops.items():
            room = self.get(channel)
            if room is None:
                continue
            late_chat = chat_too and not room.delivery.complete and head.offset > room.order.top
            if room.order.behind(head.epoch, head.offset) or late_chat:
                self.mend(room, patience_s=0.0)

    def rejoined(self, channel: Channel) -> None:
        """The bus subscribed: what was announced before that moment may be lost, unless the store is read after it."""
        room = self._rooms.get(channel)
        if room is None:
            return
        if room.live:
            self.mend(room, patience_s=0.0)
        else:
            room.read_again = room.reading

    def mend(self, room: OpenRoom, *, patience_s: float) -> None:
        """Read what the room lacks, after a little patience; one reader per room."""
        if room.mending is None or room.mending.done():
            room.mending = self._tasks.start(self._mend(room, patience_s), name=f"mend {room.kind}")

    async def _mend(self, room: OpenRoom, patience_s: float) -> None:
        await asyncio.sleep(patience_s)
        if patience_s and room.order.hole is None:
            return  # the missing one came by itself
        for attempt in range(MEND_TRIES):
            top = room.order.top
            try:
                if await self._read_on(room):
                    return
            except Refusal:
                await asyncio.sleep(min(2.0, 0.1 * 2**attempt))  # the store is away: keep what we have
                continue
            if room.order.top == top:
                await asyncio.sleep(0.05 * 2**attempt)
        if room.order.hole is not None:
            with contextlib.suppress(Refusal):  # the store is still away: the next tick or entry tries again
                await self._start_afresh(room)

    async def _read_on(self, room: OpenRoom) -> bool:
        """Read once from where the room stands. True: the room is at the end of the log."""
        order = room.order
        if room.delivery.complete and order.hole is not None:
            entries = await self._shelf(room)
            for entry in entries:
                self.offer(room.name, order.epoch, entry)
            if entries and room.order.hole is None:
                return True
        head, entries = await self._store.read(read_after, room.name, order.top, MEND_READ_ENTRIES)
        self._counts.store_fills += 1
        if head.epoch != order.epoch or head.offset < order.top:
            await self._start_afresh(room)
            return True
        for entry in entries:
            self.offer(room.name, head.epoch, entry)
        return order.top >= head.offset and order.hole is None

    async def _shelf(self, room: OpenRoom) -> tuple[Entry, ...]:
        order = room.order
        try:
            return await self._bus.history(room.name, order.epoch, order.top, MEND_READ_ENTRIES)
        except Refusal:
            return ()

    async def _start_afresh(self, room: OpenRoom) -> None:
        """The room cannot be continued: members are told to join again, and the room begins where the log is now."""
        start = await self._store.read(read_start, room.name, 0)
        self._counts.restarts += 1
        members = list(room.lanes.members)
        room.lanes.members.clear()
        room.order.restart(start.head.epoch, start.head.offset)
        if start.session is not None:
            room.stage = Stage(start.session, start.stage)
        message = Restart(channel=room.name)
        for member in members:
            member.channels.discard(room.name)
            member.send(message)
        self.idle(room)

    # ---- what the hub's other parts ask ------------------------------------------------------------------------------

    def tops(self) -> dict[Channel, Head]:
        """The ends of the complete channels that are live here, for the bus's ticks."""
        return {room.name: Head(room.order.epoch, room.order.top) for room in self.all() if room.delivery.complete}

    def stage(self, session: SessionId) -> Stage | None:
        """What is known here of a session's stage, if its room is open."""
        room = self.get(Channel(f"{Kind.STAGE.value}/{session}"))
        return room.stage if room is not None else None


def push_of(channel: Channel, epoch: Epoch, entry: Entry) -> Push:
    """The message an entry becomes."""
    return Push(channel=channel, epoch=epoch, offset=entry.offset, at_ms=entry.at_ms, body=Raw(entry.body))


def _unavailable() -> Refusal:
    return Refusal(Code.UNAVAILABLE, temporary=True, what="store")
