"""The smallest hub there can be: a room, a bus and a log. It writes, follows one channel, and checks while it follows
that every entry comes once and in order. The log stands for the store: the truth, which several hubs share."""

import asyncio
from collections.abc import Mapping

from server.bus.bus import Announcement, Bus
from server.core.limits import HOLE_PATIENCE_S
from server.core.model import Channel, Entry, Epoch, Head
from server.core.refusal import Refusal
from server.core.room import Room
from tests.contract.listening import EPOCH, STAGE

POLL_SILENT_S = 0.25
SET_READ = 200


class Log:
    """One channel's log, in memory. `append` is the commit: from then on the entry is true."""

    def __init__(self) -> None:
        self.epoch = EPOCH
        self.entries: list[Entry] = []

    def append(self, text: str = "") -> Entry:
        offset = len(self.entries) + 1
        self.entries.append(Entry(offset, 1_000 + offset, f"{offset} {text}".encode()))
        return self.entries[-1]


class Follower:
    """`store` None: a hub far away, which has only the bus. `seen` is what its viewers were shown, `from_log` counts
    reads of the log, `from_set` reads of the bus that brought something."""

    def __init__(self, bus: Bus, store: Log | None, channel: Channel = STAGE) -> None:
        self.bus = bus
        self.store = store
        self.room = Room(channel, EPOCH, 0, complete=True)
        self.seen: list[Entry] = []
        self.silences: list[bool] = []
        self.rejoins = 0
        self.from_log = 0
        self.from_set = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._reading = False
        self._unsure = False

    async def start(self) -> "Follower":
        await self.bus.start(self)
        self.bus.subscribe(self.room.channel)
        self._begin(self._poll())
        return self

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.bus.close()

    def write(self, log: Log, text: str = "", *, announce: bool = True) -> Entry:
        """Commit one entry; `announce=False`: the announcement is lost."""
        entry = log.append(text)
        if announce:
            self.bus.announce(Announcement(self.room.channel, log.epoch, (entry,)))
        self.take(log.epoch, entry)
        self.bus.set_tops({self.room.channel: Head(self.room.epoch, self.room.top)})
        return entry

    def take(self, epoch: Epoch, entry: Entry) -> None:
        """An entry from anywhere."""
        offered = self.room.offer(epoch, entry)
        for delivered in offered.deliver:
            assert delivered.offset == len(self.seen) + 1
            self.seen.append(delivered)
        if offered.hole is not None:
            self._begin(self._after_patience())

    # ---- what the bus says

    def announced(self, announcement: Announcement) -> None:
        for entry in announcement.entries:
            self.take(announcement.epoch, entry)

    def ticked(self, tops: Mapping[Channel, Head]) -> None:
        head = tops[self.room.channel]
        if self.room.behind(head.epoch, head.offset):
            self._mend()

    def rejoined(self, channels: frozenset[Channel]) -> None:
        self.rejoins += 1
        self._unsure = True
        self._mend()

    def pulsed(self, hub: str, name: str, data: bytes) -> None:
        raise AssertionError("nobody pulses here")

    def silent(self, is_silent: bool) -> None:
        self.silences.append(is_silent)

    # ---- reading what lacks

    async def _after_patience(self) -> None:
        await asyncio.sleep(HOLE_PATIENCE_S)
        if self.room.hole is not None:
            self._mend()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SILENT_S)
            if self.store is not None and self.silences[-1:] == [True]:
                self._unsure |= self.room.behind(self.store.epoch, len(self.store.entries))
                self._mend()

    def _mend(self) -> None:
        if not self._reading:
            self._reading = True
            self._begin(self._read())

    async def _read(self) -> None:
        try:
            while self._unsure or self.room.hole is not None:
                self._unsure = False
                before = self.room.top
                await self._read_set()
                if self.store is not None and (self.room.hole is not None or self.room.top == before):
                    self.from_log += 1
                    for entry in self.store.entries[self.room.top :]:
                        self.take(self.store.epoch, entry)
                if self.room.top == before:
                    return  # nobody has more just now; the next tick asks again
        finally:
            self._reading = False

    async def _read_set(self) -> None:
        try:
            kept = await self.bus.history(self.room.channel, self.room.epoch, self.room.top, SET_READ)
        except Refusal:
            return
        self.from_set += bool(kept)
        for entry in kept:
            self.take(self.room.epoch, entry)

    def _begin(self, doing) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
