"""The numbers of the screens, and the recount that shows they equal the log."""

from collections import defaultdict
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from server.core import rules
from server.core.bodies import ApplicationMoved, ApplicationNew, CardShown, CardUndone, decode_body
from server.core.model import ApplicationId, SessionId, is_rehearsal
from server.store.counting import APPLICATIONS, CARDS, INTENTS
from server.store.tables import counters as counter_rows
from server.store.tables import log

AT_ONCE: Final = 5_000
"""Log entries held in memory at a time by a recount."""


class Counters(msgspec.Struct, kw_only=True):
    """A session's counters. `visits` are joins of its stage."""

    cards: int = 0
    applications: int = 0
    intents: int = 0
    visits: int = 0


_ALL: Final = select(counter_rows.c.scope, counter_rows.c.name, counter_rows.c.value)
_LOGS: Final = (
    select(log.c.channel, log.c.body)
    .where(log.c.channel >= bindparam("first"), log.c.channel < bindparam("end"))
    .order_by(log.c.channel, log.c.offset)
)


def counters(conn: Connection) -> dict[SessionId, Counters]:
    """The counters of every session that has any, in one statement."""
    found: dict[SessionId, Counters] = defaultdict(Counters)
    for scope, name, value in conn.execute(_ALL):
        if name in Counters.__struct_fields__:
            setattr(found[SessionId(scope)], name, value)
    return dict(found)


def audit_numbers(conn: Connection) -> dict[SessionId, Counters]:
    """Cards, applications and intents counted again from the logs alone: shows less undone ones; new applications;
    applications that ever were at 初步意向 or beyond. Exact as long as retention has not taken the logs' beginning."""
    found: dict[SessionId, Counters] = defaultdict(Counters)
    for channel, body in _logs(conn, "stage"):
        change = {CardShown: 1, CardUndone: -1}.get(type(decode_body(body)), 0)
        if change and not is_rehearsal(channel):
            found[SessionId(channel.partition("/")[2])].cards += change
    session_of: dict[ApplicationId, SessionId] = {}
    with_intent: set[ApplicationId] = set()
    for _, body in _logs(conn, "firm"):
        match decode_body(body):
            case ApplicationNew(application=application, session=session):
                session_of[application] = session
                found[session].applications += 1
            case ApplicationMoved(application=application, status=status) if status in rules.REACHED_INTENT:
                with_intent.add(application)
    for application in with_intent & session_of.keys():
        found[session_of[application]].intents += 1
    return dict(found)


def differences(conn: Connection) -> dict[SessionId, tuple[Counters, Counters]]:
    """Sessions whose counters are not what the log says: (on the screen, in the log). Empty when all is well."""
    shown, counted = counters(conn), audit_numbers(conn)
    names = (CARDS, APPLICATIONS, INTENTS)
    return {
        session: (left, right)
        for session in shown.keys() | counted.keys()
        if any(
            getattr(left := shown.get(session, Counters()), name)
            != getattr(right := counted.get(session, Counters()), name)
            for name in names
        )
    }


def _logs(conn: Connection, kind: str) -> list[tuple[str, bytes]]:
    # "0" follows "/" in the order of bytes: this is every channel of the kind.
    rows = conn.execute(_LOGS, {"first": f"{kind}/", "end": f"{kind}0"}, execution_options={"yield_per": AT_ONCE})
    return [(row.channel, row.body) for row in rows]
