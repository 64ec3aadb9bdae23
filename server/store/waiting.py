"""What waits in the writer's queue, and how whoever waits for it is answered."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from server.store.batch import Keyed
from server.store.writes import Committed


class Waiting:
    """A write in the queue and who waits for it. `abandoned`: nobody does any more, and was told so."""

    __slots__ = ("abandoned", "came_s", "future", "item", "loop", "number")

    def __init__(self, item: Keyed, loop: asyncio.AbstractEventLoop) -> None:
        self.item = item
        self.loop = loop
        self.future: asyncio.Future[Committed] = loop.create_future()
        self.abandoned = False
        self.came_s = time.monotonic()
        self.number = 0  # its place among all that came, given by the queue


class Work:
    """A transaction of its own, such as an import, between two batches."""

    __slots__ = ("act", "future", "loop")

    def __init__(self, act: Callable[[Connection], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.act = act
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()


def tell(answers: Sequence[tuple["asyncio.Future[Any]", Any]]) -> None:
    """On their event loop: answer those who still wait."""
    for future, answer in answers:
        if future.done():  # the waiter went away; what it asked for is done all the same
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
