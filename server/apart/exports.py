"""Files of applicants, made by a child each: one at a time, the others wait, and not for long."""

import asyncio
import sys
from typing import Final

import msgspec

from server.apart.child_env import child_env
from server.core.export_rows import Sheets
from server.core.refusal import Code, Refusal

WITHIN_S: Final = 30.0


class Exports:
    """Names and numbers go to the child by its standard input and come back by its standard output: no file, no
    argument, no environment ever holds them."""

    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)

    async def made(self, sheets: Sheets) -> bytes:
        """The file's bytes. Raises `Refusal(UNAVAILABLE)`, temporary."""
        try:
            async with asyncio.timeout(WITHIN_S), self._one:
                child = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "server.apart.export_child"),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    env=child_env(),
                )
                try:
                    content, _ = await child.communicate(msgspec.msgpack.encode(sheets))
                finally:
                    if child.returncode is None:
                        child.kill()
                        await child.wait()
        except TimeoutError:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="export") from None
        if child.returncode != 0:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="export")
        return content
