"""Review, versions, validity and wished shelves of positions."""

from typing import Final

import msgspec
import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision. What was there before had been put on a shelf by somebody: it counts as approved."""
    op.add_column("positions", sa.Column("review", sa.Text(), nullable=False, server_default="approved"))
    op.add_column("positions", sa.Column("shown_until", sa.Text(), nullable=False, server_default=""))
    _fill_shown_until()
    op.create_table(
        "position_versions",
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["positions.id"], name="fk_position_versions_position_positions"),
        sa.PrimaryKeyConstraint("position", "version", name="pk_position_versions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "position_reviews",
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("flags", sa.LargeBinary(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("edited_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["positions.id"], name="fk_position_reviews_position_positions"),
        sa.PrimaryKeyConstraint("position", name="pk_position_reviews"),
    )
    op.create_table(
        "shelf_wishes",
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["positions.id"], name="fk_shelf_wishes_position_positions"),
        sa.PrimaryKeyConstraint("position", "session", name="pk_shelf_wishes"),
        sqlite_with_rowid=False,
    )


def _fill_shown_until() -> None:
    """The validity that stands in the facts; made-up positions have no end."""
    conn = op.get_bind()
    positions = sa.table("positions", sa.column("id"), sa.column("body"), sa.column("shown_until"))
    facts = [(row.id, msgspec.msgpack.decode(row.body)) for row in conn.execute(sa.select(positions))]
    ends = [
        {"of": id, "day": fact.get("valid_until", "")}
        for id, fact in facts
        if fact.get("valid_until") and not fact.get("synthetic")
    ]
    if ends:
        fill = sa.update(positions).where(positions.c.id == sa.bindparam("of"))
        conn.execute(fill.values(shown_until=sa.bindparam("day")), ends)
