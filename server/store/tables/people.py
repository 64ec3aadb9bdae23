"""Tables of the people of the house."""

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text

from server.store.tables.schema import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("person", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("shown_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("person", Text, ForeignKey("accounts.person"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    sqlite_with_rowid=False,
)

revocations = Table(
    "revocations",
    metadata,
    Column("person", Text, primary_key=True),
    Column("before_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# A person (a device, or an account) that has shown by a code that this number is its own.
confirmed_phones = Table(
    "confirmed_phones",
    metadata,
    Column("person", Text, primary_key=True),
    Column("phone_hmac", LargeBinary, primary_key=True, index=True),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
