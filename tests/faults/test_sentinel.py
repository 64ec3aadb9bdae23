"""A replica that Sentinels promote (promise 9): the primary is killed, or stops answering, and comes back as a replica.
The hubs follow by themselves, nothing is lost, and nobody waits for Redis meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from server.bus.redis import RedisBus
from server.bus.redis_sentinel import Place, by_sentinels, place_of
from tests.contract.follower import Follower, Log
from tests.contract.listening import until
from tests.faults.sentinels import Watched
from tests.services import find_redis, left_out

pytestmark = [pytest.mark.faults, pytest.mark.redis]

PATIENCE_S = 20.0


@pytest.fixture
def watched() -> Iterator[Watched]:
    if find_redis() is None:
        left_out("There is no redis-server on this machine.")
    servers = Watched()
    try:
        servers.start()
        yield servers
    finally:
        servers.close()


@pytest.fixture
async def hubs(watched: Watched) -> AsyncIterator[tuple[Log, list[Follower]]]:
    """Three hubs; the last one has no store and hears by Redis alone."""
    log = Log()
    followers = [Follower(RedisBus(watched.url, "jilin"), store) for store in (log, log, None)]
    for one in followers:
        await one.start()
        await until(lambda: one.rejoins, "the subscription")  # noqa: B023
    yield log, followers
    await asyncio.gather(*(one.close() for one in followers))


async def write(log: Log, writer: Follower, seconds: float) -> None:
    for _ in range(int(seconds * 10)):
        writer.write(log)
        await asyncio.sleep(0.1)


async def whole(log: Log, followers: list[Follower]) -> None:
    for one in followers:
        await until(lambda: one.seen == log.entries, "all entries", PATIENCE_S)  # noqa: B023


async def test_a_promoted_replica_is_found_and_the_old_primary_left(
    watched: Watched, hubs: tuple[Log, list[Follower]]
) -> None:
    log, followers = hubs
    await write(log, followers[0], 0.5)
    await whole(log, followers)
    await asyncio.to_thread(watched.primary.kill)
    while not await asyncio.to_thread(watched.promoted):
        await write(log, followers[0], 0.2)
    await write(log, followers[1], 0.5)
    await whole(log, followers)
    # One Sentinel hangs, and the old primary is back and believes that it is one, until it is told otherwise.
    watched.sentinels[0].stop_signal()
    await asyncio.to_thread(watched.primary.start)
    await write(log, followers[0], 1.0)
    await whole(log, followers)
    assert [one.bus.dropped for one in followers if isinstance(one.bus, RedisBus)] == [0, 0, 0]


def test_addresses() -> None:
    assert by_sentinels("redis+sentinel://a/b")
    assert not by_sentinels("redis://a/0")
    place = place_of("rediss+sentinel://hub:p%40ss@10.0.0.1,[fd00::1]:26380/jilin/3?sentinel_password=s")
    redis: dict[str, str | int] = {"db": 3, "username": "hub", "password": "p@ss"}
    assert place == Place((("10.0.0.1", 26379), ("fd00::1", 26380)), "jilin", True, redis, {"password": "s"})
    for wrong in (
        "redis+sentinel://a",
        "redis+sentinel:///name",
        "redis+sentinel://a:x/name",
        "redis+sentinel://a/name/x",
    ):
        with pytest.raises(ValueError, match="wants"):
            place_of(wrong)
