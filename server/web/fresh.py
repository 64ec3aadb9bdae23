"""Answers that are the same for everybody: made once, given to all, and made again when they are old."""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from server.web.static import File

PACK_APART_BYTES = 16 * 1024
"""From this size on gzip takes more than a millisecond and runs in a thread."""


async def json_file(body: bytes) -> File:
    """JSON bytes as a file, gzipped where it gains."""
    packed = b""
    if len(body) > PACK_APART_BYTES:
        packed = await asyncio.to_thread(_pack, body)
    elif len(body) > 512:
        packed = _pack(body)
    return File("application/json", body, packed, hashlib.sha256(body).hexdigest()[:20])


def _pack(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=5, mtime=0)


class Fresh:
    """One answer, at most `for_s` old. Many who ask while it is being made wait for the same making."""

    def __init__(self, make: Callable[[], Awaitable[bytes]], for_s: float, clock_s: Callable[[], float]) -> None:
        self._make = make
        self._for_s = for_s
        self._clock_s = clock_s
        self._made_s = -for_s
        self._file: File | None = None
        self._making: asyncio.Task[File] | None = None

    async def get(self) -> File:
        """The answer. Raises what making it raises; the next one to ask tries again."""
        if self._file is not None and self._clock_s() - self._made_s < self._for_s:
            return self._file
        if self._making is None:
            self._making = asyncio.create_task(self._run())
        # Shielded: one page that goes away does not take the answer from the others.
        return await asyncio.shield(self._making)

    async def _run(self) -> File:
        try:
            started_s = self._clock_s()
            self._file = await json_file(await self._make())
            self._made_s = started_s
            return self._file
        finally:
            self._making = None


class Kept:
    """Answers that never change, by address; at most `limit`, the one asked for longest ago goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._files: OrderedDict[str, File] = OrderedDict()

    def get(self, name: str) -> File | None:
        """The answer kept under that name."""
        file = self._files.get(name)
        if file is not None:
            self._files.move_to_end(name)
        return file

    def put(self, name: str, file: File) -> None:
        """Keep it."""
        self._files[name] = file
        if len(self._files) > self._limit:
            self._files.popitem(last=False)


class FreshByName:
    """As `Fresh`, one for each name; at most `limit`, the one asked for longest ago goes first."""

    def __init__(self, for_s: float, limit: int, clock_s: Callable[[], float]) -> None:
        self._for_s = for_s
        self._limit = limit
        self._clock_s = clock_s
        self._kept: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._making: dict[str, asyncio.Task[str]] = {}

    async def get(self, name: str, make: Callable[[], Awaitable[str]]) -> str:
        """The text of that name. Raises what making it raises."""
        kept = self._kept.get(name)
        if kept is not None and self._clock_s() - kept[0] < self._for_s:
            return kept[1]
        making = self._making.get(name)
        if making is None:
            making = self._making[name] = asyncio.create_task(self._run(name, make))
        return await asyncio.shield(making)

    async def _run(self, name: str, make: Callable[[], Awaitable[str]]) -> str:
        try:
            started_s = self._clock_s()
            text = await make()
            self._kept[name] = (started_s, text)
            self._kept.move_to_end(name)
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
            return text
        finally:
            del self._making[name]
