"""A full search for garbage comes while few are there, and not under many."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from server.assembling.garbage import NEVER, Garbage
from server.hub.tasks import Tasks


class Knot:
    """Refers to itself, so that counting references never frees it."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The searches of this process are left as they were."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


async def test_what_many_viewers_leave_is_found_when_they_are_gone() -> None:
    connections = 10_000
    tasks = Tasks()
    garbage = Garbage(lambda: connections)
    garbage.start(tasks)
    assert gc.get_threshold()[2] == NEVER
    knot = Knot()
    left = weakref.ref(knot)
    for _ in range(3):
        gc.collect(1)  # grown old, as a viewer of an hour is
    del knot
    gc.collect(1)
    await garbage.look()
    assert left() is not None
    connections = 0
    await garbage.look()
    assert left() is None
    await tasks.close()
