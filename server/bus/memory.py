"""The bus between hubs of one process: what a county uses, and what the tests hold against Redis.

An `Exchange` is what Redis is for the others: sets, snapshots and who listens. It is bounded in memory; what it has
forgotten is in the store.
"""

import asyncio
import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from server.bus.bus import SET_ENTRIES, TICK_S, Announcement, Bus, Listener, Snapshot, tell, usable
from server.bus.outgoing import Outgoing
from server.bus.ticks import TickBook
from server.core.model import Channel, Entry, Epoch, Head

SETS_KEPT: Final = 4_096
"""Channels with a set; the one longest not written to is forgotten first."""


class Exchange:
    """What several `MemoryBus` share."""

    def __init__(self) -> None:
        self._sets: OrderedDict[tuple[Channel, Epoch], dict[int, Entry]] = OrderedDict()
        self._snapshots: OrderedDict[Channel, Snapshot] = OrderedDict()
        self.buses: list[MemoryBus] = []

    def keep(self, announcement: Announcement) -> None:
        """Put the entries into their set; those there already stay as they are."""
        place = (announcement.channel, announcement.epoch)
        kept = self._sets.setdefault(place, {})
        self._sets.move_to_end(place)
        for entry in announcement.entries:
            kept.setdefault(entry.offset, entry)
        for offset in sorted(kept)[:-SET_ENTRIES] if len(kept) > SET_ENTRIES else ():
            del kept[offset]
        if len(self._sets) > SETS_KEPT:
            self._sets.popitem(last=False)

    def kept(self, channel: Channel, epoch: Epoch, after: int, limit: int) -> list[Entry]:
        """Up to `limit` kept entries above `after`, by offset."""
        kept = self._sets.get((channel, epoch), {})
        return [kept[offset] for offset in sorted(kept) if offset > after][:limit]

    def put_snapshot(self, channel: Channel, snapshot: Snapshot) -> None:
        """Keep it unless a later one of the same epoch is there."""
        there = self._snapshots.get(channel)
        if there is None or there.epoch != snapshot.epoch or there.offset <= snapshot.offset:
            self._snapshots[channel] = snapshot
            self._snapshots.move_to_end(channel)
            if len(self._snapshots) > SETS_KEPT:
                self._snapshots.popitem(last=False)

    def snapshot(self, channel: Channel) -> Snapshot | None:
        """The kept one."""
        return self._snapshots.get(channel)

    def forget(self) -> None:
        """Lose everything that is kept, as an emptied Redis does."""
        self._sets.clear()
        self._snapshots.clear()


class MemoryBus(Bus):
    """One hub's end; without an exchange that of a hub that is alone, and then nothing is kept for others: what this
    hub itself has missed is in the store.

    Like over a network, nothing reaches a listener before the call that caused it has returned."""

    def __init__(self, exchange: Exchange | None = None, *, tick_s: float = TICK_S) -> None:
        self.hub = secrets.token_hex(8)
        self._alone = exchange is None
        self._exchange = exchange or Exchange()
        self._tick_s = tick_s
        self._listener: Listener | None = None
        self._wanted: set[Channel] = set()
        self._new: set[Channel] = set()  # wanted since the last turn of the loop
        self._out = Outgoing()
        self._ticks = TickBook()
        self._task: asyncio.Task[None] | None = None
        self._flushing = False

    async def meet(self, protocol: int, now_ms: int) -> None:
        return  # all in one process

    async def start(self, listener: Listener) -> None:
        self._listener = listener
        self._exchange.buses.append(self)
        self._task = asyncio.create_task(self._tick_forever(), name="memory bus ticks")
        for channel in self._wanted:
            self._soon(self._rejoined, frozenset({channel}))
        self._flush_soon()

    async def close(self) -> None:
        if self._task is None:
            return
        task, self._task = self._task, None
        self._flush()
        self._listener = None
        self._exchange.buses.remove(self)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def announce(self, announcement: Announcement) -> None:
        if self._alone or not announcement.entries:
            return
        self._ticks.announced(announcement)
        self._out.announce(announcement)
        self._flush_soon()

    def subscribe(self, channel: Channel) -> None:
        if channel not in self._wanted:
            self._wanted.add(channel)
            if self._listener is not None and not self._alone:
                if not self._new:
                    self._soon(self._told_of_new)
                self._new.add(channel)

    def unsubscribe(self, channel: Channel) -> None:
        self._wanted.discard(channel)

    async def history(self, channel: Channel, epoch: Epoch, after: int, limit: int) -> tuple[Entry, ...]:
        return usable(channel, after, self._exchange.kept(channel, epoch, after, limit))

    def set_tops(self, tops: Mapping[Channel, Head]) -> None:
        self._ticks.set_tops(tops)

    def pulse(self, name: str, data: bytes) -> None:
        self._out.pulse(name, data)
        self._flush_soon()

    def put_snapshot(self, channel: Channel, snapshot: Snapshot) -> None:
        self._out.put_snapshot(channel, snapshot)
        self._flush_soon()

    async def snapshot(self, channel: Channel) -> Snapshot | None:
        return self._exchange.snapshot(channel)

    # ---- to the others

    def _flush_soon(self) -> None:
        if self._listener is not None and not self._flushing:
            self._flushing = True
            self._soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        while self._out:
            batch = self._out.take()
            for announcement in batch.announcements:
                self._exchange.keep(announcement)
                self._to_others(MemoryBus._hear_announcement, announcement)
            for name, data in batch.pulses.items():
                self._to_others(MemoryBus._hear_pulse, self.hub, name, data)
            for channel, snapshot in batch.snapshots.items():
                self._exchange.put_snapshot(channel, snapshot)

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(self._tick_s)
            self._to_others(MemoryBus._hear_tick, self._ticks.next())

    def _to_others(self, hear: Callable[..., None], *args: object) -> None:
        for bus in self._exchange.buses:
            if bus is not self:
                self._soon(hear, bus, *args)

    def _soon(self, call: Callable[..., None], *args: object) -> None:
        asyncio.get_running_loop().call_soon(call, *args)

    # ---- from the others

    def _hear_announcement(self, announcement: Announcement) -> None:
        if self._listener is not None and announcement.channel in self._wanted:
            tell(self._listener.announced, announcement)

    def _hear_pulse(self, hub: str, name: str, data: bytes) -> None:
        if self._listener is not None:
            tell(self._listener.pulsed, hub, name, data)

    def _hear_tick(self, tops: Mapping[Channel, Head]) -> None:
        tops = {channel: top for channel, top in tops.items() if channel in self._wanted}
        if self._listener is not None and tops:
            tell(self._listener.ticked, tops)

    def _told_of_new(self) -> None:
        new, self._new = frozenset(self._new), set()
        self._rejoined(new)

    def _rejoined(self, channels: frozenset[Channel]) -> None:
        if self._listener is not None and channels & self._wanted:
            tell(self._listener.rejoined, channels & self._wanted)
