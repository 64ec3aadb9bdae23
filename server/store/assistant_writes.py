"""A host takes the duty from an assistant: the grant goes, and with it every token that carries it."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from server.core.bodies import Revoked
from server.core.channels import Kind, channel
from server.core.model import Channel, Role
from server.core.protocol import Done
from server.core.refusal import Code, Refusal
from server.store.auditing import note
from server.store.engines import upsert
from server.store.handling import Context, Effect, Outcome
from server.store.tables import grants, revocations
from server.store.writes import DismissAssistant, Write

_TAKE: Final = delete(grants).where(
    grants.c.person == bindparam("of"), grants.c.role == Role.ASSISTANT.value, grants.c.scope == bindparam("session")
)
_BEFORE: Final = select(revocations.c.before_ms).where(revocations.c.person == bindparam("of"))


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The head that guards accounts."""
    return {channel(Kind.HOUSE, context.province)}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    outcomes: list[Outcome] = []
    for write in writes:
        assert isinstance(write, DismissAssistant)
        if not conn.execute(_TAKE, {"of": write.person, "session": write.session}).rowcount:
            outcomes.append(Refusal(Code.NOT_FOUND, what="assistant", id=write.person[:80]))
            continue
        before_ms = max(write.at_ms, conn.execute(_BEFORE, {"of": write.person}).scalar() or 0)
        conn.execute(upsert(conn.dialect.name, revocations), {"person": write.person, "before_ms": before_ms})
        subject = f"session/{write.session}: {write.person}"
        note(conn, write, "dismiss_assistant", subject)
        house = channel(Kind.HOUSE, context.province)
        outcomes.append(Effect(reply=Done(), bodies=[(house, Revoked(person=write.person, before_ms=before_ms))]))
    return outcomes
