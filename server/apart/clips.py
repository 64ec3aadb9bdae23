"""Clips of positions (看讲解) as files: cut by a child each when somebody wants one, and kept for the next who does."""

import asyncio
import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Final

import msgspec

from server.apart.child import run_child
from server.core.model import SessionId
from server.core.refusal import Code, Refusal
from server.media.archive import folder_of
from server.media.recordings import Film

AT_ONCE: Final = 2
WAITING: Final = 32
WITHIN_S: Final = 30.0
KEPT_BYTES: Final = 2 * 1024 * 1024 * 1024
"""Of all clips; what was not asked for longest goes first. It can be cut again."""
CLIP_BYTES: Final = 512 * 1024 * 1024
"""One clip at most: an hour and a half at 0.8 Mbit/s."""


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """What to cut: a stretch of one film (`recordings.longest`), and the name of the file it becomes."""

    session: SessionId
    name: str
    film: Film


class Clips:
    """Invariant: a clip is cut once at a time, AT_ONCE children run and WAITING more wait."""

    def __init__(self, recordings: Path, root: Path) -> None:
        """`root`: where clips are kept; recordings are only read."""
        self._recordings = recordings
        self._root = root
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._cutting: dict[Path, asyncio.Task[None]] = {}

    async def file(self, clip: Clip) -> Path:
        """The clip's file. Raises `Refusal`: too many wait, or it cannot be cut now."""
        path = self._root / folder_of(clip.session) / f"{clip.name}.mp4"
        if await asyncio.to_thread(_touched, path):
            return path
        cutting = self._cutting.get(path)
        if cutting is None:
            if len(self._cutting) >= WAITING + AT_ONCE:
                raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=10_000)
            cutting = self._cutting[path] = asyncio.create_task(self._cut(clip, path), name="clip")
            cutting.add_done_callback(lambda _: self._cutting.pop(path, None))
        # Who goes away does not take the clip from the others who wait for it.
        await asyncio.shield(cutting)
        return path

    async def close(self) -> None:
        """What is being cut is given up."""
        tasks = list(self._cutting.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _cut(self, clip: Clip, path: Path) -> None:
        first, last = clip.film.pieces[0], clip.film.pieces[-1]
        start, end = first.start, last.start + last.bytes
        if end - start > CLIP_BYTES:
            raise Refusal(Code.TOO_LARGE)
        film = self._recordings / folder_of(clip.session) / clip.film.file
        numbers = (str(clip.film.header_bytes), str(start), str(end))
        command = (sys.executable, "-m", "server.apart.clip_child", str(film), *numbers, str(path))
        code = -1
        try:
            async with self._slots:
                await asyncio.to_thread(_made_room, self._root, path, end - start)
                async with asyncio.timeout(WITHIN_S):
                    code, _ = await run_child(*command, heard=False)
        except (TimeoutError, OSError):
            pass
        if code != 0:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="clip")

    def forget(self, session: SessionId) -> None:
        """Blocks. No clip of that session is kept any more: it is hidden, or its recording was deleted."""
        shutil.rmtree(self._root / folder_of(session), ignore_errors=True)


def _touched(path: Path) -> bool:
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def _made_room(root: Path, path: Path, size: int) -> None:
    """Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    files = []
    for file in root.glob("*/*"):
        with contextlib.suppress(OSError):
            about = file.stat()
            files.append((about.st_mtime, about.st_size, file))
    taken = sum(length for _, length, _ in files)
    for _, length, file in sorted(files):
        if taken + size <= KEPT_BYTES:
            return
        file.unlink(missing_ok=True)
        taken -= length
