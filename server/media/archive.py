"""Recording to disk: for each generation one file that only grows, and a line in an index for each segment.

`VAR/recordings/SESSION/TAKE/g1.mp4` is the header and the segments one after another: fragmented MP4 any player opens.
A line of `index.jsonl` is written after its bytes, so a hub that is killed loses at most the segment under way. What
the disk did not take stands in the index as a gap. The index is locked while it is written to, so that nobody mends or
deletes a recording that still grows.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import logging
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from server.core.model import SessionId
from server.media.window import Segment

log = logging.getLogger(__name__)

INDEX: Final = "index.jsonl"
GIB: Final = 1024 * 1024 * 1024
WAITING: Final = 32
"""Segments that may wait for the disk: a minute."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_encoder = msgspec.json.Encoder()


class Piece(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A segment on disk: `bytes` bytes from `start` on in the file of its generation; the header is what stands before
    the first one. `key`: decoding can begin with it. `sha256` of the bytes, in hex."""

    generation: int
    at_ms: int
    duration_s: float
    start: int
    bytes: int
    key: bool = True
    sha256: str = ""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which a picture came and was not recorded. `why`: `disk` or `quota`."""

    gap_from_ms: int
    gap_to_ms: int
    why: str


class Waiting(msgspec.Struct, frozen=True):
    """A segment that is to be written."""

    piece: Piece
    header: bytes
    data: bytes

    @property
    def to_ms(self) -> int:
        """When it ends."""
        return self.piece.at_ms + round(self.piece.duration_s * 1000)


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What recordings may take. `low_water_bytes`: below so much free space nothing is recorded any more, the database
    needs the rest; `room_bytes`: all recordings of one session."""

    low_water_bytes: int = 2 * GIB
    room_bytes: int = 20 * GIB


class Trouble(OSError):
    """Why a segment is not recorded; `why` as in `Gap`."""

    def __init__(self, why: str, words: str) -> None:
        super().__init__(28, words)
        self.why = why


def folder_of(session: SessionId) -> str:
    """The name of a session's directory: itself where that is a plain name."""
    return session if _PLAIN.fullmatch(session) else "x" + session.encode().hex()


class Reel:
    """The recording of one life of a session's picture. Nobody ever waits for it; what the disk does not take is a gap,
    and live goes on. `trouble` says why nothing is recorded now (as in `Gap`), "" while all is well."""

    def __init__(self, root: Path, session: SessionId, take: str, bounds: Bounds | None = None) -> None:
        self._folder = root / folder_of(session) / take
        self.bounds = bounds or Bounds()
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue(WAITING)
        self._task: asyncio.Task[None] | None = None
        self._gap: Gap | None = None
        self._index: int | None = None
        self._taken = 0  # bytes of the whole session

    @property
    def trouble(self) -> str:
        """Why nothing is recorded now."""
        return "" if self._gap is None else self._gap.why

    @property
    def trouble_since_ms(self) -> int:
        """Since when; 0 while all is well."""
        return 0 if self._gap is None else self._gap.gap_from_ms

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
            key=segment.parts[0].independent,
        )
        waiting = Waiting(piece, segment.generation.header, data)
        try:
            self._waiting.put_nowait(waiting)
        except asyncio.QueueFull:
            self._missed(waiting, Trouble("disk", "the disk is too slow"))

    async def close(self) -> None:
        """What waits is written, as far as the disk takes it within a moment."""
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                await self._waiting.join()
        self._task.cancel()
        await asyncio.wait({self._task})
        await asyncio.to_thread(self._close)

    async def _write_all(self) -> None:
        while True:
            waiting = await self._waiting.get()
            try:
                await asyncio.to_thread(self._write, waiting, self._gap)
            except OSError as error:
                self._missed(waiting, error)
            else:
                if self._gap is not None:
                    log.warning("recording of %s goes on", self._folder.parent.name)
                self._gap = None
            finally:
                self._waiting.task_done()

    def _missed(self, waiting: Waiting, error: OSError) -> None:
        why = error.why if isinstance(error, Trouble) else "disk"
        if self._gap is None:
            log.error("recording of %s has a gap: %s", self._folder.parent.name, error.strerror or "disk")
        from_ms = waiting.piece.at_ms if self._gap is None else self._gap.gap_from_ms
        self._gap = Gap(gap_from_ms=from_ms, gap_to_ms=waiting.to_ms, why=why)

    # ---- in a thread -------------------------------------------------------------------------------------------------

    def _write(self, waiting: Waiting, gap: Gap | None) -> None:
        """Raises `OSError`; then the files end where they ended before."""
        index = self._opened()
        self._require_room(len(waiting.data))
        film = self._folder / f"g{waiting.piece.generation}.mp4"
        is_new = not film.exists() or film.stat().st_size == 0
        written = (waiting.header if is_new else b"") + waiting.data
        with _opened(film) as fd:
            start = _append(fd, written)
            piece = msgspec.structs.replace(
                waiting.piece,
                start=len(waiting.header) if is_new else start,
                sha256=hashlib.sha256(waiting.data).hexdigest(),
            )
            lines = _encoder.encode(piece) + b"\n"
            if gap is not None:
                gap = msgspec.structs.replace(gap, gap_to_ms=max(gap.gap_from_ms, waiting.piece.at_ms))
                lines = _encoder.encode(gap) + b"\n" + lines
            try:
                _append(index, lines)
            except OSError:
                os.ftruncate(fd, start)
                raise
        self._taken += len(written)

    def _opened(self) -> int:
        if self._index is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            self._taken = sum(file.stat().st_size for file in self._folder.parent.glob("*/*"))
            self._index = os.open(self._folder / INDEX, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
            fcntl.flock(self._index, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self._index

    def _require_room(self, size: int) -> None:
        if shutil.disk_usage(self._folder).free < self.bounds.low_water_bytes:
            raise Trouble("disk", "too little space is left")
        if self._taken + size > self.bounds.room_bytes:
            raise Trouble("quota", "the room has used up its space")

    def _close(self) -> None:
        if self._index is None:
            return
        if self._gap is not None:
            with contextlib.suppress(OSError):
                _append(self._index, _encoder.encode(self._gap) + b"\n")
        os.close(self._index)
        self._index = None


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        yield fd
    finally:
        os.close(fd)


def _append(fd: int, data: bytes) -> int:
    """All of it or nothing; where it begins. Raises `OSError`."""
    start = os.lseek(fd, 0, os.SEEK_END)
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(fd, rest) :]
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(fd, start)
        raise
    return start
