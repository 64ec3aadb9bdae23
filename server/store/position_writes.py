"""Positions: imported, reviewed, edited, closed. What comes of each write, `position_decisions` says."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from server.core.channels import Kind, channel
from server.core.model import Channel, PositionId, RegionCode, SessionId
from server.store import tables as t
from server.store.catalogue_queries import branch as units_of
from server.store.engines import insert_new, upsert
from server.store.handling import Context, Outcome, decide_each
from server.store.many import execute_many
from server.store.position_decisions import Decisions
from server.store.position_rows import PositionRows, firms_of, sessions_of
from server.store.writes import ClosePosition, EditPosition, ImportPositions, ReviewPositions, Write

_FIRMS: Final = select(t.enterprises.c.id, t.enterprises.c.region).where(
    t.enterprises.c.id.in_(bindparam("firms", expanding=True))
)


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The heads that guard these writes: `firm/` of the enterprises, `stage/` of the shelves."""
    named = [id for write in writes for id in _named(write)]
    firms = firms_of(conn, named) | {
        firm.id for write in writes if isinstance(write, ImportPositions) for firm in write.enterprises
    }
    sessions = sessions_of(conn, named) | _asked(writes)
    return {channel(Kind.FIRM, firm) for firm in firms} | {channel(Kind.STAGE, session) for session in sessions}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    imports = [write for write in writes if isinstance(write, ImportPositions)]
    within = {branch: _units(conn, branch) for branch in {write.branch for write in imports} if branch is not None}
    known_firms = _load_firms(conn, imports, within)
    rows = PositionRows(conn, [id for write in writes for id in _named(write)], _asked(writes))
    batch = Decisions(rows, known_firms, within)
    outcomes = decide_each(writes, batch.decide)
    batch.rows.write(conn)
    return outcomes


def _named(write: Write) -> list[PositionId]:
    match write:
        case ImportPositions(rows=rows):
            return [row.position.id for row in rows]
        case ReviewPositions(positions=positions):
            return [id for id, _ in positions]
        case EditPosition(position=position):
            return [position.id]
        case ClosePosition(position=position):
            return [position]
        case _:
            raise TypeError(f"{type(write).__name__} is no write about positions")


def _asked(writes: Sequence[Write]) -> set[SessionId]:
    return {w.session for w in writes if isinstance(w, ImportPositions) and w.session is not None}


def _units(conn: Connection, branch: RegionCode) -> frozenset[str]:
    return frozenset(str(code) for code in conn.execute(units_of(branch)).scalars())


def _load_firms(
    conn: Connection, imports: Sequence[ImportPositions], within: Mapping[RegionCode, frozenset[str]]
) -> set[str]:
    """Write the enterprises; returns those that were there before. A branch changes none of another branch, and moves
    none to itself: who may invite somebody for an enterprise goes by where it is."""
    firms = {firm.id: (firm, write.branch) for write in imports for firm in write.enterprises}
    if not firms:
        return set()
    known = {row.id: row.region for row in conn.execute(_FIRMS, {"firms": sorted(firms)})}
    written = []
    for id, (firm, branch) in sorted(firms.items()):
        if branch is None or id not in known:
            written.append(firm)
        elif known[id] in within[branch]:
            written.append(msgspec.structs.replace(firm, region=RegionCode(known[id])))
    dialect = conn.dialect.name
    heads = [{"channel": channel(Kind.FIRM, id), "top": 0} for id in sorted(firms.keys() - known.keys())]
    execute_many(conn, insert_new(dialect, t.heads), heads)
    execute_many(conn, upsert(dialect, t.enterprises), [msgspec.structs.asdict(firm) for firm in written])
    return set(known)
