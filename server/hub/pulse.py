"""Numbers as they are now: presence of this hub and the others, counters from the store, pushed on pulse channels.

The latest wins and nothing is logged one by one (third promise). Counting, reading and keeping are three walks that do
not wait for each other: with the store away presence goes on, over the last counters (promise 27).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

import msgspec

from server.bus.bus import Bus
from server.core.channels import Kind, channel
from server.core.model import ON_AIR, Numbers, RegionCode, RegionNumbers, Session, SessionId
from server.core.protocol import Pulse, RegionPulse, SessionPulse, encode
from server.core.regions import RegionTree
from server.hub.fanout import FanOut
from server.hub.openroom import OpenRoom
from server.hub.pictures import PICTURES, Pictures
from server.hub.presence import Presence
from server.hub.reading import Tally, read_tally
from server.hub.rooms import Rooms
from server.hub.settings import HubSettings
from server.hub.tasks import Tasks
from server.store.pulse_writes import MinuteOnline, keep_pulse
from server.store.store import Store

log = logging.getLogger(__name__)

BEAT_S = 1.0
KEEP_EVERY_S = 5.0
LARGE_ROOM = 1_000
"""Members from which on a room gets its numbers only every `pulse_max_s`."""
PRESENCE = "presence"
MINUTES_WAITING = 49 * 60 * 24
"""Minutes of sessions that wait for a store that is away: a day of a province."""

_encoder = msgspec.msgpack.Encoder()


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
        self._minutes: dict[tuple[SessionId, int], int] = {}  # most persons in a session in a minute, to be kept
        self._store = store
        self._bus = bus
        self._rooms = rooms
        self._fan_out = fan_out
        self._tree = tree
        self._settings = settings
        self._clock_ms = clock_ms
        self.presence = Presence()
        self.pictures = Pictures()
        self._tally = Tally(sessions=(), counters={})
        self._asked = True
        self._sent: dict[str, tuple[float, bytes]] = {}

    async def start(self, tasks: Tasks) -> None:
        """Go on until the tasks are closed. Raises `Refusal` when the store does not answer at all."""
        await self.fresh()
        tasks.every(BEAT_S, self.beat, name="pulse")
        tasks.every(BEAT_S, self._read_if_asked, name="reading numbers")
        tasks.every(KEEP_EVERY_S, self.keep, name="keeping numbers")

    async def beat(self) -> None:
        """Count who is here, tell the others, push what changed. Never waits for the store."""
        now_s = asyncio.get_running_loop().time()
        self.presence.forget_silent(now_s)
        self.pictures.forget_silent(now_s)
        self._bus.pulse(PRESENCE, self.presence.count(self._rooms.of(Kind.STAGE)))
        self._bus.pulse(PICTURES, self.pictures.told())
        self._note_minute()
        watched = self._watched()
        for room in watched:
            self._push(room, now_s)
        names = {room.name for room in watched}
        self._sent = {name: sent for name, sent in self._sent.items() if name in names}

    def farewell(self) -> None:
        """Nobody is here any more: the other hubs need not wait until they hear nothing."""
        self._bus.pulse(PRESENCE, self.presence.count(()))

    def _watched(self) -> list[OpenRoom]:
        return [room for room in self._rooms.of(Kind.PULSE) if room.lanes.members]

    async def _read_if_asked(self) -> None:
        if self._asked or self._watched():
            await self.fresh()
            self._asked = False

    def _note_minute(self) -> None:
        minute = self._clock_ms() // 60_000
        for session, online in self.presence.here.items():
            place = (session, minute)
            self._minutes[place] = max(online, self._minutes.get(place, 0))
        while len(self._minutes) > MINUTES_WAITING:
            del self._minutes[next(iter(self._minutes))]

    async def keep(self) -> None:
        """Store visits, and presence of the minutes that are over at its highest; what was not stored because the store
        is away is stored with the next. Raises `Refusal`."""
        minute = self._clock_ms() // 60_000
        past = [MinuteOnline(of, when, most) for (of, when), most in self._minutes.items() if when < minute]
        visits = dict(self._visits)
        if not past and not visits:
            return
        await self._store.transact(keep_pulse, past, visits)
        for one in past:
            del self._minutes[one.session, one.minute]
        self._visits.subtract(visits)
        for session in [session for session, count in self._visits.items() if not count]:
            del self._visits[session]

    async def fresh(self) -> None:
        """Read the counters now. Raises `Refusal` when the store does not answer."""
        self._tally = await self._store.read(read_tally)

    def heard(self, hub: str, name: str, data: bytes) -> None:
        """A pulse of another hub."""
        hears = {PRESENCE: self.presence.hear, PICTURES: self.pictures.hear}.get(name)
        if hears is not None:
            try:
                hears(hub, data, asyncio.get_running_loop().time())
            except msgspec.DecodeError:
                log.warning("%s of hub %s is not readable", name, hub)

    # ---- numbers -----------------------------------------------------------------------------------------------------

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

    def latest(self, subject: str) -> Pulse | None:
        """The numbers of a pulse channel as of now."""
        body: SessionPulse | RegionPulse
        if subject in self._tree:
            body = RegionPulse(regions=self.branch(RegionCode(subject)))
        else:
            session = next((s for s in self._tally.sessions if s.id == subject), None)
            picture = self.pictures.state(SessionId(subject))
            if session is not None:
                body = SessionPulse(numbers=self.numbers(session), visits=self.visits(session.id), picture=picture)
            elif picture:  # a rehearsal: it counts nowhere, but has a picture
                body = SessionPulse(numbers=Numbers(), visits=0, picture=picture)
            else:
                return None
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
