"""The rows a batch of writes about positions works on: read set-based, changed in memory, written set-based.

Whoever changes a position holds the head of its enterprise's `firm/` channel, and of `stage/` of every session whose
shelf it is on or wished on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, bindparam, select, update
from sqlalchemy import Row as SqlRow

from server.core.model import (
    Card,
    EnterpriseId,
    Flag,
    PersonId,
    Position,
    PositionId,
    Review,
    SessionId,
    SessionState,
)
from server.core.position_check import shown_until
from server.store import tables as t
from server.store.engines import insert_new, upsert
from server.store.many import execute_many

_decode: Final = msgspec.msgpack.Decoder(Position).decode
_decode_flags: Final = msgspec.msgpack.Decoder(tuple[Flag, ...]).decode
_decode_card: Final = msgspec.msgpack.Decoder(Card).decode
_decode_undo: Final = msgspec.msgpack.Decoder(list[Card | None]).decode

_POSITIONS: Final = (
    select(
        t.positions.c.id,
        t.positions.c.review,
        t.positions.c.body,
        t.position_reviews.c.flags,
        t.position_reviews.c.reason,
        t.position_reviews.c.edited_at_ms,
    )
    .outerjoin_from(t.positions, t.position_reviews, t.position_reviews.c.position == t.positions.c.id)
    .where(t.positions.c.id.in_(bindparam("wanted", expanding=True)))
)
_FIRMS: Final = select(t.positions.c.enterprise).where(t.positions.c.id.in_(bindparam("wanted", expanding=True)))
_SHELVES: Final = select(t.shelf_slots.c.session).where(
    t.shelf_slots.c.position.in_(bindparam("wanted", expanding=True))
)
_WISHES: Final = select(t.shelf_wishes).where(t.shelf_wishes.c.position.in_(bindparam("wanted", expanding=True)))
_SLOTS: Final = select(t.shelf_slots).where(t.shelf_slots.c.session.in_(bindparam("wanted", expanding=True)))
_STAGES: Final = select(
    t.sessions.c.id, t.sessions.c.state, t.sessions.c.shelf_revision, t.sessions.c.card, t.sessions.c.undo
).where(t.sessions.c.id.in_(bindparam("wanted", expanding=True)))
_KEEP_STAGE: Final = (
    update(t.sessions)
    .where(t.sessions.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in ("shelf_revision", "card", "undo")})
)
_AUDIT: Final = t.audit.insert()
_MOST_AT_ONCE: Final = 500
"""Values of one IN (…): more would be more than some builds of SQLite take."""


class Row(msgspec.Struct, kw_only=True):
    """One position with what reviewers said of it."""

    position: Position
    review: Review
    flags: tuple[Flag, ...] = ()
    reason: str = ""
    edited_at_ms: int = 0
    changed_at_ms: int = 0


class Shelf(msgspec.Struct, kw_only=True):
    """A session's shelf and what stands on its stage. `slots`: number to (position, removed)."""

    state: SessionState
    revision: int
    card: Card | None
    undo: list[Card | None]
    slots: dict[int, tuple[PositionId, bool]] = {}
    numbers: dict[PositionId, int] = {}
    last: int = 0


class PositionRows:
    """The positions a batch deals with, the shelves they are or will be on, and everything it will write of them."""

    def __init__(self, conn: Connection, ids: Iterable[PositionId], sessions: Iterable[SessionId]) -> None:
        wanted = sorted(set(ids))
        self.by_id: dict[PositionId, Row] = {}
        self.wishes: dict[PositionId, set[SessionId]] = defaultdict(set)
        for row in _in_pieces(conn, _POSITIONS, wanted):
            self.by_id[row.id] = Row(
                position=_decode(row.body),
                review=Review(row.review),
                flags=_decode_flags(row.flags) if row.flags is not None else (),
                reason=row.reason or "",
                edited_at_ms=row.edited_at_ms or 0,
            )
        for row in _in_pieces(conn, _WISHES, wanted):
            self.wishes[row.position].add(row.session)
        self.shelves = _shelves(conn, {*sessions, *sessions_of(conn, wanted)})
        self._on: dict[PositionId, set[SessionId]] = defaultdict(set)
        for session, shelf in self.shelves.items():
            for position, removed in shelf.slots.values():
                if not removed:
                    self._on[position].add(session)
        self._changed: dict[PositionId, Row] = {}
        self._versions: dict[tuple[PositionId, int], dict[str, object]] = {}
        self._wished: list[dict[str, object]] = []
        self._placed: dict[tuple[SessionId, int], PositionId] = {}
        self._stages: set[SessionId] = set()
        self._audit: list[dict[str, object]] = []

    def shelves_with(self, position: PositionId) -> set[SessionId]:
        """The sessions on whose shelf the position is."""
        return self._on[position]

    def put(self, row: Row, at_ms: int) -> None:
        """The row as it is from now on."""
        row.changed_at_ms = at_ms
        self.by_id[row.position.id] = row
        self._changed[row.position.id] = row

    def keep_version(self, position: Position, by: PersonId, at_ms: int) -> None:
        """A version for the history. One that is there stays as it was written."""
        self._versions.setdefault((position.id, position.version), version_row(position, by, at_ms))

    def wish(self, position: PositionId, session: SessionId) -> bool:
        """Remember the shelf it is meant for; false when that was known."""
        if session in self.wishes[position]:
            return False
        self.wishes[position].add(session)
        self._wished.append({"position": position, "session": session})
        return True

    def place(self, position: PositionId, session: SessionId) -> bool:
        """Onto the shelf, with the number it had there, else the next one; false when it is on it already."""
        shelf = self.shelves[session]
        number = shelf.numbers.get(position)
        if number is None:
            number = shelf.last = shelf.last + 1
            shelf.numbers[position] = number
        elif not shelf.slots[number][1]:
            return False
        shelf.slots[number] = (position, False)
        self._on[position].add(session)
        self._placed[session, number] = position
        return True

    def touch(self, session: SessionId) -> Shelf:
        """The session's shelf, to be written."""
        self._stages.add(session)
        return self.shelves[session]

    def note(self, by: PersonId, what: str, position: PositionId, at_ms: int) -> None:
        """A line in the audit log."""
        self._audit.append({"at_ms": at_ms, "by": by, "what": what, "subject": position})

    def write(self, conn: Connection) -> None:
        """Everything, one statement per table."""
        dialect = conn.dialect.name
        changed = [self._changed[id] for id in sorted(self._changed)]
        facts = [position_row(row.position, row.review, row.changed_at_ms) for row in changed]
        execute_many(conn, upsert(dialect, t.positions), facts)
        execute_many(conn, upsert(dialect, t.position_reviews), [_review_row(row) for row in changed])
        execute_many(conn, insert_new(dialect, t.position_versions), list(self._versions.values()))
        execute_many(conn, insert_new(dialect, t.shelf_wishes), self._wished)
        slots = [
            {"session": session, "number": number, "position": position, "removed": False}
            for (session, number), position in sorted(self._placed.items())
        ]
        execute_many(conn, upsert(dialect, t.shelf_slots), slots)
        stages = [_stage_row(session, self.shelves[session]) for session in sorted(self._stages)]
        execute_many(conn, _KEEP_STAGE, stages)
        execute_many(conn, _AUDIT, self._audit)


def firms_of(conn: Connection, ids: Iterable[PositionId]) -> set[EnterpriseId]:
    """The enterprises of these positions. Only a draft ever changes its own."""
    return {row.enterprise for row in _in_pieces(conn, _FIRMS, sorted(set(ids)))}


def sessions_of(conn: Connection, ids: Iterable[PositionId]) -> set[SessionId]:
    """The sessions whose shelf these positions are on, were on, or are wished on."""
    wanted = sorted(set(ids))
    found = {row.session for row in _in_pieces(conn, _SHELVES, wanted)}
    return found | {row.session for row in _in_pieces(conn, _WISHES, wanted)}


def position_row(position: Position, review: Review, at_ms: int) -> dict[str, object]:
    """A position as a row of `positions`; every writer of that table uses this one."""
    return {
        "id": position.id,
        "enterprise": position.enterprise,
        "region": position.region,
        "title": position.title,
        "closed": position.closed,
        "review": review.value,
        "body": msgspec.msgpack.encode(position),
        "shown_until": shown_until(position),
        "changed_at_ms": at_ms,
    }


def version_row(position: Position, by: PersonId, at_ms: int) -> dict[str, object]:
    """A position as a row of `position_versions`."""
    return {
        "position": position.id,
        "version": position.version,
        "body": msgspec.msgpack.encode(position),
        "at_ms": at_ms,
        "by": by,
    }


def _review_row(row: Row) -> dict[str, object]:
    return {
        "position": row.position.id,
        "flags": msgspec.msgpack.encode(row.flags),
        "flagged": len(row.flags),
        "reason": row.reason,
        "edited_at_ms": row.edited_at_ms,
    }


def _stage_row(session: SessionId, shelf: Shelf) -> dict[str, object]:
    return {
        "of": session,
        "shelf_revision": shelf.revision,
        "card": None if shelf.card is None else msgspec.msgpack.encode(shelf.card),
        "undo": msgspec.msgpack.encode(shelf.undo) if shelf.undo else None,
    }


def _shelves(conn: Connection, of: set[SessionId]) -> dict[SessionId, Shelf]:
    found = {
        SessionId(row.id): Shelf(
            state=SessionState(row.state),
            revision=row.shelf_revision,
            card=None if row.card is None else _decode_card(row.card),
            undo=[] if row.undo is None else _decode_undo(row.undo),
        )
        for row in _in_pieces(conn, _STAGES, sorted(of))
    }
    for row in _in_pieces(conn, _SLOTS, sorted(of)):
        shelf = found[row.session]
        shelf.slots[row.number] = (row.position, row.removed)
        shelf.numbers[row.position] = max(row.number, shelf.numbers.get(row.position, 0))
        shelf.last = max(shelf.last, row.number)
    return found


def _in_pieces(
    conn: Connection, query: Select[*tuple[Any, ...]], wanted: Sequence[str]
) -> Iterator[SqlRow[*tuple[Any, ...]]]:
    for start in range(0, len(wanted), _MOST_AT_ONCE):
        yield from conn.execute(query, {"wanted": wanted[start : start + _MOST_AT_ONCE]})
