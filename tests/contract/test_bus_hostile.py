"""What a hub of another province may publish in this one's Redis, and what its own Redis may hold: none of it stops the
hubs here from hearing each other."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from server.bus.bus import FAR, MOST_FAR_BYTES
from server.bus.redis import RedisBus
from server.bus.wire import pack_member, pack_pulses
from server.core.model import Entry
from server.core.refusal import Code, Refusal
from tests.contract.listening import EPOCH, STAGE, Ear, announcement, until
from tests.services import RedisServer

PROVINCE = "jilin"
TICK_S = 0.1
BAD = {
    "a hub's name that is not UTF-8": b"\x92\xa1\xff\x80",
    "a number's name that is not UTF-8": b"\x92\xa1h\x81\xa1\xff\xc4\x01x",
    "nesting without end": b"\x93\xa1h\x80" + b"\x91" * 50_000 + b"\xc0",
    "no message": b"\xc1",
    "nothing": b"",
}

Join = Callable[..., Awaitable[tuple[RedisBus, Ear]]]


@pytest.fixture
async def join(redis_server: RedisServer) -> AsyncIterator[Join]:
    buses = []

    async def one(*, far: bool = False) -> tuple[RedisBus, Ear]:
        bus, ear = RedisBus(redis_server.url, PROVINCE, tick_s=TICK_S, far=far), Ear()
        buses.append(bus)
        await bus.start(ear)
        bus.subscribe(STAGE)
        await until(lambda: ear.rejoins, "the subscription")
        return bus, ear

    yield one
    for bus in buses:
        await bus.close()


@pytest.fixture
async def raw(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url) as redis:
        yield redis


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_hubs_hear_on_whatever_is_published(
    join: Join, raw: Redis, bad: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    here, _ = await join()
    _, ear = await join()
    _, far_ear = await join(far=True)
    at = f"daigang:{PROVINCE}:"
    for name in ("far", "open:ticks", "open:pulse", "ticks", "pulse", f"live:{STAGE}"):
        assert await raw.publish(f"{at}{name}", bad) >= 1
    here.announce(announcement(STAGE, 1))
    await until(lambda: ear.announcements and far_ear.announcements, "the announcement after it")
    assert ear.rejoins == far_ear.rejoins == [STAGE], "no connection was given up"
    assert "begins anew" not in caplog.text
    assert "no hub of this version has sent" in caplog.text


@pytest.mark.parametrize(("field", "value"), [("epoch", b"\xff"), ("offset", b"seven"), ("offset", b"9" * 30)])
async def test_a_snapshot_that_is_none_is_refused(join: Join, raw: Redis, field: str, value: bytes) -> None:
    bus, _ = await join(far=True)
    await raw.hset(
        f"daigang:{PROVINCE}:snapshot:{STAGE}", mapping={"epoch": EPOCH, "offset": 1, "data": b"x", field: value}
    )
    with pytest.raises(Refusal) as refused:
        await bus.snapshot(STAGE)
    assert (refused.value.code, refused.value.temporary) == (Code.UNAVAILABLE, True)


async def test_what_is_too_large_is_passed_over_before_anybody_looks(join: Join, raw: Redis) -> None:
    """Heard of another province, and read in its Redis; our own hubs' word has no such bound."""
    here, ear = await join()
    far, far_ear = await join(far=True)
    at, much = f"daigang:{PROVINCE}:", b"x" * (MOST_FAR_BYTES + 1)
    await raw.publish(f"{at}far", pack_pulses("elsewhere", {"presence": much}))
    await raw.publish(f"{at}far", pack_pulses("elsewhere", {"presence": b"few"}))
    await until(lambda: ear.pulses, "the numbers")
    assert ear.pulses == [("elsewhere", f"{FAR}presence", b"few")]
    await raw.publish(f"{at}open:pulse", pack_pulses("there", {"numbers": much}))
    await raw.publish(f"{at}open:pulse", pack_pulses("there", {"numbers": b"few"}))
    await until(lambda: far_ear.pulses, "the numbers")
    assert far_ear.pulses == [("there", "numbers", b"few")]

    await raw.hset(f"{at}snapshot:{STAGE}", mapping={"epoch": EPOCH, "offset": 1, "data": much})
    with pytest.raises(Refusal):
        await far.snapshot(STAGE)
    assert await here.snapshot(STAGE) is not None
    members = [Entry(n, 1, bytes(60_000)) for n in range(1, 101)]
    await raw.zadd(f"{at}set:{STAGE}:{EPOCH}", {pack_member(one): one.offset for one in members})
    assert await far.history(STAGE, EPOCH, 0, 500) == ()
    assert await here.history(STAGE, EPOCH, 0, 500) == tuple(members)


async def test_our_redis_takes_no_megabytes_at_once(join: Join, redis_server: RedisServer) -> None:
    here, ear = await join()
    _, other = await join()
    async with Redis.from_url(redis_server.url) as stranger:
        with pytest.raises(RedisError):
            await stranger.publish(f"daigang:{PROVINCE}:far", b"x" * 2_000_000)
    here.announce(announcement(STAGE, 1))
    await until(lambda: other.announcements, "the announcement")
    assert ear.pulses == []
    assert other.rejoins == [STAGE]
