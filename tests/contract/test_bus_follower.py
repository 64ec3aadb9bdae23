"""Two and three hubs over one bus: whatever the bus loses or turns round, each shows every entry once and in order
(promises 10, 25, 26 as far as the bus and the room keep them)."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from server.bus.bus import TICK_S, Announcement, Bus
from server.bus.memory import Exchange, MemoryBus
from server.bus.redis import RedisBus
from server.core.model import Head
from tests.contract.follower import Follower, Log
from tests.contract.listening import STAGE, until

Make = Callable[..., Awaitable[Follower]]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture(params=["memory", "redis"])
async def follower(request: pytest.FixtureRequest, log: Log) -> AsyncIterator[Make]:
    """Makes one more hub; `far=True` without the store. Ticks at their real pace."""
    followers: list[Follower] = []
    exchange = Exchange()
    url = request.getfixturevalue("redis_server").url if request.param == "redis" else ""

    async def make(*, far: bool = False) -> Follower:
        bus: Bus = RedisBus(url, "jilin") if url else MemoryBus(exchange)
        followers.append(await Follower(bus, None if far else log).start())
        await until(lambda: followers[-1].rejoins, "the subscription")
        return followers[-1]

    yield make
    for one in followers:
        await one.close()


async def test_all_see_all(follower, log):
    here, there, far = await follower(), await follower(), await follower(far=True)
    for number in range(200):
        (here if number % 2 else there).write(log)
        if number % 10 == 0:
            await asyncio.sleep(0.005)
    await until(lambda: here.seen == there.seen == far.seen == log.entries, "the same everywhere")


async def test_a_lost_last_announcement_is_found_by_a_tick(follower, log):
    here, there = await follower(), await follower()
    here.write(log)
    await until(lambda: len(there.seen) == 1, "the first entry")
    reads = there.from_log
    here.write(log, announce=False)
    await until(lambda: len(there.seen) == 2, "the lost entry", limit_s=3 * TICK_S)
    assert there.from_log > reads, "only the log had it"


async def test_a_lost_announcement_is_found_by_the_next(follower, log):
    here, there = await follower(), await follower()
    here.write(log, announce=False)
    here.write(log)
    await until(lambda: there.seen == log.entries, "both entries")


async def test_hubs_that_announce_out_of_order_are_put_in_order(follower, log):
    """Each entry is announced by one of three hubs, at any moment within 20 ms of its commit."""
    writers = [await follower() for _ in range(3)]
    reader = await follower(far=True)
    chance = random.Random(7)

    async def announce_late(writer: Follower) -> None:
        entry = log.append()
        await asyncio.sleep(chance.uniform(0, 0.02))
        writer.bus.announce(Announcement(STAGE, log.epoch, (entry,)))
        writer.take(log.epoch, entry)

    async with asyncio.TaskGroup() as group:
        for _ in range(300):
            group.create_task(announce_late(chance.choice(writers)))
            await asyncio.sleep(0.001)
    await until(lambda: all(one.seen == log.entries for one in (*writers, reader)), "the same everywhere")


async def test_one_who_comes_late_is_made_whole(follower, log):
    here = await follower()
    for _ in range(700):
        here.write(log)
    there = await follower()
    await until(lambda: there.seen == log.entries, "everything, the beginning from the log")
    here.write(log)
    await until(lambda: there.seen == log.entries, "what came after")


async def test_a_hub_far_away_is_made_whole_from_the_set(follower, log):
    here, there = await follower(), await follower()
    for _ in range(300):
        here.write(log)
    await until(lambda: there.seen == log.entries, "all announcements, so that none is left for the newcomer")
    far = await follower(far=True)
    await until(lambda: far.seen == log.entries, "everything from the set")
    assert far.from_set > 0


async def test_ticks_of_a_hub_that_fell_behind_do_no_harm(follower, log):
    here, there = await follower(), await follower()
    for _ in range(5):
        here.write(log)
    await until(lambda: there.seen == log.entries, "all entries")
    there.bus.set_tops({STAGE: Head(log.epoch, 2)})
    await asyncio.sleep(1.5 * TICK_S)
    assert here.seen == there.seen == log.entries
