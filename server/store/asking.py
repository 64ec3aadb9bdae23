"""One query asked again and again, compiled once.

SQLAlchemy writes the `IN` lists of a query anew each time it is asked and looks at the columns of each answer: 50 of
the 65 us that it takes, and a card asks six. Here the text is kept for each length of its lists (filled up to a power
of two, so that there are few) and goes to the driver with its values as they are.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Dialect, Select
from sqlalchemy.sql.compiler import SQLCompiler

from server.store.engines import sqlite_link

Query = Select[Any] | CompoundSelect[Any]


def ask_many(conn: Connection, query: Query, lists: Mapping[str, Collection[Any]]) -> list[Any]:
    """The rows, each with its columns as attributes. `query` is one that lasts (a constant of a module); `lists` has
    all of its parameters, each an expanding one. Values come as the driver has them: a BOOLEAN of SQLite is a number.
    """
    if not all(lists.values()):
        return list(conn.execute(query, lists).all())
    filled = {name: _filled(list(values)) for name, values in lists.items()}
    sizes = tuple((name, len(values)) for name, values in filled.items())
    sql, order, by_place = _compiled(query, conn.dialect, sizes)
    if not by_place:
        found = conn.exec_driver_sql(sql, {key: filled[of][at] if of else at for key, of, at in order})
        return list(found.all())
    values = tuple(filled[of][at] if of else at for _, of, at in order)
    link = sqlite_link(conn)
    if link is not None:
        try:
            return _from_sqlite(link, sql, values)
        except sqlite3.Error:
            pass  # asked once more below: SQLAlchemy says it in its words, by which an outage is told from a mistake
    return list(conn.exec_driver_sql(sql, values).all())


def _from_sqlite(link: sqlite3.Connection, sql: str, values: tuple[Any, ...]) -> list[Any]:
    cursor = link.execute(sql, values)
    found = cursor.fetchall()
    return list(map(_row_of(tuple(column[0] for column in cursor.description)), found)) if found else []


@lru_cache(maxsize=512)
def _row_of(columns: tuple[str, ...]) -> Any:
    make: Callable[..., Any] = namedtuple  # its columns are known now only
    return make("Found", columns)._make


def _filled(values: list[Any]) -> list[Any]:
    size = 1 << (len(values) - 1).bit_length()
    return values + values[-1:] * (size - len(values))


_Source = tuple[str, str, Any]
"""A parameter's key; its list and its place there, or no list and its value."""


@lru_cache(maxsize=512)
def _compiled(
    query: Query, dialect: Dialect, sizes: tuple[tuple[str, int], ...]
) -> tuple[str, tuple[_Source, ...], bool]:
    """The text, where its parameters come from, and whether the driver knows them by place."""
    marks = {name: [f"{name} {at}" for at in range(size)] for name, size in sizes}
    places = {mark: (name, at) for name, of in marks.items() for at, mark in enumerate(of)}
    compiled = query.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    state = compiled.construct_expanded_state(marks)
    values = state.parameters
    order = [(key, *places.get(values[key], ("", values[key]))) for key in state.positiontup or values]
    return state.statement, tuple(order), state.positiontup is not None
