"""Recordings whose time is over are deleted, and what was deleted is written into the audit log first.

Nothing is deleted before the law allows it, whoever asks: a live broadcast is kept for 60 days (互联网直播服务管理规定
Art. 16). A hub that dies between the line and the deed deletes at its next start; the line then stands there twice.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from server.core.model import SessionId
from server.media import clearing
from server.store import recording_rows
from server.store.store import Store

log = logging.getLogger(__name__)

EVERY_S: Final = 600.0
LOCK: Final = ".clearing"


class ClearingJob:
    """One step: sweep up and delete. Each hub looks after its own directory; where several share one, one at a time."""

    def __init__(
        self,
        store: Store,
        root: Path,
        kept_ms: int,
        clock_ms: Callable[[], int],
        forget: Callable[[SessionId], None] = lambda _session: None,
    ) -> None:
        """`kept_ms`: how long recordings stay; `forget` is told (in a thread) whose is gone."""
        self._store = store
        self._root = root
        self._kept_ms = max(kept_ms, recording_rows.LEAST_MS)
        self._clock_ms = clock_ms
        self._forget = forget

    async def step(self) -> None:
        """`clear`, for the house."""
        await self.clear()

    async def clear(self) -> tuple[clearing.Take, ...]:
        """What was deleted. Raises `Refusal` when the store does not answer, `OSError`."""
        lock = await asyncio.to_thread(self._take_lock)
        if lock is None:
            return ()
        try:
            return await self._clear()
        finally:
            os.close(lock)

    def _take_lock(self) -> int | None:
        if not self._root.is_dir():
            return None
        lock = os.open(self._root / LOCK, os.O_WRONLY | os.O_CREAT, 0o640)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return lock

    async def _clear(self) -> tuple[clearing.Take, ...]:
        await asyncio.to_thread(clearing.sweep, self._root)
        hidden = await self._store.read(recording_rows.hidden)
        now_ms = self._clock_ms()
        gone = []
        for take in await asyncio.to_thread(lambda: tuple(clearing.takes(self._root))):
            asked = take.session in hidden and hidden[take.session].delete
            if take.to_ms >= now_ms - (recording_rows.LEAST_MS if asked else self._kept_ms):
                continue
            sha256 = await asyncio.to_thread(clearing.digest_of, take)
            await self._store.transact(recording_rows.note_deleted, take.session, take.words(sha256), now_ms)
            await asyncio.to_thread(clearing.delete, self._root, take, sha256, now_ms)
            await asyncio.to_thread(self._forget, take.session)
            log.info("recording of %s deleted: %s", take.session, take.words(sha256))
            gone.append(take)
        return tuple(gone)
