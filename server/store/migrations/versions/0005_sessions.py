"""Rehearsal, chat rules, reports, questions."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("sessions", sa.Column("cut_off", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("sessions", sa.Column("rehearses", sa.Text()))
    op.add_column("sessions", sa.Column("notice", sa.Text(), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("picture", sa.LargeBinary()))
    op.add_column("sessions", sa.Column("talk", sa.LargeBinary()))
    op.create_index("ix_sessions_rehearses", "sessions", ["rehearses"])
