"""Files of applicants, made by a child each: one at a time, the others wait, and not for long."""

import asyncio
import sys
from typing import Final

import msgspec

from server.apart.child import run_child
from server.core.export_rows import Sheets
from server.core.refusal import Code, Refusal

WITHIN_S: Final = 30.0
COMMAND: Final = (sys.executable, "-m", "server.apart.export_child")


class Exports:
    """Names and numbers go to the child by its standard input and come back by its standard output: no file, no
    argument, no environment ever holds them."""

    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)

    async def made(self, sheets: Sheets) -> bytes:
        """The file's bytes. Raises `Refusal(UNAVAILABLE)`, temporary."""
        try:
            async with asyncio.timeout(WITHIN_S), self._one:
                code, content = await run_child(*COMMAND, given=msgspec.msgpack.encode(sheets))
        except TimeoutError:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="export") from None
        if code != 0:
            raise Refusal(Code.UNAVAILABLE, temporary=True, what="export")
        return content
