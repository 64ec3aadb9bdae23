"""Recording to disk: for each generation one file that only grows, and a line in an index for each segment.

`VAR/recordings/SESSION/TAKE/g1.mp4` is the header and the segments one after another: fragmented MP4 any player opens.
A line of `index.jsonl` is written after its bytes, so a hub that is killed loses at most the segment under way.
"""

import asyncio
import contextlib
import logging
import os
import re
import shutil
from pathlib import Path
from typing import Final

import msgspec

from server.core.model import SessionId
from server.media.window import Segment

log = logging.getLogger(__name__)

INDEX: Final = "index.jsonl"
LOW_WATER_BYTES: Final = 2 * 1024 * 1024 * 1024
"""Below so much free space nothing is recorded any more: the database needs the rest."""
WAITING: Final = 32
"""Segments that may wait for the disk: a minute."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_encoder = msgspec.json.Encoder()


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A segment on disk: `bytes` bytes from `start` on in the file of its generation; the header is what stands before
    the first one."""

    generation: int
    at_ms: int
    duration_s: float
    start: int
    bytes: int


class Waiting(msgspec.Struct, frozen=True):
    """A segment that is to be written."""

    piece: Piece
    header: bytes
    data: bytes


def folder_of(session: SessionId) -> str:
    """The name of a session's directory: itself where that is a plain name."""
    return session if _PLAIN.fullmatch(session) else "x" + session.encode().hex()


class Reel:
    """The recording of one life of a session's picture. Nobody ever waits for it; what the disk does not take is a gap,
    and live goes on."""

    def __init__(self, root: Path, session: SessionId, take: str, low_water_bytes: int = LOW_WATER_BYTES) -> None:
        self._folder = root / folder_of(session) / take
        self._low_water = low_water_bytes
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue(WAITING)
        self._task: asyncio.Task[None] | None = None
        self._in_gap = False

    def put(self, segment: Segment) -> None:
        """Record a whole segment."""
        if self._task is None:
            self._task = asyncio.create_task(self._write_all(), name="recording")
        data = b"".join(part.data for part in segment.parts)
        piece = Piece(
            generation=segment.generation.number,
            at_ms=round(segment.at_ms),
            duration_s=round(segment.duration_s, 5),
            start=0,
            bytes=len(data),
        )
        with contextlib.suppress(asyncio.QueueFull):
            self._waiting.put_nowait(Waiting(piece, segment.generation.header, data))

    async def close(self) -> None:
        """What waits is written, as far as the disk takes it within a moment."""
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                await self._waiting.join()
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _write_all(self) -> None:
        while True:
            waiting = await self._waiting.get()
            try:
                await asyncio.to_thread(self._write, waiting)
            except OSError as error:
                if not self._in_gap:
                    log.error("recording of %s has a gap: %s", self._folder.parent.name, error.strerror or "disk")
                self._in_gap = True
            else:
                if self._in_gap:
                    log.warning("recording of %s goes on", self._folder.parent.name)
                self._in_gap = False
            finally:
                self._waiting.task_done()

    def _write(self, waiting: Waiting) -> None:
        """In a thread. Raises `OSError`; then the file ends where it ended before."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        if shutil.disk_usage(self._folder).free < self._low_water:
            raise OSError(28, "too little space is left")
        piece = waiting.piece
        with (self._folder / f"g{piece.generation}.mp4").open("ab") as film:
            start = film.seek(0, os.SEEK_END)
            try:
                film.write(waiting.data if start else waiting.header + waiting.data)
                film.flush()
            except OSError:
                film.truncate(start)
                raise
        placed = msgspec.structs.replace(piece, start=start or len(waiting.header))
        with (self._folder / INDEX).open("ab") as index:
            index.write(_encoder.encode(placed) + b"\n")
