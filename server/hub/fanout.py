"""Fan-out: a plain loop that writes finished frames to the members of a room (DESIGN 6).

Two lanes. Urgent: at once, first in first out per room. Batched: collected per room and written as one frame a tick,
100 ms at ease and up to 500 ms as sends approach what the core can carry; rooms tick out of phase. A room larger than
`yield_every` is written to by a pump that lets the loop breathe; the members of a message are those at the moment it
was handed in, so order and once hold across the pauses.
"""

import asyncio
import math
import zlib
from collections import deque
from collections.abc import Iterable

from server.core.limits import Close
from server.core.model import Channel
from server.core.outbox import Verdict
from server.hub.connection import Connection, Leave
from server.hub.counts import Counts
from server.hub.frames import frames
from server.hub.settings import HubSettings
from server.hub.tasks import Tasks

BATCH_LIMIT = 2_000
"""Messages that may wait for a room's tick; beyond it the oldest are skipped (best effort lane)."""


class Lanes:
    """What waits to be written to one room's members."""

    __slots__ = ("batch", "flush", "members", "phase", "pumping", "queue")

    def __init__(self, channel: Channel) -> None:
        self.members: dict[Connection, None] = {}
        self.queue: deque[tuple[bytes, tuple[Connection, ...], bool]] = deque()
        self.pumping = False
        self.batch: list[bytes] = []
        self.flush: asyncio.TimerHandle | None = None
        self.phase = zlib.crc32(channel.encode()) % 997 / 997


class FanOut:
    """Writes to rooms; tells the hub (`leave`) whose outbox is over its bounds."""

    def __init__(self, settings: HubSettings, counts: Counts, tasks: Tasks, leave: Leave) -> None:
        self._settings = settings
        self._counts = counts
        self._tasks = tasks
        self._leave = leave
        self._window_s = 0.0
        self._window_sends = 0
        self._load = 0.0

    def urgent(self, lanes: Lanes, message: bytes) -> None:
        """Write a message to every member now."""
        if lanes.members:
            self._hand_in(lanes, frames((message,)), urgent=True)

    def batched(self, lanes: Lanes, message: bytes) -> None:
        """Write a message to every member with the room's next tick."""
        if not lanes.members:
            return
        lanes.batch.append(message)
        if len(lanes.batch) > BATCH_LIMIT:
            del lanes.batch[0]
            self._counts.skipped += len(lanes.members)
        if lanes.flush is None:
            lanes.flush = self._at_next_tick(lanes)

    @property
    def load(self) -> float:
        """Sends per second of late, as a share of what one core can carry."""
        return self._load

    @property
    def tick_s(self) -> float:
        """How long the batched lane collects now."""
        low, high = self._settings.tick_min_ms, self._settings.tick_max_ms
        return (low + (high - low) * min(1.0, self._load)) / 1000

    def _at_next_tick(self, lanes: Lanes) -> asyncio.TimerHandle:
        loop = asyncio.get_running_loop()
        tick_s = self.tick_s
        return loop.call_at(next_tick_s(loop.time(), tick_s, lanes.phase), self._flush, lanes)

    def _flush(self, lanes: Lanes) -> None:
        lanes.flush = None
        batch, lanes.batch = lanes.batch, []
        if batch and lanes.members:
            self._hand_in(lanes, frames(batch), urgent=False)

    def _hand_in(self, lanes: Lanes, data: bytes, urgent: bool) -> None:
        if not lanes.pumping and len(lanes.members) <= self._settings.yield_every:
            self._write(lanes.members, data, urgent)
            return
        lanes.queue.append((data, tuple(lanes.members), urgent))
        if not lanes.pumping:
            lanes.pumping = True
            self._tasks.start(self._pump(lanes), name="pump")

    async def _pump(self, lanes: Lanes) -> None:
        step = self._settings.yield_every
        try:
            while lanes.queue:
                data, members, urgent = lanes.queue.popleft()
                for start in range(0, len(members), step):
                    self._write(members[start : start + step], data, urgent)
                    await asyncio.sleep(0)
        finally:
            lanes.pumping = False

    def _write(self, members: Iterable[Connection], data: bytes, urgent: bool) -> None:
        now_s = asyncio.get_running_loop().time()
        limit_bytes, patience_s = self._settings.outbox_bytes, self._settings.stuck_after_s
        sent = 0
        slow: list[Connection] = []
        for member in members:
            verdict = member.offer(data, urgent, now_s, limit_bytes, patience_s)
            if verdict is Verdict.SEND:
                sent += 1
            elif verdict is Verdict.LEAVE:
                slow.append(member)
            else:
                self._counts.skipped += 1
        self._counts.deliveries += sent
        self._note(now_s, sent)
        for member in slow:
            self._leave(member, Close.SLOW)

    def _note(self, now_s: float, sent: int) -> None:
        self._window_sends += sent
        passed_s = now_s - self._window_s
        if passed_s >= 1.0:
            self._load = self._window_sends / passed_s / self._settings.sends_per_s
            self._window_s = now_s
            self._window_sends = 0


def next_tick_s(now_s: float, tick_s: float, phase: float) -> float:
    """The next moment on the grid of `tick_s`, shifted by `phase` (0 to 1) of a tick so that rooms take turns."""
    shift = phase * tick_s
    return (math.floor((now_s - shift) / tick_s) + 1) * tick_s + shift
