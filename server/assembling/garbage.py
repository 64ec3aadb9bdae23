"""When Python looks for garbage that refers to itself.

A full search visits every object: with 19,600 viewers it stops the loop for 0.5 s, and by Python's own rule it came
every few seconds under a flood of chat (a fifth of the processor, and most of what a card waited). Nearly everything
of a hub is freed by counting references; what is not is young (a refusal and its traceback) and found by the small
searches, which go on. So full ones come when they cost little, and all the same once an hour and whenever memory has
grown by a quarter: what nobody thought of must not fill the machine until then.
"""

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from server.hub.tasks import Tasks

YOUNG: Final = 50_000
"""Objects made and not freed between two small searches (Python: 700). Commands under way are such, and live: 250
applications of one batch are 20,000, and a search in the middle of each batch found nothing."""
MIDDLE: Final = 1
"""Small searches between two that look at their survivors once more: at 100,000 objects, some 50 ms. With 10 it was
half a million when a crowd came, and the p99 of cold arrivals rose from 0.1 to 0.3 s."""
NEVER: Final = 1_000_000_000
LOOK_EVERY_S: Final = 60.0
FEW: Final = 200
"""Connections so few that a full search is over in some 20 ms."""
AT_LATEST_S: Final = 3600.0
GROWN: Final = 0.25
"""Of what the process had in memory after the last search. It may be all viewers who came: then the next search is a
quarter further off, so that 20,000 cause a handful of them."""
GROWN_LEAST_BYTES: Final = 100 * 2**20


def resident_bytes() -> int:
    """What this process has in memory; 0 where the system does not tell (Linux does)."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class Garbage:
    """Full searches of one process."""

    def __init__(self, connections: Callable[[], int], memory: Callable[[], int] = resident_bytes) -> None:
        self._connections = connections
        self._memory = memory  # bytes
        self._searched_s = 0.0
        self._left_bytes = 0  # by the last search

    def start(self, tasks: Tasks) -> None:
        """Search once, leave what was found alive out of every later search, and search rarely from now on. To be
        called before anybody is there."""
        self._search()
        gc.freeze()
        gc.set_threshold(YOUNG, MIDDLE, NEVER)
        tasks.every(LOOK_EVERY_S, self.look, name="garbage")

    async def look(self) -> None:
        """Search when it costs little, has not been done for an hour, or memory has grown."""
        if self._connections() <= FEW or time.monotonic() - self._searched_s > AT_LATEST_S or self._has_grown():
            self._search()

    def _has_grown(self) -> bool:
        return self._memory() - self._left_bytes >= max(GROWN * self._left_bytes, GROWN_LEAST_BYTES)

    def _search(self) -> None:
        gc.collect()
        self._searched_s = time.monotonic()
        self._left_bytes = self._memory()
