"""Stream keys of encoders, and platforms a picture goes on to."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0007"
down_revision: Final = "0006"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision. Nobody had either before."""
    op.create_table(
        "stream_keys",
        sa.Column("session", sa.Text(), sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("stream", sa.Text(), nullable=False, unique=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "restream_targets",
        sa.Column("session", sa.Text(), sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("slot", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
    )
