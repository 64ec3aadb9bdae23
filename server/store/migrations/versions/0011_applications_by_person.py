"""An index less: since senders have a table of their own nothing looks for the applications of a person in this one."""

from typing import Final

from alembic import op

revision: Final = "0011"
down_revision: Final = "0010"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision. It cost every application a page."""
    op.drop_index("ix_applications_person", table_name="applications")
