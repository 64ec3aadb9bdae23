"""Recordings that viewers do not see."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0008"
down_revision: Final = "0007"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision. What was recorded before is seen as it was."""
    op.create_table(
        "hidden_recordings",
        sa.Column("session", sa.Text(), primary_key=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("wants_deletion", sa.Boolean(), nullable=False),
    )
