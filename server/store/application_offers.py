"""What applications need to know of positions, shelves and sessions, each in one statement for a whole batch."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from server.core.days import day_of
from server.core.model import EnterpriseId, Position, PositionId, Review, SessionId, SessionState
from server.core.rules import terms_of
from server.store.asking import Query, ask_many
from server.store.counting import APPLICATIONS
from server.store.tables import counters, position_versions, positions, sessions, shelf_slots


class OnAir(msgspec.Struct):
    """What an application needs to know of a session. `applications` grows while the batch is decided."""

    state: SessionState
    applications: int
    cut_off: bool


class Offer(msgspec.Struct, frozen=True):
    """A position as an application meets it. `open`: approved by a reviewer and not closed; `until`: the last day it
    is shown, empty for no end."""

    enterprise: EnterpriseId
    open: bool
    until: str
    body: bytes

    def takes(self, at_ms: int) -> bool:
        """Whether one may apply."""
        return self.open and (not self.until or self.until >= day_of(at_ms))

    @property
    def position(self) -> Position:
        return _position(self.body)


_OFFERS: Final = select(
    positions.c.id,
    positions.c.enterprise,
    positions.c.closed,
    positions.c.review,
    positions.c.shown_until,
    positions.c.body,
).where(positions.c.id.in_(bindparam("wanted", expanding=True)))
_FIRMS: Final = select(positions.c.enterprise).where(positions.c.id.in_(bindparam("wanted", expanding=True)))
_AS_OF: Final = select(position_versions.c.position, position_versions.c.version, position_versions.c.body).where(
    position_versions.c.position.in_(bindparam("positions", expanding=True)),
    position_versions.c.version.in_(bindparam("versions", expanding=True)),
)
_TITLES: Final = select(positions.c.id, positions.c.title).where(
    positions.c.id.in_(bindparam("wanted", expanding=True))
)
_SLOTS: Final = select(shelf_slots.c.session, shelf_slots.c.position).where(
    shelf_slots.c.position.in_(bindparam("wanted", expanding=True)), shelf_slots.c.removed.is_(False)
)
_ON_AIR: Final = (
    select(sessions.c.id, sessions.c.state, sessions.c.cut_off, counters.c.value)
    .outerjoin_from(sessions, counters, (counters.c.scope == sessions.c.id) & (counters.c.name == APPLICATIONS))
    .where(sessions.c.id.in_(bindparam("wanted", expanding=True)))
)
_decoder: Final = msgspec.msgpack.Decoder(Position)


@lru_cache(maxsize=4_096)
def _position(body: bytes) -> Position:
    """Decoded once per content: a hundred people apply for the position that is explained."""
    return _decoder.decode(body)


def offers(conn: Connection, of: Iterable[PositionId]) -> dict[PositionId, Offer]:
    """Those of the positions that exist."""
    return {
        row.id: Offer(row.enterprise, row.review == Review.APPROVED.value and not row.closed, row.shown_until, row.body)
        for row in _found(conn, _OFFERS, of)
    }


def firms_of(conn: Connection, of: Iterable[PositionId]) -> set[EnterpriseId]:
    """Whose positions these are."""
    return {row.enterprise for row in _found(conn, _FIRMS, of)}


def versions(conn: Connection, seen: Iterable[tuple[PositionId, int]]) -> dict[tuple[PositionId, int], Position]:
    """The positions as those versions showed them; those the store does not know are left out."""
    wanted = set(seen)
    if not wanted:
        return {}
    asked = {"positions": sorted({p for p, _ in wanted}), "versions": sorted({v for _, v in wanted})}
    return {(row.position, row.version): _position(row.body) for row in conn.execute(_AS_OF, asked)}


def as_seen(conn: Connection, position: PositionId, version: int) -> tuple[Position, Position] | None:
    """The position as that version showed it and as it is, where what an applicant is asked about again differs (pay,
    place, shift); None where nothing does, or nobody knows what was seen."""
    offer = offers(conn, [position]).get(position)
    seen = versions(conn, [(position, version)]).get((position, version)) if version else None
    if offer is None or seen is None or terms_of(seen) == terms_of(offer.position):
        return None
    return seen, offer.position


def titles(conn: Connection, of: Iterable[PositionId]) -> dict[PositionId, str]:
    """The titles of those of the positions that exist."""
    return {row.id: row.title for row in _found(conn, _TITLES, of)}


def on_shelves(conn: Connection, of: Iterable[PositionId]) -> set[tuple[SessionId, PositionId]]:
    """On which shelves the positions are."""
    return {(row.session, row.position) for row in _found(conn, _SLOTS, of)}


def on_air(conn: Connection, of: Iterable[SessionId]) -> dict[SessionId, OnAir]:
    """Those of the sessions that exist."""
    return {
        row.id: OnAir(SessionState(row.state), row.value or 0, bool(row.cut_off)) for row in _found(conn, _ON_AIR, of)
    }


def rows_of(conn: Connection, query: Query, wanted: Iterable[object]) -> Sequence[Mapping[str, Any]]:
    """The rows of a query with one list parameter, `wanted`, by column, as the driver has them (`asking`: a BOOLEAN of
    SQLite is a number); none, and no statement, for an empty list."""
    return [row._asdict() for row in _found(conn, query, wanted)]


def _found(conn: Connection, query: Query, wanted: Iterable[object]) -> Sequence[Any]:
    values = sorted(set(wanted))  # type: ignore[type-var]
    return ask_many(conn, query, {"wanted": values}) if values else ()
