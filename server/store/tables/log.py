"""Tables of the log."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table

from server.store.tables.schema import BYTE_ORDERED, HOT, metadata

heads = Table(
    "heads",
    metadata,
    Column("channel", BYTE_ORDERED, primary_key=True),
    Column("top", BigInteger, nullable=False),
    sqlite_with_rowid=False,
    postgresql_with=HOT,
)

log = Table(
    "log",
    metadata,
    Column("channel", BYTE_ORDERED, primary_key=True),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# `scoped` is KEY/PERSON in one column: SQLite 3.40 answers `(person, key) IN (VALUES …)` with a scan of the table,
# and `scoped IN (…)` from the index.
keys = Table(
    "keys",
    metadata,
    Column("scoped", BYTE_ORDERED, primary_key=True),
    Column("digest", LargeBinary, nullable=False),  # keyed: contents can hold a phone number
    Column("reply", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)
