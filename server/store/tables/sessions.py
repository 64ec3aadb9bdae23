"""Tables of sessions and their shelves."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, Table, Text, false

from server.store.tables.schema import HOT, metadata

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
    Column("cut_off", Boolean, nullable=False, server_default=false()),
    Column("rehearses", Text, index=True),  # the session a rehearsal is of; NULL for every real one
    Column("notice", Text, nullable=False, server_default=""),
    Column("picture", LargeBinary),  # msgpack of model.Picture; NULL is the default
    Column("talk", LargeBinary),  # msgpack of model.TalkRule; NULL is the default
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

hidden_recordings = Table(
    "hidden_recordings",
    metadata,
    Column("session", Text, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("wants_deletion", Boolean, nullable=False),
)
