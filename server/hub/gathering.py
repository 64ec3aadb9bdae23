"""One read for many who ask for different things at once: what is asked while a read is under way goes with the next.

A reading costs two changes of threads, about 0.1 ms of the loop; when 20,000 come back after a restart, each with a
channel of their own, that would be most of what they cost.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from itertools import islice
from typing import Generic, TypeVar

from server.hub.tasks import Tasks

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

AT_ONCE = 128
"""Names in one read: it holds a reading thread for a few milliseconds."""


class Gathering(Generic[K, V]):
    """Invariant: while somebody waits a read is under way, and at most one."""

    def __init__(
        self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], tasks: Tasks, name: str, *, within_s: float
    ) -> None:
        """`read` finds a value for every name it is asked for, or raises for all of them. What could not be asked for
        `within_s` seconds is not asked any more."""
        self._read = read
        self._tasks = tasks
        self._name = name
        self._within_s = within_s
        self._waiting: dict[K, tuple[asyncio.Future[V], float]] = {}  # and since when, oldest first
        self._running = False

    async def get(self, key: K) -> V:
        """What is read for that name. Raises what the read raises, and `TimeoutError`."""
        return await asyncio.shield(self.ask(key))

    def ask(self, key: K) -> "asyncio.Future[V]":
        """The same, for several who look at it; nobody may cancel it."""
        waiting = self._waiting.get(key)
        if waiting is None:
            loop = asyncio.get_running_loop()
            waiting = self._waiting[key] = (loop.create_future(), loop.time())
        if not self._running:
            self._running = True
            self._tasks.start(self._go_on(), name=self._name)
        return waiting[0]

    async def _go_on(self) -> None:
        try:
            while self._waiting:
                self._give_up_late()
                keys = list(islice(self._waiting, AT_ONCE))
                asked = {key: self._waiting.pop(key)[0] for key in keys}
                if asked:
                    await self._answer(keys, asked)
        finally:
            self._running = False
            for future, _ in self._waiting.values():
                _refuse(future, TimeoutError())
            self._waiting.clear()

    def _give_up_late(self) -> None:
        since_s = asyncio.get_running_loop().time() - self._within_s
        for key in [key for key, (_, asked_s) in self._waiting.items() if asked_s < since_s]:
            _refuse(self._waiting.pop(key)[0], TimeoutError())

    async def _answer(self, keys: Sequence[K], asked: Mapping[K, asyncio.Future[V]]) -> None:
        try:
            found = await self._read(keys)
        except BaseException as error:
            for future in asked.values():
                _refuse(future, error if isinstance(error, Exception) else TimeoutError())
            if not isinstance(error, Exception):
                raise
            return
        for key, future in asked.items():
            future.set_result(found[key])


def _refuse(future: "asyncio.Future[V]", error: Exception) -> None:
    future.set_exception(error)
    future.exception()  # heard, even when nobody waits any more
