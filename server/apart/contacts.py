"""Contacts of an uploaded workbook, read by a child process: a hostile file ends that process and nothing else."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Final

import msgspec

from server.apart.child import run_child
from server.core.contacts import Contact
from server.core.refusal import Code, Refusal

log = logging.getLogger(__name__)

WITHIN_S: Final = 60.0
COMMAND: Final = (sys.executable, "-m", "server.apart.contacts_child")


async def read_contacts(file: Path) -> tuple[Contact, ...]:
    """One contact per enterprise of that file. Raises `Refusal(BAD_MESSAGE)`: it is no such workbook."""
    try:
        async with asyncio.timeout(WITHIN_S):
            code, out = await run_child(*COMMAND, str(file))
    except TimeoutError:
        raise _unreadable("too_heavy") from None
    try:
        if code == 0:
            return msgspec.msgpack.decode(out, type=tuple[Contact, ...])
        why = msgspec.msgpack.decode(out, type=str) if out else "too_heavy"
    except msgspec.DecodeError:
        why = "too_heavy"
    log.warning("the contacts of a workbook were not read: %s", why)
    raise _unreadable(why)


def _unreadable(why: str) -> Refusal:
    return Refusal(Code.BAD_MESSAGE, detail=f"workbook: {why}", why=why)
