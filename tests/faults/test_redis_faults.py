"""Redis killed, stopped, emptied, cut off or full: the hubs of a province go on and are whole again afterwards
(promises 8-11 as far as the bus keeps them). Real processes, ticks at their real pace."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis

from server.bus.bus import TICK_S, TICKS_MISSED, Snapshot
from server.bus.redis import RedisBus
from server.bus.redis_link import Names
from server.bus.wire import pack_member
from server.core.model import Entry
from server.core.refusal import Code, Refusal
from tests.contract.follower import Follower, Log
from tests.contract.listening import EPOCH, STAGE, until
from tests.faults.link import Fault, FaultLink
from tests.services import RedisServer

pytestmark = [pytest.mark.faults, pytest.mark.redis]

Make = Callable[..., Awaitable[Follower]]
SILENT_AFTER_S = TICK_S * TICKS_MISSED
LOOPS = {"bus sending", "bus hearing", "bus watching"}
PATIENCE_S = 20.0


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def link(redis_server: RedisServer) -> AsyncIterator[FaultLink]:
    async with FaultLink("127.0.0.1", redis_server.port) as link:
        yield link


@pytest.fixture
async def follower(
    redis_server: RedisServer, log: Log, link: FaultLink, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Make]:
    """Makes one more hub; `far`: without the store, `linked`: its way to Redis is the link, `absent`: Redis is."""
    followers: list[Follower] = []

    async def make(
        *, far: bool = False, linked: bool = False, absent: bool = False, tick_s: float = TICK_S
    ) -> Follower:
        url = f"redis://127.0.0.1:{link.port}/0" if linked else redis_server.url
        one = Follower(RedisBus(url, "jilin", tick_s=tick_s), None if far else log)
        followers.append(await one.start())
        if not absent:
            await until(lambda: one.rejoins, "the subscription")
        return one

    yield make
    alive = [task.get_name() for task in asyncio.all_tasks() if not task.done()]
    assert sum(name in LOOPS for name in alive) == len(LOOPS) * len(followers), "a loop of a bus died"
    assert [record for record in caplog.get_records("call") if record.exc_info] == [], "a fault nobody thought of"
    began_s = asyncio.get_running_loop().time()
    await asyncio.gather(*(one.close() for one in followers))
    assert asyncio.get_running_loop().time() - began_s < PATIENCE_S
    assert not LOOPS & {task.get_name() for task in asyncio.all_tasks() if not task.done()}


async def writing(writer: Follower, log: Log, seconds: float) -> None:
    """Ten entries a second for so long."""
    for _ in range(int(seconds * 10)):
        writer.write(log)
        await asyncio.sleep(0.1)


async def hearers(redis_server: RedisServer) -> set[str]:
    """The connections that subscribe, as Redis counts them."""
    async with Redis.from_url(redis_server.url) as redis:
        return {client["id"] for client in await redis.client_list(_type="pubsub")}


async def whole(log: Log, *followers: Follower) -> None:
    """Everybody has everything, and is linked."""
    for one in followers:
        await until(lambda: one.seen == log.entries, "all entries", PATIENCE_S)  # noqa: B023
        await until(lambda: one.silences[-1:] != [True], "the link", PATIENCE_S)  # noqa: B023


async def test_redis_killed_and_back_empty(follower, log, redis_server):
    here, there, far = await follower(), await follower(), await follower(far=True)
    await writing(here, log, 0.5)
    redis_server.kill()
    await writing(here, log, SILENT_AFTER_S + 2.0)
    assert here.silences == there.silences == [True]
    await until(lambda: there.seen == log.entries, "all entries from the store, without Redis", PATIENCE_S)
    assert far.seen == log.entries[: len(far.seen)], "the far one lacks the last ones"
    redis_server.start()
    await whole(log, here, there, far)
    assert far.silences == [True, False]
    await writing(there, log, 0.5)
    await whole(log, here, there, far)


async def test_redis_stopped_for_five_seconds(follower, log, redis_server):
    here, there, far = await follower(), await follower(), await follower(far=True)
    await writing(here, log, 0.5)
    redis_server.stop_signal()
    await writing(here, log, 5.0)
    assert here.silences == there.silences == far.silences == [True]
    await until(lambda: there.seen == log.entries, "all entries from the store", PATIENCE_S)
    redis_server.cont()
    await whole(log, here, there, far)


async def test_reads_of_a_stopped_redis_are_refused_and_wait_for_nobody(follower, log, redis_server):
    here = await follower()
    here.write(log)
    redis_server.stop_signal()
    for _ in range(3):
        with pytest.raises(Refusal) as refused:
            async with asyncio.timeout(PATIENCE_S):
                await here.bus.history(STAGE, EPOCH, 0, 10)
        assert (refused.value.code, refused.value.temporary) == (Code.UNAVAILABLE, True)
        with pytest.raises(Refusal):
            async with asyncio.timeout(PATIENCE_S):
                await here.bus.snapshot(STAGE)
    redis_server.cont()
    await whole(log, here)
    await until(lambda: here.silences in ([], [True, False]), "the link", PATIENCE_S)
    assert await here.bus.history(STAGE, EPOCH, 0, 10) == tuple(log.entries)


async def test_redis_emptied_while_an_announcement_is_lost(follower, log, redis_server):
    here, there = await follower(), await follower()
    await writing(here, log, 0.5)
    await whole(log, here, there)
    reads = there.from_log
    here.write(log, announce=False)
    redis_server.flush()
    await until(lambda: there.seen == log.entries, "the lost entry, which no set has", 3 * TICK_S)
    assert there.from_log > reads
    await writing(here, log, 0.3)
    await whole(log, here, there)
    assert here.silences == there.silences == []


async def test_one_lost_publish_is_found_by_a_hub_far_away(follower, log, redis_server):
    """The set has the entry, the announcement never arrived, and nothing follows it (promise 10)."""
    here, far = await follower(), await follower(far=True)
    await writing(here, log, 0.3)
    await until(lambda: far.seen == log.entries, "what came before")
    async with Redis.from_url(redis_server.url) as redis:
        entry = here.write(log, announce=False)
        await redis.zadd(Names("jilin").set(STAGE, EPOCH), {pack_member(entry): entry.offset})
    await until(lambda: far.seen == log.entries, "the lost entry", limit_s=3 * TICK_S)


@pytest.mark.parametrize(("way", "tick_s"), [("both", TICK_S), ("up", TICK_S / 4), ("down", TICK_S / 4)])
async def test_a_swallowed_link_is_dropped_and_made_anew(follower, log, link, redis_server, way, tick_s):
    here = await follower(tick_s=tick_s)
    there, far = [await follower(linked=True, far=far, tick_s=tick_s) for far in (False, True)]
    await writing(here, log, 0.5)
    hearing = await hearers(redis_server)
    began_s = asyncio.get_running_loop().time()
    if way != "down":
        link.upward = Fault.BLACKHOLE
    if way != "up":
        link.downward = Fault.BLACKHOLE
    await writing(there, log, 0.5)
    await until(lambda: there.silences == far.silences == [True], "the silence to be noticed", PATIENCE_S)
    noticed_s = asyncio.get_running_loop().time() - began_s
    assert noticed_s > (TICKS_MISSED - 2) * tick_s, "a link is not given up for one tick"
    await writing(here, log, 0.5)
    await until(lambda: there.seen == log.entries, "all entries from the store", PATIENCE_S)
    assert here.silences == [], "who has a link of its own is not disturbed"
    link.upward = link.downward = Fault.PASS
    await whole(log, here, there, far)
    assert len(await hearers(redis_server) - hearing) == 2, "the two that were swallowed, over new connections"
    await writing(there, log, 0.3)
    await whole(log, here, there, far)


async def test_connections_reset_again_and_again(follower, log, link):
    here, there = await follower(linked=True), await follower(far=True, linked=True)
    for _ in range(6):
        rejoins = there.rejoins
        await writing(here, log, 0.3)
        link.reset()
        await until(lambda: there.rejoins > rejoins, "to be told of the new subscription", PATIENCE_S)  # noqa: B023
    await whole(log, here, there)


async def test_a_province_begins_without_redis(follower, log, redis_server):
    redis_server.kill()
    here, there = await follower(absent=True), await follower(absent=True)
    await writing(here, log, SILENT_AFTER_S + 1.0)
    await until(lambda: there.seen == log.entries, "all entries from the store", PATIENCE_S)
    here.bus.put_snapshot(STAGE, Snapshot(EPOCH, here.room.top, b"as of now"))
    redis_server.start()
    await whole(log, here, there)
    far = await follower(far=True)
    await whole(log, far)
    assert await far.bus.snapshot(STAGE) == Snapshot(EPOCH, here.room.top, b"as of now")


async def test_a_full_redis_goes_on_announcing(follower, log, redis_server):
    here, there = await follower(), await follower()
    await writing(here, log, 0.3)
    await whole(log, here, there)
    redis_server.command("CONFIG", "SET", "maxmemory", "1")
    try:
        await writing(here, log, 1.0)
        await whole(log, here, there)
        assert isinstance(here.bus, RedisBus)
        await until(lambda: here.bus.dropped > 0, "what Redis refused to be counted")
        assert here.silences == there.silences == []
    finally:
        redis_server.command("CONFIG", "SET", "maxmemory", "0")
    await writing(there, log, 0.3)
    await whole(log, here, there)


async def test_a_demoted_redis_is_left_and_what_it_refused_is_sent_again(follower, log, redis_server):
    """A replica takes no writes: what waits is kept, and is there once the primary is back."""
    here, far = await follower(), await follower(far=True)
    await writing(here, log, 0.3)
    await until(lambda: far.seen == log.entries, "what came before")
    redis_server.command("REPLICAOF", "127.0.0.1", "1")
    try:
        await writing(here, log, 1.0)
    finally:
        redis_server.command("REPLICAOF", "NO", "ONE")
    await whole(log, here, far)
    assert isinstance(here.bus, RedisBus)
    assert here.bus.dropped == 0
    # A replica passes PUBLISH on while it refuses to write: everybody may have everything before the set has.
    kept: tuple[Entry, ...] = ()
    for _ in range(int(PATIENCE_S / 0.05)):
        kept = await far.bus.history(STAGE, EPOCH, 0, 100)
        if len(kept) == len(log.entries):
            break
        await asyncio.sleep(0.05)
    assert kept == tuple(log.entries)


async def test_strangers_bytes_on_the_bus_are_passed_over(follower, log, redis_server, caplog):
    here, there = await follower(), await follower()
    names = Names("jilin")
    async with Redis.from_url(redis_server.url) as redis:
        for name in (names.ticks, names.pulse, names.live(STAGE)):
            for data in (b"", b"\xff" * 20, b"\x93\xa1h\x01\x02", b"{}"):
                await redis.publish(name, data)
        await redis.zadd(names.set(STAGE, EPOCH), {b"short": 1})
    await writing(here, log, 0.3)
    await whole(log, here, there)
    assert "no hub of this version" in caplog.text
    assert await here.bus.history(STAGE, EPOCH, 0, 10) == ()
