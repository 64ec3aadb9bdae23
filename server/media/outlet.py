"""Sending a session's picture on to one platform: a child process, tried again when it fails, and given up in the end.

Nothing here ever waits inside the room: the picture comes by a `Feed`, which drops to the next key frame.
"""

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec

from server.core.limits import Close
from server.core.model import SessionId
from server.media.feed import Feed, Moves, Opens
from server.media.packager import KEPT
from server.media.pipe import HEAD, Accepted, Failed, HeaderIs, PartIs, PushOrder, packed, packed_order, unpacked

log = logging.getLogger(__name__)

TRIES: Final = 8
TRIES_REFUSED: Final = 3
"""A wrong key does not get better; platforms that open late get a second chance."""
PAUSE_S: Final = 1.0
PAUSE_MOST_S: Final = 30.0
STEADY_S: Final = 20.0
TAKES_WITHIN_S: Final = 12.0
QUIET_S: Final = 20.0
"""No picture for so long: the platform is left, and found again when there is one."""
END_WITHIN_S: Final = 2.0
WAITING_BYTES: Final = 256 * 1024


class OutletState(StrEnum):
    """How it stands, as the page shows it."""

    WAITING = "waiting"  # for a picture
    SENDING = "sending"
    RETRYING = "retrying"
    STOPPED = "stopped"


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """A platform and the session that goes there. Never printed: the key is in it."""

    session: SessionId
    slot: int
    url: str
    key: str

    def __repr__(self) -> str:
        return f"Where({self.session}, {self.slot})"


class Outlet:
    """One platform of one session. `watch` fills a feed with the picture, `unwatch` does so no more."""

    def __init__(
        self,
        where: Where,
        private: tuple[str, ...],
        watch: Callable[[SessionId, Feed], None],
        unwatch: Callable[[SessionId, Feed], None],
    ) -> None:
        self.where = where
        self.state = OutletState.WAITING
        self.reason = ""
        self.pid: int | None = None
        self._private = private
        self._watch = watch
        self._unwatch = unwatch
        self._task = asyncio.create_task(self._run(), name=f"outlet {where.session} {where.slot}")

    async def close(self) -> None:
        """The platform is left at once; the child is gone when it returns."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        failed = 0
        refused = 0
        while True:
            feed = Feed()
            self._watch(self.where.session, feed)
            try:
                first = await feed.next()
                if not isinstance(first, Opens):
                    self.state = OutletState.WAITING
                    await asyncio.sleep(PAUSE_S)
                    continue
                began_s = time.monotonic()
                reason = await self._send(feed, first)
            finally:
                self._unwatch(self.where.session, feed)
            if not reason:
                self.state = OutletState.WAITING
                continue
            steady = self.state is OutletState.SENDING and time.monotonic() - began_s > STEADY_S
            failed = 1 if steady else failed + 1
            refused = refused + 1 if reason in ("refused", "address") else 0
            self.reason = reason
            if failed >= TRIES or refused >= TRIES_REFUSED:
                log.warning(
                    "picture of %s goes no more to platform %d: %s", self.where.session, self.where.slot, reason
                )
                self.state = OutletState.STOPPED
                return
            self.state = OutletState.RETRYING
            await asyncio.sleep(min(PAUSE_MOST_S, PAUSE_S * 2 ** (failed - 1)))

    async def _send(self, feed: Feed, first: Opens) -> str:
        """Why it ended; "" when there is no picture any more."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server.media.push_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name in KEPT},
            start_new_session=True,
        )
        self.pid = process.pid
        hearing = asyncio.create_task(self._hear(process), name=f"outlet {process.pid}")
        pouring = asyncio.create_task(self._pour(process, feed, first), name=f"outlet {process.pid} feeds")
        try:
            await asyncio.wait({hearing, pouring}, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                return hearing.result()
            reason = pouring.result()
            if reason:
                return reason
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_WITHIN_S):
                    await asyncio.shield(hearing)
            return ""
        finally:
            for task in (hearing, pouring):
                task.cancel()
            assert process.stdin is not None
            process.stdin.close()
            await asyncio.shield(_gone(process, at_once=not hearing.done()))

    async def _pour(self, process: asyncio.subprocess.Process, feed: Feed, first: Opens) -> str:
        stdin = process.stdin
        assert stdin is not None
        stdin.transport.set_write_buffer_limits(high=WAITING_BYTES)
        where = self.where
        stdin.write(packed_order(PushOrder(url=where.url, key=where.key, private=self._private)))
        item: Opens | Moves | bytes | Close = first
        while True:
            match item:
                case Opens():
                    stdin.write(packed(HeaderIs(data=item.generation.header)))
                case Moves():
                    pass  # platforms have a clock of their own
                case bytes():
                    stdin.write(packed(PartIs(at=0, duration=0, independent=False, opens=False, data=item)))
                case _:
                    stdin.close()
                    return ""
            try:
                async with asyncio.timeout(TAKES_WITHIN_S):
                    await stdin.drain()
            except TimeoutError:
                return "slow"
            except ConnectionError:
                await asyncio.sleep(1.0)  # `_hear` has the reason
                return "gone"
            try:
                async with asyncio.timeout(QUIET_S):
                    item = await feed.next()
            except TimeoutError:
                stdin.close()
                return ""

    async def _hear(self, process: asyncio.subprocess.Process) -> str:
        assert process.stdout is not None
        try:
            while True:
                (size,) = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
                told = unpacked(await process.stdout.readexactly(min(size, 4096)))
                if isinstance(told, Accepted):
                    self.state = OutletState.SENDING
                    self.reason = ""
                elif isinstance(told, Failed):
                    return told.reason
        except asyncio.IncompleteReadError:
            return "gone"


async def _gone(process: asyncio.subprocess.Process, *, at_once: bool) -> None:
    """The child has ended; one that said why ends by itself."""
    if not at_once:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_WITHIN_S):
                await process.wait()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()
