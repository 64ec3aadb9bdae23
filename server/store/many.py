"""One statement for many rows, compiled once.

SQLAlchemy looks at every row of an `executemany` again, value by value: a third of the writer's time. The rows here are
plain already (str, int, bool, bytes, None), so the compiled text goes to the driver with them as they are.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase

from server.store.engines import sqlite_link


def execute_many(conn: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, object]]) -> None:
    """Run the statement for each row. `statement` is one that lasts (a constant of a module): it is the cache's key.
    All rows have the keys of the first."""
    if not rows:
        return
    sql, order = _compiled(statement, conn.dialect, tuple(rows[0]))
    if order is None:
        conn.exec_driver_sql(sql, [dict(row) for row in rows])
    elif len(order) == 1:
        _run(conn, sql, [(row[order[0]],) for row in rows])
    else:
        pick = itemgetter(*order)
        _run(conn, sql, [pick(row) for row in rows])


def _run(conn: Connection, sql: str, values: list[tuple[object, ...]]) -> None:
    """As SQLAlchemy would, without the 20 us that it takes for a statement of SQLite, a card has five."""
    link = sqlite_link(conn)
    if link is None:
        conn.exec_driver_sql(sql, values)
        return
    try:
        link.executemany(sql, values)
    except sqlite3.Error as error:  # in its words, by which an outage is told from a mistake
        raise DBAPIError.instance(sql, None, error, sqlite3.Error, dialect=conn.dialect) from error


@lru_cache(maxsize=256)
def _compiled(statement: UpdateBase, dialect: Dialect, keys: tuple[str, ...]) -> tuple[str, tuple[str, ...] | None]:
    """The text, and the order of its parameters where the driver knows them by place."""
    compiled = statement.compile(dialect=dialect, column_keys=list(keys))
    return compiled.string, tuple(compiled.positiontup) if compiled.positiontup is not None else None
