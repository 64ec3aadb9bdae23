"""What is said in a room beside the lines themselves: waiting lines, mutes, questions and their answers."""

from enum import StrEnum

from server.core.model.ids import PersonId, PositionId, Value


class MuteLength(StrEnum):
    """How long somebody may not write: ten minutes, until the session ends, for the whole fair."""

    TEN_MINUTES = "ten_minutes"
    SESSION = "session"
    FAIR = "fair"


class WaitingLine(Value, frozen=True, kw_only=True):
    """A chat line that waits for approval."""

    id: str
    author: str
    text: str
    at_ms: int
    name: str = ""


class StandingMute(Value, frozen=True, kw_only=True):
    """Somebody who may not write. `until_ms` is 0 where the end of the session or the fair is meant. Where it was done
    `by_operator`, only an operator lets them write again."""

    author: str
    length: MuteLength
    at_ms: int
    name: str = ""
    until_ms: int = 0
    reason: str = ""
    by_operator: bool = False


class QuestionGroup(Value, frozen=True, kw_only=True):
    """One question and how many persons asked it. `position` is empty for one about no position; `text` is that of the
    first who asked freely, empty for a quick question, which pages know by its topic."""

    position: PositionId
    topic: str
    count: int
    last_at_ms: int
    text: str = ""
    answer: str = ""
    answered: bool = False


class Answer(Value, frozen=True, kw_only=True):
    """An answer that stays with its position."""

    topic: str
    answer: str
    at_ms: int
    text: str = ""


class Assistant(Value, frozen=True, kw_only=True):
    """场控 of a session, as its host sees them."""

    person: PersonId
    name: str
