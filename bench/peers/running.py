"""A peer that runs, pinned to the server's core, and how a message gets to one of its rooms."""

import asyncio
import itertools
import signal
import tempfile
import time
from pathlib import Path

from bench import children
from bench.hub import HOST, free_port
from bench.peers.known import Peer
from bench.peers.publisher import Publisher, PublisherError
from bench.publishing import Send, Sent

UP_WITHIN_S = 30.0
DOWN_WITHIN_S = 10.0
FIRST_ENTRY = 1_000_000
"""All entries have as many digits, so all messages are of one size."""


def text_of(room: int, entry: int, size: int) -> bytes:
    """One message of a size, in which viewers find room and entry again (`bench.manners`)."""
    head = b'{"entry":%d,"room":%d,"card":"' % (entry, room)
    return head + b"x" * max(0, size - len(head) - 2) + b'"}'


class PeerError(Exception):
    """It did not come up."""


class RunningPeer(children.Child):
    """Use with `async with`."""

    def __init__(self, peer: Peer, cores: tuple[int, ...]) -> None:
        self._peer = peer
        self._cores = cores
        self._directory = tempfile.TemporaryDirectory(prefix="daigang-bench-peer-", ignore_cleanup_errors=True)
        self._publisher: Publisher | None = None
        self.host = HOST
        self.port = 0
        self.pid = 0

    def send(self, rooms: tuple[str, ...], size: int) -> Send:
        """Publishes a text of that size to one room after another; `rooms` are the channels of the plan."""
        turns = itertools.cycle(range(len(rooms)))
        entries = [FIRST_ENTRY] * len(rooms)

        async def send(sent: Sent) -> bool:
            assert self._publisher is not None
            room = next(turns)
            entries[room] += 1
            entry, now_ns = entries[room], time.monotonic_ns()
            sent.note(rooms[room], entry, now_ns)
            try:
                await self._publisher.publish(room, text_of(room, entry, size))
            except (PublisherError, TimeoutError) as error:
                sent.refused[str(error)] = sent.refused.get(str(error), 0) + 1
                return False
            return True

        return send

    async def _start(self) -> None:
        try:
            async with asyncio.timeout(UP_WITHIN_S):
                await self._come_up()
        except (OSError, TimeoutError) as error:
            raise PeerError(f"{self._peer.name} did not come up: {error or 'not in time'}") from None

    async def _come_up(self) -> None:
        self.port = free_port()
        argv = self._peer.argv(self.port, Path(self._directory.name))
        self._process = await children.start(argv, self._cores)
        self.pid = self._process.pid
        if self._peer.prints_port:
            assert self._process.stdout is not None
            first = (await self._process.stdout.readline()).decode()
            self.port = int(first.removeprefix("port ") or 0)
        while not await children.listens(self.host, self.port):
            if self._process.returncode is not None:
                raise OSError("it ended")
            await asyncio.sleep(0.1)
        while self._peer.is_master and self.pid == self._process.pid:  # it listens before its worker is there
            self.pid = worker_of(self.pid) or self.pid
            await asyncio.sleep(0.05)
        self._publisher = Publisher(self.host, self.port)
        await self._publisher.open()

    async def _stop(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
        await children.stop(self._process, signal.SIGTERM, DOWN_WITHIN_S)
        self._directory.cleanup()


def worker_of(pid: int) -> int:
    """The process that does the work of a master; 0 while there is none."""
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return int(workers[0]) if workers else 0
