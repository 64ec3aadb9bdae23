"""One channel that is open in this hub: its order, its lanes, and what a newcomer is told."""

import asyncio

import msgspec

from server.core.bodies import AnyBody, StageState, StateChanged, fold_stage
from server.core.channels import Delivery, Kind, delivery_of, parse
from server.core.model import ON_AIR, Channel, Entry, Epoch, Session, SessionState
from server.core.protocol import StageSnapshot
from server.core.room import Room
from server.hub.fanout import Lanes


class Joiner:
    """Somebody whose history is being read; `live` is what arrives meanwhile."""

    __slots__ = ("live",)

    def __init__(self) -> None:
        self.live: list[Entry] = []


class Stage:
    """What a newcomer to a session is told: the fold of its log over the session's row."""

    __slots__ = ("session", "state")

    def __init__(self, session: Session, state: StageState) -> None:
        self.session = session
        self.state = state

    def fold(self, body: AnyBody, at_ms: int) -> None:
        """Take in one more entry of the stage's log."""
        self.state = fold_stage(self.state, body)
        changes: dict[str, int] = {}
        if isinstance(body, StateChanged):
            if body.state is SessionState.LIVE and self.session.state not in ON_AIR:
                changes["live_at_ms"] = at_ms
            elif body.state is SessionState.ENDED:
                changes["ended_at_ms"] = at_ms
        self.session = msgspec.structs.replace(
            self.session, state=self.state.state, shelf_revision=self.state.shelf_revision, **changes
        )

    def snapshot(self) -> StageSnapshot:
        """What `joined` carries."""
        return StageSnapshot(session=self.session, card=self.state.card)


class OpenRoom:
    """Invariant: `log` is set exactly when `ready` is done; until then what arrives waits in `early`."""

    __slots__ = (
        "closing",
        "delivery",
        "early",
        "holds",
        "joiners",
        "kind",
        "lanes",
        "log",
        "mending",
        "name",
        "read_again",
        "reading",
        "ready",
        "stage",
        "subject",
    )

    def __init__(self, name: Channel) -> None:
        self.name = name
        self.kind: Kind
        self.kind, self.subject = parse(name)
        self.delivery: Delivery = delivery_of(name)
        self.holds = 0  # somebody is joining, looking, or keeps the room open for good
        self.lanes = Lanes(name)
        self.log: Room | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.reading = False
        self.read_again = False  # the subscription began while the store was being read
        self.early: list[tuple[Epoch, Entry]] = []
        self.joiners: list[Joiner] = []
        self.stage: Stage | None = None
        self.mending: asyncio.Task[None] | None = None
        self.closing: asyncio.TimerHandle | None = None

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
