"""What waits for one watcher of a live picture: headers and parts, bounded. A watcher that is slow misses parts and
goes on at the next key frame; it never falls behind for good, and nobody waits for it."""

import asyncio
from collections import deque
from typing import Final

import msgspec

from server.core.limits import Close
from server.media.boxes import VIDEO_SCALE
from server.media.cutting import Part
from server.media.window import Generation

PARTS_MOST: Final = 16
"""Parts that may wait: two groups of pictures and a bit."""
BYTES_MOST: Final = 4 * 1024 * 1024


class Opens(msgspec.Struct, frozen=True):
    """Parts of that generation follow, the first of them at `from_s` on the session's clock."""

    generation: Generation
    from_s: float


class Moves(msgspec.Struct, frozen=True):
    """The clock of that generation is set right: it holds for what is shown from `from_s` on."""

    generation: Generation
    from_s: float


Item = Opens | Moves | bytes | Close


class Feed:
    """Invariant: what `next` gives decodes: after an `Opens` comes a part that decoding can begin with."""

    def __init__(self) -> None:
        self.dropped = 0
        self._waiting: deque[Item] = deque()
        self._parts = 0
        self._bytes = 0
        self._generation: Generation | None = None
        self._opened: Generation | None = None
        self._wants_key = True
        self._there = asyncio.Event()

    def begin(self, generation: Generation) -> None:
        """What is added from now on is of that generation."""
        self._generation = generation
        self._wants_key = True

    def move(self, generation: Generation) -> None:
        """The one begun last, with its clock set right."""
        self._generation = generation

    def add(self, part: Part) -> None:
        """One more part of the generation begun last."""
        generation = self._generation
        if generation is None:
            return
        if self._parts >= PARTS_MOST or self._bytes + len(part.data) > BYTES_MOST:
            self._drop()
        if self._wants_key and not part.independent:
            self.dropped += 1
            return
        self._wants_key = False
        opened = self._opened
        if opened is not generation:
            goes_on = opened is not None and opened.number == generation.number
            self._opened = generation
            self._waiting.append((Moves if goes_on else Opens)(generation, part.at / VIDEO_SCALE))
        self._waiting.append(part.data)
        self._parts += 1
        self._bytes += len(part.data)
        self._there.set()

    def end(self, code: Close) -> None:
        """It is over, with that close code; what waits is not sent any more."""
        self._waiting.clear()
        self._waiting.append(code)
        self._there.set()

    async def next(self) -> Item:
        """What comes next, waiting for it."""
        while not self._waiting:
            self._there.clear()
            await self._there.wait()
        item = self._waiting.popleft()
        if isinstance(item, bytes):
            self._parts -= 1
            self._bytes -= len(item)
        return item

    def _drop(self) -> None:
        self.dropped += self._parts
        ended = [item for item in self._waiting if isinstance(item, Close)]
        self._waiting.clear()
        self._waiting.extend(ended)
        self._parts = self._bytes = 0
        # The header may have been among what was dropped; sent again it does no harm.
        self._opened = None
        self._wants_key = True
