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
    _codes()
    _outgoing()
    _invitations()


def _codes() -> None:
    op.create_table(
        "phone_codes",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("phone_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", "phone_hmac", name="pk_phone_codes"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_phone_codes_sent_at_ms", "phone_codes", ["sent_at_ms"])
    op.create_table(
        "code_sends",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("phone_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_code_sends"),
    )
    op.create_index("ix_code_sends_at_ms", "code_sends", ["at_ms"])
    op.create_index("ix_code_sends_person_at_ms", "code_sends", ["person", "at_ms"])
    op.create_index("ix_code_sends_phone_hmac_at_ms", "code_sends", ["phone_hmac", "at_ms"])


def _outgoing() -> None:
    op.create_table(
        "outgoing",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("application", "n", name="pk_outgoing"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_outgoing_state_due_at_ms", "outgoing", ["state", "due_at_ms"])
    op.create_table(
        "job_locks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job_locks"),
        sqlite_with_rowid=False,
    )


def _invitations() -> None:
    op.add_column("accounts", sa.Column("phone_hmac", sa.LargeBinary()))
    op.add_column("accounts", sa.Column("sealed", sa.LargeBinary()))
    op.add_column("accounts", sa.Column("signed_in_at_ms", sa.BigInteger()))
    op.create_index("ix_accounts_phone_hmac", "accounts", ["phone_hmac"], unique=True)
    op.create_table(
        "invitations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("phone_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_at_ms", sa.BigInteger()),
        sa.Column("used_by", sa.Text(), nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger()),
        sa.Column("sent_at_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("phone_hmac", "role", "scope", name="uq_invitations_phone_hmac_role_scope"),
    )
    op.create_index("ix_invitations_region_made_at_ms", "invitations", ["region", "made_at_ms"])
    op.create_index("ix_invitations_scope", "invitations", ["scope"])
