"""Writes of the stage."""

from server.core.model import PositionId, SessionId, SessionState
from server.store.writes.write import Write


class ChangeState(Write, frozen=True, kw_only=True):
    """Session to `state`. Reply `Done(offset in stage/)`. Publishes StateChanged on stage/ and RoomChanged on the
    area/ channel of the province. Refused: NOT_FOUND, ALREADY_LIVE, SESSION_ENDED, SESSION_NOT_LIVE."""

    session: SessionId
    state: SessionState


class ShowCard(Write, frozen=True, kw_only=True):
    """Reply `Done(offset)`. Publishes CardShown on stage/; counter `cards` + 1. Refused: NOT_FOUND, SESSION_NOT_LIVE,
    SESSION_ENDED, NOT_ON_SHELF, POSITION_CLOSED."""

    session: SessionId
    position: PositionId


class UndoCard(Write, frozen=True, kw_only=True):
    """Take the last show back (up to 10 in a row); the card before it stands again. Publishes CardUndone; counter
    `cards` - 1. Refused: NOTHING_TO_UNDO, SESSION_*."""

    session: SessionId


class HideCard(Write, frozen=True, kw_only=True):
    """Publishes CardHidden; the undo stack starts anew. Refused: NOTHING_SHOWN, SESSION_*."""

    session: SessionId
