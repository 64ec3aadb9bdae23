"""Questions: asked by anybody, answered once for all by those on duty."""

from server.actions.duty import session_for
from server.core import questions, rules
from server.core.model import PositionId, Principal, SessionId
from server.core.protocol import AnswerQuestion, Answers, Ask, ListAnswers, ListDesk
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.rules import Duty
from server.store import talk_queries, writes
from server.store.store import Store


async def ask(store: Store, principal: Principal, command: Ask, at_ms: int) -> writes.Committed:
    """A quick question or 求讲解; free ones are chat lines."""
    if command.topic not in questions.TOPICS:
        raise Refusal(Code.NOT_FOUND, what="question", id=command.topic[:80])
    return await store.write(
        writes.Ask(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=SessionId(command.session),
            position=PositionId(command.position),
            topic=command.topic,
        )
    )


async def answer(store: Store, principal: Principal, command: AnswerQuestion, at_ms: int) -> writes.Committed:
    """One answer for all who asked."""
    session = SessionId(command.session)
    rules.require_duty(principal, Duty.ANSWER, session)
    return await store.write(
        writes.AnswerQuestion(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=session,
            position=PositionId(command.position),
            topic=command.topic,
            answer=rules.clean_optional_line(command.text),
        )
    )


async def list_desk(
    store: Store, tree: RegionTree, principal: Principal, command: ListDesk, at_ms: int
) -> writes.Committed:
    """What waits on the desk."""
    session = await session_for(store, tree, principal, Duty.MODERATE, command.session)
    return writes.Committed(reply=await store.read(talk_queries.desk, session, at_ms))


async def list_answers(store: Store, command: ListAnswers) -> writes.Committed:
    """常见问题 of a position, for everybody."""
    position = PositionId(command.position)
    found = await store.read(talk_queries.answers_of, [position])
    return writes.Committed(reply=Answers(answers=found.get(position, ())))
