"""`hub_server`: the whole house in this process on a free port, with a small fair and everybody's tokens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.wire.houses import HouseUnderTest, make_config, serving


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
