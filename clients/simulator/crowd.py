"""The viewers of the day: each visit of the plan is a real websocket that comes, does its part and goes."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable

from clients.python.frames import upgrade_request
from clients.simulator.address import Address
from clients.simulator.daytime import Daytime
from clients.simulator.errands import Errands
from clients.simulator.lean_link import IN, LeanLink
from clients.simulator.ledger import Ledger
from clients.simulator.plan import Plan, Visit
from clients.simulator.poller import Poller
from clients.simulator.readings import Readings
from clients.simulator.seat import Seat

OPENING_AT_ONCE = 150
"""Links on their way in at a time: a hub answers everybody, but each within its time."""
FINISH_WITHIN_S = 120.0
END_STAYS_S = 1.5
"""Real seconds that those who see the end of a hall stay after it, so that the end reaches them."""


class Crowd:
    """Invariant: a seat is in `_seats` from its arrival until its visit is over and everything of it is answered."""

    def __init__(self, address: Address, plan: Plan, daytime: Daytime, errands: Errands, ledger: Ledger) -> None:
        self.address = address
        self.daytime = daytime
        self.errands = errands
        self.ledger = ledger
        self.sessions = tuple(hall.session for hall in plan.halls)
        self.readings = Readings(ledger)
        self.tokens: dict[int, str] = {}
        self._loop = asyncio.get_running_loop()
        self.poller = Poller(self._loop)
        self._plan = plan
        self._seats: set[Seat] = set()
        self._waiting: deque[Seat] = deque()
        self._opening = 0
        self._inside: Counter[int] = Counter()
        self._all_came = False
        self._all_gone = asyncio.Event()
        self.peak = 0
        self.guest_request = (
            f"POST /api/guest HTTP/1.1\r\nHost: {address.host}:{address.port}\r\nOrigin: {address.origin}\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        ).encode("ascii")
        self.upgrade_request = upgrade_request(address.host, address.port, origin=address.origin)

    @property
    def inside(self) -> int:
        """Viewers that are in now."""
        return self._inside.total()

    @property
    def seats(self) -> frozenset[Seat]:
        """Visits under way."""
        return frozenset(self._seats)

    async def run(self) -> None:
        """Everybody comes in their time; returns when everybody has gone. Raises `TimeoutError` when some cannot
        finish what they began."""
        for visit in self._plan.visits:
            if self.daytime.loop_s(visit.at_s) > self._loop.time():
                await self.daytime.until(visit.at_s)
            self._arrive(visit)
        self._all_came = True
        self._look_whether_all_gone()
        async with asyncio.timeout_at(self.daytime.loop_s(self._plan.end_s) + FINISH_WITHIN_S):
            await self._all_gone.wait()

    def close(self) -> None:
        """Hang up for all."""
        for seat in self.seats:
            seat.over = True
            seat.close()
        self.poller.close()

    def drop_hall(self, hall: int) -> int:
        """All viewers of a hall lose their network at once; they come back. Returns how many."""
        there = [seat for seat in self._seats if seat.hall == hall and seat.state == IN]
        for seat in there:
            seat.drop()
        return len(there)

    # ---- what seats say ----------------------------------------------------------------------------------------------

    def later(self, after_s: float, what: Callable[[], None]) -> None:
        """Do that after so many real seconds."""
        self._loop.call_later(after_s, what)

    def return_in(self, seat: Seat, after_s: float) -> None:
        """A seat without a link wants one then."""
        self.later(after_s, lambda: self._queue(seat))

    def came_in(self, seat: Seat) -> None:
        """It is in."""
        self._opening -= 1
        self._inside[seat.hall] += 1
        self.ledger.counts["links"] += 1
        self.peak = max(self.peak, self._inside.total())
        self._open_more()

    def left(self, link: LeanLink) -> None:
        """Its link is being closed."""
        if link.state == IN:
            self._inside[link.hall] -= 1
        else:
            self._opening -= 1
            self._loop.call_soon(self._open_more)

    def gone(self, seat: Seat) -> None:
        """Its visit is over."""
        self._seats.discard(seat)
        self._look_whether_all_gone()

    def _look_whether_all_gone(self) -> None:
        if self._all_came and not self._seats:
            self._all_gone.set()

    # ---- coming ------------------------------------------------------------------------------------------------------

    def _arrive(self, visit: Visit) -> None:
        seat = Seat(self, visit)
        self._seats.add(seat)
        self._queue(seat)
        last_s = visit.until_s
        for act in visit.acts:
            last_s = max(last_s, act.at_s)
            self._loop.call_at(self.daytime.loop_s(act.at_s), seat.do, act)
        stays_s = END_STAYS_S if last_s >= self._plan.halls[visit.hall].end_s else 0.01
        self._loop.call_at(self.daytime.loop_s(last_s) + stays_s, seat.leave)

    def _queue(self, seat: Seat) -> None:
        if seat.over or seat.sock is not None:
            return
        self._waiting.append(seat)
        self._open_more()

    def _open_more(self) -> None:
        while self._waiting and self._opening < OPENING_AT_ONCE:
            seat = self._waiting.popleft()
            if seat.over or seat.sock is not None:
                continue
            self._opening += 1
            try:
                seat.call()
            except OSError as error:
                self._opening -= 1
                self.ledger.problem(f"a viewer's socket: {error}")
                self.return_in(seat, 1.0)
                return
