"""A fair that goes on while something is done to its hubs: viewers watch, a host shows cards, people apply. At the end
nobody has missed or seen twice a card, and every application that was answered is there exactly once."""

import asyncio
import contextlib
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import psycopg

from clients.python import Arrived, connect
from clients.python.comeback import as_told_s
from clients.python.doors import Doors, Ticket
from server.core.model import Role
from server.core.protocol import Apply, Done, GoLive, Receipt, ShowCard
from server.core.refusal import Code, Refusal
from tests.faults.watching import Watcher
from tests.wire.hubs import eventually

STAGE = "stage/S01"
Answer = TypeVar("Answer")
_phones = itertools.count(1)


class Guest(Watcher):
    """`came`: what the guests of one room are given, and when."""

    def __init__(self, came: list[tuple[int, float]]) -> None:
        super().__init__()
        self._came = came

    async def watch(self, url: str, ticket: Ticket, origin: str) -> None:
        async with connect(url, token=ticket.token, origin=origin) as session:
            await self.note(session.join(STAGE))

    def arrived(self, item: Arrived) -> None:
        self._came.append((item.offset, time.monotonic()))


class Flow:
    """`url`: of the door everybody comes by; `demo`: where the demonstration's host comes in, if that is another;
    `rooms`: the hubs at which viewers watch and people apply in turn, if that is not the same door; `showers`: how many
    show cards, the host and perhaps the assistant."""

    def __init__(self, url: str, demo: str = "", rooms: Sequence[str] = (), showers: int = 1) -> None:
        self.doors = Doors(url)
        self._demo = Doors(demo or url)
        self._showers = showers
        self._rooms = tuple(rooms) or (url,)
        self._came_s: dict[str, list[tuple[int, float]]] = {room: [] for room in self._rooms}
        self._applied_s: list[float] = []
        self._asked_s: dict[int, float] = {}
        self._first = 0
        self.guests: list[Guest] = []
        self.shown = 0
        self.receipts: dict[str, str] = {}
        self.refused: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ended = asyncio.Event()
        self._top = 0

    async def begin(self, viewers: int) -> None:
        """On air, and everybody in the room."""
        roles = (Role.HOST, Role.ASSISTANT)[: self._showers]
        self._hosts = [await self._demo.demo(role) for role in roles]
        page = await self.doors.session("S01")
        self._consent = (await self.doors.setup()).consent
        slots = (await self.doors.shelf("S01", page.session.shelf_revision)).slots
        self._positions = [slot.position.id for slot in slots]
        with contextlib.suppress(Refusal):
            await self.doors.call(GoLive(session="S01", key="flow-go-live"), self._hosts[0].token)
        for number in range(viewers):
            await self._come(self._rooms[number % len(self._rooms)])
        await self._all_in()
        self._first = max(guest.seen[-1] for guest in self.guests)

    async def more(self, viewers: int, room: str) -> None:
        """So many more, who come by that address but from the same pages; in the room when it returns."""
        self._came_s.setdefault(room, [])
        for _ in range(viewers):
            await self._come(room, self.doors.base)
        await self._all_in()

    async def _all_in(self) -> None:
        await eventually(lambda: all(guest.fresh for guest in self.guests), 60.0)

    async def _come(self, room: str, origin: str | None = None) -> None:
        ticket = await self.doors.guest()
        guest = Guest(self._came_s[room])
        url = room.replace("http", "ws", 1) + "/ws"
        self.guests.append(guest)
        self._tasks.append(asyncio.create_task(guest.watch(url, ticket, origin or room)))

    @contextlib.asynccontextmanager
    async def flowing(
        self, *, cards_every_s: float = 0.1, applicants: int = 4, apply_every_s: float = 0.02
    ) -> AsyncIterator[None]:
        """Cards and applications, until the block ends; then everything under way is finished."""
        self._ended.clear()
        flow = [asyncio.create_task(self._show(host, cards_every_s)) for host in self._hosts]
        flow += [asyncio.create_task(self._apply(n, apply_every_s)) for n in range(applicants)]
        try:
            yield
        finally:
            self._ended.set()
            done = await asyncio.gather(*flow, return_exceptions=True)
        failures = [error for error in done if error is not None]
        assert not failures, failures

    async def _show(self, by: Ticket, every_s: float) -> None:
        while not self._ended.is_set():
            self.shown += 1
            position = self._positions[self.shown % len(self._positions)]
            card = ShowCard(session="S01", position=position, key=f"flow-{self.shown:08}")
            await self._again(partial(self._show_one, card, by))
            await asyncio.sleep(every_s)

    async def _show_one(self, card: ShowCard, by: Ticket) -> None:
        # Anew with each asking: a person may show five a second, and to wait for that is no part of the card's way.
        asked_s = time.monotonic()
        done = await self.doors.call(card, by.token)
        assert isinstance(done, Done), done
        self._asked_s[done.offset] = asked_s

    def figures(self) -> str:
        """p50 and p99 in seconds since this was asked last: a card until it is seen, by hub; an application until its
        receipt."""
        texts = []
        for room, came in self._came_s.items():
            late_s = [at_s - self._asked_s[offset] for offset, at_s in came if offset in self._asked_s]
            texts.append(shares(room.rpartition(":")[2], late_s))
            came.clear()
        texts.append(shares("applied", self._applied_s))
        self._applied_s.clear()
        return ", ".join(texts)

    def least_seen(self) -> int:
        """Cards that even the viewer who is furthest behind has seen since the beginning."""
        return min(guest.seen[-1] for guest in self.guests) - self._first

    async def _apply(self, number: int, every_s: float) -> None:
        doors = Doors(self._rooms[number % len(self._rooms)])
        while not self._ended.is_set():
            n = next(_phones)
            apply = Apply(
                session="S01",
                position=self._positions[n % len(self._positions)],
                name="张三",
                phone=f"138{n:08d}",
                consent=self._consent,
                age_confirmed=True,
                key=f"flow-apply-{n:08}",
            )
            guest = await self._again(doors.guest)
            began_s = time.monotonic()
            receipt = await self._again(partial(doors.call, apply, guest.token))
            self._applied_s.append(time.monotonic() - began_s)
            assert isinstance(receipt, Receipt), receipt
            assert receipt.application not in self.receipts
            self.receipts[receipt.application] = apply.phone
            await asyncio.sleep(every_s)

    async def _again(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """The same again as long as it is refused for now; nothing else may happen."""
        async with asyncio.timeout(60):
            while True:
                try:
                    return await call()
                except Refusal as refusal:
                    if not refusal.temporary:
                        raise
                    if refusal.code is not Code.TOO_MANY:
                        self.refused.append(f"{refusal.code.value} {dict(refusal.params)}")
                    await asyncio.sleep(as_told_s(refusal, 0.1, 0.0))

    async def whole(self, within_s: float = 30.0) -> None:
        """Everybody has every card, in order, once; nobody was told to start afresh."""
        await eventually(lambda: len({guest.seen[-1] for guest in self.guests}) == 1 and self._all_shown(), within_s)
        for number, guest in enumerate(self.guests):
            guest.check_whole(f"viewer {number}")

    def _all_shown(self) -> bool:
        seen = self.guests[0].seen
        return seen[-1] - seen[0] >= self.shown

    def stored(self, store_url: str) -> dict[str, int]:
        """Applications with a receipt, and how many rows each has."""
        return rows_of(store_url)

    async def end(self) -> None:
        """The viewers go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def rows_of(store_url: str) -> dict[str, int]:
    """Of the applications of a store, and how many rows each has."""
    if store_url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(store_url.partition(":///")[2])) as link:
            return _counted(link)
    with psycopg.connect(store_url.replace("postgresql+psycopg", "postgresql")) as link:
        return _counted(link)


def _counted(link: Any) -> dict[str, int]:
    """`link`: of either driver."""
    rows = link.execute("SELECT id, count(*) FROM applications GROUP BY id").fetchall()
    (phones,) = link.execute("SELECT count(DISTINCT phone_hmac) FROM applications").fetchone() or (0,)
    counted = {str(name): int(count) for name, count in rows}
    assert phones == len(counted), "one phone and position has two rows"
    return counted


def shares(name: str, times_s: list[float]) -> str:
    """The name with p50 and p99, and of how many."""
    times = sorted(times_s)
    if not times:
        return f"{name} none"
    return (
        f"{name} {times[len(times) // 2]:.3f}/{times[min(len(times) - 1, int(len(times) * 0.99))]:.3f} of {len(times)}"
    )
