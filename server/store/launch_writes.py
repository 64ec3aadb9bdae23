"""开幕: one moment for all halls of a branch, in one transaction.

It stands on every stage rather than once on a channel that all viewers would join beside their room: whoever is in a
room has its stage already, complete and in order, also from another province; and a channel of 20,000 members would
carry to each of them every change of each of 49 halls.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select

from server.core.bodies import AnyBody, Launched
from server.core.channels import Kind, channel
from server.core.model import Channel, RegionCode, SessionId, SessionState
from server.core.model import Launch as LaunchOf
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store.auditing import note
from server.store.handling import Context, Effect, Outcome, decide_each
from server.store.tables import sessions
from server.store.writes import Launch, Write

_HALLS: Final = select(sessions.c.id).where(
    sessions.c.region.in_(bindparam("regions", expanding=True)),
    sessions.c.state != SessionState.ENDED.value,
    sessions.c.rehearses.is_(None),
)


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The stages of the branch, and the branch's own channel."""
    wanted: set[Channel] = set()
    for write in writes:
        if isinstance(write, Launch):
            wanted.add(channel(Kind.AREA, write.regions[0]))
            wanted |= {channel(Kind.STAGE, hall) for hall in _halls(conn, write.regions)}
    return wanted


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    return decide_each(writes, lambda write: _launch(conn, write))


def _launch(conn: Connection, write: Write) -> Effect:
    assert isinstance(write, Launch)
    region, halls = write.regions[0], _halls(conn, write.regions)
    if not halls:
        raise Refusal(Code.NOT_FOUND, what="session", id=region)
    body = Launched(launch=LaunchOf(text=write.text, region=region, show_at_ms=write.at_ms + write.in_ms))
    bodies: list[tuple[Channel, AnyBody]] = [(channel(Kind.STAGE, hall), body) for hall in halls]
    bodies.append((channel(Kind.AREA, region), body))
    note(conn, write, "launch", f"region/{region}: {write.text}")
    return Effect(reply=Done(), bodies=bodies)


def _halls(conn: Connection, regions: Sequence[RegionCode]) -> list[SessionId]:
    return sorted(conn.execute(_HALLS, {"regions": list(regions)}).scalars())
