"""Plays a day: signs the staff in, lets everybody come, waits for the evening, looks at the house, compares."""

import asyncio
import contextlib
import logging
import secrets
import time
from pathlib import Path

import msgspec

from clients.python import Doors, Ticket
from clients.python.doors import Setup
from clients.simulator import curve, day
from clients.simulator.address import Address, address_of
from clients.simulator.comparing import Difference, Play, differences, numbers_differ
from clients.simulator.crowd import Crowd
from clients.simulator.daytime import Daytime
from clients.simulator.desks import LINKS, Desk, at_work
from clients.simulator.errands import Errands
from clients.simulator.faults import Faults
from clients.simulator.hosts import Host
from clients.simulator.ledger import Ledger
from clients.simulator.looking import Eyes, House, Looking
from clients.simulator.operators import Operator
from clients.simulator.plan import Plan, Wish
from clients.simulator.planning import plan_day
from clients.simulator.staff import Station, on_duty, read_staff
from clients.simulator.watching import Peaks, Watching
from server.core.model import ON_AIR, RegionCode, SessionState
from server.core.played_staff import Duty, StaffFile
from server.core.refusal import Refusal
from server.core.regions import RegionTree

log = logging.getLogger("daigang.simulator")

SETTLE_S = 1.0
NUMBERS_WITHIN_S = 15.0
HOST_LINKS_EVERY_PER_S = 2.0
"""One link of a host for each so many cards a second."""


TALKERS_MOST = 100
"""Where a number has to be confirmed before one may write: a demonstration shows its codes, but an address gets only so
many of them within an hour."""


class CannotPlay(Exception):
    """Not this hub, or not like this; the message is a sentence for who started it."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for. `shared`: others use the house at the same time. `numbers_within_s`: how long the numbers of
    the screens may lag behind the log; they are refreshed every second."""

    url: str
    staff: Path
    wish: Wish
    speed: float
    restart: str = ""
    shared: bool = False
    numbers_within_s: float = NUMBERS_WITHIN_S


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A played day and what was found."""

    play: Play
    differences: list[Difference]
    peaks: Peaks
    viewers_peak: int
    took_s: float


class Playing:
    """One day against one hub: `async with Playing(order) as it`, then `it.day()`, then `it.compare()`."""

    def __init__(self, order: Order) -> None:
        """Raises `CannotPlay` for an address or a file that is none."""
        self._order = order
        try:
            self._address: Address = address_of(order.url)
            self._staff: StaffFile = read_staff(order.staff)
        except (ValueError, OSError) as error:
            raise CannotPlay(str(error)) from None
        self._doors = Doors(self._address.origin)
        self._ledger = Ledger(shared=order.shared)
        self._firms: set[str] = set()
        self._run = "sim" + secrets.token_hex(4)
        self._open = contextlib.AsyncExitStack()
        self._watching = Watching(self._address.origin)
        self._began_s = time.monotonic()
        self._viewers_peak = 0
        self._plan: Plan
        self._looking: Looking
        self._before: House
        self._operators: Station

    async def __aenter__(self) -> "Playing":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def day(self) -> None:
        """Play. Raises `CannotPlay` before anything is done, `Refusal`, `OSError` and `TimeoutError`, alone or in a
        group, when the hub fails."""
        setup = await self._known_hub()
        plan = self._plan = await self._made_plan(setup)
        self._looking, hosts, desks = await self._sign_in(plan)
        self._before = await self._looking.all([hall.session for hall in plan.halls])
        watch = asyncio.create_task(self._watching.run())
        try:
            self._viewers_peak = await self._play(plan, setup, hosts, desks)
        finally:
            watch.cancel()
        await self._watching.look()

    async def compare(self) -> Outcome:
        """Look at the house as it is now. Raises `Refusal` and `TimeoutError`."""
        play = await self._looked(self._looking, self._plan, self._before)
        return Outcome(
            play=play,
            differences=differences(play),
            peaks=self._watching.peaks,
            viewers_peak=self._viewers_peak,
            took_s=time.monotonic() - self._began_s,
        )

    # ---- before ------------------------------------------------------------------------------------------------------

    async def _known_hub(self) -> Setup:
        """The hub's own words. Raises `CannotPlay` unless it holds the synthetic day."""
        try:
            setup = await self._doors.setup()
            fair = (await self._doors.fair()).fair
        except Refusal as refusal:
            raise CannotPlay(f"{self._address.origin}: {refusal.code.value}; is a hub running there?") from None
        if not fair.synthetic:
            raise CannotPlay(f"{self._address.origin} holds a real fair: nothing is played in it, ever")
        if setup.confirmation == "before":
            raise CannotPlay("this house takes applications of confirmed numbers only: play with another one")
        return setup

    async def _made_plan(self, setup: Setup) -> Plan:
        """The plan, for the halls as the hub has them. Raises `CannotPlay`."""
        catalogue = day.generate()
        wish = msgspec.structs.replace(self._order.wish, favoured=self._staff.left)
        if setup.confirmation != "off":
            shown = setup.demo
            talkers = min(wish.talkers if wish.talkers is not None else TALKERS_MOST, TALKERS_MOST) if shown else 0
            wish = msgspec.structs.replace(wish, talkers=talkers)
        try:
            plan = await asyncio.to_thread(plan_day, catalogue, wish)
        except ValueError as error:
            raise CannotPlay(str(error)) from None
        shelves = (catalogue.shelves[hall.session] for hall in plan.halls)
        self._firms = {str(slot.position.enterprise) for shelf in shelves for slot in shelf}
        pages = {page.session.id: page.session for page in (await self._doors.fair()).sessions}
        for hall in plan.halls:
            session = pages.get(hall.session)
            if session is None:
                raise CannotPlay(f"this house has no session {hall.session}: it does not hold the Jilin day")
            if session.state is SessionState.ENDED or (session.state in ON_AIR and not self._order.shared):
                raise CannotPlay(
                    f"{hall.session} is {session.state.value}: this house has had its day. Start one in an empty "
                    "directory (DAIGANG_VAR)"
                )
        return plan

    # ---- the staff ---------------------------------------------------------------------------------------------------

    async def _sign_in(self, plan: Plan) -> tuple[Looking, dict[str, list[Station]], list[tuple[Duty, list[Station]]]]:
        staff = self._staff
        sessions = {hall.session: hall for hall in plan.halls}
        hosts: dict[str, list[Station]] = {}
        for duty in staff.hosts:
            theirs = [sessions[session] for session in duty.scopes if session in sessions]  # type: ignore[index]
            if not theirs:
                continue
            cards = sum(len(hall.shows) for hall in theirs)
            per_s = cards / ((plan.end_s - curve.RELAY_UNTIL_S) / self._order.speed)
            stations = await self._stations(duty, 1 + min(3, int(per_s / HOST_LINKS_EVERY_PER_S)))
            for hall in theirs:
                hosts[hall.session] = stations
        missing = sessions.keys() - hosts.keys()
        if missing:
            raise CannotPlay(f"nobody hosts {min(missing)}: write the staff anew (daigang simulate prepare)")
        firms = self._firms
        busy = [duty for duty in staff.desks if firms & set(duty.scopes)]
        desks = [(duty, await self._stations(duty, LINKS)) for duty in busy]
        operator = await self._ticket(staff.operator)
        (self._operators,) = await self._stations(staff.operator, 1)
        mine = [(stations, tuple(firm for firm in duty.scopes if firm in firms)) for duty, stations in desks]
        looking = Looking(self._doors, Eyes(operator, staff.operator.scopes[0], hosts, mine))
        log.info("the staff of %d halls and of %d enterprises has signed in", len(hosts), len(firms))
        return looking, hosts, desks

    async def _stations(self, duty: Duty, links: int) -> list[Station]:
        websocket, password = self._address.websocket, self._staff.password
        try:
            first = await self._open.enter_async_context(on_duty(self._doors, websocket, duty, password))
            more = [await self._open.enter_async_context(first.another()) for _ in range(links - 1)]
        except Refusal as refusal:
            raise CannotPlay(f"{duty.name}: {refusal.code.value}; are these the accounts of this house?") from None
        return [first, *more]

    async def _ticket(self, duty: Duty) -> Ticket:
        return await self._doors.sign_in(duty.name, self._staff.password)

    # ---- the day -----------------------------------------------------------------------------------------------------

    async def _play(
        self,
        plan: Plan,
        setup: Setup,
        hosts: dict[str, list[Station]],
        desks: list[tuple[Duty, list[Station]]],
    ) -> int:
        """From the first viewer to the last answer. Returns how many viewers were in at the peak."""
        ledger = self._ledger
        first_s = min(plan.visits[0].at_s, curve.START_S)
        rooms = [Desk(stations, plan, ledger) for _, stations in desks]
        async with at_work(rooms, [self._firms & set(duty.scopes) for duty, _ in desks]):
            daytime = Daytime(self._order.speed, first_s)
            for room in rooms:
                room.open(daytime)
            errands = Errands(plan.applications, tuple(hall.session for hall in plan.halls), ledger, self._run)
            errands.consent = setup.consent
            crowd = Crowd(self._address, plan, daytime, errands, ledger)
            self._open.callback(crowd.close)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(crowd.run())
                for hall in plan.halls:
                    tasks.create_task(Host(hall, hosts[hall.session], daytime, ledger, self._run).day())
                tasks.create_task(Faults(plan, daytime, crowd, hosts, ledger).day(self._order.restart))
                tasks.create_task(Operator(self._operators, plan, daytime, ledger, self._run).day())
                tasks.create_task(self._tell(daytime, crowd, plan))
            log.info("the halls are closed, the enterprises finish their day")
            await asyncio.sleep(SETTLE_S)
            await asyncio.gather(*(room.finish() for room in rooms))
        return crowd.peak

    async def _tell(self, daytime: Daytime, crowd: Crowd, plan: Plan) -> None:
        """A line every half hour of the day."""
        at_s = curve.START_S
        while at_s <= plan.end_s:
            await daytime.until(at_s)
            counts = self._ledger.counts
            log.info(
                "%s: %d viewers in, %d cards, %d receipts, %d steps of enterprises",
                curve.clock(daytime.now_s()),
                crowd.inside,
                counts["cards shown"],
                counts["receipts"],
                sum(count for name, count in counts.items() if name.startswith("desk: ")),
            )
            at_s += curve.HOUR / 2

    # ---- after -------------------------------------------------------------------------------------------------------

    async def _looked(self, looking: Looking, plan: Plan, before: House) -> Play:
        """The house at the end; its numbers may need a moment until they are the latest."""
        log.info("what was accepted, stored and shown is compared")
        tree = RegionTree((await self._doors.regions()).regions)
        pages = (await self._doors.fair()).sessions
        play = Play(
            plan=plan,
            ledger=self._ledger,
            before=before,
            after=await looking.all([hall.session for hall in plan.halls]),
            branches={code: tree.path(RegionCode(code)) for code in {page.session.region for page in pages}},
            session_regions={page.session.id: page.session.region for page in pages},
            shared=self._order.shared,
        )
        end_s = time.monotonic() + self._order.numbers_within_s
        while numbers_differ(play) and time.monotonic() < end_s:
            await asyncio.sleep(SETTLE_S)
            shown = await looking.shown([hall.session for hall in plan.halls])
            numbers = {"cards": shown.cards, "desks": shown.desks, "regions": shown.regions, "visits": shown.visits}
            after = msgspec.structs.replace(play.after, **numbers)
            play = msgspec.structs.replace(play, after=after)
        return play
