"""People of a fair who note all they do and see: viewers, hosts, seekers, an enterprise.

Each comes by the Python client and holds on whatever happens; what a hub refuses for now is asked again with its key.
"""

import asyncio
import itertools
from collections.abc import Callable

import msgspec

from clients.python import Arrived, Fresh, Session, connect
from clients.python.comeback import as_told_s
from clients.python.doors import Doors
from server.core.protocol import (
    Apply,
    ClearNotice,
    Command,
    Done,
    HideCard,
    PinNotice,
    Receipt,
    Reply,
    ShowCard,
    StageSnapshot,
    UndoCard,
)
from server.core.refusal import Refusal
from tests.faults.history import History, What, body_bytes, held_by, state_of
from tests.faults.link import FaultLink

ANSWER_WITHIN_S = 4.0
GIVE_UP_S = 90.0

_phones = itertools.count(1)


class Witness:
    """One person with a token of kind `client`. `link`: the way to a hub."""

    def __init__(self, who: str, token: str, link: FaultLink, history: History) -> None:
        self.who = who
        self._token = token
        self._link = link
        self._history = history
        self.session: Session | None = None
        self.joined: set[str] = set()

    async def be_there(self, *channels: str) -> None:
        """Read them until cancelled."""
        url = f"ws://127.0.0.1:{self._link.port}/ws"
        async with connect(url, token=self._token, origin="", first_within_s=60.0) as session:
            self.session = session
            await asyncio.gather(*(self._read(session, channel) for channel in channels))

    async def _read(self, session: Session, channel: str) -> None:
        epoch = ""
        async for item in session.join(channel):
            match item:
                case Fresh():
                    epoch = item.epoch
                    stage = item.snapshot if isinstance(item.snapshot, StageSnapshot) else None
                    data = msgspec.json.encode(state_of(stage)) if stage else b""
                    note = {"channel": channel, "epoch": epoch, "offset": item.offset, "held": held_by(item.snapshot)}
                    self._history.note(self.who, What.FRESH, data=data, **note)
                    self.joined.add(channel)
                case Arrived():
                    note = {"channel": channel, "epoch": epoch, "offset": item.offset}
                    self._history.note(self.who, What.ARRIVED, data=body_bytes(item.body), **note)

    async def ask(self, doors: Doors | None, command: Command, channel: str, text: str = "") -> Reply | None:
        """Until it is answered or refused for good (then None), by HTTP at that door or by the own line."""
        key = str(getattr(command, "key", ""))
        self._history.note(self.who, What.INVOKE, channel=channel, key=key, text=text)
        async with asyncio.timeout(GIVE_UP_S):
            while True:
                try:
                    reply = await self._ask_once(doors, command)
                    break
                except TimeoutError:
                    continue
                except Refusal as refusal:
                    if not refusal.temporary:
                        self._history.note(self.who, What.REFUSED, channel=channel, key=key, text=refusal.code.value)
                        return None
                    await asyncio.sleep(as_told_s(refusal, 0.15, 0.0))
        offset = reply.offset if isinstance(reply, Done) else 0
        text = reply.application if isinstance(reply, Receipt) else text
        self._history.note(self.who, What.OK, channel=channel, key=key, text=text, offset=offset)
        return reply

    async def _ask_once(self, doors: Doors | None, command: Command) -> Reply:
        if doors is not None:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await doors.call(command, self._token)
        assert self.session is not None
        return await self.session.call(command, timeout_s=ANSWER_WITHIN_S)


def stage_command(number: int, session: str, positions: list[str]) -> tuple[Command, str]:
    """What a host does as the nth thing, and the position shown by it."""
    key = f"{session}-does-{number:06}"
    match number % 9:
        case 3:
            return PinNotice(session=session, text=f"公告 {number}", key=key), ""
        case 5:
            return HideCard(session=session, key=key), ""
        case 7:
            return UndoCard(session=session, key=key), ""
        case 8:
            return ClearNotice(session=session, key=key), ""
        case _:
            position = positions[number % len(positions)]
            return ShowCard(session=session, position=position, key=key), position


def application(session: str, positions: list[str], consent: str) -> Apply:
    """Of somebody with a number of their own."""
    n = next(_phones)
    return Apply(
        session=session,
        position=positions[n % len(positions)],
        name="张三",
        phone=f"138{n:08d}",
        consent=consent,
        age_confirmed=True,
        key=f"nemesis-{n:08}",
    )


async def until_done(true: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait until it holds. Raises `TimeoutError` naming `what`."""
    clock = asyncio.get_running_loop().time
    end_s = clock() + within_s
    while not true():
        if clock() > end_s:
            raise TimeoutError(f"{what}: not within {within_s:g} s")
        await asyncio.sleep(0.05)
