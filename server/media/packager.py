"""One child process, as the hub sees it: bytes in, messages out, and an end that is always noticed."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Callable
from typing import Final

import msgspec

from server.media.pipe import HEAD, MESSAGE_LIMIT, Failed, Order, PullOrder, Told, packed_order, unpacked

log = logging.getLogger(__name__)

FEED_WITHIN_S: Final = 5.0
"""A child that takes nothing for so long hangs."""
END_WITHIN_S: Final = 3.0
WAITING_BYTES: Final = 512 * 1024
"""What may wait for the child in the hub; then the host's socket is not read, and the host notices."""
KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH", "PYTHONPATH")


class Packager:
    """Made by `start`. `on_told` gets every message; `on_end(reason)` comes exactly once, last: "" after `finish`, else
    why (as in `BadMedia`, or `packager` for a child that died or hung)."""

    def __init__(
        self, process: asyncio.subprocess.Process, on_told: Callable[[Told], None], on_end: Callable[[str], None]
    ) -> None:
        self._process = process
        self._on_told = on_told
        self._on_end = on_end
        self._finishing = False
        self._reason = ""
        self.pid = process.pid
        assert process.stdin is not None
        process.stdin.transport.set_write_buffer_limits(high=WAITING_BYTES)
        self._reading = asyncio.create_task(self._read(), name=f"packager {process.pid}")

    @classmethod
    async def start(
        cls, order: Order | PullOrder, on_told: Callable[[Told], None], on_end: Callable[[str], None]
    ) -> "Packager":
        """A running child; by a `PullOrder` it fetches itself. Raises `OSError` when the machine gives no process."""
        pulls = isinstance(order, PullOrder)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server.media.pull_child" if pulls else "server.media.child",
            *(() if pulls else (msgspec.json.encode(order).decode(),)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name in KEPT},
            start_new_session=True,  # Ctrl-C is the hub's; it ends its children itself
        )
        packager = cls(process, on_told, on_end)
        if pulls:
            await packager.feed(packed_order(order))
        return packager

    async def feed(self, data: bytes) -> None:
        """Hand on a piece of the recording. A child that takes nothing is killed; one that is gone swallows it."""
        stdin = self._process.stdin
        assert stdin is not None
        if stdin.is_closing():
            return
        stdin.write(data)
        try:
            async with asyncio.timeout(FEED_WITHIN_S):
                await stdin.drain()
        except TimeoutError:
            self.kill()
        except ConnectionError:
            pass  # _read notices, and says so

    async def finish(self) -> None:
        """No more comes: what is left comes out, and the child ends."""
        self._finishing = True
        with contextlib.suppress(ConnectionError, OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        try:
            async with asyncio.timeout(END_WITHIN_S):
                await asyncio.shield(self._reading)
        except TimeoutError:
            self.kill()
            await self._reading

    def kill(self) -> None:
        """At once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                (size,) = HEAD.unpack(await self._process.stdout.readexactly(HEAD.size))
                if size > MESSAGE_LIMIT:
                    raise ValueError("a message that is too long")
                told = unpacked(await self._process.stdout.readexactly(size))
                if isinstance(told, Failed):
                    self._reason = told.reason
                else:
                    self._on_told(told)
        except asyncio.IncompleteReadError:
            pass
        except Exception:
            log.exception("packager %d said something unreadable", self.pid)
            self.kill()
        finally:
            await self._ended()

    async def _ended(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_WITHIN_S):
                await self._process.wait()
        if self._process.returncode is None:
            self.kill()
            await self._process.wait()
        if self._process.returncode and not self._finishing:
            log.warning("packager %d ended with %d", self.pid, self._process.returncode)
        self._on_end("" if self._finishing else self._reason or "packager")
