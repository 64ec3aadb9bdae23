"""Sessions, their shelf and the card."""

from enum import StrEnum

from server.core.model.ids import FairId, RegionCode, SessionId, Value, VenueId
from server.core.model.positions import Position


class SessionState(StrEnum):
    """A session's life. Only `live` and `interrupted` count as on air."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    INTERRUPTED = "interrupted"
    ENDED = "ended"


ON_AIR = frozenset({SessionState.LIVE, SessionState.INTERRUPTED})


class Session(Value, frozen=True, kw_only=True):
    """场次: one broadcast of one venue, with its shelf."""

    id: SessionId
    venue: VenueId
    fair: FairId
    region: RegionCode
    title: str
    venue_name: str = ""
    state: SessionState = SessionState.SCHEDULED
    starts_at_ms: int | None = None
    live_at_ms: int | None = None
    ended_at_ms: int | None = None
    shelf_revision: int = 1


class ShelfSlot(Value, frozen=True, kw_only=True):
    """One place of a shelf (岗位架): the speakable number of a position, never reused in its session."""

    number: int
    position: Position


class Card(Value, frozen=True, kw_only=True):
    """岗位卡 as it is shown: the position as of that moment and its number on the shelf."""

    number: int
    position: Position
