"""Table of phones that are a session's camera."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, Text

from server.store.tables.schema import metadata

# A right to send the picture of one session, and nothing else. Of the secret only a digest lies here: first that of
# what the QR code says, which is good once and for minutes; afterwards that of what the phone was given for it.
camera_passes = Table(
    "camera_passes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("session", Text, nullable=False),
    Column("paired", Boolean, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Index("ix_camera_passes_session", "session"),
    sqlite_with_rowid=False,
)
