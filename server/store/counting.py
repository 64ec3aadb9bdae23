"""Counter rows: the numbers of the screens, moved in the transaction that makes them true."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from server.store.engines import Insert
from server.store.handling import Count
from server.store.many import execute_many
from server.store.tables import counters

CARDS = "cards"
APPLICATIONS = "applications"
INTENTS = "intents"
VISITS = "visits"


def add_counts(conn: Connection, counts: Iterable[Count]) -> None:
    """Add the changes up, one row per counter, in the order of their names (two batches never wait in a circle)."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for count in counts:
        sums[count.scope, count.name] += count.change
    rows = [{"scope": scope, "name": name, "value": value} for (scope, name), value in sorted(sums.items()) if value]
    if rows:
        execute_many(conn, _add(conn.dialect.name), rows)


@cache
def _add(dialect: str) -> Insert:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(counters)
    return insert.on_conflict_do_update(
        index_elements=["scope", "name"], set_={"value": counters.c.value + insert.excluded.value}
    )
