"""A child that reads a stranger's file, or writes one: what it is told of the house; it ends with its caller."""

import asyncio
import os
from typing import Final

_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")


def child_env() -> dict[str, str]:
    """The environment of such a child. The house's keys come by the environment, and stay there."""
    return {name: value for name, value in os.environ.items() if name in _KEPT}


async def run_child(*command: str, given: bytes | None = None, heard: bool = True) -> tuple[int, bytes]:
    """Its exit code and what it wrote. `given`: its standard input, nothing if `None`; without `heard` what it writes
    is thrown away. The caller limits the time: one that is cancelled or late takes the child with it."""
    quiet = asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=quiet if given is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE if heard else quiet,
        stderr=quiet,  # a traceback may hold cells
        env=child_env(),
    )
    try:
        out, _ = await child.communicate(given)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    assert child.returncode is not None
    return child.returncode, out or b""
