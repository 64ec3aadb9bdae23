"""A crowd that watches while something is done to its hubs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Protocol, TypeVar

from tests.wire.hubs import eventually

ALL_IN_WITHIN_S = 120.0


class Watches(Protocol):
    """`fresh`: how often it was told to start afresh, the first time when it came in."""

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
