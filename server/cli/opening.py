"""A store for the length of one command."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from server.app import open_store, secrets_of
from server.config import Config
from server.store.store import Store


@contextlib.asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Store]:
    """The configured store, open; a running hub may use it at the same time. Raises `ConfigError`, `Refusal`."""
    store = await open_store(config, await asyncio.to_thread(secrets_of, config))
    try:
        yield store
    finally:
        await store.close()
