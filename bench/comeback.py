"""Viewers who lost the link and come back with the backoff of our own clients, each at its own moment; and who were put
off and ask again."""

import heapq
import random

from bench.viewer import JOINING, Viewer
from clients.python.comeback import backoff_s

AGAIN_AFTER_S = 1.0
"""A join that was refused for now is asked for again, on the same link; as our clients do."""


class AskingAgain:
    """Joins that were refused for now, and when each is asked for again."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, int, Viewer]] = []
        self.total = 0

    def later(self, put_off: list[tuple[Viewer, int]], now_s: float) -> None:
        """Take over what was refused: viewers and the ids of their joins."""
        for viewer, id in put_off:
            heapq.heappush(self._due, (now_s + AGAIN_AFTER_S, viewer.number, id, viewer))
        self.total += len(put_off)
        put_off.clear()

    def due(self, now_s: float) -> list[tuple[Viewer, int]]:
        """Whose time has come, and who still waits for it."""
        ready = []
        while self._due and self._due[0][0] <= now_s:
            _, _, id, viewer = heapq.heappop(self._due)
            if viewer.state == JOINING:
                ready.append((viewer, id))
        return ready


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
