"""Hearing side of the Redis bus: subscribes, hands on, and notices when there is nothing to hear.

Two traps of redis-py are kept out here. It heals a broken connection without saying that something was missed: so each
`subscribe` confirmation is told as `rejoined`, and a connection that failed is given up for a new one. And it notices
neither a swallowed link nor a stopped Redis while it only listens: so this hub's own ticks must come back.
"""

import asyncio
import itertools
import logging
from collections.abc import Collection
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from server.bus.bus import FAR, MOST_FAR_BYTES, TICKS_MISSED, Listener, tell
from server.bus.redis_link import LinkLost, Names, first
from server.bus.wire import unpack_announcement, unpack_pulses, unpack_tick
from server.core.channels import far_channel
from server.core.model import Channel, Epoch, Head
from server.core.unreadable import UNREADABLE

log = logging.getLogger(__name__)

SUBSCRIBE_AT_ONCE: Final = 500
"""Channels named in one SUBSCRIBE."""
YIELD_EVERY: Final = 20
"""Messages handed on before others get their turn: what is buffered is read without a pause otherwise."""
TOGETHER_S: Final = 0.005
"""Confirmations come one by one; the listener hears once of those that come within this time."""


class Hearing:
    """`run` is one connection's life and is begun anew whenever it raises; `watch` runs beside it."""

    def __init__(
        self, redis: Redis, names: Names, hub: str, tick_s: float, *, home: str = "", others: Collection[str] = ()
    ) -> None:
        """`home`: the province of this hub, where that is another. `others`: who may tell their numbers here."""
        self._far = bool(home)
        self._told = {names.far(province): province for province in ([home] if home else others)}
        self._redis = redis
        self._names = names
        self._ticks = names.open_ticks if home else names.ticks
        self._pulse = names.open_pulse if home else names.pulse
        self._hub = hub
        self._look_every_s = tick_s / 4
        self._silent_after_s = tick_s * TICKS_MISSED
        self.heard_s = 0.0
        self._wanted: set[Channel] = set()
        self._subscribed: set[Channel] = set()
        self._wishes = asyncio.Event()
        self._confirmed: set[Channel] = set()
        self._listener: Listener | None = None
        self.is_silent = False

    def begin(self, listener: Listener) -> None:
        """Tell this listener from now on."""
        self._listener = listener
        self.heard_s = asyncio.get_running_loop().time()

    def end(self) -> None:
        """Tell nobody any more."""
        self._listener = None

    def subscribe(self, channel: Channel) -> None:
        """Soon."""
        if channel in self._subscribed and channel not in self._wanted:
            self._confirm(channel)  # given up and wanted again before the connection heard of it
        self._wanted.add(channel)
        self._wishes.set()

    def unsubscribe(self, channel: Channel) -> None:
        """At once for the listener, soon for Redis."""
        self._wanted.discard(channel)
        self._wishes.set()

    # ---- the connection

    async def run(self) -> None:
        """Hear until the connection breaks or own ticks stay away. Raises what ended it."""
        began_s = asyncio.get_running_loop().time()
        self._subscribed.clear()
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(self._ticks, self._pulse, *self._told)
            while True:
                self._wishes.clear()
                await self._follow_wishes(pubsub)
                # Subscribing and reading take turns: redis-py reconnects inside both, and must not do so twice at once.
                await first(self._read_on(pubsub, began_s), self._wishes.wait())

    async def watch(self) -> None:
        """Say so when own ticks have stayed away too long; hearing one again ends it."""
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(self._look_every_s)
            if clock() - self.heard_s > self._silent_after_s:
                self._set_silent(True)

    async def _follow_wishes(self, pubsub: PubSub) -> None:
        wanted = sorted(self._wanted - self._subscribed)
        unwanted = sorted(self._subscribed - self._wanted)
        self._subscribed.difference_update(unwanted)
        for start in range(0, len(unwanted), SUBSCRIBE_AT_ONCE):
            await pubsub.unsubscribe(*map(self._names.live, unwanted[start : start + SUBSCRIBE_AT_ONCE]))
        for start in range(0, len(wanted), SUBSCRIBE_AT_ONCE):
            await pubsub.subscribe(*map(self._names.live, wanted[start : start + SUBSCRIBE_AT_ONCE]))
        self._subscribed.update(wanted)

    async def _read_on(self, pubsub: PubSub, began_s: float) -> None:
        clock = asyncio.get_running_loop().time
        for count in itertools.count(1):
            message = await pubsub.get_message(timeout=self._look_every_s)
            if message is not None:
                self._hand_on(message["type"], message["channel"].decode(errors="replace"), message["data"])
            if count % YIELD_EVERY == 0:
                await asyncio.sleep(0)
            if clock() - max(self.heard_s, began_s) > self._silent_after_s:
                raise LinkLost

    # ---- what is heard

    def _hand_on(self, kind: str, name: str, data: Any) -> None:
        channel = self._names.channel(name)
        if kind == "subscribe" and channel is not None:
            self._confirm(channel)
        if kind != "message":
            return
        if (self._far or name in self._told) and len(data) > MOST_FAR_BYTES:
            log.warning("%d bytes at once from another province: passed over", len(data))
            return
        try:
            if name == self._ticks:
                self._hear_tick(data)
            elif name == self._pulse:
                self._hear_pulses(data)
            elif name in self._told:
                self._hear_far(self._told[name], data)
            else:
                self._hear_announcement(data)
        except UNREADABLE:
            log.warning("bytes on the bus that no hub of this version has sent")

    def _hear_announcement(self, data: bytes) -> None:
        hub, announcement = unpack_announcement(data)
        if self._listener is not None and hub != self._hub and announcement.channel in self._wanted:
            tell(self._listener.announced, announcement)

    def _hear_tick(self, data: bytes) -> None:
        message = unpack_tick(data)
        if message.hub == self._hub:
            self._hear_myself()
            return
        tops = {
            Channel(name): Head(Epoch(epoch), offset)
            for name, (epoch, offset) in message.tops.items()
            if name in self._wanted
        }
        if self._listener is not None and tops:
            tell(self._listener.ticked, tops)

    def _hear_pulses(self, data: bytes) -> None:
        message = unpack_pulses(data)
        if self._listener is not None and message.hub != self._hub:
            for name, number in message.numbers.items():
                tell(self._listener.pulsed, message.hub, name, number)

    def _hear_far(self, province: str, data: bytes) -> None:
        """Numbers of a hub of that other province, under a name that none of this province's own can have."""
        message = unpack_pulses(data)
        if message.hub == self._hub:
            self._hear_myself()
        elif self._listener is not None and not self._far:
            for name, number in message.numbers.items():
                tell(self._listener.pulsed, message.hub, far_channel(f"{FAR}{name}", province), number)

    def _hear_myself(self) -> None:
        self.heard_s = asyncio.get_running_loop().time()
        self._set_silent(False)

    def _confirm(self, channel: Channel) -> None:
        if not self._confirmed:
            asyncio.get_running_loop().call_later(TOGETHER_S, self._tell_rejoined)
        self._confirmed.add(channel)

    def _tell_rejoined(self) -> None:
        confirmed, self._confirmed = self._confirmed, set()
        channels = frozenset(confirmed & self._wanted)
        if self._listener is not None and channels:
            tell(self._listener.rejoined, channels)

    def _set_silent(self, is_silent: bool) -> None:
        if is_silent == self.is_silent:
            return
        self.is_silent = is_silent
        log.warning("no link to the other hubs" if is_silent else "linked to the other hubs again")
        if self._listener is not None:
            tell(self._listener.silent, is_silent)
