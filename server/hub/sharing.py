"""One read for all who ask for the same thing at once, and its result for a moment after."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Sharing(Generic[T]):
    """Invariant: of one name at most one read is under way. Names must be few: each is forgotten after `for_s`."""

    def __init__(self, for_s: float) -> None:
        self._for_s = for_s
        self._reads: dict[str, asyncio.Future[T]] = {}

    async def get(self, name: str, read: Callable[[], Awaitable[T]]) -> T:
        """What was read at most `for_s` ago. Raises what the read raises; a failure is not kept."""
        future = self._reads.get(name)
        if future is None:
            future = asyncio.ensure_future(read())
            self._reads[name] = future
            future.add_done_callback(lambda done: self._done(name, done))
        return await asyncio.shield(future)

    def forget(self, name: str) -> None:
        """Read anew next time, unless a read is under way."""
        future = self._reads.get(name)
        if future is not None and future.done():
            del self._reads[name]

    def _done(self, name: str, future: asyncio.Future[T]) -> None:
        if future.cancelled() or future.exception() is not None:
            self._drop(name, future)
        else:
            asyncio.get_running_loop().call_later(self._for_s, self._drop, name, future)

    def _drop(self, name: str, future: asyncio.Future[T]) -> None:
        if self._reads.get(name) is future:
            del self._reads[name]
