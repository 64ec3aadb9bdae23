"""Processes of a benchmark: pinned to cores, out of reach of the terminal's Ctrl-C (the measuring process stops them in
order), and ended by the kernel when the measuring process is gone without a word.
"""

import abc
import asyncio
import ctypes
import signal
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import IO, Self

from bench.machine import on_cores

PR_SET_PDEATHSIG = 1


class Child(abc.ABC):
    """A process that runs while it is used with `async with`. What `_start` began, `_stop` ends, also after a start
    that failed half-way."""

    _process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    @abc.abstractmethod
    async def _start(self) -> None:
        """Running and ready when it returns."""

    @abc.abstractmethod
    async def _stop(self) -> None:
        """Nothing of it is left when it returns."""


async def listens(host: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


async def start(
    argv: list[str],
    cores: tuple[int, ...],
    *,
    stdin: int = asyncio.subprocess.DEVNULL,
    stdout: int | IO[bytes] = asyncio.subprocess.PIPE,
    environ: Mapping[str, str] | None = None,
    limit: int = 1 << 16,
) -> asyncio.subprocess.Process:
    """Start it; what it says as an error goes where its output goes when that is a file, else to the terminal. `limit`:
    longest line of its output. Raises `OSError`."""
    is_file = not isinstance(stdout, int)
    with on_cores(cores):
        return await asyncio.create_subprocess_exec(
            *argv,
            stdin=stdin,
            stdout=stdout,
            stderr=asyncio.subprocess.STDOUT if is_file else None,
            env=environ,
            limit=limit,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


async def stop(process: asyncio.subprocess.Process | None, sign: int, within_s: float) -> None:
    """End it by a signal (0: it was told otherwise), at last by force; also when this is cancelled."""
    if process is None or process.returncode is not None:
        return
    try:
        if sign:
            process.send_signal(sign)
        await asyncio.wait_for(process.wait(), within_s)
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            process.kill()
    await process.wait()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
