"""Fan-out: a plain loop that writes finished frames to the members of a room (DESIGN 6).

Two lanes. Urgent: with the next turn of the loop, first in first out per room; what came meanwhile (cards of one batch
of the store, all that waited while a large room was written to) goes out as one frame. Batched: collected per room and
written as one frame a tick, 100 ms at ease and up to 500 ms as sends approach what the core can carry; rooms tick out
of phase. One hall, or the rooms of 50 persons, is written to in a turn, urgent ones first; a room larger than
`yield_every` by a pump that lets the loop breathe. A message is for those who were members when it was handed in and
still are, so order and once hold across the pauses.
"""

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Iterable
from itertools import repeat
from operator import call

from server.core.limits import MAX_OUT_BYTES, Close
from server.core.load import Load
from server.core.outbox import Verdict
from server.hub.connection import Connection, Leave
from server.hub.counts import Counts
from server.hub.frames import frames
from server.hub.lanes import Lanes, Swift, Waits, run_of
from server.hub.settings import HubSettings
from server.hub.tasks import Tasks

BATCH_BYTES = MAX_OUT_BYTES
"""What may wait for a room's tick; beyond it the oldest are skipped (best effort lane). One frame a tick: a flood of
2,000 lines would be 400 kB for each phone otherwise, and a whole room would be let go as slow."""

TURN_SENDS = 50
"""In one turn of the loop rooms are written to until so many members were: the rooms of persons, a hundred of whom get
their receipts at once, have one each, and a turn costs as much as a send."""
OVERTAKEN = 50
"""Urgent rooms that are written to while a tick waits; then it has its turn: cards without a gap in every hall must not
shut chat out."""

AT_EASE = 0.25
"""The share of what a core can send up to which ticks stay short. A room of 1,000 sends 10,000 frames a second in
ticks of 100 ms."""


class FanOut:
    """Writes to rooms; tells the hub (`leave`) whose outbox is over its bounds."""

    def __init__(self, settings: HubSettings, counts: Counts, tasks: Tasks, leave: Leave) -> None:
        self._settings = settings
        self._counts = counts
        self._tasks = tasks
        self._leave = leave
        self._hasty: deque[Lanes] = deque()
        self._due: deque[Lanes] = deque()
        self._overtaken = 0
        self._moves = 0
        self._sends = Load(settings.sends_per_s, 0.0)

    def urgent(self, lanes: Lanes, message: bytes) -> None:
        """Write a message to every member with the next turn of the loop."""
        if not lanes.members:
            return
        self._wait(lanes, message, urgent=True)
        if not lanes.writing:
            lanes.writing = True
            self._take_turns(self._hasty, lanes)

    def batched(self, lanes: Lanes, message: bytes) -> None:
        """Write a message to every member with the room's next tick."""
        if not lanes.members:
            return
        if lanes.batch is None:
            lanes.batch = deque()
        lanes.batch.append(message)
        lanes.batch_bytes += len(message)
        while lanes.batch_bytes > BATCH_BYTES and len(lanes.batch) > 1:
            lanes.batch_bytes -= len(lanes.batch.popleft())
            self._counts.skipped += len(lanes.members)
        if lanes.flush is None:
            lanes.flush = self._at_next_tick(lanes)

    def moved(self) -> None:
        """Somebody's bytes wait in the hub, or do so no longer."""
        self._moves += 1

    @property
    def tick_s(self) -> float:
        """How long the batched lane collects now."""
        low, high = self._settings.tick_min_ms, self._settings.tick_max_ms
        share = self._sends.share(asyncio.get_running_loop().time())
        busy = min(1.0, max(0.0, share - AT_EASE) / (1.0 - AT_EASE))
        return (low + (high - low) * busy) / 1000

    def _at_next_tick(self, lanes: Lanes) -> asyncio.TimerHandle:
        loop = asyncio.get_running_loop()
        tick_s = self.tick_s
        return loop.call_at(next_tick_s(loop.time(), tick_s, lanes.phase), self._flush, lanes)

    def _flush(self, lanes: Lanes) -> None:
        """Its tick has come."""
        lanes.flush = None
        self._take_turns(self._due, lanes)

    def _take_turns(self, rooms: deque[Lanes], lanes: Lanes) -> None:
        """One hall in a turn of the loop: after a pause all 49 are due at once, and a card would wait behind 19,600
        sends; so would what tells the other hubs of a launch."""
        if not self._hasty and not self._due:
            asyncio.get_running_loop().call_soon(self._turn)
        rooms.append(lanes)

    def _turn(self) -> None:
        written = 0
        try:
            while written < TURN_SENDS and (self._hasty or self._due):
                urgent = bool(self._hasty) and not (self._due and self._overtaken >= OVERTAKEN)
                self._overtaken = self._overtaken + 1 if urgent and self._due else 0
                lanes = (self._hasty if urgent else self._due).popleft()
                written += max(1, len(lanes.members))
                self._write_room(lanes, urgent)
        finally:  # a mistake of ours in one room must not end the turns of all
            if self._hasty or self._due:
                asyncio.get_running_loop().call_soon(self._turn)

    def _write_room(self, lanes: Lanes, urgent: bool) -> None:
        if not urgent:
            batch, lanes.batch, lanes.batch_bytes = lanes.batch, None, 0
            if not batch or not lanes.members:
                return
            self._wait(lanes, b"".join(batch), urgent=False)
            if lanes.writing:
                return
            lanes.writing = True
        self._write_waiting(lanes)

    def _wait(self, lanes: Lanes, message: bytes, urgent: bool) -> None:
        lanes.handed_in += 1
        if lanes.queue is None:
            lanes.queue = deque()
        lanes.queue.append(Waits(message, lanes.handed_in, urgent))

    def _write_waiting(self, lanes: Lanes) -> None:
        if len(lanes.members) > self._settings.yield_every:
            self._tasks.start(self._pump(lanes), name="pump")
            return
        lanes.writing = False
        while run := run_of(lanes.queue):
            # Nobody joined since: all of them are meant.
            members = lanes.members if lanes.joined < run[0].number else list(lanes.members)
            self._write_run(lanes, members, run)

    async def _pump(self, lanes: Lanes) -> None:
        step = self._settings.yield_every
        try:
            while run := run_of(lanes.queue):
                members = list(lanes.members)
                for start in range(0, len(members), step):
                    self._write_run(lanes, members[start : start + step], run)
                    await asyncio.sleep(0)
        finally:
            lanes.writing = False

    def _write_run(self, lanes: Lanes, members: Iterable[Connection], run: list[Waits]) -> None:
        """To those of `members` who are meant; looked up anew after each pause: who left or joined again meanwhile is
        not meant any more, and who joined in the middle of a run gets its end."""
        first, last, urgent = run[0].number, run[-1].number, run[0].urgent
        data = frames(waits.message for waits in run)
        if members is lanes.members:
            self._write_all(lanes, data, urgent)
            return
        of = lanes.members
        self._write([member for member in members if of.get(member, last) < first], data, urgent)
        for member in [member for member in members if first <= of.get(member, last) < last]:
            rest = frames(waits.message for waits in run if waits.number > of[member])
            self._write((member,), rest, urgent)

    def _write_all(self, lanes: Lanes, data: bytes, urgent: bool) -> None:
        """To every member: for all who take it at once by one call into C (14.3 us a delivery, one by one 15.2)."""
        if len(lanes.members) == 1:
            self._write(lanes.members, data, urgent)
            return
        swift = lanes.swift
        if swift is None or swift.moves != self._moves:
            ready = [member for member in lanes.members if not member.behind]
            others = [member for member in lanes.members if member.behind]
            swift = lanes.swift = Swift(self._moves, ready, [member.socket.put for member in ready], others)
        taken: list[int] = []
        with contextlib.suppress(OSError):  # somebody takes nothing: those before are in `taken`
            taken.extend(map(call, swift.puts, repeat(data)))
        size, reached = len(data), len(taken)
        self._count(reached)
        if sum(taken) != size * reached:
            for member, bytes_taken in zip(swift.members, taken, strict=False):
                if bytes_taken != size:
                    member.transport.write(data[bytes_taken:])
        if reached < len(swift.members) or swift.others:
            self._write(swift.members[reached:] + swift.others, data, urgent)

    def _count(self, sent: int) -> None:
        self._counts.deliveries += sent
        self._sends.add(sent, asyncio.get_running_loop().time())

    def _write(self, members: Iterable[Connection], data: bytes, urgent: bool) -> None:
        now_s = asyncio.get_running_loop().time()
        limit_bytes, patience_s = self._settings.outbox_bytes, self._settings.stuck_after_s
        sent = 0
        slow: list[Connection] = []
        for member in members:
            if member.behind:
                verdict = member.judge(urgent, now_s, limit_bytes, patience_s)
                if verdict is Verdict.LEAVE:
                    slow.append(member)
                if verdict is not Verdict.SEND:
                    self._counts.skipped += verdict is Verdict.SKIP
                    continue
            member.transport.write(data)
            sent += 1
        self._count(sent)
        for member in slow:
            self._leave(member, Close.SLOW)


def next_tick_s(now_s: float, tick_s: float, phase: float) -> float:
    """The next moment on the grid of `tick_s`, shifted by `phase` (0 to 1) of a tick so that rooms take turns."""
    shift = phase * tick_s
    return (math.floor((now_s - shift) / tick_s) + 1) * tick_s + shift
