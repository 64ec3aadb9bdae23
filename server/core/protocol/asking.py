"""Questions: asked, counted, answered; and all that a desk needs to know when it opens."""

from typing import Annotated

from msgspec import Meta

from server.core.model import Answer, QuestionGroup, StandingMute, WaitingLine
from server.core.protocol.message import NO_CONTROLS, CommandBase, Key, ReplyBase, ShortId, Text

Topic = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=32,
        pattern=NO_CONTROLS,
        description="a quick question's name, or `t:` and a digest",
    ),
]


class Ask(CommandBase, frozen=True, kw_only=True, tag="ask"):
    """A quick question about a position, or `explain` (求讲解): anybody may, once for each. Replied by `asked`."""

    session: ShortId
    position: ShortId
    topic: Topic
    key: Key


class Asked(ReplyBase, frozen=True, kw_only=True, tag="asked"):
    """The question counts. `count`: how many ask the same; `answer` where it was answered before."""

    count: int
    answer: str = ""


class AnswerQuestion(CommandBase, frozen=True, kw_only=True, tag="answer_question"):
    """Answer once for all who asked: `text` is shown in the chat and stays with the position. An empty one says that it
    was answered aloud (已口头回答). Replied by `done`."""

    session: ShortId
    position: Annotated[
        str, Meta(max_length=64, pattern=NO_CONTROLS, description="empty for a question about no position")
    ]
    topic: Topic
    key: Key
    text: Text = ""


class ListDesk(CommandBase, frozen=True, kw_only=True, tag="list_desk"):
    """What waits on a session's desk. Replied by `desk_is`."""

    session: ShortId


class DeskIs(ReplyBase, frozen=True, kw_only=True, tag="desk_is"):
    """Lines that wait for approval, questions (most asked first), mutes that stand, and how many applications came
    through the session, as of `offset` of desk/."""

    offset: int
    waiting: tuple[WaitingLine, ...] = ()
    questions: tuple[QuestionGroup, ...] = ()
    mutes: tuple[StandingMute, ...] = ()
    applications: int = 0


class Answers(ReplyBase, frozen=True, kw_only=True, tag="answers"):
    """What was answered about a position."""

    answers: tuple[Answer, ...] = ()


class ListAnswers(CommandBase, frozen=True, kw_only=True, tag="list_answers"):
    """常见问题 of a position. Replied by `answers`."""

    position: ShortId
