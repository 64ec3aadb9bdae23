"""The staff of a played day: accounts that were made for it, and the links they work over."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from clients.python import Doors, Session, connect
from clients.python.comeback import as_told_s
from server.core.played_staff import Duty, StaffFile
from server.core.protocol import Command, Reply
from server.core.refusal import Code, Refusal

TRY_FOR_S = 90.0
"""How long somebody on duty tries the same command again; the same key makes that harmless."""
AGAIN_S = 0.5


def read_staff(file: Path) -> StaffFile:
    """Raises `ValueError` for a file that is none, `OSError` for one that cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=StaffFile)
    except msgspec.DecodeError as error:
        raise ValueError(f"{file}: not written by `daigang simulate prepare` ({error})") from None


class Station:
    """Somebody's link to the hub, which may be cut and comes back. `session` is for joining channels."""

    def __init__(self, session: Session, websocket: str, token: str) -> None:
        self.session = session
        self._websocket = websocket
        self._token = token
        self._up = asyncio.Event()
        self._up.set()

    async def persist(self, command: Command) -> Reply:
        """The reply to a command, however often it has to be sent. Raises a `Refusal` that is final, and `TimeoutError`
        after TRY_FOR_S."""
        async with asyncio.timeout(TRY_FOR_S):
            while True:
                await self._up.wait()
                try:
                    return await self.session.call(replace(command))
                except TimeoutError:
                    continue
                except Refusal as refusal:
                    if not refusal.temporary:
                        raise
                    await asyncio.sleep(as_told_s(refusal, AGAIN_S, random.random()))

    @asynccontextmanager
    async def another(self) -> AsyncIterator["Station"]:
        """One more link of the same person."""
        async with connect(self._websocket, token=self._token) as session:
            yield Station(session, self._websocket, self._token)

    async def cut(self, seconds: float) -> None:
        """The link dies, and there is none for that long."""
        self._up.clear()
        self.session.cut()
        await asyncio.sleep(seconds)
        self._up.set()


@asynccontextmanager
async def on_duty(doors: Doors, websocket: str, duty: Duty, password: str) -> AsyncIterator[Station]:
    """Sign in and hold a link. Raises `Refusal` for a wrong password or a house that has no such account."""
    token = await _ticket(doors, duty, password)
    async with connect(websocket, token=token) as session:
        yield Station(session, websocket, token)


async def _ticket(doors: Doors, duty: Duty, password: str) -> str:
    async with asyncio.timeout(TRY_FOR_S):
        while True:
            try:
                return (await doors.sign_in(duty.name, password)).token
            except Refusal as refusal:
                if refusal.code is Code.SIGN_IN_FAILED or not refusal.temporary:
                    raise
                await asyncio.sleep(AGAIN_S)
