"""Reading the catalogue: regions, fairs, venues, enterprises, positions, sessions, shelves. None of it is personal."""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, or_, select

from server.core.model import (
    Enterprise,
    EnterpriseId,
    Fair,
    FairId,
    Level,
    Position,
    PositionId,
    Region,
    RegionCode,
    Review,
    Session,
    SessionId,
    SessionState,
    ShelfSlot,
    Venue,
    rehearsed,
)
from server.core.refusal import Code, Refusal
from server.store import tables as t

_position_decoder: Final = msgspec.msgpack.Decoder(Position)
_REGIONS: Final = select(*(t.regions.c[name] for name in Region.__struct_fields__)).order_by(t.regions.c.place)
_SESSIONS: Final = select(
    *(t.sessions.c[name] for name in Session.__struct_fields__ if name != "venue_name"),
    t.venues.c.name.label("venue_name"),
).join_from(t.sessions, t.venues, t.venues.c.id == t.sessions.c.venue)
_SESSION: Final = _SESSIONS.where(t.sessions.c.id == bindparam("id"))
_SHELF: Final = (
    select(t.shelf_slots.c.number, t.positions.c.body)
    .join_from(t.shelf_slots, t.positions, t.positions.c.id == t.shelf_slots.c.position)
    .where(
        t.shelf_slots.c.session == bindparam("id"),
        t.shelf_slots.c.removed.is_(False),
        t.positions.c.review == Review.APPROVED.value,
        or_(t.positions.c.shown_until == "", t.positions.c.shown_until >= bindparam("on_day")),
    )
    .order_by(t.shelf_slots.c.number)
)


def regions(conn: Connection) -> tuple[Region, ...]:
    """The whole tree, parents before children."""
    return tuple(
        Region(
            code=row.code,
            name=row.name,
            level=Level(row.level),
            parent=row.parent,
            lon=row.lon,
            lat=row.lat,
        )
        for row in conn.execute(_REGIONS)
    )


def is_region(conn: Connection, code: str) -> bool:
    """Whether the tree has that unit."""
    return conn.execute(select(t.regions.c.code).where(t.regions.c.code == code)).first() is not None


def fairs(conn: Connection) -> tuple[Fair, ...]:
    """All fairs, the newest first."""
    rows = conn.execute(select(t.fairs).order_by(t.fairs.c.on_day.desc(), t.fairs.c.id))
    return tuple(Fair(**row) for row in rows.mappings())


def fair(conn: Connection, fair: FairId) -> Fair:
    """Raises `Refusal(NOT_FOUND)`."""
    row = conn.execute(select(t.fairs).where(t.fairs.c.id == fair)).mappings().first()
    if row is None:
        raise _not_found("fair", fair)
    return Fair(**row)


def venues(conn: Connection, fair: FairId) -> tuple[Venue, ...]:
    """The venues of a fair."""
    rows = conn.execute(select(t.venues).where(t.venues.c.fair == fair).order_by(t.venues.c.region, t.venues.c.id))
    return tuple(Venue(**row) for row in rows.mappings())


def enterprise(conn: Connection, enterprise: EnterpriseId) -> Enterprise:
    """Raises `Refusal(NOT_FOUND)`."""
    row = conn.execute(select(t.enterprises).where(t.enterprises.c.id == enterprise)).mappings().first()
    if row is None:
        raise _not_found("enterprise", enterprise)
    return Enterprise(**row)


def enterprise_ids(conn: Connection) -> tuple[EnterpriseId, ...]:
    """All there are, in order."""
    return tuple(EnterpriseId(one) for one in conn.scalars(select(t.enterprises.c.id).order_by(t.enterprises.c.id)))


def enterprises(conn: Connection, of: Iterable[EnterpriseId]) -> tuple[Enterprise, ...]:
    """Those of the enterprises that exist, by id."""
    rows = conn.execute(
        select(t.enterprises).where(t.enterprises.c.id.in_(sorted(set(of)))).order_by(t.enterprises.c.id)
    )
    return tuple(Enterprise(**row) for row in rows.mappings())


def position(conn: Connection, position: PositionId) -> Position:
    """Raises `Refusal(NOT_FOUND)`."""
    body = conn.execute(select(t.positions.c.body).where(t.positions.c.id == position)).scalar()
    if body is None:
        raise _not_found("position", position)
    return _position_decoder.decode(body)


def positions_of(conn: Connection, enterprise: EnterpriseId, on_day: str = "") -> tuple[Position, ...]:
    """The positions of an enterprise that seekers may see: approved, not closed, valid on that day (ISO 8601; without
    one, whatever its validity)."""
    rows = conn.execute(
        select(t.positions.c.body)
        .where(
            t.positions.c.enterprise == enterprise,
            t.positions.c.review == Review.APPROVED.value,
            t.positions.c.closed.is_(False),
            or_(t.positions.c.shown_until == "", t.positions.c.shown_until >= on_day),
        )
        .order_by(t.positions.c.id)
    )
    return tuple(_position_decoder.decode(body) for body in rows.scalars())


def session(conn: Connection, session: SessionId) -> Session:
    """Raises `Refusal(NOT_FOUND)`."""
    row = conn.execute(_SESSION, {"id": session}).first()
    if row is None:
        raise _not_found("session", session)
    return _session(row)


def sessions(conn: Connection, region: RegionCode | None = None) -> tuple[Session, ...]:
    """The sessions of a branch of the tree, or all of them, by region. Rehearsals are known by their id alone."""
    query = _SESSIONS.where(t.sessions.c.rehearses.is_(None))
    if region is not None:
        query = query.where(t.sessions.c.region.in_(branch(region)))
    return tuple(_session(row) for row in conn.execute(query.order_by(t.sessions.c.region, t.sessions.c.id)))


def shelf(conn: Connection, session: SessionId, on_day: str = "") -> tuple[ShelfSlot, ...]:
    """The shelf as it is now, by number; a rehearsal has that of its session. It holds approved positions valid
    on that day (ISO 8601; without one, whatever their validity). Closed ones stay, marked: a number that was spoken
    has to lead somewhere. Raises `Refusal(NOT_FOUND)`."""
    rows = conn.execute(_SHELF, {"id": rehearsed(session), "on_day": on_day}).all()
    if not rows and conn.execute(select(t.sessions.c.id).where(t.sessions.c.id == session)).first() is None:
        raise _not_found("session", session)
    return tuple(ShelfSlot(number=row.number, position=_position_decoder.decode(row.body)) for row in rows)


def branch(region: RegionCode) -> Select[tuple[str]]:
    """The codes of a unit and everything below it."""
    units = select(t.regions.c.code).where(t.regions.c.code == region).cte("branch", recursive=True)
    below = select(t.regions.c.code).join_from(t.regions, units, t.regions.c.parent == units.c.code)
    return select(units.union_all(below).c.code)


def _session(row: Row[*tuple[object, ...]]) -> Session:
    fields = dict(row._mapping)
    fields["state"] = SessionState(fields["state"])
    return Session(**fields)


def _not_found(what: str, id: str) -> Refusal:
    return Refusal(Code.NOT_FOUND, what=what, id=id[:80])
