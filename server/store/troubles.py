"""What a database error means to whoever asked: come back later, or this will never be stored.

Only the kind of an error is ever logged or passed on: a database's own sentence may quote a row.
"""

import re
import traceback
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.core.refusal import Code, Refusal

_TRY_AGAIN: Final = frozenset({"40001", "40P01"})
"""PostgreSQL: serialization failure, deadlock: the same transaction may succeed at once."""

_ANSWERED: Final = re.compile(r"(?:FATAL|致命错误): +(.{1,200})")


def is_collision(error: BaseException) -> bool:
    """Two transactions got in each other's way: do it again at once."""
    return isinstance(error, DBAPIError) and _sqlstate(error) in _TRY_AGAIN


def is_outage(error: BaseException) -> bool:
    """The database is away, full, busy or broken: it is not this write's fault."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InternalError | InterfaceError | PoolTimeoutError) and not (
        isinstance(error, InterfaceError) and _is_about_a_value(error)
    )


def is_no_database(error: BaseException) -> bool:
    """SQLite: the file is something else, or its beginning is damaged."""
    return isinstance(error, DatabaseError) and getattr(error.orig, "sqlite_errorname", "") == "SQLITE_NOTADB"


def is_of_database(error: BaseException) -> bool:
    """Whether it is an error of the database or of a value handed to it, and not a mistake of ours."""
    return isinstance(error, SQLAlchemyError | OverflowError | UnicodeError)


def unavailable() -> Refusal:
    """Come back with the same key."""
    return Refusal(Code.UNAVAILABLE, temporary=True, what="store")


def no_way_in(error: BaseException) -> Refusal:
    """A store that could not be opened. `says`: what PostgreSQL answered, where it did: before anybody is let in, its
    sentence names a user or a database and can quote no row."""
    found = _ANSWERED.search(str(error.orig)) if isinstance(error, OperationalError) else None
    return Refusal(Code.UNAVAILABLE, temporary=True, what="store", **({"says": found[1]} if found else {}))


def not_storable() -> Refusal:
    """It will never be stored as it is: a number or a character no database takes."""
    return Refusal(Code.BAD_MESSAGE, detail="not storable")


def out_of_order() -> Refusal:
    """A mistake of ours: the same key again would make it again."""
    return Refusal(Code.UNAVAILABLE, what="store")


def where_of(error: BaseException) -> str:
    """`name_of`, and the lines it came through; a traceback's own text could quote a row."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return f"{name_of(error)} at " + " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))


def name_of(error: BaseException) -> str:
    """The kind of the error, with PostgreSQL's code where there is one; nothing of its text."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = _sqlstate(error) if isinstance(error, DBAPIError) else ""
    sqlite_name = getattr(inner, "sqlite_errorname", "")
    return " ".join(part for part in (type(inner).__name__, code, sqlite_name) if part)


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _is_about_a_value(error: InterfaceError) -> bool:
    # sqlite3 before Python 3.12 says InterfaceError for a parameter of a type it does not know.
    return type(error.orig).__module__ == "sqlite3" and "parameter" in str(error.orig)
