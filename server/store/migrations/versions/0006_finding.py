"""Where somebody came from, and which positions changed since a moment."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision. What was there before came from nowhere in particular."""
    op.add_column("applications", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_positions_changed_at_ms", "positions", ["changed_at_ms"])
