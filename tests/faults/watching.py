"""Who watches a stage while something is done to its hubs, alone or as a crowd."""

import asyncio
import contextlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Sequence
from typing import Protocol, TypeVar

from clients.python import Arrived, Fresh, Item, connect
from tests.wire.hubs import eventually

ALL_IN_WITHIN_S = 120.0


class Watcher:
    """What one viewer was given of a stage. `fresh`: how often they were told to start afresh, the first time when they
    came in; `seen`: the offsets from there on."""

    def __init__(self) -> None:
        self.fresh = 0
        self.seen: list[int] = []

    async def note(self, items: AsyncIterable[Item]) -> None:
        """All that comes, until cancelled."""
        async for item in items:
            match item:
                case Fresh(offset=offset):
                    self.fresh += 1
                    self.seen = [offset]
                case Arrived(offset=offset):
                    self.seen.append(offset)
                    self.arrived(item)

    def arrived(self, item: Arrived) -> None:
        """For who notes more of an entry than its offset."""

    def check_whole(self, who: str, top: int | None = None) -> None:
        """Every entry since they came in, in order, once, and never afresh; up to `top`, if it is known."""
        assert self.fresh == 1, f"{who} was told to start afresh"
        assert self.seen == list(range(self.seen[0], (self.seen[-1] if top is None else top) + 1)), who


class Onlooker(Watcher):
    """Somebody with a token at the hub of that websocket address."""

    def __init__(self, ws_url: str, token: str, channel: str) -> None:
        super().__init__()
        self._ws_url = ws_url
        self._token = token
        self._channel = channel

    async def watch(self) -> None:
        """All that comes, until cancelled."""
        async with connect(self._ws_url, token=self._token) as session:
            await self.note(session.join(self._channel))


class Watches(Protocol):
    """`fresh`: as a `Watcher` has it."""

    fresh: int


Viewer = TypeVar("Viewer", bound=Watches)


@contextlib.asynccontextmanager
async def all_watching(
    viewers: Sequence[Viewer], watch: Callable[[Viewer], Coroutine[None, None, None]]
) -> AsyncIterator[None]:
    """All are in at the beginning; none of them may have failed by the end."""
    watching = [asyncio.create_task(watch(viewer)) for viewer in viewers]
    try:
        await eventually(lambda: all(viewer.fresh for viewer in viewers), ALL_IN_WITHIN_S)
        yield
    finally:
        for watcher in watching:
            watcher.cancel()
        ended = await asyncio.gather(*watching, return_exceptions=True)
    assert [end for end in ended if not isinstance(end, asyncio.CancelledError)] == []
