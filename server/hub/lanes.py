"""The two lanes of a room: who its members are, and what waits to be written to them (`fanout` writes it)."""

import asyncio
import zlib
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from server.core.limits import MAX_OUT_BYTES
from server.core.model import Channel
from server.hub.connection import Connection


class Waits(NamedTuple):
    """What was handed in: one message or several of a tick, unframed."""

    message: bytes
    number: int
    urgent: bool


class Swift(NamedTuple):
    """Those of a room's members for whom nothing waits, the `put` of each, and the others; as of `moves` of the hub."""

    moves: int
    members: list[Connection]
    puts: list[Callable[[bytes], int]]
    others: list[Connection]


class Lanes:
    """The members of one room, and what waits to be written to them.

    A member gets the messages that were handed in after it joined, each once, and none after it left: `members` says
    how many had been handed in when it joined, `joined` the same of the last one. `writing`: a turn of the loop or a
    pump will write what stands in `queue`. `swift` is made when needed, and stands until somebody comes or goes.
    """

    __slots__ = (
        "batch",
        "batch_bytes",
        "flush",
        "handed_in",
        "joined",
        "members",
        "phase",
        "queue",
        "swift",
        "writing",
    )

    def __init__(self, channel: Channel) -> None:
        self.members: dict[Connection, int] = {}
        self.handed_in = 0
        self.joined = 0
        # Made when needed: an empty deque is 0.6 kB, and every viewer has a room of its own.
        self.queue: deque[Waits] | None = None
        self.swift: Swift | None = None
        self.writing = False
        self.batch: deque[bytes] | None = None
        self.batch_bytes = 0
        self.flush: asyncio.TimerHandle | None = None
        self.phase = zlib.crc32(channel.encode()) % 997 / 997

    def add(self, member: Connection) -> None:
        """From the next message on; also for who is a member already and was told anew where the room is."""
        self.members[member] = self.joined = self.handed_in
        self.swift = None

    def remove(self, member: Connection) -> None:
        """Nothing more, also of what waits."""
        self.members.pop(member, None)
        self.swift = None

    def clear(self) -> list[Connection]:
        """Forget the members and what waits for them; returns who they were."""
        members = list(self.members)
        self.members.clear()
        self.queue = self.batch = self.swift = None
        self.batch_bytes = 0
        return members


def run_of(queue: deque[Waits] | None) -> list[Waits]:
    """Taken from the queue: what goes out in one frame, all of one lane. Empty when nothing waits."""
    run: list[Waits] = []
    size = 0
    while queue and (not run or (queue[0].urgent is run[0].urgent and size + len(queue[0].message) <= MAX_OUT_BYTES)):
        size += len(queue[0].message)
        run.append(queue.popleft())
    return run
