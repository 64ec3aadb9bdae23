"""Numbers as they are now: presence of this hub and the others, counters from the store, pushed on pulse channels.

The latest wins and nothing is logged one by one (third promise). Presence of another hub that was not heard of for
PRESENCE_S is void, so a killed hub's viewers are counted for that long at most.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from server.bus.bus import Bus
from server.core.channels import Kind, channel
from server.core.model import ON_AIR, Card, Numbers, RegionCode, RegionNumbers, Role, Session, SessionId
from server.core.protocol import Pulse, RegionPulse, SessionPulse, encode
from server.core.refusal import Refusal
from server.core.regions import RegionTree
from server.hub.fanout import FanOut
from server.hub.openroom import OpenRoom
from server.hub.reading import Tally, read_tally
from server.hub.rooms import Rooms
from server.hub.settings import HubSettings
from server.store.pulse_writes import MinuteOnline, keep_pulse
from server.store.store import Store

log = logging.getLogger(__name__)

PRESENCE_S = 10.0
BEAT_S = 1.0
KEEP_EVERY_S = 5.0
LARGE_ROOM = 1_000
"""Members from which on a room gets its numbers only every `pulse_max_s`."""

_encoder = msgspec.msgpack.Encoder()
_presence: msgspec.msgpack.Decoder[dict[SessionId, int]] = msgspec.msgpack.Decoder(dict[SessionId, int])


class Presence:
    """Who is in which session: counted here, heard of from elsewhere."""

    def __init__(self) -> None:
        self._here: dict[SessionId, int] = {}
        self._elsewhere: dict[str, tuple[float, dict[SessionId, int]]] = {}

    def count(self, rooms: Iterable[OpenRoom]) -> dict[SessionId, int]:
        """Count the persons in the stage rooms of this hub, each once however many pages are open, without the hosts
        and assistants of that session."""
        self._here = {
            SessionId(room.subject): online for room in rooms if room.kind is Kind.STAGE and (online := _persons(room))
        }
        return self._here

    def hear(self, hub: str, online: dict[SessionId, int], now_s: float) -> None:
        """Another hub tells its own."""
        self._elsewhere[hub] = (now_s, online)

    def forget_silent(self, now_s: float) -> None:
        """Hubs not heard of for PRESENCE_S count no more."""
        self._elsewhere = {hub: told for hub, told in self._elsewhere.items() if now_s - told[0] < PRESENCE_S}

    def online(self, session: SessionId) -> int:
        """Persons in that session in all hubs, latest known."""
        elsewhere = sum(online.get(session, 0) for _, online in self._elsewhere.values())
        return self._here.get(session, 0) + elsewhere


def _persons(room: OpenRoom) -> int:
    staff = (Role.HOST, Role.ASSISTANT)
    return len(
        {
            member.principal.person
            for member in room.lanes.members
            if not any(grant.role in staff and grant.scope == room.subject for grant in member.principal.grants)
        }
    )


class PulseBeat:
    """Once a second: read the counters if anybody looks, and push what changed."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        rooms: Rooms,
        fan_out: FanOut,
        tree: RegionTree,
        settings: HubSettings,
        clock_ms: Callable[[], int],
        visits: Counter[SessionId],
    ) -> None:
        self._visits = visits
        self._minute_online: dict[SessionId, int] = {}
        self._minute = 0
        self._kept_s = 0.0
        self._store = store
        self._bus = bus
        self._rooms = rooms
        self._fan_out = fan_out
        self._tree = tree
        self._settings = settings
        self._clock_ms = clock_ms
        self.presence = Presence()
        self._tally = Tally(sessions=(), counters={})
        self._asked = True
        self._sent: dict[str, tuple[float, bytes]] = {}

    async def run(self) -> None:
        """Beat until cancelled; a store that is away leaves the last numbers standing."""
        while True:
            try:
                await self.beat()
            except Refusal:
                log.warning("numbers are late: the store does not answer")
            await asyncio.sleep(BEAT_S)

    async def beat(self) -> None:
        """One beat. Raises `Refusal` when the store does not answer."""
        now_s = asyncio.get_running_loop().time()
        self.presence.forget_silent(now_s)
        here = self.presence.count(self._rooms.all())
        self._bus.pulse("presence", _encoder.encode(here))
        await self._keep(now_s, here)
        watched = [room for room in self._rooms.all() if room.kind is Kind.PULSE and room.lanes.members]
        if watched or self._asked:
            self._asked = False
            self._tally = await self._store.read(read_tally)
        for room in watched:
            self._push(room, now_s)
        self._sent = {name: sent for name, sent in self._sent.items() if any(r.name == name for r in watched)}

    async def _keep(self, now_s: float, here: dict[SessionId, int]) -> None:
        """Visits are stored every few seconds, presence once a minute at its highest; what was not stored because the
        store is away is stored with the next."""
        minute = self._clock_ms() // 60_000
        past: list[MinuteOnline] = []
        if minute != self._minute:
            past = [MinuteOnline(session, self._minute, most) for session, most in self._minute_online.items()]
        if past or (self._visits and now_s - self._kept_s >= KEEP_EVERY_S):
            visits = dict(self._visits)
            await self._store.transact(keep_pulse, past, visits)
            for session, count in visits.items():
                self._visits[session] -= count
                if not self._visits[session]:
                    del self._visits[session]
            self._kept_s = now_s
        if minute != self._minute:
            self._minute, self._minute_online = minute, {}
        for session, online in here.items():
            self._minute_online[session] = max(online, self._minute_online.get(session, 0))

    async def fresh(self) -> None:
        """Read the counters now. Raises `Refusal` when the store does not answer."""
        self._tally = await self._store.read(read_tally)

    def heard(self, hub: str, name: str, data: bytes) -> None:
        """A pulse of another hub."""
        if name == "presence":
            try:
                online = _presence.decode(data)
            except msgspec.DecodeError:
                log.warning("presence of hub %s is not readable", hub)
                return
            self.presence.hear(hub, online, asyncio.get_running_loop().time())

    # ---- numbers -----------------------------------------------------------------------------------------------------

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All sessions as last read."""
        self._asked = True
        return self._tally.sessions

    def numbers(self, session: Session) -> Numbers:
        """The session's numbers, latest known."""
        self._asked = True
        counters = self._tally.counters.get(session.id)
        return Numbers(
            live=int(session.state in ON_AIR),
            online=self.presence.online(session.id),
            cards=counters.cards if counters else 0,
            applications=counters.applications if counters else 0,
            intents=counters.intents if counters else 0,
        )

    def visits(self, session: SessionId) -> int:
        """Joins of the session's stage so far, as last stored."""
        counters = self._tally.counters.get(session)
        return counters.visits if counters else 0

    def branch(self, region: RegionCode) -> tuple[RegionNumbers, ...]:
        """The branch itself first, then every unit below it, each with the sums of its own branch."""
        sums: dict[RegionCode, Numbers] = {}
        for session in self._tally.sessions:
            numbers = self.numbers(session)
            for code in self._tree.path(session.region):
                sums[code] = plus(sums.get(code, Numbers()), numbers)
        return tuple(
            RegionNumbers(region=unit.code, numbers=sums.get(unit.code, Numbers()))
            for unit in self._tree.branch(region)
        )

    def card(self, session: SessionId) -> Card | None:
        """The card that stands in the session, if this hub has its room open."""
        stage = self._rooms.stage(session)
        return stage.state.card if stage is not None else None

    def latest(self, subject: str) -> Pulse | None:
        """The numbers of a pulse channel as of now."""
        body: SessionPulse | RegionPulse
        if subject in self._tree:
            body = RegionPulse(regions=self.branch(RegionCode(subject)))
        else:
            session = next((s for s in self._tally.sessions if s.id == subject), None)
            if session is None:
                return None
            body = SessionPulse(numbers=self.numbers(session), visits=self.visits(session.id))
        return Pulse(channel=channel(Kind.PULSE, subject), at_ms=self._clock_ms(), body=body)

    def _push(self, room: OpenRoom, now_s: float) -> None:
        pulse = self.latest(room.subject)
        if pulse is None:
            return
        body = _encoder.encode(pulse.body)
        sent_s, sent_body = self._sent.get(room.name, (-self._settings.pulse_max_s, b""))
        share = min(1.0, len(room.lanes.members) / LARGE_ROOM)
        every_s = self._settings.pulse_min_s + (self._settings.pulse_max_s - self._settings.pulse_min_s) * share
        if body != sent_body and now_s - sent_s >= every_s - BEAT_S / 2:
            self._sent[room.name] = (now_s, body)
            self._fan_out.batched(room.lanes, encode(pulse))


def plus(one: Numbers, other: Numbers) -> Numbers:
    """The sum of two lines of numbers."""
    return Numbers(
        live=one.live + other.live,
        online=one.online + other.online,
        cards=one.cards + other.cards,
        applications=one.applications + other.applications,
        intents=one.intents + other.intents,
    )
