"""One encoder at the engine: its stream is fetched for as long as it may send, anew whenever fetching ends."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from server.core.limits import Close
from server.core.refusal import Refusal
from server.media.broadcast import Broadcast
from server.media.engines.engine import Place
from server.media.source import Source, SourceKind
from server.media.talk import Again, Stopped, ToHost

if TYPE_CHECKING:
    from server.media.engines.inlets import Known

STOPPED: Final = "stopped"
"""Somebody on duty took the picture from the encoder."""
TRIES: Final = 4
"""Beginnings in a row that brought no picture; then the encoder is sent away, and its owner sees why."""
STEADY_S: Final = 5.0
PAUSE_S: Final = 0.2
PAUSE_MOST_S: Final = 3.0
DROP_WITHIN_S: Final = 3.0


class Inlet:
    """Made when the encoder is let in. `close` may be called more than once."""

    def __init__(
        self,
        stream: str,
        client: str,
        known: "Known",
        clock_ms: Callable[[], int],
        dropped: Callable[["Inlet"], Awaitable[None]],
    ) -> None:
        self.stream = stream
        self.client = client
        self.known = known
        self.since_ms = clock_ms()
        self.trouble = ""
        self.over = False
        self.source = Source(f"encoder-{stream}", SourceKind.ENCODER, self._say, self._leave)
        self._clock_ms = clock_ms
        self._dropped = dropped
        self._again: asyncio.Queue[str] = asyncio.Queue(4)
        self._task: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._broadcast: Broadcast | None = None

    def start(self, broadcast: Broadcast, place: Place) -> None:
        """Begin to fetch."""
        self._broadcast = broadcast
        self._task = asyncio.create_task(self._fetch(broadcast, place), name=f"encoder {self.stream}")

    async def close(self, *, drop: bool) -> None:
        """The encoder is gone, or must go: then the engine is told."""
        if self.over:
            if self._ending is not None:
                await asyncio.wait({self._ending})
            return
        self.over = True
        dropping = asyncio.create_task(self._drop(), name="drop") if drop else None
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            await asyncio.wait({self._task})
        if self._broadcast is not None:
            await self._broadcast.leave(self.source)
        if dropping is not None:
            await dropping

    async def _drop(self) -> None:
        # An engine that does not answer is asked again by its own next word: it is answered no.
        with contextlib.suppress(OSError, TimeoutError, Refusal):
            async with asyncio.timeout(DROP_WITHIN_S):
                await self._dropped(self)

    async def _fetch(self, broadcast: Broadcast, place: Place) -> None:
        bad = 0
        while not self.over:
            began_s = time.monotonic()
            while not self._again.empty():
                self._again.get_nowait()
            try:
                await broadcast.pull(self.source, place.url, place.name, self._clock_ms())
                reason = await self._again.get()
            except OSError:
                reason = "packager"
            steady = broadcast.part_s is not None and broadcast.part_s - began_s > STEADY_S
            bad = 0 if steady else bad + 1
            if bad >= TRIES:
                self.trouble = reason
                self._leave(Close.BAD_PROTOCOL)
                return
            await asyncio.sleep(min(PAUSE_MOST_S, PAUSE_S * 2**bad))

    def _say(self, message: ToHost) -> None:
        if isinstance(message, Stopped):
            self.trouble = STOPPED
        if isinstance(message, Again) and not self._again.full():
            self._again.put_nowait(message.reason)

    def _leave(self, code: Close) -> None:
        if self._ending is None:
            self._ending = asyncio.create_task(self.close(drop=code is not Close.RESTART), name="encoder leaves")
