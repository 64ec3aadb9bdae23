"""What goes wrong on the day: a host's link dies, a county's viewers all lose their network, a hub is restarted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from clients.simulator import curve
from clients.simulator.crowd import Crowd
from clients.simulator.daytime import Daytime
from clients.simulator.ledger import Ledger
from clients.simulator.plan import Plan
from clients.simulator.staff import Station

log = logging.getLogger("daigang.simulator")

HOST_CUT_S = 20.0
LEAST_CUT_S = 1.0
RESTART_WITHIN_S = 120.0
_TIMES = ((0.35, "viewers"), (0.55, "host"), (0.75, "viewers"))
"""When in the day, as a part of it."""


class Faults:
    """Does them at their times."""

    def __init__(
        self, plan: Plan, daytime: Daytime, crowd: Crowd, hosts: Mapping[str, list[Station]], ledger: Ledger
    ) -> None:
        self._plan = plan
        self._daytime = daytime
        self._crowd = crowd
        self._hosts = hosts
        self._ledger = ledger

    async def day(self, restart: str = "") -> None:
        """All of them; `restart` is a command that restarts the hub, at 10:12 or half-way."""
        plan = self._plan
        first_s, length_s = curve.RELAY_UNTIL_S, plan.end_s - curve.RELAY_UNTIL_S
        doing: list[tuple[float, Callable[[], Awaitable[None]]]] = []
        for index, (part, what) in enumerate(_TIMES if plan.wish.faults else ()):
            hall = (index * 7 + 1) % len(plan.halls)
            doing.append((first_s + part * length_s, self._of(what, hall)))
        if restart:
            restart_s = curve.RESTART_S if plan.end_s > curve.RESTART_S + 600 else first_s + 0.45 * length_s
            doing.append((restart_s, lambda: self._restart(restart)))
        async with asyncio.TaskGroup() as tasks:
            for at_s, what_happens in doing:
                tasks.create_task(self._at(at_s, what_happens))

    async def _at(self, at_s: float, what: Callable[[], Awaitable[None]]) -> None:
        await self._daytime.until(at_s)
        await what()

    def _of(self, what: str, hall: int) -> Callable[[], Awaitable[None]]:
        return (lambda: self._viewers(hall)) if what == "viewers" else (lambda: self._host(hall))

    async def _viewers(self, hall: int) -> None:
        gone = self._crowd.drop_hall(hall)
        self._ledger.counts["viewers dropped by a fault"] += gone
        log.info("%s: %d viewers of %s lost their network", self._now(), gone, self._plan.halls[hall].session)

    async def _host(self, hall: int) -> None:
        session = self._plan.halls[hall].session
        seconds = max(LEAST_CUT_S, HOST_CUT_S / self._daytime.speed)
        log.info("%s: the host of %s is cut off for %.1f s", self._now(), session, seconds)
        await asyncio.gather(*(station.cut(seconds) for station in self._hosts[session]))
        self._ledger.counts["hosts cut off"] += 1

    async def _restart(self, command: str) -> None:
        log.info("%s: the hub is restarted", self._now())
        process = await asyncio.create_subprocess_shell(command, stdin=asyncio.subprocess.DEVNULL)
        try:
            async with asyncio.timeout(RESTART_WITHIN_S):
                code = await process.wait()
        except TimeoutError:
            process.kill()
            raise
        self._ledger.counts["restarts"] += 1
        if code:
            self._ledger.problem(f"the command that restarts the hub ended with {code}")

    def _now(self) -> str:
        return curve.clock(self._daytime.now_s())
