"""SQLAlchemy engines for the two databases, and the few words in which they differ.

SQLite: WAL and `synchronous=FULL` (NORMAL lost 300 of 300 acknowledged commits in a power-loss image). PostgreSQL:
psycopg 3; every wait of the server has a limit, so that a hub frozen inside a transaction lets go after a second.
"""

import sqlite3
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite

BUSY_WITHIN_MS: Final = 5_000
"""SQLite: how long a write waits for another process that is writing."""
STATEMENT_WITHIN_MS: Final = 5_000
LOCK_WITHIN_MS: Final = 3_000
IDLE_IN_TRANSACTION_MS: Final = 1_000
CONNECT_WITHIN_S: Final = 2
LINK_DEAD_MS: Final = 5_000
"""PostgreSQL: bytes unacknowledged this long, or a silent link this old, end the connection."""
WAL_KEPT_BYTES: Final = 64 * 1024 * 1024
CHECKPOINT_PAGES: Final = 8_000
"""SQLite: pages in the WAL (32 MB) when they are copied into the database, which takes 30 ms. With SQLite's own 1,000 a
batch of applications is most of it, so what is changed often was copied again and again; one of a whole run is slow to
look things up in."""
CACHE_KIB: Final = 16 * 1024
"""SQLite: what the writer keeps of the database in memory. A batch of applications changes 3 MB of it, and what does
not fit (2 MB by SQLite's own choice) goes to the WAL before the commit, and once more with it."""
DEADLINE_EVERY_STEPS: Final = 20_000
"""SQLite: virtual machine steps between two looks at a read's deadline, well under a millisecond."""


def normal_url(url: str) -> URL:
    """The URL with its driver. Raises `ValueError` for what is neither a SQLite file nor PostgreSQL."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise ValueError("the store needs a SQLite file, such as sqlite:///var/daigang.db")
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise ValueError(f"the store knows sqlite and postgresql, not {backend}")


def writing_engine(url: URL, *, synchronous: str = "FULL") -> Engine:
    """The engine of the writer thread: one connection; on SQLite each transaction is the only writer from its start."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, "BEGIN IMMEDIATE", synchronous, read_only=False, connections=1)
    return _postgres_engine(url, "daigang writer", connections=1)


def reading_engine(url: URL, connections: int) -> Engine:
    """The engine of the readers: each transaction is read-only and sees one moment of the database."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, "BEGIN", "FULL", read_only=True, connections=connections)
    engine = _postgres_engine(url, "daigang reader", connections=connections)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _sqlite_engine(url: URL, begin: str, synchronous: str, *, read_only: bool, connections: int) -> Engine:
    assert url.database is not None
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_WITHIN_MS / 1000,
        hide_parameters=True,
        connect_args={
            "timeout": BUSY_WITHIN_MS / 1000,
            "check_same_thread": False,
            # IN lists differ in length, so one query is many statements; preparing one again costs 20 us and more.
            "cached_statements": 1024,
        },
    )

    @event.listens_for(engine, "connect")
    def _connected(link: Any, record: Any) -> None:
        link.isolation_level = None  # BEGIN is ours to say, see below
        _write_ahead(link)
        pragmas = [
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_WITHIN_MS}",
            f"journal_size_limit={WAL_KEPT_BYTES}",
            # macOS answers an fsync before the disk has it; these ask for the real one. Elsewhere they mean nothing.
            "fullfsync=ON",
            "checkpoint_fullfsync=ON",
        ]
        own = ["query_only=ON"] if read_only else [f"wal_autocheckpoint={CHECKPOINT_PAGES}", f"cache_size=-{CACHE_KIB}"]
        for pragma in [*pragmas, *own]:
            link.execute(f"PRAGMA {pragma}")
        record.info["deadline"] = None
        if read_only:
            link.set_progress_handler(_is_late(record.info), DEADLINE_EVERY_STEPS)

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine


def _write_ahead(link: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not ask its busy handler here: of four programs that open a new file together, one
    in four rounds met "database is locked" at once. So the wait is ours, as long as the handler's would be."""
    give_up_s = time.monotonic() + BUSY_WITHIN_MS / 1000
    while True:
        try:
            link.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_s:
                raise
            time.sleep(0.005)


def _is_late(info: dict[str, Any]) -> Callable[[], bool]:
    def is_late() -> bool:
        return info["deadline"] is not None and time.monotonic() > info["deadline"]

    return is_late


def end_read_by(conn: Connection, deadline_s: float | None) -> None:
    """Have SQLite itself give up at that monotonic time; PostgreSQL has its `statement_timeout`."""
    if conn.dialect.name == "sqlite":
        conn.info["deadline"] = deadline_s


def link_of(conn: Connection) -> int | None:
    """The socket of a PostgreSQL connection: shut down, it ends a wait for a server that does not answer and sets no
    limit any more, because it is stopped. `None` on SQLite."""
    if conn.dialect.name != "postgresql":
        return None
    link: Any = conn.connection.dbapi_connection
    return int(link.fileno())


def _postgres_engine(url: URL, name: str, *, connections: int) -> Engine:
    settings = {
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_MS,
        "statement_timeout": STATEMENT_WITHIN_MS,
        "lock_timeout": LOCK_WITHIN_MS,
        "synchronous_commit": "on",
    }
    return create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_WITHIN_MS / 1000,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_WITHIN_S,
            "application_name": name,
            "options": " ".join(f"-c {key}={value}" for key, value in settings.items()),
            "tcp_user_timeout": LINK_DEAD_MS,
            "keepalives_idle": 2,
            "keepalives_interval": 1,
            "keepalives_count": 3,
        },
    )


def patient(conn: Connection) -> None:
    """Let this transaction take up to a minute: migrations and imports."""
    if conn.dialect.name == "postgresql":
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            conn.exec_driver_sql(f"SET LOCAL {name} = '60s'")


Insert = postgresql.Insert | sqlite.Insert


def sqlite_link(conn: Connection) -> sqlite3.Connection | None:
    """The driver's own connection, where it is SQLite's: what is asked and written all the time goes there directly."""
    link: Any = conn.connection.dbapi_connection
    return link if isinstance(link, sqlite3.Connection) else None


@cache
def insert_new(dialect: str, table: Table) -> Insert:
    """INSERT … ON CONFLICT DO NOTHING."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


@cache
def upsert(dialect: str, table: Table) -> Insert:
    """INSERT … ON CONFLICT (primary key) DO UPDATE of every other column."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    of_key = [column.name for column in table.primary_key]
    rest = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in of_key}
    return insert.on_conflict_do_update(index_elements=of_key, set_=rest)
