"""Which `area/` channels a session belongs to: of its county, its city, its province."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, select

from server.core.channels import Kind, channel
from server.core.model import Channel, SessionId
from server.store.tables import regions, sessions

_LEVELS: Final = 4
_REGIONS: Final = select(sessions.c.id, sessions.c.region).where(
    sessions.c.id.in_(bindparam("sessions", expanding=True)), sessions.c.rehearses.is_(None)
)
_PARENTS: Final = select(regions.c.code, regions.c.parent).where(regions.c.code.in_(bindparam("codes", expanding=True)))


def areas_of(conn: Connection, of: Iterable[SessionId]) -> dict[SessionId, tuple[Channel, ...]]:
    """From the county up, for those that exist and are no rehearsals."""
    wanted = sorted(of)
    if not wanted:
        return {}
    lies_in = {row.id: row.region for row in conn.execute(_REGIONS, {"sessions": wanted})}
    parents: dict[str, str | None] = {}
    asked = set(lies_in.values())
    for _ in range(_LEVELS):
        if not asked:
            break
        parents |= {row.code: row.parent for row in conn.execute(_PARENTS, {"codes": sorted(asked)})}
        asked = {parent for parent in parents.values() if parent is not None} - parents.keys()
    return {session: tuple(_up(region, parents)) for session, region in lies_in.items()}


def _up(region: str, parents: dict[str, str | None]) -> Iterable[Channel]:
    at: str | None = region
    for _ in range(_LEVELS):
        if at is None:
            return
        yield channel(Kind.AREA, at)
        at = parents.get(at)
