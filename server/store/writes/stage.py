"""Writes of the stage."""

from server.core.model import PersonId, Picture, PositionId, RegionCode, SessionId, SessionState, TalkRule
from server.store.writes.write import Write


class ChangeState(Write, frozen=True, kw_only=True):
    """Session to `state`. Reply `Done(offset in stage/)`. Publishes StateChanged on stage/ and, unless it is a
    rehearsal, RoomChanged on the area/ channels of its county, its city and the province. `from_pause`: only an
    interrupted session goes on. `reopen`: an ended session is live again. `cut_off_for`: an operator's reason to end
    it, told on desk/ and audited. Refused: NOT_FOUND, ALREADY_LIVE, SESSION_ENDED, SESSION_NOT_LIVE, SESSION_CUT_OFF,
    REOPEN_TOO_LATE."""

    session: SessionId
    state: SessionState
    from_pause: bool = False
    reopen: bool = False
    cut_off_for: str = ""


class StartRehearsal(Write, frozen=True, kw_only=True):
    """Reply `RehearsalIs`. A session of its own with the same shelf, in state REHEARSAL, under an id with a code; the
    one that is open is given again. Refused: NOT_FOUND."""

    session: SessionId


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


class Launch(Write, frozen=True, kw_only=True):
    """开幕 of a branch, shown `in_ms` after `at_ms`. Publishes Launched on the stage/ of every session of `regions`
    that is not over, and on the area/ channel of the branch; audited. `regions`: the branch, its root first.
    Refused: NOT_FOUND when no session is left there."""

    regions: tuple[RegionCode, ...]
    text: str
    in_ms: int


class PinNotice(Write, frozen=True, kw_only=True):
    """Publishes NoticePinned, with an empty text NoticeCleared. Refused: NOT_FOUND, NOTHING_PINNED."""

    session: SessionId
    text: str


class SetPicture(Write, frozen=True, kw_only=True):
    """Publishes PictureSet. Refused: NOT_FOUND."""

    session: SessionId
    picture: Picture


class SetTalk(Write, frozen=True, kw_only=True):
    """Publishes TalkRuled on stage/. Holds the head of chat/ too, so that no line is decided under two rules. Refused:
    NOT_FOUND."""

    session: SessionId
    talk: TalkRule


class DismissAssistant(Write, frozen=True, kw_only=True):
    """The grant of that person in the session goes, and every token with it: Revoked on house/; audited. Refused:
    NOT_FOUND."""

    session: SessionId
    person: PersonId
