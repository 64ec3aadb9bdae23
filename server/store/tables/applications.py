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
    text,
)

from server.store.tables.schema import metadata

# One person's application to one position is one row: (HMAC of the phone, position, for_whom) is unique. The phone
# stands first, so that one index answers `phone_hmac IN (…)` (see `keys`). `for_whom` may be a name, so it is an HMAC
# too; the readable one lies in `sealed` with name and phone. `person` is the first device that sent it, empty after
# an erasure: then `sealed` and `for_whom_hmac` are empty too, and `phone_hmac` is the id, which no phone has.
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
    Column("version", Integer, nullable=False, server_default="0"),  # of the position as it was seen; 0: not told
    Column("claimed_by", Text, nullable=False, server_default=""),  # who of the enterprise opened it first
    Column("claimed_name", Text, nullable=False, server_default=""),
    Column("claimed_at_ms", BigInteger),
    Column("replied_at_ms", BigInteger),  # the first answer; to have looked is none
    Column("consent_withdrawn_at_ms", BigInteger),  # the enterprise sees nothing of it any more
    Column("erased_at_ms", BigInteger),
    Column("night_shift", Text, nullable=False, server_default=""),  # model.NightShift
    Column("start_in_days", Integer),
    UniqueConstraint("phone_hmac", "position", "for_whom_hmac"),
    Index("ix_applications_enterprise", "enterprise", "applied_at_ms", "id"),
)

# What became of an application, step by step. The first is there only when the application was sent again later: else
# the application's own moment tells it.
application_steps = Table(
    "application_steps",
    metadata,
    Column("application", Text, ForeignKey("applications.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("outcome", Text, nullable=False, server_default=""),  # model.CallOutcome
    Column("interview_at_ms", BigInteger),
    Column("place", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),  # model.UnsuitableReason
    Column("by_specialist", Boolean, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)

# Which devices sent the same application, and what each consented to: a sending is a consent (version of the text, to
# the application's enterprise), so the two are one row. A device that has not confirmed the number knows only its own
# sending, under an id and a receipt of its own: else it would see whether somebody else was there before. `shown_id` of
# the first is the application's.
_ANOTHER_ID = text("shown_id <> application")
application_senders = Table(
    "application_senders",
    metadata,
    Column("application", Text, ForeignKey("applications.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("consent", Text, nullable=False),
    Column("withdrawn_at_ms", BigInteger),
    Column("consent_withdrawn_at_ms", BigInteger),
    Column("shown_id", Text, nullable=False, server_default=""),
    Column("receipt", Text, nullable=False, server_default=""),
    Column("session", Text, nullable=False, server_default=""),
    Column("sealed", LargeBinary),  # keyring.seal of what was typed here, for `shown_id`
    Column("version", Integer, nullable=False, server_default="0"),
    Column("night_shift", Text, nullable=False, server_default=""),
    Column("start_in_days", Integer),
    Index("ix_application_senders_person", "person", "at_ms"),
    # Most know the application by its own id.
    Index("ix_application_senders_shown_id", "shown_id", sqlite_where=_ANOTHER_ID, postgresql_where=_ANOTHER_ID),
    sqlite_with_rowid=False,
)

# When an enterprise's own people (not its specialist) were last at their desk.
firm_visits = Table(
    "firm_visits",
    metadata,
    Column("enterprise", Text, ForeignKey("enterprises.id"), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
