"""Rehearsal, chat rules, reports, questions."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"
branch_labels: Final = None
depends_on: Final = None

BYTE_ORDERED: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """To this revision."""
    op.add_column("sessions", sa.Column("cut_off", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("sessions", sa.Column("rehearses", sa.Text()))
    op.add_column("sessions", sa.Column("notice", sa.Text(), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("picture", sa.LargeBinary()))
    op.add_column("sessions", sa.Column("talk", sa.LargeBinary()))
    op.create_index("ix_sessions_rehearses", "sessions", ["rehearses"])
    _talk()
    _reports()


def _talk() -> None:
    op.create_table(
        "speakers",
        sa.Column("session", BYTE_ORDERED, nullable=False),
        sa.Column("author", BYTE_ORDERED, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "author", name="pk_speakers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "waiting_lines",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_lines"),
    )
    op.create_index("ix_waiting_lines_session", "waiting_lines", ["session"])
    op.create_table(
        "mutes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("scope", BYTE_ORDERED, nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("length", sa.Text(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "who", name="pk_mutes"),
    )
    op.create_index("ix_mutes_scope", "mutes", ["scope"])
    op.create_table(
        "questions",
        sa.Column("session", BYTE_ORDERED, nullable=False),
        sa.Column("position", BYTE_ORDERED, nullable=False),
        sa.Column("topic", BYTE_ORDERED, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("answered_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session", "position", "topic", name="pk_questions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "askers",
        sa.Column("session", BYTE_ORDERED, nullable=False),
        sa.Column("position", BYTE_ORDERED, nullable=False),
        sa.Column("topic", BYTE_ORDERED, nullable=False),
        sa.Column("person", BYTE_ORDERED, nullable=False),
        sa.PrimaryKeyConstraint("session", "position", "topic", "person", name="pk_askers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answers",
        sa.Column("position", BYTE_ORDERED, nullable=False),
        sa.Column("topic", BYTE_ORDERED, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", "topic", name="pk_answers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_answers_position", "answers", ["position", "at_ms"])


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("session", BYTE_ORDERED, nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("person", BYTE_ORDERED, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("position_title", sa.Text(), nullable=False),
        sa.Column("position_version", sa.Integer(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("line_text", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stage_offset", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("settled_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_region", "reports", ["region", "outcome", "at_ms"])
    op.create_index("ix_reports_person", "reports", ["person", "at_ms"])
