"""The open rooms of this hub: every entry, wherever it comes from, passes `offer` and leaves in order to members."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, KeysView, Mapping

from msgspec import Raw

from server.bus.bus import Bus
from server.core.bodies import AnyBody, Launched
from server.core.channels import Kind, Lane
from server.core.limits import HOLE_PATIENCE_S
from server.core.model import Channel, Entry, Epoch, Head, Publication, SessionId
from server.core.protocol import Push, encode
from server.core.refusal import Code, Refusal
from server.hub.announcing import Announcer
from server.hub.counts import Counts
from server.hub.fanout import FanOut
from server.hub.mending import Mending
from server.hub.opening import Opening
from server.hub.openroom import OpenRoom, Stage
from server.hub.reading import RoomStart
from server.hub.settings import HubSettings
from server.hub.tasks import Tasks
from server.store.store import Store

EARLY_WHILE_OPENING = 4_096
_READ_HERE = frozenset({Kind.STAGE, Kind.HOUSE, Kind.AREA})
"""Kinds whose entries mean something to the hub itself."""
CHAT_PATIENCE_S = 0.4
"""How long a chat line waits for one before it: hubs announce chat every 0.1 s, and where they share only the store
they look there every 0.25 s. Without it each hub's own lines would overtake, and so exclude, those of the others."""
CHAT_WAITING = 1_000


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
        self._bus = bus
        self._fan_out = fan_out
        self._settings = settings
        self._counts = counts
        self._on_house = on_house
        self._rooms: dict[Channel, OpenRoom] = {}
        self._of_kind: dict[Kind, dict[Channel, OpenRoom]] = {kind: {} for kind in Kind}
        self._announcer = Announcer(bus)
        self._opening = Opening(store, bus, tasks, self._is_open, self._stays_shut)
        self.mending = Mending(store, bus, counts, tasks, self.offer, self._began)
        self.launch_at_ms = 0  # the latest moment of a launch that was told here
        self.doubtful: set[Channel] = set()  # may have missed something: the watch compares many heads at once

    # ---- opening and closing -----------------------------------------------------------------------------------------

    def get(self, channel: Channel) -> OpenRoom | None:
        """The room, if it is open and ready."""
        room = self._rooms.get(channel)
        return room if room is not None and room.live else None

    def of(self, *kinds: Kind) -> list[OpenRoom]:
        """Every room of those kinds of this province that is ready."""
        return [room for kind in kinds for room in self._of_kind[kind].values() if room.live and not room.home]

    def far(self, kind: Kind) -> list[OpenRoom]:
        """The same of other provinces."""
        return [room for room in self._of_kind[kind].values() if room.live and room.home]

    def names(self) -> KeysView[Channel]:
        """Of every room, ready or not."""
        return self._rooms.keys()

    @contextlib.asynccontextmanager
    async def held(self, channel: Channel) -> AsyncIterator[OpenRoom]:
        """The room, open as long as it is held or has members; opened with one read of the store however many ask at
        once. Raises `Refusal`."""
        room = self.hold(channel)
        try:
            if not room.live:
                await asyncio.shield(room.ready)
            yield room
        finally:
            self.release(room)

    def hold(self, channel: Channel) -> OpenRoom:
        """The room, which may not be `ready` yet; to be released."""
        room = self._rooms.get(channel)
        if room is None:
            room = OpenRoom(channel)
            self._rooms[channel] = self._of_kind[room.kind][channel] = room
            if room.delivery.logged:
                self._bus.subscribe(channel)
            self._opening.begin(room)
        room.holds += 1
        if room.closing is not None:
            room.closing.cancel()
            room.closing = None
        return room

    def release(self, room: OpenRoom) -> None:
        """It is not held by this one any more."""
        room.holds -= 1
        self.idle(room)

    def _is_open(self, room: OpenRoom, start: RoomStart) -> None:
        self._began(room, start)
        early, room.early = room.early, []
        for epoch, entry in early:
            self.offer(room.name, epoch, entry)
        room.ready.set_result(None)

    def _stays_shut(self, room: OpenRoom, error: BaseException) -> None:
        self._forget(room)
        room.log = None
        room.ready.set_exception(error if isinstance(error, Refusal) else _unavailable())
        room.ready.exception()  # heard, even when nobody waits any more

    def _began(self, room: OpenRoom, start: RoomStart) -> None:
        room.begin(start)
        for revoked in start.revoked:
            self._on_house(revoked)
        self.idle(room)

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
            del self._of_kind[room.kind][room.name]
            if room.delivery.logged:
                self._bus.unsubscribe(room.name)
        room.stop_timers()

    def close(self) -> None:
        """Tell the bus what still waits to be told; nothing happens by itself any more."""
        self._announcer.flush()
        for room in list(self._rooms.values()):
            self._forget(room)

    # ---- entries -----------------------------------------------------------------------------------------------------

    def publish(self, publications: Iterable[Publication]) -> None:
        """What was committed here: to the members of this hub and to the other hubs."""
        for publication in publications:
            self._counts.publications += 1
            self.offer(publication.channel, publication.epoch, publication.entry)
            self._announcer.announce(publication)

    def offer(self, channel: Channel, epoch: Epoch, entry: Entry) -> None:
        """An entry from any source. Offering one twice changes nothing."""
        room = self._rooms.get(channel)
        if room is None:
            return
        if room.log is None:
            if len(room.early) < EARLY_WHILE_OPENING:
                room.early.append((epoch, entry))
            return
        if not room.delivery.complete and epoch == room.log.epoch and entry.offset > room.log.top + 1:
            self._wait_a_moment(room, entry)
            return
        offered = room.log.offer(epoch, entry)
        if offered.deliver:
            self._deliver(room, offered.deliver)
        if offered.other_epoch:
            self.mending.mend(room, patience_s=0.0)
        elif offered.hole is not None:
            self._counts.holes += 1
            self.mending.mend(room, patience_s=HOLE_PATIENCE_S)
        if room.waiting and offered.deliver:
            self._go_on_with_chat(room)

    def _wait_a_moment(self, room: OpenRoom, entry: Entry) -> None:
        room.waiting[entry.offset] = entry
        if len(room.waiting) > CHAT_WAITING:
            self._wait_no_more(room)
        elif room.patience is None:
            room.patience = asyncio.get_running_loop().call_later(CHAT_PATIENCE_S, self._wait_no_more, room)

    def _go_on_with_chat(self, room: OpenRoom) -> None:
        """The next line is there: so may be those after it; what still waits does so for another one."""
        while (follower := room.waiting.pop(room.order.top + 1, None)) is not None:
            self._deliver(room, room.order.offer(room.order.epoch, follower).deliver)
        if room.patience is not None:
            room.patience.cancel()
            room.patience = None
        if room.waiting:
            room.patience = asyncio.get_running_loop().call_later(CHAT_PATIENCE_S, self._wait_no_more, room)

    def _wait_no_more(self, room: OpenRoom) -> None:
        """Chat may be skipped: what waits goes out as it is, in order."""
        if room.patience is not None:
            room.patience.cancel()
            room.patience = None
        waiting, room.waiting = room.waiting, {}
        for _, entry in sorted(waiting.items()):
            offered = room.order.offer(room.order.epoch, entry)
            self._deliver(room, offered.deliver)

    def _deliver(self, room: OpenRoom, entries: Iterable[Entry]) -> None:
        epoch = room.order.epoch
        lane = self._fan_out.urgent if room.delivery.lane is Lane.URGENT else self._fan_out.batched
        for entry in entries:
            if room.kind in _READ_HERE and (body := room.body(entry)) is not None:
                if isinstance(body, Launched):
                    room.launch = body.launch
                    self.launch_at_ms = max(self.launch_at_ms, body.launch.show_at_ms)
                elif room.stage is not None:
                    room.stage.fold(body, entry.at_ms)
                elif room.kind is Kind.HOUSE:
                    self._on_house(body)
            if room.lanes.members:
                lane(room.lanes, encode(push_of(room.name, epoch, entry)))

    # ---- what is missing ---------------------------------------------------------------------------------------------

    def ticked(self, tops: Mapping[Channel, Head], *, chat_too: bool = False) -> None:
        """Another hub, or the store, says how far the logs are."""
        for channel, head in tops.items():
            room = self.get(channel)
            if room is not None:
                self.mending.ticked(room, head, chat_too=chat_too)

    def rejoined(self, channels: Iterable[Channel]) -> None:
        """The bus subscribed: what was announced before that moment may be lost."""
        for name in channels:
            room = self._rooms.get(name)
            if room is not None and not room.home:
                self.doubtful.add(name)
            elif room is not None and room.live:
                self.mending.mend(room, patience_s=0.0)

    # ---- what the hub's other parts ask ------------------------------------------------------------------------------

    def tops(self) -> dict[Channel, Head]:
        """The ends of the complete channels that are live here, for the bus's ticks. Not those of persons: there may be
        one per viewer, and the hub that writes to one of them ticks for it."""
        kinds = (Kind.STAGE, Kind.DESK, Kind.FIRM, Kind.AREA, Kind.WATCH, Kind.HOUSE)
        return {room.name: Head(room.order.epoch, room.order.top) for room in self.of(*kinds)}

    def stage(self, session: SessionId) -> Stage | None:
        """What is known here of a session's stage, if its room is open."""
        room = self.get(Channel(f"{Kind.STAGE.value}/{session}"))
        return room.stage if room is not None else None


def push_of(channel: Channel, epoch: Epoch, entry: Entry) -> Push:
    """The message an entry becomes."""
    return Push(channel=channel, epoch=epoch, offset=entry.offset, at_ms=entry.at_ms, body=Raw(entry.body))


def _unavailable() -> Refusal:
    return Refusal(Code.UNAVAILABLE, temporary=True, what="store")
