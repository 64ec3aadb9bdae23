"""Tables of applications."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from server.store.tables.schema import metadata

# One person's application to one position is one row: (HMAC of the phone, position, for_whom) is unique. The phone
# stands first, so that one index answers `phone_hmac IN (…)` (see `keys`). `for_whom` may be a name, so it is an HMAC
# too; the readable one lies in `sealed` with name and phone.
applications = Table(
    "applications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("receipt", Text, nullable=False, unique=True),
    Column("session", Text, ForeignKey("sessions.id"), nullable=False),
    Column("position", Text, ForeignKey("positions.id"), nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("phone_hmac", LargeBinary, nullable=False),
    Column("for_whom_hmac", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # keyring.seal of name, phone and for_whom
    Column("consent", Text, nullable=False),
    Column("source", Text, nullable=False, server_default=""),  # the code of the QR or poster that led here
    Column("status", Text, nullable=False),
    Column("steps", Integer, nullable=False),  # how many it has in application_steps
    Column("reached_intent", Boolean, nullable=False),
    Column("applied_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    UniqueConstraint("phone_hmac", "position", "for_whom_hmac"),
    Index("ix_applications_person", "person", "applied_at_ms"),
    Index("ix_applications_enterprise", "enterprise", "applied_at_ms", "id"),
)

application_steps = Table(
    "application_steps",
    metadata,
    Column("application", Text, ForeignKey("applications.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    sqlite_with_rowid=False,
)
