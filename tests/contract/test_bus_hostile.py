"""What a hub of another province may publish in this one's Redis, and what its own Redis may hold: none of it stops the
hubs here from hearing each other."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis

from server.bus.redis import RedisBus
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
    kept = {"epoch": EPOCH, "offset": 1, "data": b"x", field: value}
    await raw.hset(f"daigang:{PROVINCE}:snapshot:{STAGE}", mapping=kept)
    with pytest.raises(Refusal) as refused:
        await bus.snapshot(STAGE)
    assert (refused.value.code, refused.value.temporary) == (Code.UNAVAILABLE, True)
