"""When Python looks for garbage that refers to itself.

A full search visits every object: with 19,600 viewers it stops the loop for 0.5 s, and by Python's own rule it came
every few seconds under a flood of chat (a fifth of the processor, and most of what a card waited). Nearly everything
of a hub is freed by counting references; what is not is young (a refusal and its traceback) and found by the small
searches, which go on. So full ones come when they cost little, and once an hour all the same.
"""

import gc
import time
from collections.abc import Callable
from typing import Final

from server.hub.tasks import Tasks

YOUNG: Final = 10_000
"""Objects made and not freed between two small searches (Python: 700). Commands under way are such, and live."""
MIDDLE: Final = 10
"""Small searches between two that look at their survivors once more."""
NEVER: Final = 1_000_000_000
LOOK_EVERY_S: Final = 60.0
FEW: Final = 200
"""Connections so few that a full search is over in some 20 ms."""
AT_LATEST_S: Final = 3600.0


class Garbage:
    """Full searches of one process."""

    def __init__(self, connections: Callable[[], int]) -> None:
        self._connections = connections
        self._searched_s = 0.0

    def start(self, tasks: Tasks) -> None:
        """Search once, leave what was found alive out of every later search, and search rarely from now on. To be
        called before anybody is there."""
        self._search()
        gc.freeze()
        gc.set_threshold(YOUNG, MIDDLE, NEVER)
        tasks.every(LOOK_EVERY_S, self.look, name="garbage")

    async def look(self) -> None:
        """Search when it costs little or has not been done for an hour."""
        if self._connections() <= FEW or time.monotonic() - self._searched_s > AT_LATEST_S:
            self._search()

    def _search(self) -> None:
        gc.collect()
        self._searched_s = time.monotonic()
