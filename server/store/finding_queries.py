"""What the search index is made of, and what changed of it since a moment; and where applications came from."""

from collections.abc import Collection
from typing import Final

import msgspec
from sqlalchemy import Connection, and_, bindparam, func, or_, select

from server.core.model import (
    ON_AIR,
    Card,
    Enterprise,
    Position,
    PositionId,
    RegionCode,
    Review,
    SessionId,
    SessionState,
    VenueId,
)
from server.core.refusal import Code, Refusal
from server.core.search import Hall, Spot, spot_rank
from server.store import tables as t

_positions: Final = msgspec.msgpack.Decoder(Position)
_cards: Final = msgspec.msgpack.Decoder(Card)

_CHANGED: Final = (
    select(t.positions.c.id, t.positions.c.changed_at_ms)
    .where(
        or_(
            t.positions.c.changed_at_ms > bindparam("at_ms"),
            and_(t.positions.c.changed_at_ms == bindparam("at_ms"), t.positions.c.id > bindparam("id")),
        )
    )
    .order_by(t.positions.c.changed_at_ms, t.positions.c.id)
    .limit(bindparam("at_most"))
)
_SHOWN: Final = select(t.positions.c.body).where(
    t.positions.c.id.in_(bindparam("ids", expanding=True)),
    t.positions.c.review == Review.APPROVED.value,
    t.positions.c.closed.is_(False),
    or_(t.positions.c.shown_until == "", t.positions.c.shown_until >= bindparam("on_day")),
)
_PUBLIC: Final = t.sessions.c.rehearses.is_(None)
"""A rehearsal is known to those with its link alone."""
_HALLS: Final = (
    select(
        t.sessions.c.id,
        t.sessions.c.venue,
        t.sessions.c.region,
        t.sessions.c.state,
        t.sessions.c.shelf_revision,
        t.sessions.c.card,
        t.venues.c.name.label("venue_name"),
    )
    .join_from(t.sessions, t.venues, t.venues.c.id == t.sessions.c.venue)
    .where(_PUBLIC)
)
_NUMBERS: Final = select(t.shelf_slots.c.position, t.shelf_slots.c.number).where(
    t.shelf_slots.c.session == bindparam("session"), t.shelf_slots.c.removed.is_(False)
)
_POSITION: Final = select(
    *(t.positions.c[name] for name in ("body", "review", "closed", "shown_until", "changed_at_ms"))
)
_SLOT: Final = select(t.shelf_slots.c.position, t.shelf_slots.c.removed).where(
    t.shelf_slots.c.session == bindparam("session"), t.shelf_slots.c.number == bindparam("number")
)
_ORDER: Final = {SessionState.LIVE: 0, SessionState.INTERRUPTED: 1, SessionState.SCHEDULED: 2}


class Changed(msgspec.Struct, frozen=True):
    """That a position changed, and when."""

    id: PositionId
    changed_at_ms: int


class HallRow(msgspec.Struct, frozen=True):
    """A session and the revision of its shelf."""

    hall: Hall
    shelf_revision: int


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A position for its own page."""

    position: Position
    enterprise: Enterprise
    spots: tuple[Spot, ...]
    changed_at_ms: int


def changed(conn: Connection, at_ms: int, after: str, limit: int) -> list[Changed]:
    """The positions that changed after that moment, or at it and with a greater id; oldest change first."""
    rows = conn.execute(_CHANGED, {"at_ms": at_ms, "id": after, "at_most": limit})
    return [Changed(row.id, row.changed_at_ms) for row in rows]


def shown(conn: Connection, ids: Collection[PositionId], on_day: str) -> list[Position]:
    """Those of the positions that seekers may see on that day: approved, open and valid."""
    rows = conn.execute(_SHOWN, {"ids": sorted(ids), "on_day": on_day}) if ids else None
    return [] if rows is None else [_positions.decode(body) for body in rows.scalars()]


def halls(conn: Connection) -> list[HallRow]:
    """Every session as a search needs it."""
    return [HallRow(_hall(row), row.shelf_revision) for row in conn.execute(_HALLS)]


def numbers(conn: Connection, session: SessionId) -> dict[PositionId, int]:
    """The shelf of a session as numbers."""
    return {row.position: row.number for row in conn.execute(_NUMBERS, {"session": session})}


def position(conn: Connection, id: PositionId, on_day: str) -> Shown:
    """A position that was approved; one that is over on that day is closed. Raises `Refusal(NOT_FOUND)`."""
    row = conn.execute(_POSITION.where(t.positions.c.id == id)).first()
    if row is None or row.review != Review.APPROVED.value:
        raise Refusal(Code.NOT_FOUND, what="position", id=id[:80])
    found = msgspec.structs.replace(
        _positions.decode(row.body), closed=row.closed or bool(row.shown_until and row.shown_until < on_day)
    )
    firm = conn.execute(select(t.enterprises).where(t.enterprises.c.id == found.enterprise)).mappings().one()
    slots = conn.execute(
        select(t.shelf_slots.c.session, t.shelf_slots.c.number).where(
            t.shelf_slots.c.position == id, t.shelf_slots.c.removed.is_(False)
        )
    ).all()
    where = {slot.session: slot.number for slot in slots}
    rows = conn.execute(_HALLS.where(t.sessions.c.id.in_(sorted(where)))).all() if where else ()
    spots = [_spot(_hall(one), where[one.id], id) for one in rows]
    return Shown(
        position=found,
        enterprise=Enterprise(**firm),
        spots=tuple(sorted(spots, key=spot_rank)),
        changed_at_ms=row.changed_at_ms,
    )


def numbered(conn: Connection, venue: VenueId, number: int) -> tuple[SessionId, PositionId, bool]:
    """What stands, or once stood, under that number in the venue's session: the one on air, else the next to come,
    else the last that was; and whether it still does. Raises `Refusal(NOT_FOUND)`."""
    rows = conn.execute(
        select(t.sessions.c.id, t.sessions.c.state, t.sessions.c.starts_at_ms).where(
            t.sessions.c.venue == venue, _PUBLIC
        )
    ).all()
    for row in sorted(rows, key=_session_rank):
        slot = conn.execute(_SLOT, {"session": row.id, "number": number}).first()
        if slot is not None:
            return row.id, slot.position, not slot.removed
    raise Refusal(Code.NOT_FOUND, what="position", id=f"{venue}/{number}"[:80])


def sources(conn: Connection, regions: Collection[RegionCode]) -> dict[str, int]:
    """How many applications each source brought to the sessions of these regions; the empty one is those without."""
    rows = conn.execute(
        select(t.applications.c.source, func.count().label("n"))
        .join_from(t.applications, t.sessions, t.sessions.c.id == t.applications.c.session)
        .where(t.sessions.c.region.in_(sorted(regions)))
        .group_by(t.applications.c.source)
    )
    return {row.source: row.n for row in rows}


def _session_rank(row: object) -> tuple[int, int, str]:
    state, starts = SessionState(row.state), row.starts_at_ms or 0  # type: ignore[attr-defined]
    rank = _ORDER.get(state, 3)
    return rank, starts if rank < 3 else -starts, row.id  # type: ignore[attr-defined]


def _hall(row: object) -> Hall:
    state: SessionState = SessionState(row.state)  # type: ignore[attr-defined]
    card = row.card if state in ON_AIR else None  # type: ignore[attr-defined]
    return Hall(
        session=row.id,  # type: ignore[attr-defined]
        venue=row.venue,  # type: ignore[attr-defined]
        venue_name=row.venue_name,  # type: ignore[attr-defined]
        region=row.region,  # type: ignore[attr-defined]
        state=state,
        explained=None if card is None else _cards.decode(card).position.id,
    )


def _spot(hall: Hall, number: int, position: PositionId) -> Spot:
    return Spot(
        session=hall.session,
        venue=hall.venue,
        venue_name=hall.venue_name,
        state=hall.state,
        number=number,
        explained=hall.explained == position,
    )
