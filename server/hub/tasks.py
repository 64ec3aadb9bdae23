"""Background tasks that cannot die unheard: each is held, its failure logged, and all are ended at close."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """A set of running tasks."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Run it in the background."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)

    async def settle(self, within_s: float) -> None:
        """Let what runs come to its end, then cancel what did not."""
        others = self._running - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=within_s)
        await self.close()

    async def close(self) -> None:
        """Cancel everything and wait until it is gone."""
        others = {task for task in self._running if task is not asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=5.0)
