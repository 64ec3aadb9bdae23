"""Tables of the people of the house."""

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

from server.store.tables.schema import ROW_NUMBER, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("person", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("shown_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    # Staff who were invited sign in by their number; `sealed` is keyring.seal of it. Both may be absent.
    Column("phone_hmac", LargeBinary, index=True, unique=True),
    Column("sealed", LargeBinary),
    Column("signed_in_at_ms", BigInteger),
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

# The last code sent to a number for a person, as a keyed digest. Rows are of one day.
phone_codes = Table(
    "phone_codes",
    metadata,
    Column("person", Text, primary_key=True),
    Column("phone_hmac", LargeBinary, primary_key=True),
    Column("code", LargeBinary, nullable=False),
    Column("sent_at_ms", BigInteger, nullable=False, index=True),
    Column("tries_left", Integer, nullable=False),
    Column("used", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# When codes were sent, for their rations. Rows are of one day.
code_sends = Table(
    "code_sends",
    metadata,
    Column("n", ROW_NUMBER, primary_key=True),
    Column("person", Text, nullable=False),
    Column("phone_hmac", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False, index=True),
    Index("ix_code_sends_person_at_ms", "person", "at_ms"),
    Index("ix_code_sends_phone_hmac_at_ms", "phone_hmac", "at_ms"),
)

# Steps that are still to be told to the phone of an application, and what became of it. The number is not here: it is
# read from the application when the message goes out, so what was withdrawn or erased meanwhile is told to nobody.
outgoing = Table(
    "outgoing",
    metadata,
    Column("application", Text, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),  # of application_steps
    Column("status", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, sent, cancelled, failed
    Column("due_at_ms", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),  # 1 and more: it may have gone out
    Column("changed_at_ms", BigInteger, nullable=False),
    Index("ix_outgoing_state_due_at_ms", "state", "due_at_ms"),
    sqlite_with_rowid=False,
)

# Of several hubs over one database, the one that does a job now.
job_locks = Table(
    "job_locks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Its link carries `id` and a keyed digest of it; no secret lies here. `sealed` holds name and number.
invitations = Table(
    "invitations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("phone_hmac", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("used_at_ms", BigInteger),
    Column("used_by", Text, nullable=False),
    Column("revoked_at_ms", BigInteger),
    Column("sent_at_ms", BigInteger),
    UniqueConstraint("phone_hmac", "role", "scope"),
    Index("ix_invitations_region_made_at_ms", "region", "made_at_ms"),
    Index("ix_invitations_scope", "scope"),
)
