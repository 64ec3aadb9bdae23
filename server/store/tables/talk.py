"""Tables of what is said: who said it, what waits, who may not, what is asked and answered."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from server.store.tables.schema import BYTE_ORDERED, metadata

# Who stands behind the tag of a chat line (后台实名、前台自愿: 互联网直播服务管理规定 Art. 12). Only a mute reads it.
speakers = Table(
    "speakers",
    metadata,
    Column("session", BYTE_ORDERED, primary_key=True),
    Column("author", BYTE_ORDERED, primary_key=True),
    Column("person", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("last_at_ms", BigInteger, nullable=False),  # of the last line, for slow mode
    sqlite_with_rowid=False,
)

waiting_lines = Table(
    "waiting_lines",
    metadata,
    Column("id", Text, primary_key=True),
    Column("session", Text, nullable=False, index=True),
    Column("author", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("settled", Text, nullable=False),  # "", passed, dropped
)

# One row for each thing a mute goes by: every phone the person had confirmed, and the person.
mutes = Table(
    "mutes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("who", LargeBinary, primary_key=True),  # phone_hmac, or b"person/" and the person
    Column("scope", BYTE_ORDERED, nullable=False, index=True),  # session/SESSION or fair/FAIR
    Column("session", Text, nullable=False),  # where it was said
    Column("author", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("length", Text, nullable=False),
    Column("until_ms", BigInteger, nullable=False),  # 0: as long as its scope
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("lifted_at_ms", BigInteger, nullable=False),  # 0: it stands
)

questions = Table(
    "questions",
    metadata,
    Column("session", BYTE_ORDERED, primary_key=True),
    Column("position", BYTE_ORDERED, primary_key=True),  # empty for a question about no position
    Column("topic", BYTE_ORDERED, primary_key=True),
    Column("text", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("last_at_ms", BigInteger, nullable=False),
    Column("answered_at_ms", BigInteger, nullable=False),  # 0: not yet
    Column("answer", Text, nullable=False),
    sqlite_with_rowid=False,
)

askers = Table(
    "askers",
    metadata,
    Column("session", BYTE_ORDERED, primary_key=True),
    Column("position", BYTE_ORDERED, primary_key=True),
    Column("topic", BYTE_ORDERED, primary_key=True),
    Column("person", BYTE_ORDERED, primary_key=True),
    sqlite_with_rowid=False,
)

# 常见问题 of a position, whichever session it was answered in.
answers = Table(
    "answers",
    metadata,
    Column("position", BYTE_ORDERED, primary_key=True),
    Column("topic", BYTE_ORDERED, primary_key=True),
    Column("text", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_answers_position", "position", "at_ms"),
    sqlite_with_rowid=False,
)
