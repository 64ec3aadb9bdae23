"""Table of reports (举报)."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from server.store.tables.schema import BYTE_ORDERED, metadata

reports = Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("session", BYTE_ORDERED, nullable=False),
    Column("region", Text, nullable=False),
    Column("person", BYTE_ORDERED, nullable=False),  # for rationing; told to nobody
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("position", Text, nullable=False),
    Column("position_title", Text, nullable=False),
    Column("position_version", Integer, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("line_text", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("stage_offset", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),  # "" while it is open
    Column("note", Text, nullable=False),
    Column("settled_by", Text, nullable=False),
    Column("settled_at_ms", BigInteger, nullable=False),
    Index("ix_reports_region", "region", "outcome", "at_ms"),
    Index("ix_reports_person", "person", "at_ms"),
)
