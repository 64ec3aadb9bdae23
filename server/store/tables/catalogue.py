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
    Column("changed_at_ms", BigInteger, nullable=False, index=True),
)
