"""A real store whose answers come late or are counted."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from server.store.store import Store


class Gate:
    """Holds the answers of a store's reads (`only`: of that query): what was read is as of before the gate opened."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch, only: str = "") -> None:
        self.open = asyncio.Event()
        self.held = 0
        read = store.read

        async def slowly(query: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return await read(query, *args, **kwargs)
            finally:
                if not only or query.__name__ == only:
                    self.held += 1
                    await self.open.wait()

        monkeypatch.setattr(store, "read", slowly)


class Readings:
    """Counts a store's reads by the name of their query and their first argument."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of: Counter[tuple[str, str]] = Counter()
        read = store.read

        async def counted(query: Any, *args: Any, **kwargs: Any) -> Any:
            self.of[query.__name__, str(args[0]) if args and isinstance(args[0], str) else ""] += 1
            return await read(query, *args, **kwargs)

        monkeypatch.setattr(store, "read", counted)
