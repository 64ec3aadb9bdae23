"""Phones as cameras."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0009"
down_revision: Final = "0008"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision. Nobody's phone was a camera before."""
    op.create_table(
        "camera_passes",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("paired", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_camera_passes_session", "camera_passes", ["session"])
