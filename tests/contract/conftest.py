"""Stores on both databases: what a test asks of `open_store` or `store` it asks of SQLite and of PostgreSQL."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from server.store.keyring import Keyring
from server.store.store import Store, StoreSettings
from tests.contract.store_day import PROVINCE, loaded

OpenStore = Callable[..., Awaitable[Store]]


def a_keyring() -> Keyring:
    """Keys that are the same in every process of a test run."""
    secret = [hashlib.sha256(name.encode()).digest() for name in ("sealing", "finding")]
    return Keyring({"k1": secret[0]}, "k1", secret[1])


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'daigang.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest_asyncio.fixture
async def open_store(store_url: str, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens stores on the one database of the test; closes them all."""
    stores: list[Store] = []

    async def opened(var: str = "var", **settings: Any) -> Store:
        store = await Store.open(
            store_url,
            keyring=a_keyring(),
            province=PROVINCE,
            var_dir=tmp_path / var,
            clock_ms=lambda: 1_000,
            settings=StoreSettings(**settings),
        )
        stores.append(store)
        return store

    yield opened
    for store in stores:
        await store.close()


@pytest_asyncio.fixture
async def store(open_store: OpenStore) -> Store:
    """A store with the small fair in it, sessions 0 and 1 live."""
    return await loaded(await open_store())
