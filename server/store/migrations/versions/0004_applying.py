"""Who sent an application, consents, outcomes."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision. Whoever an application belonged to is the one who sent it, and consented, then."""
    op.create_table(
        "application_senders",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("withdrawn_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("consent_withdrawn_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application"], ["applications.id"], name="fk_application_senders_application_applications"
        ),
        sa.PrimaryKeyConstraint("application", "person", name="pk_application_senders"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_application_senders_person", "application_senders", ["person", "at_ms"])
    op.create_table(
        "firm_visits",
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["enterprise"], ["enterprises.id"], name="fk_firm_visits_enterprise_enterprises"),
        sa.PrimaryKeyConstraint("enterprise", name="pk_firm_visits"),
        sqlite_with_rowid=False,
    )
    op.add_column("applications", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("applications", sa.Column("claimed_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("applications", sa.Column("claimed_name", sa.Text(), nullable=False, server_default=""))
    op.add_column("applications", sa.Column("claimed_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("applications", sa.Column("replied_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("applications", sa.Column("consent_withdrawn_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("applications", sa.Column("erased_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("applications", sa.Column("night_shift", sa.Text(), nullable=False, server_default=""))
    op.add_column("applications", sa.Column("start_in_days", sa.Integer(), nullable=True))
    op.add_column("application_steps", sa.Column("outcome", sa.Text(), nullable=False, server_default=""))
    op.add_column("application_steps", sa.Column("interview_at_ms", sa.BigInteger(), nullable=True))
    op.add_column("application_steps", sa.Column("place", sa.Text(), nullable=False, server_default=""))
    op.add_column("application_steps", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("application_steps", sa.Column("by_specialist", sa.Boolean(), nullable=False, server_default="0"))
    op.add_column("audit", sa.Column("why", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_audit_subject", "audit", ["subject"])
    _fill()


def _fill() -> None:
    op.execute(
        "INSERT INTO application_senders (application, person, at_ms, consent, withdrawn_at_ms)"
        " SELECT id, person, applied_at_ms, consent, CASE WHEN status = 'withdrawn' THEN changed_at_ms END"
        " FROM applications"
    )
    op.execute(
        "UPDATE applications SET replied_at_ms = (SELECT MIN(at_ms) FROM application_steps"
        " WHERE application = applications.id AND status NOT IN ('applied', 'viewed', 'withdrawn'))"
    )
