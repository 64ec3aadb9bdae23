"""The bus between the hubs of a province, over Redis (DESIGN 7). Redis numbers nothing and nobody waits for it.

Under `daigang:PROVINCE:` lie, per channel and epoch, `set:CHANNEL:EPOCH` (sorted by offset) and, per channel,
`snapshot:CHANNEL` (a hash); published are `live:CHANNEL`, `ticks` and `pulse`, and for other provinces `open:ticks`
and `open:pulse`. A rehearsal's channel has `apart:` before its name. Sending, hearing and reading have
connections of their own, so that none waits behind another.
"""

import asyncio
import contextlib
import logging
import secrets
import struct
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from redis.exceptions import RedisError

from server.bus.bus import (
    CLOSE_WITHIN_S,
    MOST_FAR_BYTES,
    READ_WITHIN_S,
    TICK_S,
    Announcement,
    Bus,
    CannotMeet,
    Figures,
    Listener,
    Snapshot,
    usable,
)
from server.bus.redis_bounded import TooLarge
from server.bus.redis_hearing import Hearing
from server.bus.redis_link import REFUSED, Names, client, end, forever
from server.bus.redis_meeting import LET_IN, meet
from server.bus.redis_sending import Sending
from server.bus.wire import unpack_member
from server.core.model import Channel, Entry, Epoch, Head
from server.core.refusal import Code, Refusal

log = logging.getLogger(__name__)

READERS: Final = 8
"""Reads at once; more wait for a place within READ_WITHIN_S."""
OFFSET_MOST: Final = 2**53
"""What JavaScript counts up to; no log gets there."""
GREETED: Final = Channel("stage/S01")
"""Any stage: hubs of other provinces may read those, there or not."""
SPARE: Final = 4
"""Connections the sending and the hearing side may hold: each uses one, and another while a lost one is let go."""


class RedisBus(Bus):
    """One hub's end. `url` as redis-py takes it (redis://, rediss://); it may hold a password and is never logged."""

    def __init__(
        self, url: str, province: str, *, tick_s: float = TICK_S, home: str = "", others: Collection[str] = ()
    ) -> None:
        """`home`: the province this hub is at home in, where that is another; it hears what is open to everybody and
        tells its numbers, and what it would announce, tick or keep here is nobody's. `others`: the provinces whose hubs
        may tell theirs here."""
        self._far = bool(home)
        self.hub = secrets.token_hex(8)
        self._names = Names(province)
        self._clients = [client(url, connections, far=self._far) for connections in (SPARE, SPARE, READERS)]
        self._sending = Sending(self._clients[0], self._names, self.hub, tick_s, home=home)
        self._hearing = Hearing(self._clients[1], self._names, self.hub, tick_s, home=home, others=others)
        self._execute: Callable[..., Awaitable[Any]] = self._clients[2].execute_command
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False
        self._trip_s = 0.0
        self._province = province
        self._told = False

    def figures(self) -> Figures:
        """As of now."""
        out, heard = self._sending.out, self._hearing
        trip_s = max(0.0, heard.heard_s - self._sending.ticked_s) if self._sending.ticked_s <= heard.heard_s else None
        self._trip_s = self._trip_s if trip_s is None else trip_s
        return Figures(dropped=out.dropped, waiting=out.waiting, round_trip_s=self._trip_s)

    @property
    def dropped(self) -> int:
        """Announcements given up since the start: too many waited, or Redis refused them."""
        return self._sending.out.dropped

    async def greet(self) -> None:
        """Whether Redis lets a hub of another province in. Raises `CannotMeet` when it refuses, `Refusal` when it does
        not answer."""
        try:
            await self.snapshot(GREETED)
        except Refusal as refusal:
            if isinstance(refusal.__cause__, REFUSED):
                raise CannotMeet(_let_in_there(self._province)) from None
            raise

    async def meet(self, protocol: int, now_ms: int) -> None:
        await meet(self._execute, self._names, protocol, now_ms)
        self._sending.protocol = protocol

    async def start(self, listener: Listener) -> None:
        self._hearing.begin(listener)
        loops = {"sending": self._sending.run, "hearing": self._hear, "watching": self._hearing.watch}
        self._tasks = [asyncio.create_task(forever(name, once), name=f"bus {name}") for name, once in loops.items()]

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._hearing.end()
        await _within(end(list(self._tasks)))
        if self._tasks:
            await _within(self._sending.drain())
        for one in self._clients:
            await _within(one.aclose())

    def announce(self, announcement: Announcement) -> None:
        if not announcement.entries or self._far:
            return
        self._sending.ticks.announced(announcement)
        self._sending.out.announce(announcement)
        self._sending.wake()

    def subscribe(self, channel: Channel) -> None:
        self._hearing.subscribe(channel)

    def unsubscribe(self, channel: Channel) -> None:
        self._hearing.unsubscribe(channel)

    def set_tops(self, tops: Mapping[Channel, Head]) -> None:
        self._sending.ticks.set_tops(tops)

    def pulse(self, name: str, data: bytes) -> None:
        self._sending.out.pulse(name, data)
        self._sending.wake()

    def put_snapshot(self, channel: Channel, snapshot: Snapshot) -> None:
        if self._far:
            return
        self._sending.out.put_snapshot(channel, snapshot)
        self._sending.wake()

    async def history(self, channel: Channel, epoch: Epoch, after: int, limit: int) -> tuple[Entry, ...]:
        words = ("ZRANGEBYSCORE", self._names.set(channel, epoch), f"({after}", "+inf", "LIMIT", 0, limit)
        try:
            members: list[bytes] = await self._read(*words)
        except TooLarge:
            log.warning("a set of another province is too large: passed over")
            return ()
        try:
            return usable(channel, after, [unpack_member(member) for member in members])
        except struct.error:
            log.error("a set holds other things than entries")
            return ()

    async def snapshot(self, channel: Channel) -> Snapshot | None:
        try:
            epoch, offset, data = await self._read("HMGET", self._names.snapshot(channel), "epoch", "offset", "data")
        except TooLarge as error:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="bus") from error
        if epoch is None or offset is None or data is None:
            return None
        try:
            found = Snapshot(Epoch(epoch.decode()), int(offset), data)
        except ValueError:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="bus") from None
        if not 0 <= found.offset <= OFFSET_MOST or (self._far and len(data) > MOST_FAR_BYTES):
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="bus")
        return found

    async def _hear(self) -> None:
        """One connection's life. A password that is not the right one any more is said in a sentence, once."""
        try:
            await self._hearing.run()
        except REFUSED:
            if not self._told:
                log.error("%s", _let_in_there(self._province) if self._far else LET_IN)
            self._told = True
            raise
        except (RedisError, OSError):
            self._told = False
            raise

    async def _read(self, *words: str | int) -> Any:
        """One command's reply. While the link is silent nobody is made to wait for the refusal. Raises `Refusal`, and
        `TooLarge` in another province's Redis."""
        if self._hearing.is_silent or self._closed:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="bus")
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                return await self._execute(*words)
        except TooLarge:
            raise
        except (RedisError, OSError, TimeoutError) as error:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="bus") from error


def _let_in_there(province: str) -> str:
    return (
        f"Redis of province {province} refuses this user and password; compare DAIGANG_REDIS_URL_{province} "
        f"(provinces.{province}.redis) with what its operators gave you"
    )


async def _within(doing: Awaitable[None]) -> None:
    """One step of the close; what the link raises no longer matters."""
    with contextlib.suppress(RedisError, OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_WITHIN_S / 5):
            await doing
