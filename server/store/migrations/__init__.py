"""The tables' history, by Alembic, run from the program: there is no alembic.ini and no separate step.

A start that finds the newest revision runs one statement and does not import Alembic (which takes 0.2 s).
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from server.store.engines import patient

NEWEST: Final = "0012"
"""The revision the tables of `tables` have; a test holds it to the newest file in `versions/`."""
LOCK: Final = 7_104_202
"""PostgreSQL advisory lock: of several hubs that start at once, one migrates."""


class DatabaseTooNew(Exception):
    """The database was made by a later daigang than this one."""


def upgrade(engine: Engine, to: str = "") -> None:
    """Bring the database to `NEWEST` (or an older revision, for a test), all of it or nothing. Raises
    `DatabaseTooNew`."""
    to = to or NEWEST
    with engine.connect() as conn, conn.begin():
        if _revision(conn) == to:
            return
    with engine.connect() as conn, conn.begin():
        patient(conn)
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        found = _revision(conn)
        if found != to:
            _migrate(conn, found, to)


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(conn: Connection, found: str | None, to: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseTooNew(f"the database is at revision {found}, this program knows up to {NEWEST}")
    config.attributes["connection"] = conn
    command.upgrade(config, to)
