"""Lines of the audit log that a single write leaves; batches of many lines keep rows of their own."""

from sqlalchemy import Connection

from server.store.tables import audit
from server.store.writes import Write


def note(conn: Connection, write: Write, what: str, subject: str) -> None:
    """Who did what to whom, and when. `subject` holds no personal data."""
    conn.execute(audit.insert(), {"at_ms": write.at_ms, "by": write.by, "what": what, "subject": subject})
