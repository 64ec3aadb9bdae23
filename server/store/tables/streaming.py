"""Tables of encoders and of platforms a picture goes on to."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, Table, Text

from server.store.tables.schema import metadata

# One key for each session; of the key itself only a digest.
stream_keys = Table(
    "stream_keys",
    metadata,
    Column("session", Text, ForeignKey("sessions.id"), primary_key=True),
    Column("stream", Text, nullable=False, unique=True),  # the stream's name at the engine: no secret
    Column("digest", LargeBinary, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
)

restream_targets = Table(
    "restream_targets",
    metadata,
    Column("session", Text, ForeignKey("sessions.id"), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),  # 1 to 3
    Column("name", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # address and key, opened by the hub that sends
    Column("running", Boolean, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
)
