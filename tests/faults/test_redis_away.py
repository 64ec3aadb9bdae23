"""Redis is killed, stopped, swallowed by the network or emptied while cards and applications flow over two hubs of a
province (promises 8, 9, 11): nobody is refused, nobody misses or doubles anything, and the hub that did not write is
whole again from the store long before Redis is back.

The large version has 30 s of the fault between 15 s as ever and 15 s more, at one of two hubs and over both, and at a
hub that stands alone on each store; it logs figures (-o log_cli=true); a small one is for trying. In every run
`tests/wire/test_two_hubs.py` kills and stops Redis for a moment.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.faults.flowing import Flow
from tests.faults.link import Fault, FaultLink
from tests.faults.processes import HubProcess, hub_process
from tests.services import RedisServer
from tests.wire.hubs import eventually

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.faults, pytest.mark.redis]

FOUND_S = 3.5
"""Three ticks missed and a look at the store (promise 8)."""
HEALED_S = 5.0
KINDS = ("killed", "stopped", "blackholed", "emptied")


class Province(msgspec.Struct, frozen=True):
    """Two hubs or one, the links they reach Redis by, and what all share."""

    hubs: Sequence[HubProcess]
    links: Sequence[FaultLink]
    redis: RedisServer
    store_url: str


@contextlib.asynccontextmanager
async def serving(
    var: Path, store_url: str, redis: RedisServer, names: Sequence[str] = ("one", "other")
) -> AsyncIterator[Province]:
    """So many hubs on that store, each with a link to Redis of its own."""
    async with contextlib.AsyncExitStack() as stack:
        links, hubs = [], []
        for name in names:
            link = await stack.enter_async_context(FaultLink("127.0.0.1", redis.port))
            environ = {"DAIGANG_STORE_URL": store_url, "DAIGANG_REDIS_URL": f"redis://127.0.0.1:{link.port}/0"}
            hubs.append(stack.enter_context(hub_process(var, environ, name)))
            links.append(link)
            await hubs[-1].start()
        yield Province(hubs, links, redis, store_url)


@pytest.fixture
async def province(tmp_path: Path, postgres_url: str, redis_server: RedisServer) -> AsyncIterator[Province]:
    async with serving(tmp_path / "var", postgres_url, redis_server) as province:
        yield province


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def alone(request: pytest.FixtureRequest, tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[Province]:
    """One hub, which writes to Redis what nobody else hears."""
    var = tmp_path / "var"
    url = f"sqlite:///{var}/daigang.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with serving(var, url, redis_server, ["alone"]) as province:
        yield province


def set_faults(links: Sequence[FaultLink], fault: Fault) -> None:
    for link in links:
        link.fault = fault


@contextlib.contextmanager
def fault(province: Province, kind: str) -> Iterator[None]:
    """From here to the end of the block."""
    redis, links = province.redis, province.links
    begin: dict[str, Callable[[], object]] = {
        "killed": redis.kill,
        "stopped": redis.stop_signal,
        "blackholed": lambda: set_faults(links, Fault.BLACKHOLE),
        "emptied": redis.flush,
    }
    end: dict[str, Callable[[], object]] = {
        "killed": redis.start,
        "stopped": redis.cont,
        "blackholed": lambda: set_faults(links, Fault.PASS),
        "emptied": lambda: None,
    }
    begin[kind]()
    try:
        yield
    finally:
        end[kind]()


@pytest.mark.real_numbers
@pytest.mark.timeout(300)
@pytest.mark.parametrize("hubs", [1, 2])
@pytest.mark.parametrize(
    ("kind", "lasts_s", "viewers"), [("blackholed", 6.0, 10), *((kind, 30.0, 100) for kind in KINDS)]
)
async def test_redis_is_away_and_nobody_notices(
    province: Province, kind: str, lasts_s: float, viewers: int, hubs: int
) -> None:
    # Cards are shown at one hub; of two, half of the viewers are at the other, and so do half of those who apply.
    await without_redis(province, province.hubs[:hubs], kind, lasts_s, viewers)


@pytest.mark.real_numbers
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_hub_alone_needs_no_redis(alone: Province, kind: str) -> None:
    await without_redis(alone, alone.hubs, kind, 30.0, 100)


async def without_redis(
    province: Province, rooms: Sequence[HubProcess], kind: str, lasts_s: float, viewers: int
) -> None:
    """The fault in the middle of a fair. `rooms`: the hubs that viewers are at; cards are shown at the first."""
    flow = Flow(province.hubs[0].url, rooms=[hub.url for hub in rooms], showers=2)
    await flow.begin(viewers=viewers)
    async with flow.flowing(cards_every_s=0.2, applicants=8, apply_every_s=0.18):
        await asyncio.sleep(2.0)
        flow.figures()
        await asyncio.sleep(lasts_s / 2)
        figures = {"before": flow.figures()}
        with fault(province, kind):
            began_s = time.monotonic()
            await asyncio.sleep(FOUND_S)
            figures["until it is found"] = flow.figures()
            await asyncio.sleep(lasts_s - FOUND_S)
            figures["found"] = flow.figures()
            # Redis is still away: whoever is at the other hub sees the latest cards all the same.
            behind = flow.shown - flow.least_seen()
        back_s = time.monotonic()
        await asyncio.sleep(HEALED_S)
        figures["healing"] = flow.figures()
        await asyncio.sleep(lasts_s / 2)
        figures["after"] = flow.figures()
    await flow.whole()
    log.warning("%s %.1f s, %d hubs, %d viewers, seconds (p50/p99)", kind, back_s - began_s, len(rooms), viewers)
    for phase, text in figures.items():
        log.warning("%s: %s", phase, text)
    assert behind <= 3 * 10, "the other hub did not go on from the store"
    stored = flow.stored(province.store_url)
    assert set(stored) == set(flow.receipts)
    assert flow.refused == [], "Redis is on nobody's path"
    await flow.end()
    for hub in province.hubs:
        assert "Traceback" not in hub.log()
    await eventually(
        lambda: all("linked to the other hubs again" in hub.log() for hub in province.hubs) or kind == "emptied"
    )
