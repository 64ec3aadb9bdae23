"""What a hub of another province may publish in this one's Redis, and what its own Redis may hold: none of it stops the
hubs here from hearing each other."""

import asyncio
import contextlib
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

PROVINCE = "220000"
THERE = "210000"
OTHERS = (THERE, "230000")
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

    async def one(*, home: str = "") -> tuple[RedisBus, Ear]:
        bus, ear = RedisBus(redis_server.url, PROVINCE, tick_s=TICK_S, home=home, others=OTHERS), Ear()
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
    _, far_ear = await join(home=THERE)
    at = f"daigang:{PROVINCE}:"
    for name in (f"far:{THERE}", "open:ticks", "open:pulse", "ticks", "pulse", f"live:{STAGE}"):
        assert await raw.publish(f"{at}{name}", bad) >= 1
    here.announce(announcement(STAGE, 1))
    await until(lambda: ear.announcements and far_ear.announcements, "the announcement after it")
    assert ear.rejoins == far_ear.rejoins == [STAGE], "no connection was given up"
    assert "begins anew" not in caplog.text
    assert "no hub of this version has sent" in caplog.text


@pytest.mark.parametrize(("field", "value"), [("epoch", b"\xff"), ("offset", b"seven"), ("offset", b"9" * 30)])
async def test_a_snapshot_that_is_none_is_refused(join: Join, raw: Redis, field: str, value: bytes) -> None:
    bus, _ = await join(home=THERE)
    await raw.hset(
        f"daigang:{PROVINCE}:snapshot:{STAGE}", mapping={"epoch": EPOCH, "offset": 1, "data": b"x", field: value}
    )
    with pytest.raises(Refusal) as refused:
        await bus.snapshot(STAGE)
    assert (refused.value.code, refused.value.temporary) == (Code.UNAVAILABLE, True)


async def test_what_is_too_large_is_passed_over_before_anybody_looks(join: Join, raw: Redis) -> None:
    """Heard of another province, and read in its Redis; our own hubs' word has no such bound."""
    here, ear = await join()
    far, far_ear = await join(home=THERE)
    at, much = f"daigang:{PROVINCE}:", b"x" * (MOST_FAR_BYTES + 1)
    await raw.publish(f"{at}far:{THERE}", pack_pulses("a far hub", {"presence": much}))
    await raw.publish(f"{at}far:{THERE}", pack_pulses("a far hub", {"presence": b"few"}))
    await until(lambda: ear.pulses, "the numbers")
    assert ear.pulses == [("a far hub", f"{FAR}presence@{THERE}", b"few")]
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
    assert len(await far.history(STAGE, EPOCH, 0, 50)) == 50, "its next read is answered"


GIVEN_UP = {
    "one part of a gigabyte": b"*3\r\n$1\r\ne\r\n$1\r\n7\r\n$1073741824\r\n",
    "parts without end": b"*1000000000\r\n",
    "lists in lists": b"*1\r\n" * 1_500,
    "a line without end": b"+",
    "a length that is none": b"$seven\r\n",
    "a length below nothing": b"$-7\r\n",
}


@pytest.mark.parametrize("begins", GIVEN_UP.values(), ids=GIVEN_UP.keys())
async def test_an_answer_is_given_up_while_it_comes(begins: bytes) -> None:
    """A Redis of another house that says anything, for as long as somebody reads on: at the first word of it that goes
    too far the line is cut, with next to nothing in memory."""
    sent, over = 0, asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while b"HMGET" not in (said := await reader.read(65_536)):
            if not said:
                return
            writer.write(b"+OK\r\n" * said.count(b"*"))
        writer.write(begins)
        more = b":1\r\n" * 16_384 if begins.startswith(b"*1000") else b"x" * 65_536
        with contextlib.suppress(OSError):
            while not reader.at_eof() and sent < 64 * 2**20:
                writer.write(more)
                await writer.drain()
                sent += len(more)
        writer.transport.abort()
        over.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        bus = RedisBus(f"redis://127.0.0.1:{port}/0", PROVINCE, home=THERE)
        with pytest.raises(Refusal) as refused:
            await bus.snapshot(STAGE)
        assert refused.value.code is Code.UNAVAILABLE
        await asyncio.wait_for(over.wait(), 5)
        await bus.close()
    assert sent < 16 * 2**20, "what kernels hold of it, at most"


async def test_no_province_speaks_in_the_name_of_another(join: Join, raw: Redis) -> None:
    """Whose numbers they are is told by where they are published, and there its user alone may."""
    _, ear = await join()
    far, _ = await join(home=THERE)
    _, other_ear = await join(home="230000")
    far.pulse("presence", b"few")
    await raw.publish(f"daigang:{PROVINCE}:far:110000", pack_pulses("nobody we know", {"presence": b"many"}))
    await raw.publish(f"daigang:{PROVINCE}:far:230000", pack_pulses("other", {"presence@210000": b"many"}))
    await until(lambda: len(ear.pulses) >= 2, "the numbers")
    assert sorted(ear.pulses) == sorted(
        [(far.hub, f"{FAR}presence@{THERE}", b"few"), ("other", f"{FAR}presence@210000@230000", b"many")]
    )
    assert other_ear.pulses == []


async def test_our_redis_takes_no_megabytes_at_once(join: Join, redis_server: RedisServer) -> None:
    here, ear = await join()
    _, other = await join()
    async with Redis.from_url(redis_server.url) as stranger:
        with pytest.raises(RedisError):
            await stranger.publish(f"daigang:{PROVINCE}:far:{THERE}", b"x" * 2_000_000)
    here.announce(announcement(STAGE, 1))
    await until(lambda: other.announcements, "the announcement")
    assert ear.pulses == []
    assert other.rejoins == [STAGE]
