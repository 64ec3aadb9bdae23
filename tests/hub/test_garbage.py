"""A full search for garbage comes while few are there, and under many only when memory has grown."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from server.assembling.garbage import NEVER, Garbage, resident_bytes
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


@pytest.mark.parametrize(
    ("left_mb", "not_yet_mb", "grown_mb"),
    [(200, 299, 300), (1_000, 1_249, 1_250)],  # a quarter, and 100 MB at least
)
async def test_what_grows_under_many_is_searched_before_the_hour(left_mb: int, not_yet_mb: int, grown_mb: int) -> None:
    held_mb = left_mb
    tasks = Tasks()
    garbage = Garbage(lambda: 10_000, lambda: held_mb * 2**20)
    garbage.start(tasks)
    left = weakref.ref(Knot())
    held_mb = not_yet_mb
    await garbage.look()
    assert left() is not None
    held_mb = grown_mb
    await garbage.look()
    assert left() is None
    left = weakref.ref(Knot())
    await garbage.look()
    assert left() is not None, "it is held against what the last search left"
    await tasks.close()


def test_the_memory_of_this_process_is_told() -> None:
    before = resident_bytes()
    held = b"x" * (64 * 2**20)
    assert resident_bytes() - before > 32 * 2**20
    del held
