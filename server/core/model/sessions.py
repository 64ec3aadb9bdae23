"""Sessions, their shelf and the card."""

from enum import StrEnum
from typing import Final

from server.core.model.ids import FairId, RegionCode, SessionId, Value, VenueId
from server.core.model.positions import Position
from server.core.model.talk import Answer


class SessionState(StrEnum):
    """A session's life. Only `live` and `interrupted` count as on air; a `rehearsal` has an id of its own."""

    SCHEDULED = "scheduled"
    REHEARSAL = "rehearsal"
    LIVE = "live"
    INTERRUPTED = "interrupted"
    ENDED = "ended"


ON_AIR = frozenset({SessionState.LIVE, SessionState.INTERRUPTED})

REHEARSAL_MARK: Final = "~"
"""Stands in the id of a rehearsal, between the session's own id and a code that cannot be guessed."""


def is_rehearsal(session: str) -> bool:
    """Whether that id is of a rehearsal: known by its link alone, counted nowhere."""
    return REHEARSAL_MARK in session


def rehearsed(session: SessionId) -> SessionId:
    """The session that is rehearsed under that id; a real one is itself."""
    return SessionId(session.partition(REHEARSAL_MARK)[0])


class PictureKind(StrEnum):
    """Where a session's picture is. Cards, chat and applying are the same in all three."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    NONE = "none"


class Picture(Value, frozen=True, kw_only=True):
    """The picture of a session; `url` is the https address of one that is elsewhere."""

    kind: PictureKind = PictureKind.HERE
    url: str = ""


class TalkMode(StrEnum):
    """Who may write free text in a room: whoever confirmed a phone, everybody whose line somebody on duty passes
    (先审后发), or nobody. Staff always may; quick questions are for everybody always."""

    CONFIRMED = "confirmed"
    APPROVED = "approved"
    OFF = "off"


class TalkRule(Value, frozen=True, kw_only=True):
    """The chat rule of a room. `slow_s`: one line of one person in so many seconds; 0 is as fast as they like."""

    mode: TalkMode = TalkMode.CONFIRMED
    slow_s: int = 0


class Launch(Value, frozen=True, kw_only=True):
    """开幕: one moment for all halls of a branch. Pages show `text` from `show_at_ms` of the hub's clock on, all
    together, for LAUNCH_SHOWN_S."""

    text: str
    region: RegionCode
    show_at_ms: int


class Session(Value, frozen=True, kw_only=True):
    """场次: one broadcast of one venue, with its shelf. `cut_off`: an operator ended it."""

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
    cut_off: bool = False


class ShelfSlot(Value, frozen=True, kw_only=True):
    """One place of a shelf (岗位架): the speakable number of a position, never reused in its session."""

    number: int
    position: Position


class Card(Value, frozen=True, kw_only=True):
    """岗位卡 as it is shown: the position as of that moment, its number on the shelf, and what was asked and answered
    about it before."""

    number: int
    position: Position
    answers: tuple[Answer, ...] = ()
