"""The operators: they settle what was reported, and close a position that was found false."""

import asyncio
import time

from clients.simulator.daytime import Daytime
from clients.simulator.ledger import Ledger
from clients.simulator.plan import Plan, Pull
from clients.simulator.staff import Station
from server.core.model import ReportCase, ReportOutcome
from server.core.protocol import ClosePosition, Command, ListReports, ReportsAre, SettleReport
from server.core.refusal import Refusal

NOTE = "已核对（模拟）"
REPORTED_WITHIN_S = 60.0
LOOK_AGAIN_S = 0.2


class Operator:
    """The province's."""

    def __init__(self, station: Station, plan: Plan, daytime: Daytime, ledger: Ledger, run: str) -> None:
        self._station = station
        self._plan = plan
        self._daytime = daytime
        self._ledger = ledger
        self._run = run

    async def day(self) -> None:
        """What the plan has for them."""
        for number, pull in enumerate(self._plan.pulls):
            await self._daytime.until(pull.at_s)
            if not await self._reported(pull):
                self._ledger.thwarted(f"operators: {pull.position} was not shown or not reported in time")
                continue
            self._ledger.pulled.add(self._plan.halls[pull.hall].session)
            if await self._do(ClosePosition(position=pull.position, key=f"{self._run}-pull{number}")):
                self._ledger.counts["positions pulled"] += 1
            await self._settle(pull.position)

    async def _reported(self, pull: Pull) -> bool:
        """Wait for what they act on: a host or a viewer may be late, and a card that was not shown yet could not be
        shown any more. False when it does not come."""
        session, end_s = self._plan.halls[pull.hall].session, time.monotonic() + REPORTED_WITHIN_S
        while time.monotonic() < end_s:
            reports = await self._open_reports()
            reported = any(report.position == pull.position for report in reports)
            if reported and self._ledger.was_shown(session, pull.position):
                return True
            await asyncio.sleep(LOOK_AGAIN_S)
        return False

    async def _open_reports(self) -> list[ReportCase]:
        region = self._station.session.welcome.grants[0].scope if self._station.session.welcome else ""
        found: list[ReportCase] = []
        skip = 0
        while True:
            page = await self._station.persist(ListReports(region=region, open_only=True, skip=skip))
            assert isinstance(page, ReportsAre)
            found.extend(page.reports)
            skip = page.next
            if not skip:
                return found

    async def _settle(self, false: str) -> None:
        """Every open report: about that position something was done, about others there was nothing to it."""
        for report in await self._open_reports():
            outcome = ReportOutcome.ACTED if report.position == false else ReportOutcome.DISMISSED
            settle = SettleReport(report=report.id, outcome=outcome, note=NOTE, key=f"{self._run}-{report.id}")
            if await self._do(settle):
                self._ledger.counts["reports settled"] += 1

    async def _do(self, command: Command) -> bool:
        try:
            await self._station.persist(command)
        except Refusal as refusal:
            name = f"{command.__struct_config__.tag} {refusal.code.value}"
            self._ledger.refused[name] += 1
            self._ledger.thwarted(f"operators: {name}")
            return False
        return True
