"""The enterprises: who answers, looks, calls and decides as the plan says; who does not, never does."""

import asyncio
import heapq
import itertools
import zlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from clients.python import Arrived
from clients.simulator.daytime import Daytime
from clients.simulator.ledger import Ledger
from clients.simulator.plan import Application, Fate, Plan
from clients.simulator.staff import Station
from server.core.bodies import ApplicationNew
from server.core.model import ApplicationId, ApplicationStatus, CallOutcome, UnsuitableReason
from server.core.protocol import AnswerApplication, Command, OpenApplication
from server.core.refusal import Refusal

S = ApplicationStatus
AGAIN_S = 0.2
LISTENING_WITHIN_S = 60.0
LINKS = 4
"""Links of one desk: a house with many applicants has colleagues, and a hub rations each link."""
INTERVIEW_IN_MS = 3 * 24 * 3600 * 1000
_LAST = {
    Fate.INTENT: S.INTENT,
    Fate.INTERVIEW: S.INTERVIEW,
    Fate.UNSUITABLE: S.UNSUITABLE,
    Fate.CONTACTED: S.CONTACTED,
    Fate.VIEWED: S.VIEWED,
}


class Desk:
    """The HR of some enterprises. It learns of applications from their channels, as its page does, and the plan tells
    what becomes of each."""

    def __init__(self, stations: list[Station], plan: Plan, ledger: Ledger) -> None:
        self._stations = stations
        self._plan = plan
        self._ledger = ledger
        self._daytime: Daytime
        self._due: list[tuple[float, int, ApplicationId, int]] = []
        self._order = itertools.count()
        self._more = asyncio.Event()
        self._idle = asyncio.Event()
        self._evening = False
        self._busy = 0

    def open(self, daytime: Daytime) -> None:
        """The day begins."""
        self._daytime = daytime

    async def listen(self, enterprise: str, listens: asyncio.Event) -> None:
        """Follow one enterprise's channel until cancelled; the event is set as soon as nothing of it is missed."""
        station = self._stations[zlib.crc32(enterprise.encode()) % len(self._stations)]
        async for item in station.session.join(f"firm/{enterprise}"):
            listens.set()
            if isinstance(item, Arrived) and isinstance(item.body, ApplicationNew):
                self._put(self._daytime.now_s(), item.body.application, 0)

    def workers(self) -> list[Coroutine[None, None, None]]:
        """What its colleagues do, one on each link."""
        return [self.work(station) for station in self._stations]

    async def work(self, station: Station) -> None:
        """Take one step after another when its time has come, until cancelled."""
        while True:
            while not self._due:
                self._more.clear()
                await self._more.wait()
            at_s = self._due[0][0]
            if at_s > self._daytime.now_s():
                self._more.clear()
                try:
                    async with asyncio.timeout_at(self._daytime.loop_s(at_s)):
                        await self._more.wait()
                except TimeoutError:
                    pass
                continue
            _, _, application, step = heapq.heappop(self._due)
            self._busy += 1
            try:
                await self._step(station, application, step)
            finally:
                self._busy -= 1
                self._look_whether_idle()

    async def finish(self) -> None:
        """The evening: what is planned for later is done now. Returns when nothing is left to do."""
        self._evening = True
        self._due = [(0.0, order, application, step) for _, order, application, step in self._due]
        heapq.heapify(self._due)
        self._more.set()
        self._look_whether_idle()
        await self._idle.wait()

    def _look_whether_idle(self) -> None:
        if self._due or self._busy:
            self._idle.clear()
        else:
            self._idle.set()

    async def _step(self, station: Station, application: ApplicationId, step: int) -> None:
        held = self._ledger.held.get(application)
        if held is None:  # the entry overtook the receipt, or somebody else's application came
            if not self._evening:
                self._put(self._daytime.now_s() + AGAIN_S * self._daytime.speed, application, step)
            return
        form = self._plan.applications[held.number]
        if step >= len(form.steps) or form.enterprise in self._plan.wish.favoured:
            return
        if step == 0 and form.steps[0] > self._daytime.now_s() and not self._evening:
            self._put(form.steps[0], application, 0)
            return
        command, status = self._command(form, application, step)
        try:
            await station.persist(command)
            self._ledger.moved(application, status)
            self._ledger.counts[f"desk: {status.value}"] += 1
        except Refusal as refusal:
            name = f"{command.__struct_config__.tag} {refusal.code.value}"
            self._ledger.refused[name] += 1
            self._ledger.thwarted(f"application {application}: {name}")
            return
        if step + 1 < len(form.steps):
            self._put(form.steps[step + 1], application, step + 1)

    def _command(self, form: Application, application: ApplicationId, step: int) -> tuple[Command, ApplicationStatus]:
        key = f"{application}-d{step}"
        if step == 0:
            return OpenApplication(application=application, key=key), S.VIEWED
        if step == 1 and len(form.steps) > 2:
            status, outcome = S.CONTACTED, CallOutcome.REACHED
        else:
            status = _LAST[form.fate]
            outcome = CallOutcome.REACHED if status is S.CONTACTED else CallOutcome.NONE
        return (
            AnswerApplication(
                application=application,
                status=status,
                key=key,
                outcome=outcome,
                note="模拟的回复",
                interview_at_ms=self._interview_ms() if status is S.INTERVIEW else 0,
                place="企业人事部（模拟）" if status is S.INTERVIEW else "",
                reason=UnsuitableReason.SKILL if status is S.UNSUITABLE else UnsuitableReason.NONE,
            ),
            status,
        )

    def _interview_ms(self) -> int:
        welcome = self._stations[0].session.welcome
        return (welcome.now_ms if welcome is not None else 0) + INTERVIEW_IN_MS

    def _put(self, at_s: float, application: ApplicationId, step: int) -> None:
        heapq.heappush(self._due, (0.0 if self._evening else at_s, next(self._order), application, step))
        self._more.set()
        self._idle.clear()


@asynccontextmanager
async def at_work(desks: list[Desk], firms: list[set[str]]) -> AsyncIterator[None]:
    """The enterprises at work, until the end of the block."""
    tasks: list[asyncio.Task[None]] = []
    listening: list[asyncio.Event] = []
    try:
        for desk, mine in zip(desks, firms, strict=True):
            for firm in sorted(mine):
                listens = asyncio.Event()
                listening.append(listens)
                tasks.append(asyncio.create_task(desk.listen(firm, listens)))
            tasks.extend(asyncio.create_task(work) for work in desk.workers())
        async with asyncio.timeout(LISTENING_WITHIN_S):
            for listens in listening:
                await listens.wait()
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
