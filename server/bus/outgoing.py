"""What waits to be sent to the bus. Pure, bounded: the link may be gone for as long as it likes.

Announcements keep their order; when there are too many, or too many bytes, the oldest goes. Of pulses and snapshots
only the latest of a name waits.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final, TypeVar

import msgspec

from server.bus.bus import Announcement, Snapshot
from server.core.model import Channel, Entry

QUEUE_ANNOUNCEMENTS: Final = 8_192
"""Announcements that may wait: 49 rooms, a chat batch each 0.5 s and some cards fill that in a minute."""
QUEUE_BYTES: Final = 16 * 1024 * 1024
QUEUE_NAMES: Final = 4_096
"""Names of pulses, and channels of snapshots, that may wait."""
PART_BYTES: Final = 256 * 1024
"""A longer announcement (a flood of chat after a stall) is told in parts: our Redis takes no message above 1 MB
(`proto-max-bulk-len`): it would refuse it and cut the link, and with it all that is on its way."""
BATCH_ANNOUNCEMENTS: Final = 32
"""Announcements sent in one pipeline. 3,000 took as long in batches of 256 (0.32 s) as of 32 (0.23 s), but held the
event loop for 14 ms at a time instead of 5."""


K = TypeVar("K")
V = TypeVar("V")


class Batch(msgspec.Struct):
    """What is sent in one go."""

    announcements: list[Announcement]
    pulses: dict[str, bytes]
    snapshots: dict[Channel, Snapshot]

    def __bool__(self) -> bool:
        return bool(self.announcements or self.pulses or self.snapshots)


class Outgoing:
    """The queue. `dropped` counts announcements that were given up since the start."""

    def __init__(self, announcements: int = QUEUE_ANNOUNCEMENTS, size_bytes: int = QUEUE_BYTES) -> None:
        self._limit = announcements
        self._limit_bytes = size_bytes
        self._announcements: deque[Announcement] = deque()
        self._bytes = 0
        self._pulses: dict[str, bytes] = {}
        self._snapshots: dict[Channel, Snapshot] = {}
        self.dropped = 0

    def __bool__(self) -> bool:
        return bool(self._announcements or self._pulses or self._snapshots)

    @property
    def waiting(self) -> int:
        """Announcements."""
        return len(self._announcements)

    def announce(self, announcement: Announcement) -> None:
        """Put it last, in parts where it is long."""
        for part in _parts(announcement):
            self._announcements.append(part)
            self._bytes += _size(part)
        self._drop_oldest()

    def pulse(self, name: str, data: bytes) -> None:
        """Replace what waits under that name."""
        _put_last(self._pulses, name, data)

    def put_snapshot(self, channel: Channel, snapshot: Snapshot) -> None:
        """Replace what waits for that channel, unless it is later in the same epoch."""
        waiting = self._snapshots.get(channel)
        if waiting is None or waiting.epoch != snapshot.epoch or waiting.offset <= snapshot.offset:
            _put_last(self._snapshots, channel, snapshot)

    def take(self) -> Batch:
        """Take out the next batch."""
        count = min(len(self._announcements), BATCH_ANNOUNCEMENTS)
        batch = Batch([self._announcements.popleft() for _ in range(count)], self._pulses, self._snapshots)
        self._bytes -= sum(map(_size, batch.announcements))
        self._pulses, self._snapshots = {}, {}
        return batch

    def put_back(self, batch: Batch) -> None:
        """It could not be sent: announcements to the front again; pulses and snapshots unless newer ones wait.

        What was sent after all is sent twice then, which changes nothing."""
        self._announcements.extendleft(reversed(batch.announcements))
        self._bytes += sum(map(_size, batch.announcements))
        self._pulses = batch.pulses | self._pulses
        waiting, self._snapshots = self._snapshots, batch.snapshots
        for channel, snapshot in waiting.items():
            self.put_snapshot(channel, snapshot)
        self._drop_oldest()

    def _drop_oldest(self) -> None:
        while len(self._announcements) > self._limit or self._bytes > self._limit_bytes:
            self._bytes -= _size(self._announcements.popleft())
            self.dropped += 1


def _size(announcement: Announcement) -> int:
    return sum(map(_size_of, announcement.entries))


def _size_of(entry: Entry) -> int:
    return len(entry.body) + 16


def _parts(announcement: Announcement) -> Iterator[Announcement]:
    if _size(announcement) <= PART_BYTES:
        yield announcement
        return
    part: list[Entry] = []
    left = PART_BYTES
    for entry in announcement.entries:
        if part and _size_of(entry) > left:
            yield msgspec.structs.replace(announcement, entries=tuple(part))
            part, left = [], PART_BYTES
        part.append(entry)
        left -= _size_of(entry)
    yield msgspec.structs.replace(announcement, entries=tuple(part))


def _put_last(waiting: dict[K, V], key: K, value: V) -> None:
    waiting.pop(key, None)
    waiting[key] = value
    if len(waiting) > QUEUE_NAMES:
        del waiting[next(iter(waiting))]
