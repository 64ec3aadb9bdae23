"""The hub: who is connected, the rooms they are in, and the one way in and out of each.

It puts the parts of this folder together; each part is told what it needs and knows nothing of the others.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping

import msgspec
from aiohttp import web

from server.actions.applications import Terms
from server.actions.codes import Codes
from server.bus.bus import Announcement, Bus, Figures
from server.core.bodies import AnyBody, Revoked
from server.core.channels import Kind, channel, parse
from server.core.limits import CONNECTIONS_PER_PERSON, PROTOCOL_VERSION, Close
from server.core.model import Channel, Head, PersonId, Principal, RegionCode
from server.core.protocol import Command, Pulse, Reply
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.hub import wire
from server.hub.connection import Connection, Gate, open_gate
from server.hub.counts import Counts
from server.hub.dispatch import Dispatch
from server.hub.fanout import FanOut
from server.hub.far import Showcase
from server.hub.far_halls import FarHalls
from server.hub.finder import Finder
from server.hub.heartbeat import Heartbeat
from server.hub.joining import Joining
from server.hub.pulse import PulseBeat
from server.hub.refusing import refusal_to
from server.hub.rooms import Rooms
from server.hub.settings import HubSettings
from server.hub.socket import SHUT_WITHIN_S, Socket
from server.hub.tasks import Tasks
from server.hub.watch import HeadWatch
from server.store.store import Store
from server.store.writes import Committed

log = logging.getLogger(__name__)

DRAIN_WITHIN_S = 5.0
AWAY_EVERY_S = 0.05
AWAY_AT_ONCE = 20
"""Viewers sent away together when a hub stops: so few that come back are no storm, so a small hub need not spread."""


class Hub:
    """Invariant: a connection stands in `_connections` from its welcome until `drop`, and in no room after it."""

    def __init__(
        self,
        *,
        store: Store,
        bus: Bus,
        tree: RegionTree,
        province: RegionCode,
        consent: str,
        settings: HubSettings,
        clock_ms: Callable[[], int],
        verify: Callable[[str], Principal],
        codes: Codes,
        gates: Callable[[web.Request], Gate] = lambda _request: open_gate,
        homes: Mapping[str, str] | None = None,
    ) -> None:
        """`gates`: for a request or a websocket, what the network it comes from may ask. `homes`: the addresses of the
        other provinces, by code, whose sessions are watched here and the other way round."""
        self.gates = gates
        self.settings = settings
        self.counts = Counts()
        self.clock_ms = clock_ms
        self.consent = consent
        self.ready = False
        self.id = uuid.uuid4().hex[:12]
        self._bus = bus
        self._verify = verify
        self._house = channel(Kind.HOUSE, province)
        self._revoked: dict[PersonId, int] = {}
        self._connections: dict[Connection, None] = {}
        self._by_person: dict[PersonId, list[Connection]] = {}  # oldest first
        self._strangers: dict[Socket, None] = {}
        self._under_way = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._tasks = Tasks()
        self._leaving = Tasks()  # connections that are being closed with a code
        self._holds = contextlib.AsyncExitStack()
        self.fan_out = FanOut(settings, self.counts, self._tasks, self.leave)
        self.rooms = Rooms(store, bus, self.fan_out, settings, self.counts, self._tasks, self._on_house)
        homes = homes or {}
        self.joining = Joining(store, self.rooms, tree, self.counts, homes)
        visits = self.joining.visits
        self.pulse = PulseBeat(store, bus, self.rooms, self.fan_out, tree, settings, clock_ms, visits, tuple(homes))
        self._showcase = Showcase(store, bus, province, self.pulse.sessions) if homes else None
        self.far_halls = FarHalls(bus, self.pulse.far, clock_ms)
        self.finder = Finder(store, tree, clock_ms)
        self.watch = HeadWatch(store, bus, self.rooms, settings)
        self._heartbeat = Heartbeat(self._connections, self.rooms, settings, clock_ms, self.leave)
        terms = Terms(consent=consent, confirmed_only=settings.confirmed_phones_only)
        self._dispatch = Dispatch(store, tree, self.joining, self.pulse, terms, codes)

    # ---- life --------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Ready to serve when it returns. Raises `Refusal` when the store does not answer, `CannotMeet` when the other
        hubs and this one do not fit together."""
        await self._bus.meet(PROTOCOL_VERSION, self.clock_ms())
        await self._bus.start(self)
        await self._holds.enter_async_context(self.rooms.held(self._house))
        await self.pulse.start(self._tasks)
        self._heartbeat.start(self._tasks)
        self.watch.start(self._tasks)
        self.finder.start(self._tasks)
        if self._showcase is not None:
            await self._showcase.show_all()
            self._showcase.start(self._tasks)
        self.ready = True

    async def close(self, spread_s: float = 5.0) -> None:
        """Send everybody away with 4001, spread over time so that they do not come back all at once, then stop."""
        self.ready = False
        await self._send_away(spread_s)
        try:
            async with asyncio.timeout(DRAIN_WITHIN_S):
                await self._calm.wait()
        except TimeoutError:
            log.warning("%d commands were still under way", self._under_way)
        await self._leaving.settle(2 * SHUT_WITHIN_S)
        await self._holds.aclose()
        await self._tasks.close()
        self.rooms.close()
        self.pulse.farewell()
        await self._bus.close()

    async def _send_away(self, spread_s: float) -> None:
        leaving = list(self._connections)
        steps = max(1, min(int(spread_s / AWAY_EVERY_S), len(leaving) // AWAY_AT_ONCE))
        for step in range(steps):
            if step:
                await asyncio.sleep(spread_s / steps)
            for connection in leaving[step::steps]:
                self.leave(connection, Close.RESTART)
        for stranger in list(self._strangers):
            self._leaving.start(stranger.parted(Close.RESTART), name="shut")

    # ---- doors -------------------------------------------------------------------------------------------------------

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        """Handler of the websocket address."""
        return await wire.serve(self, request)

    async def dispatch(self, principal: Principal, command: Command) -> Reply:
        """Do what a command asks and tell everybody; a refusal comes back as the reply `Refused`."""
        self.counts.commands += 1
        if self._under_way >= self.settings.commands_waiting:
            self.counts.refuse(Code.TOO_MANY)
            return refusal_to(command, Refusal(Code.TOO_MANY, temporary=True, retry_ms=1000))
        began_s = time.monotonic()
        self._under_way += 1
        self._calm.clear()
        try:
            self._still_valid(principal)
            at_ms = self.clock_ms()
            committed = await self._dispatch.act(principal, command, at_ms)
            self._tell(committed)
            further = self._dispatch.further(principal, command, at_ms, committed)
            if further is not None:
                self._tasks.start(self._tell_of(further), name="further")
            return msgspec.structs.replace(committed.reply, id=command.id)
        except Exception as error:
            refusal = refusal_to(command, error)
            self.counts.refuse(refusal.code)
            return refusal
        finally:
            self.counts.took.observe(time.monotonic() - began_s)
            self._under_way -= 1
            if not self._under_way:
                self._calm.set()

    def _tell(self, committed: Committed) -> None:
        self.rooms.publish(committed.publications)
        if self._showcase is not None:
            self._showcase.note(committed.publications)

    async def _tell_of(self, further: Coroutine[None, None, Committed]) -> None:
        """A courtesy: whoever said it has the answer already, and a refusal is nobody's business."""
        with contextlib.suppress(Refusal):
            self._tell(await further)

    def verify(self, token: str) -> Principal:
        """The principal of a token that is signed, not over and not revoked. Raises `Refusal`."""
        principal = self._verify(token)
        self._still_valid(principal)
        return principal

    def voided(self, person: PersonId, given_at_ms: int) -> bool:
        """Whether what that person was given then is void since."""
        return given_at_ms < self._revoked.get(person, 0)

    def _still_valid(self, principal: Principal) -> None:
        if principal.until_ms <= self.clock_ms():
            raise Refusal(Code.TOKEN_EXPIRED)
        if self.voided(principal.person, principal.issued_at_ms):
            raise Refusal(Code.NOT_SIGNED_IN)

    # ---- connections -------------------------------------------------------------------------------------------------

    def add(self, connection: Connection) -> None:
        """A proved principal is here."""
        self._connections[connection] = None
        self._by_person.setdefault(connection.principal.person, []).append(connection)
        self.counts.connections = len(self._connections)

    def stranger(self, socket: Socket, *, here: bool) -> None:
        """Somebody without a name is here, or is one no more."""
        if here:
            self._strangers[socket] = None
        else:
            self._strangers.pop(socket, None)
        self.counts.strangers = len(self._strangers)

    def make_room_for(self, principal: Principal) -> None:
        """A person who already holds CONNECTIONS_PER_PERSON loses the oldest: on a bad network it is a dead one, and
        refusing the new one would lock the person out until the hub notices (33 s)."""
        mine = self._by_person.get(principal.person, ())
        for oldest in mine[: max(0, len(mine) - CONNECTIONS_PER_PERSON + 1)]:
            self.leave(oldest, Close.TOO_MANY)

    def drop(self, connection: Connection) -> None:
        """Out of every room and out of the hub; again changes nothing."""
        for name in list(connection.channels):
            self.joining.leave(connection, name)
        if self._connections.pop(connection, 0) is None:
            mine = self._by_person[connection.principal.person]
            mine.remove(connection)
            if not mine:
                del self._by_person[connection.principal.person]
        connection.gone = True
        self.counts.connections = len(self._connections)

    def leave(self, connection: Connection, code: Close) -> None:
        """Let a connection go: out of its rooms now, closed in the background (a slow one is cut: its close frame
        would wait behind everything it did not read)."""
        if connection.gone:
            return
        self.drop(connection)
        if code is Close.SLOW:
            self.counts.left_slow += 1
            connection.cut()
        else:
            self._leaving.start(connection.shut(code), name="shut")

    # ---- what comes over the bus (server.bus.bus.Listener) -----------------------------------------------------------

    def announced(self, announcement: Announcement) -> None:
        """Entries committed by another hub."""
        for entry in announcement.entries:
            self.rooms.offer(announcement.channel, announcement.epoch, entry)

    def ticked(self, tops: Mapping[Channel, Head]) -> None:
        """How far another hub says the logs are."""
        self.rooms.ticked(tops)

    def rejoined(self, channels: frozenset[Channel]) -> None:
        """The bus subscribed anew: what was announced meanwhile may be lost."""
        self.rooms.rejoined(channels)

    def pulsed(self, hub: str, name: str, data: bytes) -> None:
        """Numbers of another hub."""
        self.pulse.heard(hub, name, data)

    def silent(self, is_silent: bool) -> None:
        """The bus lost its peers, or has them again."""
        self.watch.silent = is_silent

    def _on_house(self, body: AnyBody) -> None:
        if isinstance(body, Revoked):
            self._revoked[body.person] = max(self._revoked.get(body.person, 0), body.before_ms)
            for connection in list(self._by_person.get(body.person, ())):
                if connection.principal.issued_at_ms < body.before_ms:
                    self.leave(connection, Close.WHO_ARE_YOU)

    def figures(self) -> Figures:
        """What the bus knows of itself."""
        return self._bus.figures()

    # ---- what pages ask ----------------------------------------------------------------------------------------------

    def pulse_of(self, name: str) -> Pulse | None:
        """The latest numbers of a pulse channel; None for another channel."""
        kind, subject = parse(name)
        return self.pulse.latest(subject) if kind is Kind.PULSE else None
