"""One bus for a hub whose viewers also watch sessions of other provinces (DESIGN 7): what is of its own province goes
to its own bus, `stage/S01@210000` to that province's.

Nothing is announced, ticked or kept in another: a channel is written at home alone. What goes there are numbers.
"""

import asyncio
import logging
from collections.abc import Mapping

import msgspec

from server.bus.bus import Announcement, Bus, Figures, Listener, Snapshot
from server.bus.far_entries import sound
from server.core.channels import far_channel, home_of
from server.core.model import Channel, Entry, Epoch, Head
from server.core.refusal import Code, Refusal

log = logging.getLogger(__name__)


class Provinces(Bus):
    """`far`: the buses of the other provinces by code, each as a far hub."""

    def __init__(self, own: Bus, far: Mapping[str, Bus]) -> None:
        self.hub = own.hub
        self._own = own
        self._far = dict(far)
        self.silent: set[str] = set()
        """Provinces there is no link to now."""

    def figures(self) -> Figures:
        """The own bus's, and who is silent."""
        far = {code: code in self.silent for code in self._far}
        return msgspec.structs.replace(self._own.figures(), far_silent=far)

    async def meet(self, protocol: int, now_ms: int) -> None:
        await self._own.meet(protocol, now_ms)

    async def start(self, listener: Listener) -> None:
        await self._own.start(listener)
        for code, bus in self._far.items():
            await bus.start(_FarListener(code, listener, self.silent))

    async def close(self) -> None:
        await asyncio.gather(self._own.close(), *(bus.close() for bus in self._far.values()))

    def announce(self, announcement: Announcement) -> None:
        self._own.announce(announcement)

    def subscribe(self, channel: Channel) -> None:
        bus, name = self._of(channel)
        if bus is not None:
            bus.subscribe(name)

    def unsubscribe(self, channel: Channel) -> None:
        bus, name = self._of(channel)
        if bus is not None:
            bus.unsubscribe(name)

    async def history(self, channel: Channel, epoch: Epoch, after: int, limit: int) -> tuple[Entry, ...]:
        bus, name = self._of(channel)
        entries = await _there(bus).history(name, epoch, after, limit)
        return entries if bus is self._own else sound(name, entries)

    def set_tops(self, tops: Mapping[Channel, Head]) -> None:
        self._own.set_tops(tops)

    def pulse(self, name: str, data: bytes) -> None:
        """`presence@210000` is told to that province."""
        bus, here = self._of(Channel(name))
        if bus is not None:
            bus.pulse(here, data)

    def put_snapshot(self, channel: Channel, snapshot: Snapshot) -> None:
        self._own.put_snapshot(channel, snapshot)

    async def snapshot(self, channel: Channel) -> Snapshot | None:
        bus, name = self._of(channel)
        return await _there(bus).snapshot(name)

    def _of(self, channel: Channel) -> tuple[Bus | None, Channel]:
        name, province = home_of(channel)
        return (self._far.get(province) if province else self._own), name


def _there(bus: Bus | None) -> Bus:
    if bus is None:
        raise Refusal(Code.NOT_FOUND, what="province")
    return bus


class _FarListener:
    """Hands on what is heard of another province, under the names it has here."""

    def __init__(self, province: str, listener: Listener, silent: set[str]) -> None:
        self._province = province
        self._listener = listener
        self._silent = silent

    def announced(self, announcement: Announcement) -> None:
        name = far_channel(announcement.channel, self._province)
        entries = sound(announcement.channel, announcement.entries)
        self._listener.announced(Announcement(name, announcement.epoch, entries))

    def ticked(self, tops: Mapping[Channel, Head]) -> None:
        self._listener.ticked({far_channel(name, self._province): head for name, head in tops.items()})

    def rejoined(self, channels: frozenset[Channel]) -> None:
        self._listener.rejoined(frozenset(far_channel(name, self._province) for name in channels))

    def pulsed(self, hub: str, name: str, data: bytes) -> None:
        self._listener.pulsed(f"{self._province} {hub}", far_channel(name, self._province), data)

    def silent(self, is_silent: bool) -> None:
        log.warning("%s province %s", "no link to" if is_silent else "linked again to", self._province)
        (self._silent.add if is_silent else self._silent.discard)(self._province)
