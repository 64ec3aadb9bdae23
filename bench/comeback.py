"""Viewers who lost the link and come back with the backoff of our own clients, each at its own moment."""

import heapq
import random

from bench.viewer import Viewer
from clients.python.comeback import backoff_s


class ComingBack:
    """Who has to call again, and when. Chance is seeded: every run has the same storm."""

    def __init__(self, seed: int = 20211127) -> None:
        self._chance = random.Random(seed)
        self._due: list[tuple[float, int, Viewer]] = []
        self.tries = 0

    def __len__(self) -> int:
        return len(self._due)

    def later(self, viewer: Viewer, now_s: float) -> None:
        """It did not get in, or not stay: it waits."""
        wait_s = backoff_s(viewer.failures, self._chance.random())
        viewer.failures += 1
        heapq.heappush(self._due, (now_s + wait_s, viewer.number, viewer))

    def due(self, now_s: float) -> list[Viewer]:
        """Whose time has come."""
        ready = []
        while self._due and self._due[0][0] <= now_s:
            ready.append(heapq.heappop(self._due)[2])
        self.tries += len(ready)
        return ready
