"""Becoming a member of a channel: what was missed comes first, then what happens, never a hole and never a repeat.

`join` writes its reply itself: between the moment a connection becomes a member and its `joined`, nothing may be
written to it, and no `await` stands between the two. A room holds in memory all that a recovery may give
(RING_ENTRIES), from its opening on, so who comes back never costs a read of the store.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Raw

from server.core import rules
from server.core.bodies import AnyBody, LineRemoved, decode_body
from server.core.channels import Kind, home_of, parse
from server.core.limits import CHANNELS_LIMIT, CHAT_BACKLOG, RECOVERY_LIMIT
from server.core.model import (
    Channel,
    EnterpriseId,
    Entry,
    Head,
    PersonId,
    Principal,
    RegionCode,
    SessionId,
    Since,
    is_rehearsal,
)
from server.core.protocol import AreaSnapshot, Joined, LogEntry, Snapshot
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.unreadable import UNREADABLE
from server.hub.connection import Connection
from server.hub.counts import Counts
from server.hub.openroom import OpenRoom
from server.hub.reading import read_area, read_me
from server.hub.rooms import Rooms
from server.hub.sharing import Sharing
from server.store.store import Store

SNAPSHOT_TRIES = 20
SNAPSHOT_PAUSE_S = 0.05
SNAPSHOT_SHARED_S = 1.0
"""How long the snapshot of a branch is handed to further newcomers: 20,000 of them come in the first seconds of a
fair, and it is a row per session."""
_REMOVAL = b"line_removed"
_HEAD_BYTES = 24
"""A body begins with its tag."""
RECOVERY_BYTES = 192 * 1024
"""Bodies a recovery gives at most: three quarters of an outbox, or coming back would look like being slow."""


class Joining:
    """Lets principals into rooms and tells them what they missed."""

    def __init__(
        self, store: Store, rooms: Rooms, tree: RegionTree, counts: Counts, homes: Mapping[str, str] | None = None
    ) -> None:
        """`homes`: the addresses of the other provinces, by code."""
        self._homes = homes or {}
        self._store = store
        self._rooms = rooms
        self._tree = tree
        self._counts = counts
        self._areas: Sharing[tuple[Snapshot, Head]] = Sharing(SNAPSHOT_SHARED_S)
        self.visits: Counter[SessionId] = Counter()  # fresh joins of stages, until they are stored

    def check(self, principal: Principal, name: str) -> Channel:
        """The channel, if this principal may read it. Raises `Refusal` NOT_FOUND or FORBIDDEN."""
        kind, subject = parse(name)
        _, province = home_of(name)
        if province:
            if province not in self._homes:
                raise Refusal(Code.NOT_FOUND, what="province", id=province)
            if kind not in (Kind.STAGE, Kind.CHAT, Kind.PULSE):
                raise Refusal(Code.FORBIDDEN, needs="home")
            return Channel(name)
        match kind:
            case Kind.HOUSE:
                raise Refusal(Code.FORBIDDEN, needs="hub")
            case Kind.ME:
                if subject != principal.person:
                    raise Refusal(Code.FORBIDDEN, needs="person")
            case Kind.FIRM:
                rules.require_enterprise(principal, EnterpriseId(subject))
            case Kind.DESK:
                rules.require_host(principal, SessionId(subject))
            case Kind.AREA:
                self._tree.get(RegionCode(subject))
            case Kind.WATCH:
                rules.require_operator(principal, self._tree.path(RegionCode(subject)))
            case Kind.PULSE if subject in self._tree:
                rules.require_operator(principal, self._tree.path(RegionCode(subject)))
            case Kind.STAGE | Kind.CHAT | Kind.PULSE:
                pass  # open to everybody; whether the session exists is seen when the room opens
        return Channel(name)

    async def join(self, connection: Connection, name: str, since: Since | None, reply_id: int) -> Joined:
        """Make the connection a member and write `joined` to it; returns what was written. Raises `Refusal`."""
        channel = self._may_enter(connection, name)
        async with self._rooms.held(channel) as room:
            reply = await self._joined(room, connection.principal, since)
            return self._enter(connection, room, msgspec.structs.replace(reply, id=reply_id), since)

    def join_now(self, connection: Connection, name: str, since: Since | None, reply_id: int) -> bool:
        """The same, if it needs neither the store nor anybody else; whether it was done. Raises `Refusal`."""
        room = self._rooms.get(self._may_enter(connection, name))
        reply = self._joined_now(room, since) if room is not None else None
        if room is None or reply is None:
            return False
        self._enter(connection, room, msgspec.structs.replace(reply, id=reply_id), since)
        return True

    def opening(self, name: str) -> OpenRoom | None:
        """A person's own room, held while it opens, for who may enter it: nobody needs a task to wait for it. To be
        released. None: another room."""
        return self._rooms.hold(Channel(name)) if parse(name)[0] is Kind.ME else None

    def release(self, room: OpenRoom) -> None:
        """What `opening` held."""
        self._rooms.release(room)

    def _may_enter(self, connection: Connection, name: str) -> Channel:
        channel = self.check(connection.principal, name)
        if len(connection.channels) >= CHANNELS_LIMIT and channel not in connection.channels:
            raise Refusal(Code.TOO_MANY, retry_ms=0)
        return channel

    def _enter(self, connection: Connection, room: OpenRoom, reply: Joined, since: Since | None) -> Joined:
        if not connection.gone:
            connection.send(reply)
            room.enter(connection)
            connection.channels.add(room.name)  # one string for all who are in it
            if room.kind is Kind.STAGE and since is None and not room.home and not is_rehearsal(room.subject):
                self.visits[SessionId(room.subject)] += 1
        return reply

    async def look(self, principal: Principal, name: str, since: Since | None) -> Joined:
        """What `join` would say now, without becoming a member. Raises `Refusal`."""
        async with self._rooms.held(self.check(principal, name)) as room:
            return await self._joined(room, principal, since)

    def leave(self, connection: Connection, channel: Channel) -> None:
        """Stop being a member."""
        connection.channels.discard(channel)
        room = self._rooms.get(channel)
        if room is not None:
            room.exit(connection)
            self._rooms.idle(room)

    def renewed(self, connection: Connection) -> None:
        """The connection has another token, perhaps with other grants."""
        for name in connection.channels:
            room = self._rooms.get(name)
            if room is not None and room.attendance is not None:
                room.attendance.renewed(connection)

    async def _joined(self, room: OpenRoom, principal: Principal, since: Since | None) -> Joined:
        """The reply as of this very moment: it returns without yielding after looking at the room's top."""
        reply = self._joined_now(room, since)
        return await self._fresh_from_store(room, principal.person) if reply is None else reply

    def _joined_now(self, room: OpenRoom, since: Since | None) -> Joined | None:
        """None: the store has to be read for it."""
        if not room.delivery.logged:
            return self._reply(room)
        if since is not None:
            missed = room.order.missed(since)
            if missed is not None and _short_enough(missed):
                self._counts.recovered += 1
                return self._reply(room, recovered=True, entries=missed)
        match room.kind:
            case Kind.ME | Kind.AREA:
                return self._beginning(room)
            case Kind.STAGE:
                assert room.stage is not None, "a stage room has a stage"
                home = self._homes.get(room.home, "")
                shown = msgspec.structs.replace(room.stage.snapshot(), home=home, launch=room.launch)
                reply = self._reply(room, snapshot=shown)
            case Kind.CHAT:
                reply = self._reply(room, entries=without_removed(room.order.last(CHAT_BACKLOG)))
            case _:
                reply = self._reply(room)
        self._counts.snapshots += 1
        return reply

    def _beginning(self, room: OpenRoom) -> Joined | None:
        """What a person's room began with, while it is still so; it is told once and forgotten."""
        begun, room.mine = room.mine, None
        if begun is None or begun[1] != Head(room.order.epoch, room.order.top):
            return None
        self._counts.snapshots += 1
        return self._reply(room, snapshot=begun[0])

    async def _fresh_from_store(self, room: OpenRoom, person: PersonId) -> Joined:
        """A snapshot that is read must be as of the room's top: read again while something came meanwhile."""
        self._counts.snapshots += 1
        for _ in range(SNAPSHOT_TRIES):
            snapshot, head = await self._snapshot(room, person)
            if head == Head(room.order.epoch, room.order.top):
                if isinstance(snapshot, AreaSnapshot):
                    snapshot = msgspec.structs.replace(snapshot, launch=room.launch)
                return self._reply(room, snapshot=snapshot)
            self._areas.forget(room.name)
            if room.order.behind(head.epoch, head.offset):
                self._rooms.mending.mend(room, patience_s=0.0)
            await asyncio.sleep(SNAPSHOT_PAUSE_S)
        raise Refusal(Code.UNAVAILABLE, temporary=True, what="snapshot")

    async def _snapshot(self, room: OpenRoom, person: PersonId) -> tuple[Snapshot, Head]:
        if room.kind is Kind.ME:
            return await self._store.read(read_me, person)
        region = RegionCode(room.subject)
        return await self._areas.get(room.name, lambda: self._store.read(read_area, region))

    def _reply(
        self,
        room: OpenRoom,
        *,
        recovered: bool = False,
        entries: Iterable[Entry] = (),
        snapshot: Snapshot | None = None,
    ) -> Joined:
        return Joined(
            channel=room.name,
            epoch=room.order.epoch,
            offset=room.order.top if room.delivery.logged else 0,
            recovered=recovered,
            entries=tuple(LogEntry(offset=entry.offset, at_ms=entry.at_ms, body=Raw(entry.body)) for entry in entries),
            snapshot=snapshot,
        )


def without_removed(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The lines a newcomer is told: what was removed is not even sent. A removal comes after its line, so the entries
    themselves know of every one; without any, and that is nearly always, no line is opened."""
    if not any(_REMOVAL in entry.body[:_HEAD_BYTES] for entry in entries):
        return tuple(entries)
    opened = [(entry, _body(entry)) for entry in entries]
    removed = {body.line for _, body in opened if isinstance(body, LineRemoved)}
    return tuple(entry for entry, body in opened if entry.offset not in removed and not isinstance(body, LineRemoved))


def _body(entry: Entry) -> AnyBody | None:
    try:
        return decode_body(entry.body)
    except UNREADABLE:  # of a newer hub, or of another house
        return None


def _short_enough(missed: tuple[Entry, ...]) -> bool:
    return len(missed) <= RECOVERY_LIMIT and sum(len(entry.body) for entry in missed) <= RECOVERY_BYTES
