"""Worked examples of what is said, moderated, asked and answered. A body comes with its channel."""

from server.core import bodies, protocol
from server.core.model import (
    Answer,
    MuteLength,
    PositionId,
    QuestionGroup,
    StandingMute,
    WaitingLine,
)
from server.core.protocol import Command, Reply
from server.core.samples import AT_MS, KEY, P01, S01

LINE = bodies.Line(author="a7", name="观众一", text="包吃住吗?")
CAPTION = bodies.Line(author="a8", name="主播一", text="三班倒，管住宿", role="host", caption=True)
FREE = "t:0123456789abcdef"

COMMANDS: tuple[tuple[str, Command], ...] = (
    ("say_caption", protocol.Say(id=12, session=S01, text="三班倒，管住宿", key=KEY, caption=True)),
    ("pass_line", protocol.PassLine(id=40, session=S01, line="w1", key=KEY)),
    ("drop_line", protocol.DropLine(id=41, session=S01, line="w1", key=KEY)),
    ("remove_line", protocol.RemoveLine(id=42, session=S01, offset=9, key=KEY)),
    ("mute", protocol.Mute(id=43, session=S01, author="a7", length=MuteLength.SESSION, reason="发广告", key=KEY)),
    ("unmute", protocol.Unmute(id=44, session=S01, author="a7", key=KEY)),
    ("ask", protocol.Ask(id=45, session=S01, position=P01, topic="night", key=KEY)),
    (
        "answer_question",
        protocol.AnswerQuestion(id=46, session=S01, position=P01, topic="night", text="不上夜班", key=KEY),
    ),
    ("list_desk", protocol.ListDesk(id=47, session=S01)),
    ("list_answers", protocol.ListAnswers(id=48, position=P01)),
)

REPLIES: tuple[tuple[str, Reply], ...] = (
    ("waits", protocol.Waits(id=12, line="w1")),
    ("asked", protocol.Asked(id=45, count=12, answer="不上夜班")),
    (
        "desk_is",
        protocol.DeskIs(
            id=47,
            offset=17,
            waiting=(WaitingLine(id="w1", author="a7", name="观众一", text="包吃住吗?", at_ms=AT_MS),),
            questions=(
                QuestionGroup(position=P01, topic="night", count=12, last_at_ms=AT_MS),
                QuestionGroup(
                    position=PositionId(""),
                    topic=FREE,
                    text="几点开始",
                    count=1,
                    last_at_ms=AT_MS,
                    answer="九点",
                    answered=True,
                ),
            ),
            mutes=(StandingMute(author="a9", name="观众二", length=MuteLength.FAIR, at_ms=AT_MS, reason="发广告"),),
        ),
    ),
    ("answers", protocol.Answers(id=48, answers=(Answer(topic="night", answer="不上夜班", at_ms=AT_MS),))),
)

BODIES: tuple[tuple[str, bodies.AnyBody], ...] = (
    ("chat/S01", bodies.LineRemoved(line=9)),
    ("chat/S01", bodies.Answered(topic="night", position=P01, number=3, answer="不上夜班")),
    ("desk/S01", bodies.LineWaits(id="w1", line=LINE)),
    ("desk/S01", bodies.LineSettled(id="w1", passed=True)),
    ("desk/S01", bodies.Muted(author="a7", length=MuteLength.TEN_MINUTES, until_ms=AT_MS + 600_000, reason="发广告")),
    ("desk/S01", bodies.Unmuted(author="a7")),
    ("desk/S01", bodies.QuestionAsked(topic=FREE, position=P01, count=2, text="几点开始")),
)
