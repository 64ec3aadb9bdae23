"""What runs in the background: heard when it fails, going on all the same, gone at close."""

import asyncio

import pytest

from server.core.refusal import Code, Refusal
from server.hub.sharing import Sharing
from server.hub.tasks import Tasks


async def test_a_step_that_fails_is_followed_by_the_next(caplog: pytest.LogCaptureFixture) -> None:
    tasks, steps, done = Tasks(), 0, asyncio.Event()

    async def step() -> None:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise ValueError("13812345678")
        if steps in (2, 3, 4):
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="store")
        if steps == 6:
            done.set()

    tasks.every(0.001, step, name="walk")
    async with asyncio.timeout(10):
        await done.wait()
    await tasks.close()
    assert len(tasks) == 0
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "walk failed",
        "walk has to wait",
        "walk goes on",
    ]
    assert "13812345678" not in caplog.text


async def test_settling_lets_work_end_and_then_ends_it() -> None:
    tasks, ended = Tasks(), []

    async def short() -> None:
        await asyncio.sleep(0.01)
        ended.append("short")

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("endless")

    tasks.start(short(), name="short")
    tasks.start(endless(), name="endless")
    await tasks.settle(0.2)
    assert ended == ["short", "endless"]
    assert len(tasks) == 0


async def test_one_read_for_all_who_ask_at_once() -> None:
    sharing: Sharing[int] = Sharing(60.0)
    reads = 0

    async def read() -> int:
        nonlocal reads
        reads += 1
        await asyncio.sleep(0.01)
        if reads == 1:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="store")
        return reads

    ends = await asyncio.gather(*(sharing.get("a", read) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(end, Refusal) for end in ends)
    assert reads == 1
    asking = [asyncio.create_task(sharing.get("a", read)) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    ended = await asyncio.gather(*asking, return_exceptions=True)
    assert ended[1:] == [2] * 4, "who gives up takes nothing from the others"
    assert await sharing.get("a", read) == 2
    sharing.forget("a")
    assert await sharing.get("a", read) == 3
