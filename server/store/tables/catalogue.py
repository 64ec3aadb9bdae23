"""Tables of the catalogue."""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Integer, LargeBinary, Table, Text

from server.store.tables.schema import metadata

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
    Column("review", Text, nullable=False, server_default="approved"),  # model.Review
    Column("body", LargeBinary, nullable=False),  # msgpack of model.Position
    Column("shown_until", Text, nullable=False, server_default=""),  # last day it is shown, ISO 8601; empty: no end
    Column("changed_at_ms", BigInteger, nullable=False, index=True),
)

# What a position was, version by version: an application names the version its person saw.
position_versions = Table(
    "position_versions",
    metadata,
    Column("position", Text, ForeignKey("positions.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),  # msgpack of model.Position
    Column("at_ms", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    sqlite_with_rowid=False,
)

position_reviews = Table(
    "position_reviews",
    metadata,
    Column("position", Text, ForeignKey("positions.id"), primary_key=True),
    Column("flags", LargeBinary, nullable=False),  # msgpack list of model.Flag: for who looks after it
    Column("flagged", Integer, nullable=False),  # how many of them
    Column("reason", Text, nullable=False),  # why it was refused
    Column("edited_at_ms", BigInteger, nullable=False),
)

# The shelves a position was imported for: it goes there once it is approved.
shelf_wishes = Table(
    "shelf_wishes",
    metadata,
    Column("position", Text, ForeignKey("positions.id"), primary_key=True),
    Column("session", Text, primary_key=True),
    sqlite_with_rowid=False,
)
