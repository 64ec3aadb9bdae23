"""Review and versions of positions."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision. What was there before had been put on a shelf by somebody: it counts as approved."""
    op.add_column("positions", sa.Column("review", sa.Text(), nullable=False, server_default="approved"))
