"""Loading a catalogue: the demonstration day, and every import.

Loading the same again changes nothing. What a session is doing (state, card, numbers) is never touched; a shelf that
changed gets a new revision, and its stage is told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Select, Table, bindparam, select, update

from server.core.bodies import ShelfChanged, encode_body
from server.core.catalogue import Catalogue
from server.core.channels import Kind, channel
from server.core.model import (
    Channel,
    Entry,
    Epoch,
    PersonId,
    Position,
    Publication,
    Review,
    Session,
    SessionId,
    ShelfSlot,
)
from server.core.refusal import Code, Refusal
from server.store import tables as t
from server.store.engines import insert_new, upsert
from server.store.position_rows import position_row, version_row

LOADER: Final = PersonId("catalogue")
"""Who wrote what a catalogue file says."""

_EPOCH: Final = select(t.meta.c.value).where(t.meta.c.name == "epoch").scalar_subquery()
_LOCK: Final = (
    select(t.heads.c.channel, t.heads.c.top, _EPOCH)
    .where(t.heads.c.channel.in_(bindparam("channels", expanding=True)))
    .order_by(t.heads.c.channel)
    .with_for_update(of=t.heads)
)
_ADVANCE: Final = update(t.heads).where(t.heads.c.channel == bindparam("of")).values(top=bindparam("to"))
_SLOTS: Final = select(t.shelf_slots).where(t.shelf_slots.c.session.in_(bindparam("sessions", expanding=True)))
_BODIES: Final = select(t.positions.c.id, t.positions.c.body, t.positions.c.review).where(
    t.positions.c.id.in_(bindparam("positions", expanding=True))
)
_REVISIONS: Final = select(t.sessions.c.id, t.sessions.c.shelf_revision).where(
    t.sessions.c.id.in_(bindparam("sessions", expanding=True))
)
_PLAN: Final = ("venue", "fair", "region", "title", "starts_at_ms")
"""The columns of a session that are planned; the others happen."""
_REPLAN: Final = (
    update(t.sessions).where(t.sessions.c.id == bindparam("of")).values({name: bindparam(name) for name in _PLAN})
)
_NEXT_SHELF: Final = (
    update(t.sessions).where(t.sessions.c.id == bindparam("of")).values(shelf_revision=t.sessions.c.shelf_revision + 1)
)


def load_catalogue(conn: Connection, catalogue: Catalogue, at_ms: int) -> tuple[Publication, ...]:
    """Write the catalogue; call it with `store.transact`. Returns what was published: ShelfChanged on the stage of
    each session that was there before and has another shelf now.

    Raises `Refusal(BAD_MESSAGE)` when a number of a shelf would be given to a second position (a number is spoken
    aloud, and given once), or when a position would go to another enterprise.
    """
    known = {
        row.id: row.shelf_revision
        for row in _in_pieces(conn, _REVISIONS, "sessions", (s.id for s in catalogue.sessions))
    }
    tops, epoch = _heads(conn, catalogue, known)
    _load_plain(conn, catalogue)
    changed_positions = _load_positions(conn, catalogue.positions, at_ms)
    _load_sessions(conn, catalogue.sessions, known)
    changed = _load_shelves(conn, catalogue.shelves, changed_positions) & known.keys()
    return _tell(conn, sorted(changed), known, tops, epoch, at_ms)


def _heads(conn: Connection, catalogue: Catalogue, known: Mapping[SessionId, int]) -> tuple[dict[Channel, int], Epoch]:
    """Heads of everything that is loaded; those of sessions that may be on air are locked, for they guard shelves."""
    kinds = (Kind.STAGE, Kind.CHAT, Kind.DESK)
    names = [channel(kind, session.id) for kind in kinds for session in catalogue.sessions]
    names += [channel(Kind.FIRM, enterprise.id) for enterprise in catalogue.enterprises]
    conn.execute(insert_new(conn.dialect.name, t.heads), [{"channel": name, "top": 0} for name in sorted(names)])
    guards = sorted(channel(kind, session) for kind in (Kind.STAGE, Kind.DESK) for session in known)
    tops: dict[Channel, int] = {}
    epoch = Epoch("")
    for row in conn.execute(_LOCK, {"channels": guards}) if guards else ():
        tops[row[0]], epoch = row[1], Epoch(row[2])
    return tops, epoch


def _load_plain(conn: Connection, catalogue: Catalogue) -> None:
    regions = [
        {**msgspec.structs.asdict(region), "level": region.level.value, "place": place}
        for place, region in enumerate(catalogue.regions)
    ]
    _upsert(conn, t.regions, regions)
    _upsert(conn, t.fairs, [msgspec.structs.asdict(catalogue.fair)])
    _upsert(conn, t.venues, [msgspec.structs.asdict(venue) for venue in catalogue.venues])
    _upsert(conn, t.enterprises, [msgspec.structs.asdict(enterprise) for enterprise in catalogue.enterprises])


def _load_positions(conn: Connection, positions: Sequence[Position], at_ms: int) -> set[str]:
    """The positions whose facts are others now than before. Who loads a whole fair has looked at it: what is new is
    approved; what reviewers and enterprises said since (refused, closed) stands."""
    before = {row.id: row for row in _in_pieces(conn, _BODIES, "positions", (p.id for p in positions))}
    rows, versions, changed = [], [], set()
    for position in positions:
        if position.id not in before:
            rows.append(position_row(position, Review.APPROVED, at_ms))
            continue
        there = msgspec.msgpack.decode(before[position.id].body, type=Position)
        if there.enterprise != position.enterprise:
            raise Refusal(Code.BAD_MESSAGE, detail=f"position {position.id} belongs to another enterprise")
        closed = position.closed or there.closed
        same = msgspec.structs.replace(position, version=there.version, closed=closed)
        if same != there:
            now = msgspec.structs.replace(same, version=there.version + 1)
            rows.append(position_row(now, Review(before[position.id].review), at_ms))
            versions += [version_row(there, LOADER, at_ms), version_row(now, LOADER, at_ms)]
            changed.add(str(position.id))
    _upsert(conn, t.positions, rows)
    if versions:
        conn.execute(insert_new(conn.dialect.name, t.position_versions), versions)
    return changed


def _load_sessions(conn: Connection, sessions: Sequence[Session], known: Mapping[SessionId, int]) -> None:
    new, old = [], []
    for session in sessions:
        plan = {name: getattr(session, name) for name in _PLAN}
        if session.id in known:
            old.append({"of": session.id, **plan})
        else:
            new.append(
                {"id": session.id, **plan, "state": session.state.value, "shelf_revision": session.shelf_revision}
            )
    if old:
        conn.execute(_REPLAN, old)
    if new:
        conn.execute(t.sessions.insert(), new)


def _load_shelves(
    conn: Connection, shelves: Mapping[SessionId, Sequence[ShelfSlot]], changed_positions: set[str]
) -> set[SessionId]:
    """The sessions whose shelf is another one now: other slots, or other facts in them."""
    there: dict[SessionId, dict[int, tuple[str, bool]]] = {session: {} for session in shelves}
    for row in _in_pieces(conn, _SLOTS, "sessions", shelves):
        there[row.session][row.number] = (row.position, row.removed)
    rows, changed = [], set()
    for session, slots in shelves.items():
        wanted = {slot.number: slot.position.id for slot in slots}
        before = there[session]
        taken = [n for n, position in wanted.items() if n in before and before[n][0] != position]
        if taken:
            raise Refusal(Code.BAD_MESSAGE, detail=f"shelf of {session}: number {taken[0]} belongs to another position")
        after = {n: (position, n not in wanted) for n, (position, _) in before.items()}
        after |= {n: (position, False) for n, position in wanted.items()}
        moved = {n: slot for n, slot in after.items() if before.get(n) != slot}
        if moved or changed_positions & set(wanted.values()):
            changed.add(session)
        rows += [
            {"session": session, "number": n, "position": position, "removed": removed}
            for n, (position, removed) in sorted(moved.items())
        ]
    _upsert(conn, t.shelf_slots, rows)
    return changed


def _tell(
    conn: Connection,
    changed: Sequence[SessionId],
    revisions: Mapping[SessionId, int],
    tops: Mapping[Channel, int],
    epoch: Epoch,
    at_ms: int,
) -> tuple[Publication, ...]:
    if not changed:
        return ()
    publications = []
    for session in changed:
        stage = channel(Kind.STAGE, session)
        body = encode_body(ShelfChanged(revision=revisions[session] + 1))
        publications.append(Publication(stage, epoch, Entry(tops[stage] + 1, at_ms, body)))
    conn.execute(
        t.log.insert(),
        [{"channel": p.channel, "offset": p.entry.offset, "at_ms": at_ms, "body": p.entry.body} for p in publications],
    )
    conn.execute(_ADVANCE, [{"of": p.channel, "to": p.entry.offset} for p in publications])
    conn.execute(_NEXT_SHELF, [{"of": session} for session in changed])
    return tuple(publications)


def _upsert(conn: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        conn.execute(upsert(conn.dialect.name, table), rows)


def _in_pieces(
    conn: Connection, query: Select[*tuple[Any, ...]], name: str, wanted: Iterable[str], piece: int = 500
) -> Iterator[Row[*tuple[Any, ...]]]:
    values = sorted(set(wanted))
    for start in range(0, len(values), piece):
        yield from conn.execute(query, {name: values[start : start + piece]})
