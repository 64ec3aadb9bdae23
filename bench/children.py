"""Processes of a benchmark: pinned to cores, out of reach of the terminal's Ctrl-C (the measuring process stops them in
order), and ended by the kernel when the measuring process is gone without a word.
"""

import asyncio
import ctypes
import signal
import sys
from collections.abc import Mapping
from typing import IO

from bench.machine import on_cores

PR_SET_PDEATHSIG = 1


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
