"""How the beginning of a room is found: a room of its own reading, those of persons many in one."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

from server.bus.bus import Bus
from server.core.channels import Kind
from server.core.limits import RING_ENTRIES
from server.core.model import Channel
from server.core.refusal import Refusal
from server.hub.far import read_far_start
from server.hub.gathering import Gathering
from server.hub.openroom import OpenRoom
from server.hub.reading import RoomStart, read_persons, read_start
from server.hub.tasks import Tasks
from server.store.store import Store
from server.store.troubles import where_of

log = logging.getLogger(__name__)

OPEN_WITHIN_S = 6.0
OPENING_AT_ONCE = 128
"""Rooms whose beginning is being read, so that 20,000 who come back do not take all places of the store's readers
(512): who waits longer than OPEN_WITHIN_S is told to try again."""


class Opening:
    """Tells of each room how it began, or why it could not."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        tasks: Tasks,
        opened: Callable[[OpenRoom, RoomStart], None],
        failed: Callable[[OpenRoom, BaseException], None],
    ) -> None:
        self._store = store
        self._bus = bus
        self._tasks = tasks
        self._opened = opened
        self._failed = failed
        self._places = asyncio.Semaphore(OPENING_AT_ONCE)
        self._persons = Gathering(self._read_persons, tasks, "opening rooms of persons", within_s=OPEN_WITHIN_S)

    def begin(self, room: OpenRoom) -> None:
        """Find out. Rooms of persons share their reads, need no places (waiting for one would only make each read
        smaller, and of 19,600 that came back at once most waited too long) and no tasks."""
        if room.kind is Kind.ME and not room.home:
            self._persons.ask(room.name).add_done_callback(partial(self._person_read, room))
        else:
            self._tasks.start(self._open(room), name=f"open {room.kind}")

    async def _open(self, room: OpenRoom) -> None:
        backlog = RING_ENTRIES if room.delivery.logged else 0
        try:
            async with asyncio.timeout(OPEN_WITHIN_S), self._places:
                if room.home:
                    start = await read_far_start(self._bus, room.name)
                else:
                    start = await self._store.read(read_start, room.name, backlog)
            self._opened(room, start)
        except BaseException as error:
            self._failed(room, error)
            if not isinstance(error, Exception):
                raise
            self._log(room, error)

    def _person_read(self, room: OpenRoom, read: "asyncio.Future[RoomStart]") -> None:
        try:
            self._opened(room, read.result())
        except Exception as error:
            self._failed(room, error)
            self._log(room, error)

    def _log(self, room: OpenRoom, error: Exception) -> None:
        if not isinstance(error, Refusal | TimeoutError):
            log.error("a room of kind %s could not be opened: %s", room.kind, where_of(error))

    async def _read_persons(self, names: Sequence[Channel]) -> dict[Channel, RoomStart]:
        return await self._store.read(read_persons, names, RING_ENTRIES)
