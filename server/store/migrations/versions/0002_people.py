"""Invitations, confirmed phones, codes, messages to send."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "confirmed_phones",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("phone_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "phone_hmac", name="pk_confirmed_phones"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_confirmed_phones_phone_hmac", "confirmed_phones", ["phone_hmac"])
