"""Questions: counted once for each person, answered once for all, the answer kept with the position."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from server.core.bodies import Answered, AnyBody, QuestionAsked
from server.core.channels import Kind, channel
from server.core.model import Channel, PositionId, SessionId, rehearsed
from server.core.protocol import Asked, Done
from server.core.questions import TOPICS
from server.core.refusal import Code, Refusal
from server.store.asking import ask_many
from server.store.engines import insert_new, upsert
from server.store.handling import Context, Effect, Outcome, decide_each
from server.store.many import execute_many
from server.store.session_life import off_air
from server.store.tables import answers, askers, questions, shelf_slots
from server.store.talk_rows import Room, rooms_of
from server.store.writes import AnswerQuestion, Ask, Write

Place = tuple[SessionId, PositionId, str]
_Lists = dict[str, Collection[Any]]

_SHELVES: Final = select(shelf_slots.c.session, shelf_slots.c.number, shelf_slots.c.position).where(
    shelf_slots.c.session.in_(bindparam("sessions", expanding=True)),
    shelf_slots.c.removed.is_(False),
    shelf_slots.c.position.in_(bindparam("positions", expanding=True))
    | shelf_slots.c.number.in_(bindparam("numbers", expanding=True)),
)
_GROUPS: Final = select(questions).where(
    questions.c.session.in_(bindparam("sessions", expanding=True)),
    questions.c.topic.in_(bindparam("topics", expanding=True)),
)
_ASKED: Final = select(askers).where(
    askers.c.session.in_(bindparam("sessions", expanding=True)),
    askers.c.topic.in_(bindparam("topics", expanding=True)),
    askers.c.person.in_(bindparam("persons", expanding=True)),
)
_ANSWERED: Final = select(answers).where(
    answers.c.position.in_(bindparam("positions", expanding=True)),
    answers.c.topic.in_(bindparam("topics", expanding=True)),
)


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The desk counts them; an answer is heard in the chat too."""
    wanted = {channel(Kind.DESK, w.session) for w in writes if isinstance(w, Ask | AnswerQuestion)}
    return wanted | {channel(Kind.CHAT, w.session) for w in writes if isinstance(w, AnswerQuestion)}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    batch = _Batch(conn, writes)
    outcomes = decide_each(writes, lambda write: batch.ask(write) if isinstance(write, Ask) else batch.answer(write))
    batch.write(conn)
    return outcomes


class _Batch:
    """All that the questions of a batch need to know, read in one statement per table."""

    def __init__(self, conn: Connection, writes: Sequence[Write]) -> None:
        mine = [write for write in writes if isinstance(write, Ask | AnswerQuestion)]
        sessions, topics = sorted({w.session for w in mine}), sorted({w.topic for w in mine})
        self._rooms = rooms_of(conn, sessions)
        self._number_of: dict[tuple[SessionId, PositionId], int] = {}
        self._position_at: dict[tuple[SessionId, int], PositionId] = {}
        wanted = {w.position for w in mine} | {room.current for room in self._rooms.values()}
        numbers = {w.number for w in mine if isinstance(w, Ask)}
        shelves = sorted({rehearsed(session) for session in sessions})
        on: _Lists = {"sessions": shelves, "positions": sorted(wanted), "numbers": sorted(numbers)}
        for row in ask_many(conn, _SHELVES, on):
            self._number_of[row.session, row.position] = row.number
            self._position_at[row.session, row.number] = row.position
        of: _Lists = {"sessions": sessions, "topics": topics}
        self._groups: dict[Place, dict[str, Any]] = {
            (row.session, row.position, row.topic): row._asdict() for row in ask_many(conn, _GROUPS, of)
        }
        persons = sorted({w.by for w in mine if isinstance(w, Ask)})
        asked = ask_many(conn, _ASKED, {**of, "persons": persons}) if persons else ()
        self._asked = {(row.session, row.position, row.topic, row.person) for row in asked}
        at: _Lists = {"positions": sorted({*wanted, *self._position_at.values()}), "topics": topics}
        self._answers = {(row.position, row.topic): row.answer for row in ask_many(conn, _ANSWERED, at)}
        self._changed: set[Place] = set()
        self._new: list[dict[str, object]] = []
        self._kept: dict[tuple[PositionId, str], dict[str, object]] = {}

    def ask(self, write: Ask) -> Effect:
        """One more, or the same person again. Raises `Refusal`."""
        position = self._about(write, self._room(write.session))
        place = (write.session, position, write.topic)
        group = self._groups.setdefault(place, _nothing(write, position))
        if (*place, write.by) not in self._asked:
            self._asked.add((*place, write.by))
            self._new.append({**_where(place), "person": write.by})
            group["count"] += 1
            group["last_at_ms"] = write.at_ms
            self._changed.add(place)
            body = QuestionAsked(topic=write.topic, position=position, count=group["count"], text=group["text"])
            bodies: list[tuple[Channel, AnyBody]] = [(channel(Kind.DESK, write.session), body)]
        else:
            bodies = []
        answer = self._answers.get((position, write.topic), "") or group["answer"]
        return Effect(reply=Asked(count=group["count"], answer=answer), bodies=bodies)

    def answer(self, write: Write) -> Effect:
        """Answered for all. Raises `Refusal`."""
        assert isinstance(write, AnswerQuestion)
        self._room(write.session)
        place = (write.session, write.position, write.topic)
        group = self._groups.get(place)
        if group is None and (write.topic not in TOPICS or not self._number(write.session, write.position)):
            raise Refusal(Code.NOT_FOUND, what="question", id=write.topic[:80])
        if group is None:  # nobody asked: the host says it of their own accord
            group = self._groups[place] = _nothing(Ask(**_same(write), topic=write.topic), write.position)
        group["answered_at_ms"], group["answer"] = write.at_ms, write.answer
        self._changed.add(place)
        if write.answer and write.position:
            self._answers[write.position, write.topic] = write.answer
            self._kept[write.position, write.topic] = {
                "position": write.position,
                "topic": write.topic,
                "text": group["text"],
                "answer": write.answer,
                "by": write.by,
                "at_ms": write.at_ms,
            }
        body = Answered(
            topic=write.topic,
            position=write.position,
            number=self._number(write.session, write.position),
            text=group["text"],
            answer=write.answer,
        )
        both = [channel(Kind.CHAT, write.session), channel(Kind.DESK, write.session)]
        return Effect(reply=Done(), bodies=[(name, body) for name in both], offset_in=both[1])

    def write(self, conn: Connection) -> None:
        """Keep what was decided."""
        dialect = conn.dialect.name
        if self._new:
            execute_many(conn, insert_new(dialect, askers), self._new)
        if self._changed:
            execute_many(conn, upsert(dialect, questions), [self._groups[place] for place in sorted(self._changed)])
        if self._kept:
            execute_many(conn, upsert(dialect, answers), [self._kept[place] for place in sorted(self._kept)])

    def _room(self, session: SessionId) -> Room:
        room = self._rooms.get(session)
        if room is None:
            raise Refusal(Code.NOT_FOUND, what="session", id=session[:80])
        return room

    def _about(self, write: Ask, room: Room) -> PositionId:
        refusal = off_air(write.session, room.state)
        if refusal is not None:
            raise refusal
        if write.position:
            if not self._number(write.session, write.position):
                raise Refusal(Code.NOT_ON_SHELF, position=write.position[:80])
            return write.position
        return self._position_at.get((rehearsed(write.session), write.number), room.current)

    def _number(self, session: SessionId, position: PositionId) -> int:
        return self._number_of.get((rehearsed(session), position), 0)


def _nothing(write: Ask, position: PositionId) -> dict[str, Any]:
    empty = {"text": write.text, "count": 0, "last_at_ms": write.at_ms, "answered_at_ms": 0, "answer": ""}
    return {**_where((write.session, position, write.topic)), **empty}


def _where(place: Place) -> dict[str, object]:
    return dict(zip(("session", "position", "topic"), place, strict=True))


def _same(write: AnswerQuestion) -> dict[str, Any]:
    return {"by": write.by, "key": write.key, "at_ms": write.at_ms, "session": write.session}
