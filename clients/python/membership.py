"""One joined channel as its reader sees it: an async iterator of items, in order, each once."""

import asyncio
from collections import deque
from collections.abc import Callable

from clients.python.follow import Follow, Fresh, Item, Latest
from server.core.model import Epoch, Since
from server.core.protocol import Joined, Pulse, Push, Snapshot

QUEUE_LIMIT = 1_000
"""Items that wait for a reader. A reader that is further behind loses nothing: entries are left out until it has
caught up, and then asked for again by `since` (or it is told to start afresh)."""


class Membership:
    """A channel this session reads. One reader: `async for item in membership`.

    `snapshot`, `epoch` and `offset` are as of the last item the reader was given. A refusal that is final ends the
    iteration by raising it.
    """

    def __init__(
        self, channel: str, wake: Callable[["Membership"], None], leave: Callable[["Membership"], None]
    ) -> None:
        self.channel = channel
        self.follow = Follow(channel)
        self.snapshot: Snapshot | None = None
        self.epoch = ""
        self.offset = 0
        self._wake = wake
        self._leave = leave
        self._queue: deque[Item] = deque()
        self._ready = asyncio.Event()
        self._full = False
        self._error: Exception | None = None
        self._ended = False

    @property
    def place(self) -> Since | None:
        """Everything up to here has been handed to the reader; None before the first item."""
        return Since(epoch=Epoch(self.epoch), offset=self.offset) if self.epoch else None

    def __aiter__(self) -> "Membership":
        return self

    async def __anext__(self) -> Item:
        while not self._queue:
            if self._full:
                self._full = False
                self.follow.wanting = True
                self._wake(self)
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            self._ready.clear()
            await self._ready.wait()
        item = self._queue.popleft()
        if isinstance(item, Fresh):
            self.epoch, self.offset, self.snapshot = item.epoch, item.offset, item.snapshot
        elif not isinstance(item, Latest):
            self.offset = item.offset
        return item

    async def __aenter__(self) -> "Membership":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Stop reading: no item comes any more, the iteration ends."""
        self._queue.clear()
        self.end(None)
        self._leave(self)

    # ---- what the session calls ----------------------------------------------------------------------------

    def joined(self, joined: Joined) -> None:
        """The reply to this membership's `join`."""
        self._put(self.follow.joined(joined))

    def pushed(self, push: Push) -> None:
        """A push of this channel."""
        if not self._full:
            self._put(self.follow.pushed(push))

    def pulsed(self, pulse: Pulse) -> None:
        """A pulse of this channel: the one before is void."""
        self._queue.clear()
        self._put(self.follow.pulsed(pulse))

    @property
    def wanting(self) -> bool:
        """Whether a `join` must be sent now. A full queue wants none: its reader asks when it has caught up."""
        return self.follow.wanting and not self.follow.asking and not self._full and not self._ended

    def end(self, error: Exception | None) -> None:
        """No more items after those that wait."""
        if not self._ended:
            self._ended, self._error = True, error
            self._ready.set()

    def _put(self, items: tuple[Item, ...]) -> None:
        if self._ended:
            return
        self._queue.extend(items)
        self._full = self._full or len(self._queue) >= QUEUE_LIMIT
        if items:
            self._ready.set()
