"""Writes of what is said, asked and answered."""

from server.core.model import MuteLength, PositionId, SessionId
from server.store.writes.write import Write


class Say(Write, frozen=True, kw_only=True):
    """One chat line. Publishes Line on chat/, reply `Done(offset)`; where lines are approved first LineWaits on desk/,
    reply `Waits`. `role` is set for staff, whom no rule of the room holds back; `must_confirm`: this house confirms
    phones; `caption`: to be read over the picture.
    Refused: SESSION_NOT_LIVE, SESSION_ENDED, NOT_FOUND, CHAT_OFF, CHAT_MUTED, CHAT_SLOW, PHONE_UNCONFIRMED."""

    session: SessionId
    author: str
    name: str
    text: str
    role: str = ""
    must_confirm: bool = False
    caption: bool = False


class SettleLine(Write, frozen=True, kw_only=True):
    """A waiting line is passed (Line on chat/) or dropped; LineSettled on desk/. Settled again, it changes nothing.
    Refused: NOT_FOUND."""

    session: SessionId
    line: str
    passed: bool


class RemoveLine(Write, frozen=True, kw_only=True):
    """Publishes LineRemoved on chat/; audited. Refused: NOT_FOUND."""

    session: SessionId
    offset: int


class Mute(Write, frozen=True, kw_only=True):
    """Muted on desk/; by every phone the author confirmed and by the person; audited. Refused: NOT_FOUND."""

    session: SessionId
    author: str
    length: MuteLength
    until_ms: int
    reason: str


class Unmute(Write, frozen=True, kw_only=True):
    """Unmuted on desk/; audited. Refused: NOT_FOUND when nothing stands, FORBIDDEN where an operator did it and another
    than an operator would undo it."""

    session: SessionId
    author: str


class Ask(Write, frozen=True, kw_only=True):
    """A question, once for each person; QuestionAsked on desk/, reply `Asked`. `position` empty: that with `number` on
    the shelf, else the one being explained, else none. Refused: NOT_FOUND, NOT_ON_SHELF, SESSION_*."""

    session: SessionId
    topic: str
    position: PositionId = PositionId("")
    number: int = 0
    text: str = ""


class AnswerQuestion(Write, frozen=True, kw_only=True):
    """Answered on chat/ and desk/; with a text it stays with the position. Refused: NOT_FOUND."""

    session: SessionId
    position: PositionId
    topic: str
    answer: str
