"""What is kept of the pulse: one row a minute and session, and how often a session was visited.

Run through `Store.transact`, once a minute or less: latest-wins numbers never enter a log (DESIGN 3).
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, case
from sqlalchemy.dialects import postgresql, sqlite

from server.core.model import SessionId
from server.store.counting import VISITS, add_counts
from server.store.handling import Count
from server.store.tables import minutes


class MinuteOnline(msgspec.Struct, frozen=True):
    """Persons in a session during one minute (minutes since 1970 UTC), as one hub saw it."""

    session: SessionId
    minute: int
    online: int


def keep_pulse(conn: Connection, online: Sequence[MinuteOnline], visits: Mapping[SessionId, int]) -> None:
    """Keep the highest of each minute and add the visits up; again with the same minutes changes nothing of them."""
    if online:
        insert = (postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert)(minutes)
        more = insert.excluded.online
        conn.execute(
            insert.on_conflict_do_update(
                index_elements=["session", "minute"],
                set_={"online": case((more > minutes.c.online, more), else_=minutes.c.online)},
            ),
            [
                {"session": one.session, "minute": one.minute, "online": one.online}
                for one in sorted(online, key=lambda one: (one.session, one.minute))
            ],
        )
    add_counts(conn, [Count(session, VISITS, count) for session, count in visits.items()])
