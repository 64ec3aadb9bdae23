"""What each device knows of what it sent: under which id and receipt, through which session, with what words."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0010"
down_revision: Final = "0009"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision. Every device was given the id and the receipt of the application itself; what it typed was kept
    of the first one alone."""
    for column in (
        sa.Column("shown_id", sa.Text(), nullable=False, server_default=""),
        sa.Column("receipt", sa.Text(), nullable=False, server_default=""),
        sa.Column("session", sa.Text(), nullable=False, server_default=""),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("night_shift", sa.Text(), nullable=False, server_default=""),
        sa.Column("start_in_days", sa.Integer(), nullable=True),
    ):
        op.add_column("application_senders", column)
    op.create_index("ix_application_senders_shown_id", "application_senders", ["shown_id"])
    for name, of in (("shown_id", "id"), ("receipt", "receipt"), ("session", "session")):
        op.execute(
            f"UPDATE application_senders SET {name} ="
            f" (SELECT applications.{of} FROM applications WHERE applications.id = application_senders.application)"
        )
    for name in ("sealed", "version", "night_shift", "start_in_days"):
        op.execute(
            f"UPDATE application_senders SET {name} ="
            f" (SELECT applications.{name} FROM applications WHERE applications.id = application_senders.application)"
            " WHERE EXISTS (SELECT 1 FROM applications WHERE applications.id = application_senders.application"
            " AND applications.person = application_senders.person)"
        )
