"""What a chat line is decided by: the room's rule, who is muted, which phones are confirmed, when somebody spoke last.
All of it read set-based, in as many statements as there are tables."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from server.core.model import FairId, MuteLength, PersonId, PositionId, Role, SessionId, SessionState, TalkRule
from server.store.asking import ask_many
from server.store.log_queries import talk_of
from server.store.tables import grants, mutes, sessions, speakers

_ROOMS: Final = select(sessions.c.id, sessions.c.state, sessions.c.fair, sessions.c.talk, sessions.c.card).where(
    sessions.c.id.in_(bindparam("sessions", expanding=True))
)
_STANDING: Final = select(mutes).where(
    mutes.c.scope.in_(bindparam("scopes", expanding=True)), mutes.c.lifted_at_ms == 0
)
_SPOKEN: Final = select(speakers).where(
    speakers.c.session.in_(bindparam("sessions", expanding=True)),
    speakers.c.author.in_(bindparam("authors", expanding=True)),
)
_OPERATORS: Final = (
    select(grants.c.person)
    .where(
        grants.c.person.in_(bindparam("wanted", expanding=True)),
        grants.c.role.in_([Role.OPERATOR.value, Role.ADMIN.value]),
    )
    .distinct()
)


class Room(msgspec.Struct, frozen=True):
    """A session as its chat sees it."""

    state: SessionState
    fair: FairId
    talk: TalkRule
    current: PositionId


class MuteRow(msgspec.Struct, frozen=True):
    """One thing a mute goes by."""

    scope: str
    who: bytes
    length: MuteLength
    until_ms: int
    reason: str


class Speaker(msgspec.Struct):
    """Who stands behind an author, and when that person spoke last."""

    person: PersonId
    name: str
    last_at_ms: int


def rooms_of(conn: Connection, of: Iterable[SessionId]) -> dict[SessionId, Room]:
    """Those of the sessions that exist."""
    wanted = sorted(set(of))
    found = ask_many(conn, _ROOMS, {"sessions": wanted}) if wanted else ()
    return {row.id: Room(SessionState(row.state), row.fair, talk_of(row.talk), _position_in(row.card)) for row in found}


class _Shown(msgspec.Struct):
    class _Id(msgspec.Struct):
        id: PositionId

    position: _Id


_shown: Final = msgspec.msgpack.Decoder(_Shown)


def _position_in(card: bytes | None) -> PositionId:
    return PositionId("") if card is None else _shown.decode(card).position.id


def operators_among(conn: Connection, persons: Iterable[PersonId]) -> frozenset[PersonId]:
    """Those of them who operate a branch."""
    wanted = sorted(set(persons))
    return frozenset(conn.execute(_OPERATORS, {"wanted": wanted}).scalars()) if wanted else frozenset()


def scopes_of(session: SessionId, fair: FairId) -> tuple[str, str]:
    """The scopes of the mutes that hold in a session."""
    return f"session/{session}", f"fair/{fair}"


def standing_mutes(conn: Connection, rooms: dict[SessionId, Room]) -> dict[str, list[MuteRow]]:
    """The mutes that were not lifted, by scope. There are few: a hall mutes a handful of people a day."""
    scopes = sorted({scope for session, room in rooms.items() for scope in scopes_of(session, room.fair)})
    found: dict[str, list[MuteRow]] = {}
    for row in ask_many(conn, _STANDING, {"scopes": scopes}) if scopes else ():
        one = MuteRow(row.scope, row.who, MuteLength(row.length), row.until_ms, row.reason)
        found.setdefault(row.scope, []).append(one)
    return found


def speakers_of(conn: Connection, of: Sequence[tuple[SessionId, str]]) -> dict[tuple[SessionId, str], Speaker]:
    """Those of the authors that ever spoke."""
    if not of:
        return {}
    rows = ask_many(
        conn, _SPOKEN, {"sessions": sorted({one[0] for one in of}), "authors": sorted({one[1] for one in of})}
    )
    return {(row.session, row.author): Speaker(row.person, row.name, row.last_at_ms) for row in rows}


def by_person(person: PersonId) -> bytes:
    """What a mute goes by where no phone was confirmed. An HMAC has 32 bytes and never begins so."""
    return b"person/" + person.encode()
