"""What all tables share: their metadata and a few types of column."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

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
