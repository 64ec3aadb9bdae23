"""How long a write may wait: one timer for all of them. A timer for each (made, cancelled and kept in the loop's heap
for the ten seconds it stood for) was a fifth of what a chat line cost."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from server.store.troubles import unavailable
from server.store.waiting import Waiting

LOOKS: Final = 40
"""Looks in the time that a write may wait: it is told at most a fortieth of it late."""


class Patience:
    """Writes that wait on one event loop, oldest first. Invariant: the timer runs exactly while some are watched."""

    def __init__(self, within_s: float, given_up: Callable[[], None]) -> None:
        """`given_up` is called for each whose time is over."""
        self._within_s = within_s
        self._given_up = given_up
        self._watched: deque[tuple[float, Waiting]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.loop = asyncio.get_running_loop()

    def watch(self, waiting: Waiting) -> None:
        """From now on, until it is done or its time is over."""
        self._watched.append((self.loop.time() + self._within_s, waiting))
        if self._timer is None:
            self._timer = self.loop.call_later(self._within_s / LOOKS, self._look)

    def _look(self) -> None:
        now_s = self.loop.time()
        while self._watched and (self._watched[0][1].future.done() or self._watched[0][0] <= now_s):
            _, waiting = self._watched.popleft()
            if not waiting.future.done():
                waiting.abandoned = True
                self._given_up()
                waiting.future.set_exception(unavailable())
        self._timer = self.loop.call_later(self._within_s / LOOKS, self._look) if self._watched else None
