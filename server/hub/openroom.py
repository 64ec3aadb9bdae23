"""One channel that is open in this hub: its order, its lanes, and what a newcomer is told."""

import asyncio
import logging

import msgspec

from server.core.bodies import AnyBody, Launched, StateChanged, decode_body
from server.core.channels import Delivery, Kind, delivery_of, home_of, parse
from server.core.model import Channel, Entry, Epoch, Head, Launch, Session, SessionState
from server.core.protocol import MeSnapshot, StageSnapshot
from server.core.room import Room
from server.core.stage_fold import StageState, fold_stage
from server.core.unreadable import UNREADABLE
from server.hub.attendance import Attendance
from server.hub.connection import Connection
from server.hub.lanes import Lanes
from server.hub.reading import RoomStart

log = logging.getLogger(__name__)

_LAUNCHED = b"launched"
_TAG_BYTES = 24
"""A body begins with its tag."""


class Stage:
    """What a newcomer to a session is told: the fold of its log over the session's row."""

    __slots__ = ("session", "state")

    def __init__(self, session: Session, state: StageState) -> None:
        self.session = session
        self.state = state

    def fold(self, body: AnyBody, at_ms: int) -> None:
        """Take in one more entry of the stage's log."""
        self.state = fold_stage(self.state, body)
        changes: dict[str, int | None] = {}
        if isinstance(body, StateChanged):
            if body.state is SessionState.LIVE and self.session.live_at_ms is None:
                changes["live_at_ms"] = at_ms
            changes["ended_at_ms"] = at_ms if body.state is SessionState.ENDED else None
        self.session = msgspec.structs.replace(
            self.session,
            state=self.state.state,
            shelf_revision=self.state.shelf_revision,
            cut_off=self.state.cut_off,
            **changes,
        )

    def snapshot(self) -> StageSnapshot:
        """What `joined` carries."""
        now = self.state
        return StageSnapshot(session=self.session, card=now.card, notice=now.notice, picture=now.picture, talk=now.talk)


class OpenRoom:
    """Invariant: `log` is set exactly when `ready` is done; until then what arrives waits in `early`."""

    __slots__ = (
        "attendance",
        "closing",
        "delivery",
        "early",
        "holds",
        "home",
        "kind",
        "lanes",
        "launch",
        "log",
        "mending",
        "mine",
        "name",
        "patience",
        "ready",
        "stage",
        "subject",
        "waiting",
    )

    def __init__(self, name: Channel) -> None:
        self.name = name
        self.kind: Kind
        self.kind, self.subject = parse(name)
        self.home = home_of(name)[1]  # another province; empty: this one
        self.delivery: Delivery = delivery_of(name)
        self.holds = 0  # somebody is joining, looking, or keeps the room open for good
        self.lanes = Lanes(name)
        self.attendance = Attendance() if self.kind is Kind.STAGE else None
        self.log: Room | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.early: list[tuple[Epoch, Entry]] = []
        self.waiting: dict[int, Entry] = {}  # chat lines that came before one they follow
        self.patience: asyncio.TimerHandle | None = None  # how long they wait for it
        self.stage: Stage | None = None
        self.launch: Launch | None = None  # the last one the log of a stage or of a province tells of
        self.mine: tuple[MeSnapshot, Head] | None = None  # what a person's room began with, for its first newcomer
        self.mending: asyncio.Task[None] | None = None
        self.closing: asyncio.TimerHandle | None = None

    def begin(self, start: RoomStart) -> None:
        """Begin, or begin afresh, where the log is."""
        head = start.head
        first = start.backlog[0].offset - 1 if start.backlog else head.offset
        order = Room(self.name, head.epoch, first, complete=self.delivery.complete)
        for entry in start.backlog:
            order.offer(head.epoch, entry)
        self.log = order
        self.waiting.clear()
        self.mine = None if start.mine is None else (start.mine, head)
        self.launch = None
        for entry in start.backlog:
            if _LAUNCHED in entry.body[:_TAG_BYTES] and isinstance(body := self.body(entry), Launched):
                self.launch = body.launch
        if start.session is not None:
            self.stage = Stage(start.session, start.stage)

    def body(self, entry: Entry) -> AnyBody | None:
        """What the entry says; None for a kind of body a newer hub writes: it is passed on all the same."""
        try:
            return decode_body(entry.body)
        except UNREADABLE:
            log.warning("an entry of a %s channel that this version cannot read", self.kind)
            return None

    def enter(self, connection: Connection) -> None:
        """One more member; also who is one already and was told anew where the room is."""
        if self.attendance is not None and connection not in self.lanes.members:
            self.attendance.came(connection)
        self.lanes.add(connection)

    def exit(self, connection: Connection) -> None:
        """No member any more; again changes nothing."""
        if self.attendance is not None and connection in self.lanes.members:
            self.attendance.went(connection)
        self.lanes.remove(connection)

    def empty(self) -> list[Connection]:
        """Forget the members and what waits for them; returns who they were."""
        if self.attendance is not None:
            self.attendance = Attendance()
        return self.lanes.clear()

    @property
    def online(self) -> int:
        """Persons in a stage room, without the hosts and assistants of its session."""
        return 0 if self.attendance is None else self.attendance.online(self.subject)

    def stop_timers(self) -> None:
        """Nothing happens here by itself any more."""
        for timer in (self.closing, self.patience, self.lanes.flush):
            if timer is not None:
                timer.cancel()
        self.closing = self.patience = self.lanes.flush = None
        if self.mending is not None:
            self.mending.cancel()

    @property
    def order(self) -> Room:
        """The order of a room that is ready."""
        assert self.log is not None, "room is not open yet"
        return self.log

    @property
    def wanted(self) -> bool:
        """Whether somebody is in the room or holds it."""
        return bool(self.lanes.members) or self.holds > 0

    @property
    def live(self) -> bool:
        """Whether the room is ready to take entries."""
        return self.log is not None
