"""`hub_server`: the whole house in this process on a free port, with a small fair and everybody's tokens. `house`: the
same with a clock that can be put forward and a sender that keeps its messages. `hub`: the hub alone, without the doors
of HTTP. `pair`: two provinces, a Redis each."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.media.recordings import need_av
from tests.rtmp_server import NOTHING, RtmpServer
from tests.services import RedisServer
from tests.wire.houses import Clock, HouseUnderTest, make_config, serving
from tests.wire.hubs import Running, running
from tests.wire.provinces import Pair, two_provinces
from tests.wire.senders import KeptMessages


@pytest_asyncio.fixture
async def hub_server(tmp_path: Path) -> AsyncIterator[HouseUnderTest]:
    """Not a demonstration."""
    async with serving(make_config(tmp_path)) as server:
        yield server


@pytest_asyncio.fixture
async def demo_server(tmp_path: Path) -> AsyncIterator[HouseUnderTest]:
    """The same as a demonstration."""
    async with serving(make_config(tmp_path), demo=True) as server:
        yield server


@pytest_asyncio.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Running]:
    """The websocket's part alone, a small fair."""
    async with running(tmp_path) as hub:
        yield hub


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sent() -> KeptMessages:
    return KeptMessages()


@pytest_asyncio.fixture
async def house(tmp_path: Path, clock: Clock, sent: KeptMessages) -> AsyncIterator[HouseUnderTest]:
    """Not a demonstration."""
    async with serving(make_config(tmp_path), clock_ms=clock, sender=sent) as server:
        yield server


@pytest.fixture(scope="module")
def rtmp() -> Iterator[RtmpServer]:
    """nginx with its RTMP module, not started; a test points it to its hub."""
    need_av()
    server = RtmpServer(NOTHING)
    yield server
    server.close()


@pytest.fixture
def redis_there() -> Iterator[RedisServer]:
    """The Redis of another province."""
    with RedisServer() as server:
        yield server


@pytest.fixture
async def pair(tmp_path: Path, redis_server: RedisServer, redis_there: RedisServer) -> AsyncIterator[Pair]:
    """Both run, and hear each other by a link that can be cut."""
    async with two_provinces(tmp_path, redis_server, redis_there) as pair:
        yield pair
