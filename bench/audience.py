"""The viewers' process as the measuring process sees it: start it, order it, hear its answers."""

import asyncio
import sys
import time

import msgspec

from bench import children
from bench.control import (
    Answer,
    Applies,
    Begin,
    Count,
    Counted,
    Order,
    Ready,
    Report,
    Reported,
    Seen,
    Stop,
    Talk,
    answer_decoder,
    line,
)
from bench.plan import Plan

ANSWER_WITHIN_S = 120.0
LINE_LIMIT = 1 << 24
WINDOW = 4
"""Enough that the server need not wait for the senders, few enough that nothing piles up in the kernel."""


class AudienceError(Exception):
    """The viewers could not get in, or their process ended."""


class Window:
    """How many entries may be on their way: sent, and not with the viewer who is written to last."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = asyncio.Semaphore(size)

    def clear(self) -> None:
        """Nothing is on its way now."""
        self._free = asyncio.Semaphore(self._size)

    async def turn(self, within_s: float) -> None:
        """Wait until one more may be sent. Raises `TimeoutError`."""
        await asyncio.wait_for(self._free.acquire(), within_s)

    def back(self, entries: int = 1) -> None:
        """So many arrived, or were not sent after all."""
        for _ in range(entries):
            self._free.release()


class Audience(children.Child):
    """Viewers of one server; use with `async with`, which waits until all are in."""

    def __init__(self, plan: Plan, cores: tuple[int, ...]) -> None:
        self._plan = plan
        self._cores = cores
        self._answers: asyncio.Queue[Answer | None] = asyncio.Queue()
        self._ear: asyncio.Task[None] | None = None
        self.window = Window(WINDOW)
        self.took_s = 0.0

    async def _start(self) -> None:
        argv = [sys.executable, "-m", "bench.viewers", "--orders"]
        self._process = await children.start(argv, self._cores, stdin=asyncio.subprocess.PIPE, limit=LINE_LIMIT)
        self._ear = asyncio.ensure_future(self._listen())
        self._tell(msgspec.json.encode(self._plan) + b"\n")
        ready = await self._hear()
        if not isinstance(ready, Ready) or ready.failed:
            raise AudienceError(f"not everybody got in: {ready}")
        self.took_s = ready.took_s

    @property
    def viewers(self) -> int:
        """How many there are."""
        return self._plan.viewers

    async def begin(self) -> None:
        """Start counting from nothing."""
        await self._order(Begin())

    async def talk(self, lines_per_s: float, seconds: float, applies: Applies | None = None) -> None:
        """Let viewers say lines from now on, or apply, so many a second in all rooms together."""
        await self._order(Talk(lines_per_s=lines_per_s, seconds=seconds, applies=applies))

    async def count(self) -> Counted:
        """How many are in, and what came so far."""
        answer = await self._order(Count())
        if not isinstance(answer, Counted):
            raise AudienceError(f"a count was answered by {type(answer).__name__}")
        return answer

    async def all_answered(self, within_s: float) -> None:
        """Wait until every line has its answer, at most so long."""
        end_s = time.monotonic() + within_s
        while (await self.count()).unanswered and time.monotonic() < end_s:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.1)

    async def settled(self, deliveries: int | None, patience_s: float) -> None:
        """Wait until so many deliveries were made, or (always, without a number) none came for that long."""
        loop = asyncio.get_running_loop()
        before, moved_s = -1, loop.time()
        while True:
            now = (await self.count()).deliveries
            if now != before:
                before, moved_s = now, loop.time()
            if (deliveries is not None and now >= deliveries) or loop.time() - moved_s > patience_s:
                return
            await asyncio.sleep(0.05)

    async def report(self, sent: dict[str, dict[int, int]]) -> Reported:
        """What became of it."""
        answer = await self._order(Report(sent=sent))
        if not isinstance(answer, Reported):
            raise AudienceError(f"a report was answered by {type(answer).__name__}")
        return answer

    async def _order(self, order: Order) -> Answer:
        self._tell(line(order))
        return await self._hear()

    def _tell(self, data: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(data)

    async def _hear(self) -> Answer:
        answer = await asyncio.wait_for(self._answers.get(), ANSWER_WITHIN_S)
        if answer is None:
            raise AudienceError("the viewers' process ended")
        return answer

    async def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while data := await self._process.stdout.readline():
            answer = answer_decoder.decode(data)
            if isinstance(answer, Seen):
                self.window.back(answer.entries)
            else:
                self._answers.put_nowait(answer)
        self._answers.put_nowait(None)

    async def _stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._tell(line(Stop()))
        await children.stop(self._process, 0, 30.0)
        if self._ear is not None:
            await self._ear
