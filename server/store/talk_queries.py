"""What waits on a desk, and what was answered about a position."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, select

from server.core.channels import Kind, channel
from server.core.model import (
    Answer,
    MuteLength,
    PositionId,
    QuestionGroup,
    SessionId,
    StandingMute,
    WaitingLine,
)
from server.core.protocol import DeskIs
from server.core.refusal import Code, Refusal
from server.store.asking import ask_many
from server.store.counting import APPLICATIONS
from server.store.log_queries import head
from server.store.tables import answers, counters, mutes, questions, waiting_lines
from server.store.talk_rows import operators_among, rooms_of, scopes_of

AT_MOST: Final = 200
"""Rows of each kind a desk is given; a hall has some dozens."""
ANSWERS: Final = 6
"""Answers a card carries: what most people asked last."""

_WAITING: Final = (
    select(waiting_lines)
    .where(waiting_lines.c.session == bindparam("session"), waiting_lines.c.settled == "")
    .order_by(waiting_lines.c.at_ms, waiting_lines.c.id)
    .limit(AT_MOST)
)
_QUESTIONS: Final = (
    select(questions)
    .where(questions.c.session == bindparam("session"))
    .order_by(questions.c.answered_at_ms > 0, questions.c.count.desc(), questions.c.last_at_ms.desc())
    .limit(AT_MOST)
)
_MUTES: Final = (
    select(mutes)
    .where(mutes.c.scope.in_(bindparam("scopes", expanding=True)), mutes.c.lifted_at_ms == 0)
    .order_by(mutes.c.at_ms.desc())
    .limit(AT_MOST)
)
_CAME: Final = select(counters.c.value).where(counters.c.scope == bindparam("session"), counters.c.name == APPLICATIONS)
_ANSWERS: Final = (
    select(answers)
    .where(answers.c.position.in_(bindparam("positions", expanding=True)))
    .order_by(answers.c.at_ms.desc(), answers.c.topic)
)


def desk(conn: Connection, session: SessionId, now_ms: int) -> DeskIs:
    """What waits there now, as of the offset of its channel. Raises `Refusal(NOT_FOUND)`."""
    room = rooms_of(conn, [session]).get(session)
    if room is None:
        raise Refusal(Code.NOT_FOUND, what="session", id=session[:80])
    standing = _standing(conn, session, list(scopes_of(session, room.fair)), now_ms)
    return DeskIs(
        offset=head(conn, channel(Kind.DESK, session)).offset,
        waiting=tuple(
            WaitingLine(id=row.id, author=row.author, name=row.name, text=row.text, at_ms=row.at_ms)
            for row in conn.execute(_WAITING, {"session": session})
        ),
        questions=tuple(
            QuestionGroup(
                position=row.position,
                topic=row.topic,
                text=row.text,
                count=row._mapping["count"],
                last_at_ms=row.last_at_ms,
                answer=row.answer,
                answered=row.answered_at_ms > 0,
            )
            for row in conn.execute(_QUESTIONS, {"session": session})
        ),
        mutes=standing,
        applications=conn.execute(_CAME, {"session": session}).scalar() or 0,
    )


def _standing(conn: Connection, session: SessionId, scopes: list[str], now_ms: int) -> tuple[StandingMute, ...]:
    """The newest mute of each author; an operator's word holds as long as it stands, whoever spoke since."""
    rows = [
        row
        for row in conn.execute(_MUTES, {"scopes": scopes})
        if row.session == session and (row.until_ms == 0 or row.until_ms > now_ms)
    ]
    operators = operators_among(conn, (row.by for row in rows))
    forbidden = {row.author for row in rows if row.by in operators}
    standing: dict[str, StandingMute] = {}
    for row in rows:
        standing.setdefault(
            row.author,
            StandingMute(
                author=row.author,
                name=row.name,
                length=MuteLength(row.length),
                at_ms=row.at_ms,
                until_ms=row.until_ms,
                reason=row.reason,
                by_operator=row.author in forbidden,
            ),
        )
    return tuple(standing.values())


def answers_of(conn: Connection, positions: Iterable[PositionId]) -> dict[PositionId, tuple[Answer, ...]]:
    """What was answered about each of these positions, the newest first, ANSWERS at most."""
    found: dict[PositionId, list[Answer]] = {}
    wanted = sorted(set(positions))
    for row in ask_many(conn, _ANSWERS, {"positions": wanted}) if wanted else ():
        of = found.setdefault(row.position, [])
        if len(of) < ANSWERS:
            of.append(Answer(topic=row.topic, text=row.text, answer=row.answer, at_ms=row.at_ms))
    return {position: tuple(of) for position, of in found.items()}
