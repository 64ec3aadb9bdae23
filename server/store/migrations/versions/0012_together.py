"""What is written together stands together: keys by key before person, and an index of other ids alone."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0012"
down_revision: Final = "0011"
branch_labels: Final = None
depends_on: Final = None

TURNED: Final = {
    "sqlite": "substr(scoped, instr(scoped, '/') + 1) || '/' || substr(scoped, 1, instr(scoped, '/') - 1)",
    "postgresql": "substr(scoped, strpos(scoped, '/') + 1) || '/' || substr(scoped, 1, strpos(scoped, '/') - 1)",
}
"""PERSON/KEY becomes KEY/PERSON; a person's id holds no slash."""


def upgrade() -> None:
    """To this revision. The pages of a key's tree that an application changed were another one's each time."""
    op.execute(f"UPDATE keys SET scoped = {TURNED[op.get_bind().dialect.name]}")
    another_id = sa.text("shown_id <> application")
    op.drop_index("ix_application_senders_shown_id", table_name="application_senders")
    op.create_index(
        "ix_application_senders_shown_id",
        "application_senders",
        ["shown_id"],
        sqlite_where=another_id,
        postgresql_where=another_id,
    )
