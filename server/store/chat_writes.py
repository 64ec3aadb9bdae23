"""Chat lines: said while the session is on air, logged whole."""

from collections.abc import Sequence

from sqlalchemy import Connection

from server.core.bodies import Line
from server.core.channels import Kind, channel
from server.core.model import Channel
from server.core.protocol import Done
from server.store.handling import Context, Effect, Outcome
from server.store.session_life import off_air
from server.store.stage_rows import states_of
from server.store.writes import Say, Write


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The heads that guard these lines."""
    return {channel(Kind.CHAT, write.session) for write in writes if isinstance(write, Say)}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each line."""
    lines = [write for write in writes if isinstance(write, Say)]
    states = states_of(conn, {line.session for line in lines})
    outcomes: list[Outcome] = []
    for line in lines:
        refusal = off_air(line.session, states.get(line.session))
        if refusal is not None:
            outcomes.append(refusal)
            continue
        name = channel(Kind.CHAT, line.session)
        body = Line(author=line.author, name=line.name, text=line.text, role=line.role)
        outcomes.append(Effect(reply=Done(), bodies=[(name, body)], offset_in=name))
    return outcomes
