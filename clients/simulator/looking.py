"""What the house says by its public doors at the end: what is stored, what stands in the logs, what screens show."""

import asyncio
import random
from collections.abc import Mapping, Sequence

import msgspec

from clients.python import Doors, Ticket
from clients.python.comeback import as_told_s
from clients.simulator.ledger import Entry
from clients.simulator.readings import entry_of
from clients.simulator.staff import AGAIN_S, TRY_FOR_S, Station
from server.core.model import Applicant, Epoch, Numbers, Since
from server.core.protocol import (
    ApplicationsAre,
    CatchUp,
    CaughtUp,
    Command,
    DeskIs,
    Joined,
    ListApplications,
    ListDesk,
    ListReports,
    Overview,
    OverviewIs,
    Reply,
    ReportsAre,
    Want,
)
from server.core.refusal import Refusal

PAGE = 100
WANTS = 8
TAIL = 450
"""Entries of a stage that are read again; a hub gives 500 at once."""


class Log(msgspec.Struct, frozen=True):
    """A channel as it stands. `tail` are its last entries."""

    epoch: str
    top: int
    tail: tuple[Entry, ...] = ()


class Stored(msgspec.Struct, frozen=True):
    """An application as its enterprise sees it. `receipts` are all that were given for it, to one device each."""

    receipts: tuple[str, ...]
    position: str
    status: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers alone, as in `House`."""

    cards: dict[str, int]
    desks: dict[str, int]
    regions: dict[str, Numbers]
    visits: int


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `cards` are those of the portal, `desks` the applications that the hosts see, by session;
    `regions` the operators' numbers by branch."""

    applications: dict[str, Stored]
    stages: dict[str, Log]
    chats: dict[str, int]
    cards: dict[str, int]
    desks: dict[str, int]
    regions: dict[str, Numbers]
    reports: int
    visits: int = 0


class Eyes(msgspec.Struct, frozen=True):
    """Who looks: an operator of a region, the hosts by session, the desks of enterprises."""

    operator: Ticket
    region: str
    hosts: Mapping[str, Sequence[Station]]
    desks: Sequence[tuple[Sequence[Station], tuple[str, ...]]]


class Looking:
    """Reads a house with the eyes of its operator, its hosts and its enterprises."""

    def __init__(self, doors: Doors, eyes: Eyes) -> None:
        self._doors = doors
        self._operator = eyes.operator
        self._region = eyes.region
        self._hosts = eyes.hosts
        self._desks = eyes.desks

    async def all(self, sessions: Sequence[str]) -> House:
        """Everything, as it is now; where no number counts an application, nobody is asked for any.

        Raises `Refusal` and `TimeoutError`.
        """
        shown = await self.shown(sessions)
        any_there = any(one.applications for one in shown.regions.values())
        applications = await self.applications() if any_there else {}
        stages = await self._stages(sessions)
        chats = await self._tops([f"chat/{session}" for session in sessions])
        return House(
            applications=applications,
            stages=stages,
            chats={channel.partition("/")[2]: log.top for channel, log in chats.items()},
            reports=await self._reports(),
            cards=shown.cards,
            desks=shown.desks,
            regions=shown.regions,
            visits=shown.visits,
        )

    async def shown(self, sessions: Sequence[str]) -> Shown:
        """The numbers of the portal, the hosts and the screen."""
        fair = await self._doors.fair()
        overview = await self._call(Overview(region=self._region))
        desks: dict[str, int] = {}
        for session in sessions:
            desk = await self._hosts[session][0].persist(ListDesk(session=session))
            desks[session] = desk.applications if isinstance(desk, DeskIs) else -1
        return Shown(
            cards={page.session.id: page.numbers.cards for page in fair.sessions},
            desks=desks,
            regions={one.region: one.numbers for one in overview.regions} if isinstance(overview, OverviewIs) else {},
            visits=sum(page.visits for page in fair.sessions),
        )

    async def applications(self) -> dict[str, Stored]:
        """All that every enterprise has, asked for by its own desk."""
        found: dict[str, Stored] = {}
        shares = [
            (station, firms[at :: len(stations)])
            for stations, firms in self._desks
            for at, station in enumerate(stations)
        ]
        pages = await asyncio.gather(*(self._of_firms(station, firms) for station, firms in shares))
        for applicants in pages:
            found.update({one.id: _stored(one) for one in applicants})
        return found

    async def _of_firms(self, station: Station, firms: tuple[str, ...]) -> list[Applicant]:
        found: list[Applicant] = []
        for firm in firms:
            before = ""
            while True:
                page = await station.persist(ListApplications(enterprise=firm, before=before, limit=PAGE))
                assert isinstance(page, ApplicationsAre)
                found.extend(page.applications)
                before = page.next
                if not before:
                    break
        return found

    async def _stages(self, sessions: Sequence[str]) -> dict[str, Log]:
        tops = await self._tops([f"stage/{session}" for session in sessions])
        since = {channel: Since(epoch=Epoch(log.epoch), offset=max(0, log.top - TAIL)) for channel, log in tops.items()}
        joined = await self._caught_up([Want(channel=channel, since=place) for channel, place in since.items()])
        return {
            one.channel.partition("/")[2]: Log(
                one.epoch, one.offset, tuple(entry_of(entry.offset, bytes(entry.body)) for entry in one.entries)
            )
            for one in joined
        }

    async def _tops(self, channels: Sequence[str]) -> dict[str, Log]:
        joined = await self._caught_up([Want(channel=channel) for channel in channels])
        return {one.channel: Log(one.epoch, one.offset) for one in joined}

    async def _caught_up(self, wants: Sequence[Want]) -> list[Joined]:
        found: list[Joined] = []
        for at in range(0, len(wants), WANTS):
            answer = await self._call(CatchUp(wants=tuple(wants[at : at + WANTS])))
            assert isinstance(answer, CaughtUp)
            found.extend(one for one in answer.channels if isinstance(one, Joined))
        return found

    async def _reports(self) -> int:
        found, skip = 0, 0
        while True:
            page = await self._call(ListReports(region=self._region, skip=skip, limit=PAGE))
            assert isinstance(page, ReportsAre)
            found += len(page.reports)
            skip = page.next
            if not skip:
                return found

    async def _call(self, command: Command) -> Reply:
        async with asyncio.timeout(TRY_FOR_S):
            while True:
                try:
                    return await self._doors.call(command, self._operator.token)
                except Refusal as refusal:
                    if not refusal.temporary:
                        raise
                    await asyncio.sleep(as_told_s(refusal, AGAIN_S, random.random()))


def _stored(one: Applicant) -> Stored:
    return Stored((one.receipt, *one.about.receipts), one.position, one.status.value)
