"""Numbers as they are now: presence of this hub and the others, counters from the store, pushed on pulse channels.

The latest wins and nothing is logged one by one (third promise). Counting, reading and keeping are three walks that do
not wait for each other: with the store away presence goes on, over the last counters (promise 27).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection

import msgspec

from server.bus.bus import FAR, Bus
from server.core.channels import Kind, channel, home_of
from server.core.model import ON_AIR, Numbers, RegionCode, RegionNumbers, Session, SessionId
from server.core.protocol import Pulse, RegionPulse, SessionPulse, encode
from server.core.regions import RegionTree
from server.core.unreadable import UNREADABLE
from server.hub.fanout import FanOut
from server.hub.far import NUMBERS, FarNumbers, pack_numbers
from server.hub.openroom import OpenRoom
from server.hub.pictures import LOOKS, PICTURES, Pictures
from server.hub.presence import FAR_NAME_LIMIT, Presence
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
        provinces: Collection[str] = (),
    ) -> None:
        """`provinces`: the others, whose viewers watch sessions from here, and the other way round."""
        self._provinces = provinces
        self.far = FarNumbers()
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
        self.looks = Pictures()
        self._told_by_name: dict[str, Presence | Pictures] = {
            PRESENCE: self.presence,
            PICTURES: self.pictures,
            LOOKS: self.looks,
        }
        self._tally = Tally(sessions=(), counters={})
        self._by_id: dict[str, Session] = {}
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
        self.looks.forget_silent(now_s)
        self._bus.pulse(PRESENCE, self.presence.count(self._rooms.of(Kind.STAGE)))
        self._bus.pulse(PICTURES, self.pictures.told())
        self._bus.pulse(LOOKS, self.looks.told())
        self._tell_provinces()
        self._note_minute()
        watched = self._watched()
        for room in watched:
            self._push(room, now_s)
        names = {room.name for room in watched}
        self._sent = {name: sent for name, sent in self._sent.items() if name in names}

    def farewell(self) -> None:
        """Nobody is here any more: the other hubs need not wait until they hear nothing."""
        self._bus.pulse(PRESENCE, self.presence.count(()))
        for province in self._provinces:
            self._bus.pulse(f"{PRESENCE}@{province}", self.presence.count_far(()))

    def _tell_provinces(self) -> None:
        if not self._provinces:
            return
        self._asked = True
        far = self._rooms.far(Kind.STAGE)
        for province in self._provinces:
            here = self.presence.count_far(room for room in far if room.home == province)
            self._bus.pulse(f"{PRESENCE}@{province}", here)
        shown = (session for session in self._tally.sessions if session.state in ON_AIR)
        told = {str(one.id): pulse for one in shown if isinstance(pulse := self._body(one.id), SessionPulse)}
        self._bus.pulse(NUMBERS, pack_numbers(told))

    def _watched(self) -> list[OpenRoom]:
        rooms = [*self._rooms.of(Kind.PULSE), *self._rooms.far(Kind.PULSE)]
        return [room for room in rooms if room.lanes.members]

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
        self._by_id = {session.id: session for session in self._tally.sessions}

    def heard(self, hub: str, name: str, data: bytes) -> None:
        """A pulse of another hub."""
        here, province = home_of(name)
        now_s = asyncio.get_running_loop().time()
        try:
            if province and here == NUMBERS:
                self.far.hear(province, data, now_s)
            elif province and here == FAR + PRESENCE:
                self.presence.hear_far(province, hub, data, now_s)
            elif (told := self._told_by_name.get(name)) is not None:
                told.hear(hub, data, now_s)
        except UNREADABLE:
            log.warning("%s of hub %r is not readable", name, hub[:FAR_NAME_LIMIT])

    def sessions(self) -> tuple[SessionId, ...]:
        """Of the fair, as last read."""
        return tuple(session.id for session in self._tally.sessions)

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

    def shown(self, session: Session) -> Numbers:
        """The same for everybody: without applications and intents. Whoever applies with somebody's number in a quiet
        hall would see by the count whether it had applied before. The desk and the operators have them."""
        return msgspec.structs.replace(self.numbers(session), applications=0, intents=0)

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
        body = self._body(subject)
        if body is None:
            return None
        return Pulse(channel=channel(Kind.PULSE, subject), at_ms=self._clock_ms(), body=body)

    def _body(self, subject: str) -> SessionPulse | RegionPulse | None:
        if subject in self._tree:
            return RegionPulse(regions=self.branch(RegionCode(subject)))
        if home_of(subject)[1]:
            return self.far.of(subject)
        session = self._by_id.get(subject)
        picture = self.pictures.state(SessionId(subject))
        if session is not None:
            return SessionPulse(numbers=self.shown(session), visits=self.visits(session.id), picture=picture)
        if picture:  # a rehearsal: it counts nowhere, but has a picture
            return SessionPulse(numbers=Numbers(), visits=0, picture=picture)
        return None

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
