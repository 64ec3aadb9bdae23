"""Several hubs of one machine behind one port (`daigang run --workers N`): started, watched, sent away.

Each worker is a whole hub in a process of its own, because a hub fills one core; the kernel gives each new connection
to one of them (SO_REUSEPORT). The supervisor serves nobody and knows no secrets. It starts the first worker alone (it
migrates the database), then the others; one that dies comes back under its number, later each time; one that dies
again and again is tried seldom, and when none serves any more the supervisor ends too, so that systemd, or a person,
hears of it.

Worker and supervisor hold the two ends of a socket, the worker as its standard input: it writes a byte when it serves,
and hears the end of the other side when the supervisor is gone, however that came about.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Final

import msgspec

log = logging.getLogger("daigang.workers")

READY: Final = b"r"
GAVE_UP: Final = 1
REFUSED: Final = 2
"""Exit code of a command that cannot be carried out as it is configured (`server/cli`)."""
LOOK_S: Final = 0.05


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long what may take. Seconds."""

    start_s: float = 120.0
    """A large database may be migrated by the first worker."""
    stop_s: float = 30.0
    """A hub's own limit is 25."""
    again_least_s: float = 0.5
    again_most_s: float = 10.0
    deaths: int = 5
    """So many ends of one worker within `deaths_within_s` mean that starting at once again does not help."""
    deaths_within_s: float = 60.0
    seldom_s: float = 60.0
    """Then it is tried so seldom, while others serve."""


class GivenUp(Exception):
    """It makes no sense to go on; `code` is the exit code."""

    def __init__(self, why: str, code: int = GAVE_UP) -> None:
        super().__init__(why)
        self.code = code


class Worker:
    """One number and the process that has it now."""

    def __init__(self, number: int, command: Sequence[str], patience: Patience) -> None:
        self.number = number
        self._command = command
        self._patience = patience
        self._ends_s: deque[float] = deque(maxlen=patience.deaths)
        self._line: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.serves = asyncio.Event()
        self.meant_to_end = False

    async def start(self) -> int | None:
        """Start it. None: it serves. Else it has ended, with this exit code."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            # A session of its own: Ctrl-C in a terminal reaches the supervisor, which tells the workers in order.
            self.process = await asyncio.to_thread(_spawn, self._command, theirs.fileno())
        self._line, self.meant_to_end = ours, False
        said = b""
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(self._patience.start_s):
                said = await asyncio.get_running_loop().sock_recv(ours, 1)
        if said != READY:
            return await self.ended(5.0)
        self.serves.set()
        return None

    async def ended(self, within_s: float | None = None) -> int:
        """The exit code, once it has ended; after `within_s` it is killed."""
        assert self.process is not None, "it was never started"
        deadline_s = None if within_s is None else time.monotonic() + within_s
        while (code := self.process.poll()) is None:
            if deadline_s is not None and time.monotonic() > deadline_s:
                self.process.kill()
            await asyncio.sleep(LOOK_S)
        self.serves.clear()
        if self._line is not None:
            self._line.close()
            self._line = None
        return code

    def tell(self, number: signal.Signals) -> None:
        """Send a signal, if there is anybody."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def send_away(self) -> None:
        """SIGTERM; its end is no fault."""
        self.meant_to_end = True
        self.serves.clear()
        self.tell(signal.SIGTERM)

    async def stop(self) -> None:
        """Gone when it returns."""
        if self.process is not None:
            self.send_away()
            await self.ended(self._patience.stop_s)

    def pause_s(self) -> float | None:
        """It ended by itself: how long to wait before the next start. None: too often."""
        patience, now_s = self._patience, time.monotonic()
        self._ends_s.append(now_s)
        lately = [s for s in self._ends_s if now_s - s < patience.deaths_within_s]
        if len(lately) >= patience.deaths:
            return None
        return min(patience.again_most_s, patience.again_least_s * 2.0 ** (len(lately) - 1))


class Workers:
    """All of them. `run` once."""

    def __init__(self, command: Callable[[int], Sequence[str]], count: int, patience: Patience | None = None) -> None:
        """`command`: how the worker of a number is started."""
        self._patience = patience or Patience()
        self.all = [Worker(number, command(number), self._patience) for number in range(count)]
        self._stop = asyncio.Event()
        self._roll = asyncio.Event()

    async def run(self, say: Callable[[], None]) -> int:
        """Until SIGTERM or SIGINT, or until it makes no sense to go on; the exit code. `say` is called when all serve.

        SIGHUP is handed on (the certificate is read again). SIGUSR2 replaces the workers one after the other: new code
        or a new configuration, and nobody is without a hub."""
        with self._signals():
            work = asyncio.create_task(self._work(say), name="workers")
            stop = asyncio.create_task(self._stop.wait(), name="stop")
            try:
                await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    work.result()
            except GivenUp as error:
                log.error("%s: giving up", error)
                return error.code
            finally:
                for task in (work, stop):
                    task.cancel()
                await asyncio.gather(work, stop, return_exceptions=True)
                await asyncio.gather(*(one.stop() for one in self.all))
        return 0

    async def _work(self, say: Callable[[], None]) -> None:
        # The first alone: two that migrate one database at once would be in each other's way.
        await self._start_first(self.all[0])
        await self._together(self._start_first(one) for one in self.all[1:])
        say()
        await self._together([*(self._keep(one) for one in self.all), self._roll_when_told()])

    async def _together(self, doings: Iterable[Coroutine[None, None, None]]) -> None:
        """Until all are done. Raises what one of them raises, when the others have been cancelled."""
        tasks = [asyncio.create_task(doing) for doing in doings]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _start_first(self, one: Worker) -> None:
        """Until it serves. Raises `GivenUp`: what refuses its configuration will do so again."""
        while (code := await one.start()) is not None:
            pause_s = one.pause_s()
            if code == REFUSED or pause_s is None:
                raise GivenUp(f"worker {one.number} does not start", code if code > 0 else GAVE_UP)
            log.error("worker %d ended with %d before it served; again in %.1f s", one.number, code, pause_s)
            await asyncio.sleep(pause_s)

    async def _keep(self, one: Worker) -> None:
        """Bring it back whenever it ends. Raises `GivenUp` when none serves and this one does not come back."""
        while True:
            code: int | None = await one.ended()
            replaced = one.meant_to_end
            while code is not None:
                await asyncio.sleep(0.0 if replaced else self._pause_s(one, code))
                replaced = False
                code = await one.start()
            log.warning("worker %d serves again", one.number)

    def _pause_s(self, one: Worker, code: int) -> float:
        pause_s = one.pause_s()
        if pause_s is None:
            if not any(other.serves.is_set() for other in self.all):
                raise GivenUp(f"worker {one.number} ends again and again and no other serves")
            pause_s = self._patience.seldom_s
        log.error("worker %d ended with %d; again in %.1f s", one.number, code, pause_s)
        return pause_s

    async def _roll_when_told(self) -> None:
        """Replace them one after the other; the next one only when the one before serves."""
        while True:
            await self._roll.wait()
            for one in self.all:
                log.info("replacing worker %d", one.number)
                one.send_away()
                last = asyncio.get_running_loop().call_later(self._patience.stop_s, one.tell, signal.SIGKILL)
                await one.serves.wait()
                last.cancel()
            self._roll.clear()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()

        def hang_up() -> None:
            for one in self.all:
                one.tell(signal.SIGHUP)

        handlers: dict[signal.Signals, Callable[[], object]] = {
            signal.SIGTERM: self._stop.set,
            signal.SIGINT: self._stop.set,
            signal.SIGHUP: hang_up,
            signal.SIGUSR2: self._roll.set,
        }
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        try:
            yield
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)


def _spawn(command: Sequence[str], line: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdin=line, start_new_session=True)


class Lifeline:
    """A worker's end of the line to its supervisor."""

    def __init__(self) -> None:
        self._line = socket.socket(fileno=os.dup(sys.stdin.fileno()))
        self._line.setblocking(False)

    def serving(self) -> None:
        """Tell the supervisor."""
        with contextlib.suppress(OSError):
            self._line.send(READY)

    def when_lost(self, call: Callable[[], None]) -> None:
        """Call it once the supervisor is gone."""
        loop = asyncio.get_running_loop()

        def heard() -> None:
            with contextlib.suppress(BlockingIOError):
                loop.remove_reader(self._line)
                call()

        loop.add_reader(self._line, heard)
