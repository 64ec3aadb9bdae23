"""The clock of the database's machine."""

from sqlalchemy import Connection, text


def now_ms(conn: Connection) -> int | None:
    """Milliseconds UTC; None where the database has no clock of its own (SQLite: this machine's)."""
    if conn.dialect.name != "postgresql":
        return None
    moment = conn.execute(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")).scalar_one()
    return int(moment)
