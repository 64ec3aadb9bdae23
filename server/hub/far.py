"""Sessions that are at home in another province, as a hub here has them for its viewers: read from that province's
Redis and from nothing else, written never. And the other side of it: what a hub keeps in its own Redis for far
hubs.

A cut link leaves what is known on the page; newcomers are told `unavailable`, and when the link is back the ticks and
the snapshot make the room whole (promises 14-16).
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from server.bus.bus import OPEN, SET_ENTRIES, Bus, Snapshot
from server.core.bodies import decode_body
from server.core.channels import Kind, channel, home_of, parse
from server.core.limits import RING_ENTRIES
from server.core.model import Channel, Entry, Epoch, Head, Publication, RegionCode, SessionId, is_rehearsal
from server.core.protocol import SessionPulse, StageSnapshot
from server.core.refusal import Code, Refusal
from server.core.stage_fold import StageState
from server.core.unreadable import UNREADABLE
from server.hub.openroom import OpenRoom, Stage
from server.hub.reading import RoomStart, read_area
from server.hub.tasks import Tasks
from server.store import log_queries
from server.store.store import Connection, Store

log = logging.getLogger(__name__)

FAR_WITHIN_S: Final = 2.0
"""A newcomer to a far session is in the room within this time, or is told `unavailable`."""
NUMBERS: Final = f"{OPEN}numbers"
"""Name of the pulse by which a province tells the others its sessions' numbers."""
SHOW_SOON_S: Final = 0.1
SHOW_ALL_EVERY_S: Final = 10.0
"""How soon a Redis that was emptied has all snapshots again."""
NUMBERS_OLD_S: Final = 3600.0
MOST_HALLS: Final = 500
"""Of one province: what it tells beyond that is not kept."""
MOST_ONLINE: Final = 10_000_000

_stage = msgspec.msgpack.Decoder(StageSnapshot)
_encoder = msgspec.msgpack.Encoder()
_numbers = msgspec.msgpack.Decoder(dict[str, SessionPulse])


# ---- viewers here ----------------------------------------------------------------------------------------------------


async def read_far_start(bus: Bus, name: Channel) -> RoomStart:
    """A room's beginning, from the Redis of its home alone. Raises `Refusal`: UNAVAILABLE within FAR_WITHIN_S, also
    for a session that nobody there has shown yet."""
    there, _ = home_of(name)
    kind, session = parse(there)
    try:
        async with asyncio.timeout(FAR_WITHIN_S):
            if kind is Kind.PULSE:
                return RoomStart(head=Head(Epoch(""), 0))
            snapshot = await bus.snapshot(_same_home(name, Kind.STAGE, session))
            if snapshot is None:
                raise Refusal(Code.UNAVAILABLE, temporary=True, what="province")
            if kind is Kind.CHAT:
                lines = await bus.history(name, snapshot.epoch, 0, SET_ENTRIES)
                return RoomStart(head=Head(snapshot.epoch, lines[-1].offset if lines else 0), backlog=lines)
            after = max(0, snapshot.offset - min(RING_ENTRIES, SET_ENTRIES))
            entries = await bus.history(name, snapshot.epoch, after, SET_ENTRIES)
            return _stage_start(snapshot, entries)
    except TimeoutError:
        raise Refusal(Code.UNAVAILABLE, temporary=True, what="province") from None


def _same_home(name: Channel, kind: Kind, subject: str) -> Channel:
    _, province = home_of(name)
    return Channel(f"{channel(kind, subject)}@{province}")


def _stage_start(snapshot: Snapshot, entries: Sequence[Entry]) -> RoomStart:
    """The snapshot with what came after it; the entries are of use only when they reach it.
    Raises `Refusal` for a snapshot that cannot be read."""
    try:
        shown = _stage.decode(snapshot.data)
    except UNREADABLE:
        log.warning("a far stage that this version cannot read")
        raise Refusal(Code.UNAVAILABLE, temporary=True, what="province") from None
    state = StageState(
        state=shown.session.state,
        card=shown.card,
        shelf_revision=shown.session.shelf_revision,
        cut_off=shown.session.cut_off,
        notice=shown.notice,
        picture=shown.picture,
        talk=shown.talk,
    )
    stage, offset = Stage(shown.session, state), snapshot.offset
    kept = tuple(entries) if entries and entries[-1].offset >= offset else ()
    for entry in kept:
        if entry.offset > offset:
            try:
                stage.fold(decode_body(entry.body), entry.at_ms)
            except UNREADABLE:
                log.warning("an entry of a far stage that this version cannot read")
            offset = entry.offset
    return RoomStart(head=Head(snapshot.epoch, offset), backlog=kept, session=stage.session, stage=stage.state)


async def far_can_continue(bus: Bus, room: OpenRoom, offer: Callable[[Channel, Epoch, Entry], None]) -> bool:
    """Read what a far room lacks. True: it lacks nothing that can be had; False: it has to start afresh.
    Raises `Refusal` while its home is not to be reached."""
    order = room.order
    for entry in await bus.history(room.name, order.epoch, order.top, SET_ENTRIES):
        offer(room.name, order.epoch, entry)
    if room.kind is not Kind.STAGE:
        return True
    there = await bus.snapshot(room.name)
    if there is None:
        return order.hole is None
    return there.epoch == order.epoch and there.offset <= order.top and order.hole is None


class FarNumbers:
    """The numbers of far sessions, as their home told them last."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, tuple[float, SessionPulse]]] = {}

    def hear(self, province: str, data: bytes, now_s: float) -> None:
        """Of each province the MOST_HALLS it told of last. Raises one of `UNREADABLE`."""
        told = self._told.get(province, {})
        for session, pulse in list(_numbers.decode(data).items())[:MOST_HALLS]:
            told.pop(session, None)
            told[session] = (now_s, _plausible(pulse))
        kept = [(session, one) for session, one in told.items() if now_s - one[0] < NUMBERS_OLD_S]
        self._told[province] = dict(kept[-MOST_HALLS:])

    def of(self, subject: str) -> SessionPulse | None:
        """Those of `SESSION@PROVINCE`."""
        session, province = home_of(subject)
        told = self._told.get(province, {}).get(session)
        return told[1] if told else None


def _plausible(pulse: SessionPulse) -> SessionPulse:
    """Another house's number, within what can be."""
    online = min(max(0, pulse.numbers.online), MOST_ONLINE)
    if online == pulse.numbers.online:
        return pulse
    return msgspec.structs.replace(pulse, numbers=msgspec.structs.replace(pulse.numbers, online=online))


# ---- far viewers -----------------------------------------------------------------------------------------------------


class Showcase:
    """Keeps the snapshot of each session, and that of the province with its halls, beside their logs in Redis, for hubs
    that cannot read this store."""

    def __init__(
        self, store: Store, bus: Bus, province: RegionCode, sessions: Callable[[], Iterable[SessionId]]
    ) -> None:
        """`sessions`: those of the fair."""
        self._province = province
        self._area_changed = False
        self._store = store
        self._bus = bus
        self._sessions = sessions
        self._changed: dict[SessionId, None] = {}

    def start(self, tasks: Tasks) -> None:
        """Go on until the tasks are closed."""
        tasks.every(SHOW_SOON_S, self._show_changed, name="showing changed sessions")
        tasks.every(SHOW_ALL_EVERY_S, self.show_all, name="showing all sessions")

    def note(self, publications: Iterable[Publication]) -> None:
        """These were committed here."""
        for publication in publications:
            kind, subject = parse(publication.channel)
            if kind is Kind.STAGE and not is_rehearsal(subject):
                self._changed[SessionId(subject)] = None
            self._area_changed = self._area_changed or kind is Kind.AREA

    async def show_all(self) -> None:
        """Raises `Refusal` when the store does not answer."""
        await self._show(tuple(self._sessions()))
        await self._show_area()

    async def _show_changed(self) -> None:
        changed, self._changed = self._changed, {}
        if changed:
            try:
                await self._show(tuple(changed))
            except Refusal:
                self._changed = changed | self._changed
                raise
        if self._area_changed:
            await self._show_area()

    async def _show_area(self) -> None:
        self._area_changed = False
        area, head = await self._store.read(read_area, self._province)
        if len(area.sessions) > MOST_HALLS:  # those that are not over come first
            lasting = sorted(area.sessions, key=lambda one: one.ended_at_ms is not None)
            area = msgspec.structs.replace(area, sessions=tuple(lasting[:MOST_HALLS]))
        name = channel(Kind.AREA, self._province)
        self._bus.put_snapshot(name, Snapshot(head.epoch, head.offset, _encoder.encode(area)))

    async def _show(self, sessions: tuple[SessionId, ...]) -> None:
        for session, snapshot in await self._store.read(_read_snapshots, sessions):
            self._bus.put_snapshot(channel(Kind.STAGE, session), snapshot)


def _read_snapshots(conn: Connection, sessions: tuple[SessionId, ...]) -> list[tuple[SessionId, Snapshot]]:
    found = []
    for session in sessions:
        standing, now, head = log_queries.standing(conn, session)
        shown = StageSnapshot(session=standing, card=now.card, notice=now.notice, picture=now.picture, talk=now.talk)
        found.append((session, Snapshot(head.epoch, head.offset, _encoder.encode(shown))))
    return found


def pack_numbers(numbers: dict[str, SessionPulse]) -> bytes:
    """For far hubs."""
    return _encoder.encode(numbers)
