"""Sending side of the Redis bus: one pipeline at a time, and a tick each second.

What could not be sent is sent again: a set keeps an entry once, and a room drops what it has.
"""

import asyncio
import contextlib
import logging
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ReadOnlyError, RedisError, ResponseError

from server.bus.bus import OPEN, SET_ENTRIES, SET_KEPT_S
from server.bus.outgoing import Batch, Outgoing
from server.bus.redis_link import Names
from server.bus.redis_meeting import FORGOTTEN_S, present
from server.bus.ticks import TickBook
from server.bus.wire import pack_announcement, pack_member, pack_pulses, pack_tick
from server.core.channels import is_open
from server.core.model import Channel, Head

log = logging.getLogger(__name__)

PUT_SNAPSHOT: Final = """
local there = redis.call('HMGET', KEYS[1], 'epoch', 'offset')
if there[1] == ARGV[1] and tonumber(there[2]) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'offset', ARGV[2], 'data', ARGV[3])
return redis.call('EXPIRE', KEYS[1], ARGV[4])
"""
"""One step, so that of two hubs the later snapshot wins whoever writes last."""


class Sending:
    """`run` is begun anew whenever it raises; nothing that waits is lost by that. `wake` after putting into `out`."""

    def __init__(self, redis: Redis, names: Names, hub: str, tick_s: float, *, home: str = "") -> None:
        """`home`: the province of this hub, where that is another."""
        self._far = names.far(home) if home else ""
        self._redis = redis
        self._names = names
        self._hub = hub
        self._tick_s = tick_s
        self.protocol = 0
        """What this hub speaks; it says so with each tick once it is known."""
        self._tick_due_s = 0.0
        self.ticked_s = 0.0
        """When the last tick was sent; 0.0: not yet, or it failed."""
        self._waiting = asyncio.Event()
        self.out = Outgoing()
        self.ticks = TickBook()

    def wake(self) -> None:
        """Something waits in `out`."""
        self._waiting.set()

    async def run(self) -> None:
        """Send until cancelled. Raises what Redis or the link raises."""
        clock = asyncio.get_running_loop().time
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._tick_due_s - clock())):
                    await self._waiting.wait()
            self._waiting.clear()
            tick = None
            if clock() >= self._tick_due_s:
                self.ticked_s = clock()
                self._tick_due_s = self.ticked_s + self._tick_s
                tick = {} if self._far else self.ticks.next()
            await self._send_some(tick)
            if self.out:
                self._waiting.set()

    async def drain(self) -> None:
        """Send what waits and say goodbye, then return; for the close, when `run` has ended."""
        while self.out:
            await self._send_some(None)
        if self.protocol:
            await self._redis.execute_command("HDEL", self._names.hubs, self._hub)  # type: ignore[no-untyped-call]

    async def _send_some(self, tick: dict[Channel, Head] | None) -> None:
        batch = self.out.take()
        try:
            replies = await self._send(batch, tick)
            for reply in replies:
                # A read-only Redis (a demoted one) is as good as gone, and this connection leads to it.
                if isinstance(reply, ReadOnlyError):
                    await self._redis.connection_pool.disconnect()
                if isinstance(reply, ReadOnlyError) or _is_of_the_link(reply):
                    raise reply
        except BaseException:
            self.out.put_back(batch)
            self._tick_due_s = 0.0  # it may not have gone out: say it as soon as there is a link
            raise
        # What Redis refuses otherwise (out of memory, a key of another type) it would refuse again.
        refused = sum(isinstance(reply, ResponseError) for reply in replies)
        if refused:
            self.out.dropped += refused
            log.error("Redis refused %d of %d commands", refused, len(replies))

    async def _send(self, batch: Batch, tick: dict[Channel, Head] | None) -> list[Any]:
        names = self._names
        async with self._redis.pipeline(transaction=False) as pipeline:
            put = pipeline.execute_command
            for name, said in self._said(batch.pulses, tick).items():
                put("PUBLISH", name, said)
            if tick is not None and self.protocol and not self._far:
                put("HSET", names.hubs, self._hub, present(self.protocol))
                put("EXPIRE", names.hubs, FORGOTTEN_S)
            for announcement in batch.announcements:
                key = names.set(announcement.channel, announcement.epoch)
                scored = [part for entry in announcement.entries for part in (entry.offset, pack_member(entry))]
                put("ZADD", key, *scored)
                put("ZREMRANGEBYRANK", key, 0, -SET_ENTRIES - 1)
                put("EXPIRE", key, SET_KEPT_S)
                put("PUBLISH", names.live(announcement.channel), pack_announcement(self._hub, announcement))
            for channel, kept in batch.snapshots.items():
                words = (kept.epoch, kept.offset, kept.data, SET_KEPT_S)
                put("EVAL", PUT_SNAPSHOT, 1, names.snapshot(channel), *words)
            return list(await pipeline.execute(raise_on_error=False)) if len(pipeline) else []

    def _said(self, pulses: dict[str, bytes], tick: dict[Channel, Head] | None) -> dict[str, bytes]:
        """What is published to all: by name, the bytes."""
        names, hub, said = self._names, self._hub, dict[str, bytes]()
        if self._far:
            return {self._far: pack_pulses(hub, pulses)} if pulses or tick is not None else {}
        if tick is not None:
            said[names.ticks] = pack_tick(hub, tick)
            said[names.open_ticks] = pack_tick(hub, {name: top for name, top in tick.items() if is_open(name)})
        for name, to_far in ((names.pulse, False), (names.open_pulse, True)):
            numbers = {pulse: data for pulse, data in pulses.items() if pulse.startswith(OPEN) is to_far}
            if numbers:
                said[name] = pack_pulses(hub, numbers)
        return said


def _is_of_the_link(reply: object) -> bool:
    return isinstance(reply, RedisError) and not isinstance(reply, ResponseError)
