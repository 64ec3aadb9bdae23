"""Two hubs of one province on one PostgreSQL, with Redis and without: one identical order for everybody, whoever writes
where, and whole again when Redis is away (promises 8, 25, 26)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from server.bus.bus import Bus
from server.bus.memory import MemoryBus
from server.bus.redis import RedisBus
from server.core.model import Epoch, Since
from server.core.protocol import ClosePosition, Done, GoLive, Overview, OverviewIs, Refused, Reply, ShowCard
from server.core.search import Query
from server.core.search.asking import Cursor
from server.hub.settings import HubSettings
from server.store import log_queries
from tests.services import RedisServer
from tests.wire.hubs import HOST, OPERATOR, Line, Running, eventually, key, running

SETTINGS = HubSettings(poll_heads_s=0.25)


@contextlib.asynccontextmanager
async def two(tmp_path: Path, url: str, buses: tuple[Bus, Bus]) -> AsyncIterator[tuple[Running, Running]]:
    async with (
        running(tmp_path, url=url, bus=buses[0], settings=SETTINGS) as one,
        running(tmp_path, url=url, bus=buses[1], settings=SETTINGS) as other,
    ):
        yield one, other


@pytest.fixture(params=["redis", "no redis"])
def buses(request: pytest.FixtureRequest) -> Callable[[], tuple[Bus, Bus]]:
    if request.param == "no redis":
        # Each hub has an exchange of its own, as in two processes: they share nothing but the store.
        return lambda: (MemoryBus(), MemoryBus())
    server: RedisServer = request.getfixturevalue("redis_server")
    return lambda: (RedisBus(server.url, province="220000"), RedisBus(server.url, province="220000"))


async def shows(hub: Running, count: int, person: str = "host") -> list[Reply]:
    cards = [ShowCard(session="S01", position=f"P01{n % 8}", key=key()) for n in range(count)]
    return [await hub.do(card, person) for card in cards]


async def stage_seen(line: Line, up_to: int) -> list[int]:
    return await line.offsets("stage/S01", up_to, 20.0)


async def test_one_order_for_all_whoever_writes_where(
    tmp_path: Path, postgres_url: str, buses: Callable[[], tuple[Bus, Bus]]
) -> None:
    async with (
        two(tmp_path, postgres_url, buses()) as (one, other),
        one.line("g1") as here,
        other.line("g2") as there,
    ):
        await here.join("stage/S01")
        await there.join("stage/S01")
        assert isinstance(await one.do(GoLive(session="S01", key=key())), Done)
        # Three hosts at each hub at once.
        showing = [shows(hub, 20, f"host-{n}") for hub in (one, other) for n in range(3)]
        replies = [r for part in await asyncio.gather(*showing) for r in part]
        assert all(isinstance(reply, Done) for reply in replies), replies
        expected = list(range(1, 122))
        assert await stage_seen(here, 121) == expected
        assert await stage_seen(there, 121) == expected
        entries = await one.store.read(log_queries.entries, "stage/S01", 0, 200)  # type: ignore[arg-type]
        assert [entry.offset for entry in entries] == expected


async def test_numbers_are_of_both_hubs(tmp_path: Path, postgres_url: str, redis_server: RedisServer) -> None:
    """Presence travels on the bus; without one each hub counts its own, as docs/operations.md says."""
    pair = (RedisBus(redis_server.url, province="220000"), RedisBus(redis_server.url, province="220000"))
    async with (
        two(tmp_path, postgres_url, pair) as (one, other),
        one.line("g1") as here,
        other.line("g2") as there,
        one.line("boss", OPERATOR) as operator,
    ):
        await here.join("stage/S01")
        await there.join("stage/S01")

        async def online() -> int:
            reply = await operator.call(Overview(region="220000"))
            assert isinstance(reply, OverviewIs)
            return reply.regions[0].numbers.online

        await becomes(online, 2)
        await there.ws.close()
        await becomes(online, 1)


async def becomes(measure: Callable[[], Awaitable[int]], wanted: int) -> None:
    for _ in range(40):
        if await measure() == wanted:
            return
        await asyncio.sleep(0.25)
    raise AssertionError(f"it never became {wanted}")


async def test_redis_away_and_back_holds_nobody_up(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> None:
    made = (RedisBus(redis_server.url, province="220000"), RedisBus(redis_server.url, province="220000"))
    async with (
        two(tmp_path, postgres_url, made) as (one, other),
        one.line("g1") as here,
        other.line("g2") as there,
    ):
        await here.join("stage/S01")
        await there.join("stage/S01")
        await one.do(GoLive(session="S01", key=key()))
        assert await stage_seen(here, 1) == [1]
        assert await stage_seen(there, 1) == [1]
        redis_server.kill()
        await shows(one, 5)
        assert await stage_seen(here, 6) == [2, 3, 4, 5, 6]
        assert await stage_seen(there, 6) == [2, 3, 4, 5, 6]
        redis_server.start()
        await shows(other, 5)
        assert await stage_seen(here, 11) == [7, 8, 9, 10, 11]
        assert await stage_seen(there, 11) == [7, 8, 9, 10, 11]
        redis_server.stop_signal()
        try:
            await shows(one, 3)
            assert await stage_seen(here, 14) == [12, 13, 14]
            assert await stage_seen(there, 14) == [12, 13, 14]
        finally:
            redis_server.cont()


async def test_a_viewer_that_changes_hubs_misses_nothing(
    tmp_path: Path, postgres_url: str, buses: Callable[[], tuple[Bus, Bus]]
) -> None:
    async with two(tmp_path, postgres_url, buses()) as (one, other):
        await one.do(GoLive(session="S01", key=key()))
        async with one.line("g1") as line:
            joined = await line.join("stage/S01")
        await shows(one, 4)
        async with other.line("g1") as line, other.line("host", HOST):
            back = await line.join("stage/S01", Since(Epoch(joined.epoch), joined.offset))
            seen = [entry.offset for entry in back.entries]
            assert back.recovered
            if seen[-1:] != [5]:
                seen += await stage_seen(line, 5)
            assert seen == [2, 3, 4, 5]
        await eventually(lambda: other.hub.counts.connections == 0)


async def test_a_search_is_the_same_whichever_hub_is_asked(
    tmp_path: Path, postgres_url: str, buses: Callable[[], tuple[Bus, Bus]]
) -> None:
    """What one hub closes the other finds no more, and a page that one began the other goes on with."""
    async with two(tmp_path, postgres_url, buses()) as (one, other):
        await eventually(lambda: one.hub.finder.ready and other.hub.finder.ready, 20.0)

        def ids(hub: Running, after: Cursor | None = None, limit: int = 50) -> tuple[list[str], Cursor | None]:
            found = hub.hub.finder.search(Query(words="焊工", after=after, limit=limit))
            return [hit.position.id for hit in found.hits], found.after

        whole, _ = ids(one)
        assert whole == ids(other)[0]
        paged: list[str] = []
        after: Cursor | None = None
        for turn in range(len(whole)):
            page, after = ids((one, other)[turn % 2], after, 3)
            paged += page
            if after is None:
                break
        assert paged == whole, "nothing twice, nothing left out"
        reply = await one.do(ClosePosition(position="P010", key=key()))
        assert not isinstance(reply, Refused), reply
        await eventually(lambda: "P010" not in ids(other)[0] and "P010" not in ids(one)[0], 10.0)
        reply = await other.do(ClosePosition(position="P010", closed=False, key=key()))
        assert not isinstance(reply, Refused), reply
        await eventually(lambda: "P010" in ids(one)[0] and ids(one) == ids(other), 10.0)
