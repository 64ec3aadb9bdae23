"""Tables of numbers and of the audit."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from server.store.tables.schema import BYTE_ORDERED, HOT, ROW_NUMBER, metadata

counters = Table(
    "counters",
    metadata,
    Column("scope", BYTE_ORDERED, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
    postgresql_with=HOT,
)

minutes = Table(
    "minutes",
    metadata,
    Column("session", Text, primary_key=True),
    Column("minute", BigInteger, primary_key=True, autoincrement=False),  # minutes since 1970 UTC
    Column("online", Integer, nullable=False),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("n", ROW_NUMBER, primary_key=True),
    Column("at_ms", BigInteger, nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("why", Text, nullable=False, server_default=""),
)
