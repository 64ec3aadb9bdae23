"""Every table of the store, once; the migrations build exactly these (a test compares the two).

Ids are opaque text, times integer milliseconds UTC. What is only carried and never searched (a position's facts, a
session's card) is a msgpack blob. Text that is compared in order has the C collation on PostgreSQL: the order of
bytes, which is the order SQLite and Python know.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BYTE_ORDERED = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite numbers rows by itself only in a column whose type is exactly INTEGER.
ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
# Rows that are updated all the time leave room in their page, so that PostgreSQL need not touch an index (HOT).
HOT = {"fillfactor": 50}

meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

# ---- the catalogue -------------------------------------------------------------------------------------------------

regions = Table(
    "regions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("parent", Text, ForeignKey("regions.code"), index=True),
    Column("lon", Float),
    Column("lat", Float),
    Column("place", Integer, nullable=False),  # order of the catalogue: parents before children
)

fairs = Table(
    "fairs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("on_day", Text, nullable=False),
    Column("region", Text, ForeignKey("regions.code"), nullable=False),
    Column("synthetic", Boolean, nullable=False),
)

venues = Table(
    "venues",
    metadata,
    Column("id", Text, primary_key=True),
    Column("fair", Text, ForeignKey("fairs.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("region", Text, ForeignKey("regions.code"), nullable=False),
)

enterprises = Table(
    "enterprises",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("region", Text, ForeignKey("regions.code"), nullable=False),
    Column("uscc", Text, nullable=False),
    Column("industry", Text, nullable=False),
    Column("size", Integer),
    Column("synthetic", Boolean, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("enterprise", Text, ForeignKey("enterprises.id"), nullable=False, index=True),
    Column("region", Text, ForeignKey("regions.code"), nullable=False),
    Column("title", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),  # msgpack of model.Position
    Column("changed_at_ms", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("venue", Text, ForeignKey("venues.id"), nullable=False),
    Column("fair", Text, ForeignKey("fairs.id"), nullable=False, index=True),
    Column("region", Text, ForeignKey("regions.code"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("starts_at_ms", BigInteger),
    Column("live_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Column("shelf_revision", Integer, nullable=False),
    Column("card", LargeBinary),  # msgpack of model.Card: what stands now
    Column("undo", LargeBinary),  # msgpack list of Card or nil: what stood before each of the last shows
    postgresql_with=HOT,
)

# A number is given once in a session: a slot that leaves the shelf stays here as removed.
shelf_slots = Table(
    "shelf_slots",
    metadata,
    Column("session", Text, ForeignKey("sessions.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("position", Text, ForeignKey("positions.id"), nullable=False, index=True),
    Column("removed", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# ---- people of the house -------------------------------------------------------------------------------------------

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

# ---- the log -------------------------------------------------------------------------------------------------------

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

# `scoped` is PERSON/KEY in one column: SQLite 3.40 answers `(person, key) IN (VALUES …)` with a scan of the table,
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

# ---- applications --------------------------------------------------------------------------------------------------

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

# ---- numbers and audit ---------------------------------------------------------------------------------------------

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
    Column("subject", Text, nullable=False),
)
