"""Many different questions at once are one reading, and a failure is everybody's."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from server.core.refusal import Code, Refusal
from server.hub.gathering import AT_ONCE, Gathering
from server.hub.tasks import Tasks


class Book:
    def __init__(self) -> None:
        self.readings: list[list[int]] = []
        self.error: Exception | None = None
        self.takes_s = 0.01

    async def read(self, keys: Sequence[int]) -> Mapping[int, str]:
        self.readings.append(list(keys))
        await asyncio.sleep(self.takes_s)
        if self.error is not None:
            raise self.error
        return {key: str(key) for key in keys}


async def test_what_is_asked_meanwhile_goes_with_the_next_reading() -> None:
    book, tasks = Book(), Tasks()
    gathering = Gathering(book.read, tasks, "test", within_s=5.0)
    first = asyncio.create_task(gathering.get(0))
    await asyncio.sleep(0.001)
    answers = await asyncio.gather(first, *(gathering.get(key % 200) for key in range(1, 401)))
    assert answers == [str(key % 200) for key in range(401)]
    assert book.readings[0] == [0]
    assert max(len(keys) for keys in book.readings) == AT_ONCE
    assert len(book.readings) == 3
    assert len(tasks) == 0


async def test_a_failure_is_told_to_all_who_waited_and_not_kept() -> None:
    book, tasks = Book(), Tasks()
    gathering = Gathering(book.read, tasks, "test", within_s=5.0)
    book.error = Refusal(Code.UNAVAILABLE, temporary=True, what="store")
    answers = await asyncio.gather(*(gathering.get(key) for key in range(3)), return_exceptions=True)
    assert [isinstance(answer, Refusal) for answer in answers] == [True, True, True]
    book.error = None
    assert await gathering.get(1) == "1"


async def test_who_goes_away_leaves_the_others_their_answer() -> None:
    book, tasks = Book(), Tasks()
    gathering = Gathering(book.read, tasks, "test", within_s=5.0)
    gone, here = asyncio.create_task(gathering.get(1)), asyncio.create_task(gathering.get(1))
    await asyncio.sleep(0.001)
    gone.cancel()
    assert await here == "1"
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_at_the_end_nobody_waits_for_ever() -> None:
    book, tasks = Book(), Tasks()
    gathering = Gathering(book.read, tasks, "test", within_s=5.0)
    waiting = [asyncio.create_task(gathering.get(key)) for key in range(2)]
    await asyncio.sleep(0.001)
    await tasks.close()
    answers = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 1)
    assert all(isinstance(answer, TimeoutError) for answer in answers)


async def test_who_waited_too_long_is_not_asked_for_any_more() -> None:
    book, tasks = Book(), Tasks()
    book.takes_s = 0.4
    gathering = Gathering(book.read, tasks, "test", within_s=0.2)
    asked = [gathering.ask(key) for key in range(2 * AT_ONCE)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers[:AT_ONCE] == [str(key) for key in range(AT_ONCE)]
    assert all(isinstance(answer, TimeoutError) for answer in answers[AT_ONCE:])
    assert len(book.readings) == 1
    assert await gathering.get(1) == "1"
    assert len(tasks) == 0


async def test_nobody_waits_for_ever_when_the_hub_closes() -> None:
    book, tasks = Book(), Tasks()
    gathering = Gathering(book.read, tasks, "test", within_s=5.0)
    asked = [gathering.ask(key) for key in range(2 * AT_ONCE)]
    await asyncio.sleep(0.001)
    await tasks.close()
    answers = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 1.0)
    assert all(isinstance(answer, TimeoutError) for answer in answers)
