"""Background tasks that cannot die unheard: each is held, its failure logged, and all are ended at close.

The log names the kind and the place of a failure, never its text: that may quote what somebody wrote.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from server.core.refusal import Refusal
from server.store.troubles import where_of

log = logging.getLogger(__name__)

CANCELLED_WITHIN_S = 5.0


class Tasks:
    """A set of running tasks."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Run it in the background."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def every(self, pause_s: float, step: Callable[[], Awaitable[None]], *, name: str) -> None:
        """A step after each pause until closed. One that fails is logged (a refusal: when it begins and when it is
        over), and the next comes all the same."""
        self.start(_forever(pause_s, step, name), name=name)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed: %s", task.get_name(), where_of(error))

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
            await asyncio.wait(others, timeout=CANCELLED_WITHIN_S)


async def _forever(pause_s: float, step: Callable[[], Awaitable[None]], name: str) -> None:
    refused = False
    while True:
        await asyncio.sleep(pause_s)
        try:
            await step()
        except Refusal as refusal:
            if not refused:
                log.warning("%s has to wait: %s", name, refusal.code)
            refused = True
        except Exception as error:
            log.error("%s failed: %s", name, where_of(error))
        else:
            if refused:
                log.warning("%s goes on", name)
            refused = False
